package planner

import (
	"cmp"
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Advice about targets: what is wrong with them is in the tasks, or was done to the
// target group behind ECS's back.

// healthOf is the target group of a finding and what was observed of it, nil if there is
// none.
func healthOf(c *situation, f *rule.Finding) (*reach.Path, *model.TargetGroup) {
	for _, p := range c.pathsOf(f) {
		if p.Facts.TargetGroup != nil {
			return p, p.Facts.TargetGroup
		}
	}
	return nil, nil
}

// adviseUnhealthy looks at targets in the order in which their reasons are found out.
func adviseUnhealthy(c *situation, f *rule.Finding) []*fix.Plan {
	p, group := healthOf(c, f)
	if group == nil || p.Health == nil || f.CausedBy != nil { // what explains it has the plan
		return nil
	}
	check := &group.HealthCheck
	plan := advice(c, "find-unhealthy", group.Name, fmt.Sprintf("Find out why targets of %s in %s are unhealthy",
		c.service.Name, group.Name), f.Detail(),
		byHand("See state and reason of each target as they are now",
			c.aws("elbv2", "describe-target-health", "--target-group-arn", group.ARN)),
		byHand("See what ECS did to the tasks, and why they stopped", c.describe("services[0].events[:10].message")))
	reasons := p.Health.Reasons()
	if reasons[model.TargetResponseCodeMismatch] > 0 {
		plan.Steps = append(plan.Steps, byHand(
			fmt.Sprintf("If %s is not what the app answers, or %s not its code, change the check",
				cmp.Or(check.Path, "the path"), cmp.Or(check.Matcher, "the matcher")),
			c.aws("elbv2", "modify-target-group", "--target-group-arn", group.ARN, "--health-check-path", "PATH", "--matcher",
				"HttpCode=CODES")))
	}
	if reasons[model.TargetTimeout] > 0 || reasons[model.TargetFailedHealthChecks] > 0 {
		plan.Steps = append(plan.Steps, byHand("Ask the app from inside its task, on the port and path of the check",
			c.inContainer(p.Target.ContainerPort, "sh")))
	}
	plan.Undo = "Looking changes nothing."
	return onlyPlan(plan)
}

// adviseRegistration has ECS register the tasks again.
func adviseRegistration(c *situation, f *rule.Finding) []*fix.Plan {
	_, group := healthOf(c, f)
	if group == nil {
		return nil
	}
	return onlyPlan(advice(c, "register-tasks", group.Name, fmt.Sprintf("Have ECS register the tasks of %s in %s again",
		c.service.Name, group.Name),
		"ECS registers a task when it starts. A deployment that changes nothing else starts new ones.",
		byHand("See what ECS says of the target group", c.describe("services[0].events[:10].message")),
		byHand("Deploy the service as it is", c.ofService("update-service", "--force-new-deployment"))))
}

// adviseWeights gives the requests to the target group that has the tasks.
func adviseWeights(c *situation, f *rule.Finding) []*fix.Plan {
	if len(f.Paths) == 0 {
		return adviseListener(c)
	}
	p, group := healthOf(c, f)
	if group == nil || p.Facts.Rule == nil {
		return nil
	}
	other := c.service.AlternateOf(group.ARN)
	if other == "" {
		return nil
	}
	actions := fmt.Sprintf(`[{"Type":"forward","ForwardConfig":{"TargetGroups":[`+
		`{"TargetGroupArn":%q,"Weight":100},{"TargetGroupArn":%q,"Weight":0}]}}]`, other, group.ARN)
	command := []string{"elbv2", "modify-rule", "--rule-arn", p.Facts.Rule.ARN, "--actions", actions}
	if p.Facts.Rule.Default && p.Facts.Listener != nil {
		command = []string{"elbv2", "modify-listener", "--listener-arn", p.Facts.Listener.ARN, "--default-actions", actions}
	}
	plan := advice(c, "move-weights", group.Name, "Send the requests to the target group that has the tasks "+
		"of "+c.service.Name,
		"ECS moves the weights in a deployment. Whatever has put them back will do it again: let it leave the weights to "+
			"ECS.",
		byHand("See the actions of the rule: authentication before the forward has to be sent again as well",
			c.aws("elbv2", "describe-rules", "--rule-arns", p.Facts.Rule.ARN)),
		byHand(fmt.Sprintf("Give %s the weight 0, and the other group 100", group.Name), c.aws(command...)))
	plan.Undo = "Give the groups the weights that they had."
	return onlyPlan(plan)
}

// adviseListener is for tasks to which no listener sends anything: the rule that did is
// not known, and it is changed back, never deleted.
func adviseListener(c *situation) []*fix.Plan {
	if len(c.service.LoadBalancers) == 0 {
		return nil
	}
	arn := c.service.LoadBalancers[0].TargetGroupARN
	group, missing := c.ix.TargetGroup(arn)
	if missing != nil {
		return nil
	}
	plan := advice(c, "forward-to-tasks", group.Name,
		"Let the listener's rule forward to "+group.Name+", where the tasks of "+
			c.service.Name+" are",
		"The rule that had the requests forwards to a group without targets now. Whatever has put it back will do it again: "+
			"let it leave the forward to the deployments.", c.forwardTo(group)...)
	plan.Undo = "Give the rule the actions that it had."
	return onlyPlan(plan)
}

// forwardTo are the steps that let the rule which served the service forward to a group.
// The rule is known where everything was read, and no other one of the VPC forwards to a
// group of this kind that no service has.
func (c *situation) forwardTo(group *model.TargetGroup) []fix.Step {
	forward := "Type=forward,TargetGroupArn=" + group.ARN
	const change = "Change its forward%s; authentication before the forward has to be sent again as well"
	if all := c.orphaned(group); len(all) == 1 && c.ix.Snapshot.Complete && c.ix.Snapshot.Scope.AllClusters {
		r, command := all[0], []string{"modify-rule", "--rule-arn", all[0].ARN, "--actions"}
		if r.Default {
			command = []string{"modify-listener", "--listener-arn", r.ListenerARN, "--default-actions"}
		}
		return []fix.Step{
			byHand("See the rule: of those that were read it alone forwards to a group that no service has",
				c.aws("elbv2", "describe-rules", "--rule-arns", r.ARN, "--query", "Rules[].[RuleArn,Priority,Actions]")),
			byHand(fmt.Sprintf(change, ""), c.aws(append([]string{"elbv2"}, append(command, forward)...)...)),
		}
	}
	return append(c.findRule(group), byHand(
		fmt.Sprintf(change, ", with its RuleArn, which is printed before, in place of RULE"),
		c.aws("elbv2", "modify-rule", "--rule-arn", "RULE", "--actions", forward)))
}

// findRule are the steps that show the rules among which is the one that served the service:
// those of the listeners that were read, or how to find these.
func (c *situation) findRule(group *model.TargetGroup) []fix.Step {
	rulesOf := func(listener string) string {
		return c.aws("elbv2", "describe-rules", "--listener-arn", listener, "--query", "Rules[].[RuleArn,Priority,Actions]")
	}
	var steps []fix.Step
	for i := range c.ix.Snapshot.Listeners {
		l := &c.ix.Snapshot.Listeners[i]
		lb, missing := c.ix.LoadBalancer(l.LoadBalancerARN)
		if missing == nil && lb.VPC == group.VPC && (lb.Type == model.ApplicationLoadBalancer) == isHTTP(group.Protocol) {
			steps = append(steps, byHand(fmt.Sprintf("See whether a rule of %s :%d forwards to the other target group of %s",
				lb.Name, l.Port, c.service.Name), rulesOf(l.ARN)))
		}
	}
	const most = 5
	if len(steps) > 0 && len(steps) <= most {
		return steps
	}
	return []fix.Step{
		byHand("Find the load balancer that served "+c.service.Name, c.aws("elbv2", "describe-load-balancers", "--query",
			fmt.Sprintf("LoadBalancers[?VpcId=='%s'].[LoadBalancerName,LoadBalancerArn]", group.VPC))),
		byHand("Find its listener, with the load balancer's ARN, which is printed before, in place of LOAD_BALANCER",
			c.aws("elbv2", "describe-listeners", "--load-balancer-arn", "LOAD_BALANCER", "--query",
				"Listeners[].[Port,ListenerArn]")),
		byHand("Find the rule that forwards to the other target group of "+c.service.Name+
			", with the listener's ARN, which is printed before, in place of LISTENER", rulesOf("LISTENER")),
	}
}

// isHTTP tells whether a target group of a protocol is an application load balancer's.
func isHTTP(protocol string) bool { return protocol == "HTTP" || protocol == "HTTPS" }

// orphaned are the rules that forward to a group of the same VPC which no service has.
func (c *situation) orphaned(group *model.TargetGroup) []*model.ListenerRule {
	used := map[model.ARN]bool{}
	for i := range c.ix.Snapshot.Services {
		for _, lb := range c.ix.Snapshot.Services[i].LoadBalancers {
			used[lb.TargetGroupARN], used[lb.AlternateTargetGroupARN] = true, true
		}
	}
	var out []*model.ListenerRule
	for i := range c.ix.Snapshot.ListenerRules {
		r := &c.ix.Snapshot.ListenerRules[i]
		if slices.ContainsFunc(r.Actions, func(a model.ListenerAction) bool {
			return slices.ContainsFunc(a.Forward, func(w model.WeightedTargetGroup) bool {
				other, missing := c.ix.TargetGroup(w.TargetGroupARN)
				return missing == nil && !used[other.ARN] && other.VPC == group.VPC && other.TargetType == group.TargetType
			})
		}) {
			out = append(out, r)
		}
	}
	return out
}
