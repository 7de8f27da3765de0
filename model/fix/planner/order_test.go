package planner_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// removalsLast: no finding's first plan takes something away where another one
// repairs it.
func removalsLast(t T, s *model.Snapshot) {
	t.Helper()
	report := rule.Analyze(s)
	plans, err := planner.Plans(report)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, f := range report.Findings {
		repairs := slices.DeleteFunc(slices.Clone(plans), func(p fix.Plan) bool { return !isFor(&p, f) })
		for j := 1; j < len(repairs); j++ {
			if p, o := &repairs[j-1], &repairs[j]; len(p.Removes) > 0 && len(o.Removes) == 0 {
				t.Errorf("%s of %s: %s takes %q away, and comes before %s", f.Code, f.Service, p.ID, p.Removes, o.ID)
			}
		}
	}
}

// isFor tells whether a plan repairs a finding.
func isFor(p *fix.Plan, f *rule.Finding) bool { return slices.Contains(p.Findings, f.Key()) }

func TestRemovalsComeLast(t *testing.T) {
	removalsLast(t, readShop(t))
	removalsLast(t, Article(0, 80))
	removalsLast(t, Article(0))
	removalsLast(t, Article(8080, 80))
	removalsLast(t, Fleet(3, 40))
	for _, c := range slices.Concat(hops(), refusals(), misconfigurations(), risks(), advised()) {
		removalsLast(t, c.build.Snapshot())
	}
	rapid.Check(t, func(t *rapid.T) { removalsLast(t, Draw(t)) })
}

// takesAway tells by its steps alone whether a plan removes an endpoint, TLS or a rule.
func takesAway(p *fix.Plan) bool {
	return slices.ContainsFunc(p.Steps, func(s fix.Step) bool {
		gone := slices.ContainsFunc(s.Edits, func(e fix.Edit) bool {
			return e.Kind == fix.EditRemoveEndpoint || e.Kind == fix.EditTLS && e.Drop
		})
		return !s.Later && (s.Revokes() || gone)
	})
}

// What a plan that is carried out takes away, it says: it is then never the one that
// --apply chooses.
func TestAPlanNamesWhatItRemoves(t *testing.T) {
	removing := 0
	named := func(t T, s *model.Snapshot) {
		plans, err := planner.Plans(rule.Analyze(s))
		if err != nil {
			t.Fatalf("%v", err)
		}
		for i := range plans {
			if p := &plans[i]; takesAway(p) {
				if removing++; len(p.Removes) == 0 {
					t.Errorf("%s removes something, and does not say so", p.ID)
				}
			}
		}
	}
	for _, s := range []*model.Snapshot{readShop(t), Article(0), Article(0, 80), Article(8080, 80), Fleet(3, 40)} {
		named(t, s)
	}
	for _, c := range slices.Concat(hops(), refusals(), misconfigurations(), risks(), advised()) {
		named(t, c.build.Snapshot())
	}
	if removing == 0 {
		t.Error("no plan removes anything")
	}
	rapid.Check(t, func(t *rapid.T) { named(t, Draw(t)) })
}

func TestAnEndpointThatEndsTLSIsNotRemoved(t *testing.T) {
	s := web(Offer("http", 0, 80), tls()).Group("sg-web", In("tcp 80", "sg-alb")).
		Edit(group(func(g *model.TargetGroup) { g.Protocol = "HTTPS" })).Snapshot()
	remove := fix.Step{Kind: fix.UpdateService, Edits: []fix.Edit{{Kind: fix.EditRemoveEndpoint, PortName: "http"}}}
	p, err := planner.WhatIf(rule.Analyze(s), model.Ref{Cluster: "prod", Service: "web"}, []fix.Step{remove})
	if err != nil {
		t.Fatal(err)
	}
	if p.Refusal == nil || !strings.Contains(p.Refusal.Reason, "TLS ends nowhere") {
		t.Errorf("the plan is refused by %+v", p.Refusal)
	}
}
