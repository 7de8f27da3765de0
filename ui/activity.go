package ui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// task is what is being done in an activity.
type task int

// The tasks.
const (
	applying task = iota
	tidying
	undoing
	measuring
)

// activity is a change of the account that was begun in this session: a plan that is
// carried out, tidied up after, or taken back.
type activity struct {
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
func (x *activity) service() model.Ref { return x.entry.Plan.Service }

// measures tells whether the activity waits for CloudWatch. It changes nothing then.
func (x *activity) measures() bool { return x.active && x.task == measuring }

// leftOver are the steps that were left for later.
func (x *activity) leftOver() []*fix.Step {
	var out []*fix.Step
	for i := range x.entry.Plan.Steps {
		done := i < len(x.entry.Steps) && x.entry.Steps[i].State != journal.Skipped &&
			x.entry.Steps[i].State != journal.Pending
		if step := &x.entry.Plan.Steps[i]; step.Later && !done {
			out = append(out, step)
		}
	}
	return out
}

// took is how long the activity took, or takes so far.
func (x *activity) took(c *clock) (time.Duration, bool) {
	end := x.ended
	if x.active && !x.measures() {
		end = c.now()
	}
	d := end.Sub(x.began)
	return d, !x.began.IsZero() && d >= time.Second
}

// take takes a newer record. It never loses the name of the older one: without it
// nothing could be taken back.
func (x *activity) take(e *journal.Entry) {
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

// end takes the end of a task.
func (x *activity) end(msg carriedOutMsg, now time.Time) {
	x.cancel()
	x.take(msg.entry)
	x.active, x.err = false, msg.err
	if x.task != measuring {
		x.ended = now
	} else if errors.Is(msg.err, context.Canceled) { // it was stopped, and the footer says so
		x.err = nil
	}
}

// work is what an [Applier] does: it reports progress and ends with a record.
type work func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error)

// activities are those of the session, the oldest first.
type activities struct {
	applier Applier
	clock   *clock
	serials *serials
	all     []*activity
}

// about is the last activity about a service, nil when there was none.
func (s *activities) about(ref model.Ref) *activity {
	for i := len(s.all) - 1; i >= 0; i-- {
		if x := s.all[i]; x.service() == ref || x.about == ref {
			return x
		}
	}
	return nil
}

// changing is the activity that goes on, nil when none does. There is one at a time;
// what only waits for CloudWatch is none.
func (s *activities) changing() *activity {
	for _, x := range s.all {
		if x.active && !x.measures() {
			return x
		}
	}
	return nil
}

// news is the last activity that goes on, or whose end was not on screen yet.
func (s *activities) news() *activity {
	for i := len(s.all) - 1; i >= 0; i-- {
		if x := s.all[i]; x.active || !x.seen {
			return x
		}
	}
	return nil
}

// numbered is the activity whose present task has a number.
func (s *activities) numbered(serial int) *activity {
	for _, x := range s.all {
		if x.serial == serial && x.active {
			return x
		}
	}
	return nil
}

// calls are all mutating calls of the session, in the order of the activities.
func (s *activities) calls() []journal.Call {
	var out []journal.Call
	for _, x := range s.all {
		out = append(out, x.entry.Calls...)
	}
	return out
}

// apply carries a prepared plan out for a service.
func (s *activities) apply(prepared *journal.Entry, about model.Ref) (*activity, tea.Cmd) {
	x := &activity{entry: prepared, about: about}
	s.all = append(s.all, x)
	applier := s.applier
	return x, s.begin(x, applying, func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error) {
		return applier.Apply(ctx, prepared, progress)
	})
}

// undo takes an activity back. One that still goes on is stopped first.
func (s *activities) undo(x *activity) tea.Cmd {
	if x.active {
		x.undoNext = true
		x.cancel()
		return nil
	}
	return s.followUp(x, undoing, s.applier.Rollback)
}

// followUp is what an [Applier] does with what was applied before.
type followUp func(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error)

// followUp does something more with what was applied.
func (s *activities) followUp(x *activity, t task, do followUp) tea.Cmd {
	id := x.entry.ID
	return s.begin(x, t, func(ctx context.Context, progress func(*journal.Entry)) (*journal.Entry, error) {
		return do(ctx, id, progress)
	})
}

// begin starts a task in a command.
func (s *activities) begin(x *activity, t task, do work) tea.Cmd {
	ctx, cancel := context.WithCancel(s.clock.ctx)
	updates, serial := make(chan *journal.Entry, 1), s.serials.next()
	x.serial, x.task, x.active, x.seen, x.err = serial, t, true, false, nil
	x.cancel, x.updates = cancel, updates
	if t != measuring { // how long the wait for CloudWatch was says nothing
		x.began = s.clock.now()
	}
	run := func() tea.Msg {
		defer close(updates)
		entry, err := do(ctx, func(e *journal.Entry) { replace(updates, e) })
		return carriedOutMsg{serial: serial, entry: entry, err: err}
	}
	return tea.Batch(run, nextRecord(serial, updates), s.clock.after(time.Second, tickedMsg{serial}))
}

// nextRecord waits for the next record of a task.
func nextRecord(serial int, updates <-chan *journal.Entry) tea.Cmd {
	return func() tea.Msg {
		e, ok := <-updates
		if !ok {
			return nil
		}
		return progressedMsg{serial: serial, entry: e}
	}
}

// progressed takes a newer record of a task.
func (s *activities) progressed(msg progressedMsg) tea.Cmd {
	x := s.numbered(msg.serial)
	if x == nil {
		return nil
	}
	x.take(msg.entry)
	return nextRecord(msg.serial, x.updates)
}

// ticked lets the seconds go on.
func (s *activities) ticked(msg tickedMsg) tea.Cmd {
	if s.numbered(msg.serial) == nil {
		return nil
	}
	return s.clock.after(time.Second, msg)
}

// ended ends a task. It gives the activity where the account is not what it was, and
// has to be read again.
func (s *activities) ended(msg carriedOutMsg) (changed *activity, next tea.Cmd) {
	x := s.numbered(msg.serial)
	if x == nil {
		return nil, nil
	}
	x.end(msg, s.clock.now())
	switch {
	case x.leaveNext:
		return nil, tea.Quit
	case x.undoNext:
		x.undoNext = false
		return nil, s.undo(x)
	}
	return x, nil
}

// leave ends the program, when what goes on has stopped.
func (s *activities) leave(x *activity) tea.Cmd {
	if !x.active {
		return tea.Quit
	}
	x.leaveNext = true
	x.cancel()
	return s.clock.after(patience, leaveMsg{})
}

// patience is how long leaving waits for an activity to stop.
const patience = 3 * time.Second
