package simulator

import (
	"cmp"
	"slices"
	"strings"
)

// gatewayRoute is a route of an ECS service gateway (since 2026-10-20).
type gatewayRoute struct {
	ClusterARN string `json:"clusterArn"`
	GatewayARN string `json:"gatewayArn"`
	ARN        string `json:"gatewayRouteArn"`
	ServiceARN string `json:"serviceArn"`
	PortName   string `json:"serviceContainerPortName"`
	Status     string `json:"status"`
}

// gatewayConnection is a route of a gateway that a world describes in full.
type gatewayConnection struct {
	GatewayRoute
	wire   gatewayRoute
	groups []string // ids of the security groups that the gateway attached
	at     rulePlace
}

// The shapes of a service gateway in a service revision.
type (
	gatewayConnector struct {
		PortName    string              `json:"portName"`
		HealthCheck *gatewayHealthCheck `json:"healthCheck,omitempty"`
	}
	gatewayHealthCheck struct {
		Port int `json:"healthCheckPort"`
	}
	ecsGatewayConnection struct {
		AccessType string           `json:"accessType"`
		GatewayARN string           `json:"gatewayArn"`
		RouteARN   string           `json:"gatewayRouteArn"`
		PortName   string           `json:"portName"`
		Resources  gatewayResources `json:"resources"`
		ServiceURL string           `json:"serviceUrl"`
		Status     string           `json:"status"`
	}
	gatewayResources struct {
		HostSharedALB []gatewayALB `json:"hostSharedAlb"`
	}
	gatewayALB struct {
		Certificate    string   `json:"acmCertificateArn,omitempty"`
		Listener       string   `json:"listenerArn"`
		Rule           string   `json:"listenerRuleArn"`
		LoadBalancer   string   `json:"loadBalancerArn"`
		SecurityGroups []string `json:"loadBalancerSecurityGroupArns"`
		TargetGroup    string   `json:"targetGroupArn"`
	}
)

// addGateways makes the routes, and registers the services behind them in their
// target groups.
func (a *account) addGateways(w *World) {
	for _, r := range w.GatewayRoutes {
		if len(a.clusters) == 0 {
			return
		}
		in := a.clusterNamed(r.Cluster)
		route := gatewayRoute{
			ClusterARN: in.arn,
			GatewayARN: a.arn("ecs", "gateway/"+r.Gateway),
			ARN:        a.arn("ecs", "gateway-route/"+r.Gateway+"/"+hash(16, r.Gateway, in.Name, r.Service, r.PortName)),
			ServiceARN: a.arn("ecs", "service/"+in.Name+"/"+r.Service),
			PortName:   r.PortName,
			Status:     cmp.Or(r.Status, "ACTIVE"),
		}
		a.gatewayRoutes = append(a.gatewayRoutes, route)
		s, g := in.serviceOf[r.Service], slices.IndexFunc(w.Gateways, func(g Gateway) bool { return g.Name == r.Gateway })
		if s == nil || g < 0 || r.TargetGroup == "" {
			continue
		}
		c := gatewayConnection{GatewayRoute: r, wire: route, at: a.rulePlace(r.Rule)}
		if name := w.Gateways[g].SecurityGroup; name != "" {
			c.groups = a.groupIDs([]string{name}, a.vpcs[0])
		} else if c.at.of != nil {
			c.groups = c.at.of.securityGroups
		}
		s.connections = append(s.connections, c)
		a.attach(s, serviceLoadBalancer{TargetGroupARN: a.targetGroupARN(r.TargetGroup)})
	}
}

// connectors are what the service asked the gateways for.
func (s *service) connectors() []gatewayConnector {
	var all []gatewayConnector
	for _, c := range s.connections {
		one := gatewayConnector{PortName: c.PortName}
		if c.HealthCheckPort != 0 {
			one.HealthCheck = &gatewayHealthCheck{Port: c.HealthCheckPort}
		}
		all = append(all, one)
	}
	return all
}

func (a *account) describeConnection(s *service, c gatewayConnection) ecsGatewayConnection {
	alb := gatewayALB{
		Certificate: a.arn("acm", "certificate/"+uuid(c.wire.GatewayARN)), Listener: c.at.listener, Rule: c.at.rule,
		SecurityGroups: []string{}, TargetGroup: a.targetGroupARN(c.TargetGroup),
	}
	if c.at.of != nil {
		alb.LoadBalancer = c.at.of.arn
	}
	for _, id := range c.groups {
		alb.SecurityGroups = append(alb.SecurityGroups, a.securityGroupARN(id))
	}
	return ecsGatewayConnection{
		AccessType: c.at.accessType(), GatewayARN: c.wire.GatewayARN, RouteARN: c.wire.ARN, PortName: c.PortName,
		Resources: gatewayResources{HostSharedALB: []gatewayALB{alb}}, ServiceURL: a.endpoint(s), Status: c.wire.Status,
	}
}

type listGatewayRoutesInput struct {
	Cluster    string   `json:"cluster"`
	Gateway    string   `json:"gateway"`
	Service    string   `json:"service"`
	PortName   string   `json:"serviceContainerPortName"`
	Status     []string `json:"status"`
	MaxResults *int     `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
}

type listGatewayRoutesReply struct {
	Routes    []gatewayRoute `json:"gatewayRoutes"`
	NextToken string         `json:"nextToken,omitempty"`
}

func (a *account) listGatewayRoutes(in *listGatewayRoutesInput) (*listGatewayRoutesReply, error) {
	clusterARN := ""
	if in.Cluster != "" {
		c, err := a.cluster(in.Cluster)
		if err != nil {
			return nil, err
		}
		clusterARN = c.arn
	}
	found := []gatewayRoute{}
	for _, r := range a.gatewayRoutes {
		switch {
		case clusterARN != "" && r.ClusterARN != clusterARN:
		case !names(in.Gateway, r.GatewayARN), !names(in.Service, r.ServiceARN):
		case in.PortName != "" && in.PortName != r.PortName:
		case len(in.Status) > 0 && !slices.Contains(in.Status, r.Status):
		default:
			found = append(found, r)
		}
	}
	page, next, err := pageJSON(found, in.NextToken, in.MaxResults, 100)
	return &listGatewayRoutesReply{Routes: page, NextToken: next}, err
}

// names tells whether a filter, a name or an ARN, means a resource. No filter
// means all.
func names(filter, arn string) bool {
	return filter == "" || filter == arn || strings.HasSuffix(arn, "/"+filter)
}
