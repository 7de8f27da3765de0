package reach

import (
	"slices"

	"hopscope/model"
)

// Destination is a port that packets come to: one of the tasks of a service, or that of a
// load balancer's listener. It is what callers are asked about without a path: any
// caller may be named, not only those of which the configuration speaks.
type Destination struct {
	// Service is set for a port of tasks, LoadBalancer and Listener for one of a listener.
	Service      model.Ref
	LoadBalancer *model.LoadBalancer
	Listener     *model.Listener
	// Deployment is the deployment's status where the service runs several that differ.
	Deployment string
	Container  string
	// ContainerPort is the app's port; 0 where it is not known.
	ContainerPort int
	// Agent is set for a port that is the Service Connect agent's and not the app's:
	// an override moved it there, or ECS did in bridge mode.
	Agent bool
	// Undeclared is set for a port that no container of the task declares.
	Undeclared bool
	// Endpoint is the Service Connect endpoint whose alias port was asked for; "" where the
	// number means a port of the task.
	Endpoint string
	// Protocol is tcp or udp.
	Protocol string
	// Port is what security groups see, PortEnd the end of a range of dynamic host
	// ports that starts there. Port is 0 where it is not known.
	Port, PortEnd int
	// Via says who handles the connections, in tasks.
	Via Via
	// Missing are the facts without which it is not known which port it is.
	Missing []model.Missing

	to *netInterface
	// within is the range of dynamic host ports that one port was asked for of.
	within portSpan
	// bound are the host ports that tasks have now, where they are dynamic.
	bound bindings
	// v is the version whose tasks have the port, versions all that have the same.
	v        *version
	versions []*version
}

// IsListener tells whether it is a load balancer's.
func (t *Destination) IsListener() bool { return t.LoadBalancer != nil }

// Groups are the ids of the security groups that packets meet, sorted: of tasks that
// share the interfaces of instances, those of the instances.
func (t *Destination) Groups() []string { return t.to.groupIDs }

// Unfiltered tells whether nothing limits who connects: a network load balancer without
// security groups.
func (t *Destination) Unfiltered() bool { return t.to.unfiltered }

// Bound are the dynamic host ports that tasks have now.
func (t *Destination) Bound() []int { return t.bound.ports }

// OnInstances tells whether the packets meet the groups of container instances.
func (t *Destination) OnInstances() bool { return t.v != nil && t.v.deployment.Network == nil }

// Unread are the facts about the interfaces that are missing: without them it is not
// known who else is admitted.
func (t *Destination) Unread() []model.Missing {
	all := slices.Concat(t.Missing, t.to.missingGroups)
	for _, unknown := range [...]*model.Missing{t.to.unknown, t.to.unplaced} {
		if unknown != nil {
			all = append(all, *unknown)
		}
	}
	return uniqueMissing(all)
}

func (t *Destination) ports() portSpan { return portSpan{t.Port, max(t.Port, t.PortEnd)} }

func (t *Destination) flow() flow { return flow{protocol: t.Protocol, ports: t.ports()} }

// Destinations are the ports of a service's tasks: all that their task definition
// declares and those of the agent, or the ones that a number means as container port or as
// the port that security groups see.
func (d *Deriver) Destinations(ref model.Ref, port int) []Destination {
	w := d.worker()
	var out []Destination
	all := d.versionsOf(ref)
	for _, v := range all {
		for _, t := range w.destinationsOf(v, port) {
			at := slices.IndexFunc(out, t.equal)
			if at < 0 {
				at = len(out)
				out = append(out, t)
			}
			out[at].versions = append(out[at].versions, v)
		}
	}
	for i := range out {
		if len(out[i].versions) == len(all) {
			out[i].Deployment = ""
		}
	}
	return out
}

// equal tells whether packets meet the same at two destinations.
func (t *Destination) equal(o Destination) bool {
	return t.to == o.to && t.Protocol == o.Protocol && t.ports() == o.ports() && t.Container == o.Container &&
		t.ContainerPort == o.ContainerPort && t.Agent == o.Agent && t.Via == o.Via && len(t.Missing) == len(o.Missing) &&
		t.bound.whole == o.bound.whole && slices.Equal(t.bound.ports, o.bound.ports)
}

func (d *worker) destinationsOf(v *version, port int) []Destination {
	base := Destination{Service: v.service.Ref(), Deployment: v.label, Protocol: tcp, to: v.iface, v: v}
	agents := d.agentDestinations(&base)
	if v.task == nil {
		return unreadTask(base, agents, port)
	}
	var all []Destination
	for i := range v.task.Containers {
		c := &v.task.Containers[i]
		for j := range c.PortMappings {
			all = append(all, base.declared(c, &c.PortMappings[j], port))
		}
	}
	for _, agent := range agents {
		if at := slices.IndexFunc(all, agent.sharesPort); at < 0 {
			all = append(all, agent)
		}
	}
	all = d.addRegistered(all, &base)
	if port == 0 {
		return all
	}
	dynamic := hostPortsAt(all, port)
	all = slices.DeleteFunc(all, func(t Destination) bool {
		return t.ContainerPort != port && (t.Port != port || t.PortEnd > t.Port)
	})
	if len(all) == 0 {
		all = dynamic
	}
	if len(all) == 0 && !v.hasHostPorts() {
		base.ContainerPort, base.Port, base.Undeclared = port, port, true
		base.Via = v.intercept(tcp, port).Via
		all = append(all, base)
	}
	return all
}

// hostPortsAt are the dynamic host ports that one of a number may be: those that tasks have
// now, or else those of ranges with it.
func hostPortsAt(all []Destination, port int) []Destination {
	var bound, ranged []Destination
	for _, t := range all {
		if t.PortEnd <= t.Port || port < t.Port || t.PortEnd < port {
			continue
		}
		has := slices.Contains(t.bound.ports, port)
		t.within, t.Port, t.PortEnd, t.bound = t.ports(), port, 0, bindings{}
		if ranged = append(ranged, t); has {
			bound = append(bound, t)
		}
	}
	if len(bound) > 0 {
		return bound
	}
	return ranged
}

// addRegistered adds the ports that load balancers send to and that no container
// declares: in awsvpc mode a port need not be declared.
func (d *worker) addRegistered(all []Destination, base *Destination) []Destination {
	for i := range base.v.attachments {
		e := &targetGroupRoute{d: d, v: base.v, attached: &base.v.attachments[i]}
		if e.attached.missing != nil || e.attached.port == 0 && e.attached.registered == 0 {
			continue
		}
		e.group, e.groupMissing = d.ix.TargetGroup(e.attached.group)
		for _, protocol := range e.transports() {
			t := *base
			t.Container, t.ContainerPort, t.Port, t.Protocol, t.Undeclared = e.attached.container, e.attached.port,
				e.wire(), protocol, true
			if t.Port == 0 {
				t.onHostPorts(base.v.bindingsOf(e.attached.container, e.attached.port, protocol))
			}
			same := func(o Destination) bool {
				return o.Protocol == protocol && o.ports() == t.ports() && (t.PortEnd == 0 ||
					o.ContainerPort == t.ContainerPort && !o.Agent)
			}
			if !slices.ContainsFunc(all, same) {
				t.Via = base.v.intercept(protocol, t.interceptedPort()).Via
				all = append(all, t)
			}
		}
	}
	return all
}

// unreadTask are the destinations of a task of which the task definition was not read:
// the ports of the agent that overrides name, and the port that was asked for.
func unreadTask(base Destination, agents []Destination, port int) []Destination {
	all := slices.DeleteFunc(agents, func(t Destination) bool { return t.Port == 0 || port != 0 && t.Port != port })
	if port != 0 && len(all) > 0 {
		return all
	}
	base.Via, base.Missing = ViaUnknown, []model.Missing{*base.v.taskMissing}
	if base.v.deployment.Network != nil {
		base.ContainerPort, base.Port = port, port
	}
	return append(all, base)
}

// declared is the port of a mapping; of a range of ports the one that was asked for, or
// all of them.
func (t Destination) declared(c *model.Container, m *model.PortMapping, port int) Destination {
	t.Container, t.ContainerPort = c.Name, m.ContainerPort
	if m.UDP() {
		t.Protocol = udp
	}
	first, last := portRange(m)
	if m.ContainerPortRange != "" && first <= port && port <= last {
		first, last, t.ContainerPort = port, port, port
	}
	switch {
	case t.v.hasHostPorts() && m.HostPort != 0:
		t.Port = m.HostPort
	case t.v.hasHostPorts():
		t.onHostPorts(t.v.bindingsOf(c.Name, m.ContainerPort, t.Protocol))
	default:
		t.Port = first
		if last > first {
			t.PortEnd = last
		}
	}
	t.Via = t.v.intercept(t.Protocol, t.interceptedPort()).Via
	return t
}

// onHostPorts makes it a dynamic host port.
func (t *Destination) onHostPorts(b bindings) {
	ports := b.span()
	t.bound, t.Port, t.PortEnd = b, ports.first, ports.last
}

// interceptedPort is the port that the interception rule asks about: 0 for a dynamic
// host port.
func (t *Destination) interceptedPort() int {
	if t.PortEnd > t.Port {
		return 0
	}
	return t.Port
}

// sharesPort tells whether a port of the app is the agent's as well: where no override
// moved the agent, it takes the connections to the container port.
func (t *Destination) sharesPort(app Destination) bool {
	return app.Protocol == tcp && app.ContainerPort == t.ContainerPort && app.ports() == t.ports() && !t.v.hasHostPorts()
}

// agentDestinations are the ports that the callers' agents connect to.
func (d *worker) agentDestinations(base *Destination) []Destination {
	sc := base.v.deployment.ServiceConnect
	if !sc.Active() {
		return nil
	}
	var all []Destination
	for i := range sc.Services {
		e := endpoint{d: d, v: base.v, offer: &sc.Services[i], index: i}
		e.resolve()
		if e.wire.first == 0 {
			continue
		}
		t := *base
		t.Agent, t.Container, t.ContainerPort, t.Port, t.Via = true, e.container, e.containerPort, e.wire.first, e.in.Via
		if e.wire.last > e.wire.first {
			t.onHostPorts(e.bound)
		}
		all = append(all, t)
	}
	return all
}

// Listeners are the ports of a load balancer, or the one that was asked for, if it has
// it. The second result is set where they may not be all.
func (d *Deriver) Listeners(lb *model.LoadBalancer, port int) ([]Destination, *model.Missing) {
	listeners, missing := d.ix.Listeners(lb.ARN)
	var out []Destination
	for _, l := range listeners {
		if port != 0 && l.Port != port {
			continue
		}
		for _, protocol := range listenerTransports(l) {
			out = append(out, Destination{
				LoadBalancer: lb, Listener: l, Protocol: protocol, Port: l.Port, Via: ViaDirect, to: d.node(lb),
			})
		}
	}
	if len(out) == 0 && missing != nil && port != 0 {
		out = append(out, Destination{
			LoadBalancer: lb, Protocol: tcp, Port: port, Via: ViaDirect, Missing: []model.Missing{*missing}, to: d.node(lb),
		})
	}
	return out, missing
}

// listenerTransports are the transport protocols that a listener takes.
func listenerTransports(l *model.Listener) []string {
	switch l.Protocol {
	case "UDP", "QUIC":
		return []string{udp}
	case "TCP_UDP", "TCP_QUIC":
		return []string{tcp, udp}
	}
	return []string{tcp}
}
