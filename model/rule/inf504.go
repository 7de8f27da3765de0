package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// overridePointless is INF504: row 17 of docs/decision-table.md.
func overridePointless() Rule {
	return Rule{
		Code: "INF504", Title: "ingressPortOverride without anybody to step aside for", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   append(slices.Clone(serviceFacts), model.ListGatewayRoutes),
		Uses:    []model.Action{model.DescribeServiceRevisions},
		check:   checkOverridePointless,
		Doc: Doc{
			What: "An endpoint has an ingressPortOverride, and nothing but Service Connect callers is " +
				"known to use its port.",
			Why: "It does no harm, but gains nothing: the override is for load balancers and others that should " +
				"reach the app past the agent. It costs a second port in the security group, and opens the " +
				"container port to direct calls.",
			Detection: "services[].ingressPortOverride is set in awsvpc mode, and no load balancer, service registry, VPC " +
				"Lattice target group or service gateway of the service leads to that container port.",
			FalsePositive: "Callers without Service Connect dial the task's address on the container port by " +
				"means that AWS does not show.",
			Fix: "Remove the override at the next change of the service: open the container port to " +
				"the callers first.",
			Source: "docs/traffic.md, Who handles a request: the override is for callers that come past Service Connect.",
		},
	}
}

func checkOverridePointless(c *Case) {
	pointless := where(c.Paths, func(p *reach.Path) bool {
		task := p.Facts.TaskDefinition
		return p.Facts.Offer.IngressPortOverride != 0 && p.Via == reach.ViaAgent &&
			task != nil && task.NetworkMode == model.ModeAwsvpc && !c.usedDirectly(p)
	})
	if len(pointless) == 0 {
		return
	}
	// Only now it matters: listing gateways is not possible everywhere.
	if g := c.Index.Gap(model.ListGatewayRoutes, ""); g != nil {
		c.lack(&model.Missing{Action: model.ListGatewayRoutes, State: g.State})
		return
	}
	c.reportEndpoints(pointless, Finding{Confidence: Medium, text: pointlessText})
}

func pointlessText(f *Finding) Text {
	p := f.Paths[0]
	n, port := p.Facts.Offer.IngressPortOverride, p.Target.ContainerPort
	return Text{
		Title: fmt.Sprintf("%s moved its agent to port %d without a use", f.Service, n),
		Detail: fmt.Sprintf("ingressPortOverride %d moved the agent away from port %d of %s, but no load balancer, "+
			"registry, "+
			"Lattice or gateway leads there. It does no harm; it costs a port in the security group.", n, port, f.Service),
		Evidence: append(configurationEvidence(p), fact(model.DescribeServices,
			"loadBalancers, serviceRegistries, vpcLatticeConfigurations: none for containerPort %d", port)),
	}
}

// usedDirectly tells whether something but Service Connect leads to the container
// port of a path.
func (c *Case) usedDirectly(p *reach.Path) bool {
	s, snapshot := c.Service, c.Index.Snapshot
	switch {
	case s.ResourceManagementType == "ECS": // of Express mode: behind load balancers of ECS's own
		return true
	case slices.ContainsFunc(s.LoadBalancers, func(lb model.ServiceLoadBalancer) bool {
		return lb.ContainerPort == p.Target.ContainerPort
	}):
		return true
	case slices.ContainsFunc(s.ServiceRegistries, func(r model.ServiceRegistry) bool {
		n := max(r.ContainerPort, r.Port)
		return n == 0 || n == p.Target.ContainerPort
	}):
		return true
	case slices.ContainsFunc(p.Facts.Deployment.VPCLattice, func(l model.VPCLatticeTarget) bool {
		return l.PortName == p.Facts.Offer.PortName
	}):
		return true
	case slices.ContainsFunc(snapshot.GatewayRoutes, func(g model.GatewayRoute) bool { return g.ServiceARN == s.ARN }):
		return true
	}
	for _, current := range s.CurrentRevisions {
		if r, missing := c.Index.ServiceRevision(current.ARN); missing == nil &&
			(len(r.GatewayConnectors) > 0 || len(r.IngressPaths) > 0) {
			return true
		}
	}
	return slices.ContainsFunc(c.Siblings, func(o *reach.Path) bool {
		return o.Source.Kind != reach.SourceServiceConnect && o.Target.ContainerPort == p.Target.ContainerPort
	})
}
