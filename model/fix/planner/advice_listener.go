package planner

import (
	"fmt"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
)

// Advice about the rules of listeners.

// adviseRules tells two rules apart. The default action is no rule: it is always the
// last one, and cannot be removed.
func adviseRules(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 || paths[0].Facts.Rule == nil || f.Forward == nil {
		return nil
	}
	later, earlier := paths[0].Facts.Rule, f.Forward.Rule
	name := fmt.Sprintf("%s :%d", paths[0].Source.Name, paths[0].Source.ListenerPort)
	see := byHand("Look at the rules of the listener in their order",
		c.aws("elbv2", "describe-rules", "--listener-arn", later.ListenerARN))
	why := "Rules are tried by their numbers, and an earlier one takes all of this one's requests."
	if later.Default {
		return onlyPlan(advice(c, "separate-rules", later.Priority,
			fmt.Sprintf("Let requests come to the default action of %s", name), why, see,
			byHand(fmt.Sprintf("Narrow the conditions of rule %s of %s: the default action gets what no rule takes",
				earlier.Priority, name), c.aws("elbv2", "modify-rule", "--rule-arn", earlier.ARN, "--conditions", "CONDITIONS"))))
	}
	return onlyPlan(advice(c, "separate-rules", later.Priority,
		fmt.Sprintf("Tell rule %s of %s apart from rule %s, which is in its way", later.Priority, name, earlier.Priority),
		why+" If one of the two is not wanted, remove it.", see,
		byHand(fmt.Sprintf("Give rule %s of %s a lower number than rule %s, or narrow the other's conditions",
			later.Priority, name, earlier.Priority),
			c.aws("elbv2", "set-rule-priorities", "--rule-priorities", "RuleArn="+later.ARN+",Priority=NUMBER"))))
}

// adviseIdleRule is about a forward to a group without targets.
func adviseIdleRule(c *situation, f *rule.Finding) []*fix.Plan {
	if f.Forward == nil || f.Forward.TargetGroup == nil {
		return nil
	}
	way := f.Forward
	stop, taken := stopForward(c, way)
	title := "Remove a rule, or give it targets: " + f.Title()
	if way.Rule.Default {
		title = "Change a default action, or give it targets: " + f.Title()
	}
	plan := advice(c, "remove-rule", slug(f.Title()), title,
		"Its requests are not answered as long as the group has no targets.",
		byHand("See the rule: "+f.Title(), c.aws("elbv2", "describe-rules", "--listener-arn", way.Listener.ARN)),
		byHand("Attach a service to "+way.TargetGroup.Name+", which no service that was read names: write its load "+
			"balancers down, as what is not sent back is taken off",
			c.aws("ecs", "describe-services", "--cluster", c.service.Cluster, "--services", "SERVICE", "--query",
				"services[0].loadBalancers")+intoJSON+"load-balancers.json"),
		byHand("Add an entry with targetGroupArn "+way.TargetGroup.ARN+" and the container's name and port, and send it",
			c.aws("ecs", "update-service", "--cluster", c.service.Cluster, "--service", "SERVICE", "--load-balancers",
				"file://load-balancers.json")),
		stop)
	plan.Removes = []string{taken}
	return onlyPlan(plan)
}

// stopForward is the step that ends a forward, and what it takes away.
func stopForward(c *situation, way *rule.Forward) (step fix.Step, taken string) {
	name := fmt.Sprintf("rule %s of %s :%d", way.Rule.Priority, way.LoadBalancer.Name, way.Listener.Port)
	group := way.TargetGroup.Name
	taken = fmt.Sprintf("the forward of %s to %s", name, group)
	change := func(actions string) string {
		if way.Rule.Default {
			return c.aws("elbv2", "modify-listener", "--listener-arn", way.Listener.ARN, "--default-actions", actions)
		}
		return c.aws("elbv2", "modify-rule", "--rule-arn", way.Rule.ARN, "--actions", actions)
	}
	weights, others := withoutGroup(way)
	switch {
	case others && len(way.Rule.Actions) > 1:
		return byHand(fmt.Sprintf("Or give %s the weight 0, and send the other actions of %s again as they are",
				group, name), ""),
			taken
	case others:
		return byHand(fmt.Sprintf("Or give %s the weight 0; stickiness of the forward has to be sent again as well", group),
				change(weights)),
			taken
	case !way.Rule.Default:
		return byHand("Or, if no request is to come, remove "+name+", or let it answer by itself (fixed-response)",
			c.aws("elbv2", "delete-rule", "--rule-arn", way.Rule.ARN)), name
	case way.LoadBalancer.Type != model.ApplicationLoadBalancer:
		return byHand("Or forward to a target group that has targets",
				change("Type=forward,TargetGroupArn=TARGET_GROUP_ARN")),
			taken
	case len(way.Rule.Actions) > 1:
		return byHand("Or let the default action answer by itself (fixed-response) after its other actions, which have to "+
			"be sent again as they are", ""), taken
	}
	return byHand("Or let the default action, which a listener always has, answer by itself",
		change("Type=fixed-response,FixedResponseConfig={StatusCode=404}")), taken
}

// withoutGroup is the forward of a rule with the weight 0 for the group of a way, and
// whether another group is left to get the requests.
func withoutGroup(way *rule.Forward) (action string, others bool) {
	var groups []string
	for i := range way.Rule.Actions {
		for _, t := range way.Rule.Actions[i].Forward {
			weight := t.Weight
			if t.TargetGroupARN == way.TargetGroup.ARN {
				weight = 0
			}
			others = others || weight > 0
			groups = append(groups, fmt.Sprintf("{TargetGroupArn=%s,Weight=%d}", t.TargetGroupARN, weight))
		}
	}
	return "Type=forward,ForwardConfig={TargetGroups=[" + strings.Join(groups, ",") + "]}", others
}
