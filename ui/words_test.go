package ui

import (
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/ui/internal/sample"
)

func TestAnAgeIsInWordsAndNeverFinerThanItsStep(t *testing.T) {
	cases := map[time.Duration]string{
		0: "now", 999 * time.Millisecond: "now", time.Second: "1 s ago", 9 * time.Second: "9 s ago",
		19 * time.Second: "10 s ago", 59 * time.Second: "50 s ago", time.Minute: "1 min ago",
		59 * time.Minute: "59 min ago", time.Hour: "1 h ago", 47 * time.Hour: "47 h ago", 49 * time.Hour: "2 days ago",
	}
	for age, want := range cases {
		if got := ago(age); got != want {
			t.Errorf("ago(%v) = %q, want %q", age, got, want)
		}
	}
}

func TestAnAccountIsMasked(t *testing.T) {
	for in, want := range map[string]string{"123456789012": "1234…9012", "": "", "short": "short"} {
		if got := masked(in); got != want {
			t.Errorf("masked(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPathsHaveHeadlines(t *testing.T) {
	share := 20
	weighted := sample.ViaAgent()
	weighted.Source.Rule, weighted.Source.Weight = "10", &share
	old := sample.NoAgent()
	old.Target.Deployment = "ACTIVE"
	cases := map[string]struct {
		path    reach.Path
		line    string
		verdict string
	}{
		"load balancer":   {sample.ViaAgent(), "main-alb :80 → sample-ecs-app:80", "unnecessary hop"},
		"weighted rule":   {weighted, "main-alb :80 rule 10 20 % → sample-ecs-app:80", "unnecessary hop"},
		"old deployment":  {old, "main-alb :80 → sample-ecs-app:80 (ACTIVE)", "ok, direct"},
		"health check":    {sample.HealthCheck(), "health check of main-alb → sample-ecs-app:80", "ok, via agent"},
		"service connect": {sample.ServiceConnect(80, reach.Allowed, "a", "b", "c"), "a, b +1 → app.sample-namespace:80", "needed"},
		"refused":         {sample.ServiceConnect(80, reach.Blocked, "a"), "a → app.sample-namespace:80", "blocked"},
		"two in a row":    {sample.Chain(), "edge :443 via main-alb → sample-ecs-app:80", "ok, direct"},
		"gateway":         {sample.Gateway(), "gateway shop-gateway :443 rule 10 → sample-ecs-app:80", "unnecessary hop"},
		"lattice":         {sample.Lattice(reach.Blocked), "VPC Lattice app-lattice-tg → sample-ecs-app:80", "blocked"},
		"by hand":         {sample.ByHand(), "main-alb :80 by hand → sample-ecs-app:80", "unnecessary hop"},
		"all requests":    {sample.Weighted(100, "blue-tg"), "main-alb :80 100 % → sample-ecs-app:80", "ok, direct"},
		"idle side":       {sample.Weighted(0, "green-tg"), "main-alb :80 0 %, idle → sample-ecs-app:80", "ok, direct"},
		"made by ECS":     {sample.Managed(), "load balancer that ECS manages → sample-ecs-app", "unknown"},
		"nothing known":   {reach.Path{}, "unknown source → ", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := headline(&c.path); got != c.line {
				t.Errorf("headline %q, want %q", got, c.line)
			}
			if got := verdictWords(&c.path); got != c.verdict {
				t.Errorf("verdict %q, want %q", got, c.verdict)
			}
		})
	}
}

func TestExportNamesAreFileNames(t *testing.T) {
	s := sample.Snapshot()
	s.Scope.Region = "../x\x1b"
	if got, want := exportName(s), "hopscope-..-x--20261122-090000.json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := exportName(&model.Snapshot{}), "hopscope.json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
