package planner

import (
	"fmt"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
)

// byHand is a step for a person, with the command for a shell if there is one.
func byHand(title, command string) fix.Step {
	return fix.Step{Kind: fix.ByHand, Title: title, Command: command}
}

// openIngress is the step that admits a source on a TCP port.
func openIngress(ix *model.Index, group string, port portSpan, source peer, note string) fix.Step {
	rule := source.rule(port, note)
	return fix.Step{
		Kind: fix.AuthorizeIngress, Group: group, Rule: &rule,
		Title: fmt.Sprintf("Admit %s %s from %s to %s", port.transport(), port, source.label(ix), ix.GroupLabel(group)),
	}
}

// openEgress is the step that lets a source out to a group on a TCP port.
func openEgress(ix *model.Index, group string, port portSpan, target peer, note string) fix.Step {
	rule := target.rule(port, note)
	return fix.Step{
		Kind: fix.AuthorizeEgress, Group: group, Rule: &rule,
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

// named is the span in a sentence.
func (s portSpan) named() string {
	if s.first == s.last {
		return "port " + s.String()
	}
	return "ports " + s.String()
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
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", r) {
			return r
		}
		return '-'
	}, s)
	return s[:min(len(s), maxNote)]
}

func (p peer) rule(ports portSpan, note string) model.SecurityGroupRule {
	r := model.SecurityGroupRule{
		Protocol: ports.transport(), FromPort: ports.first, ToPort: ports.last, CIDR: p.rest.CIDR,
		Description: allowedNote(note),
	}
	if p.group != "" {
		r.Group = &model.GroupReference{ID: p.group}
	}
	return r
}
