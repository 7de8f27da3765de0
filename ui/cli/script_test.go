package cli_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/charmbracelet/x/exp/golden" // declares -update
	"github.com/rogpeppe/go-internal/testscript"

	"hopscope/model"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
	"hopscope/ui"
	"hopscope/ui/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hopscope": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		p := program()
		p.Stdin, p.Stdout, p.Stderr, p.Env = os.Stdin, os.Stdout, os.Stderr, os.Environ()
		p.JournalDir, p.Answers = os.Getenv("HOPSCOPE_JOURNAL"), os.Getenv("ANSWERS") != ""
		os.Exit(int(p.Run(ctx, os.Args[1:])))
	}})
}

// TestScripts runs the commands as a shell would, every one a process.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       flag.Lookup("update").Value.String() == "true",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOPSCOPE_JOURNAL", e.WorkDir+"/journal")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs hopscope and checks its exit status: exits 2 check --demo nowhere.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits STATUS [ARGUMENT...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	status := 0
	var exit *exec.ExitError
	if err := ts.Exec("hopscope", args[1:]...); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("hopscope did not run: %v", err)
	}
	if status != want {
		ts.Fatalf("exit status %d, want %d", status, want)
	}
}

// program is hopscope with accounts and worlds that live in this file.
func program() *cli.Program {
	return &cli.Program{
		Account: account,
		Demo:    world,
		Worlds:  func() []string { return []string{"article", "shop"} },

		Profiles: func() []string { return []string{"fine"} },
		Regions:  func() []string { return []string{"eu-west-1"} },

		MaxFleet: 5000,
		Simulate: func(ctx context.Context, o cli.SimulateOptions, ready func(cli.Endpoint)) error {
			if o.Port == 1 {
				return &model.CannotCheckError{Reason: "port 1 is taken", Next: "choose another --port"}
			}
			ready(cli.Endpoint{URL: fmt.Sprintf("http://127.0.0.1:%d/%s", o.Port, o.World), Region: "eu-west-1"})
			<-ctx.Done()
			return ctx.Err()
		},
		Explore: func(context.Context, ui.Options) error { return errors.New("a screen was opened without a terminal") },
		Clock:   func() time.Time { return modeltest.Time },
		Version: "v0.0.0-test",
	}
}

// source gives one snapshot or one error.
type source struct {
	snapshot *model.Snapshot
	err      error
}

func (s source) Collect(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) {
	return s.snapshot, s.err
}

// stuck never answers.
type stuck struct{}

func (stuck) Collect(ctx context.Context, _ func(*model.Snapshot)) (*model.Snapshot, error) {
	fmt.Fprintln(os.Stderr, "collecting")
	<-ctx.Done()
	return nil, fmt.Errorf("list clusters: %w", ctx.Err())
}

// unjudged is an account in which everything was read, and a path cannot be
// judged all the same: the groups of container instances are not read yet.
func unjudged() *model.Snapshot {
	s := modeltest.Article(0, 80)
	for i := range s.Services {
		if s.Services[i].Name == "sample-ecs-app" {
			s.Services[i].Deployments[0].Network = nil
		}
	}
	for i := range s.TaskDefinitions {
		if s.TaskDefinitions[i].Family == "sample-ecs-app" {
			s.TaskDefinitions[i].NetworkMode = "bridge"
		}
	}
	return s
}

// account is chosen by its profile.
func account(_ context.Context, o cli.AccountOptions) (cli.Opened, error) {
	snapshots := map[string]*model.Snapshot{
		"":         modeltest.Article(0, 80),
		"broken":   modeltest.Article(8080, 80),
		"fine":     modeltest.Article(8080, 8080),
		"unjudged": unjudged(),
		"denied":   denied(modeltest.Article(8080, 8080), model.DescribeSecurityGroups),
		"blind":    denied(modeltest.Article(0, 80), model.DescribeServices),
		"deserted": {
			CollectedAt: modeltest.Time, Complete: true,
			Scope: model.Scope{Region: "eu-west-1", Clusters: []string{"empty"}},
		},
	}
	switch o.Profile {
	case "expired":
		return cli.Opened{}, &model.CannotCheckError{
			Reason: "the credentials have expired",
			Next:   "run aws sso login --profile expired",
		}
	case "odd":
		return cli.Opened{}, errors.New("something that was not \x1b[31mforeseen")
	case "stuck":
		return cli.Opened{Source: stuck{}}, nil
	}
	if len(o.Clusters) == 1 && o.Clusters[0] == "nowhere" {
		return cli.Opened{Source: source{err: &model.CannotCheckError{
			Reason: `no cluster matches "nowhere"`,
			Next:   "there is prod",
		}}}, nil
	}
	s := snapshots[o.Profile]
	if s == nil {
		s = modeltest.Article(0, 80) // what the applier does depends on the profile
	}
	s.Origin = strings.TrimRight(fmt.Sprintf("account %s %s %s %s", o.Profile, o.Region,
		strings.Join(o.Clusters, ","), o.EndpointURL), " ")
	return opened(s, o.Profile), nil
}

// opened is an account whose applier writes the journal and nothing else.
func opened(s *model.Snapshot, behaviour string) cli.Opened {
	return cli.Opened{Source: source{snapshot: s}, Applier: func(store journal.Store) ui.Applier {
		return &applier{store: store, behaviour: behaviour}
	}}
}

func denied(s *model.Snapshot, action model.Action) *model.Snapshot {
	modeltest.Deny(s, action)
	return s
}

func world(_ context.Context, o cli.WorldOptions) (cli.Opened, error) {
	if strings.Contains(o.World, ".") {
		return cli.Opened{}, &model.CannotCheckError{
			Reason: o.World + ": line 3: unknown field",
			Next:   "correct the world file",
		}
	}
	s := modeltest.Article(0, 80)
	s.Origin = "simulator:" + o.World
	return opened(s, ""), nil
}
