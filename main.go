// Command hopscope explores the request paths of Amazon ECS services.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/atotto/clipboard"
	"github.com/charmbracelet/x/term"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/journal"
	"hopscope/ui"
	"hopscope/ui/cli"
)

func main() { os.Exit(run(settings{})) }

// run is the program without os.Exit, so that deferred calls are made.
func run(s settings) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A reader that went away (hopscope check | head) is seen as EPIPE. Go would
	// end the process by SIGPIPE, with a status that is none of ours.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return int(program(s).Run(ctx, os.Args[1:]))
}

// settings are what tests have different. The zero value is the program.
type settings struct {
	// apply is how patiently plans are carried out.
	apply aws.ApplyOptions
	// journal stands between the applier and the store; nil is for nothing.
	journal func(journal.Store) aws.Journal
}

// program joins the commands to AWS, the simulator and the screen.
func program(s settings) *cli.Program {
	p := &cli.Program{
		Account:  s.openAccount,
		Demo:     s.openWorld,
		Worlds:   simulator.Worlds,
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
		return ui.Run(ctx, ui.New(o), ui.Terminal{In: p.Stdin, Out: p.Stdout, Environ: p.Env})
	}
	if !clipboard.Unsupported {
		p.Copy = clipboard.WriteAll
	}
	return p
}

// openAccount opens a real account, or what --endpoint-url puts in its place.
func (s settings) openAccount(ctx context.Context, o cli.AccountOptions) (cli.Opened, error) {
	return s.opened(aws.Open(ctx, aws.Options{
		Profile: o.Profile, Region: o.Region, EndpointURL: o.EndpointURL, Clusters: o.Clusters,
		Everything: o.Everything, TaskDefinitionCache: cacheDir(),
	}))
}

// opened is an account that can be read and changed.
func (s settings) opened(a *aws.Account, err error) (cli.Opened, error) {
	if err != nil {
		return cli.Opened{}, err
	}
	return cli.Opened{Source: a, Applier: func(store journal.Store) ui.Applier {
		if s.journal == nil {
			return aws.NewApplier(a, store, s.apply)
		}
		return aws.NewApplier(a, s.journal(store), s.apply)
	}}, nil
}

// journalDir is where the journal is kept; "" where the system names no such place.
func journalDir() string {
	if dir := os.Getenv("HOPSCOPE_JOURNAL"); dir != "" {
		return dir
	}
	// A relative path is to be ignored, says the specification.
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		var err error
		if runtime.GOOS == "windows" {
			state, err = os.UserConfigDir()
		} else if state, err = os.UserHomeDir(); err == nil {
			state = filepath.Join(state, ".local", "state")
		}
		if err != nil {
			return ""
		}
	}
	return filepath.Join(state, "hopscope", "journal")
}

// cacheDir is where task definitions are kept between runs; "" where the system
// names no such place.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "hopscope", "task-definitions")
}

// demoPoll is the time between two looks at a rollout of the simulator, which takes
// two seconds.
const demoPoll = 200 * time.Millisecond

// openWorld opens a world of the simulator, in this process and without a
// socket.
func (s settings) openWorld(ctx context.Context, o cli.WorldOptions) (cli.Opened, error) {
	world, err := loadWorld(o.World)
	if err != nil {
		return cli.Opened{}, err
	}
	if s.apply.Poll == 0 {
		s.apply.Poll = demoPoll
	}
	return s.opened(aws.Open(ctx, aws.Options{
		Transport: simulator.New(world, simulator.Options{}), Region: world.Region, Origin: "simulator:" + o.World,
		Everything: o.Everything,
	}))
}

// loadWorld reads a built-in world, or the file of that name.
func loadWorld(name string) (*simulator.World, error) {
	load := simulator.LoadFile
	if slices.Contains(simulator.Worlds(), name) {
		load = simulator.Load
	}
	world, err := load(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &model.CannotCheckError{Reason: fmt.Sprintf("there is no world file %q", name), Next: "pass the path of one", Err: err}
	case err != nil:
		return nil, &model.CannotCheckError{Reason: "the world cannot be read: " + err.Error(), Next: "correct it", Err: err}
	}
	return world, nil
}

// serveWorld serves a world on the loopback interface until ctx ends.
func serveWorld(ctx context.Context, o cli.SimulateOptions, ready func(cli.Endpoint)) error {
	world, err := loadWorld(o.World)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
	if err != nil {
		return &model.CannotCheckError{Reason: fmt.Sprintf("port %d cannot be used: %v", o.Port, err), Next: "choose another --port", Err: err}
	}
	ready(cli.Endpoint{URL: "http://" + listener.Addr().String(), Region: world.Region})
	return simulator.New(world, simulator.Options{}).Serve(ctx, listener)
}

// version is what the go command recorded: the tag that was installed or built,
// a pseudo-version for another commit, or "devel" for a build that knows
// neither, such as go run.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
