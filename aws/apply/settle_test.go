package apply_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// A dead target that was registered by hand does not become healthy by a plan: it is told
// as soon as those of the service are.
func TestADeadTargetOfOthersIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		w := awstest.Load(t, "article")
		app := &w.SecurityGroups[1]
		app.Ingress = slices.DeleteFunc(app.Ingress,
			func(r simulator.SecurityGroupRule) bool { return r.Group == "main-alb" })
		w.TargetGroups[0].Targets = []simulator.Target{{Address: "10.0.0.250", Port: 80}}
		w.TargetGroups[0].Health = []simulator.TargetHealth{
			{Targets: 1, State: "healthy"}, {State: "unhealthy", Reason: "Target.Timeout"},
		}
		s.sim = simulator.New(w, simulator.Options{})
		s.source = openBehind(t, s.sim, awsOptions())
		s.applier = newApplier(s)
		plans, err := planner.Plans(rule.Analyze(read(t, s.source)))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(plans, func(p fix.Plan) bool { return p.Kind == fix.OpenPort && p.Appliable() })
		if i < 0 {
			t.Fatalf("no plan opens the port: %+v", plans)
		}
		s.plan = &plans[i]
		began := time.Now()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Unverified || !strings.Contains(e.Message, "some targets are healthy") {
			t.Fatalf("%s: %q, %v", e.State, e.Message, err)
		}
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}
