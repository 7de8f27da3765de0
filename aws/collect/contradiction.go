package collect

import (
	"fmt"
	"slices"

	"hopscope/aws"
	"hopscope/model"
)

// Lists that come back empty although another fact says otherwise: a policy, a proxy or
// an endpoint leaves something out, or what was asked is late. They are gaps; what they
// would have held is unknown.

// filtered is the code of such a gap.
const filtered = "FILTERED"

// addFiltered records that a list lacks what another answer speaks of.
func (c *calls) addFiltered(action model.Action, resource, says string) {
	if c.closed(action, "") || c.closed(action, resource) {
		return
	}
	c.addGap(action, resource, aws.Failure{
		State: model.Absent, Code: filtered,
		Sentence: fmt.Sprintf("%s, and %s lists fewer: the listing is filtered or late; see what stands between "+
			"hopscope and AWS, and read again", says, action),
	})
}

// contradictLocked looks for lists that another fact contradicts.
func (r *readers) contradictLocked() {
	listed := make(map[string]int)
	for _, s := range r.rows.services.order {
		listed[s.Cluster]++
	}
	for key, c := range r.rows.clusters.rows {
		if listed[c.Name] < c.ActiveServices {
			r.calls.addFiltered(model.ListServices, key, fmt.Sprintf("cluster %s counts %d active services",
				aws.Printable(c.Name), c.ActiveServices))
		}
	}
	r.balancing.contradictLocked()
	r.tasks.contradictLocked()
}

// missingServicesLocked are the services that clusters count beyond those that were listed.
func (r *readers) missingServicesLocked() int {
	listed := make(map[string]int)
	for _, s := range r.rows.services.order {
		listed[s.Cluster]++
	}
	n := 0
	for _, c := range r.rows.clusters.rows {
		n += max(0, c.ActiveServices-listed[c.Name])
	}
	return n
}

// contradictLocked: a group is a load balancer's by one of its listeners, and a listener
// has a default rule.
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
	for _, g := range c.rows.targetGroups.order {
		for _, lb := range g.LoadBalancers {
			if !listens[lb] {
				c.calls.addFiltered(model.DescribeListeners, lb, fmt.Sprintf("target group %s names its load balancer",
					aws.Printable(g.Name)))
			}
		}
	}
	for _, l := range c.rows.listeners.order {
		if !defaults[l.ARN] {
			c.calls.addFiltered(model.DescribeRules, l.ARN, fmt.Sprintf("a listener on port %d has a default rule", l.Port))
		}
	}
}

// contradictLocked: a service whose tasks run has some.
func (c *tasks) contradictLocked() {
	for _, s := range slices.Clone(c.rows.services.order) {
		if s.Tasks == nil || len(s.Tasks.Tasks) > 0 || s.RunningCount == 0 {
			continue
		}
		c.calls.addFiltered(model.ListTasks, s.ARN, fmt.Sprintf("service %s runs %d tasks", aws.Printable(s.Name),
			s.RunningCount))
		c.rows.services.change(s.Ref().String(), func(row *model.Service) { row.Tasks = nil })
	}
}
