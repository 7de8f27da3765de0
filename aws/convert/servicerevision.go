package convert

import (
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// ServiceRevision is what a revision tells that its service does not: resolved load
// balancers, and what ECS manages for it.
func ServiceRevision(r *ecstypes.ServiceRevision) model.ServiceRevision {
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
	return owned(row)
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
