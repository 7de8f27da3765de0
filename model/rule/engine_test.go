package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// codes are the codes of a report's findings with their severities.
func codes(r *rule.Analysis) []string {
	out := make([]string, len(r.Findings))
	for i, f := range r.Findings {
		out[i] = f.Code + " " + string(f.Severity)
	}
	return out
}

func pathOf(t *testing.T, r *rule.Analysis, kind reach.SourceKind, service string) *reach.Path {
	t.Helper()
	for _, p := range r.Paths {
		if p.Source.Kind == kind && p.Target.Service == service {
			return p
		}
	}
	t.Fatalf("no %s path into %s", kind, service)
	return nil
}

func TestTheArticleInThreeActs(t *testing.T) {
	acts := []struct {
		name       string
		snapshot   *model.Snapshot
		codes      []string
		lb, client reach.Verdict
	}{
		{
			"all ports 80", modeltest.Article(0, 80),
			[]string{"HOP101 warning", "CFG314 info", "HOP106 info"},
			reach.UnnecessaryHop, reach.Needed,
		},
		{
			"override 8080, group open on 80 only", modeltest.Article(8080, 80),
			[]string{"NET201 error"},
			reach.OK,
			reach.Broken,
		},
		{"8080 opened", modeltest.Article(8080, 80, 8080), []string{"RSK402 info"}, reach.OK, reach.Needed},
	}
	for _, act := range acts {
		t.Run(act.name, func(t *testing.T) {
			r := rule.Analyze(act.snapshot)
			if got := codes(r); !slices.Equal(got, act.codes) {
				t.Errorf("findings %v, want %v", got, act.codes)
			}
			if got := pathOf(t, r, reach.SourceLoadBalancer, "sample-ecs-app").Verdict; got != act.lb {
				t.Errorf("load balancer's verdict %s, want %s", got, act.lb)
			}
			if got := pathOf(t, r, reach.SourceServiceConnect, "sample-ecs-app").Verdict; got != act.client {
				t.Errorf("client's verdict %s, want %s", got, act.client)
			}
			if len(r.NotChecked()) != 0 {
				t.Errorf("not checked: %v", r.NotChecked())
			}
		})
	}
}

func TestTheTimeoutAndTheHealthCheckFollowFromTheHop(t *testing.T) {
	r := rule.Analyze(modeltest.Article(0, 80))
	root := r.Findings[0]
	if root.CausedBy != nil {
		t.Errorf("HOP101 is a root cause, got %+v", root.CausedBy)
	}
	for _, f := range r.Findings[1:] {
		if f.CausedBy == nil || f.CausedBy.Code != "HOP101" || f.CausedBy.Path() != root.Path() {
			t.Errorf("%s is caused by %+v, want HOP101 on %s", f.Code, f.CausedBy, root.Path())
		}
	}
}

func TestNET201NamesGroupPortAndSymptom(t *testing.T) {
	r := rule.Analyze(modeltest.Article(8080, 80))
	f := r.Findings[0]
	text := f.Title() + f.Detail()
	for _, want := range []string{"sg-sample-ecs-app", "8080", "upstream request timeout", "client-service"} {
		if !strings.Contains(text, want) {
			t.Errorf("finding does not name %q: %s", want, text)
		}
	}
}

func TestTwoEndpointsOfOneNameCollide(t *testing.T) {
	r := rule.Analyze(modeltest.New().
		Group("sg-a", modeltest.In("all", "10.0.0.0/16")).Group("sg-b", modeltest.In("all", "10.0.0.0/16")).
		Group("sg-c", modeltest.In("all", "10.0.0.0/16")).
		Service("a", modeltest.Port("http", 80, "http"), modeltest.Offer("http", 0, 80)).
		Service("b", modeltest.Port("http", 8080, "http"), modeltest.Offer("http", 0, 80)).
		Service("c", modeltest.Port("web", 80, "http"), modeltest.Offer("web", 0, 81)).
		Snapshot())
	timeouts := func(code string) bool { return code == "INF511 info" } // those of a, b and c
	// Callers use the discovery name, as the endpoints have no dnsName.
	if got := slices.DeleteFunc(codes(r), timeouts); !slices.Equal(got, []string{
		"CFG326 error", "CFG310 error",
		"CFG326 error", "CFG310 error",
	}) {
		t.Errorf("findings %v, want CFG310 and CFG326 on a and b", got)
	}
	for _, f := range r.Findings {
		if cause := f.CausedBy; (f.Code == "CFG310") != (cause != nil && cause.Code == "CFG326") {
			t.Errorf("%s is caused by %+v", f.Code, cause)
		}
	}
	if p := pathOf(t, r, reach.SourceServiceConnect, "a"); p.Verdict != reach.Broken {
		t.Errorf("verdict %s of an endpoint whose name another one has", p.Verdict)
	}
	if p := pathOf(t, r, reach.SourceServiceConnect, "c"); p.Verdict != reach.Needed {
		t.Errorf("verdict %s of an endpoint on another port", p.Verdict)
	}
}

// A lost port name is one mistake, on whichever paths it shows, and what cannot be said of
// a port is no finding about groups.
func TestALostPortNameIsOneFinding(t *testing.T) {
	b := modeltest.New().Group("sg-alb").ALB("alb", 80, "tg").Group("sg-client").Service("client", modeltest.Client()).
		Group("sg-web", modeltest.In("all", "sg-alb")).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Offer("lost", 0, 80), modeltest.Behind("tg", 80))
	r := rule.Analyze(b.Snapshot())
	if got := codes(r); !slices.Equal(got, []string{"CFG309 error"}) {
		t.Fatalf("findings %v, want one CFG309", got)
	}
	var kinds []string
	for _, p := range r.Findings[0].Paths {
		kinds = append(kinds, fmt.Sprint(p.Source.Kind, " ", p.Access))
	}
	if want := []string{"health-check allowed", "load-balancer allowed", "service-connect blocked"}; !slices.Equal(kinds,
		want) {
		t.Errorf("it is about %v, want %v", kinds, want)
	}
}

// One listener that admits no client is one fault: it is named once, and what other
// services behind it have follows from it.
func TestAClosedListenerIsNamedOnce(t *testing.T) {
	in := modeltest.In("tcp 80", "sg-alb")
	s := modeltest.New().ALB("alb", 80, "tg").Group("sg-alb").Group("sg-a", in).Group("sg-b", in).
		TargetGroup("tg-b", modeltest.LoadBalancerARN("alb")).
		Service("a", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80)).
		Service("b", modeltest.Port("http", 80, "http"), modeltest.Behind("tg-b", 80)).
		Edit(func(s *model.Snapshot) {
			s.ListenerRules[0].Actions[0].Forward = []model.WeightedTargetGroup{
				{TargetGroupARN: modeltest.TargetGroupARN("tg"), Weight: 1},
				{TargetGroupARN: modeltest.TargetGroupARN("tg-b"), Weight: 1},
			}
		}).Snapshot()
	var got []string
	for _, f := range rule.Analyze(s).Findings {
		if f.Code == "NET205" {
			if cause := f.CausedBy == nil; cause != strings.Contains(f.Title(), "behind it are a and b") ||
				cause != strings.Contains(f.Detail(), "Requests to a and b come this way") {
				t.Errorf("%s: %s", f.Title(), f.Detail())
			}
			cause := "none"
			if f.CausedBy != nil {
				cause = f.CausedBy.Code + " of " + f.CausedBy.Service
			}
			got = append(got, f.Service+": "+cause)
		}
	}
	if want := []string{"a: none", "b: NET205 of a"}; !slices.Equal(got, want) {
		t.Errorf("causes are %q, want %q", got, want)
	}
}

// A cause stands before what follows from it, whatever their codes are.
func TestCausesStandFirst(t *testing.T) {
	s := web().Group("sg-alb", modeltest.NoEgress(), modeltest.In("tcp 80", "0.0.0.0/0")).
		Edit(observed(timeout)).Snapshot()
	r := rule.Analyze(s)
	at := func(code string) int {
		return slices.IndexFunc(r.Findings, func(f *rule.Finding) bool { return f.Code == code })
	}
	cause, consequence := at("NET203"), at("HLT601")
	if cause < 0 || consequence < 0 || cause > consequence {
		t.Fatalf("%v", codes(r))
	}
	if by := r.Findings[consequence].CausedBy; by != r.Findings[cause] {
		t.Errorf("HLT601 follows from %v", by)
	}
}
