package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"hopscope/model"
)

// The network ACLs of a load balancer's subnets are a part of what its clients meet: the
// request has to come in, and the answer has to go out to a port that the client chose.
// Who the clients are is not known: as with groups, it is enough that some of those that
// are admitted pass. Clients in a node's own subnet meet no ACL. An internet-facing load
// balancer resolves to public addresses: what the internet is let in by is judged by the
// addresses that clients have there, and not by those of the VPC.

// The ports that clients connect from: all, and those that most do. Linux has them from
// 32768 up, Windows and macOS from 49152, gateways from 1024.
var (
	clientPorts     = loadBalancerEphemeral
	mostClientPorts = portSpan{model.FirstEphemeralPort, loadBalancerEphemeral.last}
)

// clientSet are the addresses of the clients that a rule admits.
type clientSet struct {
	transports []string
	blocks     []netip.Prefix
	// unplaced is the fact without which it is not known which of the addresses are a
	// client's; nil where any may be, or all are.
	unplaced *model.Missing
}

// entryACLs is what the ACLs of a load balancer's subnets say together.
type entryACLs struct {
	// refused are the subnets that take no request, and refusal is the reason of the first.
	refused int
	refusal string
	// unsure is why it is not known whether clients pass, unplaced the facts that would tell.
	unsure   string
	unplaced []model.Missing
	// missing are ACLs and subnets that were not read.
	missing []model.Missing
	// passed tells of each set whether any of its clients pass anywhere.
	passed []bool
}

// askEntryACLs takes the network ACLs into account, where the groups admit clients. There
// is a node in each subnet, and the load balancer's name resolves to all of them: if one
// takes no request, a part of the requests is lost.
func (d *worker) askEntryACLs(e *Entry) {
	if d.aclsPassAll(e) {
		return
	}
	sets := d.clientSets(e)
	said := entryACLs{missing: slices.Clone(e.iface.missingSubnets), passed: make([]bool, len(sets))}
	for _, s := range e.iface.subnets {
		if acl, unread := d.ix.SubnetACL(s.ID); unread != nil {
			said.missing = append(said.missing, *unread)
		} else {
			e.askNode(&said, acl, s, sets)
		}
	}
	e.settle(&said)
	for i := range e.Admitted {
		e.Admitted[i].Refused = len(said.missing) == 0 && len(e.iface.subnets) > 0 && !said.passed[i]
	}
}

// askNode adds what the ACL of one node's subnet says: it is enough that some of the
// clients pass.
func (e *Entry) askNode(said *entryACLs, acl *model.NetworkACL, node *model.Subnet, sets []clientSet) {
	best := Blocked
	for i := range sets {
		access := e.passACL(acl, node, &sets[i])
		said.passed[i] = said.passed[i] || access != Blocked
		if access == Allowed || best == Blocked {
			best = access
		}
		if access == AccessUnknown {
			said.unplaced = append(said.unplaced, e.placeless(&sets[i]))
		}
	}
	switch {
	case best == Blocked && said.refused == 0:
		said.refusal = e.refusal(acl, node, sets)
		said.refused++
	case best == Blocked:
		said.refused++
	case best == AccessUnknown && said.unsure == "":
		said.unsure = "whether clients pass is not known: " + e.refusal(acl, node, sets)
	}
}

// placeless is the fact without which it is not known whether clients pass: where they
// are, or which of the addresses and source ports that they may have they use.
func (e *Entry) placeless(set *clientSet) model.Missing {
	if set.unplaced != nil {
		return *set.unplaced
	}
	return model.Missing{
		What:   "addresses and source ports of the clients of " + e.LoadBalancer.Name,
		Action: model.DescribeNetworkInterfaces, Resource: e.LoadBalancer.ARN, State: model.NotRead,
	}
}

// settle makes the answer of what the ACLs say: one refusal is enough, whatever was not
// read.
func (e *Entry) settle(said *entryACLs) {
	switch {
	case said.refused > 0:
		e.Access, e.Partial, e.Missing = Blocked, said.refused < len(e.iface.subnets), nil
		e.acl = said.refusal + fmt.Sprintf(" (%d of %d subnets refused)", said.refused, len(e.iface.subnets))
	case len(said.missing) > 0:
		e.Access, e.Missing = AccessUnknown, uniqueMissing(slices.Concat(e.Missing, said.missing))
	case said.unsure != "":
		e.Access, e.Missing = AccessUnknown, uniqueMissing(slices.Concat(e.Missing, said.unplaced))
		e.acl = said.unsure + "; " + said.unplaced[0].String()
	}
}

// aclsPassAll tells whether the ACLs let all clients pass, as most do.
func (d *worker) aclsPassAll(e *Entry) bool {
	for _, s := range e.iface.subnets {
		acl, unread := d.ix.SubnetACL(s.ID)
		everywhere := &clientSet{transports: listenerTransports(e.Listener), blocks: e.spoken(AllAddresses())}
		if unread != nil {
			return false
		}
		if least, _ := e.passShares(acl, s, everywhere); least != all {
			return false
		}
	}
	return len(e.iface.missingSubnets) == 0
}

// clientSets are the clients of each rule that admits some, or of a load balancer that
// nothing filters.
func (d *worker) clientSets(e *Entry) []clientSet {
	transports := listenerTransports(e.Listener)
	if e.iface.unfiltered {
		return []clientSet{{transports: transports, blocks: d.callingBlocks(e, AllAddresses())}}
	}
	sets := make([]clientSet, len(e.Admitted))
	for i := range e.Admitted {
		a := &e.Admitted[i]
		set := &sets[i]
		for _, protocol := range transports {
			if a.Rule.Covers(protocol, e.Listener.Port) {
				set.transports = append(set.transports, protocol)
			}
		}
		switch {
		case a.Rule.Group != nil:
			d.placeClients(set, a, e)
		case a.Rule.PrefixList == "":
			set.blocks = d.callingBlocks(e, []netip.Prefix{a.Rule.CIDR})
		default:
			list, missing := d.ix.PrefixList(a.Rule.PrefixList)
			if set.blocks, set.unplaced = e.spoken(AllAddresses()), missing; missing == nil {
				set.blocks = d.callingBlocks(e, list.Entries)
			}
		}
	}
	if len(e.iface.missingGroups) > 0 { // which may admit anything
		sets = append(sets, clientSet{
			transports: transports, blocks: e.spoken(AllAddresses()), unplaced: &e.iface.missingGroups[0],
		})
	}
	return sets
}

// placeClients finds the addresses of what has a group: those of its subnets, where
// everything that has it was read; else it may be anywhere in the VPC, or outside where
// the group is another VPC's.
func (d *worker) placeClients(set *clientSet, a *Admission, e *Entry) {
	id := a.Rule.Group.ID
	set.unplaced = &model.Missing{
		What: "subnets of what has " + id, Action: model.DescribeNetworkInterfaces, Resource: id, State: model.NotRead,
	}
	if a.Unread != nil {
		set.unplaced.State = a.Unread.State
	}
	vpc, missing := d.ix.VPC(e.iface.vpc)
	switch subnets := d.subnetsWith(id); {
	case a.Foreign || missing != nil:
		set.blocks = e.spoken(AllAddresses())
	case a.Unread != nil || len(subnets) == 0:
		set.blocks = e.spoken(vpc.CIDRs)
	default:
		set.unplaced = nil
		for _, id := range subnets {
			if s, unread := d.ix.Subnet(id); unread == nil {
				set.blocks = append(set.blocks, e.spoken(s.CIDRs)...)
			}
		}
	}
	if len(set.blocks) == 0 && withoutPublicIPv4(e.LoadBalancer) {
		set.blocks = e.spoken(AllAddresses()) // which addresses they get is not known
	}
}

// withoutPublicIPv4 tells whether clients on the internet find IPv6 addresses alone.
func withoutPublicIPv4(lb *model.LoadBalancer) bool {
	return lb.IPAddressType == "dualstack-without-public-ipv4" && lb.Scheme == model.InternetFacing
}

// spoken are the blocks of the families that the load balancer speaks to clients.
func (e *Entry) spoken(blocks []netip.Prefix) []netip.Prefix {
	if withoutPublicIPv4(e.LoadBalancer) {
		return slices.DeleteFunc(slices.Clone(blocks), func(p netip.Prefix) bool { return p.Addr().Is4() })
	}
	both := strings.HasPrefix(e.LoadBalancer.IPAddressType, "dualstack") && len(e.iface.v6) > 0
	return slices.DeleteFunc(slices.Clone(blocks), func(p netip.Prefix) bool { return p.Addr().Is6() && !both })
}

// callingBlocks are the addresses of some blocks that clients have. To an internet-facing
// load balancer, clients with private addresses, and those of its VPC, come with others,
// unless they alone are admitted.
func (d *worker) callingBlocks(e *Entry, blocks []netip.Prefix) []netip.Prefix {
	blocks = e.spoken(blocks)
	if e.LoadBalancer.Scheme != model.InternetFacing {
		return blocks
	}
	public := d.publicOf(e, blocks)
	if len(public) == 0 {
		return blocks
	}
	return public
}

// publicOf are the addresses of some blocks that clients on the internet have.
func (d *worker) publicOf(e *Entry, blocks []netip.Prefix) []netip.Prefix {
	public := minus(blocks, notPublic)
	if vpc, missing := d.ix.VPC(e.iface.vpc); missing == nil {
		public = minus(public, vpc.CIDRs)
	}
	for _, s := range e.iface.subnets { // where the VPC was not read
		public = minus(public, s.CIDRs)
	}
	return public
}

// share is how many of some clients pass.
type share int

const (
	none share = iota
	unsure
	some
	all
)

// passACL says whether clients pass the ACL of a node's subnet: some of them, where they
// may be anywhere in their addresses; all of them, where it is not known where they are.
func (e *Entry) passACL(acl *model.NetworkACL, node *model.Subnet, set *clientSet) Access {
	least, most := e.passShares(acl, node, set)
	switch {
	case least == all, most >= some && set.unplaced == nil:
		return Allowed
	case most == none:
		return Blocked
	}
	return AccessUnknown
}

// passShares are the least and the most of what passes of the blocks of clients.
func (e *Entry) passShares(acl *model.NetworkACL, node *model.Subnet, set *clientSet) (least, most share) {
	least = all
	for _, block := range set.blocks {
		pass := none
		for _, protocol := range set.transports {
			pass = max(pass, e.passBlock(acl, node, protocol, block))
		}
		most, least = max(most, pass), min(least, pass)
	}
	if len(set.blocks) == 0 {
		least = none
	}
	return least, most
}

// passBlock says how many clients with addresses of a block pass an ACL.
func (e *Entry) passBlock(acl *model.NetworkACL, node *model.Subnet, protocol string, block netip.Prefix) share {
	if slices.ContainsFunc(node.CIDRs, func(p netip.Prefix) bool { return contains(p, block) }) {
		return all
	}
	pass := passBothWays(acl, protocol, e.Listener.Port, block)
	if pass == none && slices.ContainsFunc(node.CIDRs, block.Overlaps) {
		return unsure // they may be in the node's own subnet
	}
	return pass
}

// passBothWays says how many addresses of a block an ACL lets in on a port, and the
// answers out. Where most of the clients' ports get no answer, and others do, it is unsure.
func passBothWays(acl *model.NetworkACL, protocol string, port int, block netip.Prefix) share {
	in := through(aclEntries(acl, false, protocol), []netip.Prefix{block}, port)
	answers := aclEntries(acl, true, protocol)
	left := in
	for _, port := range segments(answers, mostClientPorts) {
		left = through(answers, left, port)
	}
	gets := func(port int) bool { return len(through(answers, in, port)) > 0 }
	switch {
	case len(left) > 0 && covers(left, block):
		return all
	case len(left) > 0:
		return some
	case slices.ContainsFunc(segments(answers, clientPorts), gets):
		return unsure
	}
	return none
}

// through are the addresses that the entries of an ACL, which are in order, let pass on a
// port.
func through(entries []*model.NetworkACLEntry, peer []netip.Prefix, port int) []netip.Prefix {
	var out []netip.Prefix
	eachDeciding(entries, peer, port, func(e *model.NetworkACLEntry, open []netip.Prefix) {
		if e.Allow {
			out = append(out, within(open, e.CIDR)...)
		}
	})
	return out
}

// within are the parts of some blocks that another one has: of two blocks that overlap one
// is inside the other.
func within(blocks []netip.Prefix, cut netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range blocks {
		switch {
		case contains(cut, p):
			out = append(out, p)
		case cut.Overlaps(p):
			out = append(out, cut)
		}
	}
	return out
}

// covers tells whether some blocks, none of which overlap, are all of another one.
func covers(blocks []netip.Prefix, whole netip.Prefix) bool {
	return len(minus([]netip.Prefix{whole}, blocks)) == 0
}

// minus are the parts of some blocks that none of others has.
func minus(blocks, others []netip.Prefix) []netip.Prefix {
	for _, p := range others {
		blocks, _ = subtract(blocks, p)
	}
	return blocks
}

// refusal says by which entry an ACL refuses the clients: the request, or the answer.
func (e *Entry) refusal(acl *model.NetworkACL, node *model.Subnet, sets []clientSet) string {
	for i := range sets {
		if len(sets[i].blocks) == 0 {
			continue
		}
		for _, protocol := range sets[i].transports {
			leg := aclLeg{acl: acl, peer: sets[i].blocks, ports: portSpan{e.Listener.Port, e.Listener.Port}}
			leg.what = "requests of clients into " + node.ID
			access, entry := passes(acl, false, protocol, leg.peer, leg.ports)
			if access == Allowed {
				leg.what, leg.ports = "answers to clients out of "+node.ID, mostClientPorts
				access, entry = passes(acl, true, protocol, leg.peer, leg.ports)
			}
			if access != Allowed {
				return leg.refusal(protocol, entry)
			}
		}
	}
	return "network ACL " + acl.ID
}
