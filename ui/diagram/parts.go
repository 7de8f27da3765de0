package diagram

import (
	"fmt"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// part is a thing on the way of a request, before it has a place.
type part struct {
	// title goes into the frame, text inside of it.
	title, text string
	// hop leads out of the part to the next one.
	hop int
}

// parts is a path in the terms of the diagram.
type parts struct {
	// entry is where requests to a load balancer come from, "" for other
	// sources or when it is not known; entryHop leads from there to it.
	entry    string
	entryHop int
	// sources lead to the task; the last one's hop is the wire into it.
	sources []part
	// callerHop leads from the caller's app to its agent.
	callerHop int
	// agent is the target's agent, "" when the task has none.
	agent string
	app   string
	// task is what the frame around agent and app says.
	task string
	via  reach.Via
	// into leads into the task, agentHop from the agent to the app.
	into, agentHop int
	target         reach.Target
	hops           []reach.Hop
	verdict        reach.Verdict
}

func partsOf(p *reach.Path) parts {
	x := parts{
		entryHop: noHop, callerHop: noHop, into: noHop, agentHop: noHop, via: p.Via, hops: p.Hops(), verdict: p.Verdict,
		target: p.Target,
		agent:  agentLabel(p), app: portLabel("app", p.Target.ContainerPort, 0), task: taskLabel(p),
	}
	for i := range x.hops {
		switch h := &x.hops[i]; {
		case h.FromNode == reach.NodeClients:
			x.entryHop = i
		case h.FromNode == reach.NodeCallerApp && h.ToNode == reach.NodeCallerAgent:
			x.callerHop = i
		case h.FromNode == reach.NodeAgent:
			x.agentHop = i
		case h.FromNode == reach.NodeLoadBalancer && h.ToNode == reach.NodeLoadBalancer:
			x.sources = append(x.sources, part{text: sourceLabel(p), hop: i})
		default:
			x.into = i
		}
	}
	if x.entry = entryOf(p); x.entry == "" && x.entryHop != noHop {
		x.entry = "clients"
	}
	x.sources = append(x.sources, x.lastSource(p, x.into))
	return x
}

func entryOf(p *reach.Path) string {
	if p.Source.Kind != reach.SourceLoadBalancer && p.Source.Kind != reach.SourceServiceGateway {
		return ""
	}
	return map[string]string{model.InternetFacing: "internet", "internal": "VPC"}[p.Source.Scheme]
}

// titleWidth is the room for the names of callers on a box.
const titleWidth = 30

// lastSource is the part whose hop leads into the task.
func (x *parts) lastSource(p *reach.Path, hop int) part {
	switch {
	case p.Source.Kind == reach.SourceServiceConnect:
		return part{title: words.CallersWithin(p.Source.Services, titleWidth), text: "agent", hop: hop}
	case p.Source.Kind == reach.SourceServiceDiscovery:
		return part{title: words.CallersWithin(p.Source.Services, titleWidth), text: "app", hop: hop}
	case len(x.sources) > 0:
		// The second of two load balancers: a network load balancer
		// forwards to it.
		return part{text: portLabel("ALB", x.hops[x.sources[0].hop].Port, 0), hop: hop}
	}
	return part{text: sourceLabel(p), hop: hop}
}

func sourceLabel(p *reach.Path) string {
	name := "load balancer"
	switch p.Source.Kind {
	case reach.SourceServiceGateway:
		name = "gateway"
	case reach.SourceVPCLattice:
		name = "VPC Lattice"
	case reach.SourceLoadBalancer, reach.SourceHealthCheck, reach.SourceServiceConnect, reach.SourceServiceDiscovery:
		switch p.Source.LoadBalancerType {
		case model.ApplicationLoadBalancer:
			name = "ALB"
		case model.NetworkLoadBalancer:
			name = "NLB"
		}
	}
	if p.Source.Kind == reach.SourceHealthCheck {
		return name + " health check"
	}
	label := portLabel(name, p.Source.ListenerPort, 0)
	if p.Source.Weight != nil {
		label += fmt.Sprintf(" %d %%", *p.Source.Weight)
	}
	return label
}

// agentLabel names the agent of the target task and its port, if it has one.
func agentLabel(p *reach.Path) string {
	if p.Via == reach.ViaAgent {
		return portLabel("agent", p.Target.WirePort, p.Target.WirePortEnd)
	}
	if p.Facts.Deployment == nil || !p.Facts.Deployment.ServiceConnect.Active() {
		return ""
	}
	return portLabel("agent", overrideOf(p), 0)
}

// taskLabel says when a task has no network interface of its own: the port on the
// wire and the security groups are then the container instance's.
func taskLabel(p *reach.Path) string {
	if t := p.Facts.TaskDefinition; t != nil && t.NetworkMode != "" && t.NetworkMode != model.ModeAwsvpc {
		return string(t.NetworkMode) + " task"
	}
	return "task"
}

// overrideOf is the port that the agent listens on instead of the container port
// that the path leads to; 0 when there is none.
func overrideOf(p *reach.Path) int {
	if p.Facts.TaskDefinition == nil {
		return 0
	}
	for i := range p.Facts.Deployment.ServiceConnect.Services {
		s := &p.Facts.Deployment.ServiceConnect.Services[i]
		m, _ := p.Facts.TaskDefinition.PortNamed(s.PortName)
		if m != nil && m.ContainerPort == p.Target.ContainerPort {
			return s.IngressPortOverride
		}
	}
	return 0
}

func portLabel(name string, port, end int) string {
	if text := portText(port, end); text != "" {
		return name + " :" + text
	}
	return name
}

// portText is a port or a range of ports, "" when it is not known.
func portText(port, end int) string {
	switch {
	case port == 0:
		return ""
	case end > port:
		return fmt.Sprintf("%d-%d", port, end)
	}
	return fmt.Sprint(port)
}

// stateOf is the state of a hop as the path sees it: what is closed on purpose is
// no fault, and a hop without need shows where it is.
func (x *parts) stateOf(hop int) theme.State {
	if hop == noHop {
		if x.verdict == reach.Unknown {
			return theme.Unknown
		}
		return theme.None
	}
	s := theme.OfAccess(x.hops[hop].Access)
	switch {
	case s == theme.Bad && x.verdict == reach.Closed:
		return theme.Calm
	case s == theme.Good && hop == x.agentHop && x.verdict == reach.UnnecessaryHop:
		return theme.Warn
	}
	return s
}

// broken tells whether no request gets over a hop.
func (x *parts) broken(hop int) bool {
	return hop != noHop && x.hops[hop].Access == reach.Blocked
}

// closed tells whether requests do not get over a hop, as far as is known.
func (x *parts) closed(hop int) bool { return hop != noHop && (x.broken(hop) || x.unjudged(hop)) }

// unjudged tells whether it is not known if requests get over a hop.
func (x *parts) unjudged(hop int) bool {
	if hop == noHop {
		return x.verdict == reach.Unknown
	}
	return x.hops[hop].Access != reach.Blocked && x.hops[hop].Access != reach.Allowed
}

// short cuts a name to a width in cells.
func short(s string, width int) string { return text.Elide(s, width) }
