package simulator

// ingressPath is a way into a service of Express mode.
type ingressPath struct {
	IngressPath
	at rulePlace
}

// The shapes of what ECS manages for a service, in a service revision.
type (
	ecsManagedResources struct {
		Connections []ecsGatewayConnection `json:"gatewayConnections,omitempty"`
		Ingress     []managedIngressPath   `json:"ingressPaths,omitempty"`
	}
	managedIngressPath struct {
		AccessType     string               `json:"accessType"`
		Endpoint       string               `json:"endpoint"`
		LoadBalancer   *managedLoadBalancer `json:"loadBalancer,omitempty"`
		SecurityGroups []managedResource    `json:"loadBalancerSecurityGroups"`
		Listener       *managedResource     `json:"listener,omitempty"`
		Rule           *managedResource     `json:"rule,omitempty"`
		TargetGroups   []managedTargetGroup `json:"targetGroups"`
	}
	managedResource struct {
		ARN       string `json:"arn"`
		Status    string `json:"status"`
		UpdatedAt epoch  `json:"updatedAt"`
	}
	managedLoadBalancer struct {
		managedResource
		Scheme         string   `json:"scheme"`
		SubnetIDs      []string `json:"subnetIds"`
		SecurityGroups []string `json:"securityGroupIds"`
	}
	managedTargetGroup struct {
		managedResource
		HealthCheckPath string `json:"healthCheckPath"`
		HealthCheckPort int    `json:"healthCheckPort"`
		Port            int    `json:"port"`
	}
)

// managed are the ways into a service that ECS manages, or nil.
func (gs *gateways) managed(s *service) *ecsManagedResources {
	if len(s.connections) == 0 && len(s.ingress) == 0 {
		return nil
	}
	m := &ecsManagedResources{}
	for _, c := range s.connections {
		m.Connections = append(m.Connections, gs.describeConnection(s, c))
	}
	for _, p := range s.ingress {
		m.Ingress = append(m.Ingress, gs.describeIngress(s, p))
	}
	return m
}

func (gs *gateways) describeIngress(s *service, p ingressPath) managedIngressPath {
	active := func(arn string) managedResource {
		return managedResource{ARN: arn, Status: "ACTIVE", UpdatedAt: epoch{s.created}}
	}
	w := managedIngressPath{
		AccessType: p.at.accessType(), Endpoint: gs.endpoint(s), SecurityGroups: []managedResource{},
		TargetGroups: []managedTargetGroup{},
	}
	if l := p.at.of; l != nil {
		w.LoadBalancer = &managedLoadBalancer{
			managedResource: active(l.arn), Scheme: l.Scheme, SubnetIDs: l.subnets, SecurityGroups: l.securityGroups,
		}
		for _, id := range l.securityGroups {
			w.SecurityGroups = append(w.SecurityGroups, active(gs.securityGroupARN(id)))
		}
		listener, rule := active(p.at.listener), active(p.at.rule)
		w.Listener, w.Rule = &listener, &rule
	}
	if t := gs.balancing.targetGroupOf[gs.balancing.targetGroupARN(p.TargetGroup)]; t != nil {
		g := managedTargetGroup{
			managedResource: active(t.arn), HealthCheckPath: t.HealthCheck.Path, HealthCheckPort: p.HealthCheckPort,
			Port: p.ContainerPort,
		}
		if g.HealthCheckPort == 0 {
			g.HealthCheckPort = p.ContainerPort
		}
		w.TargetGroups = append(w.TargetGroups, g)
	}
	return w
}

// accessType tells whether the load balancer is open to the internet.
func (p rulePlace) accessType() string {
	if p.of != nil && p.of.Scheme == "internet-facing" {
		return "PUBLIC"
	}
	return "PRIVATE"
}

// endpoint is the name under which ECS publishes a service whose ingress it
// manages.
func (gs *gateways) endpoint(s *service) string {
	return "https://" + s.spec.Name + "-" + hash(12, s.arn) + ".ecs." + gs.region + ".on.aws"
}
