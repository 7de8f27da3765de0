package collect

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// loadBalancing reads the target groups that services name, the load balancers in
// front of them, and their listeners and rules.
type loadBalancing struct {
	*run

	network *network
	targets *targets

	groups    regional[model.TargetGroup]
	balancers regional[model.LoadBalancer]
	// unread are load balancers whose listeners have not been started.
	unread []model.ARN
}

func newLoadBalancing(r *run, n *network, t *targets) *loadBalancing {
	return &loadBalancing{
		run: r, network: n, targets: t,
		groups: newRegional[model.TargetGroup](), balancers: newRegional[model.LoadBalancer](),
	}
}

// read starts the reading of target groups and load balancers.
func (c *loadBalancing) read(ctx context.Context) {
	groups := listing{
		run:    c.run,
		action: model.DescribeTargetGroups,
		after:  aws.OperationOf(model.DescribeTargetGroups).After,
		// A load balancer in front of another one is found by its group alone.
		whole:        c.options.Everything,
		page:         c.pageTargetGroups,
		byARN:        c.describeTargetGroups,
		unseenLocked: c.groups.unseen,
	}
	groups.read(ctx, nil)
	balancers := listing{
		run:          c.run,
		action:       model.DescribeLoadBalancers,
		after:        []model.Action{model.DescribeTargetGroups},
		page:         c.pageLoadBalancers,
		byARN:        c.describeLoadBalancers,
		unseenLocked: c.balancers.unseen,
	}
	balancers.read(ctx, nil)
}

func (c *loadBalancing) pageTargetGroups(ctx context.Context, marker *string) (*string, error) {
	out, err := c.session.ELB.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{
		Marker: marker, PageSize: aws.PageSize(model.DescribeTargetGroups),
	})
	if err != nil {
		return nil, err
	}
	c.addTargetGroups(ctx, out)
	return nonEmpty(out.NextMarker), nil
}

func (c *loadBalancing) describeTargetGroups(ctx context.Context, arns []model.ARN) error {
	out, err := c.session.ELB.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: arns})
	if err != nil {
		return err
	}
	c.addTargetGroups(ctx, out)
	return nil
}

// addTargetGroups shows the target groups that services name, and remembers the
// others in case that a service yet to be read names them.
func (c *loadBalancing) addTargetGroups(ctx context.Context, out *elb.DescribeTargetGroupsOutput) {
	c.update(func() {
		for i := range out.TargetGroups {
			row := convert.TargetGroup(&out.TargetGroups[i])
			c.groups.seen[row.ARN] = row
			if c.groups.named[row.ARN] {
				c.showTargetGroupLocked(row)
			}
		}
	})
	c.follow(ctx)
}

// nameGroupsLocked notes the target groups of a service.
func (c *loadBalancing) nameGroupsLocked(all []model.ServiceLoadBalancer) {
	for _, l := range all {
		c.nameGroupLocked(l.TargetGroupARN)
		c.nameGroupLocked(l.AlternateTargetGroupARN)
	}
}

// nameGroupLocked notes that a target group is named.
func (c *loadBalancing) nameGroupLocked(arn model.ARN) {
	if arn == "" || c.groups.named[arn] {
		return
	}
	c.groups.named[arn] = true
	if row, ok := c.groups.seen[arn]; ok {
		c.showTargetGroupLocked(row)
	}
}

// showTargetGroupLocked adds a target group to the rows and notes its load
// balancers.
func (c *loadBalancing) showTargetGroupLocked(row model.TargetGroup) {
	if c.rows.targetGroups.get(row.ARN) == nil {
		c.targets.fresh = append(c.targets.fresh, row.ARN)
	}
	row.Health, row.HostCounts = c.targets.known[row.ARN], c.targets.counted[row.ARN]
	c.rows.targetGroups.put(row)
	c.network.nameVPCLocked(row.VPC)
	for _, arn := range row.LoadBalancers {
		c.nameBalancerLocked(arn)
	}
}

// nameBalancerLocked notes that a load balancer forwards to a service.
func (c *loadBalancing) nameBalancerLocked(arn model.ARN) {
	if arn == "" || c.balancers.named[arn] {
		return
	}
	c.balancers.named[arn] = true
	c.unread = append(c.unread, arn)
	if row, ok := c.balancers.seen[arn]; ok {
		c.showLoadBalancerLocked(row)
	}
}

func (c *loadBalancing) pageLoadBalancers(ctx context.Context, marker *string) (*string, error) {
	out, err := c.session.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{
		Marker: marker, PageSize: aws.PageSize(model.DescribeLoadBalancers),
	})
	if err != nil {
		return nil, err
	}
	c.addLoadBalancers(out)
	return nonEmpty(out.NextMarker), nil
}

func (c *loadBalancing) describeLoadBalancers(ctx context.Context, arns []model.ARN) error {
	out, err := c.session.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerArns: arns})
	if err != nil {
		return err
	}
	c.addLoadBalancers(out)
	return nil
}

func (c *loadBalancing) addLoadBalancers(out *elb.DescribeLoadBalancersOutput) {
	c.update(func() {
		for i := range out.LoadBalancers {
			row := convert.LoadBalancer(&out.LoadBalancers[i])
			c.balancers.seen[row.ARN] = row
			if c.balancers.named[row.ARN] {
				c.showLoadBalancerLocked(row)
			}
		}
	})
}

// showLoadBalancerLocked adds a load balancer to the rows and notes its
// security groups and VPC.
func (c *loadBalancing) showLoadBalancerLocked(row model.LoadBalancer) {
	c.rows.loadBalancers.put(row)
	c.network.nameVPCLocked(row.VPC)
	for _, id := range row.SecurityGroups {
		c.network.named.groups[id] = true
	}
}

// follow starts what has become possible since: the listeners of load balancers
// that were found, and behind the core its extras. The load balancers' ARNs come
// from the target groups, so that a refused DescribeLoadBalancers costs no paths.
func (c *loadBalancing) follow(ctx context.Context) {
	c.mu.Lock()
	arns := c.unread
	c.unread = nil
	c.mu.Unlock()
	c.targets.follow(ctx, arns)
	for _, arn := range arns {
		c.startFor(ctx, model.DescribeListeners, arn, c.describeListeners)
	}
}

// describeListeners reads the listeners of a load balancer and starts their
// rules: those of every listener, since one whose default action is a redirect
// may forward by a rule.
func (c *loadBalancing) describeListeners(ctx context.Context, loadBalancer model.ARN) error {
	pages := elb.NewDescribeListenersPaginator(c.session.ELB, &elb.DescribeListenersInput{
		LoadBalancerArn: &loadBalancer, PageSize: aws.PageSize(model.DescribeListeners),
	})
	return aws.EachPage(ctx, pages, func(page *elb.DescribeListenersOutput) {
		c.update(func() {
			for i := range page.Listeners {
				row := convert.Listener(&page.Listeners[i])
				row.LoadBalancerARN = loadBalancer
				c.rows.listeners.put(row)
				c.nameForwardedLocked(row.DefaultActions)
			}
		})
		c.follow(ctx)
		for _, l := range page.Listeners {
			c.startFor(ctx, model.DescribeRules, awssdk.ToString(l.ListenerArn), c.describeRules)
		}
	})
}

func (c *loadBalancing) describeRules(ctx context.Context, listener model.ARN) error {
	pages := elb.NewDescribeRulesPaginator(c.session.ELB, &elb.DescribeRulesInput{
		ListenerArn: &listener, PageSize: aws.PageSize(model.DescribeRules),
	})
	return aws.EachPage(ctx, pages, func(page *elb.DescribeRulesOutput) {
		c.update(func() {
			for i := range page.Rules {
				row := convert.ListenerRule(&page.Rules[i])
				row.ListenerARN = listener
				c.rows.rules.put(row)
				c.nameForwardedLocked(row.Actions)
			}
		})
		c.follow(ctx)
	})
}

// nameForwardedLocked notes the target groups that an action forwards to, whether
// a service names them or not: a rule may lead to a group without targets.
func (c *loadBalancing) nameForwardedLocked(actions []model.ListenerAction) {
	if !c.options.Everything {
		return
	}
	for i := range actions {
		for _, f := range actions[i].Forward {
			c.nameGroupLocked(f.TargetGroupARN)
		}
	}
}

func (c *loadBalancing) finishLocked() {
	addMissing(c.calls, model.DescribeTargetGroups, c.groups.named, c.rows.targetGroups.rows)
	addMissing(c.calls, model.DescribeLoadBalancers, c.balancers.named, c.rows.loadBalancers.rows)
}
