package cli_test

import (
	"context"
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

const overridePlan = "set-ingress-port-override/prod/sample-ecs-app:80"

// --yes alone does not agree to a deployment that is downtime: the plan has to be named.
func TestDowntimeIsAgreedToByName(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args   []string
		file   string
		status cli.Status
		says   string
	}{
		"yes alone": {status: cli.CannotCheck, says: "the deployment of prod/sample-ecs-app is downtime"},
		"by name": {
			args: []string{"--plan", overridePlan}, status: cli.Clean,
			says: "--yes agrees to the downtime: --plan names the plan",
		},
		"by a saved plan": {
			file: "plan.json", status: cli.Clean,
			says: "plan.json says so among its risks, and was saved to be reviewed",
		},
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
			if tt.file != "" {
				tt.args = []string{filepath.Join(t.TempDir(), tt.file)}
				saving := runWith(t.Context(), p, "fix", "-o", tt.args[0])
				if saving.status != cli.Clean || !strings.Contains(saving.stderr, "its deployment is downtime") {
					t.Errorf("saving: %+v", saving)
				}
			}
			got := runWith(t.Context(), p, append([]string{"fix", "--apply", "--yes"}, tt.args...)...)
			if got.status != tt.status || !strings.Contains(got.stderr, tt.says) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// doubtful is an applier that cannot look at the alarms of a service.
type doubtful struct{ *applier }

func (d doubtful) Prepare(ctx context.Context, p *fix.Plan) (*journal.Entry, error) {
	e, err := d.applier.Prepare(ctx, p)
	if err == nil {
		e.Unchecked = []string{"the alarm requests-low could not be read (cloudwatch:DescribeAlarms)"}
	}
	return e, err
}

// Alarms that could not be checked are told before the user agrees, and once.
func TestWhatIsNotCheckedIsToldBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	const told = "not checked: the alarm requests-low could not be read"
	for name, tt := range map[string]struct {
		args   []string
		answer string
		before string
	}{
		"asked": {nil, "sample-ecs-app\n", "Type sample-ecs-app to go on"},
		"--yes": {[]string{"--yes"}, "", "step 1:"},
	} {
		p := program()
		p.JournalDir, p.Env = filepath.Join(t.TempDir(), "journal"), []string{"HOPSCOPE_ALLOW_APPLY=1"}
		p.Stdin, p.Answers = strings.NewReader(tt.answer), true
		s := modeltest.Article(0, 80)
		for i := range s.Services {
			s.Services[i].DeploymentConfiguration = &model.DeploymentConfiguration{Alarms: []string{"requests-low"}}
		}
		p.Account = func(context.Context, cli.AccountOptions) (cli.Opened, error) {
			return cli.Opened{Source: source{snapshot: s}, Applier: func(store journal.Store) ui.Applier {
				return doubtful{&applier{store: store}}
			}}, nil
		}
		got := runWith(t.Context(), p, append([]string{"fix", "--apply"}, tt.args...)...)
		first, _, asked := strings.Cut(got.stderr, tt.before)
		if got.status != cli.Clean || !asked || !strings.Contains(first, told) || strings.Count(got.stderr, told) != 1 {
			t.Errorf("%s: got %+v", name, got)
		}
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
