package planner_test

import (
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// An override gets a port that nothing uses: in any running deployment's containers,
// as an override, as a health check port, or, by way of a shared security group, as
// the port of another service's app.
func TestAnOverrideGetsAFreePort(t *testing.T) {
	sharing := func(port int) *Builder {
		return web(Offer("http", 0, 80)).Service("other", Port("http", port, "http"), Change(func(s *Spec) {
			s.Deployment.Network.SecurityGroups = []string{"sg-web"}
		}))
	}
	for name, c := range map[string]struct {
		build *Builder
		want  int
		why   string
	}{
		"nothing is in the way": {web(Offer("http", 0, 80)), 10080, "the container port plus 10000"},
		"another container": {
			web(Offer("http", 0, 80), Port("side", 10080, "")), 15000,
			"Port 10080 is a port of web:1",
		},
		"another override": {
			web(Offer("http", 0, 80), Port("two", 81, "http"), Offer("two", 10080, 81)), 15000,
			"Port 10080 is the override of two",
		},
		"the health check": {
			web(Offer("http", 0, 80)).Edit(checkOn("10080")), 15000,
			"Port 10080 is a port that alb connects to",
		},
		"the target control port": {
			web(Offer("http", 0,
				80)).Edit(group(func(g *model.TargetGroup) { g.TargetControlPort = 10080 })), 15000,
			"the target control port of tg",
		},
		"another app on the group":  {sharing(10080), 15000, "a port of other, which has the security group sg-web too"},
		"another port on the group": {sharing(9999), 10080, "the container port plus 10000"},
		"another task on the instance": {web(Port("up", 5000, "http"), Offer("http", 40000, 80),
			mode("bridge")).Group("sg-node", In("all", "sg-client")).
			Service("other", Port("http", 10080, "http"), Change(func(s *Spec) {
				s.TaskDefinition.NetworkMode,
					s.Deployment.Network = "bridge", nil
			})).Edit(instances), 15000, "Port 10080 is a host port of other"},
		"a high container port": {web(Port("up", 30000, "http"), Offer("up", 0, 80),
			Behind("tg2", 30000)).Group("sg-up").ALB("up", 81, "tg2"), 15000, "the first from 15000 on"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range plansOf(t, c.build.Snapshot()) {
				if p.FixID() != "set-ingress-port-override" {
					continue
				}
				if got := p.Edits()[0].Port; got != c.want || !strings.Contains(p.Why, c.why) {
					t.Errorf("the port is %d: %s", got, p.Why)
				}
				return
			}
			t.Error("there is no plan")
		})
	}
}

// Callers are admitted by the group that the fewest services share, and by one that
// the target names already where there is one.
func TestCallersAreAdmittedByTheNarrowestGroup(t *testing.T) {
	build := func(rules ...GroupRule) *model.Snapshot {
		shared := Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{"sg-all", "sg-" + s.Service.Name} })
		return New().Group("sg-all").Group("sg-alb").Group("sg-a").Group("sg-b").Group("sg-web",
			append(rules, In("tcp 80", "sg-alb"))...).ALB("alb", 80, "tg").
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80), Behind("tg", 80)).
			Service("a", Client(), shared).Service("b", Client(), shared).Snapshot()
	}
	for name, c := range map[string]struct {
		s    *model.Snapshot
		want string
	}{
		"one group names both": {build(In("tcp 80", "sg-all")), "Admit tcp 10080 from sg-all to sg-web"},
		"each by its own": {
			build(In("tcp 80", "sg-a"), In("tcp 80", "sg-b")),
			"Admit tcp 10080 from sg-a to sg-web\nec2:AuthorizeSecurityGroupIngress Admit tcp 10080 from sg-b to sg-web",
		},
		"only one is admitted": {build(In("tcp 80", "sg-a")), "Admit tcp 10080 from sg-a to sg-web"},
		"admitted by an address": {
			build(In("tcp 80", "10.0.0.0/16")),
			"Admit tcp 10080 from sg-a to sg-web\nec2:AuthorizeSecurityGroupIngress Admit tcp 10080 from sg-b to sg-web",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, c.s, "set-ingress-port-override/prod/web:80")
			open, _, _ := strings.Cut(steps(&p), "\necs:UpdateService")
			if open != "ec2:AuthorizeSecurityGroupIngress "+c.want {
				t.Errorf("opened:\n%s", open)
			}
		})
	}
}

// Rules that are about more than the port, that a load balancer needs, or whose group
// many share stay where they are.
func TestOnlyWhatNothingNeedsIsRemovedLater(t *testing.T) {
	for name, c := range map[string]struct {
		build *Builder
		later bool
	}{
		"the callers' own rule": {web(Offer("http", 0, 80)).Group("sg-web", In("tcp 80", "sg-alb"),
			In("tcp 80", "sg-client")), true},
		"a range": {web(Offer("http", 0, 80)).Group("sg-web", In("tcp 80", "sg-alb"),
			In("tcp 80-81", "sg-client")), false},
		"the load balancer's as well": {web(Offer("http", 0, 80)).Group("sg-web",
			In("tcp 80", "sg-client")).Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].SecurityGroups = []string{"sg-client"}
		}), false},
		"another service's app": {web(Offer("http", 0, 80)).Group("sg-web", In("tcp 80", "sg-alb"),
			In("tcp 80", "sg-client")).Service("other", Port("o", 80, "http"), Offer("o", 0, 90),
			Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{"sg-web"} })), false},
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, c.build.Snapshot(), "set-ingress-port-override/prod/web:80")
			if got := strings.Contains(steps(&p), "later: "); got != c.later {
				t.Errorf("the steps are\n%s", steps(&p))
			}
		})
	}
}

// Each of two rules that admit the load balancer can go while the other one stays.
func TestOneOfTwoRulesThatAdmitASourceStays(t *testing.T) {
	const id = "set-ingress-port-override/prod/web:80"
	s := web(Offer("http", 0, 80)).Group("sg-one").Group("sg-two").
		Group("sg-web", In("tcp 80", "sg-one"), In("tcp 80", "sg-two"), In("tcp 80", "sg-client")).
		Service("first", Client(), Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{"sg-one"} })).
		Service("second", Client(), Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{"sg-two"} })).
		Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].SecurityGroups = []string{
				"sg-alb", "sg-one",
				"sg-two",
			}
		}).Snapshot()
	p := planOf(t, s, id)
	if n := strings.Count(steps(&p), "later: "); n != 2 { // the client's and one of the two
		t.Fatalf("%d rules are removed:\n%s", n, steps(&p))
	}
	after, err := fix.Outcome(s, p.Service, p.Steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range rule.Analyze(after).Into(p.Service) {
		if path.Access != reach.Allowed {
			t.Errorf("%s is refused in the end", path.ID)
		}
	}
}

// Where entries share a port name, what is done is said by their discovery names.
func TestEntriesWithOnePortNameAreNamedByDiscoveryName(t *testing.T) {
	second := Change(func(s *Spec) {
		sc := s.Deployment.ServiceConnect
		again := sc.Services[0]
		again.DiscoveryName, again.ClientAliases = "http-old", []model.ClientAlias{{Port: 81}}
		sc.Services = append(sc.Services, again)
	})
	p := planOf(t, web(Offer("http", 0, 80), second).Snapshot(), "set-ingress-port-override/prod/web:80")
	at := slices.IndexFunc(p.Steps, func(s fix.Step) bool { return s.Kind == fix.UpdateService })
	if title := p.Steps[at].Title; !strings.Contains(title, "ingressPortOverride of http to") ||
		!strings.Contains(title, "ingressPortOverride of http-old to") {
		t.Errorf("the step is %q", title)
	}
	if p := planOf(t, web(Offer("http", 0, 80)).Snapshot(), "set-ingress-port-override/prod/web:80"); slices.ContainsFunc(
		p.Edits(), func(e fix.Edit) bool { return e.DiscoveryName != "" }) {
		t.Errorf("one entry is named twice: %+v", p.Edits())
	}
}
