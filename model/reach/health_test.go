package reach_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// web is a service behind a load balancer that its group admits, with targets.
func web(targets ...model.Target) *Builder {
	return New().Group("sg-alb", In("tcp 443", "0.0.0.0/0")).Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 443, "tg").
		Service("web", Port("http", 80, "http"), Behind("tg", 80)).
		Edit(func(s *model.Snapshot) {
			s.TargetGroups[0].Health = &model.TargetHealth{Targets: targets, ReadAt: Time}
		})
}

func target(state, reason string) model.Target {
	return model.Target{ID: "10.0.0.4", Port: 80, State: state, Reason: reason}
}

// requests is the path of the load balancer's requests.
func requests(t *testing.T, s *model.Snapshot) *reach.Path {
	t.Helper()
	paths := reach.Paths(model.NewIndex(s))
	i := slices.IndexFunc(paths, func(p *reach.Path) bool { return p.Source.Kind == reach.SourceLoadBalancer })
	if i < 0 {
		t.Fatal("no path of the load balancer")
	}
	return paths[i]
}

// A service that wants tasks and has none answers nobody; one that is scaled to zero is so on
// purpose. A caller that is refused anyway is as refused as it was.
func TestNoPathIntoAServiceThatWantsTasksAndHasNoneIsFine(t *testing.T) {
	for name, tt := range map[string]struct {
		desired, running int
		want             []reach.Verdict // of the requests, the admitted caller and the refused one
	}{
		"running":        {3, 3, []reach.Verdict{reach.UnnecessaryHop, reach.Needed, reach.Closed}},
		"scaled to zero": {0, 0, []reach.Verdict{reach.UnnecessaryHop, reach.Needed, reach.Closed}},
		"none of three":  {3, 0, []reach.Verdict{reach.Broken, reach.Broken, reach.Closed}},
	} {
		s := New().Group("sg-alb", In("tcp 80", "0.0.0.0/0")).Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 80", "sg-cli")).
			Group("sg-cli").Group("sg-other").ALB("alb", 80, "tg").
			Service("web", Port("http", 80, "http"), Behind("tg", 80), Offer("http", 0, 80), Change(func(s *Spec) {
				s.Service.DesiredCount, s.Service.RunningCount = tt.desired, tt.running
			})).
			Service("cli", Client()).Service("other", Client()).Snapshot()
		var got []reach.Verdict
		for _, p := range reach.Paths(model.NewIndex(s)) {
			if p.Source.Kind != reach.SourceHealthCheck {
				got = append(got, p.Observed())
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestNoPathWhoseTargetsAreAllUnhealthyIsFine(t *testing.T) {
	check := func(change func(*model.HealthCheck)) func(*model.Snapshot) {
		return func(s *model.Snapshot) { change(&s.TargetGroups[0].HealthCheck) }
	}
	keep := func(*model.Snapshot) {}
	timeout, failed := target("unhealthy", model.TargetTimeout), target("unhealthy", model.TargetFailedHealthChecks)
	mismatch := target("unhealthy", model.TargetResponseCodeMismatch)
	for _, c := range []struct {
		name    string
		targets []model.Target
		edit    func(*model.Snapshot)
		want    reach.Verdict
	}{
		{"healthy", []model.Target{target("healthy", "")}, keep, reach.OK},
		{"one of two", []model.Target{target("healthy", ""), timeout}, keep, reach.OK},
		{"nothing answers", []model.Target{timeout, failed}, keep, reach.Broken},
		{"the app answers the checks: requests may be answered", []model.Target{timeout, mismatch}, keep, reach.Risk},
		{
			"the checks have a port of their own: requests may be answered",
			[]model.Target{timeout},
			check(func(c *model.HealthCheck) { c.Port = "8080" }), reach.Risk,
		},
		{
			"what is unknown stays unknown",
			[]model.Target{mismatch},
			func(s *model.Snapshot) { Deny(s, model.DescribeSecurityGroups) }, reach.Unknown,
		},
		{
			"the requests have the clients' addresses, the checks have not",
			[]model.Target{timeout},
			func(s *model.Snapshot) {
				s.LoadBalancers[0].Type, s.TargetGroups[0].Protocol = model.NetworkLoadBalancer, "TCP"
				s.TargetGroups[0].Attributes = &model.TargetGroupAttributes{PreserveClientIP: true}
			}, reach.Risk,
		},
		{"being registered", []model.Target{target("initial", "Elb.InitialHealthChecking")}, keep, reach.OK},
		{"being taken out", []model.Target{target("draining", "Target.DeregistrationInProgress")}, keep, reach.OK},
		{
			"unhealthy, for its last connections",
			[]model.Target{target("unhealthy.draining", model.TargetTimeout)},
			keep,
			reach.Broken,
		},
		{"not in use, as AWS says", []model.Target{target("unused", "Target.NotInUse")}, keep, reach.Unknown},
		{
			"not in use, and another one is",
			[]model.Target{target("unused", "Target.NotInUse"), target("healthy", "")},
			keep,
			reach.OK,
		},
		{"not checked", []model.Target{target("unavailable", "Target.HealthCheckDisabled")}, keep, reach.OK},
		{"no target", nil, keep, reach.OK},
		{
			"in the grace period",
			[]model.Target{timeout},
			func(s *model.Snapshot) {
				s.Services[0].HealthCheckGracePeriodSeconds = 60
				s.Services[0].Deployments[0].CreatedAt = Time.Add(-time.Minute + time.Second)
			}, reach.OK,
		},
		{
			"after the grace period",
			[]model.Target{timeout},
			func(s *model.Snapshot) {
				s.Services[0].HealthCheckGracePeriodSeconds = 60
				s.Services[0].Deployments[0].CreatedAt = Time.Add(-time.Minute)
			}, reach.Broken,
		},
		{
			"a snapshot without the time of reading",
			[]model.Target{timeout},
			func(s *model.Snapshot) {
				s.TargetGroups[0].Health.ReadAt = time.Time{}
				s.Services[0].HealthCheckGracePeriodSeconds = 60
				s.Services[0].Deployments[0].CreatedAt = Time.Add(-time.Hour)
			}, reach.Broken,
		},
		{
			"targets with another port are not the service's",
			[]model.Target{target("healthy", ""), {Port: 81, State: "unhealthy"}},
			keep, reach.OK,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := requests(t, web(c.targets...).Edit(c.edit).Snapshot())
			if got := p.Observed(); got != c.want {
				t.Errorf("the path is %s, want %s (by configuration %s, health %+v)", got, c.want, p.Verdict, p.Health)
			}
		})
	}
}

func TestHealthCountsTargets(t *testing.T) {
	h := requests(t, web(
		target("healthy", ""), target("unhealthy", model.TargetTimeout), target("initial", "Elb.InitialHealthChecking"),
		model.Target{ID: "10.0.0.9", Port: 8080, State: "unhealthy", Reason: model.TargetTimeout},
	).Snapshot()).Health
	if h == nil || len(h.Targets) != 3 || h.Healthy != 1 || h.Unhealthy != 1 || h.Starting != 0 || !h.ReadAt.Equal(Time) {
		t.Fatalf("the health is %+v", h)
	}
	if want := map[string]int{"healthy": 1, "unhealthy": 1, "initial": 1}; !maps.Equal(h.States(), want) {
		t.Errorf("states %v, want %v", h.States(), want)
	}
	if want := map[string]int{"Target.Timeout": 1, "Elb.InitialHealthChecking": 1}; !maps.Equal(h.Reasons(), want) {
		t.Errorf("reasons %v, want %v", h.Reasons(), want)
	}
}

func TestHealthThatWasNotReadIsNotClaimed(t *testing.T) {
	p := requests(t, web().Edit(func(s *model.Snapshot) { s.TargetGroups[0].Health = nil }).Snapshot())
	if p.Health != nil || p.Observed() != reach.OK {
		t.Errorf("health %+v, verdict %s; want none, and ok by configuration", p.Health, p.Observed())
	}
}

// Of what CloudWatch counted neither the targets nor the reasons are known: where none is
// healthy it is a risk, whatever the configuration of the checks.
func TestCountedHealthClaimsNoMoreThanItsCounts(t *testing.T) {
	counted := func(healthy, unhealthy int) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			s.TargetGroups[0].Health = nil
			s.TargetGroups[0].HostCounts = &model.HostCounts{Healthy: healthy, Unhealthy: unhealthy, At: Time}
		}
	}
	for _, c := range []struct {
		name   string
		edit   func(*model.Snapshot)
		want   reach.Verdict
		states map[string]int
	}{
		{"healthy", counted(2, 0), reach.OK, map[string]int{"healthy": 2}},
		{"none is healthy", counted(0, 2), reach.Risk, map[string]int{"unhealthy": 2}},
		{
			"none is healthy, in the grace period", func(s *model.Snapshot) {
				counted(0, 2)(s)
				s.Services[0].HealthCheckGracePeriodSeconds = 60
				s.Services[0].Deployments[0].CreatedAt = Time
			}, reach.OK, map[string]int{"unhealthy": 2},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := requests(t, web().Edit(c.edit).Snapshot())
			h := p.Health
			if h == nil || !h.Counted || h.Targets != nil || h.Len() != 2 || !h.ReadAt.Equal(Time) || len(h.Reasons()) > 0 {
				t.Fatalf("the health is %+v", h)
			}
			if p.Observed() != c.want || !maps.Equal(h.States(), c.states) {
				t.Errorf("%s, states %v; want %s, %v", p.Observed(), h.States(), c.want, c.states)
			}
		})
	}
}

// What was read of the targets is more than their count.
func TestReadHealthGoesBeforeCounts(t *testing.T) {
	h := requests(t, web(target("unhealthy", model.TargetTimeout)).Edit(func(s *model.Snapshot) {
		s.TargetGroups[0].HostCounts = &model.HostCounts{Healthy: 1, At: Time}
	}).Snapshot()).Health
	if h.Counted || h.Healthy != 0 || h.Unhealthy != 1 {
		t.Errorf("the health is %+v", h)
	}
}
