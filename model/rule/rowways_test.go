package rule_test

import (
	"net/netip"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// wayRows are the rows about rarer ways into a task.
func wayRows() []decisionRow {
	return []decisionRow{
		{
			"25", "a network load balancer before the load balancer", web(Offer("http", 0, 80)).ALB("a-front", 80, "to-alb").
				Group("sg-a-front", In("tcp 80", "10.0.0.0/16")).Group("sg-alb", In("tcp 80", "sg-a-front")),
			behindNLB, lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"33", "bridge mode, on an instance that was read", inBridge(Offer("http", 0, 80)), nil, lbPath, reach.ViaDirect,
			reach.OK, nil,
		},
		{
			"34", "an override in bridge mode, on an instance that was read", inBridge(Offer("http", 9080, 80)), nil, scPath,
			reach.ViaAgent, reach.Risk,
			[]string{"CFG313"},
		},
		{
			"35", "the agent's host port, registered by hand", inBridge(Offer("http", 0, 80), Change(func(s *Spec) {
				s.Service.LoadBalancers = nil
				s.Service.Tasks = &model.ServiceTasks{Tasks: []model.Task{{
					StartedBy: "ecs-svc/1", ContainerInstance: "arn:aws:ecs:r:1:container-instance/prod/1",
					Containers: []model.TaskContainer{{Name: model.AgentContainer +
						"x1", Bindings: []model.NetworkBinding{{ContainerPort: 15000, HostPort: 40002}}}},
				}}}
			})), targetGroup(func(g *model.TargetGroup) {
				g.TargetType, g.Health = "instance", &model.TargetHealth{Targets: []model.Target{{
					ID: "i-1", Port: 40002,
					State: "healthy",
				}}}
			}),
			lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP102"},
		},
		{
			"38", "the live side of a blue/green deployment", web(Offer("http", 0, 80), strategy("BLUE_GREEN")).
				TargetGroup("green"), weights(100, 0),
			lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"38", "both sides of a canary deployment", web(Offer("http", 0, 80), strategy("CANARY")).
				TargetGroup("green"), weights(90, 10),
			lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"38", "a linear deployment past the agent", web(Offer("http", 8080, 80), strategy("LINEAR")).
				TargetGroup("green"), weights(50, 50),
			lbPath, reach.ViaDirect, reach.OK, nil,
		},
		{
			"45", "an ACL that refuses the override to the client's subnets", web(Offer("http", 8080,
				80)), func(s *model.Snapshot) {
				s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
					Number: 50, Protocol: "6", FromPort: 8080, ToPort: 8080, CIDR: netip.MustParsePrefix("10.0.0.0/16"),
				})
			},
			scPath, reach.ViaAgent, reach.Broken,
			[]string{"NET201"},
		},
		{
			"53", "VPC Lattice on an intercepted port", lattice(Offer("http", 0, 80)), nil, reach.SourceVPCLattice,
			reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP104"},
		},
		{
			"53", "VPC Lattice past the agent", lattice(Offer("http", 8080, 80)), nil, reach.SourceVPCLattice, reach.ViaDirect,
			reach.OK, nil,
		},
		{
			"54", "a service gateway on an intercepted port", gatewayed(Offer("http", 0, 80)), nil,
			reach.SourceServiceGateway, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP104"},
		},
		{
			"54", "a service gateway past the agent", gatewayed(Offer("http", 8080, 80)), nil,
			reach.SourceServiceGateway, reach.ViaDirect, reach.OK, nil,
		},
	}
}

// behindNLB makes the load balancer of the second listener a network load balancer
// whose target is the first one.
func behindNLB(s *model.Snapshot) {
	front := &s.LoadBalancers[1]
	front.Type, s.Listeners[1].Protocol = "network", "TCP"
	g := &s.TargetGroups[1]
	g.TargetType, g.Protocol, g.ProtocolVersion, g.Attributes = "alb", "TCP", "", &model.TargetGroupAttributes{}
	g.Health = &model.TargetHealth{Targets: []model.Target{{ID: s.LoadBalancers[0].ARN, Port: 80, State: "healthy"}}}
}

// inBridge is web in bridge mode on an instance whose group admits everybody.
func inBridge(options ...func(*Spec)) *Builder {
	return web(append(options, networkMode("bridge"), mapping(func(m *model.PortMapping) { m.HostPort = 8000 }))...).
		Edit(onInstance).Group("sg-node", In("all", "sg-alb"), In("all", "sg-client"))
}

func strategy(name string) func(*Spec) {
	return Change(func(s *Spec) {
		s.Service.DeploymentStrategy, s.Service.LoadBalancers[0].AlternateTargetGroupARN = name, TargetGroupARN("green")
	})
}

func weights(blue, green int) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.ListenerRules[0].Actions = forwardTo("tg", "green")
		s.ListenerRules[0].Actions[0].Forward[0].Weight, s.ListenerRules[0].Actions[0].Forward[1].Weight = blue, green
	}
}

// lattice attaches web to VPC Lattice, which its group admits.
func lattice(options ...func(*Spec)) *Builder {
	attached := Change(func(s *Spec) {
		s.Deployment.VPCLattice = []model.VPCLatticeTarget{{
			PortName:       "http",
			TargetGroupARN: "arn:aws:vpc-lattice:r:1:targetgroup/tg-1",
		}}
	})
	return web(append(options, attached)...).
		Group("sg-web", In("all", "sg-alb"), In("all", "sg-client"), In("tcp 80", "pl-lattice")).
		Edit(func(s *model.Snapshot) {
			s.PrefixLists = []model.PrefixList{{ID: "pl-lattice", Name: "com.amazonaws." + Region +
				".vpc-lattice", Entries: prefixes("169.254.171.0/24")}}
		})
}

// gateway gives web a service gateway, which uses the load balancer.
func gateway(s *model.Snapshot) {
	const gateway, revision = "arn:aws:ecs:r:1:gateway/front", "arn:aws:ecs:r:1:service-revision/prod/web/1"
	s.GatewayRoutes = []model.GatewayRoute{{
		ARN: "route", GatewayARN: gateway, ServiceARN: serviceARN("web"),
		PortName: "http", Status: "ACTIVE",
	}}
	s.ServiceRevisions = []model.ServiceRevision{{
		ARN: revision, ServiceARN: serviceARN("web"),
		GatewayConnections: []model.GatewayConnection{{
			GatewayARN: gateway, PortName: "http",
			TargetGroupARN: TargetGroupARN("tg"),
		}},
	}}
	for i := range s.Services {
		if s.Services[i].Name == "web" {
			s.Services[i].CurrentRevisions = []model.CurrentRevision{{ARN: revision, RunningCount: 1}}
		}
	}
}

// twoVersions is web with a second target group, for gRPC, on the same port: its path is
// the first. The container declares another port, too.
func twoVersions(idle int) *Builder {
	return web(Port("grpc", idle, ""), Change(func(s *Spec) {
		s.Service.LoadBalancers = append(s.Service.LoadBalancers, s.Service.LoadBalancers[0])
		s.Service.LoadBalancers[1].TargetGroupARN = TargetGroupARN("a-grpc")
	})).ALB("a-alb", 443, "a-grpc").Group("sg-a-alb", In("tcp 443", "0.0.0.0/0")).
		Group("sg-web", In("all", "10.0.0.0/16")).Edit(func(s *model.Snapshot) {
		s.TargetGroups[1].ProtocolVersion = "GRPC"
	})
}

// gatewayed is web behind a service gateway alone.
func gatewayed(options ...func(*Spec)) *Builder {
	return web(append(options, Change(func(s *Spec) { s.Service.LoadBalancers = nil }))...).Edit(gateway)
}
