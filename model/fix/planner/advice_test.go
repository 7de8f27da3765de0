package planner_test

import (
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
