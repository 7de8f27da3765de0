package reach

import (
	"slices"

	"hopscope/model"
)

// TargetSubnets are the subnets that the tasks behind a load balancer's path can be in,
// or the container instances that run them; and what is not known of them.
func (p *Path) TargetSubnets() ([]*model.Subnet, *model.Missing) {
	a, is := p.way.(*arrival)
	if !is {
		return nil, nil
	}
	if len(a.v.iface.kinds) == 0 {
		return a.v.iface.knownSubnets()
	}
	if a.v.iface.unplaced != nil {
		return nil, a.v.iface.unplaced
	}
	var out []*model.Subnet
	for _, n := range a.v.iface.kinds {
		subnets, missing := n.knownSubnets()
		if missing != nil {
			return nil, missing
		}
		for _, s := range subnets {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// knownSubnets are the subnets of the interface, or why they are not known.
func (n *netInterface) knownSubnets() ([]*model.Subnet, *model.Missing) {
	switch {
	case n.unknown != nil:
		return nil, n.unknown
	case len(n.missingSubnets) > 0:
		return nil, &n.missingSubnets[0]
	}
	return n.subnets, nil
}
