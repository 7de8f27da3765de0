package planner

import (
	"cmp"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// sourcesOf are groups that together stand for all sources of a path, so that a
// rule for each admits them and as little else as can be: the groups that rules of
// the target name already, then for each caller the group that the fewest services
// share. Sources without a group are their addresses. The second result says whose
// groups are not known.
func sourcesOf(c *situation, p *reach.Path) ([]peer, *model.Missing) {
	if lb := p.Facts.LoadBalancer; lb != nil {
		return loadBalancerSources(c, lb)
	}
	named := namedGroups(c)
	var out []peer
	for ref := range p.Source.Services.All() {
		sets, missing := reach.TaskGroupSets(c.ix, c.ix.Service(ref))
		if missing != nil {
			return nil, missing
		}
		for _, groups := range sets {
			if slices.ContainsFunc(out, func(o peer) bool { return slices.Contains(groups, o.group) }) {
				continue
			}
			best := slices.MinFunc(groups, func(a, b string) int {
				return cmp.Or(cmp.Compare(rank(named[a]), rank(named[b])), compareUsers(c, a, b))
			})
			out = append(out, peer{group: best})
		}
	}
	slices.SortFunc(out, func(a, b peer) int { return cmp.Compare(a.group, b.group) })
	return out, nil
}

// compareUsers puts the group that fewer services share first.
func compareUsers(c *situation, a, b string) int {
	return cmp.Or(cmp.Compare(len(c.holders.Services(a)), len(c.holders.Services(b))), cmp.Compare(a, b))
}

func rank(named bool) int {
	if named {
		return 0
	}
	return 1
}

// namedGroups are the groups that ingress rules of the service's groups name.
func namedGroups(c *situation) map[string]bool {
	named := map[string]bool{}
	for _, id := range reach.TaskGroups(c.ix, c.service) {
		g, missing := c.ix.SecurityGroup(id)
		if missing != nil {
			continue
		}
		for i := range g.Ingress {
			if ref := g.Ingress[i].Group; ref != nil {
				named[ref.ID] = true
			}
		}
	}
	return named
}

// loadBalancerSources are a group of a load balancer, or its subnets' addresses when
// it has none.
func loadBalancerSources(c *situation, lb *model.LoadBalancer) ([]peer, *model.Missing) {
	if len(lb.SecurityGroups) > 0 {
		return []peer{{group: slices.MinFunc(lb.SecurityGroups, func(a, b string) int { return compareUsers(c, a, b) })}}, nil
	}
	var out []peer
	for _, id := range lb.Subnets {
		subnet, missing := c.ix.Subnet(id)
		if missing != nil {
			return nil, missing
		}
		for _, cidr := range subnet.CIDRs {
			out = append(out, peer{rest: model.SecurityGroupRule{CIDR: cidr}})
		}
	}
	return out, nil
}

// groupsToOpen are groups of the service to open for a path: of each kind of interface
// that the tasks of its deployment have, the one that the fewest services share.
func groupsToOpen(c *situation, p *reach.Path) ([]string, *model.Missing) {
	sets, missing := reach.GroupSets(c.ix, c.service, cmp.Or(p.Facts.Deployment, c.service.Primary()))
	if missing != nil {
		return nil, missing
	}
	var out []string
	for _, groups := range sets {
		if slices.ContainsFunc(out, func(id string) bool { return slices.Contains(groups, id) }) {
			continue
		}
		best := slices.MinFunc(groups, func(a, b string) int { return compareUsers(c, a, b) })
		if _, missing := c.ix.SecurityGroup(best); missing != nil {
			return nil, missing
		}
		out = append(out, best)
	}
	return out, nil
}
