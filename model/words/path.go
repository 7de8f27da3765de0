package words

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// Path is a path in one line: "edge :443 via main-alb → web:80 (ACTIVE)".
func Path(p *reach.Path) string { return Way(p) + " → " + Target(p) }

// callersWidth is the room for the names of callers in a line.
const callersWidth = 30

// Way is the source of a path with all that tells its way from that of others: the
// load balancer behind, and whether the target was registered by hand.
func Way(p *reach.Path) string {
	s := &p.Source
	if s.Services != nil {
		return CallersWithin(s.Services, callersWidth)
	}
	name := s.Name
	if s.Kind == reach.SourceLoadBalancer && name == "" && s.TargetGroup == "" {
		name = firstPlace(p)
	}
	named := *p
	named.Source.Name = name
	text := Source(&named)
	if behind := Behind(p); behind != "" {
		text += " via " + behind
	}
	if p.Facts.ByHand {
		text += " (registered by hand)"
	}
	return text
}

// OtherCallers says which tasks that no service started the load balancer of a path
// admits: they call by no other path. It is "" where none is known.
func OtherCallers(p *reach.Path) string {
	entry := p.Entry()
	if entry == nil {
		return ""
	}
	if tasks := entry.StandaloneTasks(); tasks != "" {
		return "admits " + tasks
	}
	return ""
}

// SeenCalling says which callers of a path metrics saw: "seen calling lately: web (1 of 3)".
func SeenCalling(p *reach.Path, seen []model.Ref) string {
	n := p.Source.Services.Len()
	switch {
	case n == 0:
		return ""
	case len(seen) == 0:
		return "no call seen in the last three hours"
	case n == 1:
		return "calls seen in the last three hours"
	}
	return fmt.Sprintf("%d of %d seen calling in the last three hours: %s", len(seen), n, Services(seen))
}

// Behind is the load balancer to which the source of a path forwards, "" where the
// source connects to the task itself.
func Behind(p *reach.Path) string {
	if p.Facts.Front == nil {
		return ""
	}
	return p.Facts.LoadBalancer.Name
}

// firstPlace names where the first hop starts: of a load balancer that could not be
// read that is all there is to say.
func firstPlace(p *reach.Path) string {
	if hops := p.Hops(); len(hops) > 0 {
		return hops[0].From
	}
	return ""
}

// Target is where a path leads, as its callers see it: the endpoint, or the service
// with the container port.
func Target(p *reach.Path) string {
	if p.Target.Deployment == "" {
		return Callee(p)
	}
	return Callee(p) + " (" + p.Target.Deployment + ")"
}

// Callee is [Target] without the deployment.
func Callee(p *reach.Path) string {
	return cmp.Or(p.Source.Endpoint, ServicePort(p.Target.Service, p.Target.ContainerPort))
}

// ServicePort is a service and a container port: "web:80".
func ServicePort(service string, port int) string {
	if port == 0 {
		return service
	}
	return service + ":" + strconv.Itoa(port)
}

// Configured is how the configuration alone judges a path: what a change of it is
// compared by.
func Configured(p *reach.Path) string { return Judged(p.Verdict, p.Source.Kind, p.Via, p.Access) }

// HealthyTargets is how many targets of a path are healthy: "1 of 2 targets healthy"; ""
// where they were not read.
func HealthyTargets(h *reach.Health) string {
	switch {
	case h == nil:
		return ""
	case h.Len() == 0:
		return "no target registered"
	}
	return fmt.Sprintf("%d of %s healthy", h.Healthy, Count(h.Len(), "target"))
}

// Health is [HealthyTargets] with what the others are: "1 of 3 targets healthy, 1 initial".
func Health(h *reach.Health) string {
	text := HealthyTargets(h)
	if h == nil {
		return text
	}
	if h.Starting > 0 {
		text += fmt.Sprintf(", %d in the grace period", h.Starting)
	}
	states := h.States()
	for _, state := range slices.Sorted(maps.Keys(states)) {
		if state != model.TargetHealthy && state != model.TargetUnhealthy {
			text += fmt.Sprintf(", %d %s", states[state], state)
		}
	}
	if h.Counted {
		text += fmt.Sprintf(" (CloudWatch's count at %s)", h.ReadAt.UTC().Format("15:04 UTC"))
	}
	return text
}

// UnhealthyTargets is [Health] where not all targets are healthy, else "".
func UnhealthyTargets(h *reach.Health) string {
	if h == nil || h.Len() > 0 && h.Healthy == h.Len() {
		return ""
	}
	return Health(h)
}

// Verdict is how a path is judged: "blocked", "ok, direct", "unnecessary hop".
func Verdict(p *reach.Path) string { return Judged(p.Observed(), p.Source.Kind, p.Via, p.Access) }

// byAgent is how a request goes that has to cross the agent, and does: nothing is to be done
// about it.
const byAgent = "ok (by agent)"

// Judged is the verdict on a way with an access. Service Connect goes through the agent
// always; where a load balancer does, "needed" says that TLS is the reason.
func Judged(v reach.Verdict, from reach.SourceKind, via reach.Via, access reach.Access) string {
	switch {
	case v == reach.Broken && access == reach.Blocked:
		return "blocked"
	case v == reach.OK && via == reach.ViaDirect:
		return "ok, direct"
	case v == reach.OK && via == reach.ViaAgent:
		return byAgent
	case v == reach.Needed && from == reach.SourceServiceConnect:
		return byAgent
	}
	return strings.ReplaceAll(string(v), "-", " ")
}
