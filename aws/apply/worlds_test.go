package apply_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// inventory is every Service Connect block, byte for byte, and every rule of every
// group of a world, in lines.
func inventory(s *workshop) []string {
	s.Helper()
	snapshot := read(s.T, openBehind(s.T, s.sim, awsOptions()))
	var lines []string
	for i := range snapshot.Services {
		service := &snapshot.Services[i]
		reply := s.ask("DescribeServices", fmt.Sprintf(`{"cluster":%q,"services":[%q]}`, service.Cluster, service.Name))
		block := gjson.Get(reply, `services.0.deployments.#(status=="PRIMARY").serviceConnectConfiguration`).Raw
		lines = append(lines, service.Ref().String()+" "+block)
	}
	for _, g := range snapshot.SecurityGroups {
		for _, r := range g.Ingress {
			lines = append(lines, line(s.T, g.Name+" in ", r))
		}
		for _, r := range g.Egress {
			lines = append(lines, line(s.T, g.Name+" out ", r))
		}
	}
	slices.Sort(lines)
	return lines
}

func line(t *testing.T, head string, r model.SecurityGroupRule) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return head + string(text)
}

// plansOf are the plans of a world that hopscope carries out, and those of one
// service together where they go together.
func plansOf(t *testing.T, world string) []fix.Plan {
	t.Helper()
	s := read(t, openBehind(t, simulator.New(awstest.Load(t, world), simulator.Options{}), awsOptions()))
	report := rule.Analyze(s)
	all, err := planner.Plans(report)
	if err != nil {
		t.Fatal(err)
	}
	byService := map[model.Ref][]fix.Plan{}
	plans := slices.DeleteFunc(all, func(p fix.Plan) bool { return !p.Appliable() })
	for _, p := range plans {
		byService[p.Service] = append(byService[p.Service], p)
	}
	for _, some := range byService {
		if len(some) < 2 {
			continue
		}
		if combined, err := planner.Combine(report, some); err == nil && combined.Appliable() {
			plans = append(plans, combined)
		}
	}
	return plans
}

// Every plan of the built-in worlds keeps its word on the simulator, and is taken
// back without a trace.
func TestEveryPlanOfTheWorldsIsCarriedOutAndTakenBack(t *testing.T) {
	for _, world := range []string{"article", "shop"} {
		var plans []fix.Plan
		synctest.Test(t, func(t *testing.T) { plans = plansOf(t, world) })
		if len(plans) == 0 {
			t.Errorf("%s has no plan that can be carried out", world)
		}
		for _, p := range plans {
			t.Run(world+"/"+p.ID, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { keepWord(t, world, &p) })
			})
		}
	}
}

func keepWord(t *testing.T, world string, p *fix.Plan) {
	t.Helper()
	s := &workshop{
		T: t, sim: simulator.New(awstest.Load(t, world), simulator.Options{}),
		store: journal.Store{Dir: t.TempDir()}, plan: p,
	}
	s.source = openBehind(t, s.sim, awsOptions())
	s.applier = newApplier(s)
	before := inventory(s)
	e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
	if err != nil || e.State != journal.Applied {
		t.Fatalf("%s: %s, unmet %+v, %v", e.State, e.Message, e.Unmet, err)
	}
	updates := 0
	for _, c := range e.Calls {
		if strings.HasPrefix(string(c.Action), "ecs:") {
			updates++
		}
	}
	if updates > 1 {
		t.Errorf("%d deployments were made", updates)
	}
	if slices.Equal(before, inventory(s)) &&
		!slices.ContainsFunc(p.Steps, func(s fix.Step) bool { return s.ForceNewDeployment }) {
		t.Error("nothing was changed")
	}
	report := rule.Analyze(read(t, s.source))
	for _, f := range report.Findings {
		if f.Ref() == p.Service && slices.Contains(p.Findings, f.Key()) {
			t.Errorf("%s is left: %s", f.Code, f.Title())
		}
	}
	for _, undo := range []func() (*journal.Entry, error){
		func() (*journal.Entry, error) { return s.applier.Tidy(t.Context(), e.ID, nil) },
		func() (*journal.Entry, error) {
			return apply.New(openBehind(t, s.sim, awsOptions()), s.store, apply.Options{}).Rollback(t.Context(), e.ID, nil)
		},
	} {
		if e, err = undo(); err != nil || e.State == journal.Unverified {
			t.Fatalf("%s: %s, unmet %+v, %v", e.State, e.Message, e.Unmet, err)
		}
	}
	if diff := cmp.Diff(before, inventory(s)); diff != "" {
		t.Errorf("the world is not as it was: %s", diff)
	}
}
