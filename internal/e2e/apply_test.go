package e2e

import (
	"bufio"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/simulator"
	"hopscope/model/journal"
)

// From finding to fixed on one key, and back: simulator → SDK → screen, through the
// command that users type.
func TestTheArticleIsFixedAndUndoneOnTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newTestAccount(t, simulator.Options{RolloutTime: 30 * time.Second})
		time.Sleep(time.Minute)
		before := e.state()
		if !strings.Contains(before, block) {
			t.Fatalf("the simulator changed the block by itself: %s", before)
		}
		settled := len(e.changes())

		x := openTerminal(t, e.simulator, 110, 40, nil, "demo")
		x.WaitFor("▍▲ sample-ecs-app", "unnecessary hop", "┼▶╭ agent :80 ╮──▶╭ app :80 ╮", "HOP101")
		x.Press("f")
		x.WaitFor("fix sample-ecs-app", "[Plan] AWS CLI", "now: unnecessary hop", "after: ok, direct")
		x.Press("a")
		x.WaitFor("Apply this to sample-ecs-app?", "account 123456789012", "cluster sample-cluster", "service sample-ecs-app")
		if n := len(e.changes()); n != settled {
			t.Fatalf("%d calls changed something before the answer", n-settled)
		}
		time.Sleep(5 * time.Second)
		x.Press("y")
		x.WaitFor("rolling out, 0/1 new tasks", "1 old left", "has started 1 tasks")
		x.WaitFor("applied and verified", "──▶╭ app :80 ╮", "╭ agent :10080 ╮", "deployment completed")
		x.Press("esc")
		x.WaitFor("▍● sample-ecs-app", "main-alb :80 → sample-ecs-app:80", "ok, direct",
			"┼▶╭ agent :10080 ╮──▶╭ app :80 ╮",
			"0 ✗  0 ▲")
		if text := x.Text(); strings.Contains(text, "HOP101") {
			t.Errorf("the finding is still there:\n%s", text)
		}
		var order []string
		for _, call := range e.changes()[settled:] {
			order = append(order, call.Action+call.Error)
		}
		if diff := cmp.Diff([]string{"ec2:AuthorizeSecurityGroupIngress", "ecs:UpdateService"}, order); diff != "" {
			t.Errorf("the calls that change something, in their order (-want +got):\n%s", diff)
		}

		x.Press("f", "u", "u")
		x.WaitFor("undo on sample-ecs-app", "Take it back?", "account 123456789012")
		time.Sleep(5 * time.Second)
		x.Press("y")
		x.WaitFor("Z all was as before")
		if diff := cmp.Diff(before, e.state()); diff != "" {
			t.Errorf("undone, the account is not what it was, byte for byte (-before +after):\n%s", diff)
		}
		x.Press("esc", "esc")
		x.WaitFor("unnecessary hop", "HOP101")
		x.leave(t)
	})
}

// A simulator, a fix and a rollback, as three processes that have nothing but a port
// and a journal in common.
func TestASimulatorAFixAndARollbackAreThreeProcesses(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_CACHE_HOME=" + home, "AWS_EC2_METADATA_DISABLED=true"}
	serving := &exec.Cmd{Path: self(t), Args: []string{"hopscope", "simulate"}, Env: env}
	out, err := serving.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serving.Process.Kill(); _ = serving.Wait() })
	// What it prints is for a shell: export NAME=VALUE NAME=VALUE.
	lines := bufio.NewScanner(out)
	for range 2 {
		if !lines.Scan() {
			t.Fatal("the simulator does not say where it is")
		}
		env = append(env, strings.Fields(lines.Text())[1:]...)
	}
	env = append(env, "HOPSCOPE_ALLOW_APPLY=1")
	hopscope := func(status int, args ...string) string {
		t.Helper()
		got := runFast(t, env, args...)
		if got.status != status {
			t.Fatalf("%v: %+v, want status %d", args, got, status)
		}
		return got.stdout
	}
	found := func() bool { return strings.Contains(hopscope(0, "check"), "HOP101") }

	if !found() {
		t.Fatal("there is nothing to fix")
	}
	hopscope(0, "fix", "--service", "sample-ecs-app", "--apply", "--yes")
	if found() {
		t.Error("it was applied and is still there")
	}
	// Without XDG_STATE_HOME the journal is where Unix has such things.
	listed := hopscope(0, "journal")
	id := slices.DeleteFunc(strings.Fields(listed), func(s string) bool { return !strings.Contains(s, "sample-ecs-app-") })
	if len(id) != 1 {
		t.Fatalf("the journal lists %v: %s", id, listed)
	}
	if shown := hopscope(0, "journal", id[0]); !strings.Contains(shown, "aws ecs update-service") ||
		!strings.Contains(shown, "applied and verified") {
		t.Errorf("the entry says\n%s", shown)
	}
	hopscope(0, "rollback", id[0], "--yes")
	if !found() {
		t.Error("it was rolled back and is still gone")
	}
	hopscope(0, "rollback", id[0], "--yes")
}

// An entry of one account is not rolled back in another one.
func TestARollbackWithTheCredentialsOfAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	c := newInterruptingServer(t, shortRollout)
	if got := c.run(interruption{}, open, applyArgs...); got.status != 0 {
		t.Fatal(got)
	}
	world, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	world.Account = "999999999999"
	other := simulator.New(world, simulator.Options{})
	c.simulator = other // as another profile sees it
	got := c.run(interruption{}, open, "rollback", c.entry().ID, "--yes")
	want := "belongs to account 123456789012, and these credentials are for 999999999999"
	if !strings.Contains(got.stderr, want) {
		t.Errorf("no %q in %s", want, got.stderr)
	}
	for _, call := range other.Calls() {
		if call.Mutating {
			t.Errorf("the other account was changed: %v", call)
		}
	}
	if got.status != 2 || got.stdout != "" {
		t.Errorf("exit status %d, stdout %q", got.status, got.stdout)
	}
	if e := c.entry(); e.State != journal.Applied {
		t.Errorf("the entry is %s now, and was applied", e.State)
	}
	// Nor elsewhere in the same account.
	got = c.run(interruption{}, open, "rollback", c.entry().ID, "--yes", "--region", "eu-west-1")
	if want := "in ap-northeast-1, and this is "; !strings.Contains(got.stderr, want) {
		t.Errorf("no %q in %s", want, got.stderr)
	}
	if got.status != 2 || got.stdout != "" {
		t.Errorf("exit status %d, stdout %q", got.status, got.stdout)
	}
}
