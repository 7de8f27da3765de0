package dialect_test

import (
	"os"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// plansOf are the plans for a snapshot.
func plansOf(t *testing.T, s *model.Snapshot) []fix.Plan {
	t.Helper()
	all, err := planner.Plans(rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// readShop is a snapshot of the world shop.
func readShop(t *testing.T) *model.Snapshot {
	t.Helper()
	file, err := os.Open("../testdata/shop.json")
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
