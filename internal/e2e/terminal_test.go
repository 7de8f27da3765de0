package e2e

import (
	"context"
	"io"
	"strings"
	"testing"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/internal/app"
	"hopscope/model"
	"hopscope/ui"
	"hopscope/ui/cli"
	"hopscope/ui/uitest"
)

// terminal is the whole program on an emulated terminal, in a synctest bubble:
// commands, gate, SDK and screen are what users have, and only the socket and the
// terminal are not. A socket would keep the bubble's clock from going on.
type terminal struct {
	*uitest.Terminal

	status cli.Status
	stderr strings.Builder
}

// openTerminal runs hopscope with arguments that open a source, which is s.
func openTerminal(t *testing.T, s *simulator.Simulator, width, height int, env []string, args ...string) *terminal {
	t.Helper()
	x := &terminal{Terminal: uitest.NewTerminal(t, width, height)}
	p := app.NewProgram(app.Settings{})
	simulated := func(ctx context.Context, everything bool) (cli.Opened, error) {
		return app.Settings{}.Open(ctx, aws.Options{Transport: s, Region: "ap-northeast-1"},
			collect.Options{Everything: everything})
	}
	p.Account = func(ctx context.Context, o cli.AccountOptions) (cli.Opened, error) {
		return simulated(ctx, o.Everything)
	}
	p.Demo = func(ctx context.Context, o cli.WorldOptions) (cli.Opened, error) { return simulated(ctx, o.Everything) }
	p.Explore = func(ctx context.Context, o ui.Options) error {
		// Whatever key is pressed, no file is written.
		o.Save = func(context.Context, string, *model.Snapshot) error { return nil }
		return ui.Run(ctx, ui.New(o), ui.Terminal{Out: x.Terminal, Environ: uitest.Environ}, x.Options()...)
	}
	p.Copy = nil // the clipboard belongs to the user who runs the tests
	p.Terminal, p.Answers, p.Env, p.JournalDir = true, true, env, t.TempDir()
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), io.Discard, &x.stderr
	x.Run(func(ctx context.Context) error {
		x.status = p.Run(ctx, args)
		return nil
	})
	return x
}

// leave ends the program.
func (x *terminal) leave(t *testing.T) {
	t.Helper()
	if err := x.Quit(); err != nil || x.status != cli.Clean {
		t.Errorf("exit status %d: %v %s", x.status, err, x.stderr.String())
	}
}
