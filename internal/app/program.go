package app

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/atotto/clipboard"
	"github.com/charmbracelet/x/term"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/ui"
	"hopscope/ui/cli"
)

// Run runs hopscope with the arguments of the process and returns its exit status:
// the caller exits, so that deferred calls are made.
func Run(s Settings) int {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	// A reader that went away (hopscope check | head) is seen as EPIPE. Go would
	// end the process by SIGPIPE, with a status that is none of ours.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return int(NewProgram(s).Run(ctx, os.Args[1:]))
}

// endings are the signals that end the program in order: the terminal is given back, and
// the journal says how far an apply came. A terminal that is closed sends SIGHUP; nohup
// has it ignored, which stays so.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// explorerGCPercent is how much garbage the explorer has before it is collected, in
// percent of what it holds. Loading thousands of services takes minutes and makes little
// garbage a second: collecting it three times as often costs less than the memory.
const explorerGCPercent = 40

// NewProgram joins the commands to AWS, the simulator and the screen.
func NewProgram(s Settings) *cli.Program {
	p := &cli.Program{
		Account:  s.openAccount,
		Demo:     s.openWorld,
		Profiles: aws.Profiles,
		Regions:  aws.Regions,
		Worlds:   simulator.Worlds,
		MaxFleet: simulator.MaxFleet,
		Simulate: serveWorld,

		JournalDir: journalDir(),

		Terminal: term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()),
		Answers:  term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stderr.Fd()),
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Env:      os.Environ(),
		Clock:    time.Now, //nolint:forbidigo // the clock that everything else is given
		Version:  version(),
	}
	p.Explore = func(ctx context.Context, o ui.Options) error {
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(explorerGCPercent)
		}
		return ui.Run(ctx, ui.New(o), ui.Terminal{In: p.Stdin, Out: p.Stdout, Environ: p.Env})
	}
	if !clipboard.Unsupported {
		p.Copy = clipboard.WriteAll
	}
	return p
}
