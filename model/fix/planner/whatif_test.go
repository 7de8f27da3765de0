package planner_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

func override(port int) fix.Step {
	return fix.Step{Kind: fix.UpdateService, Edits: []fix.Edit{{
		Kind: fix.EditOverride, Index: 0, PortName: "app",
		Port: port,
	}}}
}

var app = model.Ref{Cluster: "prod", Service: "sample-ecs-app"}

func suppose(t *testing.T, s *model.Snapshot, steps ...fix.Step) fix.Plan {
	t.Helper()
	p, err := planner.WhatIf(rule.Analyze(s), app, steps)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatIsTypedBecomesAPlan(t *testing.T) {
	s := Article(0, 80)
	p := suppose(t, s, override(8080))
	want := `ec2:AuthorizeSecurityGroupIngress Admit tcp 8080 from sg-client-service to sg-sample-ecs-app
ecs:UpdateService In the Service Connect block of sample-ecs-app, set ingressPortOverride of app to 8080: a new ` +
		`deployment replaces its tasks
later: ec2:RevokeSecurityGroupIngress Remove the rule for tcp 80 from sg-client-service of sg-sample-ecs-app: ` +
		`Service Connect callers do not need it
`
	if got := steps(&p); got != want {
		t.Errorf("the steps are\n%s", got)
	}
	if !p.Appliable() || p.Kind != fix.WhatIf || !slices.Contains(p.Codes, "HOP101") || len(p.Checks) == 0 ||
		len(p.Risks) == 0 || p.Undo == "" {
		t.Errorf("the plan is %+v", p)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}

func TestWhatWouldBreakIsRefusedWithTheReason(t *testing.T) {
	s := Article(0, 80)
	tls := fix.Step{Kind: fix.UpdateService, Edits: []fix.Edit{{Kind: fix.EditTLS, Index: 0, PortName: "app"}}}
	for name, c := range map[string]struct {
		steps []fix.Step
		want  string
	}{
		"a low port":          {[]fix.Step{override(1024)}, "CFG302"},
		"TLS without its CA":  {[]fix.Step{tls}, "certificate authority"},
		"the callers' rule":   {[]fix.Step{revoke(s, 1)}, "refused on port 80"},
		"the balancer's rule": {[]fix.Step{revoke(s, 0)}, "main-alb would be refused on port 80"},
	} {
		t.Run(name, func(t *testing.T) {
			p := suppose(t, s, c.steps...)
			if p.Appliable() || p.Refusal == nil || !strings.Contains(p.Refusal.Reason, c.want) || p.Refusal.Instead == "" {
				t.Errorf("refused: %+v", p.Refusal)
			}
			if _, err := fix.Outcome(s, app, c.steps); err != nil {
				t.Errorf("it cannot be tried: %v", err)
			}
		})
	}
}

// revoke takes the i-th ingress rule of the server's group away.
func revoke(s *model.Snapshot, i int) fix.Step {
	for _, g := range s.SecurityGroups {
		if g.ID == "sg-sample-ecs-app" {
			return fix.Step{Kind: fix.RevokeIngress, Group: g.ID, Rule: &g.Ingress[i]}
		}
	}
	return fix.Step{}
}

func TestWhatComesAfterStepsIsThePartOfTheWholeThatIsAboutAService(t *testing.T) {
	s := Article(0, 80)
	after, err := planner.After(rule.Analyze(s), app, []fix.Step{override(1024)})
	if err != nil {
		t.Fatal(err)
	}
	whole := rule.Analyze(must(fix.Outcome(s, app, []fix.Step{override(1024)})))
	if got := after.Service(app); len(got.Findings) == 0 || got.Findings[0].Code != "CFG302" {
		t.Errorf("the findings are %+v", got.Findings)
	}
	for i := range s.Services {
		ref := s.Services[i].Ref()
		got := after.Service(ref)
		if len(got.Findings) != len(whole.About(ref)) {
			t.Errorf("%s: %d findings, not %d", ref.Service, len(got.Findings), len(whole.About(ref)))
		}
		for _, p := range change.Paths(got.Paths, whole.Into(ref)) {
			if p.Changed() {
				t.Errorf("%s: a path is %+v, not %+v", ref.Service, p.Before, p.After)
			}
		}
	}
	if _, err := planner.After(rule.Analyze(s), model.Ref{Cluster: "prod", Service: "gone"}, nil); err == nil {
		t.Error("a service that is not there can be changed")
	}
}

func TestAnOverrideIsUnset(t *testing.T) {
	s := Article(18080, 18080)
	p := suppose(t, s, override(0))
	if !strings.Contains(steps(&p), "Admit tcp 80 from sg-client-service") ||
		!strings.Contains(steps(&p), "remove ingressPortOverride of app") {
		t.Errorf("the steps are\n%s", steps(&p))
	}
	if unmet := unmetBesidesHealth(&p, must(fix.Outcome(s, app, p.Steps))); len(unmet) > 0 {
		t.Errorf("not met: %+v", unmet)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAServiceIsMadeAClientOnly(t *testing.T) {
	s := Article(0, 80)
	p := suppose(t, s, fix.Step{Kind: fix.UpdateService, Edits: []fix.Edit{{
		Kind: fix.EditRemoveEndpoint, Index: 0,
		PortName: "app",
	}}})
	if !p.Appliable() || !slices.ContainsFunc(p.Risks, func(n fix.Note) bool {
		return strings.Contains(n.Title,
			"gone for all callers")
	}) {
		t.Errorf("risks %+v, refused %+v", p.Risks, p.Refusal)
	}
}

// Whatever the user tries: there is a plan or an error, and a plan that would be
// carried out breaks nothing.
func TestWhateverIsTriedBreaksNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Draw(t)
		service := rapid.SampledFrom(s.Services).Draw(t, "service")
		var tried []fix.Step
		if p := service.Primary(); p != nil && p.ServiceConnect != nil && len(p.ServiceConnect.Services) > 0 {
			e := fix.Edit{
				PortName: p.ServiceConnect.Services[0].PortName, Kind: rapid.SampledFrom([]fix.EditKind{
					fix.EditOverride,
					fix.EditRemoveEndpoint, fix.EditTLS,
				}).Draw(t, "kind"),
			}
			if e.Kind == fix.EditOverride {
				e.Port = rapid.SampledFrom([]int{0, 80, 1000, 9000, 18080, 40000}).Draw(t, "port")
			}
			tried = append(tried, fix.Step{Kind: fix.UpdateService, Edits: []fix.Edit{e}})
		}
		for range rapid.IntRange(0, 2).Draw(t, "rules") {
			g := rapid.SampledFrom(s.SecurityGroups).Draw(t, "group")
			rules, kind := g.Ingress, fix.RevokeIngress
			if rapid.Bool().Draw(t, "egress") {
				rules, kind = g.Egress, fix.RevokeEgress
			}
			if len(rules) > 0 {
				tried = append(tried, fix.Step{Kind: kind, Group: g.ID, Rule: new(rapid.SampledFrom(rules).Draw(t, "rule"))})
			}
		}
		report := rule.Analyze(s)
		p, err := planner.WhatIf(report, service.Ref(), tried)
		if err != nil {
			t.Fatal(err)
		}
		if !p.Appliable() {
			return
		}
		after, err := fix.Outcome(s, p.Service, p.Steps)
		if err != nil {
			t.Fatal(err)
		}
		noWorse(t, &p, report, rule.Analyze(after))
	})
}
