package planner_test

import (
	"testing"

	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

func TestFindingsGetTheFixesOfTheirPlans(t *testing.T) {
	s := Article(0, 80)
	report := rule.Analyze(s)
	plans, err := planner.Plans(s, report)
	if err != nil {
		t.Fatal(err)
	}
	planner.Annotate(report, plans)
	found := false
	for _, f := range report.Findings {
		if f.Code != "HOP101" && f.Code != "HOP106" {
			continue
		}
		found = true
		if len(f.Fixes) != 1 || f.Fixes[0].ID != "set-ingress-port-override" || !f.Fixes[0].Appliable || len(f.Fixes[0].Steps) != 3 {
			t.Errorf("%s has the fixes %+v", f.Code, f.Fixes)
		}
	}
	if !found {
		t.Fatal("there is no HOP101")
	}
}

func TestAFindingWithoutAPlanKeepsTheRulesOwnFix(t *testing.T) {
	s := Article(0, 80)
	report := rule.Analyze(s)
	before := len(report.Findings[0].Fixes)
	title := report.Findings[0].Fixes[0].Title
	planner.Annotate(report, nil)
	if f := report.Findings[0]; len(f.Fixes) != before || f.Fixes[0].Title != title {
		t.Errorf("the fixes became %+v", f.Fixes)
	}
}

// Every finding of the shop that is planned shows the plan, callers' plans included,
// and none shows a plan for another finding.
func TestEveryFindingOfTheShopShowsItsPlans(t *testing.T) {
	s := readShop(t)
	report := rule.Analyze(s)
	plans, err := planner.Plans(s, report)
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]fix.Plan{}
	for _, p := range plans {
		titles[p.Title] = p
	}
	planner.Annotate(report, plans)
	for _, f := range report.Findings {
		for _, x := range f.Fixes {
			p, known := titles[x.Title]
			if planned, _ := planner.Planned(f.Code); planned && !known {
				t.Errorf("%s of %s shows %q, which no plan is called", f.Code, f.Service, x.Title)
			}
			if known && x.Appliable && !p.Appliable() {
				t.Errorf("%s of %s shows %q as appliable", f.Code, f.Service, x.Title)
			}
		}
	}
}
