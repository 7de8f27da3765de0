package collect

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

const (
	// maxByARN are the resources that are worth asking for by ARN rather than
	// turning another page of the region: two calls of them.
	maxByARN = 2 * 20
	// manyServices are so many that waiting for the last of them, to know what
	// they name, costs more time than turning pages costs calls.
	manyServices = 800
)

// listing reads one family of resources that services name and that AWS lists by
// region: target groups, load balancers. Pages of 400 are 20 times cheaper than
// batches of 20 ARNs; batches win in a region that holds far more than the
// services use (api.md §2.1).
type listing struct {
	action model.Action
	// after are the actions that have ended when all names are known.
	after []model.Action
	// page reads a page of the region. It returns the next page's marker, nil
	// behind the last.
	page func(ctx context.Context, marker *string) (*string, error)
	// byARN reads up to 20 resources.
	byARN func(ctx context.Context, arns []model.ARN) error
	// unseenLocked are the resources that are named and were not read yet.
	unseenLocked func() []model.ARN
	// whole reads every page of the region, whether it is needed or not.
	whole bool
}

// read reads a page and decides how to go on.
func (l listing) read(ctx context.Context, c *collection, marker *string) {
	c.start(ctx, call{action: l.action, run: func(ctx context.Context) error {
		next, err := l.page(ctx, marker)
		switch {
		case err != nil || next == nil:
		case l.whole:
			l.read(ctx, c, next)
		default:
			l.readOn(ctx, c, next)
		}
		return err
	}})
}

// readOn reads what is still unseen: nothing, a few by ARN, or the next page.
func (l listing) readOn(ctx context.Context, c *collection, marker *string) {
	known := c.settled(l.after...)
	ready := func() bool {
		return known() || c.picture.settledLocked(model.ListServices) && c.picture.services.len() > manyServices
	}
	c.when(ctx, l.action, ready, func(ctx context.Context) {
		c.picture.mu.Lock()
		unseen, complete := l.unseenLocked(), known()
		c.picture.mu.Unlock()
		switch {
		case !complete || len(unseen) > maxByARN:
			l.read(ctx, c, marker)
		case len(unseen) > 0:
			for batch := range slices.Chunk(unseen, aws.Batch(l.action)) {
				l.readBatch(ctx, c, batch, marker)
			}
		}
	})
}

// readBatch reads resources by ARN. One that no longer exists fails the whole
// batch; the pages of the region do not mind.
func (l listing) readBatch(ctx context.Context, c *collection, arns []model.ARN, marker *string) {
	c.start(ctx, call{action: l.action, resources: arns, run: func(ctx context.Context) error {
		err := l.byARN(ctx, arns)
		if err != nil && c.account.Classify(l.action, err).State == model.Absent {
			l.read(ctx, c, marker)
			return nil
		}
		return err
	}})
}

// readLoadBalancing starts the reading of target groups and load balancers.
func (c *collection) readLoadBalancing(ctx context.Context) {
	listing{
		action: model.DescribeTargetGroups,
		after:  aws.OperationOf(model.DescribeTargetGroups).After,
		// A load balancer in front of another one is found by its group alone.
		whole: c.options.Everything,
		page:  c.pageTargetGroups,
		byARN: c.describeTargetGroups,
		unseenLocked: func() []model.ARN {
			return unseen(c.picture.wanted.targetGroups, c.picture.wanted.seenGroups)
		},
	}.read(ctx, c, nil)
	listing{
		action: model.DescribeLoadBalancers,
		after:  []model.Action{model.DescribeTargetGroups},
		page:   c.pageLoadBalancers,
		byARN:  c.describeLoadBalancers,
		unseenLocked: func() []model.ARN {
			return unseen(c.picture.wanted.loadBalancers, c.picture.wanted.seenBalancers)
		},
	}.read(ctx, c, nil)
}

// unseen are the wanted keys that were not seen, sorted.
func unseen[T any](wanted map[model.ARN]bool, seen map[model.ARN]T) []model.ARN {
	var arns []model.ARN
	for arn := range wanted {
		if _, ok := seen[arn]; !ok {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

func (c *collection) pageTargetGroups(ctx context.Context, marker *string) (*string, error) {
	out, err := c.session.ELB.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{
		Marker: marker, PageSize: aws.PageSize(model.DescribeTargetGroups),
	})
	if err != nil {
		return nil, err
	}
	c.addTargetGroups(ctx, out)
	return nonEmpty(out.NextMarker), nil
}

func (c *collection) describeTargetGroups(ctx context.Context, arns []model.ARN) error {
	out, err := c.session.ELB.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: arns})
	if err != nil {
		return err
	}
	c.addTargetGroups(ctx, out)
	return nil
}

// addTargetGroups shows the target groups that services name, and remembers the
// others in case that a service yet to be read names them.
func (c *collection) addTargetGroups(ctx context.Context, out *elb.DescribeTargetGroupsOutput) {
	c.picture.update(func() {
		for i := range out.TargetGroups {
			row := convert.TargetGroup(&out.TargetGroups[i])
			c.picture.wanted.seenGroups[row.ARN] = row
			if c.picture.wanted.targetGroups[row.ARN] {
				c.picture.showTargetGroupLocked(row)
			}
		}
	})
	c.follow(ctx)
}

// wantTargetGroupsLocked notes the target groups of a service.
func (p *picture) wantTargetGroupsLocked(all []model.ServiceLoadBalancer) {
	for _, l := range all {
		p.wantTargetGroupLocked(l.TargetGroupARN)
		p.wantTargetGroupLocked(l.AlternateTargetGroupARN)
	}
}

// wantTargetGroupLocked notes that a target group is named.
func (p *picture) wantTargetGroupLocked(arn model.ARN) {
	if arn == "" || p.wanted.targetGroups[arn] {
		return
	}
	p.wanted.targetGroups[arn] = true
	if row, ok := p.wanted.seenGroups[arn]; ok {
		p.showTargetGroupLocked(row)
	}
}

// showTargetGroupLocked adds a target group to the picture and notes its load
// balancers.
func (p *picture) showTargetGroupLocked(row model.TargetGroup) {
	if p.targetGroups.get(row.ARN) == nil {
		p.wanted.fresh = append(p.wanted.fresh, row.ARN)
	}
	row.Health = p.extras.targets[row.ARN]
	p.targetGroups.put(row.ARN, row)
	p.wanted.addVPC(row.VPC)
	for _, arn := range row.LoadBalancers {
		p.wantLoadBalancerLocked(arn)
	}
}

// wantLoadBalancerLocked notes that a load balancer forwards to a service.
func (p *picture) wantLoadBalancerLocked(arn model.ARN) {
	if arn == "" || p.wanted.loadBalancers[arn] {
		return
	}
	p.wanted.loadBalancers[arn] = true
	p.wanted.unread = append(p.wanted.unread, arn)
	if row, ok := p.wanted.seenBalancers[arn]; ok {
		p.showLoadBalancerLocked(row)
	}
}

func (w *wanted) addVPC(id string) {
	if id != "" {
		w.vpcs[id] = true
	}
}

func (c *collection) pageLoadBalancers(ctx context.Context, marker *string) (*string, error) {
	out, err := c.session.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{
		Marker: marker, PageSize: aws.PageSize(model.DescribeLoadBalancers),
	})
	if err != nil {
		return nil, err
	}
	c.addLoadBalancers(out)
	return nonEmpty(out.NextMarker), nil
}

func (c *collection) describeLoadBalancers(ctx context.Context, arns []model.ARN) error {
	out, err := c.session.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerArns: arns})
	if err != nil {
		return err
	}
	c.addLoadBalancers(out)
	return nil
}

func (c *collection) addLoadBalancers(out *elb.DescribeLoadBalancersOutput) {
	c.picture.update(func() {
		for i := range out.LoadBalancers {
			row := convert.LoadBalancer(&out.LoadBalancers[i])
			c.picture.wanted.seenBalancers[row.ARN] = row
			if c.picture.wanted.loadBalancers[row.ARN] {
				c.picture.showLoadBalancerLocked(row)
			}
		}
	})
}

// showLoadBalancerLocked adds a load balancer to the picture and notes its
// security groups and VPC.
func (p *picture) showLoadBalancerLocked(row model.LoadBalancer) {
	p.loadBalancers.put(row.ARN, row)
	p.wanted.addVPC(row.VPC)
	for _, id := range row.SecurityGroups {
		p.wanted.securityGroups[id] = true
	}
}

// follow starts what has become possible since: the listeners of load balancers
// that were found, and behind the core its extras. The load balancers' ARNs come
// from the target groups, so that a refused DescribeLoadBalancers costs no paths.
func (c *collection) follow(ctx context.Context) {
	c.picture.mu.Lock()
	arns := c.picture.wanted.unread
	c.picture.wanted.unread = nil
	c.picture.mu.Unlock()
	c.followExtras(ctx, arns)
	for _, arn := range arns {
		c.start(ctx, call{
			action: model.DescribeListeners, resources: []string{arn},
			run: func(ctx context.Context) error { return c.describeListeners(ctx, arn) },
		})
	}
}

// describeListeners reads the listeners of a load balancer and starts their
// rules: those of every listener, since one whose default action is a redirect
// may forward by a rule.
func (c *collection) describeListeners(ctx context.Context, loadBalancer model.ARN) error {
	pages := elb.NewDescribeListenersPaginator(c.session.ELB, &elb.DescribeListenersInput{
		LoadBalancerArn: &loadBalancer, PageSize: aws.PageSize(model.DescribeListeners),
	})
	return aws.EachPage(ctx, pages, func(page *elb.DescribeListenersOutput) {
		c.picture.update(func() {
			for i := range page.Listeners {
				row := convert.Listener(&page.Listeners[i])
				row.LoadBalancerARN = loadBalancer
				c.picture.listeners.put(row.ARN, row)
				c.wantForwardedLocked(row.DefaultActions)
			}
		})
		c.follow(ctx)
		for _, l := range page.Listeners {
			arn := awssdk.ToString(l.ListenerArn)
			c.start(ctx, call{
				action: model.DescribeRules, resources: []string{arn},
				run: func(ctx context.Context) error { return c.describeRules(ctx, arn) },
			})
		}
	})
}

func (c *collection) describeRules(ctx context.Context, listener model.ARN) error {
	pages := elb.NewDescribeRulesPaginator(c.session.ELB, &elb.DescribeRulesInput{
		ListenerArn: &listener, PageSize: aws.PageSize(model.DescribeRules),
	})
	return aws.EachPage(ctx, pages, func(page *elb.DescribeRulesOutput) {
		c.picture.update(func() {
			for i := range page.Rules {
				row := convert.ListenerRule(&page.Rules[i])
				row.ListenerARN = listener
				c.picture.rules.put(row.ARN, row)
				c.wantForwardedLocked(row.Actions)
			}
		})
		c.follow(ctx)
	})
}

// wantForwardedLocked notes the target groups that an action forwards to, whether
// a service names them or not: a rule may lead to a group without targets.
func (c *collection) wantForwardedLocked(actions []model.ListenerAction) {
	if !c.options.Everything {
		return
	}
	for i := range actions {
		for _, f := range actions[i].Forward {
			c.picture.wantTargetGroupLocked(f.TargetGroupARN)
		}
	}
}

// nonEmpty is nil for an empty marker: some endpoints send one behind the last
// page.
func nonEmpty(marker *string) *string {
	if awssdk.ToString(marker) == "" {
		return nil
	}
	return marker
}
