package reach

import (
	"fmt"
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
	// shared is set where it is not known which of the ports are asked about: one agent
	// has those of several Service Connect services.
	shared bool
}

// bindingsOf are the host ports that the tasks of the version publish a container port
// on now.
func (v *version) bindingsOf(container string, port int, protocol string) bindings {
	return v.bindings(func(t *model.Task) []int { return boundBy(t, container, port, protocol) })
}

// agentBindings are the host ports that the agents of the tasks have now, in bridge mode.
func (v *version) agentBindings() bindings {
	sc := v.deployment.ServiceConnect
	b := v.bindings(func(t *model.Task) []int { return slices.DeleteFunc(agentPorts(t), sc.Overrides) })
	dynamic := 0
	for i := range sc.Services {
		if sc.Services[i].IngressPortOverride == 0 {
			dynamic++
		}
	}
	b.shared = dynamic > 1
	return b
}

// agentPorts are the host ports that the agent of a task has.
func agentPorts(t *model.Task) []int {
	var out []int
	for i := range t.Containers {
		if !strings.HasPrefix(t.Containers[i].Name, model.AgentContainer) {
			continue
		}
		for _, b := range t.Containers[i].Bindings {
			if b.HostPort > 0 && !strings.EqualFold(b.Protocol, udp) {
				out = append(out, b.HostPort)
			}
		}
	}
	return out
}

func (v *version) bindings(of func(*model.Task) []int) bindings {
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
		if bound := of(t); len(bound) > 0 {
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

// coveredBy tells whether a rule is about all ports that the running tasks have.
func (b bindings) coveredBy(r *model.SecurityGroupRule, protocol string) bool {
	return b.whole && !slices.ContainsFunc(b.ports, func(port int) bool { return !r.Covers(protocol, port) })
}

// lowestHostPort is the lowest port that a range of dynamic ports may have.
const lowestHostPort = 1024

// atBindings corrects what is known of a range of host ports by the ports that tasks
// have now: where one of them is refused, requests are; where all are admitted, requests
// arrive, and the ports are given, as the next task may get one that is not. Instances
// of several kinds are left out: a port of one says nothing about the groups of another.
func (v *version) atBindings(b bindings, c crossing, f flow, ask func(flow) crossing) (crossing, []int) {
	if len(v.iface.kinds) > 1 {
		return c, nil
	}
	worst, refused := crossing{access: Allowed}, 0
	var admitting []*model.SecurityGroupRule
	for _, port := range b.ports {
		f.ports = portSpan{port, port}
		o := ask(f)
		if o.access == Blocked {
			refused++
		}
		admitting = joinedRules(admitting, o.admitting())
		if worst.places == 0 || worseAccess(worst.access, o.access) != worst.access {
			worst, worst.ports = o, f.ports
		}
	}
	switch {
	case worst.access == Blocked && refused < len(b.ports):
		if b.shared {
			return c, nil
		}
		worst.mark(fmt.Sprintf("on %d of the %d host ports that tasks have now", refused, len(b.ports)))
		return worst, nil
	case worst.access == Blocked:
		return worst, nil
	case worst.access == Allowed && c.access != Allowed && b.whole:
		worst.admittedBy(admitting)
		return worst, b.ports
	}
	return c, nil
}

// mark says of what the decisions that make the crossing what it is hold for.
func (c *crossing) mark(some string) {
	decisions := c.decisions()
	for i := range decisions {
		if decisions[i].access == c.access {
			decisions[i].some = some
		}
	}
}
