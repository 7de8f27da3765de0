package reach

import "slices"

// Text is what is said of a path.
type Text struct {
	// ViaWhy says why the request goes this way.
	ViaWhy string
	Hops   []Hop
}

// way is what the hops of a path are made from when they are shown.
type way interface {
	// hops are the hops of the path, in order.
	hops(p *Path) []Hop
	// crossings are what the network says of the connections on the way, in order.
	crossings() (front, into *crossing)
}

// SourceAccess says whether the network lets the requests of the source through to the
// task. [Path.Access] counts the clients' way to the source as well.
func (p *Path) SourceAccess() Access {
	a, is := p.way.(*arrival)
	if !is {
		return p.Access
	}
	access := a.crossing.access
	if a.front != nil {
		access = worseAccess(access, a.front.crossing.access)
	}
	return access
}

// Entry is what clients of the path's load balancer meet; nil for other sources, and
// where the listener is not known.
func (p *Path) Entry() *Entry {
	if a, is := p.way.(*arrival); is {
		return a.entry
	}
	return nil
}

// Hops are the legs of the path. They are made anew by each call.
func (p *Path) Hops() []Hop {
	switch {
	case p.Text != nil:
		return p.Text.Hops
	case p.way == nil:
		return nil
	}
	return p.way.hops(p)
}

// ViaWhy says why the request goes this way.
func (p *Path) ViaWhy() string {
	if p.Text != nil {
		return p.Text.ViaWhy
	}
	return p.Facts.Interception.Why() + p.note
}

// Crossing is the hop across the network that decides whether the request of the
// source arrives: the one that is refused, or else the last one. Whether clients reach
// the source is another question ([Path.Entry]).
func (p *Path) Crossing() *Hop {
	into := &Hop{}
	hops := p.Hops()
	for i := range hops {
		switch hop := &hops[i]; {
		case len(hop.Checks) == 0 || hop.FromNode == NodeClients:
		case hop.Access == Blocked:
			return hop
		default:
			into = hop
		}
	}
	return into
}

// RefusedBy tells whether one of the places refuses the hop of [Path.Crossing]. It
// makes no text.
func (p *Path) RefusedBy(kinds ...CheckKind) bool {
	if p.way == nil {
		return slices.ContainsFunc(p.Crossing().Checks, func(c Check) bool {
			return c.Access == Blocked && slices.Contains(kinds, c.Kind)
		})
	}
	front, into := p.way.crossings()
	if front != nil && front.access == Blocked {
		into = front
	}
	decisions := into.decisions()
	for i := range decisions {
		if dec := &decisions[i]; dec.access == Blocked && slices.Contains(kinds, dec.kind) {
			return true
		}
	}
	return false
}

// WhyUnknown says what keeps a path from being judged, "" if its verdict is
// another one.
func (p *Path) WhyUnknown() string {
	switch {
	case p.Verdict != Unknown:
		return ""
	case len(p.Missing) > 0:
		return p.Missing[0].String()
	case p.Via == ViaUnknown:
		return p.ViaWhy()
	}
	for _, hop := range p.Hops() {
		if hop.Access == AccessUnknown {
			return hop.Why
		}
	}
	return p.ViaWhy()
}

// SideDoor is a rule that lets callers reach the app past the agent.
type SideDoor struct {
	words    words
	decision *decision
}

// Group is the security group that has the rule.
func (s *SideDoor) Group() string { return s.words.label(s.decision.group.ID) }

// Why quotes the rule.
func (s *SideDoor) Why() string { return s.words.why(s.decision) }
