package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws"
	"hopscope/aws/apply"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// The first plan of each finding is carried out, each in a world of its own: it is
// verified, its findings are gone, and nothing else is worse, targets included. What no
// bare --apply carries out, because a person has to choose or to name it, is tried as well.
func TestTheFirstPlansKeepTheirWord(t *testing.T) {
	for _, world := range []string{"article", "shop"} {
		eachFirstPlan(t, world, func(t *testing.T, name string) *simulator.World {
			t.Helper()
			w, err := simulator.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			return w
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "worlds", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no small worlds: %v", err)
	}
	for _, file := range files {
		eachFirstPlan(t, file, readWorld)
	}
	t.Run("worlds", func(t *testing.T) {
		for _, file := range beside(t, "worlds") {
			eachFirstPlan(t, file, readWorld)
		}
	})
	t.Run("topologies", func(t *testing.T) {
		for _, file := range beside(t, "cases") {
			eachFirstPlan(t, file, func(t *testing.T, file string) *simulator.World {
				t.Helper()
				return readTopology(t, file).world()
			})
		}
	})
}

// eachFirstPlan carries the first plans of a world out.
func eachFirstPlan(t *testing.T, name string, read func(*testing.T, string) *simulator.World) {
	t.Helper()
	t.Run(filepath.Base(name), func(t *testing.T) {
		var first []fix.Plan
		synctest.Test(t, func(t *testing.T) {
			report, plans := planned(t, readAll(t, simulator.New(read(t, name), simulator.Options{})))
			for _, f := range report.Findings {
				p := firstPlan(plans, f)
				if p != nil && p.Appliable() && !slices.ContainsFunc(first, func(o fix.Plan) bool { return o.ID == p.ID }) {
					first = append(first, *p)
				}
			}
		})
		for i := range first {
			t.Run(first[i].ID, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					keepsItsWord(t, simulator.New(read(t, name), simulator.Options{}), &first[i])
				})
			})
		}
	})
}

// keepsItsWord carries a plan out, when all that a world has was there for a while: a
// bubble begins in the year 2000.
func keepsItsWord(t *testing.T, s *simulator.Simulator, p *fix.Plan) {
	t.Helper()
	time.Sleep(time.Until(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)))
	before := rule.Analyze(readAll(t, s))
	account, err := aws.Open(t.Context(), aws.Options{Transport: s, Region: s.Region(), Origin: "simulator:test"})
	if err != nil {
		t.Fatal(err)
	}
	source, err := collect.New(account, collect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	applier := apply.New(source, journal.Store{Dir: t.TempDir()}, apply.Options{})
	prepared, err := applier.Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	e, err := applier.Apply(t.Context(), prepared, nil)
	if err != nil || e.State != journal.Applied {
		t.Fatalf("%s: %s, unmet %+v, %v", e.State, e.Message, e.Unmet, err)
	}
	after := rule.Analyze(readAll(t, s))
	for _, f := range after.Findings {
		if slices.Contains(p.Findings, f.Key()) {
			t.Errorf("%s is left: %s", f.Code, f.Title())
		}
		if f.Severity != rule.Info && !worseBefore(before, f) {
			t.Errorf("%s is new: %s", f.Code, f.Title())
		}
	}
	for _, pair := range change.Paths(before.Paths, after.Paths) {
		if pair.Before != nil && pair.After != nil && pair.After.Observed().Rank() > pair.Before.Observed().Rank() {
			t.Errorf("%s was %s, and is %s", pair.Before.ID, pair.Before.Observed(), pair.After.Observed())
		}
	}
	for _, line := range downNow(before, after) {
		t.Error(line)
	}
}

// worseBefore tells whether a finding of that code was there before, as severe at least.
func worseBefore(before *rule.Analysis, f *rule.Finding) bool {
	return slices.ContainsFunc(before.Findings, func(o *rule.Finding) bool {
		return o.Code == f.Code && o.Ref() == f.Ref() && o.Severity.Rank() >= f.Severity.Rank()
	})
}

// downNow names the target groups that have more unhealthy targets than before.
func downNow(before, after *rule.Analysis) []string {
	sick := func(a *rule.Analysis) map[string]int {
		out := map[string]int{}
		for i := range a.Snapshot.TargetGroups {
			g := &a.Snapshot.TargetGroups[i]
			if g.Health == nil {
				continue
			}
			for j := range g.Health.Targets {
				if g.Health.Targets[j].State == model.TargetUnhealthy {
					out[g.Name]++
				}
			}
		}
		return out
	}
	var out []string
	was := sick(before)
	for name, n := range sick(after) {
		if n > was[name] {
			out = append(out, fmt.Sprintf("%d targets of %s are unhealthy, and %d were before", n, name, was[name]))
		}
	}
	return out
}
