package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// The first plan of each finding is written down, of the shop and of what lies beside the
// repository: read the difference as you would read code.
func TestTheFirstPlans(t *testing.T) {
	t.Run("shop", func(t *testing.T) {
		w, err := simulator.Load("shop")
		if err != nil {
			t.Fatal(err)
		}
		golden.RequireEqual(t, firstPlans(t, "shop", w))
	})
	t.Run("worlds", func(t *testing.T) {
		var table []byte
		for _, file := range beside(t, "worlds") {
			table = append(table, firstPlans(t, numberOf(file), readWorld(t, file))...)
		}
		golden.RequireEqual(t, table)
	})
	t.Run("topologies", func(t *testing.T) {
		var table []byte
		for _, file := range beside(t, "cases") {
			table = append(table, firstPlans(t, numberOf(file), readTopology(t, file).world())...)
		}
		golden.RequireEqual(t, table)
	})
}

// beside are the JSON files of a directory beside that of the topologies.
func beside(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(casesDir(t), "..", dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no file: %v", dir, err)
	}
	return files
}

// numberOf is what a file is called in the table: its number, or its name without one.
func numberOf(file string) string {
	name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".json"), "fix-")
	if number, _, _ := strings.Cut(name, "-"); number != "" && number[0] >= '0' && number[0] <= '9' {
		return number
	}
	return name
}

// readWorld reads a world, or what describes one.
func readWorld(t *testing.T, file string) *simulator.World {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var described struct{ World json.RawMessage }
	if err := json.Unmarshal(data, &described); err == nil && described.World != nil {
		data = described.World
	}
	w, err := simulator.ParseWorld(data)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return w
}

// firstPlans is a line for each finding of a world, with the plan that comes first.
func firstPlans(t *testing.T, name string, w *simulator.World) []byte {
	t.Helper()
	report, plans := planned(t, readAll(t, simulator.New(w, simulator.Options{})))
	var b strings.Builder
	for _, f := range report.Findings {
		first := "no plan"
		if p := firstPlan(plans, f); p != nil {
			first = howDone(p) + "  " + p.Title
		}
		fmt.Fprintf(&b, "%s  %s  %s %s  %s\n", name, f.Service, f.Code, f.Severity, first)
	}
	return []byte(b.String())
}

func planned(t *testing.T, s *model.Snapshot) (*rule.Analysis, []fix.Plan) {
	t.Helper()
	report := rule.Analyze(s)
	plans, err := planner.Plans(report)
	if err != nil {
		t.Fatal(err)
	}
	return report, plans
}

// firstPlan is the plan for a finding that comes first, nil if it has none.
func firstPlan(plans []fix.Plan, f *rule.Finding) *fix.Plan {
	if i := slices.IndexFunc(plans, func(p fix.Plan) bool { return slices.Contains(p.Findings, f.Key()) }); i >= 0 {
		return &plans[i]
	}
	return nil
}

// howDone says who carries a plan out.
func howDone(p *fix.Plan) string {
	switch {
	case p.Refusal != nil:
		return "refused"
	case !p.Appliable():
		return "by hand"
	case len(p.Removes) > 0:
		return "by name"
	case p.Among != "":
		return "choose"
	}
	return "apply"
}
