package collect

import (
	"context"
	"maps"
	"slices"

	"hopscope/model"
)

const (
	// maxExtraCalls are the calls to ELB that may be spent on attributes of load
	// balancers, and on load balancers in front of load balancers, when not everything
	// is to be read. The account's bucket of 40 is Terraform's and the console's too.
	maxExtraCalls = 30
	// callsPerNestedGroup are the calls that a group of load balancers may cost:
	// its targets, and the listeners and rules of the load balancer before it.
	callsPerNestedGroup = 3
)

// targets reads what only rules and rarer ways into a task need of load balancing:
// registered targets, attributes, and load balancers in front of load balancers.
// It starts behind the core, which never waits for it.
type targets struct {
	*run

	network   *network
	balancing *loadBalancing

	attention *attention
	// opened is set when the core has been read.
	opened bool
	// fresh are target groups that were shown since follow was last called.
	fresh []model.ARN
	// asked are the target groups whose targets were asked for, and known is what
	// they are. A group may be shown after its targets are known.
	asked set
	known map[model.ARN]*model.TargetHealth
	// counted is what CloudWatch knows of groups whose targets were not asked for.
	counted map[model.ARN]*model.HostCounts
}

func newTargets(r *run, n *network, look *attention) *targets {
	return &targets{
		run: r, network: n, attention: look, asked: make(set),
		known: make(map[model.ARN]*model.TargetHealth), counted: make(map[model.ARN]*model.HostCounts),
	}
}

// read starts when the core has been read.
func (c *targets) read(ctx context.Context) {
	action := model.DescribeTargetHealth
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		c.mu.Lock()
		balancers, nested := c.connectedBalancersLocked(), c.nestedGroupsLocked()
		c.opened = true
		calls := len(balancers) + len(c.fresh) + callsPerNestedGroup*len(nested)
		if calls > maxExtraCalls && !c.options.Everything {
			balancers, nested = nil, nil
		}
		c.mu.Unlock()
		for _, arn := range balancers {
			c.startFor(ctx, model.DescribeLoadBalancerAttributes, arn, c.describeLoadBalancerAttributes)
		}
		for _, arn := range nested {
			c.readHealth(ctx, arn)
		}
		c.balancing.follow(ctx)
	})
}

// follow starts what has become possible behind the core: the load balancers that
// were found there, with their security groups, and targets and attributes of
// target groups that are new.
func (c *targets) follow(ctx context.Context, balancers []model.ARN) {
	c.mu.Lock()
	if !c.opened {
		c.mu.Unlock()
		return
	}
	balancers = slices.DeleteFunc(slices.Clone(balancers), func(arn model.ARN) bool {
		_, seen := c.balancing.balancers.seen[arn]
		return seen
	})
	groups := c.fresh
	c.fresh = nil
	late := c.network.anyUnaskedLocked()
	c.mu.Unlock()

	c.startBatches(ctx, model.DescribeLoadBalancers, balancers, func(ctx context.Context, batch []string) error {
		err := c.balancing.describeLoadBalancers(ctx, batch)
		c.balancing.follow(ctx)
		return err
	})
	if late {
		c.network.readLate(ctx)
	}
	for _, arn := range groups {
		c.readTargetGroupAttributes(ctx, arn)
	}
	c.readHealthOf(ctx, groups)
}

// nestedGroupsLocked are the target groups whose targets are load balancers,
// sorted, as far as pages of the region held them. No service names them.
func (c *targets) nestedGroupsLocked() []model.ARN {
	var arns []model.ARN
	for arn, row := range c.balancing.groups.seen {
		if row.TargetType == loadBalancerTarget && c.rows.targetGroups.get(arn) == nil {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

// connectedBalancersLocked are the application load balancers in front of services
// that offer endpoints in Service Connect, sorted: their idle timeouts and the
// agents' go together.
func (c *targets) connectedBalancersLocked() []model.ARN {
	found := make(set)
	for _, arn := range c.connectedGroupsLocked() {
		group := c.rows.targetGroups.get(arn)
		if group == nil {
			continue
		}
		for _, arn := range group.LoadBalancers {
			if row := c.rows.loadBalancers.get(arn); row != nil && row.Type == model.ApplicationLoadBalancer {
				found[arn] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// connectedGroupsLocked are the target groups of services that offer endpoints in
// Service Connect.
func (c *targets) connectedGroupsLocked() []model.ARN {
	var arns []model.ARN
	connected := make(set)
	for _, s := range c.rows.services.order {
		if !anyOffersEndpoints(s) {
			continue
		}
		connected[s.ARN] = true
		for _, l := range s.LoadBalancers {
			arns = append(arns, l.TargetGroupARN, l.AlternateTargetGroupARN)
		}
	}
	for _, r := range c.rows.revisions.order {
		if connected[r.ServiceARN] {
			arns = append(arns, r.TargetGroupARNs()...)
		}
	}
	return arns
}
