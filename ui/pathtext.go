package ui

import (
	"fmt"
	"strings"

	"hopscope/model/reach"
	"hopscope/ui/theme"
)

// hopWords name a hop in one line, the port first: it is what one looks for, and
// names may be long.
func hopWords(h *reach.Hop) string {
	words := fmt.Sprintf("%s → %s", h.From, h.To)
	if h.Protocol != "" {
		words = h.Protocol + " · " + words
	}
	if h.Port > 0 {
		words = fmt.Sprintf("port %d %s", h.Port, words)
	}
	return words
}

// hop explains a hop: who lets it pass or not, what that causes, what would
// help, and how that is known.
func (e prose) hop(h *reach.Hop, closed bool) []paragraph {
	s := theme.OfAccess(h.Access)
	if s == theme.Bad && closed {
		s = theme.Calm
	}
	out := []paragraph{
		{lead: s.Glyph() + " " + string(h.Access) + ": ", leadStyle: e.State(s), text: h.Why, indent: 2},
	}
	if h.Symptom != "" {
		out = append(out, e.fact("symptom:", h.Symptom))
	}
	if h.Needed != "" {
		out = append(out, e.fact("needed:", h.Needed))
	}
	for i := range h.Checks {
		// The reason usually is that of the check that decided.
		if !strings.Contains(h.Why, h.Checks[i].Why) {
			out = append(out, e.check(&h.Checks[i]))
		}
	}
	return append(out, e.evidence("", h.Evidence)...)
}

// check is one decision on the way, with who decided.
func (e prose) check(c *reach.Check) paragraph {
	place := map[reach.CheckKind]string{
		reach.CheckSourceEgress:  "out of the source",
		reach.CheckNetworkACL:    "network ACL",
		reach.CheckTargetIngress: "into the target",
		reach.CheckRouting:       "route",
	}[c.Kind]
	s := theme.OfAccess(c.Access)
	text := c.Why
	if c.Resource != "" && !strings.Contains(text, c.Resource) {
		text += " (" + c.Resource + ")"
	}
	return paragraph{lead: s.Glyph() + " " + place + ": ", leadStyle: e.State(s), text: text, indent: 2}
}

// missing lists the facts without which a path cannot be judged.
func (e prose) missing(p *reach.Path) []paragraph {
	var out []paragraph
	for _, m := range p.Missing {
		out = append(out, paragraph{
			lead: theme.Unknown.Glyph() + " missing: ", leadStyle: e.State(theme.Unknown),
			text: m.String(), indent: 2,
		})
	}
	return out
}

// route says why a path goes the way it does.
func (e prose) route(p *reach.Path) []paragraph {
	if p.ViaWhy() == "" {
		return nil
	}
	return []paragraph{e.fact("route:", p.ViaWhy())}
}

// callerNames names callers, as many as anyone would read.
func callerNames(c *reach.Callers) string {
	const most = 200
	first := c.First(most)
	names := make([]string, len(first))
	for i, ref := range first {
		names[i] = ref.String()
	}
	text := strings.Join(names, ", ")
	if more := c.Len() - len(first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
