package report_test

import (
	"os"
	"slices"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/report"
	"hopscope/model/rule"
)

func shop(t *testing.T) *model.Snapshot {
	t.Helper()
	file, err := os.Open("../fix/testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s, err := model.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The screen asks for the plans of one service, commands for all: of each finding
// both show the same plan first, and so do the reports.
func TestAFindingHasTheSameFirstPlanInEveryView(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*model.Snapshot{
		"article": modeltest.Article(0, 80), "article, lost group": modeltest.Article(8080, 80), "shop": shop(t),
		"fleet": modeltest.Fleet(7, 60),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := rule.Analyze(s)
			all, err := planner.Plans(a)
			if err != nil {
				t.Fatal(err)
			}
			r := report.New(a, all)
			for i, f := range a.Findings {
				one, err := planner.PlansFor(a, f.Ref())
				if err != nil {
					t.Fatal(err)
				}
				want := "no plan"
				if at := slices.IndexFunc(one, func(p fix.Plan) bool { return slices.Contains(p.Findings, f.Key()) }); at >= 0 {
					want = one[at].Title
				}
				got := "no plan"
				if fixes := r.Findings[i].Fixes; len(fixes) > 0 {
					got = fixes[0].Title
				}
				if got != want {
					t.Errorf("%s: the report begins with %q, the screen with %q", f.Key(), got, want)
				}
			}
		})
	}
}
