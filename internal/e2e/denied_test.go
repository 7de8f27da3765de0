package e2e

import (
	"slices"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// requiredFacts are the actions without which hopscope must not call some path
// of the shop fine; what each of them feeds is in model.Index.
var requiredFacts = []model.Action{
	model.DescribeTaskDefinition, model.DescribeTargetGroups, model.DescribeLoadBalancers, model.DescribeListeners,
	model.DescribeRules,
	model.DescribeSecurityGroups, model.DescribeSubnets, model.DescribeNetworkAcls,
}

// optionalFacts are the actions of the core whose facts no path of the shop
// depends on, or depends on only here and there.
var optionalFacts = []model.Action{
	model.DescribeClusters, model.DescribeVpcs, model.DescribeManagedPrefixLists, model.GetPrefixListEntries,
	model.ListNamespaces, model.ListGatewayRoutes,
	// What is read behind the core. Of that the shop, which is a whole region
	// without a gateway, needs neither revisions nor the members of namespaces:
	// TestRemovingKnowledgeNeverMakesAVerdictFiner takes those away.
	model.ListTasks, model.DescribeTasks, model.ListContainerInstances,
	model.DescribeContainerInstances, model.DescribeInstances, model.DescribeTargetHealth,
	model.DescribeTargetGroupAttributes,
	model.DescribeLoadBalancerAttributes, model.ListDiscoveryServices, model.ListMetrics,
}

func shopWithout(t *testing.T, action model.Action) *rule.Analysis {
	t.Helper()
	world, err := simulator.Load("shop")
	if err != nil {
		t.Fatal(err)
	}
	if action != "" {
		world.Faults.Fail = []simulator.Failure{{Action: string(action), With: simulator.AccessDenied}}
	}
	return rule.Analyze(readAll(t, simulator.New(world, simulator.Options{})))
}

// fine verdicts are those that call for no second look. Closed is not one of them:
// one refusal is enough for it, whatever else is missing.
func fine(v reach.Verdict) bool { return v == reach.OK || v == reach.Needed }

// call is a request of a caller, the zero value where a path has none, at a place.
type call struct {
	place  reach.Place
	caller model.Ref
}

// calls are the requests that a path stands for. A path that knows less stands for
// fewer callers, so that paths of two reports are compared call by call.
func calls(p *reach.Path) []call {
	callers := []model.Ref{{}}
	if p.Source.Services != nil {
		callers = slices.Collect(p.Source.Services.All())
	}
	var all []call
	for _, place := range p.Places() {
		for _, caller := range callers {
			all = append(all, call{place, caller})
		}
	}
	return all
}

// Take each kind of fact away in turn: no path may look better for it, the gap
// must name the action, and where a needed fact is gone nothing is fine.
func TestNoPathIsFineWithoutTheFactsItNeeds(t *testing.T) {
	whole := shopWithout(t, "")
	verdicts := map[call]reach.Verdict{}
	fineBefore := 0
	for _, p := range whole.Paths {
		for _, c := range calls(p) {
			verdicts[c] = p.Verdict
		}
		if fine(p.Verdict) {
			fineBefore++
		}
	}
	if fineBefore == 0 {
		t.Fatal("the shop has no path that is fine")
	}
	for _, action := range slices.Concat(requiredFacts, optionalFacts) {
		t.Run(string(action), func(t *testing.T) {
			report := shopWithout(t, action)
			denied := func(g model.Gap) bool { return g.Action == action && g.State == model.Denied }
			if !slices.ContainsFunc(report.Snapshot.Gaps, denied) {
				t.Errorf("no gap names %s: %v", action, report.Snapshot.Gaps)
			}
			if report.Snapshot.Complete {
				t.Error("the report says that it is complete")
			}
			fineAfter := 0
			for _, p := range report.Paths {
				if !fine(p.Verdict) {
					continue
				}
				fineAfter++
				for _, c := range calls(p) {
					if before := verdicts[c]; before != p.Verdict {
						t.Errorf("%v from %v is %s without %s, and was %s with it", c.place, c.caller, p.Verdict, action, before)
					}
				}
			}
			if slices.Contains(requiredFacts, action) && fineAfter >= fineBefore {
				t.Errorf("%d paths are fine without %s, as with it", fineAfter, action)
			}
			if len(report.Paths) == 0 {
				t.Error("one refusal took every path away")
			}
		})
	}
}

// Where every verdict on a path needs a fact, none is fine without it.
func TestWithoutGroupsOrTaskDefinitionsNothingIsFine(t *testing.T) {
	for _, action := range []model.Action{
		model.DescribeTaskDefinition, model.DescribeSecurityGroups,
		model.DescribeSubnets,
	} {
		for _, p := range shopWithout(t, action).Paths {
			if fine(p.Verdict) {
				t.Errorf("without %s, %s is %s", action, p.ID, p.Verdict)
			}
		}
	}
}
