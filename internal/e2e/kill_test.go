package e2e

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hopscope/internal/thorough"
)

// shortRollout is long enough for some looks at it.
const shortRollout = 15 * time.Millisecond

var (
	applyArgs = []string{"fix", "--service", "sample-ecs-app", "--apply", "--yes", "--tidy"}
	open      = []string{"HOPSCOPE_ALLOW_APPLY=1"}
)

// rollBackTo takes the entry back in a new process and checks that the world is what it
// was, and that a second time changes nothing more.
func (c *interruptingServer) rollBackTo(before string) {
	c.t.Helper()
	entry := c.entry()
	if entry == nil {
		if diff := cmp.Diff(before, c.state()); diff != "" {
			c.t.Fatalf("something was changed before there was an entry in the journal:\n%s", diff)
		}
		return
	}
	for range 2 {
		changes := len(c.changes())
		got := c.run(interruption{}, open, "rollback", entry.ID, "--yes")
		if got.status != 0 {
			c.t.Fatalf("rollback from %s: %+v", entry.State, got)
		}
		if diff := cmp.Diff(before, c.state()); diff != "" {
			c.t.Fatalf("after the rollback from %s the world is not what it was (-before +after):\n%s\n%s", entry.State, diff,
				got.stderr)
		}
		if entry = c.entry(); entry.State == "rolled-back" && len(c.changes()) == changes {
			return
		}
	}
	c.t.Fatalf("every rollback changes something: %v", c.changes())
}

// A process that is killed in front of any call that changes something, or behind
// it but before it hears so, leaves what a rollback restores.
func TestAnApplyKilledAtAnyWriteCanBeRolledBack(t *testing.T) {
	t.Parallel()
	whole := newInterruptingServer(t, shortRollout)
	if got := whole.run(interruption{}, open, applyArgs...); got.status != 0 {
		t.Fatalf("undisturbed: %+v", got)
	}
	if len(whole.writes) != 3 {
		t.Fatalf("%d calls change something, not 3: %v", len(whole.writes), whole.changes())
	}
	for n := 1; n <= len(whole.writes); n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, after it %t", n, after), func(t *testing.T) {
				t.Parallel()
				c := newInterruptingServer(t, shortRollout)
				before := c.state()
				if got := c.run(interruption{write: n, after: after}, open, applyArgs...); got.status != -1 {
					t.Fatalf("not killed: %+v", got)
				}
				c.rollBackTo(before)
			})
		}
	}
}

// The same at every request, reads, looks at the rollout and the verification
// included, from shortly before the first write on.
func TestAnApplyKilledAtAnyRequestCanBeRolledBack(t *testing.T) {
	t.Parallel()
	whole := newInterruptingServer(t, shortRollout)
	if got := whole.run(interruption{}, open, applyArgs...); got.status != 0 {
		t.Fatalf("undisturbed: %+v", got)
	}
	const dryRunsAndReads = 6 // right before the first write
	killed, tried := 0, 0
	for n := whole.writes[0] - dryRunsAndReads; n <= whole.requests; n += thorough.Step(7) {
		tried++
		t.Run(fmt.Sprintf("request %d of %d", n, whole.requests), func(t *testing.T) {
			c := newInterruptingServer(t, shortRollout)
			before := c.state()
			// How often the rollout is looked at depends on the machine: a late
			// interruption may not come.
			got := c.run(interruption{request: n, after: n%2 == 0}, open, applyArgs...)
			switch got.status {
			case -1:
				killed++
			case 0:
			default:
				t.Fatalf("neither killed nor well: %+v", got)
			}
			c.rollBackTo(before)
		})
	}
	if killed < tried/2 {
		t.Errorf("killed only %d times of %d", killed, tried)
	}
}

// Between a call and the journal there is nothing but the journal: killed in front
// of any write of an entry, or right behind it.
func TestAnApplyKilledAtAnySaveCanBeRolledBack(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before", "after"} {
		for n := 1; ; n++ {
			c := newInterruptingServer(t, shortRollout)
			before := c.state()
			got := c.run(interruption{}, append(open, fmt.Sprintf("%s=%s %d", killAtSave, when, n)), applyArgs...)
			c.rollBackTo(before)
			if t.Failed() {
				t.Fatalf("killed %s save %d: %+v", when, n, got)
			}
			if got.status != -1 {
				if got.status != 0 || n < 8 {
					t.Fatalf("there are only %d saves: %+v", n-1, got)
				}
				break
			}
		}
	}
}

// A rollback that is killed is taken up by the next one.
func TestARollbackKilledAtAnyRequestCanBeRepeated(t *testing.T) {
	t.Parallel()
	applied := func(t *testing.T) (c *interruptingServer, before string) {
		t.Helper()
		c = newInterruptingServer(t, shortRollout)
		before = c.state()
		if got := c.run(interruption{}, open, applyArgs...); got.status != 0 {
			t.Fatalf("apply: %+v", got)
		}
		return c, before
	}
	whole, before := applied(t)
	if got := whole.run(interruption{}, open, "rollback", whole.entry().ID, "--yes"); got.status != 0 {
		t.Fatalf("undisturbed: %+v", got)
	}
	requests := whole.requests
	whole.rollBackTo(before)
	killed, tried := 0, 0
	for n := 1; n <= requests; n += thorough.Step(7) {
		for _, after := range []bool{false, true} {
			if !thorough.On() && after == (n%2 == 0) {
				continue
			}
			tried++
			t.Run(fmt.Sprintf("request %d of %d, after it %t", n, requests, after), func(t *testing.T) {
				c, before := applied(t)
				if got := c.run(interruption{request: n, after: after}, open, "rollback", c.entry().ID, "--yes"); got.status == -1 {
					killed++
				}
				c.rollBackTo(before)
			})
		}
	}
	if killed < tried/2 {
		t.Errorf("killed only %d times of %d", killed, tried)
	}
}

// Ctrl+c ends the wait for a rollout that takes too long, and says what to do. So does
// the end of the terminal, and of the session.
func TestAnInterruptedApplySaysHowToUndoIt(t *testing.T) {
	t.Parallel()
	for _, by := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			if signal.Ignored(by) {
				t.Skip("the tests run under nohup")
			}
			checkInterruptedApply(t, by)
		})
	}
}

func checkInterruptedApply(t *testing.T, by os.Signal) {
	t.Helper()
	c := newInterruptingServer(t, time.Hour)
	before := c.state()
	got := c.run(interruption{write: 2, request: 3, by: by}, open, applyArgs...)
	id := c.entry().ID
	if got.status != 1 {
		t.Errorf("exit status %d, want 1: something is left to do", got.status)
	}
	if want := "  undo     hopscope rollback " + id + " --allow-apply\n"; !strings.Contains(got.stdout, want) {
		t.Errorf("no %q in\n%s", want, got.stdout)
	}
	want := "hopscope: interrupted: what was sent to sample-cluster/sample-ecs-app stays as it is\n"
	if !strings.Contains(got.stderr, want) {
		t.Errorf("no %q in\n%s", want, got.stderr)
	}
	if strings.Contains(got.stdout+got.stderr, "\x1b") {
		t.Error("there are escape codes where there is no terminal")
	}
	if len(c.writes) != 2 {
		t.Errorf("%d calls change something, want 2", len(c.writes))
	}
	c.rolloutsEnd.Store(true)
	c.rollBackTo(before)
}
