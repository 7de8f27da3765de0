package sample

import (
	"fmt"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Collected is when the snapshots were collected.
func Collected() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

// Act is one of the three acts of the article.
type Act int

// The acts: everything on port 80; the agent moved to 8080 with the security group
// open on 80 only; 8080 opened as well.
const (
	AllOn80 Act = iota
	Moved
	Opened
)

// Snapshot is the article's account.
func Snapshot(services ...string) *model.Snapshot {
	if len(services) == 0 {
		services = []string{Client, Server}
	}
	s := &model.Snapshot{
		Origin: "simulator:article", CollectedAt: Collected(), Complete: true,
		Scope: model.Scope{Account: "123456789012", Region: "ap-northeast-1", Clusters: []string{Cluster}},
		Stats: model.Stats{Calls: map[model.Action]int{model.DescribeServices: 20, model.ListServices: 6}},
		TaskDefinitions: []model.TaskDefinition{{
			ARN: "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/app:7", Family: "app", Revision: 7, NetworkMode: "awsvpc",
		}},
	}
	for _, name := range services {
		s.Services = append(s.Services, model.Service{
			Name: name, Cluster: Cluster, Loaded: true, DesiredCount: 1, RunningCount: 1, LaunchType: "FARGATE",
			Deployments: []model.Deployment{{
				Status: "PRIMARY", TaskDefinition: s.TaskDefinitions[0].ARN, LaunchType: "FARGATE",
			}},
		})
	}
	n := len(s.Services)
	s.Counts.Services = model.Count{Listed: n, Loaded: n}
	return s
}

// Report is what there is to say about the article's account in an act.
func Report(s *model.Snapshot, act Act) *rule.Report {
	r := &rule.Report{Schema: rule.SchemaV1, Scope: s.Scope, CollectedAt: s.CollectedAt, Counts: s.Counts, Gaps: s.Gaps, Complete: s.Complete}
	switch act {
	case AllOn80:
		r.Paths = []reach.Path{HealthCheck(), ViaAgent(), ServiceConnect(80, reach.Allowed, Client)}
		r.Findings = []rule.Finding{unnecessaryHop(r.Paths[1].ID), healthCheckHop(r.Paths[0].ID)}
	case Moved:
		r.Paths = []reach.Path{Direct(reach.Allowed), ServiceConnect(Override, reach.Blocked, Client)}
		r.Findings = []rule.Finding{closedPort(r.Paths[1].ID)}
	case Opened:
		r.Paths = []reach.Path{Direct(reach.Allowed), ServiceConnect(Override, reach.Allowed, Client)}
	}
	return r
}

func unnecessaryHop(path string) rule.Finding {
	return rule.Finding{
		Code: "HOP101", Severity: rule.Warning, Path: path, Cluster: Cluster, Service: Server, Confidence: rule.High,
		Title:  "requests of main-alb cross the agent without need",
		Detail: "Container port 80 is listed in Service Connect without an override, so the agent takes every connection to it. The load balancer's requests gain nothing from that and pay about a millisecond.",
		Evidence: []reach.Evidence{
			{Fact: "services[0].portName = app, containerPort 80, no ingressPortOverride", From: "ecs:DescribeServices"},
		},
		Fixes: []rule.Fix{{
			ID: "set-ingress-port-override", Title: "move the agent to a port of its own",
			Steps: []string{"open 8080 in sg-app to sg-client", "set ingressPortOverride to 8080", "wait for the rollout"},
		}},
	}
}

func healthCheckHop(path string) rule.Finding {
	return rule.Finding{
		Code: "HOP106", Severity: rule.Info, Path: path, Cluster: Cluster, Service: Server, Confidence: rule.High,
		Title:    "health checks of app-tg cross the agent",
		CausedBy: &rule.Cause{Code: "HOP101"},
	}
}

func closedPort(path string) rule.Finding {
	return rule.Finding{
		Code: "NET201", Severity: rule.Error, Path: path, Cluster: Cluster, Service: Server, Confidence: rule.High,
		Title:    "sg-app does not admit client-service on port 8080",
		Detail:   "Callers time out with upstream request timeout after 15 s, while the load balancer keeps working.",
		Evidence: []reach.Evidence{{Fact: "sg-app admits sg-client on tcp 80 only", From: "ec2:DescribeSecurityGroups"}},
		Fixes:    []rule.Fix{{ID: "authorize-ingress", Title: "open 8080", Steps: []string{"add tcp 8080 from sg-client to sg-app"}}},
	}
}

// Denied is an account in which NACLs may not be read.
func Denied() (*model.Snapshot, *rule.Report) {
	s := Snapshot()
	s.Complete = false
	s.Gaps = []model.Gap{
		{
			Action: model.DescribeNetworkAcls, State: model.Denied, Error: "UnauthorizedOperation",
			Effect: "paths between subnets are unknown", Message: "allow ec2:DescribeNetworkAcls",
		},
		{Action: model.DescribeRules, Resource: "arn:x", State: model.Failed, Error: "timeout", Message: "press r to try again"},
	}
	r := Report(s, Opened)
	r.Paths = []reach.Path{ViaUnknown(), ServiceConnect(Override, reach.AccessUnknown, Client)}
	r.NotChecked = []rule.NotChecked{{Code: "NET203", Cluster: Cluster, Service: Server, Needs: model.DescribeNetworkAcls}}
	return s, r
}

// Loading is an account of n services of which some are loaded.
func Loading(n, loaded int) *model.Snapshot {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("service-%04d", i)
	}
	s := Snapshot(names...)
	for i := loaded; i < n; i++ {
		s.Services[i] = model.Service{Name: names[i], Cluster: Cluster}
	}
	s.Counts.Services.Loaded = loaded
	if s.Complete = loaded == n; !s.Complete {
		s.Gaps = []model.Gap{{Action: model.DescribeServices, State: model.Loading}}
	}
	return s
}

// Fleet is an account of n services, each with the paths of the article: every
// tenth as in act one, every hundredth as in act two.
func Fleet(n int) (*model.Snapshot, *rule.Report) {
	s := Loading(n, n)
	r := Report(s, Opened)
	r.Paths = nil
	for i := range s.Services {
		act := Opened
		switch {
		case i%100 == 7:
			act = Moved
		case i%10 == 3:
			act = AllOn80
		}
		one := Report(s, act)
		name := s.Services[i].Name
		for j := range one.Paths {
			p := one.Paths[j]
			p.ID = name + "/" + p.ID
			p.Target.Service = name
			r.Paths = append(r.Paths, p)
		}
		for _, f := range one.Findings {
			f.Path, f.Service = name+"/"+f.Path, name
			r.Findings = append(r.Findings, f)
		}
	}
	return s, r
}

// Ways is an account whose service is reached in the rarer ways: through a service
// gateway, VPC Lattice, two load balancers, a target by hand, and the sides of a
// blue/green deployment.
func Ways() (*model.Snapshot, *rule.Report) {
	s := Snapshot()
	r := Report(s, Opened)
	r.Paths = []reach.Path{
		Gateway(), Chain(), Lattice(reach.Blocked), ByHand(), Weighted(100, "blue-tg"), Weighted(0, "green-tg"), Instance(), Managed(),
	}
	gateway := unnecessaryHop(r.Paths[0].ID)
	gateway.Code, gateway.Severity, gateway.Title = "HOP104", rule.Info, "requests of shop-gateway cross the agent without need"
	closed := closedPort(r.Paths[2].ID)
	closed.Code, closed.Title = "NET202", "sg-app does not admit VPC Lattice on port 80"
	r.Findings = []rule.Finding{closed, gateway, withoutPath(Server)}
	return s, r
}

// Astray is an account with findings that belong to no path: of a service that none
// leads to, of a cluster, and of the account.
func Astray() (*model.Snapshot, *rule.Report) {
	s := Snapshot()
	r := Report(s, Opened)
	cluster, account := withoutPath(""), withoutPath("")
	account.Cluster = ""
	r.Findings = []rule.Finding{withoutPath(Client), withoutPath(Server), cluster, account}
	return s, r
}

// withoutPath is a finding about a service as a whole; of a cluster when the
// service is "".
func withoutPath(service string) rule.Finding {
	return rule.Finding{
		Code: "RSK405", Severity: rule.Warning, Cluster: Cluster, Service: service, Confidence: rule.Medium,
		Title:    "the agent has too little memory for its connections",
		Detail:   "The task leaves 32 MiB to the agent.",
		Evidence: []reach.Evidence{{Fact: "memory 512, of which the containers reserve 480", From: "ecs:DescribeTaskDefinition"}},
		Fixes:    []rule.Fix{{ID: "raise-memory", Title: "leave the agent more memory", Steps: []string{"raise the task's memory to 1024"}}},
	}
}
