package fix

import (
	"slices"
	"strings"

	"hopscope/model"
)

// Plan is a repair of one service.
type Plan struct {
	// ID is stable from run to run: what is done, and to which service and port. Its
	// first part, up to the slash, is the ID of the fix in a report.
	ID string `json:"id"`
	// Kind is the repair's name in the findings: "set-ingress-port-override".
	Kind  Kind   `json:"kind"`
	Title string `json:"title"`
	// Why says why this repair, or why rather than the alternatives.
	Why     string    `json:"why"`
	Account string    `json:"account,omitempty"`
	Region  string    `json:"region,omitempty"`
	Service model.Ref `json:"service"`
	// Block is the Service Connect block that the plan was made for, as far as the
	// model knows it; nil when there is none in force. The applier of the plan
	// refuses another one. It is no part of the plan's JSON: the snapshot has it.
	Block *model.ServiceConnect `json:"-"`
	// Deployment is the deploymentConfiguration that risks and downtime were told from. The
	// applier refuses another one. It is no part of the plan's JSON, as Block.
	Deployment *model.DeploymentConfiguration `json:"-"`
	// Codes are the findings that it repairs, with those that only follow from them;
	// Findings are their keys, and Paths the IDs of their paths.
	Codes    []string `json:"codes"`
	Findings []string `json:"findings,omitempty"`
	Paths    []string `json:"paths,omitempty"`
	// Steps are in the order in which they are carried out.
	Steps []Step `json:"steps"`
	// Removes names what the plan takes away: endpoints, rules, encryption; not what is
	// left for later. Such a plan is the last of a finding's, and is carried out by
	// name alone.
	Removes []string `json:"removes,omitempty"`
	// Among is set for one of several plans among which a person has to choose, and says
	// what is chosen: "the caller of app:80". Such a plan is carried out by name alone.
	Among string `json:"among,omitempty"`
	// Unless is set where nothing has to be done as a rule, and says when: "requests to api
	// take longer than 15 s". Such a plan is a line, until it is asked for.
	Unless string `json:"unless,omitempty"`
	// Checks are to be made first, by a person: nothing in the API shows them.
	Checks []Note `json:"checks,omitempty"`
	Risks  []Note `json:"risks,omitempty"`
	// Wanted is what verifies the plan: what these paths must be afterwards.
	Wanted []Expectation `json:"wanted,omitempty"`
	// Undo says how the plan is taken back.
	Undo string `json:"undo,omitempty"`
	// Owner is who the service seems to belong to.
	Owner Owner `json:"owner"`
	// Downtime tells that ECS stops all tasks of the service before it starts new ones.
	Downtime bool `json:"downtime,omitempty"`
	// Refusal says why hopscope does not carry the plan out itself; nil when it
	// can.
	Refusal *Refusal `json:"refusal,omitempty"`
}

// Appliable tells whether hopscope itself can carry the plan out.
func (p *Plan) Appliable() bool {
	if p.Refusal != nil || len(p.Steps) == 0 {
		return false
	}
	for i := range p.Steps {
		if p.Steps[i].Kind == ByHand {
			return false
		}
	}
	return true
}

// Deploys tells whether the plan replaces the tasks of its service.
func (p *Plan) Deploys() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Kind == UpdateService })
}

// Closes tells whether the plan takes a rule away now, and not later.
func (p *Plan) Closes() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Revokes() && !s.Later })
}

// NeedsName tells whether the plan is carried out only where a person chose it: it takes
// something away, or is one of several among which a person has to choose.
func (p *Plan) NeedsName() bool { return len(p.Removes) > 0 || p.Among != "" }

// FixID is the plan's name among the fixes of a finding: what is done, without to
// what.
func (p *Plan) FixID() string {
	id, _, _ := strings.Cut(p.ID, "/")
	return id
}

// Edits are the changes of the service's Service Connect block, in order.
func (p *Plan) Edits() []Edit {
	var out []Edit
	for i := range p.Steps {
		out = append(out, p.Steps[i].Edits...)
	}
	return out
}

// ChecksFirst are the checks to be made before the plan is carried out, without those
// that belong to the steps for later; ChecksLater are the others.
func (p *Plan) ChecksFirst() []Note { return p.checks(false) }

// ChecksLater are the checks to be made before the steps for later.
func (p *Plan) ChecksLater() []Note { return p.checks(true) }

func (p *Plan) checks(later bool) []Note {
	return slices.DeleteFunc(slices.Clone(p.Checks), func(n Note) bool { return n.Later != later })
}

// Kind names a repair.
type Kind string

// The repairs.
const (
	SetOverride    Kind = "set-ingress-port-override"
	UnsetOverride  Kind = "remove-ingress-port-override"
	MakeClientOnly Kind = "make-client-only"
	OpenPort       Kind = "open-port"
	CloseSideDoor  Kind = "close-side-door"
	SetTimeout     Kind = "set-per-request-timeout"
	CheckTraffic   Kind = "health-check-traffic-port"
	// Redeploy gives a service new tasks of the same configuration.
	Redeploy Kind = "redeploy-caller"
	// WhatIf is what the user tried, Combined several plans as one.
	WhatIf   Kind = "what-if"
	Combined Kind = "combined"
	// Advice is for a person: hopscope knows what to do, and not how to call it.
	Advice Kind = "advice"
)

// DowntimeTitle is the title of the risk that a deployment is downtime.
const DowntimeTitle = "The deployment is downtime"

// Note is a check or a risk.
type Note struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	// Command is how to look, for a shell; "" when there is none.
	Command string `json:"command,omitempty"`
	// Later is set for a check that belongs to the steps for later.
	Later bool `json:"later,omitempty"`
}

// Refusal is a reason not to carry a plan out, and what to do instead.
type Refusal struct {
	Reason  string `json:"reason"`
	Instead string `json:"instead"`
}
