package collect

import (
	"context"
	"maps"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// readServiceRevisions reads the current revisions of the services of which
// DescribeServices does not tell everything.
func (c *collection) readServiceRevisions(ctx context.Context) {
	action := model.DescribeServiceRevisions
	c.when(ctx, action, c.settled(aws.OperationOf(action).After...), func(ctx context.Context) {
		c.picture.mu.Lock()
		arns := c.picture.tellingRevisionsLocked()
		c.picture.mu.Unlock()
		for batch := range slices.Chunk(arns, aws.Batch(model.DescribeServiceRevisions)) {
			c.start(ctx, call{
				action: action, resources: batch,
				run: func(ctx context.Context) error { return c.describeServiceRevisions(ctx, batch) },
			})
		}
	})
}

// tellingRevisionsLocked are the revisions to read, sorted: of services behind a
// service gateway, of Express mode, and between two sides of a deployment.
func (p *picture) tellingRevisionsLocked() []model.ARN {
	behind := make(map[model.ARN]bool)
	for _, r := range p.gatewayRoutes.order {
		behind[r.ServiceARN] = true
	}
	arns := make(map[model.ARN]bool)
	for _, s := range p.services.order {
		if behind[s.ARN] || s.ResourceManagementType == string(ecstypes.ResourceManagementTypeEcs) || betweenSides(s) {
			for _, r := range s.CurrentRevisions {
				arns[r.ARN] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(arns))
}

// betweenSides tells whether tasks of two deployments run whose target groups
// differ: a rolling deployment has one group for all.
func betweenSides(s *model.Service) bool {
	if s.DeploymentStrategy == "" || s.DeploymentStrategy == string(ecstypes.DeploymentStrategyRolling) {
		return false
	}
	running := 0
	for i := range s.Deployments {
		if s.Deployments[i].RunningCount > 0 {
			running++
		}
	}
	return running > 1
}

// describeServiceRevisions reads up to twenty revisions and starts what they refer
// to.
func (c *collection) describeServiceRevisions(ctx context.Context, arns []string) error {
	out, err := c.session.ECS.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns})
	if err != nil {
		return err
	}
	c.picture.update(func() {
		for i := range out.ServiceRevisions {
			row := convert.ServiceRevision(&out.ServiceRevisions[i])
			c.picture.revisions.put(row.ARN, row)
			for _, group := range row.TargetGroupARNs() {
				c.picture.wantTargetGroupLocked(group)
			}
			for _, g := range row.GatewayConnections {
				c.picture.wantLoadBalancerLocked(g.LoadBalancerARN)
			}
			for _, path := range row.IngressPaths {
				c.picture.wantLoadBalancerLocked(path.LoadBalancerARN)
			}
		}
		for _, f := range out.Failures {
			c.picture.addGapLocked(model.DescribeServiceRevisions, awssdk.ToString(f.Arn),
				missing(model.DescribeServiceRevisions, f))
		}
	})
	c.follow(ctx)
	return nil
}
