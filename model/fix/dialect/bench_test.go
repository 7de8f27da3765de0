package dialect_test

import (
	"testing"

	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// All texts of a plan are written whenever it is shown: they may not look at every
// service of the account.
func TestTextsCostNothingThatGrowsWithTheAccount(t *testing.T) {
	work := func(services int) float64 {
		a := rule.Analyze(modeltest.Fleet(1, services))
		plans, err := planner.PlansFor(a, a.Findings[0].Ref())
		if err != nil || len(plans) == 0 {
			t.Fatalf("%d plans, %v", len(plans), err)
		}
		p := &plans[0]
		return testing.AllocsPerRun(5, func() {
			if _, err := dialect.Diffs(p, a); err != nil {
				t.Error(err)
			}
			for _, d := range dialect.All(p.Owner) {
				if _, err := dialect.Text(p, a, d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if small, large := work(20), work(400); large > 1.2*small {
		t.Errorf("the texts of a plan take %.0f allocations among 400 services, %.0f among 20", large, small)
	}
}
