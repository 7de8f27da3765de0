package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/ui"
	"hopscope/ui/cli"
)

// ran is what one run in this process left.
type ran struct {
	status         cli.Status
	stdout, stderr string
}

func runWith(ctx context.Context, p *cli.Program, args ...string) ran {
	var stdout, stderr bytes.Buffer
	p.Stderr = &stderr
	if p.Stdin == nil {
		p.Stdin = strings.NewReader("")
	}
	if p.Stdout == nil {
		p.Stdout = &stdout
	}
	status := p.Run(ctx, args)
	return ran{status, stdout.String(), stderr.String()}
}

func TestOnATerminalTheExplorerGetsTheSource(t *testing.T) {
	t.Parallel()
	saved := filepath.Join(t.TempDir(), "s.json")
	if err := model.WriteFile(saved, modeltest.Article(0, 80), model.FileOptions{}); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args   []string
		origin string
	}{
		"account": {[]string{"--profile", "fine"}, "fine"},
		"demo":    {[]string{"demo", "--world", "shop"}, "shop"},
		"file":    {[]string{"open", saved}, "s.json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, opened := program(), false
			p.Terminal = true
			p.Explore = func(ctx context.Context, o ui.Options) error {
				opened = true
				if o.Origin != tt.origin {
					t.Errorf("origin %q, want %q", o.Origin, tt.origin)
				}
				s, err := o.Source.Collect(ctx, nil)
				if err != nil {
					return err
				}
				copied := filepath.Join(t.TempDir(), "copy.json")
				if err := o.Save(ctx, copied, s); err != nil {
					return err
				}
				_, err = model.ReadFile(copied)
				return err
			}
			if got := runWith(t.Context(), p, tt.args...); got.status != cli.Clean || got.stdout != "" ||
				got.stderr != "" {
				t.Errorf("got %+v, want a silent success", got)
			}
			if !opened {
				t.Error("the explorer was not opened")
			}
		})
	}
}

// Applying is on where the gate is open, and always on in a demo, whose journal ends
// with it; elsewhere the screen is told the sentence to show.
func TestTheGateIsInFrontOfTheExplorerToo(t *testing.T) {
	t.Parallel()
	saved := filepath.Join(t.TempDir(), "s.json")
	if err := model.WriteFile(saved, modeltest.Article(0, 80), model.FileOptions{}); err != nil {
		t.Fatal(err)
	}
	const off = "applying is off: start hopscope with --allow-apply, or set HOPSCOPE_ALLOW_APPLY=1"
	for name, tt := range map[string]struct {
		args, env []string
		off       string
	}{
		"account":             {nil, nil, off},
		"flag":                {[]string{"--allow-apply"}, nil, ""},
		"1":                   {nil, []string{"HOPSCOPE_ALLOW_APPLY=1"}, ""},
		"TRUE":                {nil, []string{"HOPSCOPE_ALLOW_APPLY=TRUE"}, ""},
		"yes":                 {nil, []string{"HOPSCOPE_ALLOW_APPLY=yes"}, ""},
		"the last one counts": {nil, []string{"HOPSCOPE_ALLOW_APPLY=1", "HOPSCOPE_ALLOW_APPLY=0"}, off},
		"another variable":    {nil, []string{"HOPSCOPE_ALLOW_APPLYING=1"}, off},
		"neither": {
			nil,
			[]string{"HOPSCOPE_ALLOW_APPLY=sure"},
			`applying is off: HOPSCOPE_ALLOW_APPLY="sure" is neither yes nor no; set it to 1, or pass --allow-apply`,
		},
		"demo": {[]string{"demo"}, []string{"HOPSCOPE_ALLOW_APPLY=0"}, ""},
		"file": {[]string{"open", saved}, []string{"HOPSCOPE_ALLOW_APPLY=1"}, "this is a saved " +
			"snapshot, which nothing can be applied to; explore the account itself with hopscope --allow-apply"},
		"flag over env":     {[]string{"--allow-apply"}, []string{"HOPSCOPE_ALLOW_APPLY=0"}, ""},
		"flag, said to not": {[]string{"--allow-apply=false"}, nil, off},
		"flag, said to not, over env": {
			[]string{"--allow-apply=false"},
			[]string{"HOPSCOPE_ALLOW_APPLY=1"},
			"applying is off: --allow-apply=false overrules HOPSCOPE_ALLOW_APPLY=1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := program()
			p.Terminal, p.Env, p.JournalDir = true, tt.env, filepath.Join(t.TempDir(), "journal")
			var dir string
			p.Explore = func(_ context.Context, o ui.Options) error {
				if o.ApplyOff != tt.off || (o.Applier == nil) != (tt.off != "") {
					t.Errorf("applier: %v, off: %q, want %q", o.Applier, o.ApplyOff, tt.off)
				}
				if a, ok := o.Applier.(*applier); ok {
					dir = a.store.Dir
				}
				return nil
			}
			if got := runWith(t.Context(), p, tt.args...); got != (ran{}) {
				t.Errorf("got %+v, want a silent success", got)
			}
			switch {
			case tt.off != "":
			case name != "demo" && dir != p.JournalDir:
				t.Errorf("the journal is in %s, not in %s", dir, p.JournalDir)
			case name == "demo":
				if _, err := os.Stat(dir); dir == p.JournalDir || !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("the demo's journal is in %s and outlives it (%v)", dir, err)
				}
			}
		})
	}
}

// Where several services are to be changed, the first that fails is the last.
func TestAnApplicationThatFailsIsTheLast(t *testing.T) {
	t.Parallel()
	p := program()
	p.JournalDir, p.Env = t.TempDir(), []string{"HOPSCOPE_ALLOW_APPLY=1"}
	p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
		s := modeltest.Article(0, 80)
		more := modeltest.Article(0, 80)
		for i := range more.Services {
			more.Services[i].Cluster, more.Services[i].ARN = "staging", more.Services[i].ARN+"-staging"
		}
		s.Services = append(s.Services, more.Services...)
		return opened(s, "refused"), nil
	}
	got := runWith(t.Context(), p, "fix", "--service", "*", "--apply", "--yes")
	if got.status != cli.Found || !strings.HasSuffix(got.stderr, "hopscope: not begun: staging/sample-ecs-app\n") {
		t.Errorf("got %+v, want 1 and what was not begun", got)
	}
}

// Ctrl+c while a question is open is no answer.
func TestAQuestionThatIsInterruptedIsNotAnswered(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := program()
	p.Answers, p.JournalDir, p.Env = true, filepath.Join(t.TempDir(), "journal"), []string{"HOPSCOPE_ALLOW_APPLY=1"}
	in, out := io.Pipe()
	defer out.Close()
	var stdout, stderr bytes.Buffer
	p.Stdin, p.Stdout, p.Stderr = in, &stdout, writeFunc(func(text []byte) (int, error) {
		if bytes.Contains(text, []byte("Type sample-ecs-app")) {
			cancel()
		}
		return stderr.Write(text)
	})
	if status := p.Run(ctx, []string{"fix", "--apply"}); status != cli.CannotCheck || stdout.Len() > 0 {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout.String(), stderr.String())
	}
	if _, err := os.Stat(p.JournalDir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("there is a journal")
	}
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

// A screen may not eat the rates of the account; a report has to check every rule.
func TestReportsReadEverythingAndTheExplorerWhatItNeeds(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "s.json")
	for _, tt := range []struct {
		args     []string
		terminal bool
		want     bool
	}{
		{[]string{"--profile", "fine"}, true, false},
		{[]string{"--profile", "fine"}, false, true}, // a report, for want of a screen
		{[]string{"demo"}, true, false},
		{[]string{"check", "--profile", "fine"}, true, true},
		{[]string{"check", "--demo", "shop"}, false, true},
		{[]string{"export", "--demo", "shop"}, true, true},
		{[]string{"export", "--profile", "fine"}, true, true},
		{[]string{"snapshot", "-o", file, "--profile", "fine"}, true, true},
		{[]string{"snapshot", "-o", file, "--demo", "shop"}, true, true},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			p := program()
			p.Terminal = tt.terminal
			var got []bool
			p.Account = func(ctx context.Context, o cli.AccountOptions) (cli.Opened, error) {
				got = append(got, o.Everything)
				return account(ctx, o)
			}
			p.Demo = func(ctx context.Context, o cli.WorldOptions) (cli.Opened, error) {
				got = append(got, o.Everything)
				return world(ctx, o)
			}
			p.Explore = func(context.Context, ui.Options) error { return nil }
			runWith(t.Context(), p, tt.args...)
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("everything: %v, want %t once", got, tt.want)
			}
		})
	}
}

func TestAnErrorOfTheExplorerIsReported(t *testing.T) {
	t.Parallel()
	p := program()
	p.Terminal = true
	p.Explore = func(context.Context, ui.Options) error { return errors.New("the terminal went away") }
	got := runWith(t.Context(), p)
	if want := (ran{cli.CannotCheck, "", "hopscope: the terminal went away\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAScreenThatHadNothingToShowLeavesTheErrorBehind(t *testing.T) {
	t.Parallel()
	p := program()
	p.Terminal = true
	p.Explore = func(ctx context.Context, o ui.Options) error {
		_, _ = o.Source.Collect(ctx, nil) // the screen shows the error, and the user leaves
		return nil
	}
	got := runWith(t.Context(), p, "--cluster", "nowhere")
	if want := (ran{cli.CannotCheck, "", "hopscope: no cluster matches \"nowhere\"; there is prod\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := runWith(t.Context(), p, "--profile", "fine"); got != (ran{}) {
		t.Errorf("after a good reading: %+v, want a silent success", got)
	}
}

func TestLeavingInTheMiddleOfAReadingIsNoFailure(t *testing.T) {
	t.Parallel()
	p := program()
	p.Terminal = true
	p.Explore = func(ctx context.Context, o ui.Options) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, _ = o.Source.Collect(ctx, nil)
		return nil
	}
	if got := runWith(t.Context(), p, "--profile", "stuck"); got != (ran{}) {
		t.Errorf("got %+v, want a silent success", got)
	}
}

func TestAFileThatCannotBeReadIsRefusedBeforeThereIsAScreen(t *testing.T) {
	t.Parallel()
	p := program()
	p.Terminal = true
	got := runWith(t.Context(), p, "open", "none.json")
	if want := (ran{cli.CannotCheck, "", "hopscope: cannot read \"none.json\": there is no such file; pass a " +
		"snapshot file\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAnInterruptedCheckHasNoAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{
		{"check", "--profile", "stuck"},
		{"check"},
		{"demo"},
		{"snapshot", "-o", "unwritten.json"},
	} {
		got := runWith(ctx, program(), args...)
		if got.status != cli.CannotCheck || got.stdout != "" ||
			!strings.HasSuffix(got.stderr, "hopscope: interrupted; run the command again for an answer\n") {
			t.Errorf("%v: got %+v", args, got)
		}
	}
}

func TestTheSimulatorServesUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := program()
	serve := p.Simulate
	p.Simulate = func(ctx context.Context, o cli.SimulateOptions, ready func(cli.Endpoint)) error {
		return serve(ctx, o, func(e cli.Endpoint) {
			ready(e)
			cancel() // as ctrl+c does
		})
	}
	got := runWith(ctx, p, "simulate", "--port", "4566", "--world", "shop")
	want := "export AWS_ENDPOINT_URL=http://127.0.0.1:4566/shop AWS_DEFAULT_REGION=eu-west-1\n" +
		"export AWS_ACCESS_KEY_ID=simulator AWS_SECRET_ACCESS_KEY=simulator\n"
	if got.status != cli.Clean || got.stdout != want {
		t.Errorf("got %+v, want status 0 and\n%s", got, want)
	}
}

// failing is an output whose writes end in an error.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestNoCharacterIsLostOnTheWayOut(t *testing.T) {
	t.Parallel()
	const words = 1000     // several buffers of 4096 bytes
	for shift := range 8 { // so that no size of a buffer can suit the text
		word := "é“日本”"
		text := strings.Repeat("x", shift) + strings.Repeat(word, words)
		for _, format := range []string{"human", "json", "markdown"} {
			p := program()
			p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
				s := modeltest.Article(0, 80)
				s.LoadBalancers[0].Name = text
				return cli.Opened{Source: source{snapshot: s}}, nil
			}
			got := runWith(t.Context(), p, "check", "--format", format).stdout
			got = strings.NewReplacer("\n", "", " ", "").Replace(got)
			if n := strings.Count(got, word); n == 0 || n%words != 0 {
				t.Errorf("%s, shift %d: %d words arrived in one piece, not a multiple of %d", format, shift, n, words)
			}
		}
	}
}

func TestAReaderThatLeavesDoesNotChangeTheAnswer(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"human", "json", "markdown"} {
		for profile, want := range map[string]cli.Status{"fine": cli.Clean, "broken": cli.Found} {
			p := program()
			p.Stdout = failing{syscall.EPIPE}
			if got := runWith(t.Context(), p, "check", "--profile", profile, "--format",
				format); got.status != want || got.stderr != "" {
				t.Errorf("%s, %s: got %+v, want a silent %d", format, profile, got, want)
			}
		}
	}
}

func TestAReportThatCannotBeWrittenIsNoAnswer(t *testing.T) {
	t.Parallel()
	p := program()
	p.Stdout = failing{errors.New("no space left on device")}
	got := runWith(t.Context(), p, "check", "--profile", "fine")
	if want := (ran{cli.CannotCheck, "", "hopscope: no space left on device\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestColourIsForcedOnRequestOnly(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]bool{
		"CLICOLOR_FORCE=1": true, "NO_COLOR=1": false,
		"TERM=xterm-256color": false,
	} {
		p := program()
		p.Env = []string{env, "TERM=xterm"}
		if got := strings.Contains(runWith(t.Context(), p, "check").stdout, "\x1b["); got != want {
			t.Errorf("%s: styled = %v, want %v", env, got, want)
		}
	}
}
