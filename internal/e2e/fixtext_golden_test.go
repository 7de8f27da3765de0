package e2e

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// plansOf are the plans for a world, and the snapshot that they were made of.
func plansOf(t *testing.T, world string) (*model.Snapshot, []fix.Plan) {
	t.Helper()
	w, err := simulator.Load(world)
	if err != nil {
		t.Fatal(err)
	}
	s := readAll(t, simulator.New(w, simulator.Options{}))
	plans, err := planner.Plans(rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	return s, plans
}

// planOf is the plan with an id that begins so.
func planOf(t *testing.T, plans []fix.Plan, id string) *fix.Plan {
	t.Helper()
	for i := range plans {
		if strings.HasPrefix(plans[i].ID, id) {
			return &plans[i]
		}
	}
	t.Fatalf("there is no plan %s", id)
	return nil
}

// What people copy, as it is: read the diffs of these files as you would read code.
func TestPlansAreWrittenInEveryDialect(t *testing.T) {
	for _, c := range []struct{ name, world, plan string }{
		{"article", "article", "set-ingress-port-override/sample-cluster/sample-ecs-app"},
		{"catalog", "shop", "set-ingress-port-override/shop/catalog"},
		{"orders", "shop", "open-port/shop/orders"},
		{"inventory", "shop", "make-client-only/shop/inventory"},
	} {
		s, plans := plansOf(t, c.world)
		p := planOf(t, plans, c.plan)
		for _, name := range dialect.Names() {
			d := dialect.Dialect(name)
			t.Run(c.name+"/"+name, func(t *testing.T) {
				text, err := dialect.Text(p, rule.Analyze(s), d)
				if err != nil {
					t.Fatal(err)
				}
				golden.RequireEqual(t, text)
			})
			if d == dialect.CLI || !d.HasWhole() { // the whole of the commands is the script
				continue
			}
			t.Run(c.name+"/"+name+"-whole", func(t *testing.T) {
				text, err := dialect.Whole(p, rule.Analyze(s), d)
				if err != nil {
					t.Fatal(err)
				}
				golden.RequireEqual(t, text)
			})
		}
	}
}
