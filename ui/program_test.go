package ui_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/ui"
	"hopscope/ui/uitest"
)

// program is a whole program on a terminal, and what it was given and gave back.
type program struct {
	*uitest.Terminal

	source *script
	saved  map[string]*model.Snapshot
	copied []string
	// messages counts what the program was told; each is an update and a view.
	messages atomic.Int64
}

// script is a source that does what a test tells it.
type script struct {
	// steps are taken by the calls of Collect in order; the last one repeats.
	steps []func(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error)
	calls int
}

func (s *script) Collect(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error) {
	step := s.steps[min(s.calls, len(s.steps)-1)]
	s.calls++
	return step(ctx, progress)
}

type step = func(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error)

// gives is a collection that ends at once.
func gives(s *model.Snapshot) step {
	return func(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) { return s, nil }
}

// fails is a collection that ends in an error.
func fails(err error) step {
	return func(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) { return nil, err }
}

// takes is a collection that shows progress, a second between the snapshots.
func takes(snapshots ...*model.Snapshot) step {
	return func(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error) {
		for _, s := range snapshots[:len(snapshots)-1] {
			progress(s)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return snapshots[len(snapshots)-1], nil
	}
}

// The article: everything on port 80, the agent on port 8080 that is shut, and open.
func allOn80() *model.Snapshot { return called(modeltest.Article(0, 80)) }
func moved() *model.Snapshot   { return called(modeltest.Article(8080, 80)) }
func opened() *model.Snapshot  { return called(modeltest.Article(8080, 8080)) }

// called gives a snapshot the calls that reading it took.
func called(s *model.Snapshot) *model.Snapshot {
	s.Stats.Calls = map[model.Action]int{model.DescribeServices: 20, model.ListServices: 6}
	return s
}

// named are services that nothing leads to.
func named(services ...string) *model.Snapshot {
	b := modeltest.New()
	for _, name := range services {
		b.Group("sg-" + name).Service(name)
	}
	return called(b.Snapshot())
}

func loading(n, loaded int) *model.Snapshot { return called(modeltest.Loading(n, loaded)) }

// beside is a snapshot with more services, that nothing leads to.
func beside(s *model.Snapshot, services ...string) *model.Snapshot {
	b := modeltest.New()
	for _, name := range services {
		b.Group("sg-" + name).Service(name)
	}
	return called(b.Edit(func(o *model.Snapshot) { merge(o, s) }).Snapshot())
}

// run starts a program on a screen of 80×24 and ends it with the test.
func run(t *testing.T, steps ...step) *program {
	t.Helper()
	return runApp(t, nil, func(*ui.Options) {}, steps...)
}

// runApp starts a program with options of the test's own.
func runApp(t *testing.T, environ []string, change func(*ui.Options), steps ...step) *program {
	t.Helper()
	p := &program{
		Terminal: uitest.NewTerminal(t, 80, 24), source: &script{steps: steps}, saved: map[string]*model.Snapshot{},
	}
	o := ui.Options{
		Source: p.source, Clock: time.Now,
		Copy: func(text string) error { p.copied = append(p.copied, text); return nil },
		Save: func(_ context.Context, path string, s *model.Snapshot) error { p.saved[path] = s; return nil },
	}
	change(&o)
	app := ui.New(o)
	term := ui.Terminal{Out: p.Terminal, Environ: append(slices.Clone(uitest.Environ), environ...)}
	options := append(p.Options(), tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
		p.messages.Add(1)
		return msg
	}))
	if environ == nil {
		options = append(options, tea.WithColorProfile(colorprofile.ANSI))
	}
	p.Run(func(ctx context.Context) error { return ui.Run(ctx, app, term, options...) })
	return p
}

// armed is the time after which a question can be answered.
const armed = time.Second

func test(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

var errExpired = &model.CannotCheckError{
	Reason: "the credentials expired", Next: "run aws sso login --profile prod", Err: errors.New("ExpiredToken"),
}
