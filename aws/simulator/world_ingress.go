package simulator

// Gateway is an ECS service gateway: a load balancer that services share, each
// through a route.
type Gateway struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// LoadBalancer is the one that the services share.
	LoadBalancer string `json:"loadBalancer"`
	// SecurityGroup is what the gateway attaches to the load balancer; by
	// default those that the load balancer has.
	SecurityGroup string `json:"securityGroup,omitempty"`
}

// GatewayRoute is a route of an ECS service gateway to a port of a service. What
// is behind TargetGroup belongs to a gateway that is written down; without, the
// route is a name in ListGatewayRoutes.
type GatewayRoute struct {
	Note    string `json:"note,omitempty"`
	Gateway string `json:"gateway"`
	// Cluster defaults to the first one.
	Cluster  string `json:"cluster,omitempty"`
	Service  string `json:"service"`
	PortName string `json:"portName"`
	// Status defaults to ACTIVE.
	Status string `json:"status,omitempty"`
	// TargetGroup is where ECS registers the service's tasks.
	TargetGroup string `json:"targetGroup,omitempty"`
	// Rule names a rule as "load-balancer:port/priority".
	Rule string `json:"rule,omitempty"`
	// HealthCheckPort is 0 when the checks use the traffic port.
	HealthCheckPort int `json:"healthCheckPort,omitempty"`
}

// IngressPath is a way into a service of Express mode: parts of a load balancer
// that ECS manages. The service itself names no load balancers.
type IngressPath struct {
	Note          string `json:"note,omitempty"`
	TargetGroup   string `json:"targetGroup"`
	ContainerPort int    `json:"containerPort"`
	// HealthCheckPort defaults to ContainerPort.
	HealthCheckPort int `json:"healthCheckPort,omitempty"`
	// Rule names a rule as "load-balancer:port/priority".
	Rule string `json:"rule"`
}
