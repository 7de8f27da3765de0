package ui

import (
	"slices"
	"strconv"
	"strings"

	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/ui/search"
	"hopscope/ui/theme"
)

// Text is what a query looks for words in.
func (s *service) Text() (name, context string) { return s.folded, search.Fold(s.cluster) }

// Has tells whether a field of a query holds for the service.
func (s *service) Has(field, value string) bool {
	switch field {
	case search.State:
		return stateNamed(s.state, value)
	case search.Cluster:
		return strings.Contains(search.Fold(s.ref.Cluster), value)
	case search.Code:
		return slices.ContainsFunc(s.findings, func(f *rule.Finding) bool {
			return strings.HasPrefix(search.Fold(f.Code), value)
		})
	case search.Group:
		return s.hasGroup(value)
	case search.Balance:
		return slices.ContainsFunc(s.paths, func(p *reach.Path) bool { return behind(p, value) })
	case search.Port:
		port, err := strconv.Atoi(value)
		return err == nil && slices.Contains(s.ports, port)
	}
	return false
}

// stateWords name the states for a query, the word of the help first.
var stateWords = [...][]string{
	theme.None:    {"none", "loading"},
	theme.Calm:    {"closed"},
	theme.Good:    {"fine", "ok", "good"},
	theme.Unknown: {"unknown", "?"},
	theme.Warn:    {"warning", "risk", "hop"},
	theme.Bad:     {"broken", "bad", "blocked", "error"},
}

// stateNamed tells whether a state has a name, or one that begins like it.
func stateNamed(s theme.State, name string) bool {
	return slices.ContainsFunc(stateWords[s], func(word string) bool { return strings.HasPrefix(word, name) })
}

func (s *service) hasGroup(value string) bool {
	return slices.ContainsFunc(s.groups, func(name string) bool { return strings.Contains(name, value) })
}

// behind tells whether a path comes from a load balancer with a name.
func behind(p *reach.Path, name string) bool {
	return p.Source.Kind != reach.SourceServiceConnect && p.Source.Kind != reach.SourceServiceDiscovery &&
		strings.Contains(search.Fold(p.Source.Name), name)
}

// addPorts adds the ports of a path: of the app, of the wire, and of the listener.
func (s *service) addPorts(p *reach.Path) {
	for _, port := range [...]int{p.Target.ContainerPort, p.Target.WirePort, p.Source.ListenerPort} {
		if port != 0 && !slices.Contains(s.ports, port) {
			s.ports = append(s.ports, port)
		}
	}
}
