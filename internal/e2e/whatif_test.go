package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// What is said of a service after a plan, derived again alone, is what the analysis of
// the whole account after the plan says: in all worlds, and in a fleet, which has
// rollouts and targets that were registered by hand.
func TestAfterAPlanServicesAreJudgedAsInTheWhole(t *testing.T) {
	t.Parallel()
	for _, name := range append(simulator.Worlds(), simulator.FleetName(100)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := simulator.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			s := readAll(t, simulator.New(w, simulator.Options{}))
			a := rule.Analyze(s)
			plans, err := planner.Plans(a)
			if err != nil {
				t.Fatal(err)
			}
			for i := range plans {
				judgedAsInTheWhole(t, a, &plans[i])
			}
		})
	}
}

func judgedAsInTheWhole(t *testing.T, a *rule.Analysis, p *fix.Plan) {
	t.Helper()
	group := func(id string) *model.SecurityGroup { g, _ := a.Index.SecurityGroup(id); return g }
	ch, err := fix.ChangesOf(a.Index.Service, group, p.Service, p.Steps, a.Snapshot.CollectedAt)
	if err != nil {
		t.Fatal(err)
	}
	one, whole := a.WhatIf().With(ch.Service, ch.Groups), rule.Analyze(ch.In(a.Snapshot))
	for i := range a.Snapshot.Services {
		ref := a.Snapshot.Services[i].Ref()
		got := one.Service(ref)
		said, want := saidOf(t, got.Paths, got.Findings), saidOf(t, whole.Into(ref), whole.About(ref))
		if said != want {
			t.Fatalf("of %s after %s:\n%s\nnot\n%s", ref, p.ID, said, want)
		}
	}
}

func saidOf(t *testing.T, paths []*reach.Path, findings []*rule.Finding) string {
	t.Helper()
	var out strings.Builder
	for _, p := range paths {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %+v\n", text, p.Hops())
	}
	for _, f := range findings {
		fmt.Fprintln(&out, f.Key(), f.Severity, f.Confidence, f.Title(), f.Detail(), f.Evidence())
	}
	return out.String()
}
