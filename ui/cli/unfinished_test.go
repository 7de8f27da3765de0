package cli_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
	"hopscope/ui"
)

// Who leaves the explorer in the middle of an apply is told its name and how to take it
// back; what is older, or came to its end, is no news.
func TestWhatIsHalfDoneIsNamedOnLeaving(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		state journal.State
		at    time.Time
		told  bool
	}{
		"in the middle":    {journal.Applying, modeltest.Time, true},
		"rolling out":      {journal.RollingOut, modeltest.Time.Add(time.Minute), true},
		"rolling back":     {journal.RollingBack, modeltest.Time, true},
		"failed":           {journal.Failed, modeltest.Time, true},
		"at the end":       {journal.Applied, modeltest.Time, false},
		"taken back":       {journal.RolledBack, modeltest.Time, false},
		"not begun":        {journal.Prepared, modeltest.Time, false},
		"of another visit": {journal.Applying, modeltest.Time.Add(-time.Minute), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := program()
			p.Terminal, p.JournalDir = true, t.TempDir()
			p.Clock = func() time.Time { return modeltest.Time }
			const id = "20221122-090000-web"
			p.Explore = func(context.Context, ui.Options) error {
				return journal.Store{Dir: p.JournalDir}.Create(&journal.Entry{
					Schema: journal.SchemaV1, ID: id, State: tt.state, CreatedAt: tt.at, UpdatedAt: tt.at,
					Origin: "aws", Account: "123456789012", Region: "eu-west-1", ClusterARN: "arn:c", ServiceARN: "arn:s",
					Plan: fix.Plan{ID: "x", Service: model.Ref{Cluster: "prod", Service: "web"}},
				})
			}
			got := runWith(t.Context(), p, "--allow-apply")
			if told := strings.Contains(got.stderr, id) &&
				strings.Contains(got.stderr, "hopscope rollback "+id+" --allow-apply"); told != tt.told {
				t.Errorf("got %+v", got)
			}
			t.Log(got.stderr)
		})
	}
}

// An entry that changed nothing says so, and not how it is undone.
func TestAnEntryThatChangedNothingIsNotToBeUndone(t *testing.T) {
	t.Parallel()
	for state, undo := range map[journal.StepState]bool{
		journal.Pending: false, journal.Refused: false, journal.Found: false,
		journal.Begun: true, journal.Done: true, journal.Undone: true,
	} {
		p := program()
		p.Terminal, p.JournalDir = true, t.TempDir()
		p.Clock = func() time.Time { return modeltest.Time }
		const id = "20221122-090000-web"
		p.Explore = func(context.Context, ui.Options) error {
			return journal.Store{Dir: p.JournalDir}.Create(&journal.Entry{
				Schema: journal.SchemaV1, ID: id, State: journal.Failed, Message: "nothing was changed: refused",
				CreatedAt: modeltest.Time, UpdatedAt: modeltest.Time,
				Origin: "aws", Account: "123456789012", Region: "eu-west-1", ClusterARN: "arn:c", ServiceARN: "arn:s",
				Plan: fix.Plan{
					ID: "x", Service: model.Ref{Cluster: "prod", Service: "web"},
					Steps: []fix.Step{{Kind: fix.UpdateService, Title: "deploy", ForceNewDeployment: true}},
				},
				Steps: []journal.Step{{State: state}},
			})
		}
		left := runWith(t.Context(), p, "--allow-apply")
		p.Terminal, p.Stdout = false, nil
		shown := runWith(t.Context(), p, "journal", id)
		for _, text := range []string{left.stderr, shown.stdout} {
			if strings.Contains(text, "hopscope rollback") != undo {
				t.Errorf("%s: %s", state, text)
			}
		}
		if strings.Contains(shown.stdout, "there is nothing to undo") == undo {
			t.Errorf("%s: %+v", state, shown)
		}
	}
}
