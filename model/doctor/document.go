// Package doctor is the answer of hopscope doctor: which IAM actions work in an
// account, what each missing one blinds, and the smallest policies. aws/doctor makes it.
package doctor

import (
	"hopscope/model"
)

// SchemaV1 is the value of Document.Schema.
const SchemaV1 = "hopscope.doctor/v1"

// Document is an answer. Members are added to its JSON, never renamed; what is absent
// is not known or does not apply.
type Document struct {
	Schema string      `json:"schema"`
	Scope  model.Scope `json:"scope"`
	// Verdict is about the actions that reading needs.
	Verdict Verdict `json:"verdict"`
	// Trials are the actions: those for reading, then those for applying, each sorted.
	Trials   []Trial  `json:"actions"`
	Policies Policies `json:"policies"`
	// Notes are what the answer leaves out.
	Notes []string `json:"notes,omitempty"`
}

// Verdict sums up whether an account can be read.
type Verdict string

// The verdicts.
const (
	// Complete says that every action that reading needs works, as far as there was
	// anything to try it on.
	Complete Verdict = "complete"
	// Missing says that an action is denied, or not known to the endpoint.
	Missing Verdict = "missing"
	// Undecided says that an action failed for another reason, or that there was no
	// service to try the actions on.
	Undecided Verdict = "undecided"
)

// Use is what an action is needed for.
type Use string

// The uses.
const (
	Reading  Use = "reading"
	Applying Use = "applying"
)

// State is how the trial of an action ended.
type State string

// The states.
const (
	Works       State = "works"
	Denied      State = "denied"
	Unsupported State = "unsupported"
	Failed      State = "failed"
	NotTried    State = "not-tried"
)

// Trial is an action and how its trial ended.
type Trial struct {
	Action model.Action `json:"action"`
	Use    Use          `json:"use"`
	// Optional is set for an action without which nothing is unknown.
	Optional bool  `json:"optional,omitempty"`
	State    State `json:"state"`
	// Code is AWS's error code.
	Code string `json:"error,omitempty"`
	// Message says why it does not work, or was not tried.
	Message string `json:"message,omitempty"`
	// Effect says what is unknown, or cannot be done, without the action; it is there
	// unless the action works.
	Effect string `json:"effect,omitempty"`
}

// Policies are IAM policies, as narrow as they can be. Apply is needed on top of Read.
type Policies struct {
	Read  Policy `json:"read"`
	Apply Policy `json:"apply"`
}

// Policy is an IAM policy in its own JSON.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement allows actions.
type Statement struct {
	Sid      string
	Effect   string
	Action   []model.Action
	Resource []string
	// Condition is the values of keys by operators.
	Condition map[string]map[string][]string `json:",omitempty"`
}

// Judge sets the verdict from the trials: a missing action outweighs one that could
// not be decided. served is the action that has to have worked for there to be anything
// to judge by.
func (d *Document) Judge(served model.Action) {
	d.Verdict = Complete
	for i := range d.Trials {
		t := &d.Trials[i]
		switch {
		case t.Use != Reading, t.Optional:
		case t.State == Denied, t.State == Unsupported:
			d.Verdict = Missing
			return
		case t.State == Failed, t.State == NotTried && t.Action == served:
			d.Verdict = Undecided
		}
	}
}
