package planner

import (
	"fmt"

	"hopscope/model/fix"
	"hopscope/model/rule"
	"hopscope/model/words"
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
	const aZone = 2
	step := byHand("Run at least two tasks a zone, in place of COUNT",
		c.ofService("update-service", "--desired-count", "COUNT"))
	switch n := zonesOf(c); {
	case n == 0:
	case c.service.DesiredCount >= aZone*n:
		step = byHand("See where the tasks run: there are enough of them for two a zone. Where one zone has fewer, its "+
			"subnets have no room, or a deployment spreads the tasks anew", c.describe("services[].events[:5].message"))
	default:
		step = byHand(fmt.Sprintf("Run at least two tasks in each of %s", words.Count(n, "zone")),
			c.ofService("update-service", "--desired-count", fmt.Sprint(aZone*n)))
	}
	if at := paths[0].Facts.Deployment.CreatedAt; !at.IsZero() && at.Before(rule.ZoneRoutingSince) {
		step = byHand("Deploy the service again: zone-aware routing begins with that, where two tasks a zone run",
			c.ofService("update-service", "--force-new-deployment"))
	}
	return onlyPlan(advice(c, "keep-calls-in-zone", "", "Let zone-aware routing of "+c.service.Name+" begin",
		"Worth it where traffic between zones is. Callers start it with a deployment of their own.", step))
}

// zonesOf is the number of zones of the service's subnets, 0 where one of them is not known.
func zonesOf(c *situation) int {
	network := c.service.Primary().Network
	if network == nil {
		return 0
	}
	zones := map[string]bool{}
	for _, id := range network.Subnets {
		subnet, missing := c.ix.Subnet(id)
		if missing != nil || subnet.AvailabilityZone == "" {
			return 0
		}
		zones[subnet.AvailabilityZone] = true
	}
	return len(zones)
}
