package cli

import (
	"cmp"
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"hopscope/model/doctor"
	"hopscope/model/journal"
	"hopscope/ui"
)

// AccountOptions say what to read from AWS. Zero values leave the choice to the
// environment, as in the AWS CLI.
type AccountOptions struct {
	Profile     string
	Region      string
	EndpointURL string
	// Clusters are names or globs; none means every cluster of the region.
	Clusters []string
	// Everything reads also what rules alone need, however many calls it takes.
	Everything bool
}

// WorldOptions say what to read of a world of the simulator.
type WorldOptions struct {
	// World is the name of a world, or the path of a world file.
	World string
	// Everything is as in [AccountOptions].
	Everything bool
}

// SimulateOptions say how to serve a world.
type SimulateOptions struct {
	// World is the name of a world, or the path of a world file.
	World string
	// Port is the port on the loopback interface, 0 for any free one.
	Port int
}

// Endpoint is where the simulator answers.
type Endpoint struct {
	URL string
	// Region is the region of the world.
	Region string
}

// Opened is an account or a world that can be read, and perhaps changed.
type Opened struct {
	ui.Source
	// Applier carries plans out there and keeps the journal; nil where nothing can
	// be changed.
	Applier func(journal.Store) ui.Applier
	// Examiner tries the IAM actions; nil where there are none.
	Examiner Examiner
	// Meter reads what CloudWatch counted; nil where there is none.
	Meter ui.Meter
}

// Examiner tries the IAM actions that hopscope needs, each once, and changes nothing.
type Examiner interface {
	// Examine's error is a [model.CannotCheckError] when nothing can be tried.
	Examine(ctx context.Context) (*doctor.Document, error)
}

// Program is hopscope as a command line. All fields but Profiles, Regions, Copy and
// Version are needed.
type Program struct {
	// Account opens the AWS account that the options and the environment name.
	Account func(context.Context, AccountOptions) (Opened, error)
	// Demo opens a world of the simulator.
	Demo func(context.Context, WorldOptions) (Opened, error)
	// Profiles and Regions name those that a shell completes --profile and --region with.
	Profiles, Regions func() []string
	// Worlds names the worlds that the program carries.
	Worlds func() []string
	// MaxFleet is the most services of a generated world, fleet:N.
	MaxFleet int
	// Simulate serves a world until the context ends, which is no error. It
	// calls ready once, when it answers.
	Simulate func(ctx context.Context, o SimulateOptions, ready func(Endpoint)) error
	// Explore shows a source on the screen until the user leaves. It is called
	// only when stdin and stdout are a terminal.
	Explore func(context.Context, ui.Options) error
	// Copy puts text on the clipboard of this machine; nil if there is none.
	Copy func(string) error
	// JournalDir is the directory of the journal, which need not exist; "" if this
	// system has no place for one.
	JournalDir string

	// Terminal tells whether the user sits at both stdin and stdout.
	Terminal bool
	// Answers tells whether stdin and stderr are a terminal, so that the user can be asked.
	Answers        bool
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Env is the environment, as os.Environ gives it.
	Env []string
	// Clock tells the time.
	Clock func() time.Time
	// Version is what --version prints and what snapshot files name.
	Version string
}

// Run runs the command that the arguments (without the program's name) give,
// and returns the exit status of the process.
func (p *Program) Run(ctx context.Context, args []string) Status {
	r := p.start()
	root := r.rootCommand(args...)
	root.SetArgs(append([]string{}, args...)) // cobra takes nil for os.Args
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		r.complain(err.Error())
		return CannotCheck
	}
	return r.status
}

// Command is the command line with all its commands, for programs that write about it.
func (p *Program) Command() *cobra.Command { return p.start().rootCommand() }

func (p *Program) start() *run { return &run{Program: p, console: console{program: p}} }

// run is one run of the program.
type run struct {
	*Program
	console
	status Status
	// from are the flags that name the source, for the command to run next.
	from []string
}

// action makes a cobra command's function of one that gives an exit status. Its
// error is reported here, so that cobra returns none but those of the command line.
func (r *run) action(do func(ctx context.Context, args []string) (Status, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		status, err := do(cmd.Context(), args)
		if err != nil {
			status = r.reportError(cmd.Context(), status, err)
		}
		r.status = status
		return nil
	}
}

const about = `Explore the request paths of Amazon ECS services: which hops a request takes,
which of them are unnecessary, which are blocked, and why.`

func (r *run) rootCommand(args ...string) *cobra.Command {
	var account accountFlags
	var gate gateFlag
	root := &cobra.Command{
		Use:   "hopscope",
		Short: "Explore the request paths of Amazon ECS services",
		Long:  about,
		Example: "# the simulator's world, no account needed\nhopscope demo\n# the account of your AWS " +
			"credentials\nhopscope --profile prod --region eu-west-1\n# in CI\nhopscope check --fail-on warning",
		Args: r.noSuchCommand,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			r.from = account.words()
			return r.explore(ctx, exploration{
				origin: cmp.Or(account.o.Profile, r.env("AWS_PROFILE")), applyOff: gate.whyOff(r),
				open: func(everything bool) (Opened, error) { return r.openAccount(ctx, &account, everything) },
			})
		}),
		Version:            cmp.Or(r.Version, "unknown"),
		DisableSuggestions: true, // noSuchCommand makes them, in one line
		SilenceErrors:      true, // Run prints them, in one line
		SilenceUsage:       true,
	}
	account.register(r, root)
	completeNames(root, "cluster", func(ctx context.Context) (Opened, error) {
		of := account
		of.o.Clusters = nil
		return r.openAccount(ctx, &of, false)
	}, clusterNames)
	gate.register(root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if misspelt := r.misspelt(cmd, args); misspelt != nil {
			return misspelt
		}
		return &usageError{cmd: cmd, err: err}
	})
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if err := printHelp(r.Stdout, cmd); err != nil {
			r.status = r.reportError(cmd.Context(), r.status, err)
		}
	})
	root.AddCommand(
		r.demoCommand(), r.openCommand(), r.checkCommand(), r.snapshotCommand(),
		r.exportCommand(), r.fixCommand(), r.journalCommand(), r.rollbackCommand(),
		r.rulesCommand(), r.simulateCommand(), r.whoCommand(), r.doctorCommand(),
		r.compareCommand(), r.diffCommand(),
	)
	r.refuseOtherShells(root, args)
	return root
}
