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

// revisions reads the routes of service gateways, and the revisions of the services
// of which DescribeServices does not tell everything.
type revisions struct {
	*run

	balancing *loadBalancing
	// asked are the revisions that were asked for.
	asked set
}

// read starts both.
func (c *revisions) read(ctx context.Context) {
	c.start(ctx, call{action: model.ListGatewayRoutes, send: c.listGatewayRoutes})
	c.readServiceRevisions(ctx)
}

// listGatewayRoutes reads the routes of all service gateways of the region in
// one listing; those of other clusters are left out at the end.
func (c *revisions) listGatewayRoutes(ctx context.Context) error {
	pages := ecs.NewListGatewayRoutesPaginator(c.session.ECS, &ecs.ListGatewayRoutesInput{})
	return aws.EachPage(ctx, pages, func(page *ecs.ListGatewayRoutesOutput) {
		c.update(func() {
			for _, r := range page.GatewayRoutes {
				if !c.options.includes(awssdk.ToString(r.ClusterArn)) {
					continue
				}
				arn := awssdk.ToString(r.GatewayRouteArn)
				c.rows.gatewayRoutes.put(model.GatewayRoute{
					ARN:        arn,
					GatewayARN: awssdk.ToString(r.GatewayArn),
					ServiceARN: awssdk.ToString(r.ServiceArn),
					PortName:   awssdk.ToString(r.ServiceContainerPortName),
					Status:     string(r.Status),
				})
			}
		})
	})
}

// readServiceRevisions reads the current revisions of the services of which
// DescribeServices does not tell everything.
func (c *revisions) readServiceRevisions(ctx context.Context) {
	action := model.DescribeServiceRevisions
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		c.mu.Lock()
		arns := c.tellingLocked()
		unasked(c.asked, arns)
		c.mu.Unlock()
		c.startBatches(ctx, action, arns, c.describeServiceRevisions)
	})
}

// tellingLocked are the revisions to read, sorted: of services behind a
// service gateway, of Express mode, and between two sides of a deployment.
func (c *revisions) tellingLocked() []model.ARN {
	behind := make(map[model.ARN]bool)
	for _, r := range c.rows.gatewayRoutes.order {
		behind[r.ServiceARN] = true
	}
	arns := make(map[model.ARN]bool)
	for _, s := range c.rows.services.order {
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
func (c *revisions) describeServiceRevisions(ctx context.Context, arns []string) error {
	out, err := c.session.ECS.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns})
	if err != nil {
		return err
	}
	c.update(func() {
		for i := range out.ServiceRevisions {
			row := convert.ServiceRevision(&out.ServiceRevisions[i])
			c.rows.revisions.put(row)
			for _, group := range row.TargetGroupARNs() {
				c.balancing.nameGroupLocked(group)
			}
			for _, g := range row.GatewayConnections {
				c.balancing.nameBalancerLocked(g.LoadBalancerARN)
			}
			for _, path := range row.IngressPaths {
				c.balancing.nameBalancerLocked(path.LoadBalancerARN)
			}
		}
		for _, f := range out.Failures {
			c.calls.addGap(model.DescribeServiceRevisions, awssdk.ToString(f.Arn),
				missing(model.DescribeServiceRevisions, f))
		}
	})
	c.balancing.follow(ctx)
	return nil
}
