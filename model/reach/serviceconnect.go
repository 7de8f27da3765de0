package reach

import (
	"slices"
	"strconv"

	"hopscope/model"
)

// endpoint is a Service Connect service of a running version: what callers
// connect to.
type endpoint struct {
	d     *worker
	v     *version
	offer *model.ServiceConnectService
	index int
	// namespace is the key of the endpoint's namespace.
	namespace string
	// name is what callers connect to, as host:port.
	name          string
	container     string
	containerPort int
	// wire is what the callers' agents connect to; one port, or the range of
	// a dynamic host port.
	wire portSpan
	// bound are the host ports that agents have now, where they are dynamic.
	bound bindings
	in    Interception
}

// serviceConnectPaths adds the paths from the callers of each endpoint of a
// version.
func (d *worker) serviceConnectPaths(paths []Path, v *version) []Path {
	sc := v.deployment.ServiceConnect
	if !sc.Active() {
		return paths
	}
	key, unresolved := d.ix.NamespaceOf(v.service, sc)
	var missing []model.Missing
	for _, m := range [...]*model.Missing{unresolved, d.unresolved} {
		if m != nil {
			missing = append(missing, *m)
		}
	}
	for i := range sc.Services {
		endpoints := d.endpoints(v, i, key)
		for j := range endpoints {
			e := &endpoints[j]
			paths = d.callers[key.Key].appendPaths(paths, v, e.judge, func(o *outcome) Path { return e.path(o, missing) })
		}
	}
	return paths
}

// endpoints are the endpoints of one entry of serviceConnectConfiguration: one
// for each alias, or the default one.
func (d *worker) endpoints(v *version, index int, ns model.NamespaceKey) []endpoint {
	offer := &v.deployment.ServiceConnect.Services[index]
	base := endpoint{d: d, v: v, offer: offer, index: index, namespace: ns.Key}
	base.resolve()
	aliases := offer.Aliases(base.containerPort)
	out := make([]endpoint, len(aliases))
	for i, a := range aliases {
		out[i] = base
		out[i].name = offer.Endpoint(a, ns.Name)
	}
	return out
}

// resolve finds the ports of the endpoint (docs/traffic.md, Who handles a request).
func (e *endpoint) resolve() {
	v := e.v
	if v.task == nil {
		e.in = v.intercept(tcp, 0)
		e.wire = portSpan{e.offer.IngressPortOverride, e.offer.IngressPortOverride}
		return
	}
	mapping, container := v.task.PortNamed(e.offer.PortName)
	if mapping == nil {
		e.in = v.portNameLost(e.offer.PortName)
		return
	}
	e.container, e.containerPort = container, mapping.ContainerPort
	if mapping.ContainerPort == 0 {
		e.in = unknownInterception(PortNameRange, reason{
			format: "port name %[3]q is a range of ports, and how Service Connect treats one is not documented",
			name:   e.offer.PortName,
		})
		return
	}
	if mapping.UDP() {
		e.in = unknownInterception(PortNameUDP, reason{
			format: "port name %[3]q is mapped for UDP, and Service Connect carries TCP only", name: e.offer.PortName,
		})
		return
	}
	wire := e.offer.IngressPortOverride
	switch {
	case v.task.NetworkMode == bridge && wire == 0:
		e.bound = v.agentBindings()
		e.wire = e.bound.span()
		if e.in = v.intercept(tcp, 0); e.in.Problem == "" {
			e.in = Interception{
				Via: ViaAgent, Offer: e.offer, Index: e.index,
				reason: says("callers connect to the agent's own host port, which is dynamic"),
			}
		}
		return
	case wire == 0:
		wire = mapping.ContainerPort
	}
	e.wire = portSpan{wire, wire}
	e.in = v.intercept(tcp, wire)
}

// judge decides what callers with one interface meet.
func (e *endpoint) judge(from *netInterface, o *outcome) {
	if e.wire.first == 0 {
		o.crossing = e.crossAnyPort(from)
		return
	}
	o.judgeAt(e.v, e.bound, flow{protocol: tcp, ports: e.wire}, func(f flow) crossing {
		return e.d.cross(from, e.v.iface, f)
	})
	o.before = e.beforeOverride(from)
	switch o.crossing.access {
	case Allowed:
		o.past = o.before.names()
	case Blocked:
		o.judgeIntent()
	case AccessUnknown:
	}
}

// judgeAt asks about a flow, and about the host ports of those that tasks have now.
func (o *outcome) judgeAt(v *version, b bindings, f flow, ask func(flow) crossing) {
	o.crossing, o.bound = v.atBindings(b, ask(f), f, ask)
	if b.unread == nil {
		return
	}
	if o.crossing.access == AccessUnknown {
		o.crossing.missing = append(slices.Clip(o.crossing.missing), *b.unread)
	}
	decisions := o.crossing.decisions()
	for i := range decisions { // on the ports that tasks have it may be known
		if dec := &decisions[i]; dec.access == AccessUnknown && len(dec.missing) == 0 {
			dec.missing = []model.Missing{*b.unread}
		}
	}
}

// crossAnyPort decides about a port that is not known: callers to whom every port is
// refused are refused.
func (e *endpoint) crossAnyPort(from *netInterface) crossing {
	if c := e.d.cross(from, e.v.iface, flow{protocol: tcp, ports: anyPort}); c.access == Blocked {
		return c
	}
	return crossing{access: AccessUnknown} // the path itself lacks what is missing
}

// anyPort are all ports that there are.
var anyPort = portSpan{1, 65535}

// names tells whether the decision is an admission that names a group of the
// other end.
func (dec *decision) names() bool {
	return dec.access == Allowed && dec.rule != nil && dec.rule.Group != nil
}

// unread is what was not read of a decision that is not known.
func (dec *decision) unread() []model.Missing {
	if dec.access != AccessUnknown {
		return nil
	}
	return dec.missing
}

// judgeIntent looks for signs that refused callers are to be admitted: the
// target's groups name theirs, on the wire port or where the endpoint was before
// an override; or all groups admit them, and only a network ACL refuses. A rule for some
// of their addresses may be there for others. Where a group was not read, it cannot be
// said.
func (o *outcome) judgeIntent() {
	refused, admitted := false, true
	var mayName, mayAdmit []model.Missing
	decisions := o.crossing.decisions()
	for i := range decisions {
		dec := &decisions[i]
		switch dec.kind {
		case CheckTargetIngress:
			o.intended = o.intended || dec.names()
			mayName = append(mayName, dec.unread()...)
		case CheckSourceEgress:
			mayAdmit = append(mayAdmit, dec.unread()...)
		case CheckNetworkACL, CheckRouting:
			continue
		}
		refused, admitted = refused || dec.access == Blocked, admitted && dec.access == Allowed
	}
	unread := slices.Concat(mayName, o.before.unread())
	if !refused {
		unread = append(unread, mayAdmit...)
	}
	o.intended = o.intended || admitted || o.before.names()
	if !o.intended {
		o.crossing.missing = unread
	}
}

// beforeOverride decides whether callers are admitted on the container port,
// from which an override moved the endpoint away; refused where none did. In
// bridge mode an endpoint never was on a port of the app.
func (e *endpoint) beforeOverride(from *netInterface) decision {
	if e.offer.IngressPortOverride == 0 || e.containerPort == 0 || e.v.task.NetworkMode == bridge {
		return decision{access: Blocked}
	}
	to, ports := e.v.iface, portSpan{e.containerPort, e.containerPort}
	return e.d.admits(ingress, to, from, flow{protocol: tcp, ports: ports, v6: v6Only(from, to)})
}

func (e *endpoint) base() Path {
	p := Path{
		Place:  e.v.place(SourceServiceConnect, e.container, e.containerPort),
		Source: Source{Kind: SourceServiceConnect, Endpoint: e.name, Services: noCallers},
		Target: e.v.target(e.container, e.containerPort, e.wire.first),
		Via:    e.in.Via, Facts: e.v.facts(e.in),
	}
	if e.wire.last > e.wire.first {
		p.Target.WirePortEnd = e.wire.last
	}
	p.Place.Endpoint = e.name
	if e.containerPort == 0 {
		p.Place.PortName = e.offer.PortName
	}
	p.Facts.Offer, p.Facts.Namespace = e.offer, e.namespace
	return p
}

// path is the path of the callers that share an outcome; of none when it is nil.
func (e *endpoint) path(o *outcome, missing []model.Missing) Path {
	p := e.base()
	missing = slices.Concat(missing, missingOf(e.in))
	p.way = &connectWay{e, o}
	if o == nil {
		p.Access = AccessUnknown
		judgeServiceConnect(&p, missing)
		p.identify()
		return p
	}
	p.meet(o)
	if o.past && e.v.intercept(tcp, e.containerPort).Via == ViaDirect {
		at := words{protocol: tcp, ports: portSpan{e.containerPort, e.containerPort}, from: o.interfaces(), to: e.v.iface}
		p.Facts.SideDoor = &SideDoor{at, &o.before}
	}
	judgeServiceConnect(&p, slices.Concat(missing, o.crossing.missing))
	p.identify()
	return p
}

// connectWay is the way of the packets of callers that share an outcome, or of no
// caller.
type connectWay struct {
	endpoint *endpoint
	outcome  *outcome
}

func (c *connectWay) crossings() (front, into *crossing) { return nil, c.outcome.crossed() }

// hops are the legs from the callers' apps to the target's app.
func (c *connectWay) hops(p *Path) []Hop {
	e, callers := c.endpoint, c.outcome.names()
	inside := Hop{
		From: "app of " + callers, FromNode: NodeCallerApp, To: "client agent of " + callers, ToNode: NodeCallerAgent,
		Protocol: tcp, Access: Allowed,
		Why: "inside the caller's task: " + e.name +
			" resolves to a virtual address, and connections to it are redirected to the agent",
		Evidence: []Evidence{{
			Fact: "serviceConnectConfiguration.services[" + strconv.Itoa(e.index) + "]: portName " + e.offer.PortName +
				", endpoint " + e.name,
			From: string(model.DescribeServices),
		}},
	}
	wire := e.wire
	if wire.first == 0 {
		wire = anyPort
	}
	across := c.outcome.hop(Hop{
		From: inside.To, FromNode: NodeCallerAgent, Port: p.Target.WirePort, Protocol: e.protocol(), Evidence: e.evidence(),
	}, tcp, wire, e.v.iface, "no other loaded service has Service Connect in this namespace")
	if e.wire.first == 0 {
		across.Needed = "" // a rule for every port would be no remedy
	}
	if across.Access == Blocked {
		across.Symptom = e.symptom()
	}
	return e.v.intoTask(append(make([]Hop, 0, 3), inside), across, p)
}

// protocol is what the agents speak to each other.
func (e *endpoint) protocol() string {
	protocol := tcp
	if e.v.task != nil {
		if m, _ := e.v.task.PortNamed(e.offer.PortName); m != nil && m.AppProtocol != "" {
			protocol = m.AppProtocol
		}
	}
	if e.offer.TLS != nil {
		return protocol + "+tls"
	}
	return protocol
}

// evidence says which fields make the wire port what it is.
func (e *endpoint) evidence() []Evidence {
	override := "no ingressPortOverride"
	if e.offer.IngressPortOverride != 0 {
		override = "ingressPortOverride " + strconv.Itoa(e.offer.IngressPortOverride)
	}
	out := []Evidence{{
		Fact: "serviceConnectConfiguration.services[" + strconv.Itoa(e.index) + "]: " +
			override, From: string(model.DescribeServices),
	}}
	if e.v.task != nil && e.containerPort != 0 {
		out = append(out, Evidence{
			Fact: "task definition " + e.v.task.Name() + ", container " + e.container + ": port " + e.offer.PortName +
				" is containerPort " + strconv.Itoa(e.containerPort) + ", network mode " + networkModeName(e.v.task),
			From: string(model.DescribeTaskDefinition),
		})
	}
	return out
}

// symptom is what callers see when their agent cannot reach the target's
// (docs/traffic.md, Security groups and network ACLs).
func (e *endpoint) symptom() string {
	if e.protocol() == tcp {
		return "callers' connections hang and then reset"
	}
	return "callers get `upstream request timeout` (HTTP 504) after about 15 s"
}
