package scene

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// Scene is a path as boxes and wires.
type Scene struct {
	// Entry is where requests to a load balancer come from, "" for other
	// sources or when it is not known; Lead leads from there to the first source.
	Entry string
	Lead  Wire
	// Sources lead to the task, in the order that a request meets them: at least one.
	Sources []Source
	Task    Task
}

// Source is a load balancer, a gateway, or the task of a caller.
type Source struct {
	// Name is the load balancer's, or names the calling services; "" when not known.
	Name string
	// Calls is set of callers, whom Name names: Text then is what in their tasks connects, and the other
	// sources' kind and port.
	Calls bool
	Text  string
	// Inner leads from a caller's app to its agent; no hop where it has none.
	Inner Wire
	// Out leads to the next source, or into the task.
	Out Wire
}

// Task is where the path ends.
type Task struct {
	// Service is the service that the task is of.
	Service string
	// Label says what kind of task it is.
	Label string
	// Via tells whether requests go through the agent to the app, past it, or if that is
	// not known.
	Via reach.Via
	// Agent is the agent with its port, "" when the task has none.
	Agent string
	App   string
	// Inner leads from the agent to the app, where requests go through it.
	Inner Wire
	// Needless is set when requests go through the agent without need.
	Needless bool
}

// New is the scene of a path.
func New(p *reach.Path) Scene {
	x := wires{hops: p.Hops(), verdict: p.Verdict, target: p.Target, into: NoHop, agentHop: NoHop}
	entry, caller, front := NoHop, NoHop, NoHop
	for i := range x.hops {
		switch h := &x.hops[i]; {
		case h.FromNode == reach.NodeClients:
			entry = i
		case h.FromNode == reach.NodeCallerApp && h.ToNode == reach.NodeCallerAgent:
			caller = i
		case h.FromNode == reach.NodeAgent:
			x.agentHop = i
		case h.FromNode == reach.NodeLoadBalancer && h.ToNode == reach.NodeLoadBalancer:
			front = i
		default:
			x.into = i
		}
	}
	s := Scene{Entry: entryOf(p), Lead: x.wire(entry), Task: x.task(p)}
	if s.Entry == "" && entry != NoHop {
		s.Entry = "clients"
	}
	if entry == NoHop {
		s.Lead.State = None // who connects is not what makes the path unknown
	}
	if front != NoHop {
		s.Sources = append(s.Sources, Source{
			Name: p.Source.Name, Text: sourceLabel(p), Inner: x.wire(NoHop), Out: x.wire(front),
		})
	}
	last := x.lastSource(p, front)
	last.Inner, last.Out = x.wire(caller), x.wire(x.into)
	s.Sources = append(s.Sources, last)
	return s
}

// Into is the wire into the task.
func (s *Scene) Into() *Wire { return &s.Sources[len(s.Sources)-1].Out }

func entryOf(p *reach.Path) string {
	if p.Source.Kind != reach.SourceLoadBalancer && p.Source.Kind != reach.SourceServiceGateway {
		return ""
	}
	return map[string]string{model.InternetFacing: "internet", "internal": "VPC"}[p.Source.Scheme]
}

// nameWidth is the room for the names of callers on a box.
const nameWidth = 30

// lastSource is the source that connects to the task. front is the hop to it from a load
// balancer in front of it.
func (x *wires) lastSource(p *reach.Path, front int) Source {
	switch {
	case p.Source.Kind == reach.SourceServiceConnect:
		return Source{Name: words.CallersWithin(p.Source.Services, nameWidth), Calls: true, Text: "agent"}
	case p.Source.Kind == reach.SourceServiceDiscovery:
		return Source{Name: words.CallersWithin(p.Source.Services, nameWidth), Calls: true, Text: "app"}
	case front != NoHop:
		// The second of two load balancers: a network load balancer
		// forwards to it.
		return Source{Name: words.Behind(p), Text: words.WithPort("ALB", x.hops[front].Port, 0)}
	}
	return Source{Name: p.Source.Name, Text: sourceLabel(p)}
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
	label := words.WithPort(name, p.Source.ListenerPort, 0)
	if p.Source.Weight != nil {
		label += fmt.Sprintf(" %d %%", *p.Source.Weight)
	}
	return label
}

func (x *wires) task(p *reach.Path) Task {
	t := Task{
		Service: p.Target.Service, Label: taskLabel(p), Via: p.Via, Agent: agentLabel(p),
		App: words.WithPort("app", p.Target.ContainerPort, 0), Inner: x.wire(NoHop),
		Needless: p.Verdict == reach.UnnecessaryHop,
	}
	if p.Via == reach.ViaAgent {
		t.Inner = x.wire(x.agentHop)
	}
	return t
}

// agentLabel names the agent of the target task and its port, if it has one.
func agentLabel(p *reach.Path) string {
	if p.Via == reach.ViaAgent {
		return words.WithPort("agent", p.Target.WirePort, p.Target.WirePortEnd)
	}
	if p.Facts.Deployment == nil || !p.Facts.Deployment.ServiceConnect.Active() {
		return ""
	}
	return words.WithPort("agent", overrideOf(p), 0)
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
