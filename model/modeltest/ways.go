package modeltest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"hopscope/model"
)

// Named is a snapshot and what it shows.
type Named struct {
	Name     string
	Snapshot *model.Snapshot
}

// Ways are small snapshots with the ways that requests take to a service: every kind
// of source, through the agent and past it, admitted, refused and not known. Where
// nothing else is said the service is "web", and its container and port name are
// "web" and "http".
func Ways() []Named {
	return []Named{
		{"everything on port 80", Article(0, 80)},
		{"the agent on another port, which is shut", Article(8080, 80)},
		{"the agent on another port", Article(8080, 80, 8080)},
		{"load balancer refused", behind("sg-other", Offer("http", 8080, 80)).Snapshot()},
		{"load balancer to a task without an agent", behind("sg-alb").Edit(internetFacing).Snapshot()},
		{"load balancer to ports that ECS chooses", behind("sg-alb", Bridge(0)).Edit(onInstance("sg-web")).Edit(noTasks).
			Group("sg-web", In("tcp 32768-65535", "sg-alb")).Snapshot()},
		{"two load balancers", TwoLoadBalancers().Snapshot()},
		{"service gateway", Gateway(Offer("http", 0, 80)).Snapshot()},
		{"VPC Lattice", Lattice("pl-lattice").Snapshot()},
		{"VPC Lattice refused", Lattice("10.0.0.0/8").Snapshot()},
		{"target registered by hand", ByHand().Snapshot()},
		{"both sides of a blue/green deployment", BlueGreen(90, 10).Snapshot()},
		{"a side of a blue/green deployment that is idle", BlueGreen(100, 0).Snapshot()},
		{"container instance with an agent", behind("sg-alb", Offer("http", 0, 80), Bridge(0)).
			Edit(onInstance("sg-node")).Edit(noTasks).
			Group("sg-node", In("tcp 32768-65535", "sg-alb")).Snapshot()},
		{"load balancer that ECS manages", New().Group("sg-web").Service("web", Port("http", 80, "http"), express).
			Snapshot()},
		{"callers refused at large ports", Called([]string{"tcp 1"}, "client-service", "worker").Snapshot()},
		{"callers of which some are refused", Called([]string{"tcp 18081"}, "a-caller", "b-caller", "c-caller", "d-caller",
			"e-caller").Snapshot()},
		{"callers that are not known", New().Group("sg-web").Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).
			Snapshot()},
		{"network ACLs not read", denied(Article(8080, 80, 8080), model.DescribeNetworkAcls)},
		{"task definitions not read", denied(Article(8080, 80, 8080), model.DescribeTaskDefinition)},
		{"service discovery", Discovered().Snapshot()},
		{"a rollout", RollingOut().Snapshot()},
		{"long names", Hostile(strings.Repeat("a-very-long-name-", 6)).Snapshot()},
		{"hostile names", Hostile("東京\x1b[2J\u202eevil\nname").Snapshot()},
	}
}

func denied(s *model.Snapshot, action model.Action) *model.Snapshot {
	Deny(s, action)
	return s
}

// behind is the service "web" behind a load balancer, and a group that admits port 80
// from another one.
func behind(admitted string, options ...func(*Spec)) *Builder {
	options = append([]func(*Spec){Port("http", 80, "http"), Behind("tg", 80)}, options...)
	return New().Group("sg-alb").Group("sg-other").Group("sg-web", In("tcp 80", admitted)).ALB("alb", 80, "tg").
		Service("web", options...)
}

func internetFacing(s *model.Snapshot) { s.LoadBalancers[0].Scheme = "internet-facing" }

// Bridge puts a service into bridge mode; the port of its first mapping on the
// instance is hostPort, 0 for one that ECS chooses.
func Bridge(hostPort int) func(*Spec) {
	return func(s *Spec) {
		s.TaskDefinition.NetworkMode, s.Deployment.Network = model.ModeBridge, nil
		s.Deployment.LaunchType, s.Service.LaunchType = "EC2", "EC2"
		s.TaskDefinition.Containers[0].PortMappings[0].HostPort = hostPort
	}
}

// onInstance adds a container instance with a group, and makes the target groups those
// of instances.
func onInstance(group string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.ContainerInstances = []model.ContainerInstance{{
			ARN: arn("ecs", "container-instance/prod/a"), Cluster: "prod", InstanceID: "i-a", Status: "ACTIVE",
			Network:   &model.Network{Subnets: []string{SubnetA}, SecurityGroups: []string{group}},
			Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")},
		}}
		for i := range s.TargetGroups {
			s.TargetGroups[i].TargetType = "instance"
		}
	}
}

// noTasks makes it known that no service has a task now.
func noTasks(s *model.Snapshot) {
	for i := range s.Services {
		s.Services[i].Tasks = &model.ServiceTasks{}
	}
}

// TwoLoadBalancers is a network load balancer whose target is an application load
// balancer.
func TwoLoadBalancers() *Builder {
	return New().Group("sg-edge").Group("sg-alb", In("tcp 8000", "sg-edge")).Group("sg-web", In("tcp 80", "sg-alb")).
		ALB("alb", 8000, "tg").ALB("edge", 443, "to-alb").
		Service("web", Port("http", 80, "http"), Offer("http", 8080, 80), Behind("tg", 80)).
		Edit(func(s *model.Snapshot) { front(s, "edge", "to-alb", "alb", 8000) })
}

// front makes a load balancer a network load balancer, whose target group leads to
// another load balancer.
func front(s *model.Snapshot, name, targetGroup, to string, port int) {
	lb := LoadBalancerARN(name)
	for i := range s.LoadBalancers {
		if s.LoadBalancers[i].ARN == lb {
			s.LoadBalancers[i].Type, s.LoadBalancers[i].Scheme = model.NetworkLoadBalancer, "internet-facing"
		}
	}
	for i := range s.Listeners {
		if s.Listeners[i].LoadBalancerARN == lb {
			s.Listeners[i].Protocol = "TCP"
		}
	}
	for i := range s.TargetGroups {
		if g := &s.TargetGroups[i]; g.Name == targetGroup {
			g.TargetType, g.Protocol, g.ProtocolVersion = "alb", "TCP", ""
			g.Health = &model.TargetHealth{Targets: []model.Target{{ID: LoadBalancerARN(to), Port: port, State: "healthy"}}}
		}
	}
}

// Gateway is a service that a service gateway leads to.
func Gateway(options ...func(*Spec)) *Builder {
	return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 443, "tg").
		Service("web", append([]func(*Spec){Port("http", 80, "http")}, options...)...).
		Edit(func(s *model.Snapshot) { gateway(s, "web", "alb", "tg") })
}

func gateway(s *model.Snapshot, service, loadBalancer, targetGroup string) {
	i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == service })
	svc, front := &s.Services[i], arn("ecs", "gateway/front")
	s.GatewayRoutes = append(s.GatewayRoutes, model.GatewayRoute{
		ARN: arn("ecs", "gateway-route/front/1"), GatewayARN: front, ServiceARN: svc.ARN, PortName: "http", Status: "ACTIVE",
	})
	s.ServiceRevisions = append(s.ServiceRevisions, model.ServiceRevision{
		ARN: arn("ecs", "service-revision/prod/"+service+"/1"), ServiceARN: svc.ARN,
		TaskDefinition:    svc.Deployments[0].TaskDefinition,
		GatewayConnectors: []model.GatewayConnector{{PortName: "http"}},
		GatewayConnections: []model.GatewayConnection{{
			GatewayARN: front, PortName: "http", Status: "ACTIVE",
			LoadBalancerARN: LoadBalancerARN(loadBalancer), TargetGroupARN: TargetGroupARN(targetGroup),
		}},
	})
	svc.CurrentRevisions = append(svc.CurrentRevisions,
		model.CurrentRevision{ARN: s.ServiceRevisions[len(s.ServiceRevisions)-1].ARN, RunningCount: 1})
}

// Lattice is a service that VPC Lattice leads to, and whose group admits port 80 from
// a peer: pl-lattice is VPC Lattice's prefix list.
func Lattice(admitted string, options ...func(*Spec)) *Builder {
	options = append([]func(*Spec){Port("http", 80, "http"), lattice}, options...)
	return New().Group("sg-web", In("tcp 80", admitted)).Service("web", options...).Edit(latticeList)
}

func lattice(s *Spec) {
	s.Deployment.VPCLattice = []model.VPCLatticeTarget{{
		PortName:       "http",
		TargetGroupARN: arn("vpc-lattice", "targetgroup/web-lattice"),
	}}
}

func latticeList(s *model.Snapshot) {
	s.PrefixLists = []model.PrefixList{{
		ID: "pl-lattice", Name: "com.amazonaws." + Region + ".vpc-lattice", Owner: "AWS", Entries: cidrs("169.254.171.0/24"),
	}}
}

// ByHand is a service with an agent on port 8080, where a user registered a target
// that leads to the agent.
func ByHand() *Builder {
	return behind("sg-alb", Offer("http", 8080, 80)).
		Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb")).
		Edit(func(s *model.Snapshot) { byHand(s, 0, 0, 8080) })
}

// byHand gives a service one task, and registers it in a target group at port 80, as
// ECS does, and at another one.
func byHand(s *model.Snapshot, service, targetGroup, port int) {
	s.Services[service].Tasks = &model.ServiceTasks{Tasks: []model.Task{{
		ARN: arn("ecs", "task/prod/1"), StartedBy: "ecs-svc/1", Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.7")},
	}}}
	s.TargetGroups[targetGroup].Health = &model.TargetHealth{Targets: []model.Target{
		{ID: "10.0.0.7", Port: 80, State: "healthy"}, {ID: "10.0.0.7", Port: port, State: "healthy"},
	}}
}

// BlueGreen is a service in the middle of a blue/green deployment: the old side has
// the agent on port 80, the new one on port 8080. The weights are those of the two.
func BlueGreen(blue, green int) *Builder {
	return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 80, "blue").
		TargetGroup("green", LoadBalancerARN("alb")).
		Service("web", Port("http", 80, "http"), Behind("blue", 80), Offer("http", 8080, 80), blueGreen).
		Edit(func(s *model.Snapshot) { sides(s, blue, green) })
}

func blueGreen(s *Spec) {
	s.Service.DeploymentStrategy = "BLUE_GREEN"
	s.Service.LoadBalancers[0].AlternateTargetGroupARN = TargetGroupARN("green")
	rollOut(s)
}

// rollOut adds the deployment that a service's present one replaces: without an
// override.
func rollOut(s *Spec) {
	s.Deployment.CreatedAt = Time.Add(-time.Minute)
	old := s.Deployment
	old.ID, old.Status = "ecs-svc/0", "ACTIVE"
	old.CreatedAt, old.TaskDefinition = Time.Add(-time.Hour), s.TaskDefinition.ARN
	if old.ServiceConnect != nil {
		sc := *old.ServiceConnect
		sc.Services = slices.Clone(sc.Services)
		for i := range sc.Services {
			sc.Services[i].IngressPortOverride = 0
		}
		old.ServiceConnect = &sc
	}
	s.Deployment.RolloutState = "IN_PROGRESS"
	s.Service.Deployments = append(s.Service.Deployments, old)
}

// sides gives the only service a revision a side, and the listener their weights.
func sides(s *model.Snapshot, blue, green int) {
	s.ListenerRules[0].Actions[0].Forward = []model.WeightedTargetGroup{
		{TargetGroupARN: TargetGroupARN("blue"), Weight: blue}, {TargetGroupARN: TargetGroupARN("green"), Weight: green},
	}
	for i, group := range []string{"blue", "green"} {
		revision := arn("ecs", fmt.Sprintf("service-revision/prod/web/%d", i))
		s.ServiceRevisions = append(s.ServiceRevisions, model.ServiceRevision{
			ARN: revision, TaskDefinition: s.TaskDefinitions[0].ARN,
			CreatedAt:     Time.Add(time.Duration(i-1)*time.Hour - time.Minute),
			LoadBalancers: []model.ResolvedLoadBalancer{{TargetGroupARN: TargetGroupARN(group)}},
		})
		s.Services[0].CurrentRevisions = append(s.Services[0].CurrentRevisions, model.CurrentRevision{ARN: revision})
	}
}

// Starved leaves the agent of a service little of what its task has.
func Starved(s *Spec) {
	s.TaskDefinition.CPU, s.TaskDefinition.Memory = 512, 1024
	s.TaskDefinition.Containers[0].CPU, s.TaskDefinition.Containers[0].Memory = 500, 1000
}

// express makes a service one whose load balancer ECS manages.
func express(s *Spec) { s.Service.ResourceManagementType = "ECS" }

// Called is a service with container port 8080 and the agent on port 18081, whose
// group admits its first callers, one each of the ports.
func Called(ports []string, callers ...string) *Builder {
	b := New()
	var rules []GroupRule
	for i, port := range ports {
		rules = append(rules, In(port, "sg-"+callers[i]))
	}
	b.Group("sg-web", rules...).Service("web", Port("http", 8080, "http"), Offer("http", 18081, 80))
	for _, caller := range callers {
		b.Group("sg-"+caller).Service(caller, Client())
	}
	return b
}

// Discovered is a service that its callers find by DNS.
func Discovered() *Builder {
	registry := arn("servicediscovery", "service/srv-web")
	return New().Group("sg-batch").Group("sg-web", In("tcp 80", "sg-batch")).
		Service("web", Port("http", 80, "http"), Change(func(s *Spec) {
			s.Service.ServiceRegistries = []model.ServiceRegistry{{
				RegistryARN: registry, ContainerName: "web",
				ContainerPort: 80,
			}}
		})).
		Service("batch", Client()).
		Edit(func(s *model.Snapshot) {
			s.DiscoveryServices = []model.DiscoveryService{{
				ID: "srv-web", ARN: registry, Name: "web",
				Namespace: s.Namespaces[0].ARN, CreatedAt: Time,
			}}
		})
}

// RollingOut is the article's account while the agent moves from port 80 to 8080,
// which no caller is admitted to.
func RollingOut() *Builder {
	return New().Group("sg-alb").Group("sg-caller").Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 80", "sg-caller")).
		ALB("alb", 80, "tg").
		Service("web", Port("http", 80, "http"), Offer("http", 8080, 80), Behind("tg", 80), rollOut).
		Service("caller", Client())
}

// Hostile is a load balancer, a service and a caller of it with a name that does not
// fit or that AWS would not take.
func Hostile(name string) *Builder {
	return New().Group("sg-"+name, In("tcp 80", "10.0.0.0/16")).ALB(name, 80, name).
		Service(name, Port("http", 80, "http"), Offer("http", 0, 80), Behind(name, 80)).
		Service("caller of "+name, Client(), Change(func(s *Spec) {
			s.Deployment.Network.SecurityGroups = []string{"sg-" + name}
		}))
}

// ManyWays is one service that is reached in the rarer ways: through a service
// gateway, VPC Lattice, which is refused, two load balancers, and a target that a user
// registered. No path leads to another one, "lonely", of which something was found.
func ManyWays() *model.Snapshot {
	return New().Group("sg-edge").Group("sg-front").Group("sg-alb", In("tcp 8000", "sg-edge")).
		Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb"), In("tcp 80", "sg-front")).
		ALB("alb", 8000, "tg").ALB("edge", 443, "to-alb").ALB("front", 443, "gateway-tg").
		Service("web", Port("http", 80, "http"), Offer("http", 8080, 80), Behind("tg", 80), lattice).
		Group("sg-lonely").Service("lonely", Client(), Starved).
		Edit(latticeList).
		Edit(func(s *model.Snapshot) {
			front(s, "edge", "to-alb", "alb", 8000)
			i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
			byHand(s, i, 0, 8080)
			gateway(s, "web", "front", "gateway-tg")
		}).Snapshot()
}
