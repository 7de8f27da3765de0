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

// gateways are the routes of ECS service gateways, and what ECS manages for the
// services behind them.
type gateways struct {
	account
	clusters  *clusters
	balancing *loadBalancing
	routes    []gatewayRoute
}

// newGateways makes the routes, and registers the services behind them in their
// target groups.
func newGateways(r *resources, w *World) *gateways {
	gs := &gateways{account: r.account, clusters: r.clusters, balancing: r.balancing}
	if len(gs.clusters.all) == 0 {
		return gs
	}
	for _, route := range w.GatewayRoutes {
		gs.add(r, w, route)
	}
	return gs
}

func (gs *gateways) add(r *resources, w *World, route GatewayRoute) {
	in := gs.clusters.named(route.Cluster)
	wire := gatewayRoute{
		ClusterARN: in.arn,
		GatewayARN: gs.arn("ecs", "gateway/"+route.Gateway),
		ARN: gs.arn("ecs", "gateway-route/"+route.Gateway+"/"+
			hash(16, route.Gateway, in.Name, route.Service, route.PortName)),
		ServiceARN: gs.arn("ecs", "service/"+in.Name+"/"+route.Service),
		PortName:   route.PortName,
		Status:     cmp.Or(route.Status, "ACTIVE"),
	}
	gs.routes = append(gs.routes, wire)
	s, g := in.serviceOf[route.Service], slices.IndexFunc(
		w.Gateways, func(g Gateway) bool { return g.Name == route.Gateway },
	)
	if s == nil || g < 0 || route.TargetGroup == "" {
		return
	}
	c := gatewayConnection{GatewayRoute: route, wire: wire, at: gs.balancing.rulePlace(route.Rule)}
	if name := w.Gateways[g].SecurityGroup; name != "" {
		c.groups = r.groups.ids([]string{name}, r.network.vpcs[0])
	} else if c.at.of != nil {
		c.groups = c.at.of.securityGroups
	}
	s.connections = append(s.connections, c)
	gs.balancing.attach(s, serviceLoadBalancer{TargetGroupARN: gs.balancing.targetGroupARN(route.TargetGroup)})
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

func (gs *gateways) describeConnection(s *service, c gatewayConnection) ecsGatewayConnection {
	alb := gatewayALB{
		Certificate: gs.arn("acm", "certificate/"+uuid(c.wire.GatewayARN)), Listener: c.at.listener, Rule: c.at.rule,
		SecurityGroups: []string{}, TargetGroup: gs.balancing.targetGroupARN(c.TargetGroup),
	}
	if c.at.of != nil {
		alb.LoadBalancer = c.at.of.arn
	}
	for _, id := range c.groups {
		alb.SecurityGroups = append(alb.SecurityGroups, gs.securityGroupARN(id))
	}
	return ecsGatewayConnection{
		AccessType: c.at.accessType(), GatewayARN: c.wire.GatewayARN, RouteARN: c.wire.ARN, PortName: c.PortName,
		Resources: gatewayResources{HostSharedALB: []gatewayALB{alb}}, ServiceURL: gs.endpoint(s), Status: c.wire.Status,
	}
}

type listGatewayRoutesInput struct {
	pageRequest
	Cluster  string   `json:"cluster"`
	Gateway  string   `json:"gateway"`
	Service  string   `json:"service"`
	PortName string   `json:"serviceContainerPortName"`
	Status   []string `json:"status"`
}

func (gs *gateways) listRoutes(in *listGatewayRoutesInput) (map[string]any, error) {
	clusterARN := ""
	if in.Cluster != "" {
		c, err := gs.clusters.find(in.Cluster)
		if err != nil {
			return nil, err
		}
		clusterARN = c.arn
	}
	var found []gatewayRoute
	for _, r := range gs.routes {
		switch {
		case clusterARN != "" && r.ClusterARN != clusterARN:
		case !isFor(in.Gateway, r.GatewayARN), !isFor(in.Service, r.ServiceARN):
		case in.PortName != "" && in.PortName != r.PortName:
		case len(in.Status) > 0 && !slices.Contains(in.Status, r.Status):
		default:
			found = append(found, r)
		}
	}
	return listing("gatewayRoutes", found, in.pageRequest, 100)
}

// isFor tells whether a filter, which is a name, an ARN or absent, admits a
// resource.
func isFor(filter, arn string) bool {
	return filter == "" || filter == arn || strings.HasSuffix(arn, "/"+filter)
}
