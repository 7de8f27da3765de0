package export

import (
	"fmt"
	"strings"

	"hopscope/model/reach"
)

// shownCallers is how many calling services a line names before it counts the
// rest: a namespace may have a thousand.
const shownCallers = 3

// Line draws a path in one line: "main-alb :80 ─▶ agent :80 ─▶ app :80". A hop
// that the network refuses is ╌×╌, one that is not known ╌?╌. The names in it are
// as AWS gave them: escape it like them.
func Line(p *reach.Path) string {
	var b strings.Builder
	b.WriteString(source(p))
	hops := p.Hops()
	for i := range hops {
		h := &hops[i]
		if h.FromNode == reach.NodeCallerApp && h.ToNode == reach.NodeCallerAgent {
			continue // inside the caller's task, where nothing can go wrong
		}
		b.WriteString(arrow(h.Access))
		b.WriteString(place(p, h))
	}
	if len(hops) == 0 {
		b.WriteString(arrow(reach.AccessUnknown) + withPort("app", p.Target.ContainerPort, 0))
	}
	if p.Facts.ByHand {
		b.WriteString(" (registered by hand)")
	}
	if p.Target.Deployment != "" {
		b.WriteString(" (deployment " + p.Target.Deployment + ")")
	}
	return b.String()
}

func arrow(a reach.Access) string {
	switch a {
	case reach.Allowed:
		return " ─▶ "
	case reach.Blocked:
		return " ╌×╌ "
	case reach.AccessUnknown:
	}
	return " ╌?╌ "
}

// source names where the requests of a path come from.
func source(p *reach.Path) string {
	s := &p.Source
	switch s.Kind {
	case reach.SourceServiceConnect, reach.SourceServiceDiscovery:
		if s.Endpoint != "" {
			return fmt.Sprintf("%s (%s)", Callers(s.Services), s.Endpoint)
		}
		return Callers(s.Services)
	case reach.SourceHealthCheck:
		return "health check of " + orUnknown(s.Name, "a load balancer")
	case reach.SourceLoadBalancer:
		return withPort(orUnknown(s.Name, "a load balancer"), s.ListenerPort, 0) + forwarding(s)
	case reach.SourceServiceGateway:
		return withPort("gateway "+orUnknown(s.Name, "not known"), s.ListenerPort, 0) + forwarding(s)
	case reach.SourceVPCLattice:
		return orUnknown(s.Name, "VPC Lattice") + inParentheses(s.TargetGroup)
	}
	return withPort(orUnknown(s.Name, orUnknown(string(s.Kind), "unknown source")), s.ListenerPort, 0)
}

// forwarding says which rule of a listener sends the requests, if it is not the
// default one, and which share of them.
func forwarding(s *reach.Source) string {
	text := ""
	if s.Rule != "" && s.Rule != "default" {
		text = " rule " + s.Rule
	}
	switch {
	case s.Weight == nil:
	case *s.Weight == 0:
		text += " (0 %, idle)"
	default:
		text += fmt.Sprintf(" (%d %%)", *s.Weight)
	}
	return text
}

func inParentheses(name string) string {
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

// Callers names a set of calling services in a few words: "web, worker, cart and
// 997 more".
func Callers(c *reach.Callers) string {
	first := c.First(shownCallers)
	if len(first) == 0 {
		return "callers not known"
	}
	names := make([]string, len(first))
	for i, ref := range first {
		names[i] = ref.Service
	}
	text := strings.Join(names, ", ")
	if more := c.Len() - len(first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// place names where a hop ends.
func place(p *reach.Path, h *reach.Hop) string {
	end := 0
	if h.Port == p.Target.WirePort {
		end = p.Target.WirePortEnd
	}
	switch h.ToNode {
	case reach.NodeAgent:
		return withPort("agent", h.Port, end)
	case reach.NodeApp:
		return withPort("app", h.Port, end)
	case reach.NodeTask:
		return withPort("task", h.Port, end)
	case reach.NodeLoadBalancer, reach.NodeCallerApp, reach.NodeCallerAgent:
	}
	return withPort(h.To, h.Port, end)
}

func withPort(name string, port, end int) string {
	switch {
	case port == 0:
		return name
	case end > port:
		return fmt.Sprintf("%s :%d-%d", name, port, end)
	}
	return fmt.Sprintf("%s :%d", name, port)
}

func orUnknown(name, unknown string) string {
	if name == "" {
		return unknown
	}
	return name
}
