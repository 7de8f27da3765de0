package reach

import (
	"fmt"
	"net/netip"
	"slices"

	"hopscope/model"
)

// Caller is one of whom it is asked whether the network lets its connections through to
// a [Destination]. Exactly one of its fields is set.
type Caller struct {
	Service      *model.Ref
	LoadBalancer *model.LoadBalancer
	// Tasks is the cluster and the family of tasks that no service started.
	Tasks *model.Ref
	// Group is the id of a security group: whatever has it, and no other.
	Group string
	// Blocks are addresses: of one family each, together one caller.
	Blocks []netip.Prefix
}

// Answer says whether the network lets a caller through.
type Answer struct {
	Access Access
	// Checks are what each place on the way decides, in the order in which a packet
	// meets them: also those behind one that refuses.
	Checks []Check
	// Needed are the rules that would admit a caller that groups refuse.
	Needed string
	// Part are the addresses that rules for addresses admit, where that is a part of
	// the caller's.
	Part []netip.Prefix
	// Missing are the facts without which it cannot be said.
	Missing []model.Missing
	// Owner names what has the one address that was asked about, where it is known.
	Owner string
	// OfSome is set where the answer holds for some of the caller's or the target's
	// deployments, tasks or instances, and another one for others.
	OfSome bool
	// Path is the one whose load balancer is the caller, where there is one.
	Path *Path
	// Through is the load balancer behind the caller, by which its requests come; nil where
	// there is none.
	Through *model.LoadBalancer
	// Rules are the rules of the target's groups that admit the caller: several where each
	// admits a part of it, or of the tasks.
	Rules []*model.SecurityGroupRule
	// From and To are the groups that were asked: the caller's about what they let out,
	// the target's about what they let in.
	From, To []*model.SecurityGroup
	// Bound are the host ports that tasks have now, where the caller is admitted on these
	// and not on every port that the next task may get.
	Bound []int
}

// inquiry is a worker that answers for callers which no path has.
type inquiry struct {
	*worker
	// asked are the interfaces of such callers; nil before the first.
	asked *interfaces
}

// Ask says whether a caller's connections reach a destination. paths are those into its
// service: where the caller is a load balancer that is known to connect to it, they
// know how.
func (d *Deriver) Ask(c *Caller, t *Destination, paths []*Path) Answer {
	w := inquiry{worker: d.worker()}
	w.aclAnswers = d.acls
	switch {
	case t.Port == 0:
		return Answer{Access: AccessUnknown, Missing: t.Missing}
	case len(c.Blocks) > 0:
		return w.askBlocks(c.Blocks, t)
	case c.Group != "":
		return w.askGroup(c.Group, t)
	case c.LoadBalancer != nil:
		if a, known := askPaths(c.LoadBalancer, t, paths); known {
			return a
		}
		if a, known := askInFront(c.LoadBalancer, t, paths); known {
			return a
		}
		if c.LoadBalancer.Type == networkLoadBalancer {
			return w.askNetworkLoadBalancer(c.LoadBalancer, t)
		}
	}
	return w.askInterfaces(w.facesOf(c), t)
}

// askPaths answers for a load balancer by its paths, health checks apart: what targets
// see of a network load balancer is not what its own interfaces look like.
func askPaths(lb *model.LoadBalancer, t *Destination, paths []*Path) (Answer, bool) {
	var worst *Path
	var at *arrival
	same := true
	for _, p := range paths {
		a, is := p.way.(*arrival)
		// Behind another load balancer the requests come the same way as without.
		if !is || p.Facts.LoadBalancer != lb || p.Facts.Front != nil || p.Source.Kind == SourceHealthCheck ||
			a.iface == nil || !p.Leads(t) {
			continue
		}
		switch {
		case worst == nil:
			worst, at = p, a
		case a.crossing.access != at.crossing.access:
			same = false
			if worseAccess(a.crossing.access, at.crossing.access) == a.crossing.access {
				worst, at = p, a
			}
		}
	}
	if worst == nil {
		return Answer{}, false
	}
	out := answerOf(&at.crossing, at.words())
	out.Path, out.OfSome = worst, !same
	return out, true
}

// askInFront answers for a network load balancer in front of another one, by its paths: it
// reaches the target as far as it reaches the one behind, and that one the target.
func askInFront(lb *model.LoadBalancer, t *Destination, paths []*Path) (Answer, bool) {
	var worst Answer
	found, same := false, true
	for _, p := range paths {
		a, is := p.way.(*arrival)
		if !is || a.front == nil || p.Facts.Front != lb || p.Source.Kind == SourceHealthCheck || a.iface == nil ||
			!p.Leads(t) {
			continue
		}
		out := a.bothLegs(p)
		if found && out.Access != worst.Access {
			same = false
		}
		if !found || worseAccess(out.Access, worst.Access) != worst.Access {
			worst = out
		}
		found = true
	}
	worst.OfSome = worst.OfSome || !same
	return worst, found
}

// bothLegs is the answer for the load balancer in front of a path.
func (a *arrival) bothLegs(p *Path) Answer {
	first, out := answerOf(&a.front.crossing, a.front.words()), answerOf(&a.crossing, a.words())
	for i := range first.Checks {
		first.Checks[i].Why = "on the way to " + a.front.lb.Name + ": " + first.Checks[i].Why
	}
	out.Path, out.Through, out.OfSome = p, a.front.lb, out.OfSome || first.OfSome
	out.Access, out.Checks = worseAccess(first.Access, out.Access), slices.Concat(first.Checks, out.Checks)
	out.Missing = uniqueMissing(slices.Concat(first.Missing, out.Missing))
	if first.Needed != "" && out.Needed != "" {
		first.Needed += "; "
	}
	out.Needed = first.Needed + out.Needed
	return out
}

// askNetworkLoadBalancer answers for a network load balancer that is not known to
// connect to a destination: whose addresses its packets would have depends on a target
// group.
func (d *inquiry) askNetworkLoadBalancer(lb *model.LoadBalancer, t *Destination) Answer {
	from := d.node(lb)
	unread := &model.Missing{
		What: "target group by which " + lb.Name + " connects to this port", Action: model.DescribeTargetGroups,
		State: model.Absent,
	}
	c := eachKind(from, t.to, func(from, to *netInterface) crossing {
		if to.unknown != nil {
			return d.cross(from, to, t.flow())
		}
		return d.withClientAddresses(d.cross(from, to, t.flow()), to, t.flow(), unread)
	})
	a := t.answer(&c, from)
	if unread := d.behindUnread(); unread != nil {
		a.Access, a.Missing = AccessUnknown, uniqueMissing(append(a.Missing, *unread))
	}
	return t.unsettled(a)
}

// behindUnread is a gap without which it is not known what is behind load balancers: one may
// be in front of another one that connects to a destination.
func (d *inquiry) behindUnread() *model.Missing {
	for i := range d.ix.Snapshot.Gaps {
		switch g := &d.ix.Snapshot.Gaps[i]; g.Action {
		case model.DescribeTargetGroups, model.DescribeListeners, model.DescribeRules, model.DescribeTargetHealth,
			model.DescribeLoadBalancers:
			return &model.Missing{What: "what is behind load balancers", Action: g.Action, Resource: g.Resource, State: g.State}
		default:
		}
	}
	return nil
}

// answerOf puts a crossing into words.
func answerOf(c *crossing, w words) Answer {
	w = w.about(c)
	return Answer{
		Access: c.access, Checks: w.checks(c), Needed: w.neededRule(c), Rules: c.admitting(), OfSome: c.halved(),
		Missing: uniqueMissing(slices.Clone(c.missing)), From: w.from[0].groups, To: w.to.groups,
	}
}

// answer puts a crossing from an interface to a destination into words.
func (t *Destination) answer(c *crossing, from *netInterface) Answer {
	return answerOf(c, words{protocol: t.Protocol, ports: t.ports(), from: []*netInterface{from}, to: t.to})
}

// askInterfaces answers for callers with network interfaces that are known, or of which
// it is known what is missing: the worst of all answers.
func (d *inquiry) askInterfaces(from []*netInterface, t *Destination) Answer {
	var worst Answer
	for i, n := range from {
		c, bound := d.crossTo(n, t)
		a := t.answer(&c, n)
		a.Checks, a.Bound = d.everyRefusal(a.Checks, n, t), bound
		switch {
		case i == 0:
			worst = a
		case a.Access == worst.Access:
			worst.Rules = joinedRules(worst.Rules, a.Rules)
			if worst.Bound == nil {
				worst.Bound = a.Bound
			}
		case worseAccess(a.Access, worst.Access) == a.Access:
			worst = a
			worst.OfSome = true
		default:
			worst.OfSome = true
		}
	}
	return t.unsettled(worst)
}

// unsettled makes an answer unknown where it is not known which port it is about.
func (t *Destination) unsettled(a Answer) Answer {
	if len(t.Missing) > 0 {
		a.Access, a.Missing = AccessUnknown, uniqueMissing(slices.Concat(a.Missing, t.Missing))
	}
	return a
}

// crossTo asks about the connection of an interface to a destination. Where it is
// admitted on the ports that tasks have now alone, these are given.
func (d *inquiry) crossTo(from *netInterface, t *Destination) (crossing, []int) {
	if t.IsListener() && from.unknown == nil && t.LoadBalancer.IPAddressType == "ipv4" && v6Only(from, t.to) {
		return combine(noAddress(true)), nil
	}
	ask := func(f flow) crossing { return d.cross(from, t.to, f) }
	c := ask(t.flow())
	var bound []int
	if t.v != nil {
		c, bound = t.v.atBindings(t.bound, c, t.flow(), ask)
	}
	if t.IsListener() && t.LoadBalancer.Scheme == model.InternetFacing && from.unknown == nil {
		return d.byPublicAddress(&c, from, t), nil
	}
	return c, bound
}

// byPublicAddress corrects the answer for a load balancer whose name resolves to public
// addresses: a caller in a VPC leaves it by a gateway, so that neither end sees the
// other's group or private address. Rules that are open to all addresses hold.
func (d *inquiry) byPublicAddress(c *crossing, from *netInterface, t *Destination) crossing {
	decisions := slices.Clone(c.decisions())
	for i := range decisions {
		dec := &decisions[i]
		own, dir := t.to, ingress
		switch dec.kind {
		case CheckSourceEgress:
			own, dir = from, egress
		case CheckTargetIngress:
		case CheckNetworkACL:
			if d.aclsSay(t.to, t.flow(), dec.access) && (dec.access == Blocked || d.aclsLetOut(from, t.flow())) {
				continue // the same of every address
			}
			own = nil
		case CheckRouting:
			continue
		}
		if own != nil && d.sameForGateways(dec, own, dir, t.flow()) {
			continue
		}
		*dec = decision{kind: dec.kind, access: AccessUnknown, note: t.LoadBalancer.Name +
			" is internet-facing: its name resolves to public addresses, and a caller in a VPC comes with that of its gateway," +
			" for which rules for groups and private addresses do not hold"}
		dec.missing = []model.Missing{{
			What:   "public addresses of the caller and of " + t.LoadBalancer.Name,
			Action: model.DescribeNetworkInterfaces, State: model.NotRead,
		}}
	}
	return combine(decisions...)
}

// sameForGateways tells whether groups say the same of the public addresses of gateways: a
// rule for every address admits them, or no rule admits any.
func (d *inquiry) sameForGateways(dec *decision, own *netInterface, dir direction, f flow) bool {
	switch {
	case own.unfiltered, allAlternatives(own, func(n *netInterface) bool { return opens(n, dir, f, 0) }):
		return true
	}
	return dec.access == Blocked && !opens(own, dir, f, anyBits)
}

// aclsLetOut tells whether the ACLs of the caller's subnets let every request out, and the
// answers in.
func (d *inquiry) aclsLetOut(from *netInterface, f flow) bool {
	everywhere := AllAddresses()[:1]
	for _, s := range from.subnets {
		acl, missing := d.ix.SubnetACL(s.ID)
		if missing != nil {
			return false
		}
		out, _ := passes(acl, true, f.protocol, everywhere, f.ports)
		in, _ := passes(acl, false, f.protocol, everywhere, from.ephemeral)
		if worseAccess(out, in) != Allowed {
			return false
		}
	}
	return true
}

func allAlternatives(n *netInterface, holds func(*netInterface) bool) bool {
	return !slices.ContainsFunc(n.alternatives(), func(k *netInterface) bool { return !holds(k) })
}

// anyBits is the length of no block: see [opens].
const anyBits = -1

// opens tells whether one of an interface's groups has a rule for all ports of a flow
// and for a block of a length, 0 for all addresses of IPv4; or, with anyBits, whether it
// has any rule that may be about the flow.
func opens(n *netInterface, dir direction, f flow, bits int) bool {
	for _, g := range n.groups {
		rules := dir.rules(g)
		for i := range rules {
			r := &rules[i]
			all, some := f.covers(r)
			switch {
			case bits == anyBits && some:
				return true
			case bits != anyBits && all && r.Group == nil && r.PrefixList == "" && r.CIDR.Addr().Is4() && r.CIDR.Bits() == bits:
				return true
			}
		}
	}
	return bits == anyBits && len(n.missingGroups) > 0
}

// everyRefusal adds what else network ACLs refuse: a decision names the first entry
// alone, and to mend the way takes all.
func (d *inquiry) everyRefusal(checks []Check, from *netInterface, t *Destination) []Check {
	at := slices.IndexFunc(checks, func(c Check) bool { return c.Kind == CheckNetworkACL && c.Access == Blocked })
	if at < 0 {
		return checks
	}
	f := t.flow()
	f.v6 = f.v6 || v6Only(from, t.to)
	var more []Check
	for _, a := range from.subnets {
		for _, b := range t.to.subnets {
			aclA, unreadA := d.ix.SubnetACL(a.ID)
			aclB, unreadB := d.ix.SubnetACL(b.ID)
			if a.ID == b.ID || unreadA != nil || unreadB != nil {
				continue
			}
			for _, leg := range aclLegs(&aclKey{a.ID, b.ID, f, from.ephemeral}, aclA, aclB, a, b) {
				access, entry := passes(leg.acl, leg.egress, f.protocol, leg.peer, leg.ports)
				if access == Blocked {
					more = append(more, Check{
						Kind: CheckNetworkACL, Access: Blocked, Why: leg.refusal(f.protocol, entry),
						Resource: leg.acl.ID,
					})
				}
			}
		}
	}
	return mergeRefusals(checks, at, more)
}

// shownRefusals is how many refusals of ACLs an answer names.
const shownRefusals = 6

func mergeRefusals(checks []Check, at int, more []Check) []Check {
	var out []Check
	for i := range more {
		if !slices.Contains(out, more[i]) {
			out = append(out, more[i])
		}
	}
	if len(out) < 2 {
		return checks
	}
	if left := len(out) - shownRefusals; left > 0 {
		out[shownRefusals-1].Why += fmt.Sprintf(", and %d more of its kind", left)
		out = out[:shownRefusals]
	}
	out[0] = checks[at] // with the count of the pairs
	return slices.Concat(checks[:at], out, checks[at+1:])
}
