package reach

import (
	"cmp"
	"slices"

	"hopscope/model"
)

// Admitted is a source that a rule of a destination's groups admits.
type Admitted struct {
	Admission

	// Part is set where the rule is about some of the ports alone: those of a range of
	// dynamic host ports.
	Part bool
	// Bound is set where these are all dynamic host ports that tasks have now.
	Bound bool
	// OnSome is set where only some of the container instances have the group.
	OnSome bool
	// List is the prefix list that the rule names; where it was not read ListUnread
	// says so.
	List       *model.PrefixList
	ListUnread *model.Missing
}

// Admitted are the sources that the groups of a destination admit, by rule, in the
// order of the groups and AWS's order of their rules. References to groups over a
// peering that is gone and empty prefix lists admit nothing, and are not among them.
func (d *Deriver) Admitted(t *Destination) []Admitted {
	var out []Admitted
	groups := slices.Clone(t.to.groups)
	slices.SortFunc(groups, func(a, b *model.SecurityGroup) int { return cmp.Compare(a.ID, b.ID) })
	for _, g := range slices.Compact(groups) {
		for i := range g.Ingress {
			r := &g.Ingress[i]
			all, some := t.flow().covers(r)
			if !some || t.Port == 0 || !d.admitsClients(r) {
				continue
			}
			a := Admitted{Admission: d.admission(g, r), Part: !all, OnSome: !t.allHave(g.ID)}
			a.Bound = a.Part && t.bound.coveredBy(r, t.Protocol)
			if r.PrefixList != "" {
				a.List, a.ListUnread = d.ix.PrefixList(r.PrefixList)
			}
			out = append(out, a)
		}
	}
	return out
}

// allHave tells whether the instances of every kind have a group.
func (t *Destination) allHave(group string) bool {
	return !slices.ContainsFunc(t.to.kinds, func(k *netInterface) bool { return !k.hasGroup(group) })
}

// AdmittedBy are the rules of the target's groups that admit the source of a path, each a
// part of it where they are several; none where it is not admitted, or not known.
func (p *Path) AdmittedBy() []*model.SecurityGroupRule {
	if p.way == nil {
		return nil
	}
	_, into := p.way.crossings()
	return into.admitting()
}

// admitting are the rules of the target's groups that admit a connection.
func (c *crossing) admitting() []*model.SecurityGroupRule {
	for _, dec := range c.decisions() {
		switch {
		case dec.kind != CheckTargetIngress || dec.access != Allowed:
		case dec.parts != nil:
			return *dec.parts
		case dec.rule != nil:
			return []*model.SecurityGroupRule{dec.rule}
		}
	}
	return nil
}

// admittedBy notes that several rules admit a connection, each a part.
func (c *crossing) admittedBy(rules []*model.SecurityGroupRule) {
	for i := range c.decisions() {
		if dec := &c.decided[i]; dec.kind == CheckTargetIngress && dec.access == Allowed && len(rules) > 1 {
			dec.parts = &rules
		}
	}
}

// joinedRules are rules, each once, in the order in which they come.
func joinedRules(all, more []*model.SecurityGroupRule) []*model.SecurityGroupRule {
	for _, r := range more {
		if !slices.Contains(all, r) {
			all = append(slices.Clip(all), r)
		}
	}
	return all
}

// Leads tells whether the packets of a path come to a destination.
func (p *Path) Leads(t *Destination) bool {
	if t.IsListener() || p.Target.Ref() != t.Service || t.Port == 0 || !slices.Contains(p.transports(), t.Protocol) {
		return false
	}
	wire, span := portSpan{p.Target.WirePort, max(p.Target.WirePort, p.Target.WirePortEnd)}, t.ports()
	if t.within != (portSpan{}) {
		span = t.within
	}
	same := wire == span
	if wire.first < wire.last && span.first < span.last {
		// Of dynamic host ports those of the agent and of each container port are others.
		same = p.Target.ContainerPort == t.ContainerPort && t.Agent == (p.Source.Kind == SourceServiceConnect)
	}
	return same && slices.ContainsFunc(t.versions, func(v *version) bool {
		return p.Facts.Deployment == v.deployment || slices.Contains(p.AlsoIn, v.role)
	})
}

// transports are the protocols of a path's packets.
func (p *Path) transports() []string {
	switch w := p.way.(type) {
	case *arrival:
		if p.Source.Kind != SourceHealthCheck {
			return w.transports()
		}
	case *discoveryWay:
		return []string{w.registration.protocol}
	}
	return []string{tcp}
}

// transports are the protocols of the packets for targets of a group.
func (e *targetGroupRoute) transports() []string {
	if e.group != nil && (e.group.Protocol == "TCP_UDP" || e.group.Protocol == "TCP_QUIC") {
		return []string{tcp, udp}
	}
	return []string{e.protocol()}
}

// FromFront says whether the network lets the load balancer in front of a path connect
// to the one behind, and by which rules; false where there is none in front.
func (p *Path) FromFront() (access Access, rules []*model.SecurityGroupRule, has bool) {
	a, is := p.way.(*arrival)
	if !is || a.front == nil {
		return "", nil, false
	}
	return a.front.crossing.access, a.front.crossing.admitting(), true
}
