package export

import (
	"strings"

	"hopscope/model/reach"
	"hopscope/model/words"
)

// Line draws a path in one line: "main-alb :80 ─▶ agent :80 ─▶ app :80". A hop
// that the network refuses is ╌×╌, one that is not known ╌?╌. Clients of a load
// balancer are in it where they are refused. The names in it are
// as AWS gave them: escape it like them.
func Line(p *reach.Path) string {
	var b strings.Builder
	hops := p.Hops()
	if len(hops) > 0 && hops[0].FromNode == reach.NodeClients {
		if hops[0].Access != reach.Allowed {
			b.WriteString(hops[0].From + arrow(hops[0].Access))
		}
		hops = hops[1:]
	}
	b.WriteString(source(p))
	for i := range hops {
		h := &hops[i]
		if h.FromNode == reach.NodeCallerApp && h.ToNode == reach.NodeCallerAgent {
			continue // inside the caller's task, where nothing can go wrong
		}
		b.WriteString(arrow(h.Access))
		b.WriteString(place(p, h))
	}
	if len(hops) == 0 {
		b.WriteString(arrow(reach.AccessUnknown) + words.WithPort("app", p.Target.ContainerPort, 0))
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

// source names where the requests of a path come from, and the endpoint that callers
// name.
func source(p *reach.Path) string {
	if p.Source.Services != nil && p.Source.Endpoint != "" {
		return words.Source(p) + " (" + p.Source.Endpoint + ")"
	}
	return words.Source(p)
}

// place names where a hop ends.
func place(p *reach.Path, h *reach.Hop) string {
	end := 0
	if h.Port == p.Target.WirePort {
		end = p.Target.WirePortEnd
	}
	switch h.ToNode {
	case reach.NodeAgent:
		return words.WithPort("agent", h.Port, end)
	case reach.NodeApp:
		return words.WithPort("app", h.Port, end)
	case reach.NodeTask:
		return words.WithPort("task", h.Port, end)
	case reach.NodeClients, reach.NodeLoadBalancer, reach.NodeCallerApp, reach.NodeCallerAgent:
	}
	return words.WithPort(h.To, h.Port, end)
}
