package ui

import (
	"fmt"
	"image"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/selector"
	"hopscope/model/who"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// securityScreen shows the security groups of both ends of a path as tables, with the rule
// that decides marked, and who else may reach the port.
type securityScreen struct {
	pager
	path *reach.Path
	// serial numbers the question who may reach the port; answer is nil until it is known.
	serial int
	answer *who.Document
	err    error
}

// whoMsg brings who may reach a port.
type whoMsg struct {
	serial   int
	document *who.Document
	err      error
}

func securityAction() action {
	return action{
		id: "security", keys: []string{"s"}, key: "s", name: "groups",
		help: "the security groups of both ends, the deciding rule, and who else may reach the port", run: openSecurity,
		off: noPaths,
	}
}

func openSecurity(a *App) tea.Cmd {
	s := &securityScreen{path: a.main.paths.shown()}
	cmd := s.renew(a)
	a.open(s)
	return cmd
}

// renew asks again for a new inventory, in a command: the answer takes a look at every rule
// that admits anything.
func (s *securityScreen) renew(a *App) tea.Cmd {
	paths := a.inventory.Into(s.path.Target.Ref())
	if i := successor(paths, s.path); i >= 0 {
		s.path = paths[i]
	}
	s.serial = a.serials.next()
	v, serial, t := a.inventory, s.serial, s.path.Target
	target := selector.Selector{Kind: selector.Service, Cluster: t.Cluster, Name: t.Service, Port: t.WirePort}
	return func() tea.Msg {
		doc, err := who.List(v.Analysis, target)
		return whoMsg{serial, doc, err}
	}
}

//nolint:unparam // a receiver may go on with a command, and this one need not
func (s *securityScreen) receive(_ *App, msg tea.Msg) (cmd tea.Cmd, taken bool) {
	answer, ok := msg.(whoMsg)
	if !ok || answer.serial != s.serial {
		return nil, false
	}
	s.answer, s.err = answer.document, answer.err
	return nil, true
}

func (s *securityScreen) actions() []action {
	return append(scrollActions(func(*App) *pager { return &s.pager }),
		action{id: "copy", keys: []string{"y"}, key: "y", name: "copy", help: "copy what is shown", run: s.copy},
		action{id: "close", keys: []string{"s", "enter"}, help: "go back", run: do((*App).back)},
		backAction(), interruptAction())
}

func (s *securityScreen) copy(a *App) tea.Cmd {
	return a.copy("security groups", plainText(s.paragraphs))
}

func (s *securityScreen) fit(a *App, size image.Point) {
	s.paragraphs = securityText{prose{a.theme}, a.inventory}.page(s)
	s.pager.fit(size.X-pageMargin, size.Y-1)
}

func (s *securityScreen) draw(a *App, f frameDrawing) { drawPage(a, f, &s.pager, "security groups") }

func (s *securityScreen) clicked(*App, int, int) {}

func (s *securityScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }

// securityText writes about security groups.
type securityText struct {
	prose
	inventory *inventory
}

func (e securityText) page(s *securityScreen) []paragraph {
	if s.path == nil {
		return nil
	}
	p, state := s.path, theme.OfVerdict(s.path.Observed())
	hop := p.Crossing()
	out := []paragraph{{
		lead: state.Glyph() + " ", leadStyle: e.State(state), text: words.Path(p) + " · " + words.Verdict(p), style: e.Strong,
	}}
	// The reason alone: the explanation of the path has the rest.
	out = append(out, e.prose.hop(hop, p.Verdict == reach.Closed)[0])
	if hop.Needed != "" {
		out = append(out, e.fact("needed:", hop.Needed))
	}
	out = append(append(out, blank), e.source(p, hop)...)
	out = append(append(out, blank), e.target(p)...)
	return append(append(out, blank), e.who(s)...)
}

// source are the groups of the source, with their egress rules.
func (e securityText) source(p *reach.Path, hop *reach.Hop) []paragraph {
	name, groups := words.Sender(p), []string(nil)
	switch {
	case p.Facts.LoadBalancer != nil && p.Source.Services == nil:
		groups = p.Facts.LoadBalancer.SecurityGroups
	case p.Source.Services.Len() > 0:
		first := p.Source.Services.First(1)[0]
		name, groups = first.Service, e.groupsOf(first)
		if more := p.Source.Services.Len() - 1; more > 0 {
			name += fmt.Sprintf(" (and %d more with the same outcome)", more)
		}
	}
	decides := func(_ *model.SecurityGroup, r *model.SecurityGroupRule) bool {
		return slices.ContainsFunc(hop.Checks, func(c reach.Check) bool {
			return c.Kind == reach.CheckSourceEgress && strings.Contains(c.Why, "egress rule: "+r.Ports()+" to "+r.Peer())
		})
	}
	return e.end("out of "+name, groups, "to", decides)
}

// target are the groups of the target, with their ingress rules.
func (e securityText) target(p *reach.Path) []paragraph {
	admitting := p.AdmittedBy()
	decides := func(_ *model.SecurityGroup, r *model.SecurityGroupRule) bool { return slices.Contains(admitting, r) }
	title := "into " + words.ServicePort(p.Target.Service, p.Target.WirePort)
	return e.end(title, e.groupsOf(p.Target.Ref()), "from", decides)
}

func (e securityText) groupsOf(ref model.Ref) []string {
	s := e.inventory.Index.Service(ref)
	if s == nil || s.Primary() == nil || s.Primary().Network == nil {
		return nil
	}
	return s.Primary().Network.SecurityGroups
}

// end is a table of the rules of an end's groups, the deciding ones marked.
func (e securityText) end(title string, groups []string, preposition string,
	decides func(*model.SecurityGroup, *model.SecurityGroupRule) bool,
) []paragraph {
	out := []paragraph{e.heading(title)}
	if len(groups) == 0 {
		return append(out, paragraph{lead: "  ", text: "no security group of its own is known", style: e.Dim})
	}
	for _, id := range groups {
		g, missing := e.inventory.Index.SecurityGroup(id)
		if g == nil {
			out = append(out, paragraph{
				lead: "  " + theme.Unknown.Glyph() + " ", leadStyle: e.State(theme.Unknown), text: missing.String(),
			})
			continue
		}
		out = append(out, paragraph{lead: "  ", text: strings.TrimSpace(g.ID + " " + g.Name), style: e.Strong})
		rules := g.Ingress
		if preposition == "to" {
			rules = g.Egress
		}
		if len(rules) == 0 {
			out = append(out, paragraph{lead: "      ", text: "no rule: nothing passes", style: e.Dim})
		}
		for i := range rules {
			out = append(out, e.rule(&rules[i], preposition, decides(g, &rules[i])))
		}
	}
	return out
}

func (e securityText) rule(r *model.SecurityGroupRule, preposition string, decides bool) paragraph {
	const ports = 16
	line := fmt.Sprintf("%-*s %s %s", ports, r.Ports(), preposition, r.Peer())
	if r.Description != "" {
		line += "  (" + r.Description + ")"
	}
	if decides {
		return paragraph{
			lead: "    ▸ ", leadStyle: e.State(theme.Good), text: line + "  ← decides", style: e.Strong, indent: 8,
		}
	}
	return paragraph{lead: "      ", text: line, indent: 8}
}

// who is who else may reach the port.
func (e securityText) who(s *securityScreen) []paragraph {
	out := []paragraph{e.heading("who may reach " + words.ServicePort(s.path.Target.Service, s.path.Target.WirePort))}
	switch {
	case s.err != nil:
		return append(out, e.sentences(s.err.Error())...)
	case s.answer == nil:
		return append(out, paragraph{lead: "  ", text: "…", style: e.Dim})
	}
	for i := range s.answer.Destinations {
		out = append(out, e.destination(&s.answer.Destinations[i])...)
	}
	for _, note := range s.answer.Notes {
		out = append(out, e.fact("  note:", note))
	}
	return out
}

func (e securityText) destination(d *who.Destination) []paragraph {
	var out []paragraph
	unknown := func(text string) paragraph {
		return paragraph{lead: "  " + theme.Unknown.Glyph() + " ", leadStyle: e.State(theme.Unknown), text: text}
	}
	for _, missing := range d.Missing {
		out = append(out, unknown(missing))
	}
	for i := range d.Admitted {
		s := &d.Admitted[i]
		out = append(out, paragraph{
			lead: "  " + theme.Good.Glyph() + " ", leadStyle: e.State(theme.Good), style: e.Strong,
			text: strings.TrimSpace(s.Source+" "+s.Name) + "  " + s.Ports + ", by " + s.Group.ID,
		})
		if held := s.Holding(); held != "" {
			out = append(out, e.fact("      is", held))
		}
		for _, need := range s.NeededFor {
			out = append(out, e.fact("      for", strings.TrimSpace(need.Name+" "+need.Endpoint)))
		}
		if s.Missing != "" {
			out = append(out, unknown(s.Missing))
		}
	}
	for i := range d.Refused {
		n := &d.Refused[i]
		state, word := theme.OfAccess(n.Access), "not admitted: "
		switch {
		case n.Access == reach.AccessUnknown:
			word = "not known: "
		case n.Verdict == reach.Closed:
			state, word = theme.Calm, "closed to: "
		}
		out = append(out, paragraph{
			lead: "  " + state.Glyph() + " ", leadStyle: e.State(state), text: word + n.Name + ": " + n.Why, indent: 6,
		})
	}
	if d.Unfiltered {
		out = append(out, paragraph{
			lead: "  " + theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn),
			text: "any address: a network load balancer without security groups limits nothing",
		})
	}
	return out
}
