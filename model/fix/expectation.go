package fix

import (
	"slices"

	"hopscope/model"
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
	// Protocol is what the source speaks there, and Declared that a container declares the
	// port; zero where that is not known, and in plans of earlier versions.
	Protocol string `json:"protocol,omitempty"`
	Declared bool   `json:"declared,omitempty"`
	// Healthy tells that the targets behind the source are healthy.
	Healthy bool `json:"healthy,omitempty"`
}

// Verifiable tells whether it is known which path the expectation is about.
func (e *Expectation) Verifiable() bool { return e.Place != reach.Place{} }

// Targets says of the targets behind the source what is wanted, "" for nothing.
func (e *Expectation) Targets() string {
	if e.Healthy {
		return "targets healthy"
	}
	return ""
}

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

// Unmet are the expectations of a plan that an analysis does not meet: none when the
// plan worked. What is not known is not met, and neither is what cannot be verified.
func (p *Plan) Unmet(a *rule.Analysis) []Expectation { return p.Verify(a).Unmet() }
