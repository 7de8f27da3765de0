package fix

import (
	"slices"
	"strconv"

	"hopscope/model"
	"hopscope/model/reach"
)

// The ports that an override may have: above the privileged ones, below the
// ephemeral ones (semantics.md §9.1).
const (
	lowestOverride  = 1025
	highestOverride = 32767
	// offset is added to the container port for the first suggestion.
	offset = 10000
	// fallback is where the search goes on.
	fallback = 15000
)

// freeOverride suggests an ingressPortOverride that nothing in the tasks uses: the
// container port plus 10000, or the first free one from 15000 on. 0 when there is
// none.
func (c *context) freeOverride(containerPort int) int {
	if n := containerPort + offset; n >= lowestOverride && n <= highestOverride && c.isFree(n) {
		return n
	}
	for n := fallback; n <= highestOverride; n++ {
		if c.isFree(n) {
			return n
		}
	}
	for n := lowestOverride; n < fallback; n++ {
		if c.isFree(n) {
			return n
		}
	}
	return 0
}

// isFree tells whether no container of a running deployment declares a port, no
// endpoint has it as its override, and no health check is aimed at it.
func (c *context) isFree(n int) bool {
	for i := range c.service.Deployments {
		d := &c.service.Deployments[i]
		task, missing := c.ix.TaskDefinition(d.TaskDefinition)
		if missing != nil || reach.UsesPort(task, n) {
			return false
		}
		if d.ServiceConnect != nil && slices.ContainsFunc(d.ServiceConnect.Services, func(s model.ServiceConnectService) bool {
			return s.IngressPortOverride == n
		}) {
			return false
		}
	}
	return !slices.ContainsFunc(c.paths, func(p *reach.Path) bool {
		g := p.Facts.TargetGroup
		return g != nil && (g.HealthCheck.Port == strconv.Itoa(n) || g.TargetControlPort == n)
	})
}
