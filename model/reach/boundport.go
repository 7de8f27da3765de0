package reach

import (
	"slices"
	"strings"

	"hopscope/model"
)

// Dynamic host ports: which ones tasks get is decided when they start, and known of
// those that run.

// bindings are the host ports that running tasks publish a container port on.
type bindings struct {
	ports []int
	// whole is set when those of all running tasks of the deployment are known.
	whole bool
	// unread is set where tasks were not read.
	unread *model.Missing
}

// bindingsOf are the host ports that the tasks of the version publish a container port
// on now.
func (v *version) bindingsOf(container string, port int, protocol string) bindings {
	b := bindings{unread: v.tasksMissing}
	if v.service.Tasks == nil {
		return b
	}
	tasks := 0
	for i := range v.service.Tasks.Tasks {
		t := &v.service.Tasks.Tasks[i]
		if t.StartedBy != v.deployment.ID {
			continue
		}
		if bound := boundBy(t, container, port, protocol); len(bound) > 0 {
			tasks++
			b.ports = append(b.ports, bound...)
		}
	}
	slices.Sort(b.ports)
	b.ports = slices.Compact(b.ports)
	b.whole = tasks > 0 && tasks >= v.deployment.RunningCount
	return b
}

// boundBy are the host ports on which a task publishes a container port.
func boundBy(t *model.Task, container string, port int, protocol string) []int {
	var out []int
	for i := range t.Containers {
		if t.Containers[i].Name != container {
			continue
		}
		for _, b := range t.Containers[i].Bindings {
			if b.ContainerPort == port && strings.EqualFold(b.Protocol, udp) == (protocol == udp) && b.HostPort > 0 {
				out = append(out, b.HostPort)
			}
		}
	}
	return out
}

// span is the range that host ports come from: that of ECS, unless a task has got one
// below, or may have. Then the instance has an ip_local_port_range of its own, which is
// not read.
func (b bindings) span() portSpan {
	if b.unread != nil || len(b.ports) > 0 && b.ports[0] < dynamicHostPorts.first {
		return portSpan{lowestHostPort, dynamicHostPorts.last}
	}
	return dynamicHostPorts
}

// lowestHostPort is the lowest port that a range of dynamic ports may have.
const lowestHostPort = 1024

// atBindings corrects what is known of a range of host ports by the ports that tasks
// have now: where one of them is refused, requests are; where all are admitted, requests
// arrive, and Facts.Bound says that the next task may get a port that is not. Instances
// of several kinds are left out: a port of one says nothing about the groups of another.
func (e *targetGroupRoute) atBindings(
	p *Path, b bindings, c crossing, f flow, ask func(flow) crossing,
) (crossing, flow) {
	if len(e.v.iface.kinds) > 1 {
		return c, f
	}
	worst, at := crossing{access: Allowed}, f
	for _, port := range b.ports {
		g := f
		g.ports = portSpan{port, port}
		if o := ask(g); worst.places == 0 || worseAccess(worst.access, o.access) != worst.access {
			worst, at = o, g
		}
	}
	switch {
	case worst.access == Blocked:
		return worst, at
	case worst.access == Allowed && c.access != Allowed && b.whole:
		p.Facts.Bound = b.ports
		return worst, at
	}
	return c, f
}
