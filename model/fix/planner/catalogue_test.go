package planner_test

import (
	"testing"

	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// Every code has a plan, or a reason for having none; never both.
func TestEveryCodeIsPlannedOrSaysWhyNot(t *testing.T) {
	unplanned := planner.Unplanned()
	known := map[string]bool{}
	for _, r := range rule.Catalogue() {
		known[r.Code] = true
		planned, appliable := planner.Planned(r.Code)
		why, left := unplanned[r.Code]
		switch {
		case planned && left:
			t.Errorf("%s has plans, and is said to have none", r.Code)
		case !planned && !left:
			t.Errorf("%s has neither plans nor a reason for having none", r.Code)
		case left && why == "":
			t.Errorf("%s has no reason for having no plan", r.Code)
		case appliable && !planned:
			t.Errorf("%s is appliable without a plan", r.Code)
		}
	}
	for code := range unplanned {
		if !known[code] {
			t.Errorf("%s is not in the catalogue", code)
		}
	}
}
