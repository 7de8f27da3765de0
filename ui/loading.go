package ui

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// loading is the side of the screen that reads: it asks the source, counts how far
// it is, and has the snapshots analysed.
type loading struct {
	source  Source
	analyze func(*model.Snapshot) *rule.Analysis
	clock   *clock

	// generation numbers the readings; messages of an older one are dropped.
	generation int
	active     bool
	cancel     context.CancelFunc
	updates    chan *model.Snapshot
	// latest is the newest snapshot of the reading, for the progress.
	latest *model.Snapshot
	pace   pace
	// failure says why the last refresh gave nothing; what is shown is older.
	failure string
	// ages numbers the ticks of the header's age.
	ages int
	// metrics are what was measured since the program began; nil for nothing.
	metrics *model.Metrics
	// looked is the service that the source was last told of.
	looked model.Ref
}

// start starts a reading and abandons the one that may be going on.
func (l *loading) start() tea.Cmd {
	l.stop()
	ctx, cancel := context.WithCancel(l.clock.ctx)
	l.generation++
	l.active, l.cancel, l.latest = true, cancel, nil
	l.updates = make(chan *model.Snapshot, 1)
	l.pace = pace{began: l.clock.now()}
	source, generation, updates := l.source, l.generation, l.updates
	read := func() tea.Msg {
		defer close(updates)
		s, err := source.Collect(ctx, func(s *model.Snapshot) { replace(updates, s) })
		return collectedMsg{generation: generation, snapshot: s, err: err}
	}
	return tea.Batch(read, nextSnapshot(generation, updates))
}

// lookAt tells the source which service is selected, if it cares.
func (l *loading) lookAt(service model.Ref) {
	source, cares := l.source.(Attentive)
	if cares && service != l.looked && service != (model.Ref{}) {
		l.looked = service
		source.LookAt(service)
	}
}

// stop ends the reading that may be going on.
func (l *loading) stop() {
	if l.cancel != nil {
		l.cancel()
	}
}

// replace puts the newest of something into a channel of capacity 1, in place of
// the one that was not taken yet. It has one caller at a time.
func replace[T any](updates chan *T, s *T) {
	select {
	case <-updates:
	default:
	}
	updates <- s
}

// nextSnapshot waits for the next snapshot of a reading.
func nextSnapshot(generation int, updates <-chan *model.Snapshot) tea.Cmd {
	return func() tea.Msg {
		s, ok := <-updates
		if !ok {
			return nil
		}
		return snapshotReadMsg{generation: generation, snapshot: s}
	}
}

// snapshotRead takes a snapshot of a reading that goes on. It is analysed where it
// is to be shown; a refresh is shown when it is complete.
func (l *loading) snapshotRead(msg snapshotReadMsg, show bool) tea.Cmd {
	if msg.generation != l.generation || !l.active {
		return nil
	}
	l.latest = msg.snapshot
	next := nextSnapshot(l.generation, l.updates)
	if !show {
		return next
	}
	return tea.Batch(next, l.offer(msg.snapshot))
}

// collected ends a reading. One that failed leaves what is shown as it is.
func (l *loading) collected(msg collectedMsg) tea.Cmd {
	if msg.generation != l.generation || !l.active {
		return nil
	}
	l.active = false
	l.cancel()
	if msg.err == nil && msg.snapshot == nil {
		msg.err = errors.New("the source gave no snapshot")
	}
	if msg.err != nil {
		l.failure = msg.err.Error()
		return nil
	}
	l.failure, l.latest = "", msg.snapshot
	return l.offer(msg.snapshot)
}

// offer has a snapshot analysed: the last one of a reading at once, the others when
// it is their time. Of those that wait the newest counts.
func (l *loading) offer(s *model.Snapshot) tea.Cmd {
	p := &l.pace
	wait := p.next.Sub(l.clock.now())
	switch {
	case p.analyzing:
		p.waiting = s
	case !l.active || wait <= 0:
		return l.begin(s)
	default:
		p.waiting = s
		if !p.due {
			p.due = true
			return l.clock.after(wait, analysisDueMsg{l.generation})
		}
	}
	return nil
}

// due analyses the snapshot that waited for its time.
func (l *loading) due(msg analysisDueMsg) tea.Cmd {
	if msg.generation != l.generation {
		return nil
	}
	l.pace.due = false
	return l.offerWaiting()
}

// offerWaiting goes on with the snapshot that waits.
func (l *loading) offerWaiting() tea.Cmd {
	s := l.pace.waiting
	if s == nil || l.pace.analyzing {
		return nil
	}
	l.pace.waiting = nil
	return l.offer(s)
}

// begin analyses a snapshot in a command.
func (l *loading) begin(s *model.Snapshot) tea.Cmd {
	l.pace.analyzing, l.pace.waiting = true, nil
	clock, analyze, generation, final := l.clock, l.analyze, l.generation, !l.active
	s = l.withMetrics(s)
	return func() tea.Msg {
		began := clock.now()
		v := newInventory(analyze(s))
		if v.final = final; final {
			v.placesOf() // the key that asks for them does not wait
		}
		return analyzedMsg{generation: generation, inventory: v, took: clock.now().Sub(began)}
	}
}

// finished takes the end of an analysis, and tells whether it is of this reading.
func (l *loading) finished(msg analyzedMsg) (next tea.Cmd, ok bool) {
	if msg.generation != l.generation {
		return nil, false
	}
	l.pace.finished(l.clock.now(), msg.took)
	return l.offerWaiting(), true
}

// busy tells whether what is shown is about to change.
func (l *loading) busy() bool { return l.active || l.pace.analyzing }

// nextAge waits until the age in the header reads differently: a second at first,
// then ten, then a minute, then an hour. Nothing else wakes an idle program.
func (l *loading) nextAge(v *inventory) tea.Cmd {
	age, ok := l.clock.age(v.Snapshot.CollectedAt)
	if !ok {
		return nil
	}
	step := ageStep(age)
	return l.clock.after(step-age%step, agedMsg{l.ages})
}

// progress says how far a reading is.
func (l *loading) progress() string {
	s := l.latest
	if s == nil {
		return "asking AWS"
	}
	return fmt.Sprintf("%d of %s · %s", s.Counts.Services.Loaded, words.Count(s.Counts.Services.Listed, "service"),
		words.Count(s.Stats.TotalCalls(), "call"))
}

// progressBar is the terminal's own, while something is being read.
func (l *loading) progressBar() *tea.ProgressBar {
	if !l.active {
		return nil
	}
	if s := l.latest; s != nil && s.Counts.Services.Listed > 0 {
		n := s.Counts.Services
		return tea.NewProgressBar(tea.ProgressBarDefault, min(100*n.Loaded/n.Listed, 100))
	}
	return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
}
