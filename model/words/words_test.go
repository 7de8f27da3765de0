package words_test

import (
	"maps"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/words"
)

func callers(names ...string) *reach.Callers {
	refs := make([]model.Ref, len(names))
	for i, name := range names {
		refs[i] = model.Ref{Cluster: "prod", Service: name}
	}
	return reach.NewCallers(refs)
}

func TestCallersAreNamedInOneForm(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*reach.Callers{
		"callers not known":        nil,
		"cart":                     callers("cart"),
		"cart and catalog":         callers("cart", "catalog"),
		"cart, catalog and web":    callers("cart", "catalog", "web"),
		"cart, catalog and 2 more": callers("cart", "catalog", "web", "worker"),
	} {
		if got := words.Callers(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	many := callers("cart", "catalog", "web", "worker")
	if got := words.CallersWithin(many, 20) + "; " + words.CallersWithin(many, 30) + "; " +
		words.CallersWithin(callers("cart"), 2); got !=
		"cart and 3 more; cart, catalog and 2 more; cart" {
		t.Error(got)
	}
}

func TestSourcesAndTargetsAreNamed(t *testing.T) {
	t.Parallel()
	share, none := 30, 0
	alb := reach.Source{Kind: reach.SourceLoadBalancer, Name: "alb", ListenerPort: 80, Rule: "default"}
	weighted, idle, unread := alb, alb, reach.Source{Kind: reach.SourceLoadBalancer, TargetGroup: "tg"}
	weighted.Rule, weighted.Weight = "10", &share
	idle.Weight = &none
	grouped := weighted
	grouped.TargetGroup = "tg"
	calls := reach.Source{Kind: reach.SourceServiceConnect, Services: callers("cart"), Endpoint: "web.ns:80"}
	target := reach.Target{Service: "web", ContainerPort: 80}
	replaced := target
	replaced.Deployment = "ACTIVE"
	front := reach.Facts{Front: &model.LoadBalancer{Name: "alb"}, LoadBalancer: &model.LoadBalancer{Name: "inner"}}
	for want, p := range map[string]reach.Path{
		"alb :80 → web:80":                         {Source: alb, Target: target},
		"alb :80 rule 10 (30 %) → web:80 (ACTIVE)": {Source: weighted, Target: replaced},
		"alb :80 (0 %, idle) → web:80":             {Source: idle, Target: target},
		"alb :80 via inner → web:80":               {Source: alb, Target: target, Facts: front},
		"alb :80 (registered by hand) → web:80":    {Source: alb, Target: target, Facts: reach.Facts{ByHand: true}},
		"load balancer of tg → web:80":             {Source: unread, Target: target, Twin: true},
		"a load balancer → web": {
			Source: reach.Source{Kind: reach.SourceLoadBalancer},
			Target: reach.Target{Service: "web"},
		},
		"health check of alb → web:80": {
			Source: reach.Source{Kind: reach.SourceHealthCheck, Name: "alb"},
			Target: target,
		},
		"gateway shop :443 → web:80": {Source: reach.Source{
			Kind: reach.SourceServiceGateway, Name: "shop",
			ListenerPort: 443,
		}, Target: target},
		"VPC Lattice (tg) → web:80": {
			Source: reach.Source{Kind: reach.SourceVPCLattice, TargetGroup: "tg"},
			Target: target,
		},
		"alb :80 rule 10 (30 %) (tg) → web:80": {Source: grouped, Target: target, Twin: true},
		"health check of alb (tg) → web:80": {
			Source: reach.Source{Kind: reach.SourceHealthCheck, Name: "alb", TargetGroup: "tg"}, Target: target, Twin: true,
		},
		"cart → web.ns:80":  {Source: calls, Target: target},
		"unknown source → ": {},
	} {
		if got := words.Path(&p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhoSendsRequestsIsNamed(t *testing.T) {
	t.Parallel()
	alb := &reach.Path{Source: reach.Source{Kind: reach.SourceLoadBalancer, Name: "alb", ListenerPort: 80}}
	web := &reach.Path{Source: reach.Source{Kind: reach.SourceServiceDiscovery, Services: callers("web")}}
	if got := words.Sources([]*reach.Path{alb, alb, web}); got != "alb :80 and service discovery" {
		t.Errorf("sources: %s", got)
	}
	if got := words.Sender(alb) + ", " + words.Sender(web) + ", " +
		words.Sender(&reach.Path{}); got != "alb, web, unknown source" {
		t.Errorf("senders: %s", got)
	}
	if got := words.Expected(reach.SourceHealthCheck, "alb", 0) + "; " +
		words.Expected(reach.SourceServiceConnect, "prod/web", 2); got !=
		"health check of alb; prod/web and 2 more like it" {
		t.Errorf("expected: %s", got)
	}
}

func TestVerdictsAreNamed(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]reach.Path{
		"blocked":         {Verdict: reach.Broken, Access: reach.Blocked},
		"broken":          {Verdict: reach.Broken, Access: reach.Allowed},
		"ok, direct":      {Verdict: reach.OK, Via: reach.ViaDirect},
		"ok (by agent)":   {Verdict: reach.OK, Via: reach.ViaAgent},
		"unnecessary hop": {Verdict: reach.UnnecessaryHop},
		"needed":          {Verdict: reach.Needed, Via: reach.ViaAgent, Source: reach.Source{Kind: reach.SourceLoadBalancer}},
	} {
		if got := words.Verdict(&p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	healthy := reach.Path{
		Verdict: reach.Needed, Via: reach.ViaAgent, Source: reach.Source{Kind: reach.SourceServiceConnect},
	}
	if got := words.Verdict(&healthy); got != "ok (by agent)" {
		t.Errorf("a healthy path of Service Connect is %q", got)
	}
}

func TestNumbersHaveTheirNoun(t *testing.T) {
	t.Parallel()
	if got := words.Count(0, "path") + ", " + words.Count(1, "path") + ", " +
		words.Count(2, "path"); got != "0 paths, 1 path, 2 paths" {
		t.Error(got)
	}
}

func TestTargetsAreCounted(t *testing.T) {
	target := func(state string) model.Target { return model.Target{State: state} }
	counted := time.Date(2026, 11, 22, 9, 4, 0, 0, time.FixedZone("", 3600))
	for want, h := range map[string]*reach.Health{
		"|": nil,
		"no target registered|no target registered": {},
		"2 of 2 targets healthy|": {Healthy: 2, Targets: []model.Target{
			target("healthy"),
			target("healthy"),
		}},
		"2 of 2 targets healthy (CloudWatch's count at 08:04 UTC)|": {
			Healthy: 2, Counted: true, ReadAt: counted,
		},
		"0 of 1 target healthy, 1 in the grace period (CloudWatch's count at 08:04 UTC)|" +
			"0 of 1 target healthy, 1 in the grace period (CloudWatch's count at 08:04 UTC)": {
			Starting: 1, Counted: true, ReadAt: counted,
		},
		"0 of 1 target healthy|0 of 1 target healthy": {Unhealthy: 1, Targets: []model.Target{target("unhealthy")}},
		"1 of 3 targets healthy, 1 in the grace period, 1 initial|1 of 3 targets healthy, 1 in the grace period, 1 initial": {
			Healthy: 1, Starting: 1, Targets: []model.Target{target("healthy"), target("unhealthy"), target("initial")},
		},
	} {
		if got := words.Health(h) + "|" + words.UnhealthyTargets(h); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTasksThatNoServiceStartedAreNamedAsCallers(t *testing.T) {
	paths := reach.Paths(model.NewIndex(modeltest.New().Group("sg-alb", modeltest.In("tcp 80", "sg-batch")).
		Group("sg-batch").Group("sg-web", modeltest.In("tcp 80", "sg-alb")).ALB("alb", 80, "tg").
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80)).
		Edit(func(s *model.Snapshot) {
			task := model.StandaloneTask{NetworkInterface: "eni-1"}
			task.TaskDefinition = "arn:aws:ecs:r:1:task-definition/report:1"
			s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Tasks: []model.StandaloneTask{task}}}
			s.NetworkInterfaces = []model.NetworkInterface{{ID: "eni-1", SecurityGroups: []string{"sg-batch"}}}
		}).Snapshot()))
	got := map[reach.SourceKind]string{}
	for _, p := range paths {
		got[p.Source.Kind] = words.OtherCallers(p)
	}
	want := map[reach.SourceKind]string{
		reach.SourceLoadBalancer: "admits report: 1 standalone task", reach.SourceHealthCheck: "",
	}
	if !maps.Equal(got, want) {
		t.Errorf("other callers are %q, want %q", got, want)
	}
}
