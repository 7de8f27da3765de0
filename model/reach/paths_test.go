package reach_test

import (
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
)

func paths(s *model.Snapshot) []*reach.Path { return reach.Paths(model.NewIndex(s)) }

// one finds the only path of a kind into a service.
func one(t *testing.T, all []*reach.Path, kind reach.SourceKind, service string) *reach.Path {
	t.Helper()
	var found []*reach.Path
	for _, p := range all {
		if p.Source.Kind == kind && p.Target.Service == service {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d %s paths into %s, want 1: %v", len(found), kind, service, ids(all))
	}
	return found[0]
}

func ids(all []*reach.Path) []string {
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = p.ID
	}
	return out
}

func TestTheArticleInThreeActs(t *testing.T) {
	type want struct {
		via     reach.Via
		access  reach.Access
		verdict reach.Verdict
		wire    int
	}
	acts := []struct {
		name               string
		snapshot           *model.Snapshot
		lb, client, health want
	}{
		{
			"everything on port 80: the load balancer crosses the agent", modeltest.Article(0, 80),
			want{reach.ViaAgent, reach.Allowed, reach.UnnecessaryHop, 80},
			want{reach.ViaAgent, reach.Allowed, reach.Needed, 80},
			want{reach.ViaAgent, reach.Allowed, reach.UnnecessaryHop, 80},
		},
		{
			"override 8080, group open on 80 only: the client is refused", modeltest.Article(8080, 80),
			want{reach.ViaDirect, reach.Allowed, reach.OK, 80},
			want{reach.ViaAgent, reach.Blocked, reach.Closed, 8080},
			want{reach.ViaDirect, reach.Allowed, reach.OK, 80},
		},
		{
			"8080 opened: both ways are fine", modeltest.Article(8080, 80, 8080),
			want{reach.ViaDirect, reach.Allowed, reach.OK, 80},
			want{reach.ViaAgent, reach.Allowed, reach.Needed, 8080},
			want{reach.ViaDirect, reach.Allowed, reach.OK, 80},
		},
	}
	for _, act := range acts {
		t.Run(act.name, func(t *testing.T) {
			all := paths(act.snapshot)
			if len(all) != 3 {
				t.Fatalf("%d paths, want 3: %v", len(all), ids(all))
			}
			for kind, w := range map[reach.SourceKind]want{
				reach.SourceLoadBalancer: act.lb, reach.SourceServiceConnect: act.client, reach.SourceHealthCheck: act.health,
			} {
				p := one(t, all, kind, "sample-ecs-app")
				got := want{p.Via, p.Access, p.Verdict, p.Target.WirePort}
				if got != w {
					t.Errorf("%s path: got %+v, want %+v; hops %+v", kind, got, w, p.Hops())
				}
			}
		})
	}
}

func TestARefusalNamesGroupPortAndSymptom(t *testing.T) {
	p := one(t, paths(modeltest.Article(8080, 80)), reach.SourceServiceConnect, "sample-ecs-app")
	if !p.Facts.Intended {
		t.Error("the client is admitted on port 80, which is a sign that it is expected to call")
	}
	hop := p.Hops()[1]
	for _, want := range []string{"sg-sample-ecs-app", "tcp 8080", "sg-client-service"} {
		if !strings.Contains(hop.Why, want) {
			t.Errorf("why %q does not name %q", hop.Why, want)
		}
	}
	if !strings.Contains(hop.Symptom, "upstream request timeout") {
		t.Errorf("symptom %q does not quote what callers see", hop.Symptom)
	}
	if hop.Needed != "ingress rule on sg-sample-ecs-app: tcp 8080 from sg-client-service" {
		t.Errorf("needed rule: %q", hop.Needed)
	}
}
