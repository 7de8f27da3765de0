package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
)

// newsworthy is the application that the line under the header is about: one that
// goes on, or whose end nobody has seen. nil when its own screen is on top.
func (a *App) newsworthy() *application {
	var found *application
	for _, x := range a.applications {
		if x.active || !x.seen {
			found = x
		}
	}
	if s, ok := a.top().(*applyScreen); ok && s.application == found {
		return nil
	}
	return found
}

// drawActivity says what is being changed in the background.
func (a *App) drawActivity(c canvas.Canvas) {
	x := a.newsworthy()
	if x == nil {
		return
	}
	width := c.Size().X
	state, words := x.stateWords()
	hint := "  A shows it"
	glyph, style := explainer{a.theme}.sign(state)
	at := c.Text(1, 0, glyph+" ", style)
	progress := x.service().Service + ": " + words
	if x.active {
		progress += a.clock.elapsed(x.began)
	}
	at = c.TextIn(at, 0, width-at-text.Width(hint)-1, progress, a.theme.Strong)
	c.Text(at, 0, hint, a.theme.Dim)
}

// progressBar is the terminal's own, while an application goes on.
func (x *application) progressBar() *tea.ProgressBar {
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

// patience is how long leaving waits for an application to stop.
const patience = 3 * time.Second

// askToLeave asks before the program ends in the middle of an application. Asked
// already, ctrl+c leaves at once.
func (a *App) askToLeave(x *application) tea.Cmd {
	if s, ok := a.top().(*confirmScreen); ok && s.yes == leaveWord {
		return tea.Quit
	}
	return a.ask(&confirmScreen{
		title: "leave while " + x.service().Service + " is being changed", yes: leaveWord,
		where:    explainer{a.theme}.where(&x.entry.Plan, x.entry.Origin, x.entry.Endpoint),
		question: "Leave all the same?",
		text:     func(e explainer, _ int) []paragraph { return e.willLeave(x) },
		accept:   func(a *App) tea.Cmd { return a.leave(x) },
	})
}

const leaveWord = "leave"

// leave stops what goes on and ends the program when it has stopped.
func (a *App) leave(x *application) tea.Cmd {
	if !x.active {
		return tea.Quit
	}
	x.leaveNext = true
	x.cancel()
	a.arrange()
	return a.clock.after(patience, leaveMsg{})
}

// willLeave says what stays when the program ends now.
func (e explainer) willLeave(x *application) []paragraph {
	_, words := x.stateWords()
	if !x.active {
		return []paragraph{{text: x.service().Service + ": " + words, style: e.Strong}, {text: "It has ended meanwhile: leaving stops nothing."}}
	}
	if inDemo(x.entry.Origin, x.entry.Endpoint) {
		return []paragraph{{text: x.service().Service + ": " + words, style: e.Strong}, {text: "The demo ends with hopscope, and what was changed in it is gone."}}
	}
	out := []paragraph{
		{text: x.service().Service + ": " + words, style: e.Strong},
		{text: "Nothing more is sent, and nobody watches. What was sent stays: rules stay open, and ECS goes on with a deployment that has begun."},
	}
	if x.entry.ID != "" {
		out = append(out, e.fact("take it back:", rollbackCommand(x.entry)), e.fact("look at it:", "hopscope journal"))
	}
	return out
}
