package planner_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// server lets a test change the article's server and what belongs to it.
func server(change func(*model.Snapshot, *model.Service, *model.SecurityGroup)) *model.Snapshot {
	s := Article(0, 80)
	i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "sample-ecs-app" })
	j := slices.IndexFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == "sg-sample-ecs-app" })
	change(s, &s.Services[i], &s.SecurityGroups[j])
	return s
}

const articleOverride = "set-ingress-port-override/prod/sample-ecs-app:80"

func TestWhatIsNotOursToChangeIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change        func(*model.Snapshot, *model.Service, *model.SecurityGroup)
		want, instead string
	}{
		"CodeDeploy": {func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) {
			s.DeploymentController = "CODE_DEPLOY"
		}, "made by CODE_DEPLOY", "where its deployments are made"},
		"external": {func(_ *model.Snapshot, s *model.Service,
			_ *model.SecurityGroup,
		) {
			s.DeploymentController = "EXTERNAL"
		}, "made by EXTERNAL", "where its deployments are made"},
		"Express": {
			func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) { s.ResourceManagementType = "ECS" },
			"Express service", "update-express-gateway-service",
		},
		"draining": {
			func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) { s.Status = "DRAINING" }, "DRAINING",
			"on its way out",
		},
		"two deployments": {func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) {
			old := s.Deployments[0]
			old.ID, old.Status = "ecs-svc/0", "ACTIVE"
			s.Deployments = append(s.Deployments, old)
		}, "in progress", "wait until it has finished"},
		"a rollout": {func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) {
			s.Deployments[0].RolloutState = "IN_PROGRESS"
		}, "in progress", "wait until it has finished"},
		"another account's group": {func(_ *model.Snapshot, _ *model.Service,
			g *model.SecurityGroup,
		) {
			g.Owner = "999999999999"
		}, "belongs to account 999999999999", "Admit tcp 10080"},
		"a group that ECS manages": {func(_ *model.Snapshot, _ *model.Service, g *model.SecurityGroup) {
			g.Tags = map[string]string{"AmazonECSManaged": "true"}
		}, "ECS manages security group", "a security group of its own"},
		"a namespace that was not read": {func(s *model.Snapshot, _ *model.Service,
			_ *model.SecurityGroup,
		) {
			Deny(s, model.ListNamespaces)
		}, "servicediscovery:ListNamespaces", "Allow servicediscovery:ListNamespaces"},
		"groups that were not read": {func(s *model.Snapshot, _ *model.Service, _ *model.SecurityGroup) {
			Deny(s, model.DescribeSecurityGroups)
		}, "ec2:DescribeSecurityGroups", "llow ec2:DescribeSecurityGroups"},
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, server(c.change), articleOverride)
			if p.Appliable() || p.Refusal == nil || !strings.Contains(p.Refusal.Reason, c.want) ||
				!strings.Contains(p.Refusal.Instead, c.instead) {
				t.Errorf("refused: %+v", p.Refusal)
			}
		})
	}
}

// Without the task definition or the load balancer there is no finding, and nothing
// is planned for it.
func TestWithoutTheFactsOfAFindingThereIsNoPlan(t *testing.T) {
	for _, action := range []model.Action{
		model.DescribeTaskDefinition, model.DescribeServices,
		model.DescribeLoadBalancers, model.DescribeTargetGroups,
	} {
		s := Article(0, 80)
		Deny(s, action)
		for _, p := range plansOf(t, s) {
			if p.Appliable() {
				t.Errorf("without %s there is %s", action, p.ID)
			}
		}
	}
}

func TestAnOverrideOfATLSEndpointIsOnlyAnAlternative(t *testing.T) {
	s := web(Offer("http", 0, 80), tls()).Snapshot()
	all := plansOf(t, s)
	var ids []string
	for i := range all {
		ids = append(ids, all[i].FixID())
	}
	if !slices.Equal(ids[:2], []string{"https-target-group", "set-ingress-port-override"}) {
		t.Errorf("the plans are %v", ids)
	}
	p := planOf(t, s, "set-ingress-port-override/prod/web:80")
	if p.Appliable() || !strings.Contains(p.Refusal.Reason, "plaintext") ||
		!slices.ContainsFunc(p.Risks, func(n fix.Note) bool { return n.Title == "The container port is not encrypted" }) {
		t.Errorf("refused %+v, risks %+v", p.Refusal, p.Risks)
	}
}

func TestTheOwnerIsWarnedOfDrift(t *testing.T) {
	for name, c := range map[string]struct {
		service, group map[string]string
		want           []string
	}{
		"no user": {nil, nil, nil},
		"the CDK": {
			map[string]string{
				"aws:cloudformation:stack-name": "shop",
				"aws:cloudformation:logical-id": "ServiceD69D759B",
			},
			nil,
			[]string{"sample-ecs-app seems to belong to the CDK, stack shop"},
		},
		"Terraform": {
			map[string]string{"ManagedBy": "terraform"},
			nil,
			[]string{"sample-ecs-app seems to belong to Terraform"},
		},
		"the group's": {
			nil,
			map[string]string{"aws:cloudformation:stack-name": "net"},
			[]string{"Security group sg-sample-ecs-app seems to belong to CloudFormation, stack net"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, server(func(_ *model.Snapshot, s *model.Service, g *model.SecurityGroup) {
				s.Tags,
					g.Tags = c.service, c.group
			}), articleOverride)
			var got []string
			for _, n := range p.Risks {
				if n.Title == "Its owner may put it back" {
					before, _, _ := strings.Cut(n.Detail, " (")
					got = append(got, before)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("warned of %v", got)
			}
		})
	}
}

// The alias is offered as another way where every caller of the load balancer could
// use it, and only there.
func TestTheAliasIsAnAlternativeForServiceConnectClients(t *testing.T) {
	clientsOnly := web(Offer("http", 0, 80)).Group("sg-alb", In("tcp 80", "sg-client")).Snapshot()
	anybody := web(Offer("http", 0, 80)).Group("sg-alb", In("tcp 80", "sg-client"), In("tcp 80", "10.0.0.0/16")).Snapshot()
	for name, c := range map[string]struct {
		s    *model.Snapshot
		want bool
	}{"clients only": {clientsOnly, true}, "anybody": {anybody, false}} {
		got := slices.ContainsFunc(plansOf(t, c.s), func(p fix.Plan) bool {
			return p.FixID() == "call-alias" &&
				slices.Contains(p.Codes, "HOP101")
		})
		if got != c.want {
			t.Errorf("%s: the alias is offered for HOP101: %t", name, got)
		}
	}
}

func TestCommandsNameWhatIsKnown(t *testing.T) {
	s := server(func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) {
		s.Tasks = &model.ServiceTasks{Tasks: []model.Task{{
			ARN:       "arn:aws:ecs:r:1:task/prod/0123abc",
			StartedBy: s.Deployments[0].ID,
		}}}
	})
	p := planOf(t, s, articleOverride)
	want := "aws ecs execute-command --cluster prod --task 0123abc --container sample-ecs-app --interactive --command " +
		`'sh -c '\''ss -ltn || netstat -ltn || cat /proc/net/tcp /proc/net/tcp6'\''' --region ap-northeast-1`
	if p.Checks[0].Command != want {
		t.Errorf("the command is %s", p.Checks[0].Command)
	}
}

func TestEveryEndpointHasAFreePort(t *testing.T) {
	s := New().Group("sg-both").Service("both", Port("web", 80, "http"), Port("api", 90, "http"),
		Offer("web", 0, 80), Offer("api", 12000, 90), Offer("gone", 0, 70)).Snapshot()
	ref := model.Ref{Cluster: "prod", Service: "both"}
	if got, want := planner.FreePorts(rule.Analyze(s), ref), map[int]int{0: 10080, 1: 10090}; !maps.Equal(got, want) {
		t.Errorf("%v are free, not %v", got, want)
	}
	if got := planner.FreePorts(rule.Analyze(s), model.Ref{Cluster: "prod", Service: "gone"}); len(got) > 0 {
		t.Errorf("a service that is not there has the ports %v", got)
	}
	Deny(s, model.DescribeTaskDefinition)
	if got := planner.FreePorts(rule.Analyze(s), ref); len(got) > 0 {
		t.Errorf("%v are free, where no container port is known", got)
	}
}

// AWS lists a deployment for a while that was replaced or given up: nothing is in
// progress then.
func TestADeploymentThatIsOverIsNotInProgress(t *testing.T) {
	for _, c := range []struct {
		status  string
		running int
		refused bool
	}{{"INACTIVE", 0, false}, {"INACTIVE", 1, true}, {"ACTIVE", 0, true}} {
		s := server(func(_ *model.Snapshot, s *model.Service, _ *model.SecurityGroup) {
			old := s.Deployments[0]
			old.ID, old.Status, old.RunningCount, old.PendingCount, old.RolloutState = "ecs-svc/0", c.status, c.running, 0,
				"FAILED"
			s.Deployments = append(s.Deployments, old)
		})
		p := planOf(t, s, articleOverride)
		if got := p.Refusal != nil && strings.Contains(p.Refusal.Reason, "in progress"); got != c.refused {
			t.Errorf("%s with %d tasks: refused %+v", c.status, c.running, p.Refusal)
		}
	}
}
