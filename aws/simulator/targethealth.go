package simulator

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"time"
)

// targetHealth knows the targets of target groups, and whether the load balancers
// reach them.
type targetHealth struct {
	clock     *clock
	groups    *ruleBook
	balancing *loadBalancing
	clusters  *clusters
}

type (
	elbTargetHealth struct {
		Target           elbTarget        `xml:"Target"`
		HealthCheckPort  string           `xml:"HealthCheckPort"`
		Health           elbHealth        `xml:"TargetHealth"`
		AnomalyDetection elbAnomaly       `xml:"AnomalyDetection"`
		Override         elbAdminOverride `xml:"AdministrativeOverride"`
	}
	elbTarget struct {
		ID   string `xml:"Id"`
		Port int    `xml:"Port"`
		Zone string `xml:"AvailabilityZone,omitempty"`
	}
	elbHealth struct {
		State       string `xml:"State"`
		Reason      string `xml:"Reason,omitempty"`
		Description string `xml:"Description,omitempty"`
	}
	elbAnomaly struct {
		Result             string `xml:"Result"`
		MitigationInEffect string `xml:"MitigationInEffect"`
	}
	elbAdminOverride struct {
		State       string `xml:"State"`
		Reason      string `xml:"Reason"`
		Description string `xml:"Description"`
	}
)

type describeTargetHealthReply struct {
	Descriptions members[elbTargetHealth] `xml:"TargetHealthDescriptions"`
}

// describe derives the targets from the running tasks, and their
// state from the security groups between the load balancer and them.
func (a *targetHealth) describe(p params) (*describeTargetHealthReply, error) {
	t := a.balancing.targetGroupOf[p.get("TargetGroupArn")]
	if t == nil {
		return nil, refuse("TargetGroupNotFound", "One or more target groups not found")
	}
	var wanted []elbTarget
	for _, one := range p.structures("Targets.member") {
		port, err := one.number("Port", 0)
		if err != nil {
			return nil, errValidation("%s", err)
		}
		wanted = append(wanted, elbTarget{ID: one.get("Id"), Port: port})
	}
	reply := &describeTargetHealthReply{}
	for _, target := range a.targets(t, a.clock.now) {
		if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(w elbTarget) bool {
			return w.ID == target.Target.ID && (w.Port == 0 || w.Port == target.Target.Port)
		}) {
			continue
		}
		reply.Descriptions.Members = append(reply.Descriptions.Members, target)
	}
	return reply, nil
}

// targets are the registered targets of a group at a time: what ECS registered, and
// what was registered by hand.
func (a *targetHealth) targets(t *targetGroup, at time.Time) []elbTargetHealth {
	all := a.registered(t, at)
	for _, m := range t.Targets {
		if m.Service != "" {
			if one := a.firstTask(m, at); one != nil {
				all = append(all, a.taskHealth(t, one, m.Port, at))
			}
			continue
		}
		target := elbTarget{ID: m.Address, Port: m.Port}
		if l := a.balancing.loadBalancerNamed(m.LoadBalancer); l != nil {
			target.ID = l.arn
		}
		all = append(all, t.health(target, len(t.loadBalancers) > 0, true))
	}
	t.sicken(all)
	return all
}

// sicken gives healthy targets the states that the world has for them.
func (t *targetGroup) sicken(all []elbTargetHealth) {
	next, used := 0, 0
	for i := range all {
		if all[i].Health.State != stateHealthy || next == len(t.Health) {
			continue
		}
		h := &t.Health[next]
		all[i].Health = elbHealth{State: h.State, Reason: h.Reason, Description: h.Description}
		if used++; used == h.Targets {
			next, used = next+1, 0
		}
	}
}

// registered are the targets that ECS registered.
func (a *targetHealth) registered(t *targetGroup, at time.Time) []elbTargetHealth {
	if t.Deregistered {
		return nil
	}
	var all []elbTargetHealth
	for _, s := range a.balancing.attachments[t.arn] {
		for d, tasks := range a.tasksAt(s, at) {
			for _, r := range a.balancing.registrations(d) {
				if r.targetGroupARN != t.arn {
					continue
				}
				for _, one := range tasks {
					all = append(all, a.taskHealth(t, one, one.hostPort(r.port), at))
				}
			}
		}
	}
	return all
}

// tasksAt are the tasks of a service's deployments at a time, in order: those that run,
// or, of a time that is over, those that served.
func (a *targetHealth) tasksAt(s *service, at time.Time) iter.Seq2[*deployment, []*task] {
	return func(yield func(*deployment, []*task) bool) {
		s.settle(a.clock.now)
		if at.Before(a.clock.now) {
			for _, d := range s.inEffect(at) {
				if !yield(d, d.tasks[:min(d.serving(), len(d.tasks))]) {
					return
				}
			}
			return
		}
		for _, d := range s.deployments {
			if !yield(d, d.tasks[:d.running]) {
				return
			}
		}
	}
}

// The states that the host counts of CloudWatch tell apart.
const (
	stateHealthy           = "healthy"
	stateUnhealthy         = "unhealthy"
	stateUnhealthyDraining = "unhealthy.draining"
)

// firstTask is what a target stands for that was registered by its service's
// name, or nil when none of its tasks runs.
func (a *targetHealth) firstTask(m Target, at time.Time) *task {
	if s := a.clusters.service(m.Cluster, m.Service); s != nil {
		for _, tasks := range a.tasksAt(s, at) {
			if len(tasks) > 0 {
				return tasks[0]
			}
		}
	}
	return nil
}

// taskHealth is a task that is registered with a port of its address.
func (a *targetHealth) taskHealth(t *targetGroup, one *task, port int, at time.Time) elbTargetHealth {
	target := elbTarget{ID: one.address, Port: port}
	if one.subnet != nil {
		target.Zone = one.subnet.zoneName
	}
	if t.TargetType == "instance" && one.instance != nil {
		target.ID = one.instance.ec2
	}
	used, arrives := len(t.loadBalancers) > 0, true
	for _, arn := range t.loadBalancers {
		if l := a.balancing.loadBalancer(arn); l != nil {
			used = used && l.hasNodeIn(target.Zone)
			arrives = arrives && a.groups.reaches(l, one, t.healthCheckPort(target.Port), at)
		}
	}
	d := t.health(target, used, arrives)
	if !used && len(t.loadBalancers) > 0 {
		d.Health.Description = "Target is in an Availability Zone that is not enabled for the load balancer"
	}
	return d
}

// health words the state of a target as ELB does.
func (t *targetGroup) health(target elbTarget, used, arrives bool) elbTargetHealth {
	d := elbTargetHealth{
		Target:           target,
		HealthCheckPort:  strconv.Itoa(t.healthCheckPort(target.Port)),
		Health:           elbHealth{State: stateHealthy},
		AnomalyDetection: elbAnomaly{Result: "normal", MitigationInEffect: "no"},
		Override: elbAdminOverride{
			State: "no_override", Reason: "AdministrativeOverride.NoOverride",
			Description: "No override is currently active on target",
		},
	}
	switch {
	case !used:
		d.Health = elbHealth{
			State: "unused", Reason: "Target.NotInUse",
			Description: "Target group is not configured to receive traffic from the load balancer",
		}
	case !arrives:
		d.Health = elbHealth{State: stateUnhealthy, Reason: "Target.Timeout", Description: "Request timed out"}
	}
	return d
}

// healthCheckPort is the port that a target registered with the given port is
// checked on.
func (t *targetGroup) healthCheckPort(registered int) int {
	if n, err := strconv.Atoi(t.HealthCheck.Port); err == nil {
		return n
	}
	return cmp.Or(registered, t.Port)
}
