package who

import (
	"fmt"
	"slices"
	"strconv"

	"hopscope/model/reach"
	"hopscope/model/words"
)

// portNotes say what a port is, where the number that was asked for does not.
func (q *question) portNotes(t *reach.Destination) []string {
	switch {
	case t.Endpoint != "":
		return []string{fmt.Sprintf("callers in Service Connect write %s: the alias port is in their own tasks alone, "+
			"and their packets come to %s %s, which the groups are asked about", t.Endpoint, t.Protocol,
			words.Port(t.Port, t.PortEnd))}
	case t.Undeclared:
		return []string{fmt.Sprintf("no container of %s declares port %d%s: the groups are asked all the same",
			t.Service.Service, t.Port, q.declaredPorts(t))}
	case t.PortEnd > t.Port && t.OnInstances():
		return []string{"the host port is dynamic: every port of the range may be the one"}
	}
	return nil
}

// declaredPorts names the ports that a service has, and the listeners on a number that it
// has not, which may be meant.
func (q *question) declaredPorts(t *reach.Destination) string {
	var ports, listeners []string
	for _, o := range q.deriver.Destinations(t.Service, 0) {
		name := strconv.Itoa(o.ContainerPort)
		if o.Agent {
			name = "the agent's " + words.Port(o.Port, o.PortEnd)
		}
		if !slices.Contains(ports, name) && !o.Undeclared {
			ports = append(ports, name)
		}
	}
	for _, p := range q.analysis.Into(t.Service) {
		if name := fmt.Sprintf("lb:%s:%d", p.Source.Name, t.Port); p.Facts.Listener != nil &&
			p.Facts.Listener.Port == t.Port && p.Source.Kind == reach.SourceLoadBalancer && !slices.Contains(listeners, name) {
			listeners = append(listeners, name)
		}
	}
	text := ""
	if len(ports) > 0 {
		text = ", which has " + words.Names(ports)
	}
	if len(listeners) > 0 {
		text += "; the listener is " + words.Names(listeners)
	}
	if text != "" {
		text = " (" + text[2:] + ")"
	}
	return text
}
