package planner

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
)

// adviseProtocol repairs CFG325: which of both sides is right is known to the owner of the
// app alone, so that the advice names both ways.
func adviseProtocol(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	groups := targetGroups(paths)
	if len(groups) == 0 {
		return nil
	}
	group, port := groups[0], paths[0].Target.ContainerPort
	if f.Severity == rule.Warning {
		return onlyPlan(advice(c, "separate-target-ports", group.Name,
			fmt.Sprintf("Send target group %s to the port of %s that speaks its protocol", group.Name, c.service.Name),
			"Two groups of different protocols then have a port each. Where the app speaks both on one port, nothing has to "+
				"be done.",
			otherTargetPort(c, group)...))
	}
	return onlyPlan(advice(c, "match-protocols", group.Name,
		fmt.Sprintf("Let target group %s and port %d of %s speak one protocol", group.Name, port, c.service.Name),
		"A target group's protocol cannot be changed, nor the appProtocol of a port that Service Connect offers: one of "+
			"both gets a successor. Moving the agent helps only where the app itself speaks what the group sends.",
		append([]fix.Step{
			byHand(fmt.Sprintf("See what the app speaks on port %d; if it is what appProtocol says, create a target group with "+
				"that protocol, forward to it, and name it in loadBalancers instead of %s", port, group.Name),
				c.aws("elbv2", "describe-target-groups", "--target-group-arns", group.ARN)),
		}, newRevision(c, fmt.Sprintf("If it is what the group sends, give the mapping of port %d a new name and the "+
			"appProtocol that fits, and offer the new name in Service Connect", port))...)...))
}

// otherTargetPort points one of the service's target groups at another container port.
func otherTargetPort(c *situation, group *model.TargetGroup) []fix.Step {
	return []fix.Step{
		byHand("Write the load balancers of the service down: what is not sent back is taken off",
			c.describe("services[0].loadBalancers")+intoJSON+"load-balancers.json"),
		byHand(fmt.Sprintf("Set containerPort of the entry of %s, and admit the load balancer on that port", group.Name),
			c.ofService("update-service", "--load-balancers", "file://load-balancers.json")),
	}
}
