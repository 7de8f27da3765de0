package reach

import (
	"fmt"
	"slices"
	"strconv"

	"hopscope/model"
)

// registration is a container port of a version that Cloud Map hands out to
// callers that look its name up: plain service discovery, without an agent on the
// caller's side.
type registration struct {
	d             *worker
	v             *version
	registry      model.ARN
	container     string
	containerPort int
	protocol      string
	wire          portSpan
	// bound are the host ports that tasks have now, where they are dynamic.
	bound bindings
	in    Interception
}

// serviceDiscoveryPaths adds the paths of the services in the target's VPC that
// may call the ports which a version registers in Cloud Map (serviceRegistries).
func (d *worker) serviceDiscoveryPaths(paths []Path, v *version) []Path {
	for i := range v.service.ServiceRegistries {
		for _, r := range d.registrations(v, &v.service.ServiceRegistries[i]) {
			paths = d.neighbours[v.iface.vpc].appendPaths(paths, v, r.judge, r.path)
		}
	}
	return paths
}

// registrations are the ports of a registry entry: the one that it names, else
// every TCP port of the task.
func (d *worker) registrations(v *version, reg *model.ServiceRegistry) []*registration {
	if reg.ContainerPort != 0 || reg.Port != 0 {
		return []*registration{d.registration(v, reg, reg.ContainerName, max(reg.ContainerPort, reg.Port))}
	}
	var out []*registration
	if v.task == nil {
		return append(out, d.registration(v, reg, reg.ContainerName, 0))
	}
	for i := range v.task.Containers {
		c := &v.task.Containers[i]
		for j := range c.PortMappings {
			if m := &c.PortMappings[j]; !m.UDP() && m.ContainerPort != 0 {
				out = append(out, d.registration(v, reg, c.Name, m.ContainerPort))
			}
		}
	}
	return out
}

func (d *worker) registration(v *version, reg *model.ServiceRegistry, container string, port int) *registration {
	if container == "" && v.task != nil {
		container = portOwner(v.task, port)
	}
	protocol := tcp
	if v.task != nil {
		if m := v.mapping(container, port, tcp); m != nil && m.UDP() {
			protocol = udp
		}
	}
	wire := v.hostPort(container, port, protocol)
	r := &registration{
		d: d, v: v, registry: reg.RegistryARN, container: container, containerPort: port, protocol: protocol,
		wire: portSpan{wire, wire},
	}
	if wire == 0 && v.task != nil {
		r.bound = v.bindingsOf(container, port, protocol)
		r.wire = r.bound.span()
	}
	r.in = v.intercept(r.protocol, wire)
	return r
}

func (r *registration) judge(from *netInterface, o *outcome) {
	if r.wire.first == 0 {
		o.crossing = crossing{access: AccessUnknown, missing: missingOf(r.in)}
		return
	}
	o.judgeAt(r.v, r.bound, flow{protocol: r.protocol, ports: r.wire}, func(f flow) crossing {
		return r.d.cross(from, r.v.iface, f)
	})
	if o.crossing.access == Blocked {
		o.before.access = Blocked
		o.judgeIntent()
	}
}

// path is the path of the callers that share an outcome; of none when it is nil.
func (r *registration) path(o *outcome) Path {
	p := Path{
		Place:  r.v.place(SourceServiceDiscovery, r.container, r.containerPort),
		Source: Source{Kind: SourceServiceDiscovery, Services: noCallers},
		Target: r.v.target(r.container, r.containerPort, r.wire.first),
		Via:    r.in.Via, Facts: r.v.facts(r.in),
	}
	p.Place.Endpoint = model.ARNName(r.registry)
	if name := r.d.discoveryName(r.registry); name != "" && r.containerPort != 0 {
		p.Source.Endpoint = name + ":" + strconv.Itoa(r.containerPort)
	}
	if r.wire.last > r.wire.first {
		p.Target.WirePortEnd = r.wire.last
	}
	missing := missingOf(r.in)
	p.Access, p.way = AccessUnknown, &discoveryWay{r, o}
	if o != nil {
		p.meet(o)
		missing = slices.Concat(missing, o.crossing.missing)
	}
	p.Missing = uniqueMissing(missing)
	p.Verdict = p.judgeDiscovery()
	p.identify()
	return p
}

// discoveryWay is the way of the packets of callers that share an outcome; of no
// caller when it is nil.
type discoveryWay struct {
	registration *registration
	outcome      *outcome
}

func (d *discoveryWay) crossings() (front, into *crossing) { return nil, d.outcome.crossed() }

func (d *discoveryWay) hops(p *Path) []Hop {
	r := d.registration
	hop := d.outcome.hop(Hop{
		From: "app of " + d.outcome.names(), FromNode: NodeCallerApp, Port: p.Target.WirePort, Protocol: r.protocol,
		Evidence: []Evidence{{
			Fact: fmt.Sprintf("serviceRegistries: %s, container %s, port %d", model.ARNName(r.registry), r.container,
				r.containerPort),
			From: string(model.DescribeServices),
		}},
	}, r.protocol, r.wire, r.v.iface, "no other loaded service has a subnet in this VPC")
	if hop.Access == Blocked {
		hop.Symptom = "connections of these callers to the task's address time out"
	}
	return r.v.intoTask(make([]Hop, 0, 2), hop, p)
}

// discoveryName is the name that callers look a Cloud Map service up by, "" when
// it was not read.
func (d *Deriver) discoveryName(registry model.ARN) string {
	service, missing := d.ix.DiscoveryService(registry)
	if missing != nil {
		return ""
	}
	namespace, missing := d.ix.Namespace(service.Namespace)
	if missing != nil {
		return ""
	}
	return service.Name + "." + namespace.Name
}

// judgeDiscovery: a plain caller needs no agent (decision table, row 52), and
// where the endpoint has TLS it either goes past it or speaks plaintext to it.
func (p *Path) judgeDiscovery() Verdict {
	tls := p.Facts.Interception.EndsTLS()
	switch {
	case p.Access == AccessUnknown || p.Via == ViaUnknown || len(p.Missing) > 0:
		return Unknown
	case p.Access == Blocked && p.Facts.Intended:
		return Broken
	case p.Access == Blocked:
		return Closed
	case p.Via == ViaAgent && tls:
		p.note += "; the agent speaks TLS there, and whether these callers do is not known"
		return Unknown
	case p.Via == ViaAgent:
		return UnnecessaryHop
	case tls:
		p.note += "; the endpoint has TLS between agents, which this way goes past"
		return Risk
	}
	return OK
}
