package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// openPort is the fix that lets a refused hop pass: one step for each rule.
func openPort(c *Case, p *reach.Path) Fix {
	hop := p.Crossing()
	if hop.ToNode == reach.NodeLoadBalancer {
		return Fix{ID: "open-port", Title: "Let the traffic pass between the load balancers", Steps: betweenLoadBalancers(hop)}
	}
	on := "tcp " + wirePort(p)
	var steps []string
	for _, check := range hop.Checks {
		if check.Access != reach.Blocked {
			continue
		}
		switch check.Kind {
		case reach.CheckTargetIngress:
			for _, group := range sourceGroups(c, p) {
				steps = append(steps, fmt.Sprintf("Add an ingress rule to %s: %s from %s.", p.Facts.GroupToOpen, on, group))
			}
		case reach.CheckSourceEgress:
			for _, group := range sourceGroups(c, p) {
				steps = append(steps, fmt.Sprintf("Add an egress rule to %s: %s to %s.", group, on, p.Facts.GroupToOpen))
			}
		case reach.CheckNetworkACL:
			steps = append(steps, passACL(&check))
		case reach.CheckRouting:
		}
	}
	return Fix{ID: "open-port", Title: "Let the traffic pass", Steps: steps}
}

// betweenLoadBalancers are the steps that let one load balancer reach another one: the
// rule that a group lacks, and the network ACLs, for which there is no such rule.
func betweenLoadBalancers(hop *reach.Hop) []string {
	var steps []string
	if hop.Needed != "" {
		steps = append(steps, "Add: "+hop.Needed+".")
	}
	for i := range hop.Checks {
		if check := &hop.Checks[i]; check.Access == reach.Blocked && check.Kind == reach.CheckNetworkACL {
			steps = append(steps, passACL(check))
		}
	}
	return steps
}

func passACL(check *reach.Check) string {
	return fmt.Sprintf("Let the traffic pass in network ACL %s: the request, and the answer to its ephemeral port.", check.Resource)
}

// sourceGroups are the security groups that stand for the source of a path: the
// load balancer's, one that all callers have, or the first of each caller's.
func sourceGroups(c *Case, p *reach.Path) []string {
	if lb := p.Facts.LoadBalancer; lb != nil {
		if len(lb.SecurityGroups) == 0 {
			return []string{"the subnets of " + lb.Name}
		}
		return []string{c.Index.GroupLabel(lb.SecurityGroups[0])}
	}
	if p.Source.Kind == reach.SourceVPCLattice {
		return []string{"the managed prefix list com.amazonaws." + c.Index.Snapshot.Scope.Region + ".vpc-lattice"}
	}
	if p.Source.Services.Len() > manyCallers {
		return []string{"the security group of each caller"}
	}
	var common, each []string
	first := true
	for ref := range p.Source.Services.All() {
		groups := groupsOf(c.Index, ref)
		if len(groups) == 0 {
			continue
		}
		if first {
			common, first = slices.Clone(groups), false
		}
		common = slices.DeleteFunc(common, func(id string) bool { return !slices.Contains(groups, id) })
		each = append(each, groups[0])
		if len(common) == 0 && len(each) > manyGroups {
			return []string{"the security group of each caller"}
		}
	}
	switch {
	case len(common) > 0:
		return []string{c.Index.GroupLabel(common[0])}
	case len(each) == 0:
		return []string{"the callers' security groups"}
	}
	slices.Sort(each)
	each = slices.Compact(each)
	for i, id := range each {
		each[i] = c.Index.GroupLabel(id)
	}
	return each
}

// Callers without a common group get a step each up to manyGroups. Of more than
// manyCallers no common group is looked for: a namespace of n services has n
// endpoints with as many callers.
const (
	manyGroups  = 20
	manyCallers = 200
)

// groupsOf are the security groups of a service's tasks.
func groupsOf(ix *model.Index, ref model.Ref) []string {
	service := ix.Service(ref)
	if service == nil || service.Primary() == nil || service.Primary().Network == nil {
		return nil
	}
	return service.Primary().Network.SecurityGroups
}
