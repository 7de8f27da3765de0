package ui

import (
	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
)

// newsworthy is the activity that the line under the header is about: one that goes
// on, or whose end was not on screen yet. nil when its own screen is on top.
func (a *App) newsworthy() *activity {
	x := a.activities.news()
	if s, ok := a.top().(*applyScreen); ok && s.activity == x {
		return nil
	}
	return x
}

// drawActivity says what is being changed in the background.
func drawActivity(c canvas.Canvas, x *activity, e prose, at *clock) {
	if x == nil {
		return
	}
	width := c.Size().X
	state, words := x.stateWords()
	hint := "  A shows it"
	glyph, style := sign(e.Theme, state)
	progress := x.service().Service + ": " + words
	if x.active {
		progress += at.elapsed(x.began)
	}
	column := c.Text(1, 0, glyph+" ", style)
	column = c.TextIn(column, 0, width-column-text.Width(hint)-1, progress, e.Strong)
	c.Text(column, 0, hint, e.Dim)
}

// progressBar is the terminal's own, while an activity goes on.
func (x *activity) progressBar() *tea.ProgressBar {
	r := x.entry.Rollout
	if r == nil || r.Desired == 0 {
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	state := tea.ProgressBarDefault
	if r.Failed > 0 || r.State == "FAILED" {
		state = tea.ProgressBarError
	}
	return tea.NewProgressBar(state, max(min(100*r.Running/r.Desired, 100), 0))
}

// askToLeave asks before the program ends in the middle of an activity. Asked already,
// ctrl+c leaves at once.
func askToLeave(a *App, x *activity) tea.Cmd {
	if s, ok := a.top().(*confirmScreen); ok && s.yes == leaveWord {
		return tea.Quit
	}
	e := planText{prose{a.theme}}
	return ask(a, &confirmScreen{
		title: "leave while " + x.service().Service + " is being changed", yes: leaveWord,
		where:    e.where(&x.entry.Plan, x.entry.Origin, x.entry.Endpoint),
		question: "Leave all the same?",
		text:     func(e prose, _ int) []paragraph { return activityText{planText{e}}.willLeave(x) },
		accept:   func(a *App) tea.Cmd { return a.arranged(a.activities.leave(x)) },
	})
}

const leaveWord = "leave"
