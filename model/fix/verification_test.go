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

// A blue/green deployment ends in the other target group of its pair, at the same rule; what
// that one would do while it gets no requests is no answer.
func TestADeploymentMayEndInTheOtherTargetGroup(t *testing.T) {
	t.Parallel()
	weights := func(blue, green int, healthy string) *model.Snapshot {
		return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 80, "blue").
			TargetGroup("green", LoadBalancerARN("alb")).
			Service("web", Port("http", 80, "http"), Behind("blue", 80), Offer("http", 8080, 80), Change(func(s *Spec) {
				s.Service.DeploymentStrategy = "BLUE_GREEN"
				s.Service.LoadBalancers[0].AlternateTargetGroupARN = TargetGroupARN("green")
			})).
			Edit(func(s *model.Snapshot) {
				s.ListenerRules[0].Actions[0].Forward = []model.WeightedTargetGroup{
					{TargetGroupARN: TargetGroupARN("blue"), Weight: blue},
					{TargetGroupARN: TargetGroupARN("green"), Weight: green},
				}
				for i := range s.TargetGroups {
					s.TargetGroups[i].Health = &model.TargetHealth{ReadAt: Time}
					if s.TargetGroups[i].Name == healthy {
						s.TargetGroups[i].Health.Targets = []model.Target{{ID: "10.0.0.4", Port: 80, State: model.TargetHealthy}}
					}
				}
			}).Snapshot()
	}
	plan := fix.Plan{Service: model.Ref{Cluster: "prod", Service: "web"}}
	for _, p := range rule.Analyze(weights(100, 0, "blue")).Into(plan.Service) {
		balanced := p.Source.Kind == reach.SourceLoadBalancer || p.Source.Kind == reach.SourceHealthCheck
		if balanced && p.Place.TargetGroup == "blue" {
			plan.Wanted = append(plan.Wanted, fix.Expectation{
				Place: p.Place, Source: p.Source.Kind, Via: p.Via, Access: p.Access, Healthy: true,
			})
		}
	}
	if len(plan.Wanted) != 2 {
		t.Fatalf("the plan wants %+v", plan.Wanted)
	}
	for name, tt := range map[string]struct {
		s        *model.Snapshot
		verified bool
	}{
		"as before":                           {weights(100, 0, "blue"), true},
		"in the other group":                  {weights(0, 100, "green"), true},
		"no target in the other group":        {weights(0, 100, "blue"), false},
		"requests stay, and their targets go": {weights(100, 0, "green"), false},
	} {
		if v := plan.Verify(rule.Analyze(tt.s)); v.Verified() != tt.verified {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
