package rule

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
)

// nothingRegistered is HLT603.
func nothingRegistered() Rule {
	return Rule{
		Code: "HLT603", Title: "Tasks run, but nothing is registered", Severity: Error,
		Sources: balancers,
		Needs:   healthFacts,
		check:   checkNothingRegistered,
		Doc: Doc{
			What: "A service has running tasks, and the target group that its load balancer forwards to has no " +
				"target.",
			Why: "Requests get 503 while ECS counts the tasks as running.",
			Detection: "DescribeTargetHealth lists no target of a group that a listener gives a weight above 0, and " +
				"runningCount of the deployment is above 0. A deployment of the last two minutes is left alone: its tasks " +
				"may not be registered yet. Of the two groups of a blue/green, linear or canary deployment one is empty by " +
				"design: see HLT604.",
			FalsePositive: "Tasks that have just been started outside a deployment.",
			Fix: "Look at the events of the service. If something else took the targets out, a new deployment " +
				"registers the tasks again.",
			Source: "Elastic Load Balancing guide, HTTP 503: the target groups for the load balancer have no " +
				"registered targets; Amazon ECS developer guide, service load balancing.",
		},
	}
}

// settling is how long after a deployment began its tasks may be missing from a target
// group.
const settling = 2 * time.Minute

// inUse tells whether a listener sends requests to the path's target group.
func inUse(p *reach.Path) bool { return p.Source.Weight == nil || *p.Source.Weight > 0 }

// emptyGroups are the paths to target groups that get requests and have no target,
// although tasks that ECS registers run.
func emptyGroups(c *Case) []*reach.Path {
	return where(c.Paths, func(p *reach.Path) bool {
		group := p.Facts.TargetGroup
		if group == nil || p.Facts.ByHand {
			return false
		}
		if group.Health == nil {
			if group.HostCounts == nil { // which are of groups that have targets
				c.lackUnread(model.DescribeTargetHealth, group.ARN)
			}
			return false
		}
		return p.Health != nil && !hasTargets(group) && inUse(p) && p.Facts.Deployment.RunningCount > 0 &&
			!justDeployed(c.Service, p.Health.ReadAt) && c.expectsTargets(p)
	})
}

// hasTargets tells whether a group is known to have a target that is not on its way out.
func hasTargets(group *model.TargetGroup) bool {
	if group.Health == nil {
		return group.HostCounts != nil
	}
	return slices.ContainsFunc(group.Health.Targets, func(t model.Target) bool { return t.State != "draining" })
}

// expectsTargets tells whether a path's group is to have targets: between deployments one
// group of a pair is empty by design, and only a test listener sends to it. The service
// names the production rule; where it does not, it is the group that no rule uses.
func (c *Case) expectsTargets(p *reach.Path) bool {
	group := p.Facts.TargetGroup
	if production := c.Service.ProductionRuleOf(group.ARN); production != "" {
		return p.Facts.Rule != nil && p.Facts.Rule.ARN == production ||
			p.Facts.Listener != nil && p.Facts.Listener.ARN == production
	}
	o := c.other(group)
	if o == nil || o.Health != nil && !hasTargets(o) {
		return true
	}
	return !slices.ContainsFunc(c.Siblings, func(p *reach.Path) bool {
		return slices.Contains(balancers, p.Source.Kind) && p.Facts.TargetGroup == o && inUse(p)
	})
}

// justDeployed tells whether a deployment began so shortly before the targets were read
// that its tasks may not be registered yet.
func justDeployed(s *model.Service, read time.Time) bool {
	return slices.ContainsFunc(s.Deployments, func(d model.Deployment) bool {
		age := read.Sub(d.CreatedAt)
		return age >= 0 && age < settling
	})
}

// other is the other target group of a blue/green, linear or canary deployment, nil if
// the service has none that was read.
func (c *Case) other(group *model.TargetGroup) *model.TargetGroup {
	other, missing := c.Index.TargetGroup(c.Service.AlternateOf(group.ARN))
	if missing != nil {
		return nil
	}
	return other
}

func checkNothingRegistered(c *Case) {
	for paths := range groupBy(emptyGroups(c), targetGroup) {
		group := paths[0].Facts.TargetGroup
		if o := c.other(group); o != nil && hasTargets(o) {
			continue // HLT604
		}
		running := c.Service.RunningCount
		c.report(Finding{
			Paths: paths, verdict: reach.Broken, about: group.Name,
			text: func(f *Finding) Text {
				return Text{
					Title: fmt.Sprintf("%s runs tasks, and %s has no target", f.Service, group.Name),
					Detail: fmt.Sprintf("%d tasks of %s run, and target group %s has 0 registered targets: requests get 503.",
						running, f.Service, group.Name),
					Evidence: emptyEvidence(f, group, running),
				}
			},
		})
	}
}

func emptyEvidence(f *Finding, group *model.TargetGroup, running int) []reach.Evidence {
	return []reach.Evidence{
		fact(model.DescribeTargetHealth, "target group %s: 0 targets", group.Name),
		fact(model.DescribeServices, "service %s: runningCount = %d", f.Service, running),
	}
}
