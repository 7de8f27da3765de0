package planner_test

import (
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// Healthy targets are promised where they were seen to be healthy, or where a refusal
// explains why they are not; never where nothing is known of them.
func TestHealthyTargetsArePromisedWhereTheyWereSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*model.Snapshot)
		want bool
	}{
		"not read":      {func(*model.Snapshot) {}, false},
		"no target":     {targets(), false},
		"healthy":       {targets(model.TargetHealthy, model.TargetHealthy), true},
		"one unhealthy": {targets(model.TargetHealthy, model.TargetUnhealthy), false},
		"starting":      {targets("initial"), false},
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, web(Offer("http", 0, 80)).Edit(c.edit).Snapshot(), "set-ingress-port-override/prod/web:80")
			if got := promisesHealth(t, &p); got != c.want {
				t.Errorf("healthy targets are promised: %t", got)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		b := New().Group("sg-alb").Group("sg-web").ALB("alb", 80, "tg").Service("web", Port("http", 80, "http"),
			Behind("tg", 80))
		for _, p := range plansOf(t, b.Edit(targets(model.TargetUnhealthy)).Snapshot()) {
			if p.Kind == fix.OpenPort && promisesHealth(t, &p) {
				return
			}
		}
		t.Error("no plan promises that the targets become healthy once they are admitted")
	})
}

// promisesHealth tells whether a plan promises healthy targets behind its load balancer.
func promisesHealth(t *testing.T, p *fix.Plan) bool {
	t.Helper()
	found := false
	for i := range p.Wanted {
		e := &p.Wanted[i]
		if e.Source == reach.SourceLoadBalancer {
			found = true
			if e.Healthy {
				return true
			}
		}
	}
	if !found {
		t.Errorf("%s promises nothing of the load balancer: %+v", p.ID, p.Wanted)
	}
	return false
}
