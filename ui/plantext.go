package ui

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// planText writes about plans.
type planText struct{ prose }

// page is the text of the present tab.
func (s *fixScreen) page(a *App, width int) []paragraph {
	e := planText{prose{a.theme}}
	p := s.plan()
	switch {
	case s.shown == nil:
		return []paragraph{{text: "making the plan", style: e.Accent}}
	case s.shown.err != nil:
		return e.noPlanFor(s.shown.err)
	case p == nil:
		return e.byHand(s.service())
	}
	d := s.dialect()
	if d == dialect.Prose {
		return e.plan(s, p, width)
	}
	if s.preview == nil {
		return []paragraph{{text: "writing it", style: e.Accent}}
	}
	t := s.text(d)
	if t.err != nil {
		return e.sentences("this plan cannot be written as " + d.Title() + ": " + t.err.Error())
	}
	return e.script(t.text)
}

func (e planText) noPlanFor(err error) []paragraph {
	return append(e.sentences(err.Error()), blank, e.fact("next:", "esc goes back"))
}

// byHand is what to do about a service for which there is no plan.
func (e planText) byHand(s *service) []paragraph {
	if s == nil || len(s.findings) == 0 {
		return []paragraph{{
			lead: theme.Good.Glyph() + " ", leadStyle: e.State(theme.Good),
			text: "nothing is left to fix here",
		}}
	}
	out := []paragraph{{text: "hopscope has no plan for what was found here:", style: e.Strong}}
	for _, f := range s.findings {
		out = append(out, blank, e.finding(f))
		if f.CausedBy != nil {
			out = append(out, e.fact("  follows from", f.CausedBy.Code))
		}
		out = append(out, e.fact("  read on:", "hopscope rules "+f.Code))
	}
	return out
}

// plan is a plan for a reader: what most depends on comes first.
func (e planText) plan(s *fixScreen, p *fix.Plan, width int) []paragraph {
	out := e.subject(s, p)
	steps := append([]paragraph{blank, e.heading("steps")}, e.steps(p)...)
	if r := p.Refusal; r != nil {
		out = append(out,
			paragraph{
				lead: theme.Bad.Glyph() + " hopscope does not apply this: ", leadStyle: e.State(theme.Bad),
				text: r.Reason, indent: 2,
			},
			e.fact("  instead:", r.Instead))
	}
	if !s.low && p.Why != "" {
		out = append(out, paragraph{text: p.Why})
	}
	if !s.low || p.Owner.Tool != fix.UnknownTool { // on a small page other things come first
		out = append(out, e.owner(p.Owner, s.low))
	}
	if s.low { // What is sent, and what to know first, are on the first page.
		out = append(append(out, steps...), e.titles("check first:", p.ChecksFirst())...)
		out = append(append(out, e.titles("risks:", p.Risks)...), blank, paragraph{text: p.Why})
		out = append(out, changeText(e).paths(s.preview, width, s.short)...)
	} else {
		out = append(append(out, changeText(e).paths(s.preview, width, false)...), steps...)
	}
	if s.preview != nil {
		if s.preview.diffsErr != nil {
			out = append(append(out, blank), e.sentences("what changes cannot be shown: "+s.preview.diffsErr.Error())...)
		}
		out = append(out, e.diffs(s.preview.diffs)...)
	}
	out = append(out, e.notes("check first", theme.Unknown, p.ChecksFirst())...)
	out = append(out, e.notes("risks", theme.Warn, p.Risks)...)
	out = append(out, e.notes("check before the steps for later", theme.Unknown, p.ChecksLater())...)
	out = append(out, e.wanted(p)...)
	if p.Undo != "" {
		out = append(out, blank, e.heading("undo"), paragraph{lead: "  ", text: p.Undo})
	}
	return append(out, e.others(s, p)...)
}

// subject is what a plan does, and about what.
func (e planText) subject(s *fixScreen, p *fix.Plan) []paragraph {
	out := []paragraph{{text: p.Title, style: e.Strong}}
	if len(p.Codes) > 0 {
		label := "repairs"
		if p.Kind == fix.Advice || p.Refusal != nil { // which may be to do nothing, or would not
			label = "about"
		}
		out = append(out, e.fact(label, strings.Join(worstFirst(s.service(), p.Codes), ", ")))
	}
	if p.Service != s.about.ref {
		out = append(out, paragraph{
			lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn),
			text: "It changes another service: " + p.Service.String(), style: e.Banner,
		})
	}
	return out
}

// wanted are the expectations of a plan, as far as they are shown.
func (e planText) wanted(p *fix.Plan) []paragraph {
	if len(p.Wanted) == 0 {
		return nil
	}
	out := []paragraph{blank, e.heading("it worked when")}
	for _, w := range fix.Shown(p.Wanted) {
		out = append(out, paragraph{
			lead: "  " + theme.Good.Glyph() + " ", leadStyle: e.Dim,
			text: wantedWords(p, &w),
		})
	}
	return out
}

// titles are notes in a line; they stand in full further down.
func (e planText) titles(label string, notes []fix.Note) []paragraph {
	if len(notes) == 0 {
		return nil
	}
	all := make([]string, len(notes))
	for i := range notes {
		all[i] = notes[i].Title
	}
	return []paragraph{e.fact(label, strings.Join(all, " · "))}
}

// worstFirst are codes in the order of a service's findings.
func worstFirst(s *service, codes []string) []string {
	if s == nil {
		return codes
	}
	var out []string
	for _, f := range s.findings {
		if slices.Contains(codes, f.Code) && !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	for _, code := range codes {
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// owner says who owns the service, and when a change by API is put back.
// On a small page it says who, and the risks say the rest.
func (e planText) owner(o fix.Owner, small bool) paragraph {
	text := o.Text()
	if small {
		text = "Owned by " + o.Name() + ": make the change there as well."
	}
	if o.Tool == fix.UnknownTool {
		return paragraph{text: fix.UnknownOwner, style: e.Dim}
	}
	return paragraph{
		lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn), style: e.Banner, text: text,
	}
}

// steps are numbered in the order in which they are carried out.
func (e planText) steps(p *fix.Plan) []paragraph {
	var out []paragraph
	for i := range p.Steps {
		step := &p.Steps[i]
		text := step.Title
		switch {
		case step.Later:
			text = "later, when it is verified, if you want: " + text
		case step.Kind == fix.ByHand:
			text = "by hand: " + text
		}
		out = append(out, paragraph{lead: fmt.Sprintf("%2d. ", i+1), leadStyle: e.Dim, text: text})
		if step.Command != "" {
			out = append(out, paragraph{text: "    $ " + step.Command, code: true, style: e.Dim, leadStyle: e.Dim})
		}
	}
	return out
}

func (e planText) notes(heading string, s theme.State, notes []fix.Note) []paragraph {
	if len(notes) == 0 {
		return nil
	}
	out := []paragraph{blank, e.heading(heading)}
	for i := range notes {
		n := &notes[i]
		out = append(out, paragraph{
			lead: "  " + s.Glyph() + " ", leadStyle: e.State(s), text: n.Title,
			style: e.Strong,
		})
		if n.Detail != "" {
			out = append(out, paragraph{lead: "    ", text: n.Detail})
		}
		if n.Command != "" {
			out = append(out, paragraph{text: "    $ " + n.Command, code: true, style: e.Dim, leadStyle: e.Dim})
		}
	}
	return out
}

// wantedWords are an expectation of a plan in a sentence.
func wantedWords(p *fix.Plan, w *fix.Expectation) string {
	out := fmt.Sprintf("%s → %s: %s", words.Expected(w.Source, w.From, w.Others),
		words.ServicePort(p.Service.Service, w.ContainerPort),
		words.Judged(w.Verdict, w.Source, w.Via, w.Access))
	if targets := w.Targets(); targets != "" {
		out += ", " + targets
	}
	return out
}

// others names the plans that there are besides.
func (e planText) others(s *fixScreen, p *fix.Plan) []paragraph {
	var instead, besides []paragraph
	for i := range s.shown.plans {
		o := &s.shown.plans[i]
		if o.ID == p.ID {
			continue
		}
		line := paragraph{lead: fmt.Sprintf("  %d. ", i+1), leadStyle: e.Dim, text: o.Title}
		if slices.ContainsFunc(o.Codes, func(code string) bool { return slices.Contains(p.Codes, code) }) {
			instead = append(instead, line)
		} else {
			besides = append(besides, line)
		}
	}
	var out []paragraph
	if len(instead) > 0 {
		out = append(append(out, blank, e.heading("instead of this one (n N)")), instead...)
	}
	if len(besides) > 0 {
		out = append(append(out, blank, e.heading("for other findings here (p makes one deployment of several)")),
			besides...)
	}
	return out
}

// diffs are what a plan changes, thing by thing.
func (e planText) diffs(all []dialect.Diff) []paragraph {
	var out []paragraph
	for i := range all {
		d := &all[i]
		title := d.Title
		if d.Later {
			title += ", later"
		}
		out = append(out, blank, e.heading(title))
		if d.Unified == "" {
			out = append(out, paragraph{lead: "  ", text: "nothing changes", style: e.Dim})
			continue
		}
		out = append(out, e.unified(d.Unified)...)
		if d.Note != "" {
			out = append(out, paragraph{lead: "  ", text: d.Note, style: e.Dim})
		}
	}
	return out
}
