package planner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
)

// stepWith is the place of the first step of a plan whose command holds a text.
func stepWith(p *fix.Plan, text string) int {
	return slices.IndexFunc(p.Steps, func(s fix.Step) bool { return strings.Contains(s.Command, text) })
}

// ECS takes no target group that no load balancer has, and replaces the whole list.
func TestATargetGroupIsAttachedOnceAListenerHasIt(t *testing.T) {
	for name, c := range map[string]struct{ protocol, first string }{
		"HTTPS": {"HTTPS", "elbv2 modify-listener --listener-arn"},
		"HTTP":  {"HTTP", "elbv2 create-listener"}, // which has no policy, and leaves its targets TLS 1.2
	} {
		t.Run(name, func(t *testing.T) {
			s := web(Offer("http", 0, 80),
				tls()).Edit(func(s *model.Snapshot) { s.Listeners[0].Protocol = c.protocol }).Snapshot()
			plans := plansOf(t, s)
			i := slices.IndexFunc(plans, func(p fix.Plan) bool { return p.FixID() == "https-target-group" })
			if i < 0 {
				t.Fatal("no plan makes a target group")
			}
			p := &plans[i]
			made, listened, attached := stepWith(p, "create-target-group"), stepWith(p, c.first),
				stepWith(p, "ecs update-service")
			if made != 0 || listened < 1 || attached < listened {
				t.Errorf("made at %d, listened at %d, attached at %d: %+v", made, listened, attached, p.Steps)
			}
			if n := strings.Count(p.Steps[attached].Command, "targetGroupArn="); n != 2 {
				t.Errorf("%d target groups are left: %s", n, p.Steps[attached].Command)
			}
			policy := stepWith(p, "--ssl-policy")
			if modifies := strings.Contains(p.Steps[policy].Command, "modify-listener"); modifies != (c.protocol == "HTTPS") {
				t.Errorf("a listener for %s: %s", c.protocol, p.Steps[policy].Command)
			}
		})
	}
}

// EC2 finds a group of another account by that account only.
func TestARuleForAnotherAccountsGroupIsNamedWhole(t *testing.T) {
	s := web(Offer("http", 8080, 80), tls()).Edit(func(s *model.Snapshot) {
		for i := range s.SecurityGroups {
			if g := &s.SecurityGroups[i]; g.ID == "sg-web" {
				g.Ingress = append(g.Ingress, model.SecurityGroupRule{
					Protocol: "tcp", FromPort: 80, ToPort: 80,
					Group: &model.GroupReference{ID: "sg-theirs", Account: "210987654321", VPC: "vpc-theirs", PeeringStatus: "active"},
				})
			}
		}
	}).Snapshot()
	const want = "UserIdGroupPairs=[{GroupId=sg-theirs,UserId=210987654321,VpcId=vpc-theirs}]"
	plans := plansOf(t, s)
	if !slices.ContainsFunc(plans, func(p fix.Plan) bool { return stepWith(&p, want) >= 0 }) {
		t.Errorf("no plan names %s", want)
	}
}

// A default action cannot be deleted, and commands name what the snapshot has.
func TestAdviceAboutListenersNamesThemAndKeepsTheDefaultAction(t *testing.T) {
	forward := func(groups ...string) []model.ListenerAction {
		a := model.ListenerAction{Type: "forward"}
		for _, g := range groups {
			a.Forward = append(a.Forward, model.WeightedTargetGroup{TargetGroupARN: TargetGroupARN(g), Weight: 1})
		}
		return []model.ListenerAction{a}
	}
	onDefault := func(actions []model.ListenerAction) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			s.ListenerRules[0].Actions = actions
			s.TargetGroups[0].LoadBalancers = []model.ARN{s.LoadBalancers[0].ARN}
		}
	}
	everything := func(s *model.Snapshot) {
		s.ListenerRules = append(s.ListenerRules, model.ListenerRule{
			ARN: "rule-1", ListenerARN: s.Listeners[0].ARN, Priority: "1", Actions: []model.ListenerAction{{Type: "redirect"}},
			Conditions: []model.RuleCondition{{Field: "path-pattern", Values: []string{"/*"}}},
		})
	}
	login := append([]model.ListenerAction{{Type: "authenticate-oidc"}}, forward("gone")...)
	for name, c := range map[string]struct {
		code  string
		build *Builder
		want  string
	}{
		"a rule": {"CFG318", web().Edit(ruleFor("5", "gone")), "elbv2 delete-rule --rule-arn rule-5"},
		"the default action": {
			"CFG318", web().Edit(ruleFor("5", "tg")).Edit(onDefault(forward("gone"))), "--default-actions 'Type=fixed-response,",
		},
		"a default action that shares its requests": {
			"CFG318", web().Edit(onDefault(forward("tg", "gone"))), "{TargetGroupArn=" + TargetGroupARN("gone") + ",Weight=0}",
		},
		"a default action behind a login": {
			"CFG318", web().Edit(ruleFor("5", "tg")).Edit(onDefault(login)), "update-service",
		},
		"the default action of a network load balancer": {
			"CFG318", network1(web().Edit(onDefault(forward("gone"))).ALB("second", 81, "tg"), false).
				Edit(func(s *model.Snapshot) { s.Listeners[1].LoadBalancerARN = s.LoadBalancers[0].ARN }),
			"--default-actions Type=forward,TargetGroupArn=TARGET_GROUP_ARN",
		},
		"a default action that no request reaches": {
			"CFG317", web().Edit(everything), "modify-rule --rule-arn rule-1 --conditions",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.build.Edit(empty("gone")).Snapshot()
			text := ""
			for _, p := range plansOf(t, s) {
				if !slices.Contains(p.Codes, c.code) {
					continue
				}
				for _, step := range p.Steps {
					text += step.Title + ": " + step.Command + "\n"
				}
			}
			isRule := name == "a rule"
			if !strings.Contains(text, c.want) || strings.Contains(text, "delete-") != isRule ||
				strings.Contains(text, "LISTENER_ARN") {
				t.Errorf("%s", text)
			}
		})
	}
}

// The rule that had the requests is named where it can be no other one.
func TestTheRuleThatLostItsTargetsIsNamedWhereItIsKnown(t *testing.T) {
	for name, tt := range map[string]struct {
		groups      []string
		isDefault   bool
		one         bool // of the region's clusters was read
		want, never string
	}{
		"one rule":       {[]string{"blue"}, false, false, "modify-rule --rule-arn arn:", "RULE"},
		"the default":    {[]string{"blue"}, true, false, "modify-listener --listener-arn arn:", "LISTENER"},
		"two may be it":  {[]string{"blue", "grey"}, false, false, "describe-rules --listener-arn arn:", "LISTENER"},
		"one is another": {[]string{"api", "blue"}, false, false, "modify-rule --rule-arn arn:", "RULE"},
		"a function's":   {[]string{"lambda"}, false, false, "--rule-arn RULE", "modify-rule --rule-arn arn:"},
		"not all read":   {[]string{"blue"}, false, true, "--rule-arn RULE", "modify-rule --rule-arn arn:"},
		"no listener":    {nil, false, false, "--load-balancer-arn LOAD_BALANCER", "--listener-arn arn:"},
	} {
		t.Run(name, func(t *testing.T) {
			b := web().TargetGroup("blue").TargetGroup("grey").TargetGroup("api").TargetGroup("lambda").
				Service("api", Port("http", 80, "http"), Behind("api", 80))
			s := b.Edit(func(s *model.Snapshot) {
				rule := s.ListenerRules[0]
				s.Scope.AllClusters, s.Complete = !tt.one, true
				s.TargetGroups[len(s.TargetGroups)-1].TargetType = "lambda"
				s.TargetGroups[0].LoadBalancers, s.ListenerRules = nil, nil
				if len(tt.groups) == 0 {
					s.Listeners = nil
				}
				for i, group := range tt.groups {
					r := rule
					r.ARN, r.Default = fmt.Sprintf("%s-%d", rule.ARN, i), tt.isDefault
					r.Actions = []model.ListenerAction{{Type: "forward", Forward: []model.WeightedTargetGroup{
						{TargetGroupARN: TargetGroupARN(group), Weight: 1},
					}}}
					s.ListenerRules = append(s.ListenerRules, r)
				}
			}).Snapshot()
			p := planOf(t, s, "forward-to-tasks/prod/web:tg")
			commands := ""
			for i := range p.Steps {
				commands += p.Steps[i].Command + "\n"
			}
			if !strings.Contains(commands, tt.want) || strings.Contains(commands, tt.never) {
				t.Errorf("commands:\n%s", commands)
			}
		})
	}
}

// A command that opens a port to the internet is not there to be pasted.
func TestNoCommandOpensAPortToTheInternet(t *testing.T) {
	facing := func(s *model.Snapshot) { s.LoadBalancers[0].Scheme = model.InternetFacing }
	dual := func(s *model.Snapshot) { s.LoadBalancers[0].IPAddressType = "dualstack" }
	for name, b := range map[string]*Builder{
		"closed": web().Group("sg-alb").Edit(facing),
		"IPv6":   web().Group("sg-alb", In("tcp 80", "0.0.0.0/0")).Edit(facing).Edit(dual),
	} {
		plans := plansOf(t, b.Snapshot())
		i := slices.IndexFunc(plans, func(p fix.Plan) bool { return p.FixID() == "admit-clients" })
		if i < 0 {
			t.Fatalf("%s: no plan admits clients", name)
		}
		s := plans[i].Steps[0]
		if !strings.Contains(s.Command, "CLIENT_CIDR") || strings.Contains(s.Command, "/0") ||
			!strings.Contains(s.Title, "hopscope does not write that out") {
			t.Errorf("%s: %s: %s", name, s.Title, s.Command)
		}
	}
}

// Where nothing has to be done as a rule, the plan says when something has.
func TestWhatMayBeLeftAsItIsSaysWhenItMayNot(t *testing.T) {
	idle := web(Change(func(s *Spec) { s.Service.RunningCount, s.Service.DesiredCount = 0, 0 })).Snapshot()
	if p := planOf(t, idle, "scale-up/prod/web"); p.Unless != "web is to run" {
		t.Errorf("it says %q", p.Unless)
	}
}
