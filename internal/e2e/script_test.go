package e2e

import (
	"errors"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"hopscope/aws/simulator"
	"hopscope/internal/app"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hopscope": func() { os.Exit(app.Run(app.Settings{})) }, fastName: fastProgram})
}

// TestScripts runs the whole program as processes, the way a shell would. Nothing
// of the user's environment reaches them: no credentials, no configuration.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       flag.Lookup("update").Value.String() == "true",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			world, err := simulator.Load("article")
			if err != nil {
				return err
			}
			server := httptest.NewServer(simulator.New(world, simulator.Options{}))
			e.Defer(server.Close)
			e.Setenv("ENDPOINT", server.URL)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CACHE_HOME", e.WorkDir+"/cache")
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			e.Setenv("COLUMNS", "100") // what a script looks for stands in one line
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
