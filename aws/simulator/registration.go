package simulator

// registration is a target group that ECS registers a deployment's tasks in, with
// the container port that it registers.
type registration struct {
	targetGroupARN string
	port           int
}

// registrations are those that the service names and those that ECS manages for
// it.
func (a *account) registrations(d *deployment) []registration {
	var all []registration
	for _, lb := range d.config.LoadBalancers {
		all = append(all, registration{targetGroupARN: a.registeredIn(d, lb), port: lb.ContainerPort})
	}
	for _, p := range d.of.ingress {
		all = append(all, registration{targetGroupARN: a.targetGroupARN(p.TargetGroup), port: p.ContainerPort})
	}
	for _, c := range d.of.connections {
		if m := d.config.TaskDefinition.port(c.PortName); m != nil {
			all = append(all, registration{targetGroupARN: a.targetGroupARN(c.TargetGroup), port: m.ContainerPort})
		}
	}
	return all
}

// registeredIn is the target group of a load balancer of the service that the
// deployment's tasks are in.
func (a *account) registeredIn(d *deployment, lb serviceLoadBalancer) string {
	switch {
	case lb.Advanced == nil || d.side == sideMain:
		return lb.TargetGroupARN
	case d.side == sideAlternate:
		return lb.Advanced.AlternateTargetGroupARN
	}
	return a.live(lb)
}
