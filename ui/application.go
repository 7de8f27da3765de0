package ui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/journal"
)

// task is what is being done with an application.
type task int

// The tasks.
const (
	applying task = iota
	tidying
	undoing
	measuring
)

// application is a change of the account that was begun in this session: a plan
// that is carried out, tidied up after, or taken back.
type application struct {
	// serial numbers the task that goes on; messages of earlier ones are dropped.
	serial int
	// about is the service whose findings are repaired: mostly the one that is
	// changed.
	about model.Ref
	task  task
	// entry is the newest record.
	entry *journal.Entry
	// err is how the last task ended, nil when it did what it should.
	err    error
	active bool
	// seen is set when its end was on screen: until then the header shows it.
	seen bool
	// undoNext is set when the user wants it back while it is still going on.
	undoNext bool
	// leaveNext is set when the user wants to leave as soon as it has stopped.
	leaveNext    bool
	cancel       context.CancelFunc
	updates      chan *journal.Entry
	began, ended time.Time
}

// service is the service that is changed.
func (x *application) service() model.Ref { return x.entry.Plan.Service }

// applicationOf is the last application to or for a service, nil when there was
// none.
func (a *App) applicationOf(ref model.Ref) *application {
	for i := len(a.applications) - 1; i >= 0; i-- {
		if x := a.applications[i]; x.service() == ref || x.about == ref {
			return x
		}
	}
	return nil
}

// changing is the application that goes on, nil when none does. There is one at a
// time; what only waits for CloudWatch is none.
func (a *App) changing() *application {
	for _, x := range a.applications {
		if x.active && !x.measures() {
			return x
		}
	}
	return nil
}

// work is what an [Applier] does: it reports progress and ends with a record.
type work func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error)

// apply carries a prepared plan out for a service, and shows how it goes.
func (a *App) apply(prepared *journal.Entry, about model.Ref) tea.Cmd {
	x := &application{entry: prepared, about: about}
	a.applications = append(a.applications, x)
	applier := a.o.Applier
	cmd := a.carryOut(x, applying, func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error) {
		return applier.Apply(ctx, prepared, progress)
	})
	a.screens = a.screens[:1]
	a.selectService(about)
	a.open(&applyScreen{application: x})
	return cmd
}

// tidy carries out what an application left for later.
func (a *App) tidy(x *application) tea.Cmd {
	applier, id := a.o.Applier, x.entry.ID
	return a.carryOut(x, tidying, func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error) {
		return applier.Tidy(ctx, id, progress)
	})
}

// undo takes an application back. One that still goes on is stopped first.
func (a *App) undo(x *application) tea.Cmd {
	if x.active {
		x.undoNext = true
		x.cancel()
		return nil
	}
	applier, id := a.o.Applier, x.entry.ID
	return a.carryOut(x, undoing, func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error) {
		return applier.Rollback(ctx, id, progress)
	})
}

// carryOut starts a task in a command.
func (a *App) carryOut(x *application, t task, do work) tea.Cmd {
	ctx, cancel := context.WithCancel(a.clock.ctx)
	updates, serial := make(chan *journal.Entry, 1), a.serial()
	x.serial, x.task, x.active, x.seen, x.err = serial, t, true, false, nil
	x.cancel, x.updates = cancel, updates
	if t != measuring { // how long the wait for CloudWatch was says nothing
		x.began = a.clock.now()
	}
	run := func() tea.Msg {
		defer close(updates)
		entry, err := do(ctx, func(e *journal.Entry) { replace(updates, e) })
		return carriedOutMsg{serial: serial, entry: entry, err: err}
	}
	a.arrange()
	return tea.Batch(run, nextEntry(serial, updates), a.clock.after(time.Second, tickedMsg{serial}))
}

// nextEntry waits for the next record of a task.
func nextEntry(serial int, updates <-chan *journal.Entry) tea.Cmd {
	return func() tea.Msg {
		e, ok := <-updates
		if !ok {
			return nil
		}
		return entryMsg{serial: serial, entry: e}
	}
}

// numbered is the application whose present task has a number.
func (a *App) numbered(serial int) *application {
	for _, x := range a.applications {
		if x.serial == serial && x.active {
			return x
		}
	}
	return nil
}

// entryCame shows progress.
func (a *App) entryCame(msg entryMsg) tea.Cmd {
	x := a.numbered(msg.serial)
	if x == nil {
		return nil
	}
	x.take(msg.entry)
	a.arrange()
	return nextEntry(msg.serial, x.updates)
}

// take takes a newer record. It never loses the name of the older one: without it
// nothing could be taken back.
func (x *application) take(e *journal.Entry) {
	if e == nil {
		return
	}
	if e.ID == "" {
		named := *e
		named.ID = x.entry.ID
		e = &named
	}
	x.entry = e
}

// ticked lets the seconds go on.
func (a *App) ticked(msg tickedMsg) tea.Cmd {
	if a.numbered(msg.serial) == nil {
		return nil
	}
	a.arrange()
	return a.clock.after(time.Second, msg)
}

// carriedOut ends a task. What is on screen is read again, as the account is not
// what it was.
func (a *App) carriedOut(msg carriedOutMsg) tea.Cmd {
	x := a.numbered(msg.serial)
	if x == nil {
		return nil
	}
	x.cancel()
	x.take(msg.entry)
	if x.task != measuring {
		x.ended = a.clock.now()
	}
	x.active, x.err = false, msg.err
	if x.task == measuring && errors.Is(msg.err, context.Canceled) { // it was stopped, and the footer says so
		x.err = nil
	}
	switch {
	case x.leaveNext:
		return tea.Quit
	case x.undoNext:
		x.undoNext = false
		return a.undo(x)
	}
	if s, ok := a.top().(*applyScreen); ok && s.application == x {
		x.seen = true
		s.top = 0
	}
	cmd := a.loading.start()
	a.arrange()
	return cmd
}

// calls are all mutating calls of the session, in the order of the applications.
func (a *App) calls() []journal.Call {
	var out []journal.Call
	for _, x := range a.applications {
		out = append(out, x.entry.Calls...)
	}
	return out
}

// selectService selects a service on the main screen.
func (a *App) selectService(ref model.Ref) {
	if a.inventory == nil || a.inventory.service(ref) == nil {
		return
	}
	if !a.services.find(ref) {
		a.services.filter = newFilter()
		a.services.refilter()
		a.services.find(ref)
	}
	a.services.choose()
	a.follow()
}
