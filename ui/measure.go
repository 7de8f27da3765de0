package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/ui/theme"
)

// measure compares what CloudWatch counts with before, or stops waiting for it.
func (s *applyScreen) measure(a *App) tea.Cmd {
	x := s.application
	if x.measures() {
		x.cancel()
		return a.say("waiting for CloudWatch has ended")
	}
	applier, id := a.o.Applier, x.entry.ID
	return a.carryOut(x, measuring, func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error) {
		return applier.Measure(ctx, id, progress)
	})
}

// measures tells whether the application waits for CloudWatch. It changes nothing then.
func (x *application) measures() bool { return x.active && x.task == measuring }

func (s *applyScreen) cannotMeasure(*App) string {
	x := s.application
	switch {
	case x == nil:
		return "nothing was applied"
	case x.measures():
		return ""
	case x.active:
		return "wait until this is over"
	case x.entry.State != journal.Applied && x.entry.State != journal.Unverified:
		return "only what was applied can be measured"
	case !slices.ContainsFunc(x.entry.Plan.Steps, func(s fix.Step) bool { return s.Kind == fix.UpdateService && len(s.Edits) > 0 }):
		return "this plan leads no request another way, so that no count changes"
	}
	return ""
}

// measured says what was counted before and after.
func (e explainer) measured(m *journal.Measured) []paragraph {
	state := theme.Warn
	switch {
	case m.Direct():
		state = theme.Good
	case !m.Known():
		state = theme.Unknown
	}
	said := m.Sentences()
	out := []paragraph{blank, e.heading("requests that CloudWatch counted")}
	for _, sentence := range said[:len(said)-1] {
		out = append(out, paragraph{lead: "  ", text: sentence})
	}
	return append(out, paragraph{lead: "  " + state.Glyph() + " ", leadStyle: e.State(state), text: said[len(said)-1], style: e.Strong})
}
