package e2e

import (
	"strings"
	"testing"
)

// What nothing needs any more is removed where it is asked for, and never because the
// command is run once more: the owner's next deployment may bring the need back.
func TestASecondRunDoesNotTidyUnasked(t *testing.T) {
	t.Parallel()
	c := newInterruptingServer(t, shortRollout)
	begun := len(c.changes())
	args := []string{"fix", "--service", "sample-ecs-app", "--apply", "--yes"}
	if got := c.run(interruption{}, open, args...); got.status != 0 || len(c.changes()) != begun+2 {
		t.Fatalf("first run: %+v, %v", got, c.changes())
	}
	for run := 2; run <= 3; run++ {
		got := c.run(interruption{}, open, args...)
		if len(c.changes()) != begun+2 || !strings.Contains(got.stderr, "it takes away") ||
			!strings.Contains(got.stderr, "name it with --plan") {
			t.Errorf("run %d: %+v, %v", run, got, c.changes())
		}
	}
	got := c.run(interruption{}, open, append(args, "--tidy")...)
	if changes := c.changes(); got.status != 0 || len(changes) != begun+3 {
		t.Errorf("asked for: %+v, %v", got, changes)
	}
}
