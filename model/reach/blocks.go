package reach

import (
	"net/netip"
	"slices"

	"go4.org/netipx"

	"hopscope/model"
)

// A caller may be known by addresses alone. What has them is not known then: neither the
// rules of its own groups nor whether it has a group that the target admits. Its answer
// is about what the target's side admits.

// AllAddresses are the addresses of both families.
func AllAddresses() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
}

// askBlocks answers for addresses: yes where all are admitted, no where none is.
func (d *inquiry) askBlocks(blocks []netip.Prefix, t *Destination) Answer {
	if len(blocks) == 1 && blocks[0].IsSingleIP() && t.to.unknown == nil {
		if owner, n := d.ownerOf(blocks[0].Addr(), t.to.vpc); owner != "" {
			a := d.askInterfaces([]*netInterface{n}, t)
			a.Owner = owner
			return a
		}
		if unread := d.holdersUnread(); unread != nil && d.inVPC(blocks[0], t.to) != Blocked {
			a := d.askBlock(blocks[0], t)
			a.Access, a.Missing, a.Part = AccessUnknown, append(a.Missing, *unread), nil
			return t.unsettled(a)
		}
	}
	var worst Answer
	for i, block := range blocks {
		if i > 0 && block.Addr().Is6() && !t.speaks(block) {
			continue // there is nothing to reach by this family
		}
		a := d.askBlock(block, t)
		switch {
		case i == 0:
			worst = a
		case a.Access == worst.Access:
			worst.Part = append(worst.Part, a.Part...)
		default:
			worst = partly(whole(worst, blocks[0]), whole(a, block))
		}
	}
	return t.unsettled(worst)
}

// whole adds to an answer what it is about, where all of it is admitted.
func whole(a Answer, block netip.Prefix) Answer {
	if a.Access == Allowed {
		a.Part = []netip.Prefix{block}
	}
	return a
}

// partly is the answer for two blocks that differ: if one is admitted and the other one
// is not, it is neither yes nor no.
func partly(a, b Answer) Answer {
	out := Answer{
		Access: AccessUnknown, Part: slices.Concat(a.Part, b.Part), OfSome: true, Needed: a.Needed + b.Needed,
		Missing: uniqueMissing(slices.Concat(a.Missing, b.Missing)),
	}
	for _, c := range slices.Concat(a.Checks, b.Checks) {
		if c.Access != Allowed || !slices.ContainsFunc(out.Checks, func(o Check) bool { return o.Why == c.Why }) {
			out.Checks = append(out.Checks, c)
		}
	}
	return out
}

// speaks tells whether a destination has addresses of a family, or may have.
func (t *Destination) speaks(block netip.Prefix) bool {
	v6 := block.Addr().Is6()
	if t.IsListener() {
		switch {
		case v6 && t.LoadBalancer.IPAddressType == "ipv4":
			return false
		case !v6 && withoutPublicIPv4(t.LoadBalancer):
			return false // from a VPC, too, it is reached by its public addresses
		}
	}
	return len(t.to.addresses(v6)) > 0 || len(t.to.missingSubnets) > 0 || t.to.unknown != nil
}

func (d *inquiry) askBlock(block netip.Prefix, t *Destination) Answer {
	if !t.IsListener() || t.LoadBalancer.Scheme != model.InternetFacing || block.Bits() == 0 || public(block) {
		return d.askAsTheyAre(block, t)
	}
	inside := d.inVPC(block, t.to)
	if inside == Blocked {
		return d.askAsTheyAre(block, t)
	}
	// From the VPC it comes by a public address, which may be any.
	i := 0
	if block.Addr().Is6() {
		i = 1
	}
	a := d.askAsTheyAre(AllAddresses()[i], t)
	if a.Part = nil; inside == AccessUnknown {
		if own := d.askAsTheyAre(block, t); own.Access != a.Access {
			own.Access, own.Missing = AccessUnknown, uniqueMissing(slices.Concat(own.Missing, a.Missing, d.vpcUnread(t.to)))
			return own
		}
	}
	return a
}

// vpcUnread is the VPC of a target where it was not read: what is in it is not known then.
func (d *inquiry) vpcUnread(to *netInterface) []model.Missing {
	if _, missing := d.ix.VPC(to.vpc); missing != nil {
		return []model.Missing{*missing}
	}
	return nil
}

// askAsTheyAre answers for addresses that the target sees.
func (d *inquiry) askAsTheyAre(block netip.Prefix, t *Destination) Answer {
	f := t.flow()
	f.v6 = block.Addr().Is6()
	from := &netInterface{key: block.String(), labels: []string{addressText(block)}, ephemeral: loadBalancerEphemeral}
	if f.v6 {
		from.v6 = []netip.Prefix{block}
	} else {
		from.v4 = []netip.Prefix{block}
	}
	c := eachKind(from, t.to, func(_, to *netInterface) crossing {
		if to.unknown != nil {
			return undecided(to.unknown.String(), *to.unknown)
		}
		if !t.speaks(block) {
			return combine(noAddress(f.v6))
		}
		peer := *from
		peer.missingGroups = d.groupsIn(block, to, f)
		return combine(d.blockACLs(&peer, to, f), d.admits(ingress, to, &peer, f), d.blockRoute(block, t, to))
	})
	a := t.answer(&c, from)
	a.Part = d.partOf(block, t, f)
	if c.access != AccessUnknown {
		a.Missing = nil
	}
	if len(a.Part) > 0 && !slices.Equal(a.Part, []netip.Prefix{block}) && c.access != Blocked {
		return a
	}
	a.Part = nil
	return a
}

// noAddress is the decision about a target that a family of addresses does not reach.
func noAddress(v6 bool) decision {
	family := "IPv4"
	if v6 {
		family = "IPv6"
	}
	return decision{kind: CheckRouting, access: Blocked, note: "the target has no " + family + " address"}
}

// groupsIn is set where something with addresses of a block may have a group that a rule
// about the flow names: then no rule for addresses has to admit it.
func (d *inquiry) groupsIn(block netip.Prefix, to *netInterface, f flow) []model.Missing {
	for _, g := range to.groups {
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if _, some := f.covers(r); !some || r.Group == nil || r.Group.Stale() {
				continue
			}
			a := d.admission(g, r)
			if !a.Foreign && (d.inVPC(block, to) == Blocked || !d.mayHave(block, r.Group.ID)) {
				continue
			}
			return []model.Missing{{
				What:   "who at " + addressText(block) + " has " + d.ix.GroupLabel(r.Group.ID) + ", which is admitted",
				Action: model.DescribeNetworkInterfaces, Resource: r.Group.ID, State: a.untold(),
			}}
		}
	}
	return nil
}

// untold is why it is not known what else has the admitted group: interfaces that were read
// say nothing of those to come.
func (a *Admission) untold() model.GapState {
	switch {
	case a.Foreign:
		return model.NotRead
	case a.Unread != nil:
		return a.Unread.State
	}
	return model.Absent
}

// mayHave tells whether something with addresses of a block may have a group. Of one
// address the interfaces that have the group tell, where they were read; in a block of IPv4
// another one may start at any time, and in one of IPv6 where one has an address of IPv6:
// whether tasks get one is a setting of the account.
func (d *inquiry) mayHave(block netip.Prefix, group string) bool {
	with, unread := d.ix.InterfacesWith(group)
	if unread != nil || len(with) == 0 && !block.IsSingleIP() {
		return true
	}
	v6 := block.Addr().Is6()
	return !v6 && !block.IsSingleIP() || slices.ContainsFunc(with, func(n *model.NetworkInterface) bool {
		return len(n.Addresses) == 0 || slices.ContainsFunc(n.Addresses, func(a netip.Addr) bool {
			return block.Contains(a) || v6 && !block.IsSingleIP() && a.Is6()
		})
	})
}

func addressText(block netip.Prefix) string {
	if block.IsSingleIP() {
		return block.Addr().String()
	}
	return block.String()
}

// inVPC tells whether addresses are in the VPC of a target: allowed where all are,
// blocked where none is.
func (d *inquiry) inVPC(block netip.Prefix, to *netInterface) Access {
	vpc, missing := d.ix.VPC(to.vpc)
	if missing != nil {
		for i := range d.ix.Snapshot.Subnets {
			s := &d.ix.Snapshot.Subnets[i]
			holds := func(p netip.Prefix) bool { return contains(p, block) }
			if s.VPC == to.vpc && slices.ContainsFunc(s.CIDRs, holds) {
				return Allowed
			}
		}
		return AccessUnknown
	}
	access := Blocked
	for _, cidr := range vpc.CIDRs {
		switch {
		case contains(cidr, block):
			return Allowed
		case cidr.Overlaps(block):
			access = AccessUnknown
		}
	}
	return access
}

// blockRoute: subnets of one VPC always reach each other, and the internet reaches an
// internet-facing load balancer. Other routes are not read.
func (d *inquiry) blockRoute(block netip.Prefix, t *Destination, to *netInterface) decision {
	dec := decision{kind: CheckRouting, access: Allowed}
	internet := t.IsListener() && t.LoadBalancer.Scheme == model.InternetFacing && (block.Bits() == 0 || public(block))
	if internet || d.inVPC(block, to) == Allowed {
		return dec
	}
	dec.access = AccessUnknown
	dec.note = "not all of " + addressText(block) + " is in the VPC of the target: whether a route leads there is not read"
	dec.missing = []model.Missing{{
		What: "route from " + addressText(block) + " to " + to.vpc, Action: "ec2:DescribeRouteTables", State: model.NotRead,
	}}
	return dec
}

// notPublic are the blocks of which no packet comes over the internet.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
}

func public(block netip.Prefix) bool { return !slices.ContainsFunc(notPublic, block.Overlaps) }

// blockACLs asks the ACLs of the target's subnets, and those of the subnets that hold
// the addresses. Within one subnet none is asked.
func (d *inquiry) blockACLs(from, to *netInterface, f flow) decision {
	block := from.addresses(f.v6)[0]
	inside := *to
	inside.subnets = slices.DeleteFunc(slices.Clone(to.subnets), func(s *model.Subnet) bool {
		return slices.ContainsFunc(s.CIDRs, func(p netip.Prefix) bool { return contains(p, block) })
	})
	dec := d.edgeACLs(from, &inside, f)
	for i := range d.ix.Snapshot.Subnets {
		s := &d.ix.Snapshot.Subnets[i]
		if dec.access == Blocked || s.VPC != to.vpc || !slices.ContainsFunc(s.CIDRs, block.Overlaps) {
			continue
		}
		home := *from
		home.subnets = []*model.Subnet{s}
		own := d.crossACLs(&home, &inside, f)
		if own.access == Blocked && !slices.ContainsFunc(s.CIDRs, func(p netip.Prefix) bool { return contains(p, block) }) {
			own.access = AccessUnknown // for a part of the addresses
		}
		if worseAccess(own.access, dec.access) != dec.access {
			dec = own
		}
	}
	return dec
}

// partOf are the addresses of a block that rules for addresses admit on every port of
// the flow.
func (d *inquiry) partOf(block netip.Prefix, t *Destination, f flow) []netip.Prefix {
	if t.to.unfiltered || !t.speaks(block) {
		return nil
	}
	var b netipx.IPSetBuilder
	for _, g := range t.to.groups {
		if !t.allHave(g.ID) {
			continue
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if all, _ := f.covers(r); !all || r.Group != nil {
				continue
			}
			if r.PrefixList == "" {
				b.AddPrefix(r.CIDR)
			} else if list, missing := d.ix.PrefixList(r.PrefixList); missing == nil {
				for _, entry := range list.Entries {
					b.AddPrefix(entry)
				}
			}
		}
	}
	var asked netipx.IPSetBuilder
	asked.AddPrefix(block)
	whole, err := asked.IPSet()
	if err != nil {
		return nil
	}
	b.Intersect(whole)
	admitted, err := b.IPSet()
	if err != nil {
		return nil
	}
	return admitted.Prefixes()
}
