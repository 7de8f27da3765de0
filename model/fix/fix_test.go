package fix_test

import (
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

func plans(t *testing.T, s *model.Snapshot) []fix.Plan {
	t.Helper()
	all, err := fix.Plans(s, rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The case that hopscope grew from: the group is opened before the service is
// updated, and afterwards the load balancer's path is direct, the callers still
// arrive, and the finding is gone.
func TestTheArticleIsRepaired(t *testing.T) {
	s := Article(0, 80)
	all := plans(t, s)
	for i := range all {
		t.Logf("%s: %s %v", all[i].ID, all[i].Title, all[i].Codes)
		for _, step := range all[i].Steps {
			t.Logf("   %s %s later=%t %+v", step.Kind, step.Title, step.Later, step.Edits)
		}
	}
	p := all[0]
	after, err := fix.Outcome(s, p.Service, p.Steps)
	if err != nil {
		t.Fatal(err)
	}
	report := rule.Analyze(after)
	for _, f := range report.Findings {
		if strings.HasPrefix(f.Code, "HOP") || f.Severity == rule.Error {
			t.Errorf("%s is left: %s", f.Code, f.Title)
		}
	}
	if unmet := p.Unmet(after); len(unmet) > 0 {
		t.Errorf("not met: %+v", unmet)
	}
	if unmet := p.Unmet(s); len(unmet) == 0 {
		t.Error("the plan is met before it was carried out")
	}
}
