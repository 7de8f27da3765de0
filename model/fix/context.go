package fix

import (
	"cmp"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// context is what plans for one service are made from.
type context struct {
	snapshot *model.Snapshot
	ix       *model.Index
	service  *model.Service
	// findings are those of the service, paths all paths into it.
	findings []*rule.Finding
	paths    []*reach.Path
	// users counts the services that have a security group.
	users map[string]int
}

// plan starts a plan.
func (c *context) plan(kind Kind, title string) *Plan {
	return &Plan{
		ID: string(kind) + "/" + c.service.Ref().String(), Kind: kind, Title: title,
		Account: c.snapshot.Scope.Account, Region: c.snapshot.Scope.Region, Service: c.service.Ref(),
		Owner: OwnerOf(c.service), Codes: []string{}, Steps: []Step{}, Block: c.block(),
	}
}

// block is the primary deployment's Service Connect block, or nil.
func (c *context) block() *model.ServiceConnect {
	if p := c.service.Primary(); p != nil {
		return p.ServiceConnect
	}
	return nil
}

// pathsOf are the paths that a finding is about.
func (c *context) pathsOf(f *rule.Finding) []*reach.Path {
	ids := f.Paths
	if len(ids) == 0 {
		ids = []string{f.Path}
	}
	var out []*reach.Path
	for _, p := range c.paths {
		if slices.Contains(ids, p.ID) {
			out = append(out, p)
		}
	}
	return out
}

// callersOf are the Service Connect paths to the endpoints of a container port.
func (c *context) callersOf(containerPort int) []*reach.Path {
	var out []*reach.Path
	for _, p := range c.paths {
		if p.Source.Kind == reach.SourceServiceConnect && p.Target.ContainerPort == containerPort {
			out = append(out, p)
		}
	}
	return out
}

// groupsOf are the security groups of a caller's tasks.
func (c *context) groupsOf(ref model.Ref) []string {
	s := c.ix.Service(ref)
	if s == nil || s.Primary() == nil {
		return nil
	}
	if n := s.Primary().Network; n != nil {
		return n.SecurityGroups
	}
	var out []string
	for i := range c.snapshot.ContainerInstances {
		if instance := &c.snapshot.ContainerInstances[i]; instance.Cluster == s.Cluster && instance.Network != nil {
			out = append(out, instance.Network.SecurityGroups...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sourcesOf are groups that together stand for all sources of a path, so that a
// rule for each admits them and as little else as can be: the groups that rules of
// the target name already, then for each caller the group that the fewest services
// share. Sources without a group are their addresses.
func (c *context) sourcesOf(p *reach.Path) []peer {
	if lb := p.Facts.LoadBalancer; lb != nil {
		return c.loadBalancerSources(lb)
	}
	named := c.namedGroups()
	var out []peer
	covered := func(groups []string) bool {
		return slices.ContainsFunc(out, func(o peer) bool { return slices.Contains(groups, o.group) })
	}
	for ref := range p.Source.Services.All() {
		groups := c.groupsOf(ref)
		if len(groups) == 0 || covered(groups) {
			continue
		}
		best := slices.MinFunc(groups, func(a, b string) int {
			return cmp.Or(cmp.Compare(rank(named[a]), rank(named[b])), cmp.Compare(c.users[a], c.users[b]), cmp.Compare(a, b))
		})
		out = append(out, peer{group: best})
	}
	slices.SortFunc(out, func(a, b peer) int { return cmp.Compare(a.group, b.group) })
	return out
}

func rank(named bool) int {
	if named {
		return 0
	}
	return 1
}

// namedGroups are the groups that ingress rules of the service's groups name.
func (c *context) namedGroups() map[string]bool {
	named := map[string]bool{}
	for _, id := range c.groupsOf(c.service.Ref()) {
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

// loadBalancerSources are a load balancer's groups, or its subnets' addresses when
// it has none.
func (c *context) loadBalancerSources(lb *model.LoadBalancer) []peer {
	if len(lb.SecurityGroups) > 0 {
		return []peer{{group: slices.MinFunc(lb.SecurityGroups, func(a, b string) int {
			return cmp.Or(cmp.Compare(c.users[a], c.users[b]), cmp.Compare(a, b))
		})}}
	}
	var out []peer
	for _, id := range lb.Subnets {
		subnet, missing := c.ix.Subnet(id)
		if missing != nil {
			continue
		}
		for _, cidr := range subnet.CIDRs {
			out = append(out, peer{rest: model.SecurityGroupRule{CIDR: cidr}})
		}
	}
	return out
}
