package fix

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
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

// same tells whether two steps do the same.
func (s *Step) same(o *Step) bool {
	return s.Kind == o.Kind && s.Group == o.Group && sameRule(s.Rule, o.Rule) && slices.EqualFunc(s.Edits, o.Edits, sameEdit) &&
		s.ForceNewDeployment == o.ForceNewDeployment && s.Command == o.Command && s.Later == o.Later && (s.Kind != ByHand || s.Title == o.Title)
}

// changesGroup tells whether the step changes a security group.
func (s *Step) changesGroup() bool {
	switch s.Kind {
	case AuthorizeIngress, AuthorizeEgress, RevokeIngress, RevokeEgress:
		return true
	case UpdateService, ByHand:
	}
	return false
}

// opens tells whether the step adds a rule to a security group.
func (s *Step) opens() bool { return s.Kind == AuthorizeIngress || s.Kind == AuthorizeEgress }

// opposite is the step that takes the rule away which this one adds.
func (s *Step) opposite() *Step {
	kind := RevokeIngress
	if s.Kind == AuthorizeEgress {
		kind = RevokeEgress
	}
	return &Step{Kind: kind, Group: s.Group, Rule: s.Rule}
}

// byHand is a step for a person, with the command for a shell if there is one.
func byHand(title, command string) Step { return Step{Kind: ByHand, Title: title, Command: command} }

// openIngress is the step that admits a source on a TCP port.
func openIngress(ix *model.Index, group string, port portSpan, source peer, note string) Step {
	rule := source.rule(port, note)
	return Step{
		Kind: AuthorizeIngress, Group: group, Rule: &rule,
		Title: fmt.Sprintf("Admit %s %s from %s to %s", port.transport(), port, source.label(ix), ix.GroupLabel(group)),
	}
}

// openEgress is the step that lets a source out to a group on a TCP port.
func openEgress(ix *model.Index, group string, port portSpan, target peer, note string) Step {
	rule := target.rule(port, note)
	return Step{
		Kind: AuthorizeEgress, Group: group, Rule: &rule,
		Title: fmt.Sprintf("Let %s %s out of %s to %s", port.transport(), port, ix.GroupLabel(group), target.label(ix)),
	}
}

// portSpan is a port, or a range of them, of TCP or of UDP.
type portSpan struct {
	first, last int
	udp         bool
}

func (s portSpan) transport() string {
	if s.udp {
		return "udp"
	}
	return "tcp"
}

// portsOf are the ports of the end of a path.
func portsOf(p *reach.Path) portSpan {
	s := portSpan{first: p.Target.WirePort, last: max(p.Target.WirePort, p.Target.WirePortEnd)}
	if g := p.Facts.TargetGroup; g != nil && p.Source.Kind != reach.SourceHealthCheck {
		s.udp = g.Protocol == "UDP" || g.Protocol == "QUIC"
	}
	return s
}

func (s portSpan) String() string {
	if s.first == s.last {
		return fmt.Sprint(s.first)
	}
	return fmt.Sprintf("%d-%d", s.first, s.last)
}

// peer is the other side of a security group rule: a group, or addresses.
type peer struct {
	group string
	rest  model.SecurityGroupRule // its CIDR, when group is ""
}

func (p peer) label(ix *model.Index) string {
	if p.group != "" {
		return ix.GroupLabel(p.group)
	}
	return p.rest.CIDR.String()
}

// maxNote is how long EC2 lets the description of a rule be.
const maxNote = 255

// allowedNote keeps what EC2 allows in the description of a rule.
func allowedNote(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", r) {
			return r
		}
		return '-'
	}, s)
	return s[:min(len(s), maxNote)]
}

func (p peer) rule(ports portSpan, note string) model.SecurityGroupRule {
	r := model.SecurityGroupRule{
		Protocol: ports.transport(), FromPort: ports.first, ToPort: ports.last, CIDR: p.rest.CIDR, Note: allowedNote(note),
	}
	if p.group != "" {
		r.Group = &model.GroupReference{ID: p.group}
	}
	return r
}
