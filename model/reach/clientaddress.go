package reach

import (
	"net/netip"
	"slices"

	"hopscope/model"
)

// seesClients tells whether targets may see the addresses of the clients instead
// of the load balancer's: a target group attribute of network load balancers
// decides, and always so for UDP (Elastic Load Balancing guide, client IP
// preservation). Groups are matched by reference all the same.
func seesClients(lb *model.LoadBalancer, f flow) bool {
	return lb.Type == networkLoadBalancer && (len(lb.SecurityGroups) == 0 || f.protocol == udp)
}

// withClientAddresses corrects the answer for a network load balancer behind
// which the targets may see the clients' addresses: rules by address then give
// an answer only if they are open to all or to nobody.
func (d *deriver) withClientAddresses(c crossing, to *netInterface, f flow) crossing {
	missing := model.Missing{
		What: "whether the target group preserves client addresses", State: model.NotRead,
		Action: "elasticloadbalancing:DescribeTargetGroupAttributes",
	}
	decisions := slices.Clone(c.decisions)
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
		if unsure {
			dec.access, dec.note, dec.missing = AccessUnknown, missing.String(), []model.Missing{missing}
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
			if all && r.CIDR.IsValid() && r.CIDR.Bits() == 0 && r.CIDR.Addr().Is4() != f.v6 {
				return true
			}
		}
	}
	return !some && len(to.missingGroups) == 0
}

// aclsOpen tells whether the ACLs of the target's subnets let every address in
// and the answers out.
func (d *deriver) aclsOpen(to *netInterface, f flow) bool {
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
