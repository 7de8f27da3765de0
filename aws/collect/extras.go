package collect

import (
	"context"
	"maps"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/model"
)

const (
	// maxExtraCalls are the calls to ELB that may be spent on what only rules
	// need when not everything is to be read. One target group is one call, and
	// the account's bucket of 40 is Terraform's and the console's too.
	maxExtraCalls = 30
	// callsPerNestedGroup are the calls that a group of load balancers may cost:
	// its targets, and the listeners and rules of the load balancer before it.
	callsPerNestedGroup = 3
)

// extras is what is read behind the core, when nobody waits for it any more.
type extras struct {
	// open is set when the core has been read.
	open bool
	// health tells that targets are read, and attributes of load balancers:
	// everything is, or few calls suffice.
	health bool
	// asked are the target groups whose targets were asked for, and targets is
	// what they are. A group may be shown after its targets are known.
	asked   map[model.ARN]bool
	targets map[model.ARN]*model.TargetHealth
	// tasksOf are the clusters whose tasks were asked for.
	tasksOf map[string]bool
}

// readExtras starts what is read behind the core.
func (c *collection) readExtras(ctx context.Context) {
	action := model.DescribeTargetHealth
	c.when(ctx, action, c.settled(aws.OperationOf(action).After...), func(ctx context.Context) {
		p := c.picture
		p.mu.Lock()
		balancers, nested := p.meshedBalancersLocked(), p.nestedGroupsLocked()
		p.extras.open = true
		p.extras.health = c.options.Everything ||
			len(balancers)+len(p.wanted.fresh)+callsPerNestedGroup*len(nested) <= maxExtraCalls
		if !p.extras.health {
			balancers, nested = nil, nil
		}
		p.mu.Unlock()
		for _, arn := range balancers {
			c.readLoadBalancerAttributes(ctx, arn)
		}
		for _, arn := range nested {
			c.readTargets(ctx, arn)
		}
		c.follow(ctx)
	})
}

// followExtras starts what has become possible behind the core: the load
// balancers that were found there, with their security groups, and the extras of
// target groups that are new in the picture.
func (c *collection) followExtras(ctx context.Context, balancers []model.ARN) {
	p := c.picture
	p.mu.Lock()
	if !p.extras.open {
		p.mu.Unlock()
		return
	}
	balancers = slices.DeleteFunc(slices.Clone(balancers), func(arn model.ARN) bool {
		_, seen := p.wanted.seenBalancers[arn]
		return seen
	})
	health, groups := p.extras.health, p.wanted.fresh
	p.wanted.fresh = nil
	fresh := func(id string) bool { return !p.wanted.askedGroups[id] }
	late := slices.ContainsFunc(p.vpcsLocked(), fresh) || slices.ContainsFunc(p.missingGroupsLocked(), fresh)
	p.mu.Unlock()

	for batch := range slices.Chunk(balancers, aws.Batch(model.DescribeLoadBalancers)) {
		c.start(ctx, call{action: model.DescribeLoadBalancers, resources: batch, run: func(ctx context.Context) error {
			err := c.describeLoadBalancers(ctx, batch)
			c.follow(ctx)
			return err
		}})
	}
	if late {
		c.readLateGroups(ctx)
	}
	for _, arn := range groups {
		c.readTargetGroupAttributes(ctx, arn)
		if health {
			c.readTargets(ctx, arn)
		}
	}
}

// readLateGroups reads the security groups, with their prefix lists, that only
// what was found behind the core names.
func (c *collection) readLateGroups(ctx context.Context) {
	c.start(ctx, call{action: model.DescribeSecurityGroups, run: c.readUnaskedGroups})
	c.when(ctx, model.DescribeManagedPrefixLists, c.settled(model.DescribeSecurityGroups), c.readPrefixLists)
}

// nestedGroupsLocked are the target groups whose targets are load balancers,
// sorted, as far as pages of the region held them. No service names them.
func (p *picture) nestedGroupsLocked() []model.ARN {
	var arns []model.ARN
	for arn, row := range p.wanted.seenGroups {
		if row.TargetType == loadBalancerTarget && p.targetGroups.get(arn) == nil {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

// meshedBalancersLocked are the application load balancers in front of services
// that offer endpoints in Service Connect, sorted: their idle timeouts and the
// agents' go together.
func (p *picture) meshedBalancersLocked() []model.ARN {
	found := make(map[model.ARN]bool)
	for _, arn := range p.meshedGroupsLocked() {
		group := p.targetGroups.get(arn)
		if group == nil {
			continue
		}
		for _, arn := range group.LoadBalancers {
			if row := p.loadBalancers.get(arn); row != nil && row.Type == "application" {
				found[arn] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// meshedGroupsLocked are the target groups of services that offer endpoints in
// Service Connect.
func (p *picture) meshedGroupsLocked() []model.ARN {
	var arns []model.ARN
	meshed := make(map[model.ARN]bool)
	for _, s := range p.services.order {
		if !slices.ContainsFunc(s.Deployments, offersEndpoints) {
			continue
		}
		meshed[s.ARN] = true
		for _, l := range s.LoadBalancers {
			arns = append(arns, l.TargetGroupARN, l.AlternateTargetGroupARN)
		}
	}
	for _, r := range p.revisions.order {
		if meshed[r.ServiceARN] {
			arns = append(arns, r.TargetGroupARNs()...)
		}
	}
	return arns
}

// offersEndpoints tells whether a deployment has endpoints in Service Connect.
func offersEndpoints(d model.Deployment) bool {
	return d.ServiceConnect.Active() && len(d.ServiceConnect.Services) > 0
}

// finishExtrasLocked records a gap for what AWS did not give although it
// answered.
func (p *picture) finishExtrasLocked() {
	for _, i := range p.instances.order {
		if i.Network == nil && isInstanceOfEC2(i.InstanceID) {
			p.addAbsentLocked(model.DescribeInstances, i.InstanceID, "")
		}
	}
	for _, name := range p.latticeListsLocked() {
		named := func(l *model.PrefixList) bool { return l.Name == name }
		if !strings.Contains(name, ".ipv6.") && !slices.ContainsFunc(p.prefixLists.order, named) {
			p.addAbsentLocked(model.DescribeManagedPrefixLists, name, "")
		}
	}
}
