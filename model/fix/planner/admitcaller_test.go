package planner_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// refusing is a service whose callers are refused, with some callers.
func refusing(callers ...string) *Builder {
	b := New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 80, "tg").
		Service("web", Port("http", 80, "http"), Offer("http", 0, 80), Behind("tg", 80))
	for _, name := range callers {
		b.Group("sg-"+name).Service(name, Client())
	}
	return b
}

// admitting are the plans that repair what refuses the callers of an endpoint.
func admitting(t *testing.T, s *model.Snapshot) []fix.Plan {
	t.Helper()
	return slices.DeleteFunc(plansOf(t, s), func(p fix.Plan) bool {
		return !slices.Contains(p.Codes, "NET201") || len(p.Removes) > 0
	})
}

func TestTheOnlyCallerOfARefusedEndpointIsAdmitted(t *testing.T) {
	s := refusing("client").Snapshot()
	report := rule.Analyze(s)
	if said := report.About(model.Ref{Cluster: "prod", Service: "web"}); said[0].Code != "NET201" ||
		said[0].Severity != rule.Error {
		t.Errorf("that all callers are refused is %s %s", said[0].Code, said[0].Severity)
	}
	p := plansOf(t, s)[0]
	if p.Among != "" || !p.Appliable() || !strings.Contains(p.Why, "client is the only other one of its namespace") {
		t.Errorf("the first plan is %s among %q, refused %+v: %s", p.ID, p.Among, p.Refusal, p.Why)
	}
	const want = "ec2:AuthorizeSecurityGroupIngress Admit tcp 80 from sg-client to sg-web\n"
	if diff := cmp.Diff(want, steps(&p)); diff != "" {
		t.Error(diff)
	}
	keepsItsWord(t, s, report, &p)
}

// Of several possible callers none is chosen: each has a plan, to be named.
func TestOfSeveralPossibleCallersNoneIsChosen(t *testing.T) {
	s := refusing("a", "b", "c").Snapshot()
	report := rule.Analyze(s)
	plans := admitting(t, s)
	if len(plans) != 3 {
		t.Fatalf("there are %d plans for three callers", len(plans))
	}
	for i, name := range []string{"a", "b", "c"} {
		p := &plans[i]
		if p.ID != "open-port/prod/web:80/"+name || p.Among == "" || !p.Appliable() {
			t.Errorf("%s is among %q, refused %+v", p.ID, p.Among, p.Refusal)
		}
		keepsItsWord(t, s, report, p)
	}
	if !strings.Contains(plans[0].Why, "a may be the caller that http.ns:80 is for; so may b, c. Nothing") {
		t.Errorf("it says: %s", plans[0].Why)
	}
}

// Services that no packet can tell apart are one candidate.
func TestCallersWithOneSetOfGroupsAreOneCandidate(t *testing.T) {
	same := Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{"sg-a"} })
	s := refusing("a").Service("b", Client(), same).Snapshot()
	plans := admitting(t, s)
	if len(plans) != 1 || plans[0].Among != "" || !plans[0].Appliable() {
		t.Errorf("the plans are %+v", plans)
	}
}

// A service that publishes endpoints is in the namespace for these, and may call nothing.
func TestTheOnlyOtherServerOfANamespaceIsNotChosen(t *testing.T) {
	s := refusing().Group("sg-api").Service("api", Port("api", 81, "http"), Offer("api", 0, 81)).Snapshot()
	plans := slices.DeleteFunc(admitting(t, s), func(p fix.Plan) bool { return p.Service.Service != "web" })
	if len(plans) != 1 || plans[0].Among == "" || !plans[0].Appliable() ||
		!strings.Contains(plans[0].Why, "publishes endpoints of its own") {
		t.Errorf("the plans are %+v", plans)
	}
}

// More callers than can be read get no plan each, and are named.
func TestManyPossibleCallersAreAChoiceForAPerson(t *testing.T) {
	s := refusing(strings.Split("a b c d e f g h i j k", " ")...).Snapshot()
	plans := admitting(t, s)
	if len(plans) != 1 || plans[0].Appliable() || !strings.Contains(plans[0].Why, "among them a, b, c") {
		t.Errorf("the plans are %+v", plans)
	}
}

// A sign tells the caller from the others: traffic that was seen, a name in an
// environment, or a rule that hopscope added for another port.
func TestASignTellsTheCallerFromTheOthers(t *testing.T) {
	ours := model.SecurityGroupRule{
		Protocol: "tcp", FromPort: 8080, ToPort: 8080, Group: &model.GroupReference{ID: "sg-b"},
		Description: "hopscope 20261128-150452-web-c35d: Service Connect agent of web",
	}
	for name, sign := range map[string]func(*model.Snapshot){
		"traffic": func(s *model.Snapshot) {
			s.Traffic = &model.Traffic{Metric: model.MetricCallers, Edges: []model.TrafficEdge{{
				Caller: model.Ref{Cluster: "prod", Service: "b"}, DiscoveryName: "http",
			}}}
		},
		"an environment variable": func(s *model.Snapshot) {
			i := slices.IndexFunc(s.TaskDefinitions, func(d model.TaskDefinition) bool { return d.Family == "b" })
			s.TaskDefinitions[i].NamedEndpoints = []string{"http.ns:80"}
		},
		"a rule of ours": func(s *model.Snapshot) {
			i := slices.IndexFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == "sg-web" })
			s.SecurityGroups[i].Ingress = append(s.SecurityGroups[i].Ingress, ours)
		},
	} {
		for situation, b := range map[string]*Builder{
			"all are refused": refusing("a", "b", "c"),
			"one is admitted": refusing("a", "b", "c").Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 80", "sg-a")),
		} {
			t.Run(name+", "+situation, func(t *testing.T) {
				s := b.Edit(sign).Snapshot()
				plans := admitting(t, s)
				if len(plans) != 1 || plans[0].Among != "" || !plans[0].Appliable() {
					t.Fatalf("the plans are %+v", plans)
				}
				if diff := cmp.Diff("ec2:AuthorizeSecurityGroupIngress Admit tcp 80 from sg-b to sg-web\n",
					steps(&plans[0])); diff != "" {
					t.Error(diff)
				}
				keepsItsWord(t, s, rule.Analyze(s), &plans[0])
			})
		}
	}
}

// Where the agent moves in the same deployment, the caller is admitted where it goes.
func TestAnAdmittedCallerFollowsTheAgent(t *testing.T) {
	s := refusing("client").Snapshot()
	p, err := combined(t, s, "open-port/prod/web:80/service-connect", "set-ingress-port-override/prod/web:80")
	if err != nil {
		t.Fatal(err)
	}
	want := `ec2:AuthorizeSecurityGroupIngress Admit tcp 10080 from sg-client to sg-web
ecs:UpdateService In the Service Connect block of web, set ingressPortOverride of http to 10080: a new deployment ` +
		`replaces its tasks
`
	if diff := cmp.Diff(want, steps(&p)); diff != "" {
		t.Error(diff)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}
