package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/model/fix"
	"hopscope/model/journal"
)

// measure compares what CloudWatch counts with before, or stops waiting for it.
func (s *applyScreen) measure(a *App) tea.Cmd {
	x := s.activity
	if x.measures() {
		x.cancel()
		return a.say("waiting for CloudWatch has ended")
	}
	return a.arranged(a.activities.followUp(x, measuring, a.activities.applier.Measure))
}

func (s *applyScreen) cannotMeasure(*App) string {
	x := s.activity
	switch {
	case x == nil:
		return "nothing was applied"
	case x.measures():
		return ""
	case x.active:
		return "wait until this is over"
	case x.entry.State != journal.Applied && x.entry.State != journal.Unverified:
		return "only what was applied can be measured"
	case !slices.ContainsFunc(x.entry.Plan.Steps, func(s fix.Step) bool {
		return s.Kind == fix.UpdateService &&
			len(s.Edits) > 0
	}):
		return "this plan leads no request another way, so that no count changes"
	}
	return ""
}
