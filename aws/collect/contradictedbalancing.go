package collect

import (
	"fmt"

	"hopscope/aws"
	"hopscope/model"
)

// contradictLocked: a group is a load balancer's by a listener of it that forwards to the
// group, itself or by a rule, and a listener has a default rule.
func (c *loadBalancing) contradictLocked() {
	listens, defaults := make(set), make(set)
	for _, l := range c.rows.listeners.order {
		listens[l.LoadBalancerARN] = true
	}
	for _, r := range c.rows.rules.order {
		if r.Default {
			defaults[r.ListenerARN] = true
		}
	}
	for _, l := range c.rows.listeners.order {
		if !defaults[l.ARN] {
			c.calls.addFiltered(model.DescribeRules, l.ARN, fmt.Sprintf(
				"every listener has a default rule, and %s lists none for this one on port %d", model.DescribeRules, l.Port))
		}
	}
	forwarded, ruleless := c.forwardedLocked()
	for _, g := range c.rows.targetGroups.order {
		for _, lb := range g.LoadBalancers {
			switch {
			case !listens[lb]:
				c.calls.addFiltered(model.DescribeListeners, lb, fmt.Sprintf(
					"target group %s is behind this load balancer, and %s lists no listener of it",
					aws.Printable(g.Name), model.DescribeListeners))
			case !forwarded[lb+" "+g.ARN] && !ruleless[lb]:
				c.calls.addFiltered(model.DescribeListeners, lb, fmt.Sprintf(
					"target group %s is behind this load balancer, and no listener or rule that was listed forwards to it",
					aws.Printable(g.Name)))
			}
		}
	}
}

// forwardedLocked are the pairs of a load balancer and a target group that one of its
// listeners forwards to, and the load balancers of whose listeners not all rules are known.
func (c *loadBalancing) forwardedLocked() (pairs, ruleless set) {
	pairs, ruleless = make(set), make(set)
	of := make(map[model.ARN]model.ARN)
	note := func(lb model.ARN, actions []model.ListenerAction) {
		for i := range actions {
			for _, f := range actions[i].Forward {
				pairs[lb+" "+f.TargetGroupARN] = true
			}
		}
	}
	for _, l := range c.rows.listeners.order {
		of[l.ARN] = l.LoadBalancerARN
		note(l.LoadBalancerARN, l.DefaultActions)
		if c.calls.closed(model.DescribeRules, l.ARN) {
			ruleless[l.LoadBalancerARN] = true
		}
	}
	for _, r := range c.rows.rules.order {
		note(of[r.ListenerARN], r.Actions)
	}
	return pairs, ruleless
}

// contradictLocked: revisions that were asked for exist, or are among the failures of the
// answer.
func (c *revisions) contradictLocked() {
	addMissing(c.calls, model.DescribeServiceRevisions, c.asked, c.rows.revisions.rows)
}
