package planner

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Plans for cases in which a person does something first, or instead.

// planProxyProtocol repairs CFG306: the load balancer reaches the app directly, if
// the app reads the header; otherwise the header is turned off.
func planProxyProtocol(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil, nil
	}
	override, err := setOverride(c, paths[0].Target.ContainerPort)
	if err != nil {
		return nil, err
	}
	if override != nil {
		override.Checks = append([]fix.Note{{
			Title: "The app reads proxy protocol v2",
			Detail: "It gets the header from now on, in front of each connection of the load balancer. An app that does not " +
				"know it refuses them all: turn the header off instead.",
		}}, override.Checks...)
		override.Risks = append(override.Risks, fix.Note{
			Title:  "Service Connect callers still come without the header",
			Detail: "The agent writes none: the app has to take connections with and without it on one port (RSK405).",
		})
	}
	off := advice(c, "disable-proxy-protocol", "", "Turn proxy protocol v2 off for "+c.service.Name,
		"For an app that does not read the header, nothing is lost; the clients' addresses can be preserved instead.")
	for _, group := range targetGroups(paths) {
		off.Steps = append(off.Steps, byHand(fmt.Sprintf("Set proxy_protocol_v2.enabled of target group %s to false",
			group.Name),
			c.aws("elbv2", "modify-target-group-attributes", "--target-group-arn", group.ARN, "--attributes",
				"Key=proxy_protocol_v2.enabled,Value=false")))
	}
	return []*fix.Plan{override, off}, nil
}

// targetGroups are the target groups of paths, each once.
func targetGroups(paths []*reach.Path) []*model.TargetGroup {
	var out []*model.TargetGroup
	for _, p := range paths {
		if g := p.Facts.TargetGroup; g != nil && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// planTLSBehindPlain repairs CFG307: with TLS the hop is there on purpose, so that
// the load balancer learns to speak TLS. Past the agent in plaintext is the
// alternative, which hopscope does not carry out.
func planTLSBehindPlain(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil, nil
	}
	override, err := setOverride(c, paths[0].Target.ContainerPort)
	if err != nil {
		return nil, err
	}
	if override != nil {
		override.Why = "Only where plaintext between the load balancer and the task is acceptable; then admit the load " +
			"balancer's group alone to the container port. Speaking HTTPS to the agent keeps what TLS is there for."
	}
	return []*fix.Plan{keepHop(c, paths), override}, nil
}

// planHealthCheckHop repairs HOP106 where it stands alone: the check is aimed at the
// port that requests use, or the agent moves away from it.
func planHealthCheckHop(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil, nil
	}
	p := paths[0]
	if g := p.Facts.TargetGroup; g != nil && g.HealthCheck.Port != model.TrafficPort {
		return adviseHealthPort(c, f), nil
	}
	override, err := setOverride(c, p.Target.ContainerPort)
	if override == nil && err == nil && c.service.Standing() > 1 {
		return adviseWait(c, f), nil
	}
	return onePlan(override, err)
}

// planHealthRefused repairs NET204: the port of the checks is opened, or they use the
// port of the requests, which is open.
func planHealthRefused(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	plans, err := planRefused(c, f)
	if err != nil {
		return nil, err
	}
	for _, p := range c.pathsOf(f) {
		g := p.Facts.TargetGroup
		if g == nil || g.HealthCheck.Port == model.TrafficPort {
			continue
		}
		move := adviseHealthPort(c, f)
		if !c.undeclared(p) {
			return append(plans, move...), nil
		}
		for _, open := range plans {
			if open.Refusal == nil {
				open.Refusal = &fix.Refusal{
					Reason: fmt.Sprintf("no container of %s declares port %d: opened, it would still not answer", c.service.Name,
						p.Target.WirePort),
					Instead: "let the health checks use the traffic port first, or declare the port that the checks use",
				}
			}
		}
		return append(move, plans...), nil
	}
	return plans, nil
}

// undeclared tells whether a health check goes to a port that no container declares.
func (c *situation) undeclared(check *reach.Path) bool {
	return slices.ContainsFunc(c.report().Findings, func(f *rule.Finding) bool {
		return f.Code == "CFG319" && slices.Contains(pathIDs(f), check.ID)
	})
}

// callAlias is an alternative to any repair of a load balancer's way, where every
// group that the load balancer admits is one of Service Connect clients: they can do
// without it. nil where that is not so.
func callAlias(c *situation, f *rule.Finding) *fix.Plan {
	var alias *rule.Finding
	for _, o := range c.report().Findings {
		if o.Code == "HOP103" && slices.ContainsFunc(pathIDs(o),
			func(id string) bool { return slices.Contains(pathIDs(f), id) }) {
			alias = o
		}
	}
	if alias == nil {
		return nil
	}
	for _, p := range c.pathsOf(f) {
		if p.Facts.LoadBalancer == nil || !admitsClientsOnly(c, p) {
			return nil
		}
	}
	return firstPlan(adviseAlias(c, alias))
}

// admitsClientsOnly tells whether the load balancer of a path admits no source on its
// listener's port but groups of services that can call the service's alias.
func admitsClientsOnly(c *situation, p *reach.Path) bool {
	lb := p.Facts.LoadBalancer
	if lb.Scheme != "internal" || len(lb.SecurityGroups) == 0 || p.Facts.Front != nil {
		return false
	}
	callers := c.callers(p.Target.ContainerPort)
	for _, id := range lb.SecurityGroups {
		g := c.group(id)
		if g == nil {
			return false
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if !r.Covers("tcp", p.Source.ListenerPort) {
				continue
			}
			if r.Group == nil || len(c.holders.Services(r.Group.ID)) == 0 || len(c.holders.LoadBalancers(r.Group.ID)) > 0 {
				return false
			}
			for _, ref := range c.holders.Services(r.Group.ID) {
				if !slices.ContainsFunc(callers, func(a *reach.Path) bool {
					return a.Access == reach.Allowed &&
						a.Source.Services.Contains(ref)
				}) {
					return false
				}
			}
		}
	}
	return true
}

func firstPlan(plans []*fix.Plan) *fix.Plan {
	if len(plans) == 0 {
		return nil
	}
	return plans[0]
}
