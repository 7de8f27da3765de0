// Command hopscope explores the request paths of Amazon ECS services.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/atotto/clipboard"
	"github.com/charmbracelet/x/term"

	"hopscope/aws/simulator"
	"hopscope/ui"
	"hopscope/ui/cli"
)

func main() { os.Exit(run()) }

// run is the program without os.Exit, so that deferred calls are made.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A reader that went away (hopscope check | head) is seen as EPIPE. Go would
	// end the process by SIGPIPE, with a status that is none of ours.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return int(program().Run(ctx, os.Args[1:]))
}

// program joins the commands to AWS, the simulator and the screen.
func program() *cli.Program {
	p := &cli.Program{
		Account:  openAccount,
		Demo:     openWorld,
		Worlds:   simulator.Worlds,
		Simulate: serveWorld,
		Terminal: term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()),
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Env:      os.Environ(),
		Clock:    time.Now, //nolint:forbidigo // the clock that everything else is given
		Version:  version(),
	}
	p.Explore = func(ctx context.Context, o ui.Options) error {
		return ui.Run(ctx, ui.New(o), ui.Terminal{In: p.Stdin, Out: p.Stdout, Environ: p.Env})
	}
	if !clipboard.Unsupported {
		p.Copy = clipboard.WriteAll
	}
	return p
}
