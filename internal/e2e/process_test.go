package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"hopscope/aws/apply"
	"hopscope/internal/app"
	"hopscope/model/journal"
)

// fastName is the name under which the test binary is a hopscope that looks at a
// rollout every few milliseconds: those of the tests take no longer.
const fastName = "hopscope-fast"

func fastProgram() {
	s := app.Settings{Apply: apply.Options{
		Poll: 2 * time.Millisecond, MaxPoll: 5 * time.Millisecond,
		Recheck: time.Millisecond,
	}}
	var deadly killingJournal
	if n, _ := fmt.Sscanf(os.Getenv(killAtSave), "%s %d", &deadly.when, &deadly.left); n == 2 {
		s.Journal = func(store journal.Store) apply.Journal {
			deadly.Store = store
			return &deadly
		}
	}
	os.Exit(app.Run(s))
}

// result is what a program did.
type result struct {
	status         int // -1 when it was killed
	stdout, stderr string
}

// runFast runs the fast program to its end.
func runFast(t *testing.T, env []string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := fastCommand(t, env, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return wait(t, cmd)
}

func fastCommand(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	return &exec.Cmd{Path: self(t), Args: append([]string{fastName}, args...), Env: env}
}

// self is the test binary, which is hopscope under another name.
func self(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// wait waits for the end of a program.
func wait(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), fmt.Sprint(cmd.Stdout), fmt.Sprint(cmd.Stderr)}
}
