package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
)

// forward is a way from a listener to a target group.
type forward struct {
	lb       *model.LoadBalancer
	listener *model.Listener
	rule     *model.ListenerRule
	// weight is the percentage of a weighted action, nil for a plain one.
	weight *int
	// missing says that other rules of the listener are not known, so that
	// this one may not be what it looks like.
	missing *model.Missing
}

// forwards are the ways to each target group, and what was not readable of each
// load balancer.
type forwards struct {
	to      map[model.ARN][]forward
	missing map[model.ARN][]model.Missing
}

func (d *common) indexForwards() forwards {
	f := forwards{to: map[model.ARN][]forward{}, missing: map[model.ARN][]model.Missing{}}
	for i := range d.ix.Snapshot.LoadBalancers {
		lb := &d.ix.Snapshot.LoadBalancers[i]
		listeners, missing := d.ix.Listeners(lb.ARN)
		if missing != nil {
			f.missing[lb.ARN] = append(f.missing[lb.ARN], *missing)
		}
		for _, l := range listeners {
			rules, missing := d.ix.Rules(l.ARN)
			if missing != nil {
				f.missing[lb.ARN] = append(f.missing[lb.ARN], *missing)
			}
			if len(rules) == 0 {
				// DescribeListeners gives the default action as well.
				rules = []*model.ListenerRule{{ListenerARN: l.ARN, Priority: defaultRule, Default: true, Actions: l.DefaultActions}}
			}
			for _, r := range rules {
				f.addRule(lb, l, r, missing)
			}
		}
	}
	return f
}

const (
	defaultRule = "default"
	maxPort     = 65535
)

func (f *forwards) addRule(lb *model.LoadBalancer, l *model.Listener, r *model.ListenerRule, missing *model.Missing) {
	for i := range r.Actions {
		targets := r.Actions[i].Forward
		sum := 0
		for _, t := range targets {
			sum += t.Weight
		}
		for _, t := range targets {
			fwd := forward{lb: lb, listener: l, rule: r, missing: missing}
			if len(targets) > 1 && sum > 0 {
				share := (100*t.Weight + sum - 1) / sum // a small share is not none
				fwd.weight = &share
			}
			f.to[t.TargetGroupARN] = append(f.to[t.TargetGroupARN], fwd)
		}
	}
}

// loadBalancerPaths adds the paths from load balancers into a version: one for
// each listener rule, target group and container port, and one for each health
// check.
func (d *deriver) loadBalancerPaths(paths []Path, v *version) []Path {
	type attachment struct {
		group     model.ARN
		container string
		port      int
	}
	seen := map[attachment]bool{}
	for i := range v.loadBalancers {
		attached := &v.loadBalancers[i]
		for _, arn := range [...]model.ARN{attached.TargetGroupARN, attached.AlternateTargetGroupARN} {
			key := attachment{arn, attached.ContainerName, attached.ContainerPort}
			if arn == "" || seen[key] {
				continue
			}
			seen[key] = true
			paths = d.targetGroupPaths(paths, v, i, arn)
		}
	}
	return paths
}

func (d *deriver) targetGroupPaths(paths []Path, v *version, attachment int, arn model.ARN) []Path {
	e := &entry{d: d, v: v, attachment: attachment, arn: arn, attached: &v.loadBalancers[attachment]}
	e.group, e.groupMissing = d.ix.TargetGroup(arn)
	checked := map[model.ARN]bool{}
	for _, fwd := range d.forwards.to[arn] {
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
func (e *entry) appendUnread(paths []Path) []Path {
	read, seen := map[model.ARN]bool{}, map[model.ARN]bool{}
	for _, fwd := range e.d.forwards.to[e.arn] {
		read[fwd.listener.ARN] = true
	}
	for _, fwd := range e.d.forwards.to[e.arn] {
		var unread []model.Missing
		for _, m := range e.d.forwards.missing[fwd.lb.ARN] {
			if !read[m.Resource] {
				unread = append(unread, m)
			}
		}
		if len(unread) > 0 && !seen[fwd.lb.ARN] {
			seen[fwd.lb.ARN] = true
			paths = append(paths, e.unknown(SourceLoadBalancer, fwd.lb.Name, unread...))
		}
	}
	return paths
}

// entry is the way into a version through one target group.
type entry struct {
	d            *deriver
	v            *version
	attachment   int
	attached     *model.ServiceLoadBalancer
	arn          model.ARN
	group        *model.TargetGroup
	groupMissing *model.Missing
}

func (e *entry) groupName() string {
	if e.group != nil {
		return e.group.Name
	}
	if parts := strings.Split(model.ARNResource(e.arn), "/"); len(parts) > 1 {
		return parts[1]
	}
	return e.arn
}

// protocol is the transport of a target group: udp or tcp.
func (e *entry) protocol() string {
	if e.group != nil && (e.group.Protocol == "UDP" || e.group.Protocol == "QUIC") {
		return udp
	}
	return tcp
}

func (e *entry) id(kind, lb, listener string) string {
	return kind + "/" + lb + listener + "/" + e.groupName() + "/" + e.v.service.Ref().String() + "/" +
		e.attached.ContainerName + ":" + strconv.Itoa(e.attached.ContainerPort)
}

// traffic is the path of requests that a listener rule forwards.
func (e *entry) traffic(fwd forward) Path {
	v := e.v
	wire := v.hostPort(e.attached.ContainerName, e.attached.ContainerPort)
	in := v.intercept(e.protocol(), wire)
	p := Path{
		ID: e.id("lb", fwd.lb.Name, ":"+strconv.Itoa(fwd.listener.Port)+"/"+fwd.rule.Priority),
		Source: Source{
			Kind: SourceLoadBalancer, Name: fwd.lb.Name, Scheme: fwd.lb.Scheme, LoadBalancerType: fwd.lb.Type,
			ListenerPort: fwd.listener.Port, ListenerProtocol: fwd.listener.Protocol, Rule: fwd.rule.Priority,
			TargetGroup: e.groupName(), Weight: fwd.weight,
		},
		Target: v.target(e.attached.ContainerName, e.attached.ContainerPort, wire),
		Via:    in.Via, ViaWhy: in.Why, Facts: v.facts(in),
	}
	p.Facts.LoadBalancer, p.Facts.Listener, p.Facts.Rule, p.Facts.TargetGroup = fwd.lb, fwd.listener, fwd.rule, e.group
	e.arrive(&p, fwd.lb, wire)
	if fwd.missing != nil {
		p.Missing = append(p.Missing, *fwd.missing)
	}
	e.judge(&p, e.groupProtocol())
	return p
}

func (e *entry) groupProtocol() string {
	if e.group == nil {
		return ""
	}
	return e.group.Protocol
}

// appendHealthCheck adds the path of the load balancer's health checks.
func (e *entry) appendHealthCheck(paths []Path, lb *model.LoadBalancer) []Path {
	if e.group == nil {
		return append(paths, e.unknown(SourceHealthCheck, lb.Name, *e.groupMissing))
	}
	if !e.group.HealthCheck.Enabled {
		return paths
	}
	v, check := e.v, e.group.HealthCheck
	wire := v.hostPort(e.attached.ContainerName, e.attached.ContainerPort)
	target := v.target(e.attached.ContainerName, e.attached.ContainerPort, wire)
	if check.Port != model.TrafficPort {
		port, err := strconv.Atoi(check.Port)
		if err != nil || port < 1 || port > maxPort {
			return append(paths, e.unknown(SourceHealthCheck, lb.Name, model.Missing{
				What: "health check port of " + e.groupName(), Action: model.DescribeTargetGroups, Resource: e.arn, State: model.Absent,
			}))
		}
		wire, target = port, v.healthTarget(port)
	}
	in := v.intercept(tcp, wire)
	p := Path{
		ID: e.id("hc", lb.Name, ":"+check.Port),
		Source: Source{
			Kind: SourceHealthCheck, Name: lb.Name, Scheme: lb.Scheme, LoadBalancerType: lb.Type,
			TargetGroup: e.groupName(),
		},
		Target: target, Via: in.Via, ViaWhy: in.Why, Facts: v.facts(in),
	}
	p.Facts.LoadBalancer, p.Facts.TargetGroup = lb, e.group
	e.arrive(&p, lb, wire)
	e.judge(&p, check.Protocol)
	return append(paths, p)
}

// healthTarget is what a health check on a port of its own meets: the container
// that declares the port, if one does.
func (v *version) healthTarget(port int) Target {
	t := v.target("", port, port)
	if v.task != nil {
		t.Container = portOwner(v.task, port)
	}
	return t
}

// appendUnplaced adds a path for a target group that load balancers use although
// no rule that was read forwards to it: because some could not be read. A group
// that nothing forwards to gets no path.
func (e *entry) appendUnplaced(paths []Path) []Path {
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
			paths = append(paths, e.unknown(SourceLoadBalancer, lb.Name, unread...))
			paths = e.appendHealthCheck(paths, lb)
		}
	}
	return paths
}

// appendUnknown adds what is left of the requests' and the health check's paths
// when the target group or the load balancer is not known.
func (e *entry) appendUnknown(paths []Path, lb string, missing model.Missing) []Path {
	paths = append(paths, e.unknown(SourceLoadBalancer, lb, missing))
	if e.group != nil && !e.group.HealthCheck.Enabled {
		return paths
	}
	return append(paths, e.unknown(SourceHealthCheck, lb, missing))
}

// unknown is a path of which only the target is known.
func (e *entry) unknown(kind SourceKind, lb string, missing ...model.Missing) Path {
	wire := e.v.hostPort(e.attached.ContainerName, e.attached.ContainerPort)
	in := e.v.intercept(e.protocol(), wire)
	prefix := "lb"
	if kind == SourceHealthCheck {
		prefix = "hc"
		in = Interception{Via: ViaUnknown, Why: missing[0].String()}
	}
	p := Path{
		ID:     e.id(prefix, lb, ""),
		Source: Source{Kind: kind, Name: lb, TargetGroup: e.groupName()},
		Target: e.v.target(e.attached.ContainerName, e.attached.ContainerPort, wire),
		Via:    in.Via, ViaWhy: in.Why, Access: AccessUnknown, Verdict: Unknown, Facts: e.v.facts(in),
	}
	p.Missing = uniqueMissing(slices.Concat(missing, missingOf(in)))
	p.Facts.TargetGroup = e.group
	p.Hops = e.hops(&p, crossing{access: AccessUnknown}, []Check{{
		Kind: CheckTargetIngress, Access: AccessUnknown, Why: missing[0].String(),
	}}, "")
	return p
}

func missingOf(in Interception) []model.Missing {
	if in.Missing == nil {
		return nil
	}
	return []model.Missing{*in.Missing}
}

// arrive asks whether the load balancer's packets reach the task, and sets the
// path's access, hops and missing facts.
func (e *entry) arrive(p *Path, lb *model.LoadBalancer, wire int) {
	from := e.d.nodes[lb]
	f := flow{protocol: e.protocol(), ports: portSpan{wire, wire}, v6: e.group != nil && e.group.IPAddressType == "ipv6"}
	if p.Source.Kind == SourceHealthCheck {
		f.protocol = tcp // also in groups of UDP
	}
	if wire == 0 {
		f.ports = dynamicHostPorts
		p.Target.WirePort, p.Target.WirePortEnd = f.ports.first, f.ports.last
	}
	c := e.reach(lb, from, f)
	if p.Source.Kind == SourceLoadBalancer && e.alsoUDP() {
		second := f
		second.protocol = udp
		if o := e.reach(lb, from, second); worseAccess(c.access, o.access) != c.access {
			c, f = o, second
		}
	}
	w := words{protocol: f.protocol, ports: f.ports, from: []*netInterface{from}, to: e.v.iface}
	p.Access = c.access
	p.Hops = e.hops(p, c, w.checks(c), w.neededRule(c))
	p.Missing = append(missingOf(p.Facts.Interception), c.missing...)
	if e.groupMissing != nil {
		p.Missing = append(p.Missing, *e.groupMissing)
	}
}

// reach asks about one protocol.
func (e *entry) reach(lb *model.LoadBalancer, from *netInterface, f flow) crossing {
	c := e.d.crossCached(from, e.v.iface, f)
	if seesClients(lb, f) && e.v.iface.unknown == nil {
		c = e.d.withClientAddresses(c, e.v.iface, f)
	}
	return c
}

// alsoUDP tells whether the target group speaks UDP beside TCP.
func (e *entry) alsoUDP() bool {
	return e.group != nil && (e.group.Protocol == "TCP_UDP" || e.group.Protocol == "TCP_QUIC")
}

// dynamicHostPorts is the range that ECS takes bridge-mode host ports from
// (Docker's and the kernel's ranges together, semantics.md §1.1).
var dynamicHostPorts = portSpan{32768, 65535}

// hops are the legs from the load balancer to the app.
func (e *entry) hops(p *Path, c crossing, checks []Check, needed string) []Hop {
	protocol := strings.ToLower(e.groupProtocol())
	if p.Source.Kind == SourceHealthCheck && e.group != nil {
		protocol = strings.ToLower(e.group.HealthCheck.Protocol)
	}
	first := Hop{
		From: p.Source.Name, FromNode: NodeLoadBalancer, Port: p.Target.WirePort, Protocol: protocol,
		Access: c.access, Why: summary(c.access, checks), Checks: checks, Needed: needed,
		Evidence: []Evidence{
			{Fact: "loadBalancers[" + strconv.Itoa(e.attachment) + "]: target group " + e.groupName() + ", container " +
				e.attached.ContainerName + ", containerPort " + strconv.Itoa(e.attached.ContainerPort), From: string(model.DescribeServices)},
		},
	}
	if first.From == "" {
		first.From = "load balancer of " + e.groupName()
	}
	if c.access == Blocked {
		first.Symptom = "targets turn unhealthy (Target.Timeout) and the load balancer answers 503 or 504"
	}
	return e.v.intoTask(make([]Hop, 0, 2), first, p)
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
	if m := v.task.Port(p.Target.Container, p.Target.ContainerPort); m != nil && m.AppProtocol != "" {
		h.Protocol = m.AppProtocol
	}
	if v.task.NetworkMode == bridge {
		h.Why = "inside the instance, over the container bridge: no security group is asked"
	}
	return h
}
