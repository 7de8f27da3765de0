package ui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// prepare reads again what a plan for a service changes, and asks whether to carry
// it out.
func prepare(a *App, p fix.Plan, about model.Ref) tea.Cmd {
	ctx, cancel := context.WithCancel(a.clock.ctx)
	s := &confirmScreen{
		serial: a.serials.next(), about: about, title: "apply to " + p.Service.Service,
		where:    planText{prose{a.theme}}.where(&p, a.inventory.Snapshot.Origin, ""),
		question: "Apply this to " + p.Service.Service + "?", yes: "apply", begun: a.clock.now(),
		busy: "reading again what the plan changes", left: cancel,
	}
	a.open(s)
	applier, serial := a.activities.applier, s.serial
	return func() tea.Msg {
		defer cancel()
		entry, err := applier.Prepare(ctx, &p)
		return preparedMsg{serial: serial, entry: entry, err: err}
	}
}

// prepared shows what is going to be sent, or why nothing is.
func (s *confirmScreen) prepared(a *App, msg preparedMsg) tea.Cmd {
	s.busy = ""
	switch {
	case errors.Is(msg.err, fix.ErrBlockChanged):
		s.failure = msg.err.Error() + "\nThe service was changed after it was read. Go back and press r on the " +
			"main screen; the plan is made again from what is there now."
	case msg.err != nil:
		s.failure = msg.err.Error()
	case msg.entry == nil:
		s.failure = "nothing was prepared; go back and try again"
	default:
		s.offer(a, msg.entry)
	}
	return a.arranged(s.arm(a))
}

// offer asks whether to apply what was prepared.
func (s *confirmScreen) offer(a *App, entry *journal.Entry) {
	s.where = planText{prose{a.theme}}.where(&entry.Plan, entry.Origin, entry.Endpoint)
	s.text = func(e prose, _ int) []paragraph { return planText{e}.willApply(entry) }
	s.accept = func(a *App) tea.Cmd { return apply(a, entry, s.about) }
}

// apply carries out what was prepared for a service, and shows how it goes.
func apply(a *App, prepared *journal.Entry, about model.Ref) tea.Cmd {
	x, cmd := a.activities.apply(prepared, about)
	a.screens = a.screens[:1]
	a.main.selectService(a, about)
	a.open(&applyScreen{activity: x})
	return cmd
}
