package collect

import (
	"context"
	"slices"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/aws/convert"
	"hopscope/model"
)

// The types of target groups whose targets are addresses, and application load
// balancers.
const (
	addressTarget      = string(elbtypes.TargetTypeEnumIp)
	loadBalancerTarget = string(elbtypes.TargetTypeEnumAlb)
)

// readTargets starts the reading of a group's targets, once.
func (c *collection) readTargets(ctx context.Context, group model.ARN) {
	c.picture.mu.Lock()
	asked := c.picture.extras.asked[group]
	c.picture.extras.asked[group] = true
	c.picture.mu.Unlock()
	if asked {
		return
	}
	c.start(ctx, call{
		action: model.DescribeTargetHealth, resources: []string{group},
		run: func(ctx context.Context) error { return c.describeTargetHealth(ctx, group) },
	})
}

// describeTargetHealth reads the targets of a group. Where one of them is a load
// balancer that forwards to a service, the group is shown with the load balancer
// in front of it, and what that says is read like the rest.
func (c *collection) describeTargetHealth(ctx context.Context, group model.ARN) error {
	out, err := c.session.ELB.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
	if err != nil {
		return err
	}
	health := &model.TargetHealth{Targets: convert.Targets(out.TargetHealthDescriptions)}
	p, nested := c.picture, false
	// Until the load balancer's own calls are started, they count as under way.
	following := func(n int) {
		p.outstanding[model.DescribeLoadBalancers] += n
		p.outstanding[model.DescribeListeners] += n
		p.outstanding[model.DescribeSecurityGroups] += n
	}
	p.update(func() {
		p.extras.targets[group] = health
		p.targetGroups.change(group, func(row *model.TargetGroup) { row.Health = health })
		wanted := func(t model.Target) bool { return p.wanted.loadBalancers[t.ID] }
		if nested = slices.ContainsFunc(health.Targets, wanted) && !p.wanted.targetGroups[group]; nested {
			following(+1)
			p.wantTargetGroupLocked(group)
		}
	})
	if nested {
		c.follow(ctx)
		p.update(func() { following(-1) })
	}
	return nil
}
