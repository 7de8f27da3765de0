package report_test

import (
	"testing"

	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/report"
	"hopscope/model/rule"
)

func TestAFindingGetsThePlansThatRepairIt(t *testing.T) {
	t.Parallel()
	a := rule.Analyze(modeltest.Article(0, 80))
	plans, err := planner.Plans(a)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]report.Fix{}
	for _, f := range report.New(a, plans).Findings {
		all[f.Code] = f.Fixes
	}
	for _, code := range []string{"HOP101", "HOP106"} {
		fixes := all[code]
		if len(fixes) != 1 || fixes[0].ID != "set-ingress-port-override" || !fixes[0].Appliable || len(fixes[0].Steps) != 3 {
			t.Errorf("%s has the fixes %+v", code, fixes)
		}
	}
}

func TestWithoutPlansAFindingHasNoFix(t *testing.T) {
	t.Parallel()
	for _, f := range report.New(rule.Analyze(modeltest.Article(0, 80)), nil).Findings {
		if len(f.Fixes) != 0 {
			t.Errorf("%s has the fixes %+v", f.Code, f.Fixes)
		}
	}
}
