package words

import (
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// TaskPort says who connects to a port of tasks besides services and load balancers, and
// which way: "orders:8080: admits report: 3 standalone tasks, directly to the port, past the
// agent; standalone tasks cannot use Service Connect names".
func TaskPort(t *reach.TaskPort) string {
	var parts []string
	names := t.Names(reach.Allowed)
	if left := t.Count - len(t.Callers); left > 0 {
		parts = append(parts, strconv.Itoa(left)+" more have an admitted group")
	}
	if len(names) > 0 {
		text := "admits " + model.Names(names[:min(len(names), model.NamesShown)], len(names)) +
			", directly to the port" + throughAgent(t) + withoutNames(t)
		parts = slices.Insert(parts, 0, text)
	}
	for i := range t.Callers {
		if c := &t.Callers[i]; c.Access != reach.Allowed {
			parts = append(parts, notAdmitted(c))
		}
	}
	if n := len(t.Missing); n > 0 {
		text := "who else connects is not known: " + t.Missing[0].String()
		if n > 1 {
			text += ", and " + strconv.Itoa(n-1) + " more"
		}
		parts = append(parts, text)
	}
	return portOf(t) + ": " + strings.Join(parts, "; ")
}

// portOf names a port of tasks, with what security groups see where that is another number.
func portOf(t *reach.TaskPort) string {
	name := ServicePort(t.Service, t.ContainerPort)
	switch {
	case t.WirePortEnd > t.WirePort:
		name += " on host ports " + strconv.Itoa(t.WirePort) + "-" + strconv.Itoa(t.WirePortEnd)
	case t.WirePort != t.ContainerPort:
		name += " on port " + strconv.Itoa(t.WirePort)
	}
	if t.Protocol != "tcp" {
		name += " (" + t.Protocol + ")"
	}
	if t.Deployment != "" {
		name += " (" + t.Deployment + ")"
	}
	return name
}

func throughAgent(t *reach.TaskPort) string {
	switch {
	case t.Via == reach.ViaAgent:
		return ", through the agent"
	case t.Via == reach.ViaUnknown:
		return ", and whether through the agent is not known"
	case t.PastAgent():
		return ", past the agent"
	}
	return ""
}

// withoutNames says which of the admitted cannot use Service Connect: what tasks run on an
// instance is not asked here.
func withoutNames(t *reach.TaskPort) string {
	var nouns []string
	for _, k := range [...]struct {
		kind reach.HolderKind
		noun string
	}{{reach.HolderTasks, "standalone tasks"}, {reach.HolderFunction, "functions"}} {
		if slices.ContainsFunc(t.Callers, func(c reach.PortCaller) bool {
			return c.Kind == k.kind && c.Access == reach.Allowed
		}) {
			nouns = append(nouns, k.noun)
		}
	}
	if len(nouns) == 0 {
		return ""
	}
	return "; " + strings.Join(nouns, " and ") + " cannot use Service Connect names"
}

// notAdmitted is about a caller that a group admits and the way does not, or not surely.
func notAdmitted(c *reach.PortCaller) string {
	name := c.String()
	if c.Kind == reach.HolderTasks {
		name = c.Tasks()
	}
	some := ""
	if c.OfSome {
		some = " for some"
	}
	if c.Access == reach.Blocked {
		return "a group admits " + name + ", and the way is refused" + some + ": " + c.Why
	}
	return "a group admits " + name + ", and whether the way is open is not known" + some + ": " + c.Why
}
