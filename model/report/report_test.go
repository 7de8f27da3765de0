package report_test

import (
	"encoding/json"
	"slices"
	"testing"

	"hopscope/model/fix"
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

// A program that reads the report knows which plans a person has to name, and why.
func TestAFixSaysWhetherAPersonHasToNameIt(t *testing.T) {
	t.Parallel()
	a := rule.Analyze(modeltest.Article(0, 80))
	key := a.Findings[0].Key()
	plans := []fix.Plan{
		{Findings: []string{key}, Among: "the caller of app:80"},
		{Findings: []string{key}, Removes: []string{"the endpoint app"}},
		{Findings: []string{key}},
	}
	var got []string
	for _, f := range report.New(a, plans).Findings[0].Fixes {
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(data))
	}
	const rest = `"id":"","title":"","appliable":false,"steps":[]`
	want := []string{
		"{" + rest + `,"among":"the caller of app:80"}`, "{" + rest + `,"removes":["the endpoint app"]}`, "{" + rest + "}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
