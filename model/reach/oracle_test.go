package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
)

// The oracle judges packets one by one, in a universe small enough to try them
// all: 32 addresses in two subnets, and a few ports. The evaluator, which works
// with sets, must agree with it.

var (
	oracleSubnets = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/28"), netip.MustParsePrefix("10.0.0.16/28")}
	oraclePorts   = []int{79, 80, 81, 8080}
)

// genPrefix draws a prefix in or around the universe.
func genPrefix(t *rapid.T) netip.Prefix {
	bits := rapid.SampledFrom([]int{0, 27, 28, 28, 28, 28, 29, 32}).Draw(t, "bits")
	last := byte(rapid.IntRange(0, 40).Draw(t, "last"))
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, last}), bits).Masked()
}

func genSpan(t *rapid.T) (first, last int) {
	first = rapid.SampledFrom(oraclePorts).Draw(t, "from")
	last = rapid.SampledFrom(oraclePorts).Draw(t, "to")
	return min(first, last), max(first, last)
}

func genProtocol(t *rapid.T) string {
	return rapid.SampledFrom([]string{"tcp", "6", "udp", model.AllProtocols, model.AllProtocols}).Draw(t, "protocol")
}

func genRule(t *rapid.T) model.SecurityGroupRule {
	r := model.SecurityGroupRule{Protocol: genProtocol(t)}
	r.FromPort, r.ToPort = genSpan(t)
	switch rapid.IntRange(0, 4).Draw(t, "peer") {
	case 0:
		r.Group = &model.GroupReference{ID: rapid.SampledFrom([]string{"sg-1", "sg-2", "sg-3"}).Draw(t, "group")}
	case 1:
		r.PrefixList = rapid.SampledFrom([]string{"pl-1", "pl-2"}).Draw(t, "list")
	default:
		r.CIDR = genPrefix(t)
	}
	return r
}

// oracleCase is one question with the facts behind it.
type oracleCase struct {
	own, peer *netInterface
	lists     []model.PrefixList
	port      int
}

func genGroups(t *rapid.T) oracleCase {
	c := oracleCase{own: &netInterface{}, peer: &netInterface{}}
	for i := range rapid.IntRange(0, 2).Draw(t, "groups") {
		id := fmt.Sprintf("sg-own-%d", i)
		c.own.groups = append(c.own.groups, &model.SecurityGroup{
			ID: id, Ingress: rapid.SliceOfN(rapid.Custom(genRule), 0, 4).Draw(t, "rules"),
		})
		c.own.groupIDs = append(c.own.groupIDs, id)
	}
	c.peer.groupIDs = rapid.SampledFrom([][]string{{"sg-1"}, {"sg-1", "sg-2"}, {"sg-9"}}).Draw(t, "peer groups")
	c.peer.v4 = rapid.SampledFrom([][]netip.Prefix{oracleSubnets[:1], oracleSubnets}).Draw(t, "peer subnets")
	for _, id := range []string{"pl-1", "pl-2"} {
		c.lists = append(c.lists, model.PrefixList{ID: id, Entries: rapid.SliceOfN(rapid.Custom(genPrefix), 1, 3).
			Draw(t, id)})
	}
	c.port = rapid.SampledFrom(oraclePorts).Draw(t, "port")
	return c
}

// admitsPacket is the oracle for groups: does any rule admit this address?
func (c oracleCase) admitsPacket(addr netip.Addr) bool {
	for _, g := range c.own.groups {
		for _, r := range g.Ingress {
			tcp := r.Protocol == "tcp" || r.Protocol == "6"
			about := r.Protocol == model.AllProtocols || tcp && r.FromPort <= c.port && c.port <= r.ToPort
			if !about {
				continue
			}
			switch {
			case r.Group != nil:
				if slices.Contains(c.peer.groupIDs, r.Group.ID) {
					return true
				}
			case r.PrefixList != "":
				for _, l := range c.lists {
					if l.ID == r.PrefixList && slices.ContainsFunc(l.Entries, func(p netip.Prefix) bool { return p.Contains(addr) }) {
						return true
					}
				}
			case r.CIDR.Contains(addr):
				return true
			}
		}
	}
	return false
}

// outcomeOf folds the answers for all addresses: all, none, or some.
func outcomeOf(prefixes []netip.Prefix, admitted func(netip.Addr) bool) Access {
	yes, no := 0, 0
	for _, p := range prefixes {
		for a := p.Addr(); p.Contains(a); a = a.Next() {
			if admitted(a) {
				yes++
			} else {
				no++
			}
		}
	}
	switch {
	case no == 0:
		return Allowed
	case yes == 0:
		return Blocked
	}
	return AccessUnknown
}

func TestGroupsAgreeWithEveryPacket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := genGroups(t)
		d := NewDeriver(model.NewIndex(&model.Snapshot{PrefixLists: c.lists})).worker()
		got := d.admits(ingress, c.own, c.peer, flow{protocol: tcp, ports: portSpan{c.port, c.port}})
		if want := outcomeOf(c.peer.v4, c.admitsPacket); got.access != want {
			t.Fatalf("got %s (%s), every packet says %s", got.access, got.note, want)
		}
	})
}

func TestAddingAnIngressRuleNeverRefuses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := genGroups(t)
		d := NewDeriver(model.NewIndex(&model.Snapshot{PrefixLists: c.lists})).worker()
		f := flow{protocol: tcp, ports: portSpan{c.port, c.port}}
		before := d.admits(ingress, c.own, c.peer, f).access
		if len(c.own.groups) == 0 {
			c.own.groups, c.own.groupIDs = []*model.SecurityGroup{{ID: "sg-own"}}, []string{"sg-own"}
		}
		g := c.own.groups[0]
		at := rapid.IntRange(0, len(g.Ingress)).Draw(t, "position")
		g.Ingress = slices.Insert(slices.Clone(g.Ingress), at, genRule(t))
		after := d.admits(ingress, c.own, c.peer, f).access
		if before == Allowed && after != Allowed || before == AccessUnknown && after == Blocked {
			t.Fatalf("adding a rule turned %s into %s", before, after)
		}
	})
}

func genEntry(t *rapid.T) model.NetworkACLEntry {
	e := model.NetworkACLEntry{
		Number: rapid.IntRange(1, 5).Draw(t, "number"), Allow: rapid.Bool().Draw(t, "allow"),
		Protocol: rapid.SampledFrom([]string{"6", "17", model.AllProtocols}).Draw(t, "protocol"), CIDR: genPrefix(t),
	}
	e.FromPort, e.ToPort = genSpan(t)
	return e
}

func TestNetworkACLsAgreeWithEveryPacket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfNDistinct(rapid.Custom(genEntry), 0, 5, func(e model.NetworkACLEntry) int {
			return e.Number
		}).Draw(t, "entries")
		acl := &model.NetworkACL{Entries: entries}
		peer := oracleSubnets[rapid.IntRange(0, 1).Draw(t, "subnet")]
		first, last := genSpan(t)
		got, why := passes(acl, false, tcp, []netip.Prefix{peer}, portSpan{first, last})

		inOrder := slices.SortedFunc(slices.Values(entries), func(a, b model.NetworkACLEntry) int {
			return a.Number - b.Number
		})
		want := Access("")
		for port := first; port <= last; port++ {
			at := outcomeOf([]netip.Prefix{peer}, func(a netip.Addr) bool { return passesPacket(inOrder, a, port) })
			if want == "" {
				want = at
			} else if want != at {
				want = AccessUnknown
				break
			}
		}
		if got != want {
			t.Fatalf("got %s (%s), every packet says %s", got, why, want)
		}
	})
}

// passesPacket is the oracle for ACLs: the first entry that matches decides.
func passesPacket(inOrder []model.NetworkACLEntry, addr netip.Addr, port int) bool {
	for _, e := range inOrder {
		all := e.Protocol == model.AllProtocols
		if (all || e.Protocol == "6" && e.FromPort <= port && port <= e.ToPort) && e.CIDR.Contains(addr) {
			return e.Allow
		}
	}
	return false
}
