package fix

import (
	"slices"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Expectation is what a path must be once the plan was carried out. Its place and its
// caller say which path it is.
type Expectation struct {
	// Place is the zero value in journals of versions that did not note it.
	Place reach.Place `json:"place,omitzero"`
	// Caller is the calling service, zero where the source is none.
	Caller model.Ref `json:"caller,omitzero"`

	Source reach.SourceKind `json:"source"`
	// From names the load balancer, or the calling service.
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

// Verifiable tells whether it is known which path the expectation is about.
func (e *Expectation) Verifiable() bool { return e.Place != reach.Place{} }

// Shown are expectations without what is not shown, each once: paths of several places
// may read the same.
func Shown(all []Expectation) []Expectation {
	var out []Expectation
	for _, e := range all {
		e.Place, e.Caller = reach.Place{}, model.Ref{}
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// meets tells whether a path is as expected.
func (e *Expectation) meets(p *reach.Path) bool {
	return p.Via == e.Via && (e.Access == "" || p.Access == e.Access) && (e.Verdict == "" || p.Verdict == e.Verdict)
}

// Unmet are the expectations of a plan that an analysis does not meet: none when the
// plan worked. What is not known is not met, and neither is what cannot be verified.
func (p *Plan) Unmet(a *rule.Analysis) []Expectation {
	paths := reach.Pointers(a.Into(p.Service))
	var out []Expectation
	for i := range p.Wanted {
		want := &p.Wanted[i]
		if !want.Verifiable() || !slices.ContainsFunc(change.At(paths, want.Place, want.Caller), want.meets) {
			out = append(out, *want)
		}
	}
	return out
}
