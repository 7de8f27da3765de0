package planner

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// planUnused repairs HOP105.
func planUnused(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	var out []*fix.Plan
	for _, p := range c.pathsOf(f) {
		plan, err := makeClientOnly(c, p.Target.ContainerPort)
		if err != nil {
			return nil, err
		}
		out = append(out, plan)
	}
	return out, nil
}

// makeClientOnly is the plan that removes the endpoints of a container port: the
// agent then intercepts nothing there. It is nil while a service can call them, or
// may.
func makeClientOnly(c *situation, port int) (*fix.Plan, error) {
	sc := c.block()
	if sc == nil || port == 0 || c.isCalled(port) {
		return nil, nil
	}
	var edits []fix.Edit
	for i := range sc.Services {
		if s := &sc.Services[i]; c.portNamed(s.PortName) == port {
			edits = append(edits, fix.Edit{Kind: fix.EditRemoveEndpoint, Index: i, PortName: s.PortName})
		}
	}
	if len(edits) == 0 {
		return nil, nil
	}
	plan := c.plan(fix.MakeClientOnly, fmt.Sprint(port), fmt.Sprintf("Remove the endpoint of port %d of %s, which no "+
		"service can call", port, c.service.Name))
	plan.Why = "No loaded service of the namespace is admitted to it. Without the endpoint the agent intercepts nothing " +
		"there, no port has to be opened, and nothing is left to look after."
	if t := c.task(); t != nil && t.NetworkMode != model.ModeAwsvpc {
		plan.Why = "No loaded service of the namespace is admitted to it. Without the endpoint the agent has no host port, " +
			"nothing has to be opened on the instances, and nothing is left to look after."
	}
	plan.Checks = []fix.Note{{
		Title: "No service elsewhere calls it",
		Detail: "Services of other accounts may share the namespace, and an API Gateway may use its Cloud Map service. " +
			"Their calls fail as soon as the endpoint is gone.",
		Command: c.aws("ecs", "list-services-by-namespace", "--namespace", c.namespace()),
	}}
	if c.behindLoadBalancer(port) {
		plan.Checks = append(plan.Checks, directChecks(c, port)...)
		plan.Risks = directRisks(c, port)
	}
	plan.Risks = append(plan.Risks, fix.Note{
		Title: "The endpoint is gone for all callers",
		Detail: "Its name stays in the tasks of callers until they are deployed again, and leads nowhere. ECS removes its " +
			"Cloud Map service; taking the plan back makes a new one.",
	})
	return finishUpdate(c, plan, edits, port)
}

// behindLoadBalancer tells whether anybody but Service Connect callers connects to a
// container port.
func (c *situation) behindLoadBalancer(port int) bool {
	return slices.ContainsFunc(c.paths, func(p *reach.Path) bool {
		return p.Target.ContainerPort == port && p.Source.Kind != reach.SourceServiceConnect
	})
}

// namespace is what the block or the cluster calls the namespace, for a command.
func (c *situation) namespace() string {
	if sc := c.block(); sc != nil {
		if sc.Namespace != "" {
			return sc.Namespace
		}
		if cluster, missing := c.ix.Cluster(c.service.Cluster); missing == nil && cluster.DefaultNamespace != "" {
			return cluster.DefaultNamespace
		}
	}
	return "NAMESPACE"
}

// isCalled tells whether a Service Connect caller is admitted to an endpoint of the
// port, or may be; or was seen calling it, or has its name in its environment.
func (c *situation) isCalled(port int) bool {
	return slices.ContainsFunc(c.callers(port), func(p *reach.Path) bool {
		if p.Source.Services.Len() > 0 && (p.Access != reach.Blocked || p.Facts.Intended) || len(p.Missing) > 0 {
			return true
		}
		return p.Facts.Offer != nil && c.seenCalled(p.Facts.Offer) || c.isNamed(p)
	})
}

// isNamed tells whether the environment of a caller of a path names its endpoint.
func (c *situation) isNamed(p *reach.Path) bool {
	for ref := range p.Source.Services.All() {
		if slices.Contains(c.ix.NamedEndpoints(c.ix.Service(ref)), p.Source.Endpoint) {
			return true
		}
	}
	return false
}

// seenCalled tells whether metrics saw calls of a discovery name.
func (c *situation) seenCalled(offer *model.ServiceConnectService) bool {
	traffic, missing := c.ix.Traffic()
	return missing == nil && slices.ContainsFunc(traffic.Edges,
		func(e model.TrafficEdge) bool { return e.DiscoveryName == offer.Name() })
}
