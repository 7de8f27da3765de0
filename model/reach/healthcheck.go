package reach

import (
	"strconv"

	"hopscope/model"
)

// appendHealthCheck adds the path of the load balancer's health checks.
func (e *entry) appendHealthCheck(paths []Path, lb *model.LoadBalancer) []Path {
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
				What: "health check port of " + e.groupName(), Action: model.DescribeTargetGroups, Resource: e.attached.group, State: model.Absent,
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
