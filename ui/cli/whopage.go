package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/who"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// whoPage is the answer of hopscope who for people.
type whoPage struct{ *page }

func (p whoPage) document(d *who.Document) {
	p.printf("%s\n\n", p.dim(export.Scope(&report.Report{Scope: d.Scope})))
	for i := range d.Destinations {
		p.destination(&d.Destinations[i])
	}
	for i := range d.Answers {
		p.answer(&d.Answers[i])
	}
	for i, note := range d.Notes {
		p.wrapped(0, label("note", i), note)
	}
	if len(d.Gaps) > 0 || !d.Complete {
		p.wrapped(0, label("unread", 0), "not everything could be read: "+words.Count(len(d.Gaps), "gap"))
	}
}

// destination is a port and all that its groups admit.
func (p whoPage) destination(d *who.Destination) {
	p.headline(0, portName(&d.Port)+": "+portText(&d.Port))
	p.wrapped(2, "", admittedBy(d))
	for _, missing := range d.Missing {
		p.wrapped(2, p.state(theme.Unknown, theme.Unknown.Glyph()+" unknown")+"  ", missing)
	}
	if d.Unfiltered {
		p.wrapped(2, p.state(theme.Warn, theme.Warn.Glyph())+" ",
			"any address: a network load balancer without security groups limits nothing")
	}
	if len(d.Admitted) == 0 && !d.Unfiltered && len(d.Missing) == 0 {
		p.wrapped(2, p.state(theme.Bad, theme.Bad.Glyph())+" ", "no rule admits anything on this port")
	}
	for i := range d.Admitted {
		p.source(&d.Admitted[i], d.Port.Kind == who.Listener)
	}
	for i := range d.Refused {
		p.refused(&d.Refused[i])
	}
	for i, b := range d.Behind {
		state := theme.OfVerdict(b.Verdict)
		p.wrapped(2, label("behind", i)+p.state(state, state.Glyph())+" ", fmt.Sprintf("%s, rule %s: %s", b.Target, b.Rule,
			words.Judged(b.Verdict, reach.SourceLoadBalancer, "", "")))
	}
	for i, note := range d.Notes {
		p.wrapped(2, label("note", i), note)
	}
	p.printf("\n")
}

func admittedBy(d *who.Destination) string {
	if d.Unfiltered {
		return "without security groups"
	}
	names := make([]string, len(d.Groups))
	for i := range d.Groups {
		names[i] = d.Groups[i].Label()
	}
	text := "by " + cmp.Or(strings.Join(names, ", "), "groups that are not known")
	if d.OnInstances {
		text += " of the container instances"
	}
	return text
}

// source is what a rule admits: what it is, and what it is for. What the clients of a
// load balancer come for, no configuration tells.
func (p whoPage) source(s *who.Source, toListener bool) {
	state := sourceState(s, toListener)
	p.wrapped(2, p.state(state, state.Glyph())+" ", sourceName(s)+"  "+s.Ports)
	if line := s.Holding(); line != "" {
		p.wrapped(4, label("is", 0), line)
	}
	if s.Missing != "" {
		p.wrapped(4, label("not read", 0), s.Missing)
	}
	p.onTheWay(s.Checks)
	for i := range s.NeededFor {
		p.wrapped(4, label("for", i), needText(&s.NeededFor[i]))
	}
	if len(s.NeededFor) == 0 && !toListener {
		p.wrapped(4, label("for", 0), "nothing that the configuration tells")
	}
	p.wrapped(4, label("rule", 0), ruleText(s))
}

// sourceState is whether what a rule admits comes in, and comes for something.
func sourceState(s *who.Source, toListener bool) theme.State {
	switch {
	case slices.ContainsFunc(s.Checks, func(c reach.Check) bool { return c.Access == reach.Blocked && !c.Partial }):
		return theme.Bad
	case len(s.Checks) > 0:
		return theme.Unknown
	case s.Missing != "" && len(s.Holders) == 0, s.Kind == who.SourceForeign, s.Part && !s.Bound, s.OnSome:
		return theme.Unknown
	case len(s.NeededFor) == 0 && !toListener:
		return theme.Calm
	}
	return theme.Good
}

// onTheWay is what else refuses what a rule admits, or may.
func (p whoPage) onTheWay(checks []reach.Check) {
	for i := range checks {
		c := &checks[i]
		word := "unknown"
		switch {
		case c.Partial:
			word = "partly"
		case c.Access == reach.Blocked:
			word = "refused"
		}
		p.wrapped(4, label(word, 0), placeName(c.Kind)+c.Why)
	}
}

func sourceName(s *who.Source) string {
	name := s.Source
	if s.Name != "" {
		name += " (" + s.Name + ")"
	}
	if len(s.Entries) > 0 {
		name += ": " + model.Names(s.Entries[:min(len(s.Entries), model.NamesShown)], len(s.Entries))
	}
	return name
}

func ruleText(s *who.Source) string {
	line := fmt.Sprintf("%s ingress: %s from %s", s.Group.Label(), s.Ports, s.Source)
	if s.Description != "" {
		line += fmt.Sprintf(" (%q)", s.Description)
	}
	switch {
	case s.Bound:
		line += ", only a part of the port range, with the ports that tasks have now"
	case s.Part:
		line += ", only a part of the port range"
	}
	if s.OnSome {
		line += ", on some of the container instances"
	}
	return line
}

func needText(n *who.Need) string {
	switch n.Kind {
	case reach.SourceServiceConnect:
		return fmt.Sprintf("%s, by Service Connect as %s", cmp.Or(n.Name, "callers not known"), n.Endpoint)
	case reach.SourceHealthCheck:
		return "health checks of " + n.Name
	default:
		return n.Name
	}
}

// refused is what needs a port and is not admitted.
func (p whoPage) refused(n *who.Need) {
	state := theme.OfAccess(n.Access)
	word := "not admitted: "
	switch {
	case n.Access == reach.AccessUnknown:
		word = "not known: "
	case n.Verdict == reach.Closed:
		state, word = theme.Calm, "closed to: "
	}
	p.wrapped(2, p.state(state, state.Glyph())+" ", word+needText(n))
	p.wrapped(4, label("why", 0), n.Why)
}

// answer is yes, no or unknown for one caller, what is in its way first.
func (p whoPage) answer(a *who.Answer) {
	state := map[who.Verdict]theme.State{who.Yes: theme.Good, who.No: theme.Bad, who.Unknown: theme.Unknown}[a.Verdict]
	if a.Beside {
		p.wrapped(0, p.state(theme.Calm, fmt.Sprintf("%s %-8s", theme.Calm.Glyph(), "beside"))+" ",
			fmt.Sprintf("%s → %s, %s: %s",
				callerText(&a.Caller), portName(&a.Port), portText(&a.Port), a.Verdict))
		p.printf("\n")
		return
	}
	p.wrapped(0, p.state(state, fmt.Sprintf("%s %-8s", state.Glyph(), a.Word()))+" ",
		fmt.Sprintf("%s → %s, %s", callerText(&a.Caller), portName(&a.Port), portText(&a.Port)))
	checks := slices.Clone(a.Checks)
	slices.SortStableFunc(checks, func(x, y who.Check) int { return cmp.Compare(order(x.Access), order(y.Access)) })
	for i := range checks {
		p.check(&checks[i])
	}
	if len(a.Part) > 0 {
		p.wrapped(2, label("admits", 0), "only "+strings.Join(a.Part, ", "))
	}
	if a.OfSome {
		p.wrapped(2, label("some", 0), "this holds for some of the tasks, instances or addresses, and not for all")
	}
	for i, missing := range a.Missing {
		p.wrapped(2, label("unread", i), missing)
	}
	if a.Needed != "" {
		p.wrapped(2, label("needed", 0), a.Needed)
	}
	for i, note := range a.Notes {
		p.wrapped(2, label("note", i), note)
	}
	p.printf("\n")
}

func order(a reach.Access) int {
	return map[reach.Access]int{reach.Blocked: 0, reach.AccessUnknown: 1, reach.Allowed: 2}[a]
}

func (p whoPage) check(c *who.Check) {
	state := theme.OfAccess(c.Access)
	word := map[reach.Access]string{
		reach.Blocked: "refuses", reach.AccessUnknown: "unknown",
		reach.Allowed: "passes",
	}[c.Access]
	p.wrapped(2, p.state(state, fmt.Sprintf("%s %-7s", state.Glyph(), word))+" ", placeName(c.Kind)+c.Why)
	if c.Access == reach.Allowed {
		return
	}
	for _, e := range c.Evidence {
		p.wrapped(12, "", evidence(e))
	}
}

func placeName(kind reach.CheckKind) string {
	switch kind {
	case reach.CheckSourceEgress:
		return "caller's egress: "
	case reach.CheckTargetIngress:
		return "target's ingress: "
	case reach.CheckRouting:
		return "route: "
	case reach.CheckNetworkACL:
	}
	return ""
}

func callerText(c *who.Caller) string {
	name := c.Name
	if c.Cluster != "" {
		name = c.Cluster + "/" + name
	}
	switch {
	case c.Kind == "load-balancer":
		name = "lb:" + name
	case c.Is != "":
		name += " (" + c.Is + ")"
	}
	return name
}

func portName(p *who.Port) string {
	if p.Deployment != "" {
		return p.Name() + " (" + p.Deployment + ")"
	}
	return p.Name()
}

// portText says whose port it is, and its number as security groups see it.
func portText(p *who.Port) string {
	wire := p.Protocol + " " + cmp.Or(words.Port(p.Port, p.PortEnd), "not known")
	switch {
	case p.Kind == who.Listener:
		return strings.TrimSpace(p.Listener+" listener") + ", " + wire
	case p.Kind == who.Agent:
		return "the agent's port, " + wire
	case p.Via == reach.ViaAgent:
		return "the agent takes " + wire
	case p.Container != "":
		return text.Elide("container "+p.Container, 40) + ", " + wire
	}
	return wire
}
