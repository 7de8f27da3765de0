package planner_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// twoPorts is a service with two endpoints behind load balancers of their own, the
// slower one with a timeout that is too short.
func twoPorts() *model.Snapshot {
	return New().Group("sg-alb").Group("sg-edge").Group("sg-client").
		Group("sg-web", In("all", "sg-alb"), In("all", "sg-edge"), In("tcp 80", "sg-client"), In("tcp 81", "sg-client")).
		ALB("alb", 80, "tg").ALB("edge", 443, "tg2").
		Service("web", Port("http", 80, "http"), Port("slow", 81, "http"), Offer("http", 0, 80), Offer("slow", 0, 81),
			Behind("tg", 80), Behind("tg2", 81)).
		Service("client", Client()).Edit(idle60).Snapshot()
}

func combined(t *testing.T, s *model.Snapshot, ids ...string) (fix.Plan, error) {
	t.Helper()
	var plans []fix.Plan
	for _, id := range ids {
		plans = append(plans, planOf(t, s, id))
	}
	return planner.Combine(rule.Analyze(s), plans)
}

func TestSeveralFindingsAreOneDeployment(t *testing.T) {
	s := twoPorts()
	p, err := combined(t, s, "set-ingress-port-override/prod/web:81", "set-ingress-port-override/prod/web:80",
		"set-per-request-timeout/prod/web:80")
	if err != nil {
		t.Fatal(err)
	}
	want := `ec2:AuthorizeSecurityGroupIngress Admit tcp 10080 from sg-client to sg-web
ec2:AuthorizeSecurityGroupIngress Admit tcp 10081 from sg-client to sg-web
ecs:UpdateService In the Service Connect block of web, set ingressPortOverride of http to 10080 and set ` +
		`ingressPortOverride of slow to 10081 and set the per-request timeout of http to 60 s: ` +
		`a new deployment replaces its tasks
later: ec2:RevokeSecurityGroupIngress Remove the rule for tcp 80 from sg-client of sg-web: Service Connect callers ` +
		`do not need it
later: ec2:RevokeSecurityGroupIngress Remove the rule for tcp 81 from sg-client of sg-web: Service Connect callers ` +
		`do not need it
`
	if diff := cmp.Diff(want, steps(&p)); diff != "" {
		t.Error(diff)
	}
	if got := strings.Join(p.Codes, " "); got != "CFG314 HOP101 HOP106" {
		t.Errorf("it repairs %s", got)
	}
	for i, n := range p.Checks {
		for _, o := range p.Checks[:i] {
			if n == o {
				t.Errorf("said twice: %s", n.Title)
			}
		}
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}

func TestTheOrderOfPlansDoesNotMatter(t *testing.T) {
	s := twoPorts()
	a, err := combined(t, s, "set-ingress-port-override/prod/web:81", "set-ingress-port-override/prod/web:80")
	if err != nil {
		t.Fatal(err)
	}
	b, err := combined(t, s, "set-ingress-port-override/prod/web:80", "set-ingress-port-override/prod/web:81")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b, cmp.Comparer(func(a, b model.SecurityGroupRule) bool {
		return a.Ports() == b.Ports() &&
			a.Peer() == b.Peer()
	})); diff != "" {
		t.Error(diff)
	}
}

// Plans that do not know of each other may choose one port for two endpoints.
func TestTwoEndpointsGetAPortEach(t *testing.T) {
	s := New().Group("sg-alb").Group("sg-edge").Group("sg-client").
		Group("sg-web", In("all", "sg-alb"), In("all", "sg-edge"), In("all", "sg-client")).
		ALB("alb", 80, "tg").ALB("edge", 443, "tg2").
		Service("web", Port("a", 30000, "http"), Port("b", 30001, "http"), Offer("a", 0, 80), Offer("b", 0, 81),
			Behind("tg", 30000), Behind("tg2", 30001)).
		Service("client", Client()).Snapshot()
	p, err := combined(t, s, "set-ingress-port-override/prod/web:30000", "set-ingress-port-override/prod/web:30001")
	if err != nil {
		t.Fatal(err)
	}
	edits := p.Edits()
	if len(edits) != 2 || edits[0].Port == edits[1].Port {
		t.Errorf("the edits are %+v", edits)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}

func TestPlansThatContradictEachOtherAreNamed(t *testing.T) {
	s := Article(0)
	_, err := combined(t, s, "make-client-only/prod/sample-ecs-app:80", "set-ingress-port-override/prod/sample-ecs-app:80")
	if err == nil || !strings.Contains(err.Error(), "Remove the endpoint of port 80") ||
		!strings.Contains(err.Error(), "Move the agent of sample-ecs-app") {
		t.Errorf("the error is %v", err)
	}
	one := planOf(t, s, "set-ingress-port-override/prod/sample-ecs-app:80")
	other := one
	other.ID += "x"
	other.Steps = []fix.Step{{Kind: fix.UpdateService, Edits: []fix.Edit{{
		Kind: fix.EditOverride, Index: 0,
		PortName: "app", Port: 9999,
	}}}}
	if _, err := planner.Combine(rule.Analyze(s), []fix.Plan{one, other}); err == nil ||
		!strings.Contains(err.Error(), "9999") {
		t.Errorf("two ports for one endpoint: %v", err)
	}
	other.Service.Service = "client-service"
	if _, err := planner.Combine(rule.Analyze(s), []fix.Plan{one, other}); err == nil ||
		!strings.Contains(err.Error(), "a plan has one service") {
		t.Errorf("two services: %v", err)
	}
	if _, err := planner.Combine(rule.Analyze(s), nil); err == nil {
		t.Error("no plans became a plan")
	}
}

// A rule that one plan is for is still added when another plan moves the agent.
func TestAnOpenPortAndAnUpdateAreCombined(t *testing.T) {
	s := web(Offer("http", 0, 80)).Group("sg-web", In("tcp 80", "sg-client")).Snapshot()
	p, err := combined(t, s, "open-port/prod/web:80/alb", "set-ingress-port-override/prod/web:80")
	if err != nil {
		t.Fatal(err)
	}
	want := `ec2:AuthorizeSecurityGroupIngress Admit tcp 10080 from sg-client to sg-web
ec2:AuthorizeSecurityGroupIngress Admit tcp 80 from sg-alb to sg-web
ecs:UpdateService In the Service Connect block of web, set ingressPortOverride of http to 10080: a new deployment ` +
		`replaces its tasks
later: ec2:RevokeSecurityGroupIngress Remove the rule for tcp 80 from sg-client of sg-web: Service Connect callers ` +
		`do not need it
`
	if diff := cmp.Diff(want, steps(&p)); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(p.Why, "no task is replaced") {
		t.Errorf("the plan replaces tasks, and says: %s", p.Why)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}

// A caller is let out to the port where the agent was, and the agent moves: the rule
// would stay for good, and nothing would need it.
func TestARuleThatNothingNeedsOnceTheAgentMovedIsNotAdded(t *testing.T) {
	s := web(Offer("http", 0, 80)).Group("sg-client", NoEgress()).Group("sg-web", In("tcp 80", "sg-client"),
		In("tcp 80", "sg-alb")).Snapshot()
	p, err := combined(t, s, "open-port/prod/web:80/service-connect", "set-ingress-port-override/prod/web:80")
	if err != nil {
		t.Fatal(err)
	}
	want := `ec2:AuthorizeSecurityGroupEgress Let tcp 10080 out of sg-client to sg-web
ec2:AuthorizeSecurityGroupIngress Admit tcp 10080 from sg-client to sg-web
ecs:UpdateService In the Service Connect block of web, set ingressPortOverride of http to 10080: a new deployment ` +
		`replaces its tasks
later: ec2:RevokeSecurityGroupIngress Remove the rule for tcp 80 from sg-client of sg-web: Service Connect callers ` +
		`do not need it
`
	if diff := cmp.Diff(want, steps(&p)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(p.Why, "Left out, as nothing needs it once the agent has moved: Let tcp 80 out of sg-client to "+
		"sg-web.") {
		t.Errorf("it says: %s", p.Why)
	}
	if got := strings.Join(p.Codes, " "); !strings.Contains(got, "NET203") {
		t.Errorf("it repairs %s", got)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}
