package planner_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// placesAndCallers are the pairs of (place, caller) of an analysis, with the path that
// holds each. A deployment that is being replaced is left out: it ends; and load
// balancers that are refused have nothing to lose.
func placesAndCallers(a *rule.Analysis) map[string]*reach.Path {
	out := map[string]*reach.Path{}
	for _, p := range a.Paths {
		if p.Place.Deployment != "" || p.Access == reach.Blocked && p.Source.Services == nil {
			continue
		}
		if p.Source.Services.Len() == 0 {
			out[p.Place.String()] = p
		}
		for ref := range p.Source.Services.All() {
			out[fmt.Sprint(p.Place, " from ", ref)] = p
		}
	}
	return out
}

// removes tells whether a plan removes the endpoint that a path leads to.
func removes(plan *fix.Plan, p *reach.Path) bool {
	return plan.Service == p.Target.Ref() && p.Facts.Offer != nil &&
		slices.ContainsFunc(plan.Edits(), func(e fix.Edit) bool {
			return e.Kind == fix.EditRemoveEndpoint && e.PortName == p.Facts.Offer.PortName
		})
}

// samePlaces fails where a plan makes a path vanish: what verifies the plan, and
// compares two days, would lose sight of it.
func samePlaces(t interface {
	Helper()
	Errorf(string, ...any)
	Fatal(...any)
}, s *model.Snapshot,
) {
	t.Helper()
	a := rule.Analyze(s)
	plans, err := planner.Plans(a)
	if err != nil {
		t.Fatal(err)
	}
	before := placesAndCallers(a)
	for i := range plans {
		plan := &plans[i]
		if plan.Kind == fix.Redeploy || plan.Refusal != nil {
			continue // one changes nothing but which tasks run, the other is not carried out
		}
		outcome, err := fix.Outcome(s, plan.Service, plan.Steps)
		if err != nil {
			t.Fatal(err)
		}
		after := placesAndCallers(rule.Analyze(outcome))
		for pair, p := range before {
			if after[pair] == nil && !removes(plan, p) {
				t.Errorf("%s: %s is no longer there", plan.ID, pair)
			}
		}
	}
}

func TestAPlanChangesNoPlaceButOfAnEndpointThatItRemoves(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*model.Snapshot{
		"article": modeltest.Article(0, 80), "lost group": modeltest.Article(8080, 80), "shop": readShop(t),
		"fleet": modeltest.Fleet(3, 40),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			samePlaces(t, s)
		})
	}
}

func TestAPlanOfAnyAccountChangesNoPlaceButOfAnEndpointThatItRemoves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { samePlaces(t, modeltest.Draw(t)) })
}
