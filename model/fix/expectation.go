package fix

import (
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Expectation is what a path must be once the plan was carried out. Paths of
// Service Connect change their IDs with their outcome, so that a source and a
// target stand for them.
type Expectation struct {
	Source reach.SourceKind `json:"source"`
	// From is the load balancer, or a calling service.
	From string `json:"from"`
	// Others is how many more callers look like this one to the network, and meet
	// the same.
	Others        int       `json:"others,omitempty"`
	Container     string    `json:"container,omitempty"`
	ContainerPort int       `json:"containerPort"`
	Via           reach.Via `json:"via"`
	// Access and Verdict are "" where the plan leaves a path as it is, refused or not
	// known.
	Access  reach.Access  `json:"access,omitempty"`
	Verdict reach.Verdict `json:"verdict,omitempty"`
}

// meets tells whether a path is as expected.
func (e *Expectation) meets(p *reach.Path) bool {
	if p.Source.Kind != e.Source || p.Target.Container != e.Container || p.Target.ContainerPort != e.ContainerPort || p.Via != e.Via ||
		e.Access != "" && p.Access != e.Access || e.Verdict != "" && p.Verdict != e.Verdict {
		return false
	}
	if p.Source.Services == nil {
		return p.Source.Name == e.From
	}
	cluster, service, _ := strings.Cut(e.From, "/")
	return p.Source.Services.Contains(model.Ref{Cluster: cluster, Service: service})
}

// Unmet are the expectations of a plan that an analysis does not meet: none when the
// plan worked. What is not known is not met.
func (p *Plan) Unmet(a *rule.Analysis) []Expectation {
	paths := a.Into(p.Service)
	var out []Expectation
	for i := range p.Wanted {
		want := &p.Wanted[i]
		if !slices.ContainsFunc(paths, func(have reach.Path) bool { return want.meets(&have) }) {
			out = append(out, *want)
		}
	}
	return out
}
