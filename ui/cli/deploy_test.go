package cli_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
	"hopscope/ui"
	"hopscope/ui/cli"
)

const overridePlan = "set-ingress-port-override/prod/sample-ecs-app:80"

// --yes alone does not agree to a deployment that is downtime: the plan has to be named.
func TestDowntimeIsAgreedToByName(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args   []string
		status cli.Status
		says   string
	}{
		"yes alone": {nil, cli.CannotCheck, "the deployment of prod/sample-ecs-app is downtime"},
		"by name":   {[]string{"--plan", overridePlan}, cli.Clean, "risk: The deployment is downtime"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := program()
			p.JournalDir, p.Env = filepath.Join(t.TempDir(), "journal"), []string{"HOPSCOPE_ALLOW_APPLY=1"}
			p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
				s := modeltest.Article(0, 80)
				for i := range s.Services {
					s.Services[i].DeploymentConfiguration = &model.DeploymentConfiguration{
						MinimumHealthyPercent: new(0), MaximumPercent: new(100),
					}
				}
				return opened(s, ""), nil
			}
			got := runWith(t.Context(), p, append([]string{"fix", "--apply", "--yes"}, tt.args...)...)
			if got.status != tt.status || !strings.Contains(got.stderr, tt.says) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// waiting is an applier whose rollout shows nothing new for two minutes.
type waiting struct {
	*applier
	now *time.Time
}

func (w waiting) Apply(ctx context.Context, e *journal.Entry, progress func(*journal.Entry)) (*journal.Entry, error) {
	return w.applier.Apply(ctx, e, func(e *journal.Entry) {
		progress(e)
		for e.State == journal.RollingOut && w.now.Sub(modeltest.Time) < 2*time.Minute {
			*w.now = w.now.Add(5 * time.Second)
			progress(e)
		}
	})
}

// A user who waits is told that it goes on.
func TestALongRolloutHasAHeartbeat(t *testing.T) {
	t.Parallel()
	p := program()
	p.JournalDir, p.Env = filepath.Join(t.TempDir(), "journal"), []string{"HOPSCOPE_ALLOW_APPLY=1"}
	now := modeltest.Time
	p.Clock = func() time.Time { return now }
	p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
		o := opened(modeltest.Article(0, 80), "")
		o.Applier = func(store journal.Store) ui.Applier { return waiting{&applier{store: store}, &now} }
		return o, nil
	}
	got := runWith(t.Context(), p, "fix", "--apply", "--yes")
	if got.status != cli.Clean || strings.Count(got.stderr, "still rolling out after ") != 4 ||
		!strings.Contains(got.stderr, "still rolling out after 1m30s: IN_PROGRESS: 0 of 2 new tasks running, 2 old") {
		t.Errorf("got %+v", got)
	}
}
