package planner

import (
	"fmt"
	"slices"
	"strconv"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// The ports that an override may have: above the privileged ones, below the
// ephemeral ones (docs/traffic.md, Deployments).
const (
	lowestOverride  = 1025
	highestOverride = 32767
	// offset is added to the container port for the first suggestion.
	offset = 10000
	// fallback is where the search goes on.
	fallback = 15000
)

// reservedPorts are taken on container instances by the ECS agent and Docker
// (docs/traffic.md, Who handles a request).
var reservedPorts = []int{2375, 2376, 51678, 51679, 51680}

// choice is a port for an override, and why it is that one.
type choice struct {
	port int
	why  string
}

// FreePorts are the ports that plans would take for the overrides of a service's
// endpoints, by the endpoint's position in the Service Connect block. An endpoint whose
// container port is not known, or for which no port is known to be free, has none.
func FreePorts(report *rule.Analysis, ref model.Ref) map[int]int {
	v := newAccount(report)
	c := v.look(v.present, ref)
	out := map[int]int{}
	if c.service == nil || c.block() == nil {
		return out
	}
	for i, e := range c.block().Services {
		if port := c.portNamed(e.PortName); port != 0 {
			if free := freeOverride(c, port).port; free != 0 {
				out[i] = free
			}
		}
	}
	return out
}

// freeOverride chooses an ingressPortOverride for a container port that nothing in
// the tasks uses: the container port plus 10000, or the first free one from 15000
// on. taken are ports that the plan itself uses. The port is 0 when there is none, or
// when it is not known which ones are free.
func freeOverride(c *situation, containerPort int, taken ...int) choice {
	var first string
	if n := containerPort + offset; n >= lowestOverride && n <= highestOverride {
		if first = usedBy(c, n, taken); first == "" {
			return choice{n, fmt.Sprintf("Port %d is the container port plus %d: no container, endpoint or health check of "+
				"its deployments uses it, "+
				"nor does the app of another service with the same security group.", n, offset)}
		}
	}
	for n := range candidates() {
		if usedBy(c, n, taken) != "" {
			continue
		}
		why := fmt.Sprintf("Port %d is the first from %d on that no container, endpoint or health check of its deployments "+
			"uses, nor the app of another service with the same security group.", n, fallback)
		if first != "" {
			why += fmt.Sprintf(" Port %d is %s.", containerPort+offset, first)
		}
		return choice{n, why}
	}
	return choice{}
}

// candidates are the ports to try, in order.
func candidates() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for n := fallback; n <= highestOverride; n++ {
			if !yield(n) {
				return
			}
		}
		for n := lowestOverride; n < fallback; n++ {
			if !yield(n) {
				return
			}
		}
	}
}

// usedBy says what a port is in the service's tasks, or behind the rules that would
// open it; "" when it is free. What is not known counts as used.
func usedBy(c *situation, n int, taken []int) string {
	if slices.Contains(taken, n) || slices.Contains(reservedPorts, n) {
		return "taken"
	}
	for i := range c.service.Deployments {
		if why := usedIn(c, &c.service.Deployments[i], n); why != "" {
			return why
		}
	}
	for _, p := range c.paths {
		if why := checkedPort(p, n); why != "" {
			return why
		}
	}
	if p := c.service.Primary(); p != nil && p.Network == nil {
		if ref, taken := c.hostPortsIn(c.service.Cluster)[n]; taken && ref != c.service.Ref() {
			return "a host port of " + ref.Service + ", which may run on the same instance"
		}
	}
	for _, id := range reach.TaskGroups(c.ix, c.service) {
		if ref, behind := c.portsBehind(id)[n]; behind && ref != c.service.Ref() {
			return fmt.Sprintf("a port of %s, which has the security group %s too: a rule for it would open that app",
				ref.Service, id)
		}
	}
	return ""
}

// usedIn says what a port is in a deployment's tasks.
func usedIn(c *situation, d *model.Deployment, n int) string {
	task, missing := c.ix.TaskDefinition(d.TaskDefinition)
	switch {
	case missing != nil:
		return "not known to be free"
	case reach.UsesPort(task, n):
		return "a port of " + task.Name()
	case usesHostPort(task, n):
		return "a host port of " + task.Name()
	}
	if d.ServiceConnect == nil {
		return ""
	}
	for i := range d.ServiceConnect.Services {
		if s := &d.ServiceConnect.Services[i]; s.IngressPortOverride == n {
			return "the override of " + s.PortName
		}
	}
	return ""
}

// usesHostPort tells whether a container publishes a host port.
func usesHostPort(task *model.TaskDefinition, n int) bool {
	return slices.ContainsFunc(task.Containers, func(c model.Container) bool {
		return slices.ContainsFunc(c.PortMappings, func(m model.PortMapping) bool { return m.HostPort == n })
	})
}

// checkedPort says whether a load balancer uses a port of the tasks for something
// other than an override.
func checkedPort(p *reach.Path, n int) string {
	g := p.Facts.TargetGroup
	switch {
	case p.Source.Kind != reach.SourceServiceConnect && p.Target.WirePort == n:
		return "a port that " + p.Source.Name + " connects to"
	case g != nil && g.HealthCheck.Port == strconv.Itoa(n):
		return "the health check port of " + g.Name
	case g != nil && g.TargetControlPort == n:
		return "the target control port of " + g.Name
	}
	return ""
}
