package aws

import (
	"context"
	"maps"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// revisionsPerCall is the batch limit of DescribeServiceRevisions.
const revisionsPerCall = 20

// readServiceRevisions reads the current revisions of the services of which
// DescribeServices does not tell everything.
func (c *collection) readServiceRevisions(ctx context.Context) {
	action := model.DescribeServiceRevisions
	c.when(ctx, action, c.settled(operations[action].after...), func(ctx context.Context) {
		c.picture.mu.Lock()
		arns := c.picture.tellingRevisionsLocked()
		c.picture.mu.Unlock()
		for batch := range slices.Chunk(arns, revisionsPerCall) {
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
	out, err := c.clients.ecs.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns})
	if err != nil {
		return err
	}
	c.picture.update(func() {
		for i := range out.ServiceRevisions {
			row := toServiceRevision(&out.ServiceRevisions[i])
			c.picture.revisions.put(row.ARN, row)
			for _, group := range groupsOfRevision(&row) {
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

// groupsOfRevision are the target groups that a revision names; some may be "".
func groupsOfRevision(r *model.ServiceRevision) []model.ARN {
	var arns []model.ARN
	for _, l := range r.LoadBalancers {
		arns = append(arns, l.TargetGroupARN)
	}
	for _, g := range r.GatewayConnections {
		arns = append(arns, g.TargetGroupARN, g.AlternateTargetGroupARN)
	}
	for _, path := range r.IngressPaths {
		for _, g := range path.TargetGroups {
			arns = append(arns, g.ARN)
		}
	}
	return arns
}

func toServiceRevision(r *ecstypes.ServiceRevision) model.ServiceRevision {
	row := model.ServiceRevision{
		ARN:            awssdk.ToString(r.ServiceRevisionArn),
		ServiceARN:     awssdk.ToString(r.ServiceArn),
		TaskDefinition: awssdk.ToString(r.TaskDefinition),
		CreatedAt:      awssdk.ToTime(r.CreatedAt),
	}
	if resolved := r.ResolvedConfiguration; resolved != nil {
		for _, l := range resolved.LoadBalancers {
			row.LoadBalancers = append(row.LoadBalancers, model.ResolvedLoadBalancer{
				TargetGroupARN:         awssdk.ToString(l.TargetGroupArn),
				ProductionListenerRule: awssdk.ToString(l.ProductionListenerRule),
			})
		}
	}
	for _, g := range r.GatewayConnectors {
		connector := model.GatewayConnector{PortName: awssdk.ToString(g.PortName)}
		if g.HealthCheck != nil {
			connector.HealthCheckPort = int(awssdk.ToInt32(g.HealthCheck.HealthCheckPort))
		}
		row.GatewayConnectors = append(row.GatewayConnectors, connector)
	}
	if managed := r.EcsManagedResources; managed != nil {
		for i := range managed.GatewayConnections {
			row.GatewayConnections = append(row.GatewayConnections, toGatewayConnections(&managed.GatewayConnections[i])...)
		}
		for i := range managed.IngressPaths {
			row.IngressPaths = append(row.IngressPaths, toIngressPath(&managed.IngressPaths[i]))
		}
	}
	return row
}

// toGatewayConnections gives each load balancer of a connection a row. Load
// balancers that services share are the only kind of resources there is so far; a
// connection with others, or with none yet, is a row without any.
func toGatewayConnections(g *ecstypes.GatewayConnection) []model.GatewayConnection {
	connection := model.GatewayConnection{
		RouteARN:   awssdk.ToString(g.GatewayRouteArn),
		GatewayARN: awssdk.ToString(g.GatewayArn),
		PortName:   awssdk.ToString(g.PortName),
		AccessType: string(g.AccessType),
		Status:     string(g.Status),
	}
	shared, ok := g.Resources.(*ecstypes.GatewayConnectionResourcesMemberHostSharedAlb)
	if !ok || len(shared.Value) == 0 {
		return []model.GatewayConnection{connection}
	}
	var rows []model.GatewayConnection
	for i := range shared.Value {
		of, row := &shared.Value[i], connection
		row.LoadBalancerARN = awssdk.ToString(of.LoadBalancerArn)
		row.ListenerARN = awssdk.ToString(of.ListenerArn)
		row.ListenerRuleARN = awssdk.ToString(of.ListenerRuleArn)
		row.TargetGroupARN = awssdk.ToString(of.TargetGroupArn)
		row.AlternateTargetGroupARN = awssdk.ToString(of.AlternateTargetGroupArn)
		rows = append(rows, row)
	}
	return rows
}

func toIngressPath(p *ecstypes.ManagedIngressPath) model.IngressPath {
	row := model.IngressPath{AccessType: string(p.AccessType)}
	if p.LoadBalancer != nil {
		row.LoadBalancerARN = awssdk.ToString(p.LoadBalancer.Arn)
	}
	if p.Listener != nil {
		row.ListenerARN = awssdk.ToString(p.Listener.Arn)
	}
	if p.Rule != nil {
		row.ListenerRuleARN = awssdk.ToString(p.Rule.Arn)
	}
	for _, g := range p.TargetGroups {
		row.TargetGroups = append(row.TargetGroups, model.ManagedTargetGroup{
			ARN: awssdk.ToString(g.Arn), Port: int(g.Port), HealthCheckPort: int(g.HealthCheckPort),
		})
	}
	return row
}
