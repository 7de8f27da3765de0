package rule_test

import (
	"slices"
	"sync"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// A deployment that has ended takes its groups along: what admits them alone then admits
// what nothing has.
func TestAGroupThatADeploymentHadIsHeldByNothingAfterIt(t *testing.T) {
	t.Parallel()
	s := modeltest.New().ALB("alb", 80, "tg").Group("sg-alb", modeltest.In("tcp 80", "sg-old")).
		Group("sg-old").Group("sg-web", modeltest.In("tcp 80", "sg-alb")).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80), func(s *modeltest.Spec) {
			old := s.Deployment
			old.ID, old.Status = "ecs-svc/0", "ACTIVE"
			old.Network = &model.Network{Subnets: old.Network.Subnets, SecurityGroups: []string{"sg-old"}}
			s.Service.Deployments = append(s.Service.Deployments, old)
		}).Snapshot()
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
	}
	says := func(findings []*rule.Finding) bool {
		return slices.ContainsFunc(findings, func(f *rule.Finding) bool { return f.Code == "NET205" })
	}
	a := rule.Analyze(s)
	after := s.Services[0]
	after.Deployments = slices.DeleteFunc(slices.Clone(after.Deployments), func(d model.Deployment) bool {
		return d.Status == "ACTIVE"
	})
	later := a.WhatIf().With(&after, nil).Service(after.Ref())
	if says(a.Findings) || !says(later.Findings) {
		t.Errorf("NET205 before: %t, after: %t", says(a.Findings), says(later.Findings))
	}
}

// The screen makes plans for several services at once. The race detector judges.
func TestSeveralGoroutinesMayAskOneAnalysisWhatIf(t *testing.T) {
	t.Parallel()
	a := rule.Analyze(modeltest.Fleet(1, 20))
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			w := a.WhatIf()
			for i := range a.Snapshot.Services {
				w.Service(a.Snapshot.Services[i].Ref())
			}
		})
	}
	asking.Wait()
}
