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
			unsure = !byGroup && !sameForAll(to, f)
		case CheckNetworkACL:
			unsure = dec.access == Allowed && !d.aclsOpen(to, f)
		case CheckSourceEgress, CheckRouting:
		}
		switch {
		case !unsure:
		case missing != nil:
			dec.access, dec.note, dec.missing = AccessUnknown, missing.String(), []model.Missing{*missing}
		default:
			dec.access, dec.missing = AccessUnknown, nil
			dec.note = "the targets see the clients' addresses, which are not known, and the rules do not treat all addresses alike"
		}
	}
	return combine(decisions...)
}

// sameForAll tells whether the groups treat all addresses alike: one rule admits
// every address, or no rule is about the flow.
func sameForAll(to *netInterface, f flow) bool {
	some := false
	for _, g := range to.groups {
		for i := range g.Ingress {
			r := &g.Ingress[i]
			all, part := f.covers(r)
			some = some || part
			if all && r.CIDR.Bits() == 0 && r.CIDR.Addr().Is4() != f.v6 {
				return true
			}
		}
	}
	return !some && len(to.missingGroups) == 0
}

// aclsOpen tells whether the ACLs of the target's subnets let every address in
// and the answers out.
func (d *worker) aclsOpen(to *netInterface, f flow) bool {
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
		if in != Allowed || out != Allowed {
			return false
		}
	}
	return true
}
