package e2e

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/internal/app"
	"hopscope/model"
	"hopscope/ui"
	"hopscope/ui/cli"
	"hopscope/ui/emulator"
)

// stage is the whole program on an emulated terminal, in a synctest bubble: commands,
// gate, SDK and screen are what users have, and only the socket and the terminal are
// not. A socket would keep the bubble's clock from going on.
type stage struct {
	t       *testing.T
	screen  *emulator.Screen
	program *tea.Program
	ended   chan cli.Status
	stderr  strings.Builder
}

// perform runs hopscope with arguments that open a source, which is s.
func perform(t *testing.T, s *simulator.Simulator, width, height int, env []string, args ...string) *stage {
	t.Helper()
	st := &stage{t: t, screen: emulator.New(width, height), ended: make(chan cli.Status, 1)}
	p := app.NewProgram(app.Settings{})
	simulated := func(ctx context.Context, everything bool) (cli.Opened, error) {
		return app.Settings{}.Opened(aws.Open(ctx, aws.Options{Transport: s, Region: "ap-northeast-1", Everything: everything}))
	}
	p.Account = func(ctx context.Context, o cli.AccountOptions) (cli.Opened, error) {
		return simulated(ctx, o.Everything)
	}
	p.Demo = func(ctx context.Context, o cli.WorldOptions) (cli.Opened, error) { return simulated(ctx, o.Everything) }
	p.Explore = func(ctx context.Context, o ui.Options) error {
		o.Save = func(context.Context, string, *model.Snapshot) error { return nil } // whatever key is pressed, no file is written
		return ui.Run(ctx, ui.New(o), ui.Terminal{Out: st.screen, Environ: []string{"TERM=" + emulator.Term}},
			tea.WithWindowSize(width, height), tea.WithoutSignalHandler(), func(p *tea.Program) { st.program = p })
	}
	p.Copy = nil // the clipboard of whoever runs the tests is their own
	p.Terminal, p.Answers, p.Env, p.JournalDir = true, true, env, t.TempDir()
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), io.Discard, &st.stderr
	go func() { st.ended <- p.Run(t.Context(), args) }()
	st.settle()
	return st
}

// settle lets everything that has begun come to an end, and a frame be drawn.
func (st *stage) settle() {
	synctest.Wait()
	time.Sleep(time.Second / 20)
	synctest.Wait()
}

var stageKeys = map[string]tea.Key{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "space": {Code: tea.KeySpace, Text: " "},
	"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown},
	"backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
}

// press presses keys by name or letter, and waits for what each begins.
func (st *stage) press(names ...string) {
	for _, name := range names {
		key, ok := stageKeys[name]
		if !ok {
			key = tea.Key{Text: name, Code: []rune(name)[0]}
		}
		st.program.Send(tea.KeyPressMsg(key))
		synctest.Wait()
	}
}

// see waits until texts are on the screen; the time is fake.
func (st *stage) see(act string, texts ...string) {
	st.t.Helper()
	for range 2400 { // two minutes
		st.settle()
		text := st.screen.Text()
		missing := ""
		for _, want := range texts {
			if !strings.Contains(text, want) {
				missing = want
			}
		}
		if missing == "" {
			return
		}
	}
	for _, want := range texts {
		if text := st.screen.Text(); !strings.Contains(text, want) {
			st.t.Fatalf("%s: no %q on\n%s", act, want, text)
		}
	}
}

// leave ends the program.
func (st *stage) leave() cli.Status {
	st.program.Quit()
	return <-st.ended
}
