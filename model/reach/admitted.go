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

// AdmittedBy is the rule of the target's groups that admits the source of a path, and
// its group; nil where none alone does, or where it is not known.
func (p *Path) AdmittedBy() (*model.SecurityGroup, *model.SecurityGroupRule) {
	if p.way == nil {
		return nil, nil
	}
	_, into := p.way.crossings()
	decisions := into.decisions()
	for i := range decisions {
		if dec := &decisions[i]; dec.kind == CheckTargetIngress && dec.access == Allowed {
			return dec.group, dec.rule
		}
	}
	return nil, nil
}

// Leads tells whether the packets of a path come to a destination.
func (p *Path) Leads(t *Destination) bool {
	if t.IsListener() || p.Target.Ref() != t.Service || t.Port == 0 || !slices.Contains(p.transports(), t.Protocol) {
		return false
	}
	wire := portSpan{p.Target.WirePort, max(p.Target.WirePort, p.Target.WirePortEnd)}
	same := wire == t.ports()
	if wire.first < wire.last && t.Port < t.PortEnd {
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
// to the one behind, and by which rule; false where there is none in front.
func (p *Path) FromFront() (access Access, rule *model.SecurityGroupRule, has bool) {
	a, is := p.way.(*arrival)
	if !is || a.front == nil {
		return "", nil, false
	}
	decisions := a.front.crossing.decisions()
	for i := range decisions {
		if decisions[i].kind == CheckTargetIngress {
			rule = decisions[i].rule
		}
	}
	return a.front.crossing.access, rule, true
}
