package planner_test

import (
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// seen has callers that metrics saw, and requests that were counted.
func seen(s *model.Snapshot, callers ...string) *model.Snapshot {
	Measured(412, 412, time.Hour)(s)
	s.Traffic = &model.Traffic{Metric: model.MetricCallers}
	for _, name := range callers {
		s.Traffic.Edges = append(s.Traffic.Edges, model.TrafficEdge{
			Caller: model.Ref{Cluster: "prod", Service: name}, DiscoveryName: "app",
		})
	}
	return s
}

// Plans and tries say what of the traffic that was seen they would cut, and what they would
// lead another way.
func TestPlansSayWhatTheyMoveAndCut(t *testing.T) {
	plans, err := planner.Plans(rule.Analyze(seen(Article(0, 80), "client-service")))
	if err != nil {
		t.Fatal(err)
	}
	const want = "Of the traffic: 0 of 1 caller seen calling in the last three hours would be refused; 412 requests a " +
		"minute of load balancers change their way."
	if len(plans) == 0 || !strings.HasSuffix(plans[0].Why, want) {
		t.Errorf("%+v", plans)
	}
	// A rule taken away refuses the one that was seen.
	a := rule.Analyze(seen(Article(10080, 80, 10080), "client-service"))
	ref := model.Ref{Cluster: "prod", Service: "sample-ecs-app"}
	g, _ := a.Index.SecurityGroup("sg-sample-ecs-app")
	var steps []fix.Step
	for i := range g.Ingress {
		if g.Ingress[i].Covers("tcp", 10080) {
			steps = append(steps, fix.Step{Kind: fix.RevokeIngress, Group: g.ID, Rule: &g.Ingress[i]})
		}
	}
	plan, err := planner.WhatIf(a, ref, steps)
	if err != nil || !strings.Contains(plan.Why, "1 of 1 caller seen calling in the last three hours would be refused") {
		t.Errorf("%v: %q", err, plan.Why)
	}
	// Nothing is said of what is not known.
	s := seen(Article(0, 80))
	s.Traffic, s.Metrics = nil, nil
	if plans, err = planner.Plans(rule.Analyze(s)); err != nil || strings.Contains(plans[0].Why, "Of the traffic") {
		t.Errorf("%v: %s", err, plans[0].Why)
	}
}
