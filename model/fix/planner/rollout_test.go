package planner_test

import (
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// oldGroups gives web a deployment on its way out, whose tasks have another group.
func oldGroups(group string) func(*Spec) {
	return Change(func(s *Spec) {
		old := s.Deployment
		n := *old.Network
		n.SecurityGroups = []string{group}
		old.ID, old.Status, old.TaskDefinition, old.Network = "ecs-svc/0", "ACTIVE", s.TaskDefinition.ARN, &n
		s.Service.Deployments = append(s.Service.Deployments, old)
	})
}

// Both deployments refuse the load balancer, which is one path and one finding. Were
// only the newer one's group opened, the older one would refuse on.
func TestARolloutIsOpenedOnBothSides(t *testing.T) {
	s := web(oldGroups("sg-old")).Group("sg-old").Group("sg-web").Snapshot()
	p := planOf(t, s, "open-port/prod/web:80/alb")
	if got := steps(&p); !strings.Contains(got, "to sg-web") || !strings.Contains(got, "to sg-old") {
		t.Errorf("the steps are\n%s", got)
	}
	if !p.Appliable() {
		t.Errorf("refused: %+v", p.Refusal)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}

// When the rollout is over, no task of another revision is left: the outcome says so.
func TestAfterTheRolloutNoOtherRevisionRuns(t *testing.T) {
	var web *model.Service
	s := server(func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) {
		s.CurrentRevisions = []model.CurrentRevision{{ARN: "rev-1", RunningCount: 1}, {ARN: "rev-2", RunningCount: 1}}
		web = s
	})
	p := planOf(t, s, articleOverride)
	if p.Appliable() || !strings.Contains(p.Refusal.Reason, "tasks of 2 revisions") {
		t.Errorf("while tasks of an unlisted revision run, the plan is refused: %+v", p.Refusal)
	}
	for _, e := range p.Wanted {
		if e.Verdict == "" {
			t.Errorf("what becomes of %s is not known: %+v", e.From, e)
		}
	}
	after, err := fix.Outcome(s, p.Service, p.Steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rule.Analyze(after).Findings {
		if f.Code == "INF509" {
			t.Errorf("%s is left: %s", f.Code, f.Title())
		}
	}
	if web.CurrentRevisions[0].RunningCount != 1 {
		t.Error("the snapshot was changed")
	}
}

// A source that connects to the port that the agent would take back may be known by its
// tasks alone: a target that was registered by hand.
func TestTheAgentTakesNoPortBackBlindly(t *testing.T) {
	const id = "remove-ingress-port-override/prod/web:80"
	whole := alone(Offer("http", 8080, 80)).Snapshot()
	if p := planOf(t, whole, id); !p.Appliable() {
		t.Fatalf("with all facts it is refused: %+v", p.Refusal)
	}
	for _, action := range []model.Action{
		model.ListTasks, model.DescribeTasks, model.DescribeTargetHealth,
		model.DescribeInstances,
	} {
		s := alone(Offer("http", 8080, 80)).Snapshot()
		Deny(s, action)
		if p := planOf(t, s, id); p.Appliable() || !strings.Contains(p.Refusal.Reason, "who else connects to web") {
			t.Errorf("without %s: %+v", action, p.Refusal)
		}
	}
}

// The old tasks of another service have the group: their callers need its rules
// until they are gone.
func TestARuleThatOldTasksOfAnotherServiceNeedStays(t *testing.T) {
	s := web(oldGroups("sg-old")).Group("sg-old", In("tcp 80", "sg-alb")).Group("sg-web", In("tcp 80", "sg-alb")).
		Service("other", Port("http", 80, "http")).Snapshot()
	for _, group := range []string{"sg-old", "sg-web"} {
		at := slices.IndexFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == group })
		step := fix.Step{Kind: fix.RevokeIngress, Group: group, Rule: &s.SecurityGroups[at].Ingress[0]}
		p, err := planner.WhatIf(rule.Analyze(s), model.Ref{Cluster: "prod", Service: "other"}, []fix.Step{step})
		if err != nil {
			t.Fatal(err)
		}
		if p.Appliable() || !strings.Contains(p.Refusal.Reason, "would be refused on port 80 of web") {
			t.Errorf("%s: refused: %+v", group, p.Refusal)
		}
	}
}
