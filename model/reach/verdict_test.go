package reach_test

import (
	"slices"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

func withTLS(s *Spec) { s.Deployment.ServiceConnect.Services[0].TLS = &model.TLS{} }

// spoken makes the target group speak a protocol behind listeners with policies.
func spoken(protocol string, policies ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.TargetGroups[0].Protocol, s.TargetGroups[0].HealthCheck.Protocol = protocol, protocol
		listener, rule := s.Listeners[0], s.ListenerRules[0]
		s.Listeners, s.ListenerRules = nil, nil
		admitted := &s.SecurityGroups[1].Ingress[0] // by sg-alb
		admitted.ToPort += len(policies) - 1
		for i, policy := range policies {
			l, r := listener, rule
			l.ARN, l.Port, l.SSLPolicy = l.ARN+policy, l.Port+i, policy
			r.ARN, r.ListenerARN = r.ARN+policy, l.ARN
			s.Listeners, s.ListenerRules = append(s.Listeners, l), append(s.ListenerRules, r)
		}
	}
}

// Before any rule looks at it: what is sure about TLS is said here.
func TestVerdictsOnWaysWithTLS(t *testing.T) {
	const now, old = "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"
	mixed := Change(func(s *Spec) {
		s.Deployment.ServiceConnect.Services = append(s.Deployment.ServiceConnect.Services,
			model.ServiceConnectService{PortName: "http", DiscoveryName: "also"})
	})
	tests := []struct {
		name  string
		build *Builder
		want  []string
	}{
		{"HTTPS to the agent", behind(Offer("http", 0, 80), withTLS).
			Edit(spoken("HTTPS", now)), []string{"health-check needed", "load-balancer needed"}},
		{"TLS to the agent", behind(Offer("http", 0, 80), withTLS).
			Edit(spoken("TLS", now)), []string{"health-check needed", "load-balancer needed"}},
		{"plaintext to the agent", behind(Offer("http", 0, 80), withTLS).
			Edit(spoken("HTTP", now)), []string{"health-check unknown", "load-balancer unknown"}},
		{"an old policy", behind(Offer("http", 0, 80), withTLS).
			Edit(spoken("HTTPS", old)), []string{"health-check unknown", "load-balancer unknown"}},
		{
			"an old policy on one of two listeners", behind(Offer("http", 0, 80), withTLS).Edit(spoken("HTTPS", now, old)),
			[]string{"health-check unknown", "load-balancer needed", "load-balancer unknown"},
		},
		{"one of two endpoints has TLS", behind(Offer("http", 0, 80), withTLS, mixed).
			Edit(spoken("HTTPS", now)), []string{"health-check unknown", "load-balancer unknown"}},
		{"plaintext past TLS", behind(Offer("http", 8443, 80), withTLS).
			Edit(spoken("HTTP", now)), []string{"health-check risk", "load-balancer risk"}},
		{"HTTPS past TLS", behind(Offer("http", 8443, 80), withTLS).
			Edit(spoken("HTTPS", now)), []string{"health-check unknown", "load-balancer unknown"}},
		{"TLS past TLS", behind(Offer("http", 8443, 80), withTLS).
			Edit(spoken("TLS", now)), []string{"health-check unknown", "load-balancer unknown"}},
		{"no TLS in Service Connect", behind(Offer("http", 8443, 80)).
			Edit(spoken("HTTPS", old)), []string{"health-check ok", "load-balancer ok"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range paths(tt.build.Snapshot()) {
				if p.Source.Kind != reach.SourceServiceConnect {
					got = append(got, string(p.Source.Kind)+" "+string(p.Verdict))
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The checks of one load balancer have nothing to do with another one's policy.
func TestChecksUseTheirOwnLoadBalancersPolicy(t *testing.T) {
	s := behind(Offer("http", 0, 80), withTLS).Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 80", "sg-old")).
		Group("sg-old").ALB("old", 80, "tg").
		Edit(func(s *model.Snapshot) {
			s.TargetGroups = s.TargetGroups[:1]
			s.TargetGroups[0].Protocol, s.TargetGroups[0].HealthCheck.Protocol = "HTTPS", "HTTPS"
			s.Listeners[0].SSLPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
		}).Snapshot()
	for _, p := range paths(s) {
		want := reach.Needed
		if p.Source.Name == "old" {
			want = reach.Unknown
		}
		if p.Source.Kind == reach.SourceHealthCheck && p.Verdict != want {
			t.Errorf("checks of %s: %s", p.Source.Name, p.Verdict)
		}
	}
}

func TestARefusedRequestIsBrokenWhateverIsMissing(t *testing.T) {
	checkWays(t, behind().Group("sg-web").Deny(model.DescribeTaskDefinition).
		Snapshot(), "load-balancer alb → web:80: unknown, blocked, broken")
}

func TestThePortsOfAnEndpoint(t *testing.T) {
	web := func(options ...func(*Spec)) *Builder {
		return New().Group("sg-web", In("all", "sg-client")).Group("sg-client").Service("client", Client()).
			Service("web", append([]func(*Spec){Port("http", 80, "http")}, options...)...)
	}
	ranged := Change(func(s *Spec) {
		s.TaskDefinition.Containers[0].PortMappings = []model.PortMapping{{Name: "http", ContainerPortRange: "80-90"}}
	})
	tests := []struct {
		name  string
		build *Builder
		wire  int
		via   reach.Via
		place string
	}{
		{"no override", web(Offer("http", 0, 80)), 80, reach.ViaAgent, "web:80"},
		{"an override", web(Offer("http", 8080, 80)), 8080, reach.ViaAgent, "web:80"},
		{
			"an override, without the task definition", web(Offer("http", 8080, 80)).Deny(model.DescribeTaskDefinition), 8080,
			reach.ViaUnknown, "http",
		},
		{"an override in bridge mode", web(Offer("http", 8080, 80), bridge(0)), 8080, reach.ViaAgent, "web:80"},
		{"no override in bridge mode", web(Offer("http", 0, 80), bridge(0)).Edit(noTasks), 32768, reach.ViaAgent, "web:80"},
		{"a range of ports", web(Offer("http", 0, 80), ranged), 0, reach.ViaUnknown, "http"},
	}
	for _, tt := range tests {
		p := one(t, paths(tt.build.Snapshot()), reach.SourceServiceConnect, "web")
		if p.Target.WirePort != tt.wire || p.Via != tt.via || p.Place.String() != "sc/http.ns:80/prod/web/"+tt.place {
			t.Errorf("%s: port %d %s, %s", tt.name, p.Target.WirePort, p.Via, p.Place)
		}
	}
}

// services[].loadBalancers is today's configuration: tasks of a deployment that is
// being replaced may be registered with a port of its own.
func TestOldTasksAreNotTakenToHaveThePortOfTheNew(t *testing.T) {
	built := func(change func(*model.TaskDefinition, *model.Deployment)) *model.Snapshot {
		return behind(Port("new", 8080, "http"), Change(func(s *Spec) { s.Service.LoadBalancers[0].ContainerPort = 8080 })).
			Group("sg-web", In("tcp 8080", "sg-alb")).Edit(func(s *model.Snapshot) {
			d, task := s.Services[0].Deployments[0], s.TaskDefinitions[0]
			d.ID, d.Status, d.TaskDefinition = "ecs-svc/0", "ACTIVE", "old"
			task.ARN, task.Containers = "old", []model.Container{{
				Name:         "web",
				PortMappings: slices.Clone(task.Containers[0].PortMappings[:1]),
			}}
			change(&task, &d)
			s.Services[0].Deployments, s.TaskDefinitions = append(s.Services[0].Deployments, d), append(s.TaskDefinitions, task)
		}).Snapshot()
	}
	own, differs := "load-balancer alb → web:8080: direct, allowed, ok", "load-balancer alb → "+
		"web:8080 PRIMARY: direct, allowed, ok"
	unsure := "load-balancer  → web:0 ACTIVE: unknown, unknown, unknown (target groups of deployment ecs-svc/0, whose " +
		"task definition does not declare port 8080: hopscope does not read this yet (ecs:DescribeServiceRevisions))"
	checkWays(t, built(func(*model.TaskDefinition, *model.Deployment) {}), unsure, own)
	checkWays(t, built(func(task *model.TaskDefinition, _ *model.Deployment) {
		task.Containers[0].PortMappings = []model.PortMapping{{ContainerPortRange: "8000-8100"}}
	}), own)
	checkWays(t, built(func(task *model.TaskDefinition, _ *model.Deployment) {
		task.Containers[0].PortMappings = []model.PortMapping{{ContainerPort: 8080, Protocol: "udp"}}
	}), own)
	checkWays(t, built(func(_ *model.TaskDefinition, d *model.Deployment) {
		d.ServiceConnect = &model.ServiceConnect{
			Enabled: true, Namespace: "ns",
			Services: []model.ServiceConnectService{{PortName: "http", IngressPortOverride: 8080}},
		}
	}), differs, "load-balancer alb → web:8080 ACTIVE: agent, allowed, unnecessary-hop",
		"service-connect  → web:8080 ACTIVE: agent, unknown, unknown"+noOtherCaller)
	checkWays(t, built(func(_ *model.TaskDefinition, d *model.Deployment) { d.TaskDefinition = "lost" }), differs,
		"load-balancer alb → web:8080 ACTIVE: unknown, unknown, unknown (task definition lost: not in the answer of "+
			"ecs:DescribeTaskDefinition)")
	// The primary deployment is what the service says.
	s := built(func(*model.TaskDefinition, *model.Deployment) {})
	s.Services[0].Deployments = s.Services[0].Deployments[:1]
	s.TaskDefinitions[0].Containers[0].PortMappings = nil
	checkWays(t, s, own)
	// Task sets name their own target groups.
	sets := built(func(*model.TaskDefinition, *model.Deployment) {})
	old := sets.Services[0].Deployments[1]
	sets.Services[0].TaskSets = []model.TaskSet{{
		ID: "set", Status: "ACTIVE", TaskDefinition: "old", RunningCount: 1,
		Network: old.Network, LoadBalancers: sets.Services[0].LoadBalancers,
	}}
	sets.Services[0].Deployments = nil
	checkWays(t, sets, own)
}
