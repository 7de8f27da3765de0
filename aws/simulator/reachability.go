package simulator

import (
	"net"
	"slices"
	"time"
)

// peer is the other end of a way, as the rules of security groups see it.
type peer struct {
	groups    []string // ids
	addresses []string
}

// reaches tells whether the security groups let a load balancer's packets to a
// port of a task at some time. Network ACLs and routes are not looked at.
func (b *ruleBook) reaches(l *loadBalancer, one *task, port int, at time.Time) bool {
	taskGroups := b.groupsOf(one)
	to := peer{addresses: []string{one.address}}
	for _, g := range taskGroups {
		to.groups = append(to.groups, g.id)
	}
	from := peer{groups: l.securityGroups}
	for _, n := range l.nodes {
		from.addresses = append(from.addresses, n.address)
	}
	if !b.admits(taskGroups, false, port, from, at) {
		return false
	}
	if l.Type != "application" && len(l.securityGroups) == 0 {
		return true
	}
	return b.admits(b.effective(l.securityGroups, l.vpc), true, port, to, at)
}

// groupsOf are the security groups of the interface that a task is reached at.
func (b *ruleBook) groupsOf(one *task) []*securityGroup {
	if one.instance != nil {
		return b.effective(one.instance.securityGroups, one.instance.subnet.vpc)
	}
	n := one.of.network
	return b.effective(n.SecurityGroups, b.network.vpcOf(n.Subnets))
}

// admits tells whether any rule of the groups covers tcp on the port at some
// time, for a peer with the groups and all of the addresses.
func (b *ruleBook) admits(groups []*securityGroup, egress bool, port int, other peer, at time.Time) bool {
	for _, g := range groups {
		for _, r := range g.rulesAt(at) {
			if r.egress == egress && r.covers(port) && b.matches(r, other.groups, other.addresses) {
				return true
			}
		}
	}
	return false
}

func (r *groupRule) covers(port int) bool {
	switch r.protocol {
	case allProtocols:
		return true
	case "tcp":
		return r.ports.From <= port && port <= r.ports.To
	}
	return false
}

func (b *ruleBook) matches(r *groupRule, groups, addresses []string) bool {
	var blocks []string
	switch {
	case r.group != nil:
		return slices.Contains(groups, r.group.id)
	case r.prefixList != "":
		if l := b.network.prefixList(r.prefixList); l != nil {
			blocks = l.Entries
		}
	default:
		blocks = []string{r.cidr}
	}
	for _, address := range addresses {
		if !slices.ContainsFunc(blocks, func(block string) bool { return inside(block, address) }) {
			return false
		}
	}
	return len(addresses) > 0
}

// callReaches tells whether the security groups let a caller's packets to a port
// of a server, out and in.
func (b *ruleBook) callReaches(caller, server *deployment, port int, at time.Time) bool {
	from, to := b.end(caller), b.end(server)
	return b.admits(b.groupsOf(caller.tasks[0]), true, port, to, at) && b.admits(
		b.groupsOf(server.tasks[0]), false, port, from, at,
	)
}

// end is what the rules of others see of a deployment.
func (b *ruleBook) end(d *deployment) peer {
	p := peer{}
	for _, g := range b.groupsOf(d.tasks[0]) {
		p.groups = append(p.groups, g.id)
	}
	for _, t := range d.tasks[:min(d.serving(), len(d.tasks))] {
		p.addresses = append(p.addresses, t.address)
	}
	return p
}

// inside tells whether an address is in a block; a malformed one is not.
func inside(cidr, address string) bool {
	_, block, err := net.ParseCIDR(cidr)
	return err == nil && block.Contains(net.ParseIP(address))
}
