package collect

import (
	"fmt"
	"slices"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/words"
)

// Lists that come back empty although another fact says otherwise: a policy, a proxy or
// an endpoint leaves something out, or what was asked is late. They are gaps; what they
// would have held is unknown.

// Filtered is the code of such a gap.
const Filtered = "FILTERED"

// addFiltered records that a list lacks what another answer speaks of; says is a clause
// that tells what it lacks.
func (c *calls) addFiltered(action model.Action, resource, says string) {
	if c.closed(action, "") || c.closed(action, resource) {
		return
	}
	c.addGap(action, resource, aws.Failure{
		State: model.Absent, Code: Filtered,
		Sentence: fmt.Sprintf("%s: the listing is filtered or late; see what stands between hopscope and AWS, and read again",
			says),
	})
}

// contradictLocked looks for lists that another fact contradicts.
func (r *readers) contradictLocked() {
	for key, missing := range r.missingServicesLocked() {
		c := r.rows.clusters.get(key)
		r.calls.addFiltered(model.ListServices, key, fmt.Sprintf("cluster %s counts %s, and %s lists %d",
			aws.Printable(c.Name), words.Count(c.ActiveServices, "active service"), model.ListServices,
			c.ActiveServices-missing))
	}
	r.balancing.contradictLocked()
	r.tasks.contradictLocked()
}

// missingServicesLocked are how many services clusters count beyond those that were
// listed, by the clusters' keys.
func (r *readers) missingServicesLocked() map[string]int {
	listed := make(map[string]int)
	for _, s := range r.rows.services.order {
		listed[s.Cluster]++
	}
	missing := make(map[string]int)
	for key, c := range r.rows.clusters.rows {
		if n := c.ActiveServices - listed[c.Name]; n > 0 {
			missing[key] = n
		}
	}
	return missing
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
				c.calls.addFiltered(model.DescribeListeners, lb, fmt.Sprintf(
					"target group %s is behind this load balancer, and %s lists no listener of it",
					aws.Printable(g.Name), model.DescribeListeners))
			}
		}
	}
	for _, l := range c.rows.listeners.order {
		if !defaults[l.ARN] {
			c.calls.addFiltered(model.DescribeRules, l.ARN, fmt.Sprintf(
				"every listener has a default rule, and %s lists none for this one on port %d", model.DescribeRules, l.Port))
		}
	}
}

// contradictLocked: a service whose tasks run has some.
func (c *tasks) contradictLocked() {
	for _, s := range slices.Clone(c.rows.services.order) {
		if s.Tasks == nil || len(s.Tasks.Tasks) > 0 || s.RunningCount == 0 {
			continue
		}
		c.calls.addFiltered(model.ListTasks, s.ARN, fmt.Sprintf("service %s runs %s, and %s lists none",
			aws.Printable(s.Name), words.Count(s.RunningCount, "task"), model.ListTasks))
		c.rows.services.change(s.Ref().String(), func(row *model.Service) { row.Tasks = nil })
	}
}
