package cli_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
	"hopscope/ui"
	"hopscope/ui/cli"
)

// anEntry is an entry of two days before.
func anEntry(t *testing.T, dir string, state journal.State) string {
	t.Helper()
	const id = "20221122-090000-web"
	at := modeltest.Time.Add(-48 * time.Hour)
	if err := (journal.Store{Dir: dir}).Create(&journal.Entry{
		Schema: journal.SchemaV1, ID: id, State: state, CreatedAt: at, UpdatedAt: at,
		Origin: "aws", Account: "123456789012", Region: "eu-west-1", ClusterARN: "arn:c", ServiceARN: "arn:s",
		Plan: fix.Plan{ID: "x", Service: model.Ref{Cluster: "prod", Service: "web"}},
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// Without gate and question nothing may be sent: what is rolled back is compared, and no
// more, also where another program has opened it again since.
func TestAnEntryThatIsRolledBackIsOnlyCompared(t *testing.T) {
	t.Parallel()
	p := program()
	p.JournalDir = t.TempDir()
	id := anEntry(t, p.JournalDir, journal.RolledBack)
	p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
		return opened(modeltest.Article(0, 80), "reopened"), nil
	}
	got := runWith(t.Context(), p, "rollback", id)
	if got.status != cli.Found || !strings.Contains(got.stderr, "entry "+id+" is not rolled back any more") {
		t.Errorf("got %+v", got)
	}
}

// slowly is an applier that takes two minutes to take an entry back.
type slowly struct {
	*applier
	now *time.Time
}

func (s slowly) Rollback(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	return s.applier.Rollback(ctx, id, func(e *journal.Entry) {
		progress(e)
		for e.State == journal.RollingBack && s.now.Sub(modeltest.Time) < 2*time.Minute {
			*s.now = s.now.Add(5 * time.Second)
			progress(e)
		}
	})
}

// How long a rollback goes on is counted from its own begin, not from that of the entry.
func TestTheHeartbeatOfARollbackCountsFromItsBegin(t *testing.T) {
	t.Parallel()
	p := program()
	p.JournalDir, p.Env = t.TempDir(), []string{"HOPSCOPE_ALLOW_APPLY=1"}
	id := anEntry(t, p.JournalDir, journal.Failed)
	now := modeltest.Time
	p.Clock = func() time.Time { return now }
	p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
		o := opened(modeltest.Article(0, 80), "")
		o.Applier = func(store journal.Store) ui.Applier { return slowly{&applier{store: store}, &now} }
		return o, nil
	}
	got := runWith(t.Context(), p, "rollback", id, "--yes")
	if !strings.Contains(got.stderr, "still taking it back after 1m30s") || strings.Contains(got.stderr, "after 48h") ||
		strings.Contains(got.stderr, "all is taken back") {
		t.Errorf("got %+v", got)
	}
}

// undone is slowly when all steps are taken back.
type undone struct{ slowly }

func (u undone) Rollback(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	return u.slowly.Rollback(ctx, id, func(e *journal.Entry) {
		e.Plan.Steps, e.Steps = make([]fix.Step, 1), []journal.Step{{State: journal.Undone}}
		progress(e)
	})
}

// What is waited for once all steps are taken back is said.
func TestTheHeartbeatOfARollbackSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	p := program()
	p.JournalDir, p.Env = t.TempDir(), []string{"HOPSCOPE_ALLOW_APPLY=1"}
	id := anEntry(t, p.JournalDir, journal.Failed)
	now := modeltest.Time
	p.Clock = func() time.Time { return now }
	p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
		o := opened(modeltest.Article(0, 80), "")
		o.Applier = func(store journal.Store) ui.Applier {
			return undone{slowly{&applier{store: store}, &now}}
		}
		return o, nil
	}
	got := runWith(t.Context(), p, "rollback", id, "--yes")
	const waits = "all is taken back; still comparing, and waiting for targets that were healthy before, after 1m30s"
	if !strings.Contains(got.stderr, waits) {
		t.Errorf("got %+v", got)
	}
}

// A FIFO that no program writes to keeps no user who wants to leave.
func TestASavedPlanThatIsAFIFOCanBeLeft(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "plan.json")
	if err := exec.CommandContext(t.Context(), "mkfifo", fifo).Run(); err != nil {
		t.Skip("no FIFO can be made here")
	}
	p := program()
	p.JournalDir, p.Env = t.TempDir(), []string{"HOPSCOPE_ALLOW_APPLY=1"}
	p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
		return opened(modeltest.Article(0, 80), ""), nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	left := make(chan cli.Status, 1)
	go func() { left <- runWith(ctx, p, "fix", fifo, "--apply", "--yes").status }()
	select {
	case status := <-left:
		if status != cli.CannotCheck {
			t.Errorf("the status is %v", status)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits for the FIFO")
	}
}
