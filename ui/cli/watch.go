package cli

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model/fix"
	"hopscope/model/journal"
)

// watcher tells on stderr what applying a plan does, one line for each thing that
// has changed.
type watcher struct {
	*run
	subject string
	last    *journal.Entry
	// events is how many events of the service were told.
	events int
	// began is when it was first told of something: an entry that is taken back may be of
	// days before.
	began time.Time
	// told is when the last line was written.
	told time.Time
}

// heartbeat is how long nothing may be told while a change goes on.
const heartbeat = 30 * time.Second

// see is told of newer and newer copies of an entry.
func (w *watcher) see(e *journal.Entry) {
	if w.began.IsZero() {
		w.began = w.Clock()
	}
	last := w.last
	if last == nil {
		last = &journal.Entry{}
	}
	if e.ID != last.ID {
		w.say("journal entry %s", e.ID)
	}
	for i := range e.Steps {
		before := journal.Pending
		if i < len(last.Steps) {
			before = last.Steps[i].State
		}
		if now := e.Steps[i].State; now != before && i < len(e.Plan.Steps) {
			w.step(i, &e.Plan.Steps[i], &e.Steps[i])
		}
	}
	if e.State != last.State {
		w.state(e.State)
	}
	w.rollout(last.Rollout, e.Rollout)
	w.beat(e)
	w.last = e
}

// beat says that it still goes on where nothing was told for a while.
func (w *watcher) beat(e *journal.Entry) {
	now := w.Clock()
	if w.told.IsZero() || now.Sub(w.told) < heartbeat {
		return
	}
	since := now.Sub(w.began).Round(time.Second)
	switch {
	case e.State == journal.RollingOut && e.Rollout != nil:
		w.say("still rolling out after %s: %s", since, rolloutLine(e.Rollout))
	case e.State == journal.Verifying:
		w.say("still waiting for healthy targets after %s", since)
	case e.State == journal.RollingBack && isTakenBack(e):
		w.say("all is taken back; still comparing, and waiting for targets that were healthy before, after %s", since)
	case e.State == journal.RollingBack:
		w.say("still taking it back after %s", since)
	case e.State == journal.Applying:
		w.say("still at it after %s", since)
	}
}

// isTakenBack tells whether steps were taken back, and none is left.
func isTakenBack(e *journal.Entry) bool {
	has := func(states ...journal.StepState) bool {
		return slices.ContainsFunc(e.Steps, func(s journal.Step) bool { return slices.Contains(states, s.State) })
	}
	return has(journal.Undone) && !has(journal.Begun, journal.Done)
}

func (w *watcher) state(now journal.State) {
	switch now {
	case journal.RollingOut:
		w.say("waiting for the rollout; ctrl+c ends the wait and leaves the change as it is")
	case journal.Verifying:
		w.say("reading the paths again")
	case journal.RollingBack:
		w.say("taking it back")
	case journal.Prepared, journal.Applying, journal.Applied, journal.Unverified, journal.Failed, journal.RolledBack:
	}
}

func (w *watcher) step(i int, what *fix.Step, now *journal.Step) {
	n := i + 1
	switch now.State {
	case journal.Begun:
		w.say("step %d: %s", n, what.Title)
	case journal.Done:
		w.say("step %d is done", n)
	case journal.Found:
		w.say("step %d: it is so already", n)
	case journal.Refused:
		w.say("step %d was refused: %s", n, now.Error)
	case journal.Undone:
		w.say("step %d is %s", n, now.UndoneWords())
	case journal.Pending, journal.Skipped:
	}
}

func (w *watcher) rollout(last, now *journal.Rollout) {
	if now == nil {
		return
	}
	if last == nil || last.Deployment != now.Deployment {
		last, w.events = &journal.Rollout{}, 0
	}
	if rolloutLine(last) != rolloutLine(now) {
		w.say("rollout %s", rolloutLine(now))
	}
	// The newest event is the first one.
	for i := len(now.Events) - w.events - 1; i >= 0; i-- {
		w.say("ECS says: %s", now.Events[i].Message)
	}
	w.events = max(w.events, len(now.Events))
}

func rolloutLine(r *journal.Rollout) string {
	line := fmt.Sprintf("%s: %d of %d new tasks running, %d old", r.State, r.Running, r.Desired, r.Old)
	if r.Failed > 0 {
		line += fmt.Sprintf(", %d failed", r.Failed)
	}
	return line
}

// say is a line about the subject.
func (w *watcher) say(format string, args ...any) {
	w.told = w.Clock()
	w.note("%s: %s", w.subject, fmt.Sprintf(format, args...))
}
