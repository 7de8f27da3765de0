package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"go4.org/netipx"

	"hopscope/model"
)

// Network ACLs are stateless: the request must pass out of the source's subnet
// and into the target's, and the answer, which goes to an ephemeral port, must
// pass the other way. They are not asked between interfaces of one subnet.

// aclKey identifies a question to the ACLs of two subnets.
type aclKey struct {
	from, to  string
	f         flow
	ephemeral portSpan
}

// aclAnswer is what the ACLs of two subnets say about a connection.
type aclAnswer struct {
	access   Access
	why      string
	resource string
	missing  *model.Missing
}

// crossACLs asks the ACLs of every pair of subnets. A connection is blocked if
// any pair refuses it, because ECS and load balancers use all subnets.
func (d *worker) crossACLs(from, to *netInterface, f flow) decision {
	dec := decision{kind: CheckNetworkACL, access: Allowed}
	pairs, refused := 0, 0
	for _, a := range from.subnets {
		for _, b := range to.subnets {
			pairs++
			if a.ID == b.ID {
				continue // within a subnet there is no ACL to pass
			}
			ans := d.acls(aclKey{a.ID, b.ID, f, from.ephemeral}, a, b)
			switch ans.access {
			case Blocked:
				refused++
				if dec.access != Blocked {
					dec.access, dec.note, dec.resource = Blocked, ans.why, ans.resource
				}
			case AccessUnknown:
				if dec.access == Allowed {
					dec.access, dec.note, dec.resource = AccessUnknown, ans.why, ans.resource
				}
				if ans.missing != nil {
					dec.missing = append(dec.missing, *ans.missing)
				}
			case Allowed:
			}
		}
	}
	missing := slices.Concat(from.missingSubnets, to.missingSubnets)
	if dec.access == Allowed && len(missing) > 0 {
		dec.access, dec.note, dec.missing = AccessUnknown, missing[0].String(), missing
	}
	if refused > 0 {
		dec.partial = refused < pairs
		dec.note += fmt.Sprintf(" (%d of %d subnet pairs refused)", refused, pairs)
		dec.missing = nil
	}
	return dec
}

// acls answers for one pair of subnets, from memory the second time.
func (d *worker) acls(key aclKey, a, b *model.Subnet) *aclAnswer {
	if ans := d.aclAnswers[key]; ans != nil {
		return ans
	}
	ans := d.askACLs(key, a, b)
	d.aclAnswers[key] = ans
	return ans
}

func (d *worker) askACLs(key aclKey, a, b *model.Subnet) *aclAnswer {
	aclA, missing := d.ix.SubnetACL(a.ID)
	if missing != nil {
		return &aclAnswer{access: AccessUnknown, why: missing.String(), missing: missing}
	}
	aclB, missing := d.ix.SubnetACL(b.ID)
	if missing != nil {
		return &aclAnswer{access: AccessUnknown, why: missing.String(), missing: missing}
	}
	unsure := &aclAnswer{access: Allowed, why: fmt.Sprintf("network ACLs %s and %s let the request and its answer pass",
		aclA.ID, aclB.ID)}
	for _, leg := range aclLegs(&key, aclA, aclB, a, b) {
		access, entry := passes(leg.acl, leg.egress, key.f.protocol, leg.peer, leg.ports)
		switch {
		case access == Blocked:
			return &aclAnswer{access: Blocked, resource: leg.acl.ID, why: leg.refusal(key.f.protocol, entry)}
		case access == AccessUnknown && unsure.access == Allowed:
			unsure = &aclAnswer{access: AccessUnknown, resource: leg.acl.ID, why: fmt.Sprintf(
				"network ACL %s lets only a part of %s on %s %s pass: %s", leg.acl.ID, leg.what, key.f.protocol, leg.ports, entry)}
		}
	}
	return unsure
}

// aclLeg is one of the four times that a connection between two subnets meets an ACL.
type aclLeg struct {
	acl    *model.NetworkACL
	egress bool
	peer   []netip.Prefix
	ports  portSpan
	what   string
}

func aclLegs(key *aclKey, aclA, aclB *model.NetworkACL, a, b *model.Subnet) []aclLeg {
	addrA, addrB := subnetAddresses(a, key.f.v6), subnetAddresses(b, key.f.v6)
	request, answer := key.f.ports, key.ephemeral
	return []aclLeg{
		{aclA, true, addrB, request, "the request out of " + a.ID},
		{aclB, false, addrA, request, "the request into " + b.ID},
		{aclB, true, addrA, answer, "the answer out of " + b.ID},
		{aclA, false, addrB, answer, "the answer into " + a.ID},
	}
}

// refusal says which entry of an ACL refuses a leg.
func (l *aclLeg) refusal(protocol, entry string) string {
	return fmt.Sprintf("network ACL %s refuses %s on %s %s: %s", l.acl.ID, l.what, protocol, l.ports, entry)
}

// String is the port, or the range as first-last.
func (s portSpan) String() string {
	if s.first == s.last {
		return strconv.Itoa(s.first)
	}
	return strconv.Itoa(s.first) + "-" + strconv.Itoa(s.last)
}

func subnetAddresses(n *model.Subnet, v6 bool) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range n.CIDRs {
		if p.Addr().Is4() != v6 {
			out = append(out, p)
		}
	}
	return out
}

// passes evaluates one side of an ACL for all addresses of the peer and all
// ports of the span: allowed or blocked when that holds for every packet,
// unknown when it differs. The text is the entry that decided.
func passes(acl *model.NetworkACL, egress bool, protocol string, peer []netip.Prefix, ports portSpan) (Access, string) {
	entries := aclEntries(acl, egress, protocol)
	result, why := Access(""), ""
	for _, part := range segments(entries, ports) {
		access, entry := passesAt(entries, peer, part)
		switch {
		case result == "":
			result, why = access, entry
		case result != access:
			return AccessUnknown, entry
		}
	}
	return result, why
}

// aclEntries are the entries of one side of an ACL that are about a protocol, in the order
// in which they are tried.
func aclEntries(acl *model.NetworkACL, egress bool, protocol string) []*model.NetworkACLEntry {
	entries := make([]*model.NetworkACLEntry, 0, len(acl.Entries))
	for i := range acl.Entries {
		if e := &acl.Entries[i]; e.Egress == egress && model.CoversProtocol(e.Protocol, protocol) {
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(a, b *model.NetworkACLEntry) int { return cmp.Compare(a.Number, b.Number) })
	return entries
}

// segments cuts the span at the bounds of the entries' ranges, and gives one
// port of each piece: within a piece every port has the same outcome.
func segments(entries []*model.NetworkACLEntry, ports portSpan) []int {
	starts := []int{ports.first}
	for _, e := range entries {
		if e.Protocol == model.AllProtocols {
			continue
		}
		for _, cut := range [...]int{e.FromPort, e.ToPort + 1} {
			if ports.first < cut && cut <= ports.last {
				starts = append(starts, cut)
			}
		}
	}
	slices.Sort(starts)
	return slices.Compact(starts)
}

// eachDeciding tries the entries, in order, for one port: decide gets each one that decides
// about some addresses of the peer, and those that none before has decided about. The rest
// are the addresses that no entry decides about.
func eachDeciding(entries []*model.NetworkACLEntry, peer []netip.Prefix, port int,
	decide func(e *model.NetworkACLEntry, open []netip.Prefix),
) (rest []netip.Prefix) {
	rest = peer
	for _, e := range entries {
		if e.Protocol != model.AllProtocols && (port < e.FromPort || e.ToPort < port) {
			continue
		}
		left, touched := subtract(rest, e.CIDR)
		if !touched {
			continue
		}
		decide(e, rest)
		if rest = left; len(rest) == 0 {
			break
		}
	}
	return rest
}

// passesAt evaluates the entries, in order, for one port.
func passesAt(entries []*model.NetworkACLEntry, peer []netip.Prefix, port int) (Access, string) {
	const refusedByDefault = "no rule matches, and what no rule matches is refused"
	allowed, denied := "", ""
	rest := eachDeciding(entries, peer, port, func(e *model.NetworkACLEntry, _ []netip.Prefix) {
		if e.Allow {
			allowed = e.String()
		} else {
			denied = e.String()
		}
	})
	if len(rest) > 0 {
		denied = refusedByDefault
	}
	switch {
	case denied == "":
		return Allowed, allowed
	case allowed == "":
		return Blocked, denied
	}
	return AccessUnknown, denied
}

// subtract takes a prefix away from a list of prefixes, and tells whether they
// had any address in common.
func subtract(from []netip.Prefix, cut netip.Prefix) (left []netip.Prefix, touched bool) {
	inside := 0
	for _, p := range from {
		touched = touched || cut.Overlaps(p)
		if contains(cut, p) {
			inside++
		}
	}
	switch {
	case !touched:
		return from, false
	case inside == len(from):
		return nil, true
	}
	var b netipx.IPSetBuilder
	for _, p := range from {
		b.AddPrefix(p)
	}
	b.RemovePrefix(cut)
	set, err := b.IPSet()
	if err != nil {
		return from, false // a prefix that is not valid matches nothing
	}
	return set.Prefixes(), true
}
