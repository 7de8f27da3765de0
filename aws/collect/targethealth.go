package collect

import (
	"context"
	"slices"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// The types of target groups whose targets are addresses, and application load
// balancers.
const (
	addressTarget      = string(elbtypes.TargetTypeEnumIp)
	loadBalancerTarget = string(elbtypes.TargetTypeEnumAlb)
)

// readHealth starts the reading of a group's targets, once.
func (c *targets) readHealth(ctx context.Context, group model.ARN) {
	c.mu.Lock()
	asked := c.asked[group]
	c.asked[group] = true
	c.mu.Unlock()
	if asked {
		return
	}
	c.start(ctx, call{
		action: model.DescribeTargetHealth, resources: []string{group}, urgent: c.looksAt(group),
		send: func(ctx context.Context) error { return c.describeTargetHealth(ctx, group) },
	})
}

// describeTargetHealth reads the targets of a group. Where one of them is a load
// balancer that forwards to a service, the group is shown with the load balancer
// in front of it, and what that says is read like the rest.
func (c *targets) describeTargetHealth(ctx context.Context, group model.ARN) error {
	if c.looksAt(group) {
		ctx = aws.Urgently(ctx)
	}
	out, err := c.session.ELB.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
	if err != nil {
		return err
	}
	health := &model.TargetHealth{Targets: convert.Targets(out.TargetHealthDescriptions), ReadAt: c.account.Now().UTC()}
	nested := false
	// Until the load balancer's own calls are started, they count as under way.
	following := func(n int) {
		c.calls.outstanding[model.DescribeLoadBalancers] += n
		c.calls.outstanding[model.DescribeListeners] += n
		c.calls.outstanding[model.DescribeSecurityGroups] += n
	}
	c.update(func() {
		c.known[group] = health
		delete(c.counted, group)
		c.rows.targetGroups.change(group, func(row *model.TargetGroup) { row.Health, row.HostCounts = health, nil })
		named := func(t model.Target) bool { return c.balancing.balancers.named[t.ID] }
		if nested = slices.ContainsFunc(health.Targets, named) && !c.balancing.groups.named[group]; nested {
			following(+1)
			c.balancing.nameGroupLocked(group)
		}
	})
	if nested {
		c.balancing.follow(ctx)
		c.update(func() { following(-1) })
	}
	return nil
}
