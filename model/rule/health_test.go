package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// observed gives the target group a health: each target is a state, or a state, a
// reason and a description, parted by "|".
func observed(targets ...string) func(*model.Snapshot) {
	return targetGroup(func(g *model.TargetGroup) { g.Health = healthOf(targets...) })
}

func healthOf(targets ...string) *model.TargetHealth {
	h := &model.TargetHealth{Targets: []model.Target{}, ReadAt: Time}
	for _, text := range targets {
		parts := append(strings.Split(text, "|"), "", "")
		h.Targets = append(h.Targets, model.Target{
			ID: "10.0.0.4", Port: 80, State: parts[0], Reason: parts[1],
			Description: parts[2],
		})
	}
	return h
}

const (
	timeout  = "unhealthy|Target.Timeout|Request timed out"
	refused  = "unhealthy|Target.FailedHealthChecks|Health checks failed"
	mismatch = "unhealthy|Target.ResponseCodeMismatch|Health checks failed with these codes: [404]"
)

// twoGroups gives the service a second target group, as for blue/green deployments: the
// rule gives the first one all requests, and each group has these targets.
func twoGroups(first, second []string) *Builder {
	return web(Change(func(s *Spec) {
		s.Service.LoadBalancers[0].AlternateTargetGroupARN = TargetGroupARN("tg2")
		s.Service.DeploymentStrategy = "BLUE_GREEN"
	})).TargetGroup("tg2", LoadBalancerARN("alb")).Edit(weighted(100, 0)).Edit(func(s *model.Snapshot) {
		for i := range s.TargetGroups {
			switch g := &s.TargetGroups[i]; g.Name {
			case "tg":
				g.Health = healthOf(first...)
			case "tg2":
				g.Health = healthOf(second...)
			}
		}
	})
}

// testListener is another listener, which sends all requests to the second group.
func testListener(s *model.Snapshot) {
	for i := range s.Services {
		if w := &s.Services[i]; w.Name == "web" {
			w.LoadBalancers[0].ProductionListenerRule = s.ListenerRules[0].ARN
		}
	}
	l := s.Listeners[0]
	l.ARN, l.Port = l.ARN+"-test", 8443
	r := s.ListenerRules[0]
	r.ARN, r.ListenerARN, r.Actions = r.ARN+"-test", l.ARN, forwardTo("tg2")
	l.DefaultActions = r.Actions
	s.Listeners, s.ListenerRules = append(s.Listeners, l), append(s.ListenerRules, r)
}

func healthFirings() []firing {
	return []firing{
		{
			"HLT601", "nothing answers", func() *Builder { return web().Edit(observed(timeout, timeout)) },
			[]string{"error high: No target of tg is healthy: 2 of 2 unhealthy"},
		},
		{
			"HLT601", "the app answers otherwise", func() *Builder {
				return web().Edit(observed(mismatch, "initial|Elb.InitialHealthChecking"))
			},
			[]string{"error high: No target of tg is healthy: 1 of 2 unhealthy"},
		},
		{
			"HLT602", "one of two", func() *Builder { return web().Edit(observed("healthy", refused)) },
			[]string{"warning high: tg has unhealthy targets: 1 of 2 unhealthy"},
		},
		{
			"HLT602", "one of two, which keeps its last connections",
			func() *Builder {
				return web().Edit(observed("healthy", "unhealthy.draining|Target.FailedHealthChecks"))
			},
			[]string{"warning high: tg has unhealthy targets: 1 of 2 unhealthy"},
		},
		{"HLT602", "while a deployment is in progress", func() *Builder {
			return web().Edit(deploymentOf("web", "ecs-svc/2", func(*model.Deployment) {})).Edit(observed("healthy", refused))
		}, []string{"info high: tg has unhealthy targets: 1 of 2 unhealthy"}},
		{
			"HLT603", "nothing registered", func() *Builder { return web().Edit(observed()) },
			[]string{"error high: web runs tasks, and tg has no target"},
		},
		{
			"HLT603", "neither of two groups has targets", func() *Builder { return twoGroups(nil, nil) },
			[]string{"error high: web runs tasks, and tg has no target"},
		},
		{
			"HLT601", "addresses that cannot be used", func() *Builder {
				return web().Edit(observed("unused|Target.IpUnusable", "unused|Target.IpUnusable"))
			},
			[]string{"error high: No target of tg is healthy: 2 of 2 unhealthy"},
		},
		{
			"HLT603", "the other group's targets were not read", func() *Builder {
				return twoGroups(nil, nil).Edit(func(s *model.Snapshot) { s.TargetGroups[1].Health = nil })
			},
			[]string{"error high: web runs tasks, and tg has no target"},
		},
		{
			"HLT601", "counted, not read", func() *Builder { return web().Edit(observed()).Edit(counted(0, 0, 2)) },
			[]string{"error high: No target of tg is healthy: 2 of 2 unhealthy"},
		},
		{
			"HLT604", "the other group's targets were counted", func() *Builder {
				return twoGroups(nil, nil).Edit(counted(1, 2, 0))
			},
			[]string{"error high: Requests go to tg, which is empty: the tasks of web are in tg2"},
		},
		{
			"HLT604", "the tasks are behind the test listener alone", func() *Builder {
				return twoGroups(nil, []string{"healthy"}).Edit(testListener)
			},
			[]string{"error high: Requests go to tg, which is empty: the tasks of web are in tg2"},
		},
		{
			"HLT604", "the last target is on its way out", func() *Builder {
				return twoGroups([]string{"draining"}, []string{"healthy"})
			},
			[]string{"error high: Requests go to tg, which is empty: the tasks of web are in tg2"},
		},
		{
			"HLT604", "no listener forwards to the service", func() *Builder {
				return web().Edit(func(s *model.Snapshot) {
					s.TargetGroups[0].LoadBalancers, s.Listeners, s.ListenerRules = nil, nil, nil
				})
			},
			[]string{"error high: No listener sends requests to web: nothing forwards to tg"},
		},
		{
			"HLT604", "every rule gives it weight 0", func() *Builder {
				return web().TargetGroup("tg2", LoadBalancerARN("alb")).Edit(weighted(0, 100)).Edit(func(s *model.Snapshot) {
					s.TargetGroups[1].Health = healthOf()
				})
			},
			[]string{"error high: No listener sends requests to web: nothing forwards to tg"},
		},
		{
			"HLT604", "weights put back", func() *Builder { return twoGroups(nil, []string{"healthy"}) },
			[]string{"error high: Requests go to tg, which is empty: the tasks of web are in tg2"},
		},
	}
}

// The rule that forwards to the group which a service has left is told of at that service,
// as a consequence, and at no neighbour behind the same load balancer. The neighbour's own
// forgotten rule stays its own.
func TestAListenerThatWasPutBackIsNoNeighboursFault(t *testing.T) {
	s := web().Group("sg-app").Service("app", Port("app", 80, ""), Behind("green", 80)).TargetGroup("green").
		TargetGroup("blue").TargetGroup("old").
		Edit(func(s *model.Snapshot) {
			s.ListenerRules = append(s.ListenerRules, model.ListenerRule{
				ARN: "rule-5", ListenerARN: s.Listeners[0].ARN, Priority: "5", Actions: forwardTo("blue"),
			}, model.ListenerRule{
				ARN: "rule-6", ListenerARN: s.Listeners[0].ARN, Priority: "6", Actions: forwardTo("old"),
			})
			for i := range s.TargetGroups {
				g := &s.TargetGroups[i]
				if g.Name == "blue" || g.Name == "old" {
					g.Health, g.LoadBalancers = healthOf(), []model.ARN{s.LoadBalancers[0].ARN}
				}
				if g.Name == "old" {
					g.Port = 9999
				}
			}
		}).Snapshot()
	r := rule.Analyze(s)
	var got []string
	for _, f := range r.Findings {
		if f.Code == "HLT604" || f.Code == "CFG318" {
			cause := ""
			if f.CausedBy != nil {
				cause = " by " + f.CausedBy.Code
			}
			got = append(got, f.Service+" "+f.Code+cause)
		}
	}
	if want := []string{"app HLT604", "app CFG318 by HLT604", "web CFG318"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHealthThatIsNoAlarm(t *testing.T) {
	old := func(age time.Duration) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			for i := range s.Services {
				s.Services[i].Deployments[0].CreatedAt = Time.Add(-age)
			}
		}
	}
	grace := func(s *model.Snapshot) {
		for i := range s.Services {
			s.Services[i].HealthCheckGracePeriodSeconds = 300
		}
	}
	stopped := func(s *model.Snapshot) {
		for i := range s.Services {
			s.Services[i].RunningCount, s.Services[i].Deployments[0].RunningCount = 0, 0
		}
	}
	for _, c := range []struct {
		name string
		on   *Builder
	}{
		{"healthy", web().Edit(observed("healthy", "healthy"))},
		{"being registered", web().Edit(observed("initial|Elb.RegistrationInProgress"))},
		{"being taken out", web().Edit(observed("healthy", "draining|Target.DeregistrationInProgress"))},
		{"not checked", web().Edit(observed("unavailable|Target.HealthCheckDisabled"))},
		{"in the grace period", web().Edit(observed(timeout)).Edit(grace).Edit(old(4 * time.Minute))},
		{"no task runs", web().Edit(observed()).Edit(stopped)},
		{"a deployment that has just begun", web().Edit(observed()).Edit(old(time.Minute))},
		{"the empty group behind the test listener", twoGroups([]string{"healthy"}, nil).Edit(testListener)},
		{"a canary that waits at weight 0", web().TargetGroup("tg2", LoadBalancerARN("alb")).Edit(weighted(0, 100)).
			Edit(func(s *model.Snapshot) { s.TargetGroups[1].Health = healthOf("healthy") })},
		{"the empty group of a blue/green deployment", twoGroups([]string{"healthy"}, nil)},
		{"both groups of a blue/green deployment", twoGroups([]string{"healthy"}, []string{"healthy"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range rule.Analyze(c.on.Snapshot()).Findings {
				if strings.HasPrefix(f.Code, "HLT") {
					t.Errorf("%s %s: %s", f.Code, f.Severity, f.Title())
				}
			}
		})
	}
}

// The reason says where to look, in order, and what is ruled out.
func TestTheReasonSaysWhereToLook(t *testing.T) {
	checked := targetGroup(func(g *model.TargetGroup) {
		g.HealthCheck.Path, g.HealthCheck.Matcher, g.HealthCheck.TimeoutSeconds = "/up", "200-299", 7
	})
	for _, c := range []struct {
		target string
		want   []string
	}{
		{timeout, []string{
			"HTTP /up on the traffic port within 7 s",
			"The port is open as far as AWS shows: sg-web admits sg-alb", "127.0.0.1",
		}},
		{refused, []string{"security groups and network ACLs are not the reason", "speaks HTTP"}},
		{mismatch, []string{"these codes: [404]", "200-299", "The network is not the reason"}},
		{"unhealthy|Elb.InternalError|An internal error", []string{"Elb.InternalError: An internal error."}},
	} {
		a := rule.Analyze(web().Edit(observed(c.target)).Edit(checked).Snapshot())
		i := slices.IndexFunc(a.Findings, func(f *rule.Finding) bool { return f.Code == "HLT601" })
		if i < 0 {
			t.Fatalf("%s: no HLT601", c.target)
		}
		for _, want := range c.want {
			if got := a.Findings[i].Detail(); !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %q", c.target, want, got)
			}
		}
	}
}

// A finding about the configuration that explains unhealthy targets is their cause.
func TestUnhealthyTargetsFollowFromWhatExplainsThem(t *testing.T) {
	for _, c := range []struct {
		name, cause string
		on          *Builder
	}{
		{"the group is closed", "NET202", web().Group("sg-web", In("all", "sg-client"))},
		{"the port of the checks is closed", "NET204", web(Port("admin", 9000, "http")).Edit(checkPort("9000")).
			Group("sg-web", In("tcp 80", "sg-alb"))},
		{"nothing declares the port of the checks", "CFG319", web().Edit(checkPort("9000"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := rule.Analyze(c.on.Edit(observed(timeout)).Snapshot())
			i := slices.IndexFunc(a.Findings, func(f *rule.Finding) bool { return f.Code == "HLT601" })
			if i < 0 {
				t.Fatal("no HLT601")
			}
			cause := a.Findings[i].CausedBy
			for cause != nil && cause.CausedBy != nil {
				cause = cause.CausedBy
			}
			if cause == nil || cause.Code != c.cause {
				t.Errorf("it follows from %v, want %s", cause, c.cause)
			}
		})
	}
}

func checkPort(port string) func(*model.Snapshot) {
	return targetGroup(func(g *model.TargetGroup) { g.HealthCheck.Port = port })
}

// counted has the targets of a group counted and not read.
func counted(group, healthy, unhealthy int) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.TargetGroups[group].Health = nil
		s.TargetGroups[group].HostCounts = &model.HostCounts{Healthy: healthy, Unhealthy: unhealthy, At: Time}
	}
}

// Where CloudWatch counts every task as healthy, the rules about health have their answer.
func TestCountedTargetsAreChecked(t *testing.T) {
	a := rule.Analyze(web().Edit(observed()).Edit(counted(0, 2, 0)).Snapshot())
	for _, n := range a.NotChecked() {
		if strings.HasPrefix(n.Code, "HLT") {
			t.Errorf("%s is not checked for want of %s", n.Code, n.Needs)
		}
	}
	for i := range a.Findings {
		if strings.HasPrefix(a.Findings[i].Code, "HLT") {
			t.Errorf("%s: %s", a.Findings[i].Code, a.Findings[i].Title())
		}
	}
}

func TestCountedTargetsHaveNoReasons(t *testing.T) {
	a := rule.Analyze(web().Edit(observed()).Edit(counted(0, 0, 2)).Snapshot())
	for _, f := range a.Findings {
		if f.Code != "HLT601" {
			continue
		}
		text := f.Detail() + fmt.Sprint(f.Evidence())
		for _, want := range []string{
			"CloudWatch counts them", "was not read (elasticloadbalancing:DescribeTargetHealth)", "The port is open",
			"HealthyHostCount = 0, UnHealthyHostCount = 2 in the minute to 2026-", "cloudwatch:GetMetricData",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q: %s", want, text)
			}
		}
		return
	}
	t.Error("HLT601 does not fire")
}

func TestHealthThatWasNotReadIsNotChecked(t *testing.T) {
	a := rule.Analyze(web().Edit(observed(timeout)).Deny(model.DescribeTargetHealth).Snapshot())
	for _, code := range []string{"HLT601", "HLT602", "HLT603", "HLT604"} {
		if !slices.ContainsFunc(a.NotChecked(), func(n rule.NotChecked) bool {
			return n.Code == code && n.Needs == model.DescribeTargetHealth
		}) {
			t.Errorf("%s is not among what was not checked: %v", code, a.NotChecked())
		}
	}
	for _, p := range a.Paths {
		if p.Health != nil || p.Observed() != p.Verdict || p.Verdict == reach.Broken {
			t.Errorf("%s: health %+v, verdict %s", p.ID, p.Health, p.Observed())
		}
	}
}
