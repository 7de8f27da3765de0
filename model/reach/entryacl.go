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
// are admitted pass. Clients in a node's own subnet meet no ACL.

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
	// subnets are those that the clients are in, where that is known; blocks are theirs.
	subnets []string
	// unplaced is the fact without which it is not known which of the addresses are a
	// client's; nil where any may be, or all are.
	unplaced *model.Missing
}

// askEntryACLs takes the network ACLs into account, where the groups admit clients. There
// is a node in each subnet, and the load balancer's name resolves to all of them: if one
// takes no request, a part of the requests is lost.
func (d *worker) askEntryACLs(e *Entry) {
	if d.aclsPassAll(e) {
		return
	}
	sets := d.clientSets(e)
	passed := make([]bool, len(sets))
	missing, refused := slices.Clone(e.iface.missingSubnets), 0
	var unsure string
	var unplaced []model.Missing
	for _, s := range e.iface.subnets {
		acl, unread := d.ix.SubnetACL(s.ID)
		if unread != nil {
			missing = append(missing, *unread)
			continue
		}
		best := Blocked
		for i := range sets {
			access := e.passACL(acl, s, &sets[i])
			passed[i] = passed[i] || access != Blocked
			if access == Allowed || best == Blocked {
				best = access
			}
			if access == AccessUnknown && sets[i].unplaced != nil {
				unplaced = append(unplaced, *sets[i].unplaced)
			}
		}
		switch {
		case best == Blocked && refused == 0:
			e.acl = e.refusal(acl, s, sets)
			refused++
		case best == Blocked:
			refused++
		case best == AccessUnknown && unsure == "":
			unsure = "whether clients pass is not known: " + e.refusal(acl, s, sets)
		}
	}
	switch {
	case refused > 0:
		e.Access, e.Partial, e.Missing = Blocked, refused < len(e.iface.subnets), nil
		e.acl += fmt.Sprintf(" (%d of %d subnets refused)", refused, len(e.iface.subnets))
	case len(missing) > 0:
		e.Access, e.Missing = AccessUnknown, uniqueMissing(slices.Concat(e.Missing, missing))
	case unsure != "":
		e.Access, e.Missing, e.acl = AccessUnknown, uniqueMissing(slices.Concat(e.Missing, unplaced)), unsure
		if len(unplaced) > 0 {
			e.acl += "; " + unplaced[0].String()
		}
	}
	for i := range e.Admitted {
		e.Admitted[i].Refused = len(missing) == 0 && len(e.iface.subnets) > 0 && !passed[i]
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
		return []clientSet{{transports: transports, blocks: e.spoken(AllAddresses())}}
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
			set.blocks = e.spoken([]netip.Prefix{a.Rule.CIDR})
		default:
			list, missing := d.ix.PrefixList(a.Rule.PrefixList)
			if set.blocks, set.unplaced = e.spoken(AllAddresses()), missing; missing == nil {
				set.blocks = e.spoken(list.Entries)
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
		set.unplaced, set.subnets = nil, subnets
		for _, id := range subnets {
			if s, unread := d.ix.Subnet(id); unread == nil {
				set.blocks = append(set.blocks, e.spoken(s.CIDRs)...)
			}
		}
	}
}

// spoken are the blocks of the families that the load balancer speaks.
func (e *Entry) spoken(blocks []netip.Prefix) []netip.Prefix {
	both := strings.HasPrefix(e.LoadBalancer.IPAddressType, "dualstack") && len(e.iface.v6) > 0
	return slices.DeleteFunc(slices.Clone(blocks), func(p netip.Prefix) bool { return p.Addr().Is6() && !both })
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
	case slices.Contains(set.subnets, node.ID), least == all, most >= some && set.unplaced == nil:
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
	internet := block.Bits() == 0 && e.LoadBalancer.Scheme == model.InternetFacing
	if pass == none && !internet && slices.ContainsFunc(node.CIDRs, block.Overlaps) {
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
	for _, e := range entries {
		if e.Protocol != model.AllProtocols && (port < e.FromPort || e.ToPort < port) {
			continue
		}
		left, touched := subtract(peer, e.CIDR)
		if !touched {
			continue
		}
		if e.Allow {
			out = append(out, within(peer, e.CIDR)...)
		}
		peer = left
	}
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
	rest := []netip.Prefix{whole}
	for _, p := range blocks {
		rest, _ = subtract(rest, p)
	}
	return len(rest) == 0
}

// refusal says by which entry an ACL refuses the clients: the request, or the answer.
func (e *Entry) refusal(acl *model.NetworkACL, node *model.Subnet, sets []clientSet) string {
	for i := range sets {
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
