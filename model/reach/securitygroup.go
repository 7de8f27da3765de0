package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"hopscope/model"
)

// decision is what one place on the way says, kept as facts until the callers
// that share it are known and it is put into words.
type decision struct {
	kind   CheckKind
	access Access
	// group and rule admitted; both nil otherwise.
	group *model.SecurityGroup
	rule  *model.SecurityGroupRule
	// parts are the rules that admit a part each: of the addresses, or of the kinds of
	// instances and the host ports. It is nil where one rule admits all, as with nearly all
	// of the decisions, which are kept for all paths.
	parts *[]*model.SecurityGroupRule
	// some says of what it holds where it does not of everything: some of the container
	// instances, or of the host ports.
	some string
	// several is set when no single rule covers all addresses, but several
	// rules together do.
	several bool
	// partial is set when some subnets are refused, or pairs of subnets, not all.
	partial bool
	// note explains an unknown or a refusal by a network ACL.
	note     string
	resource string
	missing  []model.Missing
}

// direction is the side of a security group that is asked.
type direction bool

const (
	ingress direction = false
	egress  direction = true
)

func (dir direction) kind() CheckKind {
	if dir == egress {
		return CheckSourceEgress
	}
	return CheckTargetIngress
}

func (dir direction) rules(g *model.SecurityGroup) []model.SecurityGroupRule {
	if dir == egress {
		return g.Egress
	}
	return g.Ingress
}

// flow is the connection that groups and ACLs are asked about.
type flow struct {
	protocol string
	ports    portSpan
	v6       bool
}

// covers tells whether a rule is about all ports of the flow, or some of them.
func (f flow) covers(r *model.SecurityGroupRule) (all, some bool) {
	first, last := r.Covers(f.protocol, f.ports.first), r.Covers(f.protocol, f.ports.last)
	if first && last {
		return true, true
	}
	inside := r.FromPort > f.ports.first && r.ToPort < f.ports.last && r.Covers(f.protocol, r.FromPort)
	return false, first || last || inside
}

// admits asks the groups of one end about a connection with the other end. The
// groups of an interface add up: it is enough that one rule of one group admits
// the peer. Rules that name a group are asked first: where one admits the peer it
// says more than a rule that admits an address, whatever their order.
func (d *worker) admits(dir direction, own, peer *netInterface, f flow) decision {
	dec := decision{kind: dir.kind(), access: Blocked}
	if own.unfiltered {
		dec.access, dec.note = Allowed, "a network load balancer without security groups limits nothing"
		return dec
	}
	remaining := coverage{prefixes: peer.addresses(f.v6)}
	for _, byGroup := range [...]bool{true, false} {
		for _, g := range own.groups {
			rules := dir.rules(g)
			for i := range rules {
				r := &rules[i]
				if (r.Group != nil) != byGroup || byGroup && peer.lacksGroup(r.Group.ID) {
					continue // groups have hundreds of rules, each for one of those who call
				}
				if d.admitsRule(&dec, g, r, peer, f, &remaining) {
					return dec
				}
			}
		}
	}
	return settleGroups(dec, own, peer, f, &remaining)
}

// admitsRule takes one rule into account and tells whether it settles the
// question. A rule for a group is for none that the peer lacks.
func (d *worker) admitsRule(dec *decision, g *model.SecurityGroup, r *model.SecurityGroupRule,
	peer *netInterface, f flow, remaining *coverage,
) bool {
	all, some := f.covers(r)
	if !some {
		return false
	}
	if !all {
		if !d.mayCover(r, peer, f) {
			return false
		}
		dec.note = fmt.Sprintf("%s has a rule for %s, which is only a part of the port range", g.ID, r.Ports())
		return false
	}
	covered, missing := d.coversPeer(r, peer, remaining)
	d.notePart(dec, r, peer, f, remaining)
	dec.missing = append(dec.missing, missing...)
	if covered && r.Group == nil && len(peer.missingSubnets) > 0 {
		// The rule covers the addresses that are known; there are others.
		dec.missing = append(dec.missing, peer.missingSubnets...)
		return false
	}
	if covered {
		dec.several = r.Group == nil && remaining.partly
		dec.access, dec.group, dec.rule, dec.resource = Allowed, g, r, g.ID
		dec.note, dec.missing = "", nil
	}
	return covered
}

// notePart notes a rule for a part of the peer's addresses. Rules for groups were asked
// before the first address was taken away.
func (d *worker) notePart(dec *decision, r *model.SecurityGroupRule, peer *netInterface, f flow, remaining *coverage) {
	if remaining.partly && d.mayCover(r, peer, f) {
		if dec.parts == nil {
			dec.parts = new([]*model.SecurityGroupRule)
		}
		*dec.parts = append(*dec.parts, r)
	}
}

// mayCover tells whether a rule's source or destination may have something of the peer.
func (d *worker) mayCover(r *model.SecurityGroupRule, peer *netInterface, f flow) bool {
	overlaps := func(rule netip.Prefix) bool {
		return slices.ContainsFunc(peer.addresses(f.v6), func(p netip.Prefix) bool { return p.Overlaps(rule) })
	}
	switch {
	case r.Group != nil:
		return len(peer.groupIDs) > 0 || len(peer.missingGroups) > 0 // it does not lack this one
	case len(peer.missingSubnets) > 0:
		return true
	case r.PrefixList == "":
		return overlaps(r.CIDR)
	}
	list, missing := d.ix.PrefixList(r.PrefixList)
	return missing != nil || slices.ContainsFunc(list.Entries, overlaps)
}

// coversPeer tells whether the rule's source or destination is the whole peer,
// and takes what it covers away from the remaining addresses.
func (d *worker) coversPeer(r *model.SecurityGroupRule, peer *netInterface, remaining *coverage) (bool,
	[]model.Missing,
) {
	switch {
	case r.Group != nil:
		if len(peer.groupIDs) == 0 {
			return false, peer.missingGroups
		}
		return !r.Group.Stale(), nil
	case r.PrefixList == "":
		return remaining.remove(r.CIDR), nil
	}
	list, missing := d.ix.PrefixList(r.PrefixList)
	if missing != nil {
		return false, []model.Missing{*missing}
	}
	covered := false
	for _, cidr := range list.Entries {
		covered = remaining.remove(cidr) || covered
	}
	return covered, nil
}

// settleGroups decides when no rule admitted the peer as a whole.
func settleGroups(dec decision, own, peer *netInterface, f flow, remaining *coverage) decision {
	dec.missing = append(dec.missing, own.missingGroups...)
	if len(own.groups) > 0 {
		dec.resource = own.groups[0].ID
	}
	switch {
	case len(dec.missing) > 0:
		dec.access, dec.note = AccessUnknown, dec.missing[0].String()
	case remaining.partly && dec.note == "" && remaining.refusesSubnet(peer, f.v6):
		dec.access, dec.partial = Blocked, true
		dec.note = refusedSubnets(direction(dec.kind == CheckSourceEgress), own, remaining, peer, f)
	case remaining.partly:
		dec.access = AccessUnknown
		note := fmt.Sprintf("%s admits only some of the addresses %s", strings.Join(own.groupIDs, ", "),
			prefixList(peer.addresses(f.v6)))
		if names := remaining.leftOut(peer, f.v6); dec.note == "" && len(names) > 0 {
			note += ": what runs in " + strings.Join(names, ", ") + " is refused, and nothing is known to run there"
			dec.missing = peer.unplacedTasks()
		}
		dec.note = note
	case dec.note != "":
		dec.access = AccessUnknown
	case len(remaining.prefixes) == 0 || len(peer.missingSubnets) > 0:
		if hasAddressRule(dec.kind, own, f) {
			dec.access, dec.missing = AccessUnknown, peer.missingSubnets
			dec.note = "the addresses of the other end are not known"
			if len(dec.missing) > 0 {
				dec.note += ": " + dec.missing[0].String()
			}
		}
	}
	return dec
}

// refusesSubnet tells whether the rules leave out all addresses of one of the subnets
// that the other end is known to have an interface in: some of its connections are refused
// for sure.
func (c *coverage) refusesSubnet(peer *netInterface, v6 bool) bool {
	return slices.ContainsFunc(peer.subnets, func(n *model.Subnet) bool {
		return (peer.everySubnet || slices.Contains(peer.inhabited, n.ID)) && c.leavesOut(n, v6)
	})
}

// unplacedTasks is what would tell in which subnets tasks run, where they were not read.
func (n *netInterface) unplacedTasks() []model.Missing {
	if !n.unlisted {
		return nil
	}
	names := make([]string, len(n.subnets))
	for i, s := range n.subnets {
		names[i] = s.ID
	}
	return []model.Missing{{
		What:   "tasks, which run in some or all of " + strings.Join(names, ", "),
		Action: model.ListTasks, State: model.NotRead,
	}}
}

// leavesOut tells whether nothing was taken away of a subnet's addresses, where something
// was of others.
func (c *coverage) leavesOut(n *model.Subnet, v6 bool) bool {
	all := subnetAddresses(n, v6)
	return len(all) > 0 && !slices.ContainsFunc(all, func(p netip.Prefix) bool { return !c.rest.ContainsPrefix(p) })
}

// refusedSubnets says which of the other end's subnets the groups refuse.
func refusedSubnets(dir direction, own *netInterface, c *coverage, peer *netInterface, f flow) string {
	names := c.leftOut(peer, f.v6)
	text := "no ingress rule of %s admits %s %s from %s (%d of %d subnets refused)"
	if dir == egress {
		text = "no egress rule of %s lets %s %s out to %s (%d of %d subnets refused)"
	}
	return fmt.Sprintf(text, strings.Join(own.labels, ", "), f.protocol, f.ports, strings.Join(names, ", "), len(names),
		len(peer.subnets))
}

// leftOut are the other end's subnets that the rules leave out, with their addresses.
func (c *coverage) leftOut(peer *netInterface, v6 bool) []string {
	var names []string
	for _, n := range peer.subnets {
		if c.leavesOut(n, v6) {
			names = append(names, fmt.Sprintf("%s (%s)", n.ID, prefixList(subnetAddresses(n, v6))))
		}
	}
	return names
}

// hasAddressRule tells whether any rule about the flow names addresses: without
// one, addresses need not be known to refuse.
func hasAddressRule(kind CheckKind, own *netInterface, f flow) bool {
	dir := direction(kind == CheckSourceEgress)
	for _, g := range own.groups {
		rules := dir.rules(g)
		for i := range rules {
			if _, some := f.covers(&rules[i]); some && rules[i].Group == nil {
				return true
			}
		}
	}
	return false
}

func prefixList(all []netip.Prefix) string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.String()
	}
	return strings.Join(names, ", ")
}

// coverage is a set of addresses from which rules take parts away.
type coverage struct {
	prefixes []netip.Prefix
	// rest is what is left once a rule covered a part; nil before.
	rest *netipx.IPSet
	// partly is set when something was taken away, but not all.
	partly bool
}

// remove takes the addresses of a rule away and tells whether nothing is left.
// The common cases, all or nothing, cost no allocation.
func (c *coverage) remove(rule netip.Prefix) bool {
	if len(c.prefixes) == 0 {
		return false
	}
	if c.rest == nil {
		inside, overlaps := 0, false
		for _, p := range c.prefixes {
			if contains(rule, p) {
				inside++
			}
			overlaps = overlaps || rule.Overlaps(p)
		}
		if inside == len(c.prefixes) {
			return true
		}
		if !overlaps {
			return false
		}
	}
	var b netipx.IPSetBuilder
	if c.rest == nil {
		for _, p := range c.prefixes {
			b.AddPrefix(p)
		}
	} else {
		b.AddSet(c.rest)
	}
	b.RemovePrefix(rule)
	rest, err := b.IPSet()
	if err != nil {
		return false // a prefix that is not valid covers nothing
	}
	c.rest, c.partly = rest, true
	return len(rest.Prefixes()) == 0
}

// contains tells whether outer has every address of inner.
func contains(outer, inner netip.Prefix) bool {
	return outer.IsValid() && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}
