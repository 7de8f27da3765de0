package fix

import (
	"slices"

	"hopscope/model"
)

// StepKind is what a step does.
type StepKind string

// The steps, as the calls that they are.
const (
	AuthorizeIngress StepKind = "ec2:AuthorizeSecurityGroupIngress"
	AuthorizeEgress  StepKind = "ec2:AuthorizeSecurityGroupEgress"
	RevokeIngress    StepKind = "ec2:RevokeSecurityGroupIngress"
	RevokeEgress     StepKind = "ec2:RevokeSecurityGroupEgress"
	UpdateService    StepKind = "ecs:UpdateService"
	// ByHand is for a person.
	ByHand StepKind = "by-hand"
)

// Step is one call, or one thing that a person does.
type Step struct {
	Kind StepKind `json:"kind"`
	// Title says what it does, in a sentence that names the objects.
	Title string `json:"title"`
	// Group is the security group whose rules change, Rule the rule that is
	// added or taken away.
	Group string                   `json:"group,omitempty"`
	Rule  *model.SecurityGroupRule `json:"rule,omitempty"`
	// Edits are the changes of the Service Connect block.
	Edits []Edit `json:"edits,omitempty"`
	// ForceNewDeployment asks UpdateService for a new deployment of the service as it
	// is: there are then no edits. An edit makes a new deployment anyway.
	ForceNewDeployment bool `json:"forceNewDeployment,omitempty"`
	// Command is the AWS CLI's, for a step that a person carries out: quoted for a
	// shell; placeholders, where something is not known, are in capitals.
	Command string `json:"command,omitempty"`
	// Later is set for what may be tidied up when the rollout is over and the
	// plan verified: it is offered then, not done with the rest.
	Later bool `json:"later,omitempty"`
}

// Same tells whether two steps do the same.
func (s *Step) Same(o *Step) bool {
	return s.Kind == o.Kind && s.Group == o.Group && SameRule(s.Rule, o.Rule) &&
		slices.EqualFunc(s.Edits, o.Edits, func(a, b Edit) bool { return a.Same(&b) }) &&
		s.ForceNewDeployment == o.ForceNewDeployment && s.Command == o.Command && s.Later == o.Later &&
		(s.Kind != ByHand || s.Title == o.Title)
}

// ChangesGroup tells whether the step changes a security group.
func (s *Step) ChangesGroup() bool {
	switch s.Kind {
	case AuthorizeIngress, AuthorizeEgress, RevokeIngress, RevokeEgress:
		return true
	case UpdateService, ByHand:
	}
	return false
}

// Opens tells whether the step adds a rule to a security group.
func (s *Step) Opens() bool { return s.Kind == AuthorizeIngress || s.Kind == AuthorizeEgress }

// Revokes tells whether the step takes a rule away.
func (s *Step) Revokes() bool { return s.ChangesGroup() && !s.Opens() }

// IsEgress tells whether the step is about a rule for what goes out.
func (s *Step) IsEgress() bool { return s.Kind == AuthorizeEgress || s.Kind == RevokeEgress }

// Opposite is the step that takes the rule away which this one adds.
func (s *Step) Opposite() *Step {
	kind := RevokeIngress
	if s.Kind == AuthorizeEgress {
		kind = RevokeEgress
	}
	return &Step{Kind: kind, Group: s.Group, Rule: s.Rule}
}

// IsIngress tells whether the step is about a rule for what comes in.
func (s *Step) IsIngress() bool { return s.Kind == AuthorizeIngress || s.Kind == RevokeIngress }
