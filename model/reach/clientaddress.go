package reach

import (
	"net/netip"

	"hopscope/model"
)

// seesClients tells whether targets see the addresses of the clients instead of
// the load balancer's: a target group attribute of network load balancers
// decides, and it is always so for UDP and for load balancers as targets (Elastic
// Load Balancing guide, client IP preservation). Groups are matched by reference
// all the same. Where the attribute is not known, the Missing says so.
func (d *worker) seesClients(lb *model.LoadBalancer, group *model.TargetGroup, protocol string) (bool, *model.Missing) {
	switch {
	case lb.Type != networkLoadBalancer:
		return false, nil
	case protocol == udp, group == nil, group.TargetType == targetTypeALB:
		return true, nil
	}
	attributes, missing := d.ix.TargetGroupAttributes(group)
	if missing != nil {
		return true, missing
	}
	return attributes.PreserveClientIP, nil
}

// withClientAddresses corrects the answer for a network load balancer behind
// which the targets see the clients' addresses, or may: rules by address then
// give an answer only if they are open to all addresses or to none.
func (d *worker) withClientAddresses(c crossing, to *netInterface, f flow, missing *model.Missing) crossing {
	decisions := c.decisions()
	for i := range decisions {
		dec := &decisions[i]
		unsure := false
		switch dec.kind {
		case CheckTargetIngress:
			byGroup := dec.rule != nil && dec.rule.Group != nil
			unsure = !byGroup && !d.sameForAll(to, f)
		case CheckNetworkACL:
			// The nodes' own subnets say nothing about packets with other addresses.
			unsure = dec.access == Allowed && !d.aclsSay(to, f, Allowed) || dec.access == Blocked && !d.aclsSay(to, f, Blocked)
		case CheckSourceEgress, CheckRouting:
		}
		switch {
		case !unsure:
		case missing != nil:
			dec.access, dec.note, dec.missing = AccessUnknown, missing.String(), []model.Missing{*missing}
		default:
			dec.access, dec.missing = AccessUnknown, nil
			dec.note = "the targets see the clients' addresses, which are not known, and the rules do not treat " +
				"all addresses alike"
		}
	}
	return combine(decisions...)
}

// sameForAll tells whether the groups treat all addresses alike: one rule admits
// every address, or no rule admits any. A rule for a group is not about addresses: it
// never admits a client that comes through the load balancer (Elastic Load Balancing
// guide, target security groups of network load balancers).
func (d *worker) sameForAll(to *netInterface, f flow) bool {
	some := false
	for _, g := range to.groups {
		for i := range g.Ingress {
			r := &g.Ingress[i]
			all, part := f.covers(r)
			if !part || r.Group != nil {
				continue
			}
			addresses := []netip.Prefix{r.CIDR}
			if r.PrefixList != "" {
				list, missing := d.ix.PrefixList(r.PrefixList)
				if missing != nil {
					some = true
					continue
				}
				addresses = list.Entries
			}
			for _, a := range addresses {
				if a.Addr().Is4() == f.v6 {
					continue // of the other family
				}
				if some = true; all && a.Bits() == 0 {
					return true
				}
			}
		}
	}
	return !some && len(to.missingGroups) == 0
}

// aclsSay tells whether the ACLs of the target's subnets say the same of every address:
// all of them let it in and the answers out, or one of them refuses it.
func (d *worker) aclsSay(to *netInterface, f flow, access Access) bool {
	everyone := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	if f.v6 {
		everyone[0] = netip.MustParsePrefix("::/0")
	}
	for _, subnet := range to.subnets {
		acl, missing := d.ix.SubnetACL(subnet.ID)
		if missing != nil {
			return false
		}
		in, _ := passes(acl, false, f.protocol, everyone, f.ports)
		out, _ := passes(acl, true, f.protocol, everyone, loadBalancerEphemeral)
		switch of := worseAccess(in, out); {
		case of == Blocked && access == Blocked:
			return true
		case of != Allowed && access == Allowed:
			return false
		}
	}
	return access == Allowed
}
