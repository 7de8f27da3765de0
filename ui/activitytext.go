package ui

import (
	"fmt"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// activityText writes about activities: how far they are, and what undoing and
// leaving them mean.
type activityText struct{ planText }

// whole is everything about an activity, for its screen.
func (e activityText) whole(a *App, x *activity, width int) []paragraph {
	state, words := x.stateWords()
	entry := x.entry
	if d, ok := x.took(a.clock); ok {
		words += " · " + took(d)
	}
	glyph, style := sign(e.Theme, state)
	out := []paragraph{{lead: glyph + " ", leadStyle: style, text: words, style: e.Strong}}
	out = append(out, e.outcome(x)...)
	if r := entry.Rollout; r != nil {
		out = append(out, e.rollout(r, width, entry.State)...)
	}
	if entry.Measured != nil {
		out = append(out, e.measured(entry.Measured)...)
	}
	out = append(out, blank)
	for i := range entry.Plan.Steps {
		out = append(out, e.step(&entry.Plan.Steps[i], stepOf(entry, i))...)
	}
	if !x.active {
		out = append(out, e.pathsNow(a, x.about, width)...)
	}
	if entry.Rollout != nil && len(entry.Rollout.Events) > 0 {
		out = append(out, blank, e.heading("events of the service, newest first"))
		for _, ev := range entry.Rollout.Events {
			out = append(out, paragraph{lead: clockTime(ev.Time) + " ", leadStyle: e.Dim, text: ev.Message})
		}
	}
	return out
}

// outcome says what the end of an activity means and what to do next.
func (e activityText) outcome(x *activity) []paragraph {
	entry := x.entry
	var out []paragraph
	message := entry.Message
	if x.err != nil && !strings.Contains(message, x.err.Error()) {
		message = strings.TrimPrefix(message+"\n"+x.err.Error(), "\n")
	}
	if message != "" {
		for sentence := range strings.SplitSeq(message, "\n") {
			out = append(out, paragraph{lead: "  ", text: sentence})
		}
	}
	for _, what := range entry.Moved {
		out = append(out, e.fact("  moved:", what))
	}
	for _, w := range fix.Shown(entry.Unmet) {
		out = append(out, paragraph{
			lead: "  not so: ", leadStyle: e.State(theme.Warn),
			text: wantedWords(&entry.Plan, &w),
		})
	}
	next := ""
	switch {
	case x.active:
	case entry.State == journal.Applied && len(x.leftOver()) > 0:
		next = "t tidies up what was left for later; u takes everything back; esc goes to the paths"
	case entry.State == journal.Applied:
		next = "esc goes to the paths; u takes it back"
	case entry.State == journal.Unverified:
		next = "look at the paths (esc) and at the events; u takes it back"
	case entry.State == journal.RolledBack:
		next = "esc goes to the paths"
	default:
		next = "what was carried out stays; u takes it back" + or(rollbackCommand(entry))
	}
	if next != "" {
		out = append(out, e.fact("  next:", next))
	}
	return out
}

// step is a step and how far it got: a sign, and words for what needs them.
func (e activityText) step(step *fix.Step, done journal.Step) []paragraph {
	sign, style, note := "· ", e.Dim, ""
	text := e.Text
	switch done.State {
	case journal.Begun:
		sign, style, note = "▸ ", e.Accent, "sent, no answer yet"
	case journal.Done:
		sign, style = theme.Good.Glyph()+" ", e.State(theme.Good)
	case journal.Found:
		sign, style, note = theme.Good.Glyph()+" ", e.State(theme.Good),
			"it was so before, and stays when this is undone"
	case journal.Refused:
		sign, style, note = theme.Bad.Glyph()+" ", e.State(theme.Bad), done.Error
	case journal.Skipped:
		sign, text, note = "– ", e.Dim, "left for later"
		if step.Kind == fix.ByHand {
			note = "for you to do"
		}
	case journal.Undone:
		sign, note = "↶ ", done.UndoneWords()
	case journal.Pending, "":
		text = e.Dim
		if step.Later {
			note = "for later"
		}
	}
	out := []paragraph{{lead: sign, leadStyle: style, text: step.Title, style: text}}
	if note != "" {
		out = append(out, paragraph{lead: "  ", text: note, style: e.Dim})
	}
	return out
}

// barCells is the width of the bar of a rollout.
const barCells = 24

// rollout is the state of a deployment: a bar, and the numbers.
func (e activityText) rollout(r *journal.Rollout, width int, s journal.State) []paragraph {
	cells := min(barCells, width/4)
	full := cells
	if r.Desired > 0 {
		full = max(min(cells*r.Running/r.Desired, cells), 0)
	}
	numbers := fmt.Sprintf("%d of %s", r.Running, words.Count(r.Desired, "new task"))
	for _, n := range []struct {
		n    int
		what string
	}{{r.Pending, "pending"}, {r.Failed, "failed"}, {r.Old, "old left"}} {
		if n.n > 0 {
			numbers += fmt.Sprintf(" · %d %s", n.n, n.what)
		}
	}
	style := e.Accent
	state := theme.Good
	switch {
	case r.Failed > 0 || r.State == "FAILED":
		state = theme.Bad
		style = e.State(state)
	case r.State == "COMPLETED":
		style = e.State(state)
	}
	out := []paragraph{{
		lead: strings.Repeat("█", full) + strings.Repeat("░", cells-full) + " ", leadStyle: style,
		text: numbers, indent: 2,
	}}
	if r.Reason != "" && (r.State == "FAILED" || r.Failed > 0 || s == journal.Failed) {
		out = append(out, e.fact("  ECS says:", r.Reason))
	}
	return out
}

// pathsNow are the paths into a service as they are in the present inventory.
func (e activityText) pathsNow(a *App, about model.Ref, width int) []paragraph {
	switch {
	case a.loading.busy() || a.inventory == nil:
		return []paragraph{blank, {text: "reading the account again", style: e.Dim}}
	case a.loading.failure != "":
		return append([]paragraph{blank}, e.sentences("how the paths are now is not known: "+a.loading.failure)...)
	}
	s := a.inventory.service(about)
	if s == nil {
		return nil
	}
	var out []paragraph
	for i, path := range s.paths {
		state := theme.OfVerdict(path.Observed())
		out = append(out, blank, paragraph{
			lead: state.Glyph() + " ", leadStyle: e.State(state),
			text: words.Path(path) + ": " + words.Verdict(path), style: e.Strong,
		})
		if i < mostDrawn {
			out = append(out, e.drawing(path, width))
		}
	}
	return out
}

// measured says what was counted before and after.
func (e activityText) measured(m *journal.Measured) []paragraph {
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
	return append(out, paragraph{
		lead: "  " + state.Glyph() + " ", leadStyle: e.State(state),
		text: said[len(said)-1], style: e.Strong,
	})
}
