package planner_test

import (
	"testing"

	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

func TestEveryCodeIsPlanned(t *testing.T) {
	for _, r := range rule.Catalogue() {
		if planned, _ := planner.Planned(r.Code); !planned {
			t.Errorf("%s has no plans", r.Code)
		}
	}
	if planned, _ := planner.Planned("INF505"); planned || rule.Retired("INF505") == "" {
		t.Error("INF505 is retired")
	}
}
