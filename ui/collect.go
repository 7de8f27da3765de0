package ui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
)

// collection is one reading of the source.
type collection struct {
	// generation numbers collections; messages of an older one are dropped.
	generation int
	active     bool
	cancel     context.CancelFunc
	updates    chan *model.Snapshot
	// latest is the newest snapshot of the collection, for the progress.
	latest *model.Snapshot
	// analyzing is set while a snapshot is being judged; waiting is the one
	// to judge next. Newer ones replace it, so that none pile up.
	analyzing bool
	waiting   *model.Snapshot
	// ages numbers the ticks of the header's age.
	ages int
}

// collect starts a reading and abandons the one that may be going on.
func (a *App) collect() tea.Cmd {
	c := &a.collection
	if c.cancel != nil {
		c.cancel()
	}
	ctx, cancel := context.WithCancel(a.ctx)
	*c = collection{
		generation: c.generation + 1, active: true, cancel: cancel, ages: c.ages,
		updates: make(chan *model.Snapshot, 1),
	}
	source, generation, updates := a.o.Source, c.generation, c.updates
	read := func() tea.Msg {
		defer close(updates)
		s, err := source.Collect(ctx, func(s *model.Snapshot) { replace(updates, s) })
		return collectedMsg{generation: generation, snapshot: s, err: err}
	}
	return tea.Batch(read, nextSnapshot(generation, updates))
}

// replace puts the newest of something into a channel of capacity 1, in place of
// the one that nobody has taken yet. It has one caller at a time.
func replace[T any](updates chan *T, s *T) {
	select {
	case <-updates:
	default:
	}
	updates <- s
}

// nextSnapshot waits for the next snapshot of a collection.
func nextSnapshot(generation int, updates <-chan *model.Snapshot) tea.Cmd {
	return func() tea.Msg {
		s, ok := <-updates
		if !ok {
			return nil
		}
		return snapshotReadMsg{generation: generation, snapshot: s}
	}
}

// snapshotRead shows progress. The first collection is shown as it grows; a
// refresh is shown when it is complete.
func (a *App) snapshotRead(msg snapshotReadMsg) tea.Cmd {
	c := &a.collection
	if msg.generation != c.generation || !c.active {
		return nil
	}
	c.latest = msg.snapshot
	next := nextSnapshot(c.generation, c.updates)
	if a.survey != nil && a.survey.final {
		return next
	}
	return tea.Batch(next, a.analyze(msg.snapshot))
}

// collected ends a collection. One that failed leaves the picture as it is.
func (a *App) collected(msg collectedMsg) tea.Cmd {
	c := &a.collection
	if msg.generation != c.generation || !c.active {
		return nil
	}
	c.active = false
	c.cancel()
	if msg.err == nil && msg.snapshot == nil {
		msg.err = errors.New("the source gave no snapshot")
	}
	if msg.err == nil {
		a.failure = ""
		c.latest = msg.snapshot
		return a.analyze(msg.snapshot)
	}
	if a.survey == nil {
		a.screens = []screen{&failureScreen{reason: msg.err.Error()}}
		return nil
	}
	a.failure = msg.err.Error()
	a.arrange()
	return nil
}

// analyze judges a snapshot in a command.
func (a *App) analyze(s *model.Snapshot) tea.Cmd {
	c := &a.collection
	if c.analyzing {
		c.waiting = s
		return nil
	}
	c.analyzing = true
	judge, generation, final := a.o.Analyze, c.generation, !c.active
	return func() tea.Msg {
		v := newSurvey(s, judge(s))
		v.final = final
		return analyzedMsg{generation: generation, survey: v}
	}
}

// analyzed shows a survey.
func (a *App) analyzed(msg analyzedMsg) tea.Cmd {
	c := &a.collection
	if msg.generation != c.generation {
		return nil
	}
	c.analyzing = false
	shown := a.show(msg.survey)
	if s := c.waiting; s != nil {
		c.waiting = nil
		return tea.Batch(shown, a.analyze(s))
	}
	if !msg.survey.final {
		return shown
	}
	c.ages++
	return tea.Batch(shown, a.nextAge())
}

// show replaces the picture. The selection stays on its service.
func (a *App) show(v *survey) tea.Cmd {
	a.survey = v
	a.finding = min(a.finding, len(v.report.Findings)-1)
	var cmds []tea.Cmd
	for _, s := range a.screens {
		if r, ok := s.(refresher); ok {
			r.refresh(a)
		}
		if f, ok := s.(follower); ok {
			cmds = append(cmds, f.follow(a))
		}
	}
	a.services.show(v)
	a.follow()
	return tea.Batch(cmds...)
}

// Steps of the age in the header, and how old the picture may be for them.
var ageSteps = [...]struct{ until, step time.Duration }{
	{10 * time.Second, time.Second},
	{time.Minute, 10 * time.Second},
	{time.Hour, time.Minute},
}

// ageStep is the step in which an age is shown.
func ageStep(age time.Duration) time.Duration {
	for _, s := range ageSteps {
		if age < s.until {
			return s.step
		}
	}
	return time.Hour
}

// nextAge waits until the age in the header reads differently: a second at
// first, then ten, then a minute, then an hour. Nothing else wakes an idle
// program.
func (a *App) nextAge() tea.Cmd {
	age, ok := a.pictureAge()
	if !ok {
		return nil
	}
	step := ageStep(age)
	serial := a.collection.ages
	return a.after(step-age%step, agedMsg{serial})
}

// after brings a message later. Unlike [tea.Tick] it does not outlive the program.
func (a *App) after(d time.Duration, msg tea.Msg) tea.Cmd {
	ctx := a.ctx
	return func() tea.Msg {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
}

func (a *App) age(msg agedMsg) tea.Cmd {
	if msg.serial != a.collection.ages {
		return nil
	}
	return a.nextAge()
}

// pictureAge is how long ago the facts on screen were collected.
func (a *App) pictureAge() (time.Duration, bool) {
	if a.o.Clock == nil || a.survey == nil || a.survey.snapshot.CollectedAt.IsZero() {
		return 0, false
	}
	return max(a.o.Clock().Sub(a.survey.snapshot.CollectedAt), 0), true
}
