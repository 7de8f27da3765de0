package planner

import (
	"fmt"

	"hopscope/model/fix"
	"hopscope/model/rule"
)

// adviseZones repairs NET206: the load balancer gets a node in the zone of the tasks.
func adviseZones(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 || paths[0].Facts.LoadBalancer == nil {
		return nil
	}
	lb := paths[0].Facts.LoadBalancer
	args := append([]string{"elbv2", "set-subnets", "--load-balancer-arn", lb.ARN, "--subnets"}, lb.Subnets...)
	plan := advice(c, "enable-zone", lb.Name, fmt.Sprintf("Give %s a node in each zone of %s", lb.Name, c.service.Name),
		"Every task then gets requests, and nothing is taken away. set-subnets replaces the list: keep those that are there.",
		byHand("Name a subnet of the missing zone in place of SUBNET, with a route for the clients of the load balancer",
			c.aws(append(args, "SUBNET")...)),
		byHand("Or take the subnets of that zone out of the service's networkConfiguration, if it is not to run there", ""))
	return onlyPlan(plan)
}

// adviseZoneRouting is for INF510: another deployment, or more tasks.
func adviseZoneRouting(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil
	}
	step := byHand("Run at least two tasks a zone, in place of COUNT",
		c.ofService("update-service", "--desired-count", "COUNT"))
	if at := paths[0].Facts.Deployment.CreatedAt; !at.IsZero() && at.Before(rule.ZoneRoutingSince) {
		step = byHand("Deploy the service again: zone-aware routing begins with that, where two tasks a zone run",
			c.ofService("update-service", "--force-new-deployment"))
	}
	return onlyPlan(advice(c, "keep-calls-in-zone", "", "Let zone-aware routing of "+c.service.Name+" begin",
		"Worth it where traffic between zones is. Callers start it with a deployment of their own.", step))
}
