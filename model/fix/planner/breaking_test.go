package planner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// A port that no container declares is not opened to health checks: they are moved first.
func TestAPortThatNoContainerDeclaresIsNotOpened(t *testing.T) {
	s := web().Edit(checkOn("8081")).Group("sg-web", In("tcp 80", "sg-alb")).Snapshot()
	plans := slices.DeleteFunc(plansOf(t, s), func(p fix.Plan) bool { return !slices.Contains(p.Codes, "NET204") })
	if len(plans) != 2 || plans[0].Kind != fix.CheckTraffic {
		t.Fatalf("the plans are %+v", plans)
	}
	if r := plans[1].Refusal; r == nil || !strings.Contains(r.Reason, "declares port 8081") {
		t.Errorf("the port is opened: refused %+v", r)
	}
}

// Admitted, but in a protocol that the agent does not speak: such a plan is none that works.
func TestAPathThatWouldBeBrokenAllTheSameIsNotOpened(t *testing.T) {
	closed := func(protocol string) *model.Snapshot {
		return web(Offer("http", 0, 80)).Edit(version(protocol)).Group("sg-web").Snapshot()
	}
	const id = "open-port/prod/web:80/alb"
	if p := planOf(t, closed("HTTP1"), id); p.Refusal != nil {
		t.Fatalf("the control is refused: %+v", p.Refusal)
	}
	p := planOf(t, closed("GRPC"), id)
	if p.Refusal == nil || !strings.Contains(p.Refusal.Reason, "broken all the same") {
		t.Errorf("the load balancer is admitted: refused %+v", p.Refusal)
	}
}

// crowded is a service with many callers, each with a group of its own, that are admitted
// by rules.
func crowded(callers int, rules ...GroupRule) *model.Snapshot {
	b := New().Group("sg-alb").Group("sg-web", rules...).ALB("alb", 80, "tg").
		Service("web", Port("http", 80, "http"), Offer("http", 0, 80), Behind("tg", 80))
	for i := range callers {
		name := fmt.Sprint("c", i)
		b.Group("sg-"+name).Service(name, Client())
	}
	return b.Snapshot()
}

// Where a rule for each caller would exceed the quota of a group, the range that they are
// admitted by is repeated.
func TestTheRangeIsRepeatedWhereRulesForCallersWouldBeTooMany(t *testing.T) {
	const id = "set-ingress-port-override/prod/web:80"
	s := crowded(70, In("tcp 80", "10.0.0.0/16"))
	p := planOf(t, s, id)
	if got := steps(&p); !p.Appliable() || strings.Count(got, "Authorize") != 1 ||
		!strings.Contains(got, "Admit tcp 10080 from 10.0.0.0/16 to sg-web") {
		t.Errorf("refused %+v:\n%s", p.Refusal, got)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
	few := planOf(t, crowded(2, In("tcp 80", "10.0.0.0/16")), id)
	if got := steps(&few); strings.Contains(got, "10.0.0.0/16") {
		t.Errorf("two callers are admitted as a range:\n%s", got)
	}
}

// Without a range to repeat, the plan is refused before the first rule is added.
func TestMoreRulesThanAGroupHasRoomForAreRefused(t *testing.T) {
	rules := []GroupRule{In("tcp 80", "sg-alb")}
	for i := range 40 {
		rules = append(rules, In("tcp 80", fmt.Sprint("sg-c", i)))
	}
	p := planOf(t, crowded(40, rules...), "set-ingress-port-override/prod/web:80")
	if p.Refusal == nil || !strings.Contains(p.Refusal.Reason, "sg-web has no room") ||
		!strings.Contains(p.Refusal.Reason, "21 more than the quota of 60") {
		t.Errorf("refused %+v", p.Refusal)
	}
}

// EC2 counts addresses of IPv4 and of IPv6 apart.
func TestRulesOfTwoFamiliesAreNotAddedUp(t *testing.T) {
	rules := []GroupRule{In("tcp 80", "sg-alb")}
	for i := range 35 {
		rules = append(rules, In("tcp 443", fmt.Sprintf("10.9.%d.0/24", i)), In("tcp 443", fmt.Sprintf("fd00:%x::/32", i)))
	}
	if p := planOf(t, crowded(2, rules...), "set-ingress-port-override/prod/web:80"); p.Refusal != nil {
		t.Errorf("refused %+v", p.Refusal)
	}
}

// What nothing needs after an override is what callers need where the override is lost.
func TestTheSourceIsChangedBeforeTheRuleGoes(t *testing.T) {
	p := planOf(t, alone(Offer("http", 8080, 80)).Snapshot(), "close-side-door/prod/web:80")
	if len(p.Removes) == 0 || !strings.Contains(p.Checks[0].Detail, "change it there first") {
		t.Errorf("it takes away %q, and says first %+v", p.Removes, p.Checks[0])
	}
}
