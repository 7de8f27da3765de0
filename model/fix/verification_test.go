package fix_test

import (
	"fmt"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// What a plan promises besides the way: the protocol, the port, the targets, each known to
// be so, known to be otherwise, or not known.
func TestAVerificationHasThreeAnswers(t *testing.T) {
	t.Parallel()
	ref := model.Ref{Cluster: "prod", Service: "sample-ecs-app"}
	healthy := func(states ...string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			s.TargetGroups[0].Health = &model.TargetHealth{}
			for i, state := range states {
				s.TargetGroups[0].Health.Targets = append(s.TargetGroups[0].Health.Targets, model.Target{
					ID: fmt.Sprintf("10.0.0.%d", 9+i), State: state,
				})
			}
		}
	}
	before := Article(8080, 8080)
	healthy(model.TargetHealthy)(before)
	plan := fix.Plan{Service: ref}
	for _, p := range rule.Analyze(before).Into(ref) {
		if p.Source.Kind == reach.SourceLoadBalancer {
			plan.Wanted = []fix.Expectation{{
				Place: p.Place, Source: p.Source.Kind, From: p.Source.Name, Via: p.Via, Access: p.Access, Verdict: p.Verdict,
				Protocol: fix.ProtocolOf(p), Declared: fix.Declared(p), Healthy: true,
			}}
		}
	}
	if len(plan.Wanted) != 1 || plan.Wanted[0].Protocol != "HTTP" || !plan.Wanted[0].Declared {
		t.Fatalf("the plan wants %+v", plan.Wanted)
	}
	for _, test := range []struct {
		name                   string
		edit                   func(*model.Snapshot)
		wrong, open, unsettled int
		missing                model.Action
	}{
		{name: "as planned", edit: func(*model.Snapshot) {}},
		{name: "another protocol", edit: func(s *model.Snapshot) { s.TargetGroups[0].Protocol = "HTTPS" }, wrong: 1},
		{name: "unhealthy", edit: healthy(model.TargetUnhealthy), wrong: 1, unsettled: 1},
		{
			name: "one of three unhealthy", edit: healthy(model.TargetHealthy, model.TargetUnhealthy, model.TargetHealthy),
			open: 1, unsettled: 1,
		},
		{name: "not healthy yet", edit: healthy("initial"), open: 1, unsettled: 1},
		{
			name: "not read", edit: func(s *model.Snapshot) { s.TargetGroups[0].Health = nil }, open: 1,
			missing: model.DescribeTargetHealth,
		},
		{name: "the load balancer is gone", edit: func(s *model.Snapshot) { s.LoadBalancers = nil }, wrong: 1},
		{name: "the load balancer was not read", edit: func(s *model.Snapshot) {
			s.LoadBalancers, s.Listeners = nil, nil
			s.Gaps = append(s.Gaps, model.Gap{Action: model.DescribeLoadBalancers, State: model.Denied})
		}, open: 1, missing: model.DescribeLoadBalancers},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := Article(8080, 8080)
			healthy(model.TargetHealthy)(s)
			test.edit(s)
			v := plan.Verify(rule.Analyze(s))
			if len(v.Wrong) != test.wrong || len(v.Open) != test.open || len(v.Unsettled) != test.unsettled ||
				v.Verified() != (test.wrong+test.open == 0) {
				t.Errorf("%+v", v)
			}
			if waiting := test.wrong == 0 && test.open <= test.unsettled; v.Waiting() != waiting {
				t.Errorf("it waits for targets alone: %t, %+v", v.Waiting(), v)
			}
			named := test.missing == ""
			for _, m := range v.Missing {
				named = named || m.Action == test.missing
			}
			if !named {
				t.Errorf("%s is not named: %+v", test.missing, v.Missing)
			}
		})
	}
}
