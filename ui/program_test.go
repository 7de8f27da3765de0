package ui_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/ui"
	"hopscope/ui/emulator"
	"hopscope/ui/internal/sample"
)

// program is a whole program on an emulated terminal inside a synctest bubble:
// time is fake, so no test sleeps and none is flaky.
type program struct {
	t      *testing.T
	source *script
	screen *emulator.Screen
	saved  map[string]*model.Snapshot
	copied []string
	tea    *tea.Program
	ended  chan error
	over   bool
	cancel context.CancelCauseFunc
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

// in judges snapshots as in an act of the article.
func in(act sample.Act) func(*model.Snapshot) *rule.Report {
	return func(s *model.Snapshot) *rule.Report { return sample.Report(s, act) }
}

// always gives one report, whatever the snapshot.
func always(r *rule.Report) func(*model.Snapshot) *rule.Report {
	return func(*model.Snapshot) *rule.Report { return r }
}

// run starts a program on a screen of 80×24 and ends it with the test.
func run(t *testing.T, analyze func(*model.Snapshot) *rule.Report, steps ...step) *program {
	t.Helper()
	return runWith(t, nil, analyze, steps...)
}

func runWith(t *testing.T, environ []string, analyze func(*model.Snapshot) *rule.Report, steps ...step) *program {
	t.Helper()
	return runApp(t, environ, func(o *ui.Options) { o.Analyze = analyze }, steps...)
}

// runApp starts a program with options of the test's own.
func runApp(t *testing.T, environ []string, change func(*ui.Options), steps ...step) *program {
	t.Helper()
	const width, height = 80, 24
	p := &program{
		t: t, source: &script{steps: steps}, ended: make(chan error, 1), saved: map[string]*model.Snapshot{},
		screen: emulator.New(width, height),
	}
	o := ui.Options{
		Source: p.source, Clock: time.Now,
		Copy: func(text string) error { p.copied = append(p.copied, text); return nil },
		Save: func(_ context.Context, path string, s *model.Snapshot) error { p.saved[path] = s; return nil },
	}
	change(&o)
	app := ui.New(o)
	term := ui.Terminal{Out: p.screen, Environ: append([]string{"TERM=" + emulator.Term}, environ...)}
	options := []tea.ProgramOption{tea.WithWindowSize(width, height), tea.WithoutSignalHandler(), ui.Observe(&p.tea)}
	options = append(options, tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
		p.messages.Add(1)
		return msg
	}))
	if environ == nil {
		options = append(options, tea.WithColorProfile(colorprofile.ANSI))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	p.cancel = cancel
	go func() { p.ended <- ui.Run(ctx, app, term, options...) }()
	t.Cleanup(func() {
		if !p.over {
			p.tea.Quit()
			<-p.ended
		}
	})
	p.settle()
	return p
}

// settle lets every goroutine finish and one frame be drawn.
func (p *program) settle() {
	synctest.Wait()
	time.Sleep(time.Second / 60)
	synctest.Wait()
}

var keys = map[string]tea.Key{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
	"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
	"backspace": {Code: tea.KeyBackspace}, "pgdown": {Code: tea.KeyPgDown}, "pgup": {Code: tea.KeyPgUp},
	"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
}

// press presses keys by name, one after the other.
func (p *program) press(names ...string) *program {
	p.t.Helper()
	for _, name := range names {
		p.tea.Send(keyPress(name))
		p.settle()
	}
	return p
}

func keyPress(name string) tea.KeyPressMsg {
	key, ok := keys[name]
	if !ok {
		key = tea.Key{Text: name, Code: []rune(name)[0]}
	}
	return tea.KeyPressMsg(key)
}

// types types text.
func (p *program) types(text string) *program {
	p.t.Helper()
	for _, r := range text {
		p.press(string(r))
	}
	return p
}

// click clicks on the first place where a text is on the screen.
func (p *program) click(text string) *program {
	p.t.Helper()
	for y, line := range strings.Split(p.screen.Text(), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			p.tea.Send(tea.MouseClickMsg{X: len([]rune(before)), Y: y, Button: tea.MouseLeft})
			p.settle()
			return p
		}
	}
	p.t.Fatalf("nowhere to click: no %q on\n%s", text, p.screen.Text())
	return p
}

func (p *program) resize(width, height int) *program {
	p.t.Helper()
	p.screen.Resize(width, height)
	p.tea.Send(tea.WindowSizeMsg{Width: width, Height: height})
	p.settle()
	return p
}

// wait lets time pass.
func (p *program) wait(d time.Duration) *program {
	time.Sleep(d)
	p.settle()
	return p
}

// see checks that texts are on the screen.
func (p *program) see(texts ...string) *program {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.screen.Text(), text) {
			p.t.Fatalf("no %q on\n%s", text, p.screen.Text())
		}
	}
	return p
}

// notSee checks that texts are not on the screen.
func (p *program) notSee(texts ...string) *program {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.screen.Text(), text) {
			p.t.Fatalf("%q is on\n%s", text, p.screen.Text())
		}
	}
	return p
}

// seeSelected checks that a row with a text is selected.
func (p *program) seeSelected(text string) *program {
	p.t.Helper()
	for line := range strings.SplitSeq(p.screen.Text(), "\n") {
		if at := strings.Index(line, text); at >= 0 && strings.Contains(line[:at], "▍") {
			return p
		}
	}
	p.t.Fatalf("%q is not selected on\n%s", text, p.screen.Text())
	return p
}

// end waits until the program has ended.
func (p *program) end() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.over = true
		return err
	case <-time.After(time.Minute):
		p.t.Fatal("the program goes on")
	}
	return nil
}

func test(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

var errExpired = &model.CannotCheckError{
	Reason: "the credentials expired", Next: "run aws sso login --profile prod", Err: errors.New("ExpiredToken"),
}
