package e2e

import (
	"path/filepath"
	"slices"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// The first plan for a finding is one that no user regrets, in the worlds that hopscope
// comes with and in those that lie beside the repository.
func TestTheFirstPlanOfAFindingTakesNothingAway(t *testing.T) {
	for _, name := range []string{"article", "shop"} {
		w, err := simulator.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { removalsComeLast(t, readAll(t, simulator.New(w, simulator.Options{}))) })
	}
	t.Run("worlds", func(t *testing.T) {
		for _, file := range beside(t, "worlds") {
			t.Run(filepath.Base(file), func(t *testing.T) {
				s := readAll(t, simulator.New(readWorld(t, file), simulator.Options{}))
				removalsComeLast(t, s)
				answersAgree(t, s)
			})
		}
	})
}

// removalsComeLast: of no finding does the first plan take something away where
// another one repairs it.
func removalsComeLast(t *testing.T, s *model.Snapshot) {
	t.Helper()
	report := rule.Analyze(s)
	plans, err := planner.Plans(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		var before *fix.Plan
		for j := range plans {
			p := &plans[j]
			if !slices.Contains(p.Findings, f.Key()) {
				continue
			}
			if before != nil && len(before.Removes) > 0 && len(p.Removes) == 0 {
				t.Errorf("%s of %s: %s takes %q away, and comes before %s", f.Code, f.Service, before.ID, before.Removes, p.ID)
			}
			before = p
		}
	}
}
