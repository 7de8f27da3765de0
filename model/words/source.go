package words

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"hopscope/model"
	"hopscope/model/reach"
)

// Names are names in a text: "cart and catalog", "cart, catalog and 7 more".
func Names(all []string) string { return model.Names(all[:min(len(all), model.NamesShown)], len(all)) }

// Services are the names of services in a text.
func Services(refs []model.Ref) string {
	return model.Names(serviceNames(refs[:min(len(refs), model.NamesShown)]), len(refs))
}

// unknownCallers stands for callers that have no name.
const unknownCallers = "callers not known"

// Callers are the names of calling services: "cart, catalog and 7 more".
func Callers(c *reach.Callers) string {
	if c.Len() == 0 {
		return unknownCallers
	}
	return c.String()
}

// CallersWithin are the names of calling services in a place that is width characters
// wide: of many long names the first one, "cart and 8 more".
func CallersWithin(c *reach.Callers, width int) string {
	all := Callers(c)
	if more := c.Len() - 1; more > 0 && utf8.RuneCountInString(all) > width {
		return c.First(1)[0].Service + " and " + strconv.Itoa(more) + " more"
	}
	return all
}

func serviceNames(refs []model.Ref) []string {
	out := make([]string, len(refs))
	for i, ref := range refs {
		out[i] = ref.Service
	}
	return out
}

// Sender is what sends the requests of a path, without the way that they take: a load
// balancer or gateway, or the calling services.
func Sender(p *reach.Path) string {
	if p.Source.Services == nil {
		return cmp.Or(p.Source.Name, unnamed(p.Source.Kind))
	}
	return Callers(p.Source.Services)
}

// Source is what sends the requests of a path and how: "main-alb :443 rule 10 (30 %)",
// "health check of main-alb", "gateway shop :443", "cart, catalog and 7 more".
func Source(p *reach.Path) string {
	s := &p.Source
	switch s.Kind {
	case reach.SourceServiceConnect, reach.SourceServiceDiscovery:
		return Callers(s.Services)
	case reach.SourceHealthCheck:
		return "health check of " + cmp.Or(s.Name, unnamedBalancer(s)) + twinGroup(p)
	case reach.SourceVPCLattice:
		return cmp.Or(s.Name, unnamed(s.Kind)) + inParentheses(s.TargetGroup)
	case reach.SourceServiceGateway:
		return "gateway " + WithPort(cmp.Or(s.Name, "not known"), s.ListenerPort, 0) + forwarding(s) + twinGroup(p)
	case reach.SourceLoadBalancer:
		return WithPort(cmp.Or(s.Name, unnamedBalancer(s)), s.ListenerPort, 0) + forwarding(s) + twinGroup(p)
	}
	return WithPort(cmp.Or(s.Name, "unknown source"), s.ListenerPort, 0)
}

// twinGroup is the target group of a path that reads like another one without it.
func twinGroup(p *reach.Path) string {
	if !p.Twin || p.Source.Name == "" { // a load balancer without a name has it already
		return ""
	}
	return inParentheses(p.Source.TargetGroup)
}

// unnamed is what a source is called whose name is not known.
func unnamed(kind reach.SourceKind) string {
	switch kind {
	case reach.SourceVPCLattice:
		return "VPC Lattice"
	case reach.SourceServiceGateway:
		return "a gateway"
	case reach.SourceLoadBalancer, reach.SourceHealthCheck:
		return "a load balancer"
	case reach.SourceServiceConnect, reach.SourceServiceDiscovery:
		return "a caller"
	}
	return "unknown source"
}

// unnamedBalancer is a load balancer that could not be read: its target group may be
// known.
func unnamedBalancer(s *reach.Source) string {
	if s.TargetGroup == "" {
		return "a load balancer"
	}
	return "load balancer of " + s.TargetGroup
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
		return text
	case *s.Weight == 0:
		return text + " (0 %, idle)"
	}
	return text + " (" + strconv.Itoa(*s.Weight) + " %)"
}

func inParentheses(name string) string {
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

// Sources are the sources of paths in a text, each once: load balancers with their
// listeners' ports, and the kind of callers.
func Sources(paths []*reach.Path) string {
	var names []string
	for _, p := range paths {
		name := cmp.Or(p.Source.Name, "service discovery")
		if name = WithPort(name, p.Source.ListenerPort, 0); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return Names(names)
}

// WithPort is a name and a port, or the range of ports up to end: "agent :8080",
// "app :32768-60999".
func WithPort(name string, port, end int) string {
	if text := Port(port, end); text != "" {
		return name + " :" + text
	}
	return name
}

// Port is a port, or the range of ports up to end; "" where it is not known.
func Port(port, end int) string {
	switch {
	case port == 0:
		return ""
	case end > port:
		return strconv.Itoa(port) + "-" + strconv.Itoa(end)
	}
	return strconv.Itoa(port)
}
