package rule_test

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// The oracle of whole ways: it sends packets through a drawn account one by one, by the
// tables that AWS publishes and by nothing of the code that is judged. Rules and subnets
// cut the addresses into pieces within which all packets fare alike: one of each piece
// is enough to have tried them all.

// network is an account as packets see it.
type network struct {
	*model.Snapshot
	// addresses are one of each piece, of IPv4.
	addresses []netip.Addr
}

// end is one end of a connection. It has no subnet where it is somewhere else.
type end struct {
	addr   netip.Addr
	groups []string
	subnet *model.Subnet
}

func newNetwork(s *model.Snapshot) *network {
	n := &network{Snapshot: s}
	add := func(all ...netip.Prefix) {
		for _, p := range all {
			if !p.Addr().Is4() {
				continue
			}
			last := p.Addr().As4()
			for i := range last {
				host := max(0, min(8, 8*(i+1)-p.Bits()))
				last[i] |= byte(1<<host - 1)
			}
			n.addresses = append(n.addresses, p.Addr())
			if after := netip.AddrFrom4(last).Next(); after.IsValid() {
				n.addresses = append(n.addresses, after)
			}
		}
	}
	add(netip.MustParsePrefix("0.0.0.0/0"))
	for i := range s.Subnets {
		add(s.Subnets[i].CIDRs...)
	}
	for i := range s.PrefixLists {
		add(s.PrefixLists[i].Entries...)
	}
	for i := range s.NetworkACLs {
		for _, e := range s.NetworkACLs[i].Entries {
			add(e.CIDR)
		}
	}
	for i := range s.SecurityGroups {
		g := &s.SecurityGroups[i]
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			if r.CIDR.IsValid() {
				add(r.CIDR)
			}
		}
	}
	slices.SortFunc(n.addresses, netip.Addr.Compare)
	n.addresses = slices.Compact(n.addresses)
	return n
}

// in are the ends in some subnets.
func (n *network) in(subnets, groups []string) []end {
	var out []end
	for i := range n.Subnets {
		s := &n.Subnets[i]
		for _, a := range n.addresses {
			if slices.Contains(subnets, s.ID) && s.CIDRs[0].Contains(a) {
				out = append(out, end{addr: a, groups: groups, subnet: s})
			}
		}
	}
	return out
}

// grouped tells whether rules of groups are about a packet to or from a peer.
func (n *network) grouped(groups []string, egress bool, protocol string, port int, peer end) bool {
	for i := range n.SecurityGroups {
		g := &n.SecurityGroups[i]
		if !slices.Contains(groups, g.ID) {
			continue
		}
		rules := g.Ingress
		if egress {
			rules = g.Egress
		}
		for _, r := range rules {
			if r.Protocol != model.AllProtocols && (r.Protocol != protocol || port < r.FromPort || r.ToPort < port) {
				continue
			}
			switch {
			case r.Group != nil && slices.Contains(peer.groups, r.Group.ID), r.Group == nil && r.CIDR.Contains(peer.addr):
				return true
			case r.PrefixList != "" && n.listed(r.PrefixList, peer.addr):
				return true
			}
		}
	}
	return false
}

func (n *network) listed(id string, addr netip.Addr) bool {
	return slices.ContainsFunc(n.PrefixLists, func(l model.PrefixList) bool {
		return l.ID == id && slices.ContainsFunc(l.Entries, func(p netip.Prefix) bool { return p.Contains(addr) })
	})
}

// filtered tells whether a subnet's ACL lets a packet pass: the first entry decides.
func (n *network) filtered(subnet string, egress bool, protocol, port int, peer netip.Addr) bool {
	for i := range n.NetworkACLs {
		acl := &n.NetworkACLs[i]
		if !slices.Contains(acl.Subnets, subnet) {
			continue
		}
		var first *model.NetworkACLEntry
		for j := range acl.Entries {
			e := &acl.Entries[j]
			about := e.Protocol == model.AllProtocols ||
				e.Protocol == strconv.Itoa(protocol) && e.FromPort <= port && port <= e.ToPort
			if e.Egress == egress && about && e.CIDR.Contains(peer) && (first == nil || e.Number < first.Number) {
				first = e
			}
		}
		return first != nil && first.Allow
	}
	return true
}

// ephemeral are ports of callers, on both sides of every bound that is drawn.
var ephemeral = []int{1024, 8080, 40000, 65535}

// passes tells whether a packet of the source arrives, and its answer, whatever port the
// source has.
func (n *network) passes(from, to end, protocol string, port int) bool {
	number := map[string]int{"tcp": 6, "udp": 17}[protocol]
	if from.subnet != nil && to.subnet == from.subnet {
		return true
	}
	request := n.filtered(to.subnet.ID, false, number, port, from.addr) &&
		(from.subnet == nil || n.filtered(from.subnet.ID, true, number, port, to.addr))
	return request && !slices.ContainsFunc(ephemeral, func(back int) bool {
		return !n.filtered(to.subnet.ID, true, number, back, from.addr) ||
			from.subnet != nil && !n.filtered(from.subnet.ID, false, number, back, to.addr)
	})
}

// clients are whom a load balancer may be called by: one with each address and without a
// group, and one with each group.
func (n *network) clients() []end {
	clients := make([]end, 0, len(n.addresses)+len(n.SecurityGroups))
	for _, a := range n.addresses {
		clients = append(clients, end{addr: a})
	}
	for i := range n.SecurityGroups {
		clients = append(clients, end{groups: []string{n.SecurityGroups[i].ID}})
	}
	return clients
}

// door tells whether any client gets to a listener, and whether one does that there is.
func (n *network) door(lb *model.LoadBalancer, l *model.Listener) (open, used bool) {
	if len(lb.SecurityGroups) == 0 {
		return true, true
	}
	protocol := "tcp"
	if l.Protocol == "UDP" {
		protocol = "udp"
	}
	for _, c := range n.clients() {
		if n.grouped(lb.SecurityGroups, false, protocol, l.Port, c) {
			open, used = true, used || len(c.groups) == 0 || n.worn(c.groups[0])
		}
	}
	return open, used
}

// entered is what clients whom the groups admit meet at the ACLs of the nodes' subnets, at
// the worst of the nodes: all, where each client passes; none, where not one does; refused,
// where not one from another subnet does.
func (n *network) entered(lb *model.LoadBalancer, l *model.Listener) meeting {
	protocol, number := "tcp", 6
	if l.Protocol == "UDP" {
		protocol, number = "udp", 17
	}
	m := meeting{all: true}
	for i := range n.Subnets {
		node := &n.Subnets[i]
		if !slices.Contains(lb.Subnets, node.ID) {
			continue
		}
		none, refused := true, true
		for _, c := range n.clients() {
			filters := len(lb.SecurityGroups) > 0
			if filters && !n.grouped(lb.SecurityGroups, false, protocol, l.Port, c) || !filters && !c.addr.IsValid() {
				continue
			}
			for _, from := range n.addresses {
				own := node.CIDRs[0].Contains(from)
				if c.addr.IsValid() && c.addr != from || !c.addr.IsValid() && !n.inVPC(from) {
					continue
				}
				public := c.addr.IsValid() && lb.Scheme == model.InternetFacing
				if public && from.IsPrivate() && !n.private(lb, protocol, l.Port, from) {
					continue
				}
				lets := func(back int) bool { return n.filtered(node.ID, true, number, back, from) }
				request := n.filtered(node.ID, false, number, l.Port, from)
				m.all = m.all && (own || request && !slices.ContainsFunc(ephemeral, func(back int) bool { return !lets(back) }))
				none = none && !own && (!request || !lets(ephemeral[2]) || !lets(ephemeral[3]))
				refused = refused && (own || !request || !slices.ContainsFunc(ephemeral, lets))
			}
		}
		m.none, m.refused = m.none || none, m.refused || refused
	}
	return m
}

// private tells whether a group lets a private address in by a rule for private ones alone:
// others are of clients on the internet, who have none.
func (n *network) private(lb *model.LoadBalancer, protocol string, port int, addr netip.Addr) bool {
	only := *n.Snapshot
	only.SecurityGroups = slices.Clone(n.SecurityGroups)
	for i := range only.SecurityGroups {
		g := &only.SecurityGroups[i]
		g.Ingress = slices.DeleteFunc(slices.Clone(g.Ingress), func(r model.SecurityGroupRule) bool {
			return r.CIDR.IsValid() && !r.CIDR.Addr().IsPrivate()
		})
	}
	alone := network{Snapshot: &only, addresses: n.addresses}
	return alone.grouped(lb.SecurityGroups, false, protocol, port, end{addr: addr})
}

// inVPC tells whether an address is in the drawn VPC.
func (n *network) inVPC(addr netip.Addr) bool {
	return slices.ContainsFunc(n.VPCs[0].CIDRs, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// worn tells whether anything has a group.
func (n *network) worn(group string) bool {
	has := func(groups []string) bool { return slices.Contains(groups, group) }
	for i := range n.Services {
		for _, d := range n.Services[i].Deployments {
			switch {
			case d.Network == nil:
			case has(d.Network.SecurityGroups), len(d.Network.SecurityGroups) == 0 && group == "sg-default":
				return true
			}
		}
	}
	return slices.ContainsFunc(n.LoadBalancers, func(lb model.LoadBalancer) bool { return has(lb.SecurityGroups) }) ||
		slices.ContainsFunc(n.NetworkInterfaces, func(i model.NetworkInterface) bool { return has(i.SecurityGroups) }) ||
		slices.ContainsFunc(n.ContainerInstances, func(i model.ContainerInstance) bool {
			return has(i.Network.SecurityGroups)
		})
}

// meeting is what all packets of a way meet together.
type meeting struct {
	all, none bool
	// refused is set where none arrives from one subnet in another.
	refused bool
	// unsure is set where it is not documented what happens to some.
	unsure bool
}

// wayOf sends every packet of a load balancer to the tasks behind a path: from its
// nodes, or, where targets see the clients, from all addresses that there are.
func (n *network) wayOf(p *reach.Path) meeting {
	lb, group, network := p.Facts.LoadBalancer, p.Facts.TargetGroup, p.Facts.Deployment.Network
	port, protocol := p.Target.ContainerPort, "tcp"
	check := p.Source.Kind == reach.SourceHealthCheck
	switch {
	case check && group.HealthCheck.Port != model.TrafficPort:
		port, _ = strconv.Atoi(group.HealthCheck.Port)
	case !check && group.Protocol == "UDP":
		protocol = "udp"
	}
	nodes := n.in(lb.Subnets, lb.SecurityGroups)
	sources, seen := nodes, false
	if !check && lb.Type == model.NetworkLoadBalancer && (protocol == "udp" || group.Attributes.PreserveClientIP) {
		sources, seen = nil, true
		for _, a := range n.addresses {
			sources = append(sources, end{addr: a, groups: lb.SecurityGroups})
		}
	}
	groups := network.SecurityGroups
	if len(groups) == 0 {
		groups = []string{"sg-default"}
	}
	m, arrived := meeting{all: true, none: true}, map[[2]*model.Subnet]bool{}
	for _, to := range n.in(network.Subnets, groups) {
		out := len(lb.SecurityGroups) == 0 || n.grouped(lb.SecurityGroups, true, protocol, port, to)
		for _, from := range sources {
			arrives := out && n.grouped(groups, false, protocol, port, from) && n.passes(from, to, protocol, port)
			m.all, m.none = m.all && arrives, m.none && !arrives
			pair := [2]*model.Subnet{from.subnet, to.subnet}
			arrived[pair] = arrived[pair] || arrives
		}
		// What ACLs make of packets of the nodes that have other addresses is not documented.
		m.unsure = m.unsure || seen && slices.ContainsFunc(nodes, func(node end) bool {
			return !n.passes(node, to, protocol, port)
		})
	}
	for _, some := range arrived {
		m.refused = m.refused || !some
	}
	return m
}

// zonesOf tells whether the load balancer has a node in all zones of the tasks, and
// whether it has one in none.
func (n *network) zonesOf(p *reach.Path) meeting {
	m := meeting{all: true, none: true}
	for i := range n.Subnets {
		for j := range n.Subnets {
			task, node := &n.Subnets[i], &n.Subnets[j]
			if task == node && slices.Contains(p.Facts.Deployment.Network.Subnets, task.ID) {
				has := slices.ContainsFunc(p.Facts.LoadBalancer.Subnets, func(id string) bool {
					return slices.ContainsFunc(n.Subnets, func(s model.Subnet) bool {
						return s.ID == id && s.AvailabilityZone == task.AvailabilityZone
					})
				})
				m.all, m.none = m.all && has, m.none && !has
			}
		}
	}
	return m
}

// faceTheInternet draws which load balancers are internet-facing, and whether the ACL lets
// answers out to the VPC alone.
func faceTheInternet(t *rapid.T, s *model.Snapshot) {
	for i := range s.LoadBalancers {
		s.LoadBalancers[i].Scheme = rapid.SampledFrom([]string{"internal", model.InternetFacing}).Draw(t, "scheme")
	}
	if !rapid.Bool().Draw(t, "answers to the VPC alone") {
		return
	}
	for i := range s.NetworkACLs[0].Entries {
		if e := &s.NetworkACLs[0].Entries[i]; e.Egress && e.Allow {
			e.CIDR = netip.MustParsePrefix("10.0.0.0/16")
		}
	}
}

// Whatever an account looks like: what is said of a load balancer's way is what packets
// say that are sent one by one: at its door, by its zones, and on to the tasks.
func TestLoadBalancersAgreeWithEveryPacket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		faceTheInternet(t, s)
		n := newNetwork(s)
		for _, p := range rule.Analyze(s).Paths {
			known := p.Facts.LoadBalancer != nil && p.Facts.Listener != nil && p.Facts.Front == nil &&
				p.Place.RegisteredPort == 0 && p.Facts.TargetGroup != nil && p.Facts.Deployment.Network != nil &&
				p.Target.ContainerPort != 0
			if !known {
				continue
			}
			if entry := p.Entry(); entry != nil {
				open, used := n.door(p.Facts.LoadBalancer, p.Facts.Listener)
				through := n.entered(p.Facts.LoadBalancer, p.Facts.Listener)
				fits := map[reach.Access]bool{
					reach.Allowed: open && !through.none, reach.Blocked: !open || through.refused,
					reach.AccessUnknown: open && !through.all,
				}[entry.Access]
				found := slices.Contains(p.Findings, "NET205")
				if !fits || found != (entry.Access == reach.Blocked || entry.Access == reach.Allowed && !used) {
					t.Fatalf("%s: clients are %s (%s), NET205 in %v; groups let packets in: %t, of a client that there is: %t; "+
						"ACLs: %+v", p.ID, entry.Access, entry.Why(), p.Findings, open, used, through)
				}
				open = entry.Access != reach.Blocked
				zones := n.zonesOf(p)
				if found := slices.Contains(p.Findings, "NET206"); found == zones.all {
					t.Fatalf("%s: NET206 is %t; nodes in all zones of the tasks: %t", p.ID, found, zones.all)
				}
				if (zones.none || !open) && p.Verdict != reach.Broken {
					t.Fatalf("%s is %s; packets get in: %t; targets get none: %t", p.ID, p.Verdict, open, zones.none)
				}
			}
			switch met, access := n.wayOf(p), p.SourceAccess(); {
			case !met.all && access == reach.Allowed, met.all && access != reach.Allowed && !met.unsure,
				met.unsure && access == reach.Allowed:
				t.Fatalf("%s is %s (%s); all packets arrive: %t, none: %t", p.ID, access, p.Crossing().Why, met.all, met.none)
			case access == reach.Blocked && !met.refused:
				t.Fatalf("%s is %s (%s), and packets arrive between all subnets", p.ID, access, p.Crossing().Why)
			}
		}
	})
}
