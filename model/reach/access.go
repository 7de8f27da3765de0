package reach

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
)

// crossing is the outcome of one connection from one interface to another: the
// decisions of all places on the way.
type crossing struct {
	access Access
	// decided are the decisions, places how many there are.
	decided [4]decision
	places  int
	missing []model.Missing
	// ports are those that it is about, where they are not all that were asked about.
	ports portSpan
}

// decisions are what the places say, in the order that a packet meets them.
func (c *crossing) decisions() []decision { return c.decided[:c.places] }

// undecided is a crossing about which nothing is known for one reason.
func undecided(note string, missing ...model.Missing) crossing {
	c := crossing{access: AccessUnknown, places: 1, missing: missing}
	c.decided[0] = decision{kind: CheckTargetIngress, access: AccessUnknown, note: note, missing: missing}
	return c
}

// cross asks every place between two interfaces: the source's groups, the
// network ACLs, the target's groups, and the routes between two VPCs.
func (d *worker) cross(from, to *netInterface, f flow) crossing {
	return eachKind(from, to, func(from, to *netInterface) crossing { return d.crossOne(from, to, f) })
}

func (d *worker) crossOne(from, to *netInterface, f flow) crossing {
	for _, end := range [...]*netInterface{from, to} {
		if end.unknown != nil {
			return undecided(end.unknown.String(), *end.unknown)
		}
	}
	f.v6 = f.v6 || v6Only(from, to)
	return combine(
		d.admits(egress, from, to, f),
		d.crossACLs(from, to, f),
		d.admits(ingress, to, from, f),
		routed(from, to, f),
	)
}

// crossKey identifies a crossing that several paths share.
type crossKey struct {
	from, to *netInterface
	f        flow
}

// crossCached is cross from memory the second time. The answer is shared: do not
// change it.
func (d *worker) crossCached(from, to *netInterface, f flow) crossing {
	key := crossKey{from, to, f}
	c, known := d.crossings[key]
	if !known {
		c = d.cross(from, to, f)
		d.crossings[key] = c
	}
	return c
}

// v6Only tells whether the ends can only speak IPv6 to each other. Where both
// have IPv4 addresses those are used, unless a target group says otherwise.
func v6Only(from, to *netInterface) bool {
	return (len(from.v4) == 0 || len(to.v4) == 0) && len(from.v6) > 0 && len(to.v6) > 0
}

func combine(all ...decision) crossing {
	c := crossing{access: Allowed}
	c.places = copy(c.decided[:], all)
	for i := range all {
		c.access = worseAccess(c.access, all[i].access)
	}
	if c.access != AccessUnknown {
		return c
	}
	for i := range all {
		if all[i].access == AccessUnknown {
			c.missing = append(c.missing, all[i].missing...)
		}
	}
	return c
}

// halved tells whether the connection is refused between some subnets and let through
// between others.
func (c *crossing) halved() bool {
	half := false
	for _, dec := range c.decisions() {
		if dec.access != Allowed && !dec.partial {
			return false
		}
		half = half || dec.partial
	}
	return half
}

// worseAccess: one refusal is enough, whatever else is not known.
func worseAccess(a, b Access) Access {
	switch {
	case a == Blocked || b == Blocked:
		return Blocked
	case a == AccessUnknown || b == AccessUnknown:
		return AccessUnknown
	}
	return Allowed
}

// routed: subnets of one VPC always reach each other, in an address family that
// both have; between two VPCs it takes peering or a transit gateway, which are
// not read.
func routed(from, to *netInterface, f flow) decision {
	dec := decision{kind: CheckRouting, access: Allowed}
	for _, end := range [...]*netInterface{from, to} {
		if len(end.addresses(f.v6)) == 0 && len(end.missingSubnets) == 0 {
			family := "IPv4"
			if f.v6 {
				family = "IPv6"
			}
			dec.access = AccessUnknown
			dec.note = "one end has no " + family + " address in the subnets that were read"
			dec.missing = []model.Missing{{
				What: "subnet with an " + family + " block at both ends", Action: model.DescribeSubnets, State: model.Absent,
			}}
			return dec
		}
	}
	if from.vpc != "" && to.vpc != "" && from.vpc != to.vpc {
		dec.access = AccessUnknown
		dec.note = fmt.Sprintf("%s and %s are different VPCs: whether a route joins them is not read", from.vpc, to.vpc)
		dec.missing = []model.Missing{{
			What: "route from " + from.vpc + " to " + to.vpc, Action: "ec2:DescribeRouteTables", State: model.NotRead,
		}}
	}
	return dec
}

// words puts a crossing into words for a hop.
type words struct {
	protocol string
	ports    portSpan
	// from are the interfaces of the callers that share the outcome.
	from []*netInterface
	// sampled is set when from are not all of them, and common are then groups that all
	// have.
	sampled bool
	common  []string
	to      *netInterface
}

// about are the words for the ports that a crossing is about.
func (w words) about(c *crossing) words {
	if c.ports != (portSpan{}) {
		w.ports = c.ports
	}
	return w
}

// hop completes a hop across the network with what a crossing says of it.
func (w words) hop(h Hop, c *crossing) Hop {
	w = w.about(c)
	h.Access, h.Checks, h.Needed = c.access, w.checks(c), w.neededRule(c)
	h.Why = summary(h.Access, h.Checks)
	return h
}

// checks are the decisions in words, in the order that a packet meets them.
// Routing within one VPC goes without saying.
func (w words) checks(c *crossing) []Check {
	decisions := c.decisions()
	out := make([]Check, 0, len(decisions))
	for i := range decisions {
		dec := &decisions[i]
		if dec.kind == CheckRouting && dec.access == Allowed {
			continue
		}
		out = append(out, Check{
			Kind: dec.kind, Access: dec.access, Why: w.why(dec), Partial: dec.partial,
			Resource: dec.resource,
		})
	}
	return out
}

// wire is the protocol and the port: "tcp 80".
func (w words) wire() string { return w.protocol + " " + w.ports.String() }

// why puts one decision into words. Sentences are joined by hand: a namespace of
// thousands of services makes tens of thousands of them.
func (w words) why(dec *decision) string {
	if dec.some != "" {
		whole := *dec
		whole.some = ""
		return dec.some + ", " + w.why(&whole)
	}
	if dec.note != "" {
		if dec.kind == CheckSourceEgress && len(dec.missing) > 0 && len(w.from) > 1 {
			return dec.note + ", and so for other callers"
		}
		return dec.note
	}
	switch on := w.wire(); {
	case dec.access == Allowed && dec.kind == CheckNetworkACL:
		return "network ACLs let the request and its answer pass"
	case dec.access == Allowed && dec.kind == CheckSourceEgress:
		return w.label(dec.group.ID) + " lets " + on + " out (egress rule: " + dec.rule.Ports() + " to " +
			dec.rule.Peer() + ")"
	case dec.access == Allowed:
		return w.label(dec.group.ID) + " admits " + w.admitted(dec) + " on " + on +
			" (ingress rule: " + dec.rule.Ports() + " from " + dec.rule.Peer() + andOthers(dec) + ")"
	case dec.kind == CheckSourceEgress:
		return "no egress rule of " + groupNames(w.from) + " lets " + on + " out to " + groupNames([]*netInterface{w.to})
	default:
		return "no ingress rule of " + groupNames([]*netInterface{w.to}) + " admits " + on + " from " + groupNames(w.from)
	}
}

func andOthers(dec *decision) string {
	if dec.several {
		return ", together with other rules"
	}
	return ""
}

// admitted names who a rule admits: the group it refers to, or the callers.
func (w words) admitted(dec *decision) string {
	if dec.rule.Group != nil {
		return w.label(dec.rule.Group.ID)
	}
	return groupNames(w.from)
}

// label is a group's label, if it is a group of one of the ends.
func (w words) label(id string) string {
	for _, n := range w.from {
		if at := slices.Index(n.groupIDs, id); at >= 0 {
			return n.labels[at]
		}
	}
	if at := slices.Index(w.to.groupIDs, id); at >= 0 {
		return w.to.labels[at]
	}
	return id
}

// shownGroups is how many group ids a sentence names.
const shownGroups = 3

// groupNames names the groups of interfaces, the first few when there are many.
func groupNames(all []*netInterface) string {
	if len(all) == 1 && len(all[0].labels) == 1 {
		return all[0].labels[0]
	}
	var ids []string
	for _, n := range all {
		switch {
		case n.outside != "":
			ids = append(ids, n.outside+" ("+prefixList(n.v4)+")")
		case n.unfiltered:
			ids = append(ids, "the load balancer's addresses "+prefixList(n.v4))
		}
		ids = append(ids, n.labels...)
	}
	ids = sorted(ids)
	if len(ids) > shownGroups {
		return strings.Join(ids[:shownGroups], ", ") + " and other groups"
	}
	return strings.Join(ids, ", ")
}

// commonGroup names the group to use in a rule for all callers: one that they have
// in common, the groups themselves when they are few, or each one's own. What all
// have in common a sample does not tell.
func (w words) commonGroup() string {
	all := w.from
	switch {
	case len(w.common) > 0:
		return w.label(w.common[0])
	case w.sampled:
		return "the group of each caller"
	}
	for i, id := range all[0].groupIDs {
		if !slices.ContainsFunc(all, func(n *netInterface) bool { return !n.hasGroup(id) }) && len(all) > 1 {
			return all[0].labels[i]
		}
	}
	if len(all) > shownGroups {
		return "the group of each caller"
	}
	return groupNames(all)
}

// summary is the sentence for the whole hop: the first refusal, else what is not
// known, else what admits.
func summary(access Access, checks []Check) string {
	var admits string
	for i := range checks {
		c := &checks[i]
		if c.Access == access && access != Allowed {
			return c.Why
		}
		if c.Kind == CheckTargetIngress {
			admits = c.Why
		}
	}
	if admits == "" {
		return "the port is not known"
	}
	return admits
}

// neededRule is the security group rule that would admit a refused connection,
// "" when it is not a group that refuses.
func (w words) neededRule(c *crossing) string {
	var rules []string
	decisions := c.decisions()
	for i := range decisions {
		dec := &decisions[i]
		if dec.access != Blocked || len(w.to.groupIDs) == 0 {
			continue
		}
		switch dec.kind {
		case CheckTargetIngress:
			rules = append(rules, "ingress rule on "+w.to.opened()+": "+w.wire()+" from "+w.commonGroup())
		case CheckSourceEgress:
			rules = append(rules, "egress rule on "+w.commonGroup()+": "+w.wire()+" to "+w.to.opened())
		case CheckNetworkACL, CheckRouting:
		}
	}
	return strings.Join(rules, "; ")
}

// uniqueMissing sorts missing facts by what is said of them, and drops repeated ones.
func uniqueMissing(all []model.Missing) []model.Missing {
	slices.SortFunc(all, compareSaid)
	return slices.Compact(all)
}

// compareSaid compares what is said of missing facts. While an account loads, every path
// has some: the sentences are made where their beginnings do not tell.
func compareSaid(a, b model.Missing) int {
	if !strings.HasPrefix(a.What, b.What) && !strings.HasPrefix(b.What, a.What) {
		return strings.Compare(a.What, b.What)
	}
	if a == b {
		return 0
	}
	return strings.Compare(a.String(), b.String())
}
