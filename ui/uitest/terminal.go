package uitest

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Environ is the environment of a program on a [Terminal].
var Environ = []string{"TERM=xterm-256color"}

// frame is the time after which Bubble Tea has drawn what changed.
const frame = time.Second / 60

// patience is the time, fake, that [Terminal.WaitFor] waits.
const patience = 2 * time.Minute

// Terminal is a program on an emulated terminal, in a synctest bubble. What it
// shows is read when everything that was begun has settled.
type Terminal struct {
	*Screen

	t             *testing.T
	width, height int
	program       *tea.Program
	ended         chan error
	over          bool
	cancel        context.CancelCauseFunc
}

// NewTerminal makes a terminal without a program.
func NewTerminal(t *testing.T, width, height int) *Terminal {
	t.Helper()
	return &Terminal{Screen: NewScreen(width, height), t: t, width: width, height: height, ended: make(chan error, 1)}
}

// Options are what the program has to be made with.
func (x *Terminal) Options() []tea.ProgramOption {
	return []tea.ProgramOption{
		tea.WithWindowSize(x.width, x.height), tea.WithoutSignalHandler(), func(p *tea.Program) { x.program = p },
	}
}

// Run starts the program, and ends it with the test.
func (x *Terminal) Run(program func(context.Context) error) *Terminal {
	x.t.Helper()
	ctx, cancel := context.WithCancelCause(x.t.Context())
	x.cancel = cancel
	go func() { x.ended <- program(ctx) }()
	x.t.Cleanup(func() {
		if !x.over {
			x.program.Quit()
			_ = <-x.ended //nolint:staticcheck // the test is over: how the program ended is of no interest
		}
	})
	x.settle()
	return x
}

// settle lets every goroutine finish what it has begun, and a frame be drawn.
func (x *Terminal) settle() {
	synctest.Wait()
	time.Sleep(frame)
	synctest.Wait()
}

// Text is what is on the screen.
func (x *Terminal) Text() string {
	x.settle()
	return x.Screen.Text()
}

// Sent is every byte that was written so far.
func (x *Terminal) Sent() string {
	x.settle()
	return x.Screen.Sent()
}

// Send sends a message to the program.
func (x *Terminal) Send(msg tea.Msg) *Terminal {
	x.program.Send(msg)
	synctest.Wait()
	return x
}

// Press presses keys by name or letter, one after the other.
func (x *Terminal) Press(names ...string) *Terminal {
	for _, key := range Keys(names...) {
		x.Send(key)
	}
	return x
}

// Type types text.
func (x *Terminal) Type(text string) *Terminal { return x.Press(strings.Split(text, "")...) }

// Click clicks on the first place where a text is on the screen.
func (x *Terminal) Click(text string) *Terminal {
	x.t.Helper()
	shown := x.Text()
	for y, line := range strings.Split(shown, "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return x.Send(tea.MouseClickMsg{X: len([]rune(before)), Y: y, Button: tea.MouseLeft})
		}
	}
	x.t.Fatalf("nowhere to click: no %q on\n%s", text, shown)
	return x
}

// Resize changes the size of the terminal.
func (x *Terminal) Resize(width, height int) *Terminal {
	x.Screen.Resize(width, height)
	return x.Send(tea.WindowSizeMsg{Width: width, Height: height})
}

// Wait lets time pass.
func (x *Terminal) Wait(d time.Duration) *Terminal {
	time.Sleep(d)
	x.settle()
	return x
}

// See checks that texts are on the screen.
func (x *Terminal) See(texts ...string) *Terminal {
	x.t.Helper()
	shown := x.Text()
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			x.t.Fatalf("no %q on\n%s", text, shown)
		}
	}
	return x
}

// NotSee checks that texts are not on the screen.
func (x *Terminal) NotSee(texts ...string) *Terminal {
	x.t.Helper()
	shown := x.Text()
	for _, text := range texts {
		if strings.Contains(shown, text) {
			x.t.Fatalf("%q is on\n%s", text, shown)
		}
	}
	return x
}

// SeeSelected checks that a row with a text is selected.
func (x *Terminal) SeeSelected(text string) *Terminal {
	x.t.Helper()
	shown := x.Text()
	for line := range strings.SplitSeq(shown, "\n") {
		if at := strings.Index(line, text); at >= 0 && strings.Contains(line[:at], "▍") {
			return x
		}
	}
	x.t.Fatalf("%q is not selected on\n%s", text, shown)
	return x
}

// WaitFor waits until texts are on the screen together.
func (x *Terminal) WaitFor(texts ...string) *Terminal {
	x.t.Helper()
	for waited := time.Duration(0); waited < patience; waited += 3 * frame {
		shown := x.Wait(2 * frame).Screen.Text()
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(shown, text)
		}
		if !missing {
			return x
		}
	}
	return x.See(texts...)
}

// Cancel ends the context of the program for a cause.
func (x *Terminal) Cancel(cause error) { x.cancel(cause) }

// Quit asks the program to end, and returns what [Terminal.End] does.
func (x *Terminal) Quit() error {
	x.t.Helper()
	x.program.Quit()
	return x.End()
}

// End waits until the program has ended, and returns its error.
func (x *Terminal) End() error {
	x.t.Helper()
	select {
	case err := <-x.ended:
		x.over = true
		return err
	case <-time.After(time.Minute):
		x.t.Fatal("the program goes on")
	}
	return nil
}

// HasEnded tells whether the program has ended by itself.
func (x *Terminal) HasEnded() bool { return x.over || len(x.ended) > 0 }
