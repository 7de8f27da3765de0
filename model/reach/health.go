package reach

import (
	"maps"
	"slices"
	"time"

	"hopscope/model"
)

// Health is what was observed of the targets that a load balancer's path leads to
// (DescribeTargetHealth). It says what was, and not why: a path's verdict is what the
// configuration gives, and [Path.Observed] takes this into account.
type Health struct {
	// Healthy are the targets that pass their checks, Unhealthy those that fail them.
	// Others do not count: they are being registered or taken out, are not in use, or
	// are not checked.
	Healthy, Unhealthy int
	// Starting are targets that fail their checks while ECS does not mind, in the
	// grace period of their deployment. They do not count either.
	Starting int
	// Targets are all of them, by id and port; none where they were counted.
	Targets []model.Target
	// Counted tells that CloudWatch's counts are all that is known: not which targets
	// they are of, nor why.
	Counted bool
	// ReadAt is when they were read, or the end of the minute that was counted.
	ReadAt time.Time
}

// Len is the number of targets.
func (h *Health) Len() int {
	if h.Counted {
		return h.Healthy + h.Unhealthy + h.Starting
	}
	return len(h.Targets)
}

// Down tells whether targets count, and none of them is healthy.
func (h *Health) Down() bool { return h != nil && h.Healthy == 0 && h.Unhealthy > 0 }

// Up tells whether targets count, and all that count are healthy.
func (h *Health) Up() bool { return h != nil && h.Healthy > 0 && h.Unhealthy == 0 }

// States counts the targets by state.
func (h *Health) States() map[string]int {
	if h.Counted {
		states := map[string]int{model.TargetHealthy: h.Healthy, model.TargetUnhealthy: h.Unhealthy + h.Starting}
		maps.DeleteFunc(states, func(_ string, n int) bool { return n == 0 })
		return states
	}
	return h.count(func(t *model.Target) string { return t.State })
}

// Reasons counts the targets by the reason of their state, those that have one.
func (h *Health) Reasons() map[string]int {
	return h.count(func(t *model.Target) string { return t.Reason })
}

func (h *Health) count(key func(*model.Target) string) map[string]int {
	n := make(map[string]int)
	for i := range h.Targets {
		if k := key(&h.Targets[i]); k != "" {
			n[k]++
		}
	}
	return n
}

// Observed is the verdict with what was observed of the targets: no path whose targets
// are all unhealthy is fine, whatever the configuration says. A load balancer without
// any healthy target sends requests to all of them, so that requests may be answered
// although the checks are not: then it is a risk, and what is unknown stays unknown.
func (p *Path) Observed() Verdict {
	if p.unhealthy == "" {
		return p.Verdict
	}
	return p.Verdict.Worse(p.unhealthy)
}

// observe notes the health of the targets that a path leads to, if it was read.
func (e *targetGroupRoute) observe(p *Path, lb *model.LoadBalancer) {
	if e.group == nil || e.group.Health == nil && e.group.HostCounts == nil {
		return
	}
	if e.health == nil {
		e.health = e.readHealth()
	}
	if p.Health = e.health; p.Health.Down() {
		p.unhealthy = Risk
		if p.Health.unanswered() && e.checkedLikeRequests(p, lb) {
			p.unhealthy = Broken
		}
	} else if p.Health.unused() && p.Source.Kind != SourceHealthCheck && (p.Source.Weight == nil || *p.Source.Weight > 0) {
		p.unhealthy = Unknown // a listener forwards to them, and AWS says that none does
	}
}

// observeTasks notes that no path into a service arrives which wants tasks and has none: its
// load balancers and callers have no target. Where it is scaled to zero, that is on purpose,
// and the verdicts say what would become of requests.
func observeTasks(versions []*version, paths []*Path) {
	if len(versions) == 0 {
		return
	}
	if s := versions[0].service; s.DesiredCount == 0 || s.RunningCount > 0 {
		return
	}
	for _, p := range paths {
		if p.Access != Blocked { // a refusal has its own verdict
			p.unhealthy = Broken
		}
	}
}

// unused tells whether there are targets, and AWS says of each that no listener uses it.
func (h *Health) unused() bool {
	return len(h.Targets) > 0 && !slices.ContainsFunc(h.Targets, func(t model.Target) bool {
		return t.State != "unused" || t.Reason != "Target.NotInUse"
	})
}

// readHealth counts the targets that ECS registered for the version, or another program.
func (e *targetGroupRoute) readHealth() *Health {
	if e.group.Health == nil {
		return e.countedHealth()
	}
	h := &Health{ReadAt: e.group.Health.ReadAt}
	if h.ReadAt.IsZero() { // a snapshot from before it was kept
		h.ReadAt = e.d.ix.Snapshot.CollectedAt
	}
	wire, grace := e.wire(), e.v.graceEnds()
	for _, t := range e.group.Health.Targets {
		if wire != 0 && t.Port != 0 && t.Port != wire {
			continue
		}
		h.Targets = append(h.Targets, t)
		switch {
		case t.State == model.TargetHealthy:
			h.Healthy++
		case t.State == "unused" && (t.Reason == "Target.IpUnusable" || t.Reason == "Target.InvalidState"):
			h.Unhealthy++ // by no design: the address cannot be used, the instance does not run
		case !t.FailsChecks():
		case h.ReadAt.Before(grace):
			h.Starting++
		default:
			h.Unhealthy++
		}
	}
	return h
}

// countedHealth is what CloudWatch's counts say of all targets of the group.
func (e *targetGroupRoute) countedHealth() *Health {
	n := e.group.HostCounts
	h := &Health{Counted: true, Healthy: n.Healthy, Unhealthy: n.Unhealthy, ReadAt: n.At}
	if n.At.Before(e.v.graceEnds()) {
		h.Starting, h.Unhealthy = h.Unhealthy, 0
	}
	return h
}

// graceEnds is when ECS begins to mind the health checks of tasks that were started for
// the newest deployment. Which of the targets those are is not known.
func (v *version) graceEnds() time.Time {
	if v.service.HealthCheckGracePeriodSeconds == 0 {
		return time.Time{}
	}
	newest := v.deployment.CreatedAt
	for i := range v.service.Deployments {
		if d := &v.service.Deployments[i]; d.CreatedAt.After(newest) {
			newest = d.CreatedAt
		}
	}
	return newest.Add(time.Duration(v.service.HealthCheckGracePeriodSeconds) * time.Second)
}

// unanswered tells whether nothing answers on the port of any target that counts. With
// other reasons than these two something does; of counted targets none is known.
func (h *Health) unanswered() bool {
	if h.Counted {
		return false
	}
	for i := range h.Targets {
		t := &h.Targets[i]
		if t.FailsChecks() && t.Reason != model.TargetTimeout && t.Reason != model.TargetFailedHealthChecks {
			return false
		}
	}
	return true
}

// checkedLikeRequests tells whether the configuration treats the group's health checks
// as it treats the requests of a path: where one fails for want of an answer, so does
// the other.
func (e *targetGroupRoute) checkedLikeRequests(p *Path, lb *model.LoadBalancer) bool {
	if p.Source.Kind == SourceHealthCheck {
		return true
	}
	if e.group.HealthCheck.Port != model.TrafficPort || e.protocol() != tcp {
		return false
	}
	sees, missing := e.d.seesClients(lb, e.group, tcp)
	return !sees && missing == nil
}
