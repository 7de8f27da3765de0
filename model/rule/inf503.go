package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// overrideOpenToLoadBalancer is INF503: row 49 of docs/decision-table.md.
func overrideOpenToLoadBalancer() Rule {
	return Rule{
		Code: "INF503", Title: "The override's port is open to the load balancer", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, []model.Action{model.DescribeSecurityGroups}),
		check:   checkOverrideOpen,
		Doc: Doc{
			What: "A rule of the task's security group opens the agent's ingressPortOverride to the " +
				"load balancer's group.",
			Why: "Nothing uses it: the load balancer connects to the container port, override or not. Its author " +
				"may believe that the override is the load balancer's port, and remove the rule that counts.",
			Detection: "The load balancer's requests reach the app directly because of ingressPortOverride, and an " +
				"ingress rule of the task's groups names a group of the load balancer on the override, but not on " +
				"the port that the load balancer uses.",
			FalsePositive: "Service Connect callers have the load balancer's group too.",
			Fix:           "Revoke the rule; keep the one for the container port.",
			Source: "docs/traffic.md, Security groups and network ACLs: the load balancer needs the " +
				"registered target port only.",
		},
	}
}

func checkOverrideOpen(c *Case) {
	for paths := range groupBy(c.Paths, targetPort) {
		p := paths[0]
		offer := p.Facts.Interception.Offer
		if p.Via != reach.ViaDirect || offer == nil || offer.IngressPortOverride == 0 || p.Facts.Deployment.Network == nil {
			continue
		}
		n := offer.IngressPortOverride
		if slices.ContainsFunc(c.Siblings, func(o *reach.Path) bool {
			return o.Facts.LoadBalancer != nil && o.Target.WirePort == n
		}) {
			continue // a load balancer does use it: HOP102 and RSK403 say what of that
		}
		if group, rule := c.opened(paths, n); rule != nil {
			c.report(openFinding(c, paths, group, rule, n))
		}
	}
}

// opened finds the rule of the target's groups that admits a group of the load
// balancers on a port and not on theirs.
func (c *Case) opened(paths []*reach.Path, n int) (group string, rule *model.SecurityGroupRule) {
	for _, id := range paths[0].Facts.Deployment.Network.SecurityGroups {
		g, missing := c.Index.SecurityGroup(id)
		if missing != nil {
			c.lack(missing)
			continue
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if r.Group == nil || !r.Covers("tcp", n) || r.Covers("tcp", paths[0].Target.WirePort) {
				continue
			}
			if slices.ContainsFunc(paths, func(p *reach.Path) bool {
				return p.Facts.LoadBalancer != nil && slices.Contains(p.Facts.LoadBalancer.SecurityGroups, r.Group.ID)
			}) {
				return id, r
			}
		}
	}
	return "", nil
}

func openFinding(c *Case, paths []*reach.Path, group string, rule *model.SecurityGroupRule, n int) Finding {
	ix := c.Index
	return Finding{Paths: paths, about: group, text: func(f *Finding) Text {
		p, label := f.Paths[0], ix.GroupLabel(group)
		lb, used := p.Facts.LoadBalancer.Name, p.Target.WirePort
		return Text{
			Title: fmt.Sprintf("%s opens the agent's port %d to %s, which does not use it", label, n, lb),
			Detail: fmt.Sprintf("ingressPortOverride %d is the port of %s's agent, for Service Connect callers. %s connects "+
				"to port %d, and the rule that opens %d to it serves nothing. Keep its rule for port %d.",
				n, f.Service, lb, used, n, used),
			Evidence: append(hopEvidence(p), fact(model.DescribeSecurityGroups, "%s: ingress rule %s from %s",
				label, rule.Ports(), ix.GroupLabel(rule.Group.ID))),
		}
	}}
}
