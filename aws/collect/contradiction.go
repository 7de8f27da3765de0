package collect

import (
	"fmt"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/words"
)

// Lists that lack what another fact speaks of, often by being empty: a policy, a proxy or
// an endpoint leaves something out, or what was asked is late. They are gaps; what they
// would have held is unknown. docs/aws.md says of each list what contradicts it.

// Filtered is the code of such a gap.
const Filtered = model.Filtered

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
	r.revisions.contradictLocked()
	r.network.contradictLocked()
	r.prefixLists.contradictLocked()
	r.interfaces.contradictLocked()
	r.instances.contradictLocked()
	r.tasks.contradictLocked()
	r.discovery.contradictLocked()
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
