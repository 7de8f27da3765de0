package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// zoneNotEnabled is NET206: rows 74 and 75 of docs/decision-table.md.
func zoneNotEnabled() Rule {
	return Rule{
		Code: "NET206", Title: "Targets are in a zone that the load balancer does not have", Severity: Error,
		Sources: balancers,
		Needs: slices.Concat(serviceFacts, loadBalancerFacts, []model.Action{
			model.DescribeSubnets, model.ListContainerInstances, model.DescribeContainerInstances, model.DescribeInstances,
			model.ListTasks, model.DescribeTasks,
		}),
		Uses:  []model.Action{model.DescribeTargetHealth},
		check: checkZones,
		Doc: Doc{
			What: "A service may place tasks in an availability zone that is not enabled for the load balancer in front of it.",
			Why: "A target in such a zone is registered and gets no request: its state is unused, with the reason " +
				"Target.NotInUse, whether cross-zone load balancing is on or off. The tasks run and are paid for in vain; where " +
				"all are there, the load balancer answers 503.",
			Detection: "The zones of the subnets in networkConfiguration (of the container instances, where tasks share their " +
				"network) are compared with those of the load balancer's subnets. An error where no zone is common, a warning " +
				"where some are; confidence is high where a target of such a zone was seen unused.",
			FalsePositive: "Placement constraints that keep tasks out of the zone.",
			Fix: "Enable the zone for the load balancer by a subnet in it, or take the subnets of that " +
				"zone out of the service.",
			Source: "Elastic Load Balancing guide, availability zones of a load balancer; target health reason codes: " +
				"Target.NotInUse.",
		},
	}
}

func checkZones(c *Case) {
	type pair struct {
		lb    *model.LoadBalancer
		group *model.TargetGroup
		role  string
	}
	known := where(c.Paths, func(p *reach.Path) bool {
		return p.Facts.LoadBalancer != nil && p.Facts.TargetGroup != nil && !p.Facts.ByHand
	})
	for paths := range groupBy(known, func(p *reach.Path) pair {
		return pair{p.Facts.LoadBalancer, p.Facts.TargetGroup, role(p)}
	}) {
		z, missing := c.zonesOf(paths[0])
		switch {
		case missing != nil:
			c.lack(missing)
			continue
		case len(z.outside) == 0:
			continue
		}
		f := Finding{
			Paths: paths, verdict: reach.Broken, about: z.lb.Name + " " + paths[0].Facts.TargetGroup.Name,
			text: z.text,
		}
		if len(z.outside) < len(z.tasks) && !z.allUnused(paths[0].Facts.TargetGroup) {
			f.Severity, f.verdict = Warning, reach.Risk
			if len(z.unused(paths[0].Facts.TargetGroup)) == 0 {
				f.Confidence = Medium
			}
		}
		c.report(f)
	}
}

// zones are the availability zones of a load balancer and of the tasks behind it.
type zones struct {
	lb *model.LoadBalancer
	// nodes are the load balancer's, tasks those that tasks can be in, and outside the
	// ones of tasks that the load balancer lacks, sorted.
	nodes, tasks, outside []string
}

// zonesOf compares the zones of a path's load balancer with those of its tasks.
func (c *Case) zonesOf(p *reach.Path) (zones, *model.Missing) {
	lb := p.Facts.LoadBalancer
	subnets, missing := p.TargetSubnets()
	if missing != nil {
		return zones{}, missing
	}
	for _, id := range lb.Subnets {
		if _, missing := c.Index.Subnet(id); missing != nil {
			return zones{}, missing
		}
	}
	lacks := func(n *model.Subnet) bool { return n.AvailabilityZone != "" && !c.hasNodeIn(lb, n.AvailabilityZone) }
	if len(lb.Subnets) == 0 || !slices.ContainsFunc(subnets, lacks) {
		return zones{}, nil
	}
	z := zones{lb: lb}
	z.nodes, _ = c.zonesIn(lb.Subnets)
	for _, n := range subnets {
		z.tasks = append(z.tasks, n.AvailabilityZone)
		if lacks(n) {
			z.outside = append(z.outside, n.AvailabilityZone)
		}
	}
	z.tasks, z.outside = sortedZones(z.tasks), sortedZones(z.outside)
	return z, nil
}

// hasNodeIn tells whether a zone is enabled for a load balancer. Of a node in a zone that
// is not known it may be any.
func (c *Case) hasNodeIn(lb *model.LoadBalancer, zone string) bool {
	return slices.ContainsFunc(lb.Subnets, func(id string) bool {
		n, missing := c.Index.Subnet(id)
		return missing == nil && (n.AvailabilityZone == zone || n.AvailabilityZone == "")
	})
}

// zonesIn are the availability zones of some subnets.
func (c *Case) zonesIn(subnets []string) ([]string, *model.Missing) {
	out := make([]string, 0, len(subnets))
	for _, id := range subnets {
		n, missing := c.Index.Subnet(id)
		if missing != nil {
			return nil, missing
		}
		out = append(out, n.AvailabilityZone)
	}
	return sortedZones(out), nil
}

// sortedZones are zones in order, each once, those that have a name.
func sortedZones(all []string) []string {
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(zone string) bool { return zone == "" })
}

// unused are the targets that get no request for the zone that they are in.
func (z zones) unused(group *model.TargetGroup) []string {
	if group.Health == nil {
		return nil
	}
	var out []string
	for i := range group.Health.Targets {
		if t := &group.Health.Targets[i]; t.Reason == "Target.NotInUse" && slices.Contains(z.outside, t.Zone) {
			out = append(out, fmt.Sprintf("target %s (%s): %s, %s", t.ID, t.Zone, t.State, t.Reason))
		}
	}
	return out
}

// allUnused tells whether every registered target is in such a zone.
func (z zones) allUnused(group *model.TargetGroup) bool {
	n := len(z.unused(group))
	return n > 0 && n == len(group.Health.Targets)
}

func (z zones) text(f *Finding) Text {
	p := f.Paths[0]
	outside, nodes := strings.Join(z.outside, " and "), strings.Join(z.nodes, ", ")
	t := Text{
		Title: fmt.Sprintf("Tasks of %s in %s get no request from %s", f.Service, outside, z.lb.Name),
		Detail: fmt.Sprintf("%s has nodes in %s. Tasks of %s can be in %s: those in %s are registered and get no request "+
			"(unused, Target.NotInUse), whether cross-zone load balancing is on or off.", z.lb.Name, nodes, f.Service,
			strings.Join(z.tasks, ", "), outside),
		Evidence: []reach.Evidence{
			fact(model.DescribeLoadBalancers, "load balancer %s: subnets %s in %s", z.lb.Name,
				strings.Join(z.lb.Subnets, ", "), nodes),
			fact(model.DescribeSubnets, "subnets of the tasks: zones %s", strings.Join(z.tasks, ", ")),
		},
	}
	for _, target := range z.unused(p.Facts.TargetGroup) {
		t.Evidence = append(t.Evidence, fact(model.DescribeTargetHealth, "%s", target))
	}
	return t
}
