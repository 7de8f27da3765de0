package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// refusal says why hopscope does not carry a plan out (docs/aws.md, Deployments).
func refusal(c *situation, p *fix.Plan) *fix.Refusal {
	if slices.ContainsFunc(p.Steps, func(s fix.Step) bool { return s.Kind == fix.UpdateService }) {
		if r := refuseUpdate(c); r != nil {
			return r
		}
	}
	for i := range p.Steps {
		if r := refuseTLS(c, &p.Steps[i]); r != nil {
			return r
		}
		if r := refuseBlindly(c, &p.Steps[i]); r != nil {
			return r
		}
		if r := refuseGroup(c, &p.Steps[i]); r != nil {
			return r
		}
	}
	return refuseQuota(c, p.Steps)
}

// refuseUpdate refuses to update a service that is not ours to update, or not now.
func refuseUpdate(c *situation) *fix.Refusal {
	s := c.service
	primary := s.Primary()
	switch {
	case cmp.Or(s.DeploymentController, model.ControllerECS) != model.ControllerECS:
		return &fix.Refusal{
			Reason: fmt.Sprintf("deployments of %s are made by %s, and UpdateService cannot change its configuration", s.Name,
				s.DeploymentController),
			Instead: "change it where its deployments are made; Service Connect needs the ECS controller (rolling, or ECS's " +
				"own blue/green)",
		}
	case s.ResourceManagementType == "ECS":
		return &fix.Refusal{
			Reason:  s.Name + " is an Express service, whose load balancer and groups ECS manages",
			Instead: "use aws ecs update-express-gateway-service",
		}
	case s.Status != "" && s.Status != "ACTIVE":
		return &fix.Refusal{Reason: fmt.Sprintf("%s is %s", s.Name, s.Status), Instead: "nothing: it is on its way out"}
	case s.Standing() > 1 && primary != nil && primary.RolloutState == "FAILED":
		return &fix.Refusal{
			Reason:  "the last deployment of " + s.Name + " failed, and old tasks run beside it",
			Instead: "deploy what works, refresh, and plan again",
		}
	case s.Standing() > 1, primary != nil && primary.RolloutState == "IN_PROGRESS":
		return &fix.Refusal{
			Reason:  "a deployment of " + s.Name + " is in progress",
			Instead: "wait until it has finished, refresh, and plan again",
		}
	}
	if f := c.unlistedRevision(); f != nil {
		return &fix.Refusal{
			Reason:  f.Title() + ": what the other tasks do is not known",
			Instead: "wait until the old tasks are gone, or stop them; then refresh, and plan again",
		}
	}
	return nil
}

// unlistedRevision is the finding that tasks run of which no deployment tells, nil
// if there is none.
func (c *situation) unlistedRevision() *rule.Finding {
	findings := c.report().Findings
	if i := slices.IndexFunc(findings, func(f *rule.Finding) bool { return f.Code == "INF509" }); i >= 0 {
		return findings[i]
	}
	return nil
}

// refuseTLS refuses to lead requests past an agent that is there for TLS.
func refuseTLS(c *situation, s *fix.Step) *fix.Refusal {
	sc := c.block()
	for _, e := range s.Edits {
		if sc == nil || e.Index >= len(sc.Services) {
			continue
		}
		switch old := &sc.Services[e.Index]; {
		case e.Kind == fix.EditOverride && e.Port != 0 && old.TLS != nil && old.IngressPortOverride == 0:
			return &fix.Refusal{
				Reason: fmt.Sprintf("the endpoint %s has TLS: past the agent its port would carry plaintext", e.PortName),
				Instead: "keep the hop, with an HTTPS target group behind a TLS 1.3 policy; AWS advises against an override with " +
					"TLS",
			}
		case e.Kind == fix.EditRemoveEndpoint && old.TLS != nil && c.hasTLSTargets(c.portNamed(e.PortName)):
			return &fix.Refusal{
				Reason: fmt.Sprintf("load balancers speak TLS to the port of %s, and its agent ends it: without the endpoint "+
					"TLS ends nowhere", e.PortName),
				Instead: "lead the load balancer to a target group whose protocol the app speaks first, refresh, and plan again",
			}
		case e.Kind == fix.EditTLS && e.Drop:
			return &fix.Refusal{
				Reason:  fmt.Sprintf("without TLS the requests to %s are plaintext between the tasks", e.PortName),
				Instead: "change it where the service is described, if that is meant",
			}
		case e.Kind == fix.EditTLS:
			return &fix.Refusal{
				Reason: fmt.Sprintf("TLS for %s needs a private certificate authority, a role for ECS to get certificates with, "+
					"and perhaps a KMS key", e.PortName),
				Instead: "set serviceConnectConfiguration.services[].tls (issuerCertificateAuthority.awsPcaAuthorityArn, " +
					"roleArn, kmsKey) where the service is described, and an HTTPS target group behind a TLS 1.3 policy for its " +
					"load balancers",
			}
		}
	}
	return nil
}

// hasTLSTargets tells whether a load balancer speaks TLS to a container port.
func (c *situation) hasTLSTargets(port int) bool {
	return slices.ContainsFunc(c.paths, func(p *reach.Path) bool {
		g := p.Facts.TargetGroup
		return g != nil && p.Target.ContainerPort == port && (g.Protocol == "HTTPS" || g.Protocol == "TLS")
	})
}

// waysIn are the actions that tell who connects to a service.
var waysIn = []model.Action{
	model.ListGatewayRoutes, model.DescribeServiceRevisions, model.DescribeTargetGroups, model.DescribeLoadBalancers,
	model.DescribeListeners,
	model.DescribeRules, model.DescribeTargetHealth, model.DescribeTargetGroupAttributes,
	// Whose the targets are that the user registered by hand, their tasks tell.
	model.ListTasks, model.DescribeTasks, model.ListContainerInstances, model.DescribeContainerInstances,
	model.DescribeInstances,
}

// refuseBlindly refuses to take a port away from the agent while it is not known who
// connects to it: load balancers and their health checks may.
func refuseBlindly(c *situation, s *fix.Step) *fix.Refusal {
	sc := c.block()
	for _, e := range s.Edits {
		if sc == nil || e.Index >= len(sc.Services) || sc.Services[e.Index].IngressPortOverride == 0 ||
			e.Kind != fix.EditOverride && e.Kind != fix.EditRemoveEndpoint {
			continue
		}
		for i := range c.snapshot.Gaps {
			if g := &c.snapshot.Gaps[i]; slices.Contains(waysIn, g.Action) {
				return &fix.Refusal{
					Reason: fmt.Sprintf("%s did not answer, so that it is not known who else connects to %s", g.Action,
						c.service.Name),
					Instead: fmt.Sprintf("allow %s for hopscope, refresh, and plan again", g.Action),
				}
			}
		}
	}
	return nil
}

// refuseGroup refuses to change a group that belongs to another account, or to ECS.
func refuseGroup(c *situation, s *fix.Step) *fix.Refusal {
	if s.Group == "" {
		return nil
	}
	g, missing := c.ix.SecurityGroup(s.Group)
	switch {
	case missing != nil:
		return &fix.Refusal{Reason: missing.String(), Instead: fmt.Sprintf("allow %s and refresh", missing.Action)}
	case g.Owner != "" && c.snapshot.Scope.Account != "" && g.Owner != c.snapshot.Scope.Account:
		return &fix.Refusal{
			Reason:  fmt.Sprintf("security group %s belongs to account %s", s.Group, g.Owner),
			Instead: "ask its owner for this: " + s.Title,
		}
	case managedByECS(g):
		return &fix.Refusal{
			Reason:  fmt.Sprintf("ECS manages security group %s, and does not repair what others change in it", s.Group),
			Instead: "give the service a security group of its own for this rule: " + s.Title,
		}
	}
	return nil
}

// managedByECS tells whether a group was made by a service gateway or for an Express
// service.
func managedByECS(g *model.SecurityGroup) bool {
	for key, value := range g.Tags {
		key = strings.ToLower(key)
		if strings.HasPrefix(key, "aws:ecs:") || key == "amazonecsmanaged" && !strings.EqualFold(value, "false") {
			return true
		}
	}
	return false
}

// harm says what a plan would break that works now: such a plan is never carried
// out.
func harm(c *situation, after *situation) *fix.Refusal {
	for _, p := range after.paths {
		if p.Access != reach.Blocked {
			continue
		}
		for _, before := range c.paths {
			if before.Access == reach.Allowed && change.Same(before, p) {
				return &fix.Refusal{
					Reason:  fmt.Sprintf("%s would be refused on port %d of %s", words.Sender(p), p.Target.WirePort, c.service.Name),
					Instead: "open that port to it by hand, refresh, and plan again",
				}
			}
		}
	}
	if p := c.orphan(after); p != nil {
		return &fix.Refusal{
			Reason:  fmt.Sprintf("%s would find nothing on port %d of %s", words.Sender(p), p.Target.WirePort, c.service.Name),
			Instead: "point its targets at another port first, refresh, and plan again",
		}
	}
	for _, f := range after.report().Findings {
		// A rule that lets packets in may uncover what was wrong all the time; it does
		// not misconfigure a service.
		uncovered := after.service == c.service && strings.HasPrefix(f.Code, "CFG")
		if !isHarm(f) || c.has(f) || uncovered {
			continue
		}
		return &fix.Refusal{
			Reason:  fmt.Sprintf("afterwards there would be %s: %s", f.Code, f.Title()),
			Instead: "repair that first, or choose another way",
		}
	}
	if p := c.breaks(after); p != nil {
		return &fix.Refusal{
			Reason: fmt.Sprintf("requests of %s to port %d of %s would arrive, and the path would be broken all the same",
				words.Sender(p), p.Target.WirePort, c.service.Name),
			Instead: "repair what else is wrong on that path first, refresh, and plan again",
		}
	}
	return nil
}

// breaks is a path that works now, or is refused, and would be broken, nil if there is none:
// admitted, but in a protocol or on a port that its target does not serve.
func (c *situation) breaks(after *situation) *reach.Path {
	after.report() // gives the paths their verdicts
	for _, p := range after.paths {
		if p.Verdict != reach.Broken || p.Access == reach.Blocked {
			continue
		}
		if slices.ContainsFunc(c.paths, func(b *reach.Path) bool {
			opened := b.Access == reach.Blocked && p.Access == reach.Allowed
			return (opened || b.Verdict != reach.Broken && b.Access == reach.Allowed) && change.Same(b, p)
		}) {
			return p
		}
	}
	return nil
}

// orphan is a load balancer's path that leads nowhere afterwards, nil if there is
// none: its targets were registered by another program on the port that the agent
// would leave.
func (c *situation) orphan(after *situation) *reach.Path {
	for _, before := range c.paths {
		if before.Source.Services != nil || before.Place.Deployment != "" || before.Access == reach.Blocked {
			continue
		}
		if !slices.ContainsFunc(after.paths, func(p *reach.Path) bool { return change.Same(before, p) }) {
			return before
		}
	}
	return nil
}

// harmElsewhere says what the added rules would uncover at other services that have
// the groups, as far as these are few.
func harmElsewhere(c *situation, steps []fix.Step, after *situation) *fix.Refusal {
	var refs []model.Ref
	for i := range steps {
		switch s := &steps[i]; {
		case s.Later || s.Rule == nil:
		case s.Kind == fix.AuthorizeIngress:
			refs = append(refs, c.holders.Services(s.Group)...)
		case s.Kind == fix.AuthorizeEgress && s.Rule.Group != nil:
			refs = append(refs, c.holders.Services(s.Rule.Group.ID)...)
		}
	}
	slices.SortFunc(refs, model.Ref.Compare)
	if refs = slices.Compact(refs); len(refs) > manyUsers {
		return nil // the risks say who has the groups
	}
	for _, ref := range refs {
		if ref == c.service.Ref() {
			continue
		}
		if r := harm(c.neighbour(ref), c.look(after.world, ref)); r != nil {
			return &fix.Refusal{Reason: fmt.Sprintf("the rule is for %s too: %s", ref.Service, r.Reason), Instead: r.Instead}
		}
	}
	return nil
}

// isHarm tells whether a plan may not be the reason for a finding: any error, and
// warnings that something is blocked or misconfigured. That a namespace has no
// endpoint any more (CFG321) is what the removal of its last one is about.
func isHarm(f *rule.Finding) bool {
	warned := f.Severity == rule.Warning && f.Code != "CFG321" &&
		(strings.HasPrefix(f.Code, "NET") || strings.HasPrefix(f.Code, "CFG"))
	return f.Severity == rule.Error || warned
}

// has tells whether there is as severe a finding of a code already.
func (c *situation) has(f *rule.Finding) bool {
	return slices.ContainsFunc(c.report().Findings, func(o *rule.Finding) bool {
		return o.Code == f.Code &&
			o.Severity.Rank() >= f.Severity.Rank()
	})
}
