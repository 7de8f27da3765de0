package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// tasksElsewhere is HLT604.
func tasksElsewhere() Rule {
	return Rule{
		Code: "HLT604", Title: "The tasks are in a target group that gets no requests, and the one that gets them is " +
			"empty", Severity: Error,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		always:  true,
		Needs:   healthFacts,
		check:   checkTasksElsewhere,
		Doc: Doc{
			What: "A service has two target groups, for blue/green, linear or canary deployments. The " +
				"listener's rule sends the requests to the one that has no target, and the tasks are in the other. Or no " +
				"listener sends anything to any target group of the service.",
			Why: "Requests get 503 while all tasks run. Usually something other than ECS put the rule's " +
				"weights back, such as an apply of a template that has the weights from before the deployment.",
			Detection: "The rule gives the group that has no registered target a weight above 0, and the group that " +
				"has the targets weight 0 or no rule. Or LoadBalancerArns of all groups that the service names is empty, or " +
				"each rule gives them weight 0, while runningCount is above 0.",
			FalsePositive: "None known.",
			Fix:           "Give the group that has the tasks the weight, and let the template leave the weights to ECS.",
			Source:        "aws/containers-roadmap#2853; Elastic Load Balancing guide, listener rules: weights.",
		},
	}
}

func checkTasksElsewhere(c *Case) {
	c.reportUnused()
	for paths := range groupBy(emptyGroups(c), targetGroup) {
		group := paths[0].Facts.TargetGroup
		o := c.other(group)
		if o == nil || !hasTargets(o) {
			continue
		}
		running := c.Service.RunningCount
		c.report(Finding{
			Paths: paths, verdict: reach.Broken, about: group.Name,
			text: func(f *Finding) Text { return elsewhereText(f, group, o, running) },
		})
	}
}

// elsewhereText says that a group gets the requests and another one has the tasks.
func elsewhereText(f *Finding, group, o *model.TargetGroup, running int) Text {
	return Text{
		Title: fmt.Sprintf("Requests go to %s, which is empty: the tasks of %s are in %s", group.Name, f.Service, o.Name),
		Detail: fmt.Sprintf("%d targets of %s are registered in %s, which gets no request. The rule sends them to %s, "+
			"which has none: they get 503. ECS moves the weights in a deployment; something else has put them back.",
			registered(o), f.Service, o.Name, group.Name),
		Evidence: append(emptyEvidence(f, group, running), registeredEvidence(o)),
	}
}

// registered is how many targets a group is known to have.
func registered(g *model.TargetGroup) int {
	if g.Health == nil {
		return g.HostCounts.Healthy + g.HostCounts.Unhealthy
	}
	return len(g.Health.Targets)
}

func registeredEvidence(g *model.TargetGroup) reach.Evidence {
	from := model.DescribeTargetHealth
	if g.Health == nil {
		from = model.GetMetricData
	}
	return fact(from, "target group %s: %d targets", g.Name, registered(g))
}

// reportUnused reports a service whose tasks run in target groups to which no listener
// sends anything. ECS asks for a listener when the service is made: it was changed since.
func (c *Case) reportUnused() {
	s := c.Service
	if len(c.Unsure) > 0 || s.RunningCount == 0 || slices.ContainsFunc(c.Paths, inUse) ||
		justDeployed(s, c.Index.Snapshot.CollectedAt) {
		return
	}
	groups, missing := attachedGroups(c.Index, s)
	if missing != nil {
		c.lack(missing)
		return
	}
	forwarded := func(g *model.TargetGroup) bool {
		return len(g.LoadBalancers) > 0 &&
			!slices.ContainsFunc(c.Paths, func(p *reach.Path) bool { return p.Facts.TargetGroup == g })
	}
	if len(groups) == 0 || slices.ContainsFunc(groups, forwarded) || slices.ContainsFunc(c.Paths, c.servedElsewhere) {
		return // by a listener that was not read, or on purpose
	}
	c.report(Finding{
		Paths: c.Paths, verdict: reach.Broken, about: groups[0].Name,
		text: func(f *Finding) Text { return unusedText(f, groups, s.RunningCount) },
	})
}

// servedElsewhere tells whether another group gets the requests of a path's rule, and is
// not known to be empty: the one of weight 0 waits on purpose, such as a canary.
func (c *Case) servedElsewhere(p *reach.Path) bool {
	if p.Facts.Rule == nil {
		return true
	}
	for _, action := range p.Facts.Rule.Actions {
		for _, to := range action.Forward {
			g, missing := c.Index.TargetGroup(to.TargetGroupARN)
			if to.Weight > 0 && (missing != nil || g.Health == nil || hasTargets(g)) {
				return true
			}
		}
	}
	return false
}

// attachedGroups are the target groups that ECS registers a service's tasks in.
func attachedGroups(ix *model.Index, s *model.Service) ([]*model.TargetGroup, *model.Missing) {
	var out []*model.TargetGroup
	for arn := range s.TargetGroups() {
		g, missing := ix.TargetGroup(arn)
		if missing != nil {
			return nil, missing
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out, nil
}

func unusedText(f *Finding, groups []*model.TargetGroup, running int) Text {
	names := make([]string, len(groups))
	evidence := []reach.Evidence{
		fact(model.DescribeServices, "service %s: runningCount = %d", f.Service, running),
	}
	for i, g := range groups {
		names[i] = g.Name
		if len(g.LoadBalancers) == 0 {
			evidence = append(evidence, fact(model.DescribeTargetGroups, "target group %s: LoadBalancerArns is empty", g.Name))
		} else {
			evidence = append(evidence, fact(model.DescribeRules, "every rule gives %s weight 0", g.Name))
		}
		if g.Health != nil || g.HostCounts != nil {
			evidence = append(evidence, registeredEvidence(g))
		}
	}
	return Text{
		Title: fmt.Sprintf("No listener sends requests to %s: nothing forwards to %s", f.Service,
			strings.Join(names, " or ")),
		Detail: fmt.Sprintf("%d tasks of %s run and get no request from a load balancer. ECS asks for a listener when a "+
			"service is made, so that the rule was changed since: usually an apply of a template put the forward back to the "+
			"group from before the last deployment.", running, f.Service),
		Evidence: evidence,
	}
}
