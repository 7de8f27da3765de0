package model

import "time"

// CurrentRevision is a service revision that tasks run of.
type CurrentRevision struct {
	ARN          ARN `json:"arn"`
	RunningCount int `json:"runningCount"`
}

// ServiceRevision is what a deployment of a service was resolved to. It tells
// what DescribeServices leaves out: the ways in that ECS manages itself, and the
// target group that each side of a blue/green deployment has.
type ServiceRevision struct {
	ARN            ARN       `json:"arn"`
	ServiceARN     ARN       `json:"serviceArn"`
	TaskDefinition ARN       `json:"taskDefinition,omitempty"`
	CreatedAt      time.Time `json:"createdAt,omitzero"`
	// LoadBalancers are resolvedConfiguration.loadBalancers: the target groups
	// that the revision's tasks are registered in.
	LoadBalancers []ResolvedLoadBalancer `json:"loadBalancers,omitempty"`
	// GatewayConnectors say which port a service gateway routes to.
	GatewayConnectors []GatewayConnector `json:"gatewayConnectors,omitempty"`
	// GatewayConnections are the resources that the gateways made for it
	// (ecsManagedResources.gatewayConnections).
	GatewayConnections []GatewayConnection `json:"gatewayConnections,omitempty"`
	// IngressPaths are the load balancers of an Express service
	// (ecsManagedResources.ingressPaths).
	IngressPaths []IngressPath `json:"ingressPaths,omitempty"`
}

// TargetGroupARNs are the target groups that the revision names; some may be "".
func (r *ServiceRevision) TargetGroupARNs() []ARN {
	var arns []ARN
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

// ResolvedLoadBalancer is a target group of a revision.
type ResolvedLoadBalancer struct {
	TargetGroupARN         ARN `json:"targetGroupArn"`
	ProductionListenerRule ARN `json:"productionListenerRule,omitempty"`
}

// GatewayConnector asks for a way from a service gateway to a named port.
type GatewayConnector struct {
	PortName string `json:"portName"`
	// HealthCheckPort is 0 when the checks use the traffic port.
	HealthCheckPort int `json:"healthCheckPort,omitempty"`
}

// GatewayConnection is what a service gateway made for a service: parts of a load
// balancer that several services share.
type GatewayConnection struct {
	RouteARN   ARN    `json:"routeArn,omitempty"`
	GatewayARN ARN    `json:"gatewayArn,omitempty"`
	PortName   string `json:"portName"`
	// AccessType is PUBLIC or PRIVATE.
	AccessType      string `json:"accessType,omitempty"`
	Status          string `json:"status,omitempty"`
	LoadBalancerARN ARN    `json:"loadBalancerArn,omitempty"`
	ListenerARN     ARN    `json:"listenerArn,omitempty"`
	ListenerRuleARN ARN    `json:"listenerRuleArn,omitempty"`
	TargetGroupARN  ARN    `json:"targetGroupArn,omitempty"`
	// AlternateTargetGroupARN is the other side of a progressive deployment.
	AlternateTargetGroupARN ARN `json:"alternateTargetGroupArn,omitempty"`
}

// IngressPath is a way into an Express service.
type IngressPath struct {
	AccessType      string               `json:"accessType,omitempty"`
	LoadBalancerARN ARN                  `json:"loadBalancerArn,omitempty"`
	ListenerARN     ARN                  `json:"listenerArn,omitempty"`
	ListenerRuleARN ARN                  `json:"listenerRuleArn,omitempty"`
	TargetGroups    []ManagedTargetGroup `json:"targetGroups,omitempty"`
}

// ManagedTargetGroup is a target group that ECS made for an Express service.
type ManagedTargetGroup struct {
	ARN ARN `json:"arn"`
	// Port is the container port of its targets.
	Port            int `json:"port,omitempty"`
	HealthCheckPort int `json:"healthCheckPort,omitempty"`
}
