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
	for i := range report.Findings {
		f := &report.Findings[i]
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
	for _, c := range slices.Concat(hops(), refusals(), misconfigurations(), risks(), advised()) {
		removalsLast(t, c.build.Snapshot())
	}
	rapid.Check(t, func(t *rapid.T) { removalsLast(t, Draw(t)) })
}

// What a plan that is carried out takes away, its steps say.
func TestAPlanNamesWhatItRemoves(t *testing.T) {
	removed := func(p *fix.Plan) bool {
		return slices.ContainsFunc(p.Steps, func(s fix.Step) bool {
			gone := slices.ContainsFunc(s.Edits, func(e fix.Edit) bool { return e.Kind == fix.EditRemoveEndpoint })
			return !s.Later && (s.Revokes() || gone)
		})
	}
	plans := append(plansOf(t, readShop(t)), plansOf(t, Article(0))...)
	some := false
	for i := range plans {
		p := &plans[i]
		some = some || removed(p)
		if removed(p) && len(p.Removes) == 0 {
			t.Errorf("%s removes something, and does not say so", p.ID)
		}
	}
	if !some {
		t.Error("no plan removes anything")
	}
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
