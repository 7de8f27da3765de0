package apply_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"hopscope/aws"
	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// workshop is a world, an account in front of it, a journal, and a plan for one of
// its services.
type workshop struct {
	*testing.T
	sim     *simulator.Simulator
	source  *collect.Source
	store   journal.Store
	applier *apply.Applier
	plan    *fix.Plan
}

// newWorkshop plans the repair of the article's service in a world. wrap, which may
// be nil, stands between the account and the simulator.
func newWorkshop(t *testing.T, w *simulator.World, wrap func(http.RoundTripper) http.RoundTripper) *workshop {
	t.Helper()
	s := &workshop{T: t, sim: simulator.New(w, simulator.Options{}), store: journal.Store{Dir: t.TempDir()}}
	var transport http.RoundTripper = s.sim
	if wrap != nil {
		transport = wrap(transport)
	}
	s.source = openBehind(t, transport, awsOptions())
	s.applier = newApplier(s)
	snapshot := read(t, openBehind(t, s.sim, awsOptions()))
	plans, err := planner.Plans(rule.Analyze(snapshot))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(plans, func(p fix.Plan) bool { return p.Kind == fix.SetOverride })
	if i < 0 {
		t.Fatalf("no plan sets an override: %+v", plans)
	}
	s.plan = &plans[i]
	return s
}

// openBehind opens an account behind a transport.
func openBehind(t *testing.T, transport http.RoundTripper, o aws.Options, what ...collect.Options) *collect.Source {
	t.Helper()
	o.Transport = transport
	account, err := aws.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	source, err := collect.New(account, append(what, collect.Options{})[0])
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// read reads an account that has something to show.
func read(t *testing.T, a *collect.Source) *model.Snapshot {
	t.Helper()
	s, err := a.Collect(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// awsOptions are for the article's region.
func awsOptions() aws.Options { return aws.Options{Region: "ap-northeast-1"} }

// newApplier is an applier as patient as with AWS: the bubble's time costs nothing.
func newApplier(s *workshop) *apply.Applier {
	return apply.New(s.source, s.store, apply.Options{})
}

// article is a workshop on the article's world.
func article(t *testing.T) *workshop {
	t.Helper()
	return newWorkshop(t, awstest.Load(t, "article"), nil)
}

// prepare prepares the plan.
func (s *workshop) prepare() *journal.Entry {
	s.Helper()
	e, err := s.applier.Prepare(s.Context(), s.plan)
	if err != nil {
		s.Fatal(err)
	}
	return e
}

// state is what a rollback has to restore.
type state struct {
	Block string
	// Rules are the rules of every group in any order: one that comes back comes
	// last.
	Rules []string
}

// state reads the service's block, byte for byte, and the rules of every group.
func (s *workshop) state() state {
	s.Helper()
	p := state{Block: s.block()}
	snapshot := read(s.T, openBehind(s.T, s.sim, awsOptions()))
	for _, g := range snapshot.SecurityGroups {
		for direction, rules := range map[string][]model.SecurityGroupRule{"in": g.Ingress, "out": g.Egress} {
			for _, r := range rules {
				p.Rules = append(p.Rules, ruleLine(s.T, g.Name, direction, &r))
			}
		}
	}
	slices.Sort(p.Rules)
	return p
}

// ruleLine is a rule of a group as a line.
func ruleLine(t *testing.T, group, direction string, r *model.SecurityGroupRule) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return group + " " + direction + " " + string(text)
}

// same compares two states.
func (s *workshop) same(want, got state) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("the world is not as it was: %s", diff)
	}
}

// ask sends a raw call to ECS, past every wrapper.
func (s *workshop) ask(operation, body string) string {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "https://ecs.ap-northeast-1.amazonaws.com/",
		strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+operation)
	reply, err := s.sim.RoundTrip(r)
	if err != nil {
		s.Fatal(err)
	}
	text, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK {
		s.Fatalf("%s: %s, %v", operation, text, err)
	}
	return string(text)
}

// block is the PRIMARY deployment's Service Connect block.
func (s *workshop) block() string {
	s.Helper()
	reply := s.ask("DescribeServices", `{"cluster":"sample-cluster","services":["sample-ecs-app"]}`)
	return gjson.Get(reply, `services.0.deployments.#(status=="PRIMARY").serviceConnectConfiguration`).Raw
}

// changes are the mutating calls that the simulator carried out, in order.
func (s *workshop) changes() []string {
	var all []string
	for _, c := range s.sim.Calls() {
		if c.Mutating && c.Error == "" {
			all = append(all, c.Operation)
		}
	}
	return all
}

func TestTheArticleIsRepairedAndTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		var seen []journal.State
		watch := func(e *journal.Entry) {
			if len(seen) == 0 || seen[len(seen)-1] != e.State {
				seen = append(seen, e.State)
			}
		}
		prepared := s.prepare()
		if len(s.changes()) > 0 {
			t.Fatalf("preparing changed something: %v", s.changes())
		}
		if _, err := s.store.Load(prepared.ID); err == nil {
			t.Error("preparing wrote to the journal")
		}
		done, err := s.applier.Apply(t.Context(), prepared, watch)
		if err != nil {
			t.Fatal(err)
		}
		if done.State != journal.Applied || len(done.Unmet) > 0 {
			t.Fatalf("%s: %s, unmet %+v", done.State, done.Message, done.Unmet)
		}
		if diff := cmp.Diff([]journal.State{journal.Applying, journal.RollingOut, journal.Verifying, journal.Applied},
			seen); diff != "" {
			t.Errorf("states: %s", diff)
		}
		if diff := cmp.Diff([]string{"AuthorizeSecurityGroupIngress", "UpdateService"}, s.changes()); diff != "" {
			t.Errorf("the group has to be opened first: %s", diff)
		}
		report := rule.Analyze(read(t, s.source))
		for _, f := range report.Findings {
			if strings.HasPrefix(f.Code, "HOP") || f.Severity == rule.Error {
				t.Errorf("%s is left: %s", f.Code, f.Title())
			}
		}
		if got := s.block(); got != done.AfterBlock {
			t.Errorf("the block is %s, and %s was sent", got, done.AfterBlock)
		}

		undone, err := s.applier.Rollback(t.Context(), done.ID, watch)
		if err != nil || undone.State != journal.RolledBack {
			t.Fatalf("%+v, %v", undone, err)
		}
		s.same(before, s.state())
		if got := s.changes()[2:]; !slices.Equal(got, []string{"UpdateService", "RevokeSecurityGroupIngress"}) {
			t.Errorf("the rollback did %v: the group is closed last", got)
		}
		for _, c := range undone.Calls {
			t.Log(c.Command)
		}
		again, err := s.applier.Rollback(t.Context(), done.ID, nil)
		if err != nil || again.State != journal.RolledBack || len(s.changes()) != 4 {
			t.Errorf("a second rollback: %v, %v, %v", again.State, err, s.changes())
		}
	})
}
