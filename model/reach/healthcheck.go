package reach

import (
	"strconv"

	"hopscope/model"
)

// appendHealthCheck adds the path of the load balancer's health checks.
func (e *targetGroupRoute) appendHealthCheck(paths []Path, lb *model.LoadBalancer) []Path {
	if e.group == nil {
		return append(paths, e.unknown(SourceHealthCheck, lb.Name, *e.groupMissing))
	}
	if !e.group.HealthCheck.Enabled {
		return paths
	}
	v, check := e.v, e.group.HealthCheck
	wire := e.wire()
	target := v.target(e.attached.container, e.attached.port, wire)
	if check.Port != model.TrafficPort {
		port, err := strconv.Atoi(check.Port)
		if err != nil || port < 1 || port > maxPort {
			return append(paths, e.unknown(SourceHealthCheck, lb.Name, model.Missing{
				What: "health check port of " + e.groupName(), Action: model.DescribeTargetGroups, Resource: e.attached.group,
				State: model.Absent,
			}))
		}
		wire, target = port, v.healthTarget(port)
	}
	in := v.intercept(tcp, wire)
	p := Path{
		Place: e.place(SourceHealthCheck, ListenerRule{LoadBalancer: lb.Name}),
		Source: Source{
			Kind: SourceHealthCheck, Name: lb.Name, Scheme: lb.Scheme, LoadBalancerType: lb.Type,
			TargetGroup: e.groupName(),
		},
		Target: target, Via: in.Via, Facts: v.facts(in),
	}
	p.Facts.LoadBalancer, p.Facts.TargetGroup = lb, e.group
	p.Facts.Listener = e.withoutTLS13(lb)
	e.arrive(&p, lb, wire)
	e.judge(&p, check.Protocol)
	e.observe(&p, lb)
	p.identify()
	return append(paths, p)
}

// withoutTLS13 is a listener whose policy, which the checks of an HTTPS target
// group use as well, does not promise TLS 1.3; nil if all do. Where requests
// fail for it, so do the checks.
func (e *targetGroupRoute) withoutTLS13(lb *model.LoadBalancer) *model.Listener {
	for _, fwd := range e.d.forwards.to[e.attached.group] {
		if fwd.lb == lb && !promisesTLS13(fwd.listener) {
			return fwd.listener
		}
	}
	return nil
}

// healthTarget is what a health check on a port of its own meets: the container
// that declares the port, if one does.
func (v *version) healthTarget(port int) Target {
	t := v.target("", port, port)
	switch {
	case v.task == nil:
	case v.hasHostPorts():
		if m, container := v.published(port); m != nil {
			t.Container, t.ContainerPort = container, m.ContainerPort
		}
	default:
		t.Container = portOwner(v.task, port)
	}
	return t
}
