package reach

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
)

// loadBalancerPaths adds the paths from load balancers and service gateways into
// a version: one for each listener rule, target group and container port, and one
// for each health check.
func (d *worker) loadBalancerPaths(paths []Path, v *version) []Path {
	for i := range v.attachments {
		e := &targetGroupRoute{d: d, v: v, attached: &v.attachments[i]}
		if missing := e.attached.missing; missing != nil {
			paths = append(paths, e.unknown(e.attached.kind, "", *missing))
			continue
		}
		e.group, e.groupMissing = d.ix.TargetGroup(e.attached.group)
		paths = e.appendPaths(paths)
	}
	return paths
}

func (e *targetGroupRoute) appendPaths(paths []Path) []Path {
	checked := map[model.ARN]bool{}
	for _, fwd := range e.d.forwards.to[e.attached.group] {
		paths = append(paths, e.traffic(fwd))
		if !checked[fwd.lb.ARN] {
			checked[fwd.lb.ARN] = true
			paths = e.appendHealthCheck(paths, fwd.lb)
		}
	}
	if len(checked) == 0 {
		return e.appendUnplaced(paths)
	}
	return e.appendUnread(paths)
}

// appendUnread adds a path for what other listeners of the load balancers may
// forward, whose rules could not be read.
func (e *targetGroupRoute) appendUnread(paths []Path) []Path {
	read, seen := map[model.ARN]bool{}, map[model.ARN]bool{}
	for _, fwd := range e.d.forwards.to[e.attached.group] {
		read[fwd.listener.ARN] = true
	}
	for _, fwd := range e.d.forwards.to[e.attached.group] {
		var unread []model.Missing
		for _, m := range e.d.forwards.missing[fwd.lb.ARN] {
			if !read[m.Resource] {
				unread = append(unread, m)
			}
		}
		if len(unread) > 0 && !seen[fwd.lb.ARN] {
			seen[fwd.lb.ARN] = true
			paths = append(paths, e.unknown(e.attached.kind, fwd.lb.Name, unread...))
		}
	}
	return paths
}

// targetGroupRoute is the way into a version through one target group.
type targetGroupRoute struct {
	d            *worker
	v            *version
	attached     *attachment
	group        *model.TargetGroup
	groupMissing *model.Missing
	// health is shared by all paths of the route; nil before it is asked for.
	health *Health
}

func (e *targetGroupRoute) groupName() string {
	if e.group != nil {
		return e.group.Name
	}
	if parts := strings.Split(model.ARNResource(e.attached.group), "/"); len(parts) > 1 {
		return parts[1]
	}
	return e.attached.group
}

// wire is the port that targets are registered with; 0 for a dynamic host port.
func (e *targetGroupRoute) wire() int {
	if e.attached.registered != 0 {
		return e.attached.registered
	}
	return e.v.hostPort(e.attached.container, e.attached.port, e.protocol())
}

// protocol is the transport of a target group: udp or tcp.
func (e *targetGroupRoute) protocol() string {
	if e.group != nil && (e.group.Protocol == "UDP" || e.group.Protocol == "QUIC") {
		return udp
	}
	return tcp
}

// place is the place of a path from a listener rule, or of a path of which the load
// balancer alone is known.
func (e *targetGroupRoute) place(kind SourceKind, from ListenerRule) Place {
	p := e.v.place(kind, e.attached.container, e.attached.port)
	p.Rule, p.TargetGroup, p.RegisteredPort = from, e.groupName(), e.attached.registered
	return p
}

// traffic is the path of requests that a listener rule forwards.
func (e *targetGroupRoute) traffic(fwd forward) Path {
	v, wire := e.v, e.wire()
	in := e.intercept(fwd.lb, wire)
	p := Path{
		Place:  e.place(e.attached.kind, fwd.name()),
		Source: e.source(fwd),
		Target: v.target(e.attached.container, e.attached.port, wire),
		Via:    in.Via, Facts: v.facts(in),
	}
	p.Facts.LoadBalancer, p.Facts.Listener, p.Facts.Rule, p.Facts.TargetGroup = fwd.lb, fwd.listener, fwd.rule, e.group
	p.Facts.ByHand = e.attached.registered != 0
	e.arrive(&p, fwd.lb, wire)
	if fwd.missing != nil {
		p.Missing = append(p.Missing, *fwd.missing)
	}
	if fwd.front != nil {
		e.d.putInFront(&p, fwd.front, fwd.lb)
	}
	e.enter(&p, &fwd)
	p.identify()
	e.judge(&p, e.groupProtocol())
	e.observe(&p, fwd.lb)
	return p
}

// enter asks whether clients reach the first load balancer of a path.
func (e *targetGroupRoute) enter(p *Path, fwd *forward) {
	first := fwd
	if fwd.front != nil {
		first = fwd.front
	}
	entry := e.d.entry(first.lb, first.listener)
	if into, is := p.way.(*arrival); is {
		into.entry = entry
	}
	p.Access = worseAccess(p.Access, entry.Access)
	p.Missing = append(p.Missing, entry.Missing...)
}

// intercept decides who handles the requests; not where it takes the protocol of
// a target group that is not known.
func (e *targetGroupRoute) intercept(lb *model.LoadBalancer, wire int) Interception {
	in := e.v.intercept(e.protocol(), wire)
	if e.group == nil && lb.Type == networkLoadBalancer && in.Via != e.v.intercept(udp, wire).Via {
		return Interception{Via: ViaUnknown, Missing: e.groupMissing, reason: reason{missing: e.groupMissing}}
	}
	return in
}

// source is what a listener rule's requests come from: the load balancer, or the
// service gateway that it belongs to.
func (e *targetGroupRoute) source(fwd forward) Source {
	s := Source{
		Kind: e.attached.kind, Name: fwd.lb.Name, Scheme: fwd.lb.Scheme, LoadBalancerType: fwd.lb.Type,
		ListenerPort: fwd.listener.Port, ListenerProtocol: fwd.listener.Protocol, Rule: fwd.rule.Priority,
		TargetGroup: e.groupName(), Weight: fwd.weight,
	}
	if e.attached.gateway != "" {
		s.Name = e.attached.gateway
	}
	return s
}

func (e *targetGroupRoute) groupProtocol() string {
	if e.group == nil {
		return ""
	}
	return e.group.Protocol
}

// appendUnplaced adds a path for a target group that load balancers use although
// no rule that was read forwards to it: because some could not be read. A group
// that nothing forwards to gets no path.
func (e *targetGroupRoute) appendUnplaced(paths []Path) []Path {
	if e.groupMissing != nil {
		return e.appendUnknown(paths, "", *e.groupMissing)
	}
	for _, arn := range e.group.LoadBalancers {
		lb, missing := e.d.ix.LoadBalancer(arn)
		if missing != nil {
			paths = e.appendUnknown(paths, strings.TrimPrefix(missing.What, "load balancer "), *missing)
			continue
		}
		if unread := e.d.forwards.missing[arn]; len(unread) > 0 {
			paths = append(paths, e.unknown(e.attached.kind, lb.Name, unread...))
			paths = e.appendHealthCheck(paths, lb)
		}
	}
	return paths
}

// appendUnknown adds what is left of the requests' and the health check's paths
// when the target group or the load balancer is not known.
func (e *targetGroupRoute) appendUnknown(paths []Path, lb string, missing model.Missing) []Path {
	paths = append(paths, e.unknown(e.attached.kind, lb, missing))
	if e.group != nil && !e.group.HealthCheck.Enabled {
		return paths
	}
	return append(paths, e.unknown(SourceHealthCheck, lb, missing))
}

// unknown is a path of which only the target is known.
func (e *targetGroupRoute) unknown(kind SourceKind, lb string, missing ...model.Missing) Path {
	wire := e.wire()
	in := e.v.intercept(e.protocol(), wire)
	if e.attached.port == 0 && e.attached.registered == 0 {
		in = Interception{Via: ViaUnknown, reason: reason{missing: &missing[0]}}
	}
	if lb == "" {
		lb = e.attached.gateway
	}
	if kind == SourceHealthCheck {
		in = Interception{Via: ViaUnknown, reason: reason{missing: &missing[0]}}
	}
	p := Path{
		Place:  e.place(kind, ListenerRule{LoadBalancer: lb}),
		Source: Source{Kind: kind, Name: lb, TargetGroup: e.groupName()},
		Target: e.v.target(e.attached.container, e.attached.port, wire),
		Via:    in.Via, Access: AccessUnknown, Verdict: Unknown, Facts: e.v.facts(in),
	}
	if kind == SourceServiceGateway {
		p.Source.Name = e.attached.gateway
	}
	p.Missing = uniqueMissing(slices.Concat(missing, missingOf(in)))
	p.Facts.TargetGroup = e.group
	p.way = &arrival{targetGroupRoute: e, from: p.Source.Name, crossing: unasked(&missing[0])}
	p.identify()
	return p
}

func missingOf(in Interception) []model.Missing {
	if in.Missing == nil {
		return nil
	}
	return []model.Missing{*in.Missing}
}

// arrival is the way of a load balancer's packets into a task.
type arrival struct {
	*targetGroupRoute
	// from is the name of the load balancer, or of the gateway that it belongs to.
	from     string
	crossing crossing
	protocol string
	ports    portSpan
	iface    *netInterface
	// entry is what clients meet; nil for health checks.
	entry *Entry
	front *frontCrossing
}

func (a *arrival) crossings() (front, into *crossing) {
	if a.front != nil {
		front = &a.front.crossing
	}
	return front, &a.crossing
}

// words puts the connection to the task into words.
func (a *arrival) words() words {
	return words{protocol: a.protocol, ports: a.ports, from: []*netInterface{a.iface}, to: a.v.iface}
}

// unasked is the answer where a fact is missing without which the network cannot be
// asked.
func unasked(missing *model.Missing) crossing {
	return undecided(missing.String())
}

// arrive asks whether the load balancer's packets reach the task, and sets the
// path's access, way and missing facts.
func (e *targetGroupRoute) arrive(p *Path, lb *model.LoadBalancer, wire int) {
	from := e.d.node(lb)
	f := flow{protocol: e.protocol(), ports: portSpan{wire, wire}, v6: e.group != nil && e.group.IPAddressType == "ipv6"}
	if p.Source.Kind == SourceHealthCheck {
		f.protocol = tcp // also in groups of UDP
	}
	if wire == 0 && e.v.task == nil {
		p.Access, p.Missing = AccessUnknown, []model.Missing{*e.v.taskMissing}
		p.way = &arrival{targetGroupRoute: e, from: p.Source.Name, crossing: unasked(e.v.taskMissing)}
		return
	}
	var bound bindings
	if wire == 0 {
		bound = e.v.bindingsOf(e.attached.container, e.attached.port, f.protocol)
		f.ports = bound.span()
		p.Target.WirePort, p.Target.WirePortEnd = f.ports.first, f.ports.last
	}
	ask := func(f flow) crossing { return e.reach(p.Source.Kind, lb, from, f) }
	c, now := e.v.atBindings(bound, ask(f), f, ask)
	p.Facts.Bound = now
	if p.Source.Kind != SourceHealthCheck {
		for _, also := range e.otherFlows(f) {
			if o := e.reach(p.Source.Kind, lb, from, also); worseAccess(c.access, o.access) != c.access {
				c, f, p.Facts.Bound = o, also, nil
			}
		}
	}
	c = e.asFarAsKnown(c, lb, from, f)
	p.Access = c.access
	p.way = &arrival{
		targetGroupRoute: e, from: p.Source.Name, crossing: c, protocol: f.protocol, ports: f.ports,
		iface: from,
	}
	p.Missing = uniqueMissing(append(missingOf(p.Facts.Interception), c.missing...))
	if c.access == AccessUnknown && bound.unread != nil {
		p.Missing = append(p.Missing, *bound.unread)
	}
	if e.groupMissing != nil {
		p.Missing = append(p.Missing, *e.groupMissing)
	}
	if m := e.proxyProtocolUnknown(lb); m != nil {
		p.Missing = append(p.Missing, *m)
	}
}

// asFarAsKnown corrects the answer where it is not known what the targets are registered
// with.
func (e *targetGroupRoute) asFarAsKnown(c crossing, lb *model.LoadBalancer, from *netInterface, f flow) crossing {
	if e.group == nil && lb.Type == networkLoadBalancer {
		c = e.eitherProtocol(c, lb, from, f)
	}
	if e.attached.index >= 0 && e.v.mayBeOutdated() {
		c = unasked(e.v.taskMissing)
		c.missing = []model.Missing{*e.v.taskMissing}
	}
	return c
}

// eitherProtocol corrects the answer where the target group is not known, and with
// it whether its targets are reached by TCP or UDP.
func (e *targetGroupRoute) eitherProtocol(c crossing, lb *model.LoadBalancer, from *netInterface, f flow) crossing {
	f.protocol = udp
	if o := e.reach(SourceLoadBalancer, lb, from, f); o.access == c.access {
		return c
	}
	c = undecided(e.groupMissing.String())
	c.missing = []model.Missing{*e.groupMissing}
	return c
}

// proxyProtocolUnknown is set when it is not known whether a network load
// balancer writes proxy protocol headers, which Service Connect's agent does not
// understand (decision table, rows 22 and 23).
func (e *targetGroupRoute) proxyProtocolUnknown(lb *model.LoadBalancer) *model.Missing {
	sc := e.v.deployment.ServiceConnect
	if lb.Type != networkLoadBalancer || e.group == nil || e.protocol() == udp || !sc.Active() || len(sc.Services) == 0 {
		return nil
	}
	_, missing := e.d.ix.TargetGroupAttributes(e.group)
	return missing
}

// reach asks about one protocol. Health checks have the load balancer's own
// addresses, whatever those of the requests are (Elastic Load Balancing guide,
// target security groups of network load balancers).
func (e *targetGroupRoute) reach(kind SourceKind, lb *model.LoadBalancer, from *netInterface, f flow) crossing {
	if kind == SourceHealthCheck {
		return e.d.crossCached(from, e.v.iface, f)
	}
	sees, missing := e.d.seesClients(lb, e.group, f.protocol)
	if !sees || e.v.iface.unknown != nil {
		return e.d.crossCached(from, e.v.iface, f)
	}
	return eachKind(from, e.v.iface, func(from, to *netInterface) crossing {
		return e.d.withClientAddresses(e.d.crossCached(from, to, f), to, f, missing)
	})
}

// otherFlows are the other connections that the load balancer makes for the requests of
// a group: UDP beside TCP, and the control port of the target optimizer.
func (e *targetGroupRoute) otherFlows(f flow) []flow {
	var out []flow
	if e.group != nil && (e.group.Protocol == "TCP_UDP" || e.group.Protocol == "TCP_QUIC") {
		second := f
		second.protocol = udp
		out = append(out, second)
	}
	if e.group != nil && e.group.TargetControlPort != 0 {
		control := f
		control.ports = portSpan{e.group.TargetControlPort, e.group.TargetControlPort}
		out = append(out, control)
	}
	return out
}

// dynamicHostPorts is the range that ECS takes bridge-mode host ports from
// (Docker's and the kernel's ranges together; docs/traffic.md, Who handles a request).
var dynamicHostPorts = portSpan{32768, 65535}

// hops are the legs from the load balancer to the app.
func (a *arrival) hops(p *Path) []Hop {
	protocol := strings.ToLower(a.groupProtocol())
	if p.Source.Kind == SourceHealthCheck && a.group != nil {
		protocol = strings.ToLower(a.group.HealthCheck.Protocol)
	}
	first := a.words().hop(Hop{
		From: a.from, FromNode: NodeLoadBalancer, Port: p.Target.WirePort, Protocol: protocol,
		Evidence: []Evidence{a.attached.shown(a.groupName())},
	}, &a.crossing)
	switch {
	case first.From != "":
	case a.attached.group == "":
		first.From = "load balancer that ECS manages"
	default:
		first.From = "load balancer of " + a.groupName()
	}
	if first.Access == Blocked {
		first.Symptom = "targets turn unhealthy (Target.Timeout) and the load balancer answers 503 or 504"
	}
	hops := make([]Hop, 0, 4)
	if a.entry != nil {
		hops = append(hops, a.entry.hop())
	}
	if a.front != nil {
		hops = append(hops, a.front.hop())
	}
	return a.v.intoTask(hops, first, p)
}

// intoTask completes the hop into the task, and adds it and the one inside the
// task to the hops.
func (v *version) intoTask(hops []Hop, first Hop, p *Path) []Hop {
	app := "app " + p.Target.Container
	if p.Target.Container == "" {
		app = fmt.Sprintf("port %d of %s", p.Target.ContainerPort, v.service.Name)
	}
	switch p.Via {
	case ViaDirect:
		first.To, first.ToNode = app+" of "+v.service.Name, NodeApp
		return append(hops, first)
	case ViaAgent:
		first.To, first.ToNode = "agent of "+v.service.Name, NodeAgent
		return append(hops, first, v.agentHop(p, app))
	case ViaUnknown:
	}
	first.To, first.ToNode = "task of "+v.service.Name, NodeTask
	return append(hops, first)
}

// agentHop is the leg from the agent to the app, inside the task.
func (v *version) agentHop(p *Path, app string) Hop {
	h := Hop{
		From: "agent of " + v.service.Name, FromNode: NodeAgent, To: app, ToNode: NodeApp,
		Port: p.Target.ContainerPort, Protocol: tcp, Access: Allowed,
		Why: "inside the task, over the loopback interface: no security group is asked",
	}
	if v.task == nil {
		return h
	}
	if m := v.mapping(p.Target.Container, p.Target.ContainerPort, tcp); m != nil && m.AppProtocol != "" {
		h.Protocol = m.AppProtocol
	}
	if v.task.NetworkMode == bridge {
		h.Why = "inside the instance, over the container bridge: no security group is asked"
	}
	return h
}
