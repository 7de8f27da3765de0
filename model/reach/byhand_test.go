package reach_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

const noOtherCaller = " (no other loaded service has Service Connect in this namespace, so there is no caller to judge)"

// registered puts targets into the target group, beside what ECS registers.
func registered(targets ...model.Target) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.TargetGroups[0].Health = &model.TargetHealth{Targets: targets} }
}

// running gives the service "web" one task with an address of its own.
func running(s *model.Snapshot) {
	i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
	s.Services[i].Tasks = &model.ServiceTasks{Tasks: []model.Task{{
		ARN: "arn:aws:ecs:r:1:task/prod/1", StartedBy: "ecs-svc/1", Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.7")},
	}}}
}

func TestATargetRegisteredByHandIsAPathOfItsOwn(t *testing.T) {
	built := func(edits ...func(*model.Snapshot)) *model.Snapshot {
		b := behind(Offer("http", 8080, 80), Port("side", 9000, "")).
			Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb"), In("tcp 9000", "sg-alb"))
		for _, edit := range edits {
			b.Edit(edit)
		}
		return b.Snapshot()
	}
	own := "load-balancer alb → web:80: direct, allowed, ok"
	endpoint := "service-connect  → web:8080: agent, unknown, unknown" + noOtherCaller
	byECS := model.Target{ID: "10.0.0.7", Port: 80, State: "healthy"}

	checkWays(t, built(running, registered(byECS)), own, endpoint)
	checkWays(t, built(running, registered(byECS, model.Target{ID: "10.0.0.7", Port: 8080, State: "healthy"})),
		own, "load-balancer alb → web:8080: agent, allowed, unnecessary-hop", endpoint)
	checkWays(t, built(running, registered(byECS, model.Target{ID: "10.0.0.7", Port: 9000, State: "healthy"})),
		own, "load-balancer alb → web:9000: direct, allowed, ok", endpoint)
	checkWays(t, built(running, registered(byECS, model.Target{ID: "10.0.0.7", Port: 8080, State: "draining"})),
		own, endpoint)
	checkWays(t, built(running, registered(byECS, model.Target{ID: "10.0.0.99", Port: 8080, State: "healthy"})),
		own, endpoint)
	checkWays(t, built(registered(byECS, model.Target{ID: "10.0.0.7", Port: 8080, State: "healthy"})), own, endpoint)
}

// A group that the service does not name, filled by hand, leads to its task all
// the same.
func TestATargetGroupThatNoServiceNames(t *testing.T) {
	s := New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 80, "tg").
		Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).Edit(running).
		Edit(registered(model.Target{ID: "10.0.0.7", Port: 80, State: "healthy"})).Snapshot()
	checkWays(t, s, "load-balancer alb → web:80: agent, allowed, unnecessary-hop",
		"service-connect  → web:80: agent, unknown, unknown"+noOtherCaller)
}

// instances puts the service "web" into bridge mode, on instances with the given
// groups.
func instances(groups ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		for i, g := range groups {
			id := string(rune('a' + i))
			s.ContainerInstances = append(s.ContainerInstances, model.ContainerInstance{
				ARN: "arn:aws:ecs:r:1:container-instance/prod/" + id, Cluster: "prod", InstanceID: "i-" + id, Status: "ACTIVE",
				Network:   &model.Network{Subnets: []string{SubnetA}, SecurityGroups: []string{g}},
				Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1").Next()},
			})
		}
	}
}

func bridge(hostPort int) func(*Spec) {
	return Change(func(s *Spec) {
		s.TaskDefinition.NetworkMode, s.Deployment.Network, s.Deployment.LaunchType = "bridge", nil, "EC2"
		s.TaskDefinition.Containers[0].PortMappings[0].HostPort = hostPort
	})
}

// bound gives the service "web" a task on instance a whose app and agent are
// bound to host ports.
func bound(app, agent int) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
		s.Services[i].Tasks = &model.ServiceTasks{Tasks: []model.Task{{
			ARN: "arn:aws:ecs:r:1:task/prod/1", StartedBy: "ecs-svc/1",
			ContainerInstance: "arn:aws:ecs:r:1:container-instance/prod/a",
			Containers: []model.TaskContainer{
				{Name: "web", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: app, Protocol: "tcp"}}},
				{Name: model.AgentContainer + "x1", Bindings: []model.NetworkBinding{{
					ContainerPort: 15000, HostPort: agent,
					Protocol: "tcp",
				}}},
			},
		}}}
		s.TargetGroups[0].TargetType = "instance"
	}
}

// Rows 33 and 35: ECS registers the app's host port, which the agent does not
// intercept; the user may have registered the agent's.
func TestInstanceTargetsInBridgeMode(t *testing.T) {
	built := func(targets ...model.Target) *model.Snapshot {
		return behind(Offer("http", 0, 80), bridge(0)).Group("sg-node", In("tcp 32768-65535", "sg-alb")).
			Edit(instances("sg-node")).Edit(bound(40001, 40002)).Edit(registered(targets...)).Snapshot()
	}
	app, agent := model.Target{ID: "i-a", Port: 40001, State: "healthy"}, model.Target{
		ID: "i-a", Port: 40002,
		State: "healthy",
	}
	own := "load-balancer alb → web:32768: direct, allowed, ok"
	endpoint := "service-connect  → web:32768: agent, unknown, unknown" + noOtherCaller
	checkWays(t, built(app), own, endpoint)
	checkWays(t, built(app, agent), own, "load-balancer alb → web:40002: agent, allowed, unnecessary-hop", endpoint)
}

func TestTasksAreJudgedAtTheirInstances(t *testing.T) {
	built := func(groups ...string) *Builder {
		return behind(bridge(8000)).Group("sg-open", In("tcp 8000", "sg-alb")).Group("sg-shut").Edit(instances(groups...))
	}
	want := func(outcome string) string { return "load-balancer alb → web:8000: direct, " + outcome }
	checkWays(t, built("sg-open").Snapshot(), want("allowed, ok"))
	checkWays(t, built("sg-shut").Snapshot(), want("blocked, broken"))
	checkWays(t, built("sg-open", "sg-open").Snapshot(), want("allowed, ok"))
	checkWays(t, built("sg-open", "sg-shut").Edit(noTasks).Snapshot(), want("blocked, broken"))
	checkWays(t, built().Snapshot(),
		want("unknown, unknown (container instances of cluster prod: hopscope does not read this yet "+
			"(ecs:DescribeContainerInstances))"))
	none := 0
	empty := built().Edit(func(s *model.Snapshot) { s.Clusters[0].ContainerInstances = &none })
	checkWays(t, empty.Snapshot(),
		want("unknown, unknown (container instances of cluster prod: not in the answer of ecs:ListContainerInstances)"))
	checkWays(t, empty.Deny(model.ListContainerInstances).Snapshot(),
		want("unknown, unknown (container instances of cluster prod: ecs:ListContainerInstances is denied)"))
	checkWays(t, built("sg-open").Deny(model.DescribeInstances).Snapshot(),
		want("unknown, unknown (network interface of instance i-a: ec2:DescribeInstances is denied)"))
	// Where the tasks are known, only their instances count.
	onA := built("sg-open", "sg-shut").Edit(bound(8000, 40002)).Snapshot()
	checkWays(t, onA, want("allowed, ok"))

	mixed := one(t, paths(built("sg-open", "sg-shut").Edit(noTasks).Snapshot()), "load-balancer", "web")
	if why := mixed.Crossing().Why; !strings.Contains(why, "on some of the container instances") ||
		!strings.Contains(why, "sg-shut") {
		t.Errorf("the refusal does not say that it holds for some instances: %s", why)
	}
}

// noTasks makes it known that "web" runs no task now.
func noTasks(s *model.Snapshot) {
	i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
	s.Services[i].Tasks = &model.ServiceTasks{}
}

// Where tasks were not read, it is not known which of the instances run them: those that
// may have to agree, of their groups and of their subnets.
func TestTasksThatWereNotReadMayBeOnAnyInstance(t *testing.T) {
	unplaced := "load-balancer alb → web:8000: direct, unknown, unknown (tasks of web: ecs:ListTasks is denied)"
	of := func(providers ...string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			for i, provider := range providers {
				s.ContainerInstances[i].CapacityProvider = provider
			}
			s.Services[0].Deployments[0].CapacityProviders = []string{"cp"}
		}
	}
	built := func(admitted string, groups ...string) *Builder {
		return behind(bridge(8000)).Group("sg-open", In("tcp 8000", admitted)).Group("sg-too", In("all", admitted)).
			Group("sg-shut").Edit(instances(groups...)).Edit(noTasks).Deny(model.ListTasks)
	}
	inB := func(s *model.Snapshot) { s.ContainerInstances[1].Network.Subnets = []string{SubnetB} }
	refused := func(s *model.Snapshot) {
		s.LoadBalancers[0].Subnets = []string{SubnetA}
		s.NetworkACLs[0].Subnets = s.NetworkACLs[0].Subnets[:1]
		s.NetworkACLs = append(s.NetworkACLs, model.NetworkACL{ID: "acl-b", VPC: VPC, Subnets: []string{SubnetB}})
	}
	const allowed = "load-balancer alb → web:8000: direct, allowed, ok"
	const blocked = "load-balancer alb → web:8000: direct, blocked, broken"
	for name, c := range map[string]struct {
		build *Builder
		want  string
	}{
		"alike":                       {built("sg-alb", "sg-open", "sg-open"), allowed},
		"all admit":                   {built("sg-alb", "sg-open", "sg-too"), allowed},
		"some admit":                  {built("sg-alb", "sg-open", "sg-shut"), unplaced},
		"none admits":                 {built("sg-other", "sg-open", "sg-shut"), blocked},
		"one of another provider":     {built("sg-alb", "sg-open", "sg-shut").Edit(of("cp", "cp-2")), allowed},
		"one that does not say":       {built("sg-alb", "sg-open", "sg-shut").Edit(of("cp", "")), unplaced},
		"none says":                   {built("sg-alb", "sg-open", "sg-shut").Edit(of("", "")), unplaced},
		"none of the provider":        {built("sg-alb", "sg-open", "sg-shut").Edit(of("cp-2", "cp-2")), unplaced},
		"a subnet whose ACL refuses":  {built("sg-alb", "sg-open", "sg-open").Edit(inB).Edit(refused), unplaced},
		"a subnet whose ACL lets all": {built("sg-alb", "sg-open", "sg-open").Edit(inB), allowed},
	} {
		t.Run(name, func(t *testing.T) { checkWays(t, c.build.Snapshot(), c.want) })
	}
	p := one(t, paths(built("sg-alb", "sg-open", "sg-shut").Snapshot()), "load-balancer", "web")
	if subnets, missing := p.TargetSubnets(); missing == nil || missing.Action != model.ListTasks {
		t.Errorf("the tasks' subnets are %v, and %v is missing", subnets, missing)
	}
}

// Of dynamic host ports, those that tasks have now decide; the range is what the next task
// gets its port from.
func TestDynamicHostPortsAreJudgedByThoseThatAreBound(t *testing.T) {
	const low, high = "load-balancer alb → web:1024: direct, ", "load-balancer alb → web:32768: direct, "
	for name, c := range map[string]struct {
		admitted, bound []string
		tasks           int
		want            string
		rest            bool
	}{
		"the whole range":           {[]string{"32768-65535"}, []string{"40001"}, 1, high + "allowed, ok", false},
		"a port of the tasks alone": {[]string{"40001"}, []string{"40001"}, 1, high + "allowed, ok", true},
		"ports of two tasks": {
			[]string{"40001", "40003"}, []string{"40001", "40003"}, 2, high + "allowed, ok", true,
		},
		"one of two tasks": {
			[]string{"40001"}, []string{"40001", "40003"}, 2, high + "blocked, broken", false,
		},
		"a port below the range": {
			[]string{"32768-65535"}, []string{"2049"}, 1, low + "blocked, broken", false,
		},
		"a port below, and only it is admitted": {[]string{"2049"}, []string{"2049"}, 1, low + "allowed, ok", true},
		"everything":                            {[]string{"0-65535"}, []string{"2049"}, 1, low + "allowed, ok", false},
		"another task was not read": {
			[]string{"40001"}, []string{"40001"}, 2, high + "unknown, unknown", false,
		},
		"another was not read, and this one is below": {
			[]string{"2049"}, []string{"2049"}, 2, low + "unknown, unknown", false,
		},
		"no port of a task": {[]string{"40001"}, nil, 1, high + "unknown, unknown", false},
	} {
		t.Run(name, func(t *testing.T) {
			var rules []GroupRule
			for _, ports := range c.admitted {
				rules = append(rules, In("tcp "+ports, "sg-alb"))
			}
			s := behind(bridge(0)).Group("sg-node", rules...).Edit(instances("sg-node")).Edit(func(s *model.Snapshot) {
				i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
				s.Services[i].Tasks = &model.ServiceTasks{}
				s.Services[i].Deployments[0].RunningCount = c.tasks
				for _, port := range c.bound {
					n, _ := strconv.Atoi(port)
					s.Services[i].Tasks.Tasks = append(s.Services[i].Tasks.Tasks, model.Task{
						StartedBy: "ecs-svc/1", ContainerInstance: "arn:aws:ecs:r:1:container-instance/prod/a",
						Containers: []model.TaskContainer{{Name: "web", Bindings: []model.NetworkBinding{
							{ContainerPort: 80, HostPort: n, Protocol: "tcp"},
							{ContainerPort: 80, HostPort: 50000, Protocol: "udp"},
							{ContainerPort: 81, HostPort: 50001, Protocol: "tcp"},
							{ContainerPort: 80},
						}}, {Name: "other", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: 50002}}}},
					})
				}
				s.TargetGroups[0].TargetType = "instance"
			}).Snapshot()
			got := ways(s)
			p := one(t, paths(s), "load-balancer", "web")
			if len(got) != 1 || !strings.HasPrefix(got[0], c.want) || len(p.Facts.Bound) > 0 != c.rest ||
				c.rest && !strings.Contains(p.Crossing().Why, "on tcp "+c.bound[0]+" ") {
				t.Errorf("%q, bound %v: %s", got, p.Facts.Bound, p.Crossing().Why)
			}
		})
	}
}

// Ports of tasks on instances with other groups say nothing, nor do the tasks of another
// deployment, and a rule that was not read admits nothing for sure.
func TestBoundPortsThatSayNothing(t *testing.T) {
	task := func(instance, deployment string, port int) model.Task {
		return model.Task{
			StartedBy: deployment, ContainerInstance: "arn:aws:ecs:r:1:container-instance/prod/" + instance,
			Containers: []model.TaskContainer{{Name: "web", Bindings: []model.NetworkBinding{
				{ContainerPort: 80, HostPort: port, Protocol: "tcp"},
			}}},
		}
	}
	built := func(tasks ...model.Task) *Builder {
		return behind(bridge(0)).Group("sg-a", In("tcp 40001", "sg-alb"), In("tcp 40005", "pl-unread")).
			Group("sg-b", In("tcp 40003", "sg-alb")).Edit(instances("sg-a", "sg-b")).Edit(func(s *model.Snapshot) {
			i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
			s.Services[i].Tasks = &model.ServiceTasks{Tasks: tasks}
			s.Services[i].Deployments[0].RunningCount = len(tasks)
			s.TargetGroups[0].TargetType = "instance"
		})
	}
	for name, s := range map[string]*model.Snapshot{
		"two kinds of instances":   built(task("a", "ecs-svc/1", 40001), task("b", "ecs-svc/1", 40003)).Snapshot(),
		"another deployment":       built(task("a", "ecs-svc/1", 40001), task("a", "ecs-svc/0", 40009)).Snapshot(),
		"a task without a port":    built(task("a", "ecs-svc/1", 40001), task("a", "ecs-svc/1", 0)).Snapshot(),
		"a list that was not read": built(task("a", "ecs-svc/1", 40005)).Snapshot(),
	} {
		p := one(t, paths(s), "load-balancer", "web")
		if p.Access != reach.AccessUnknown || p.Facts.Bound != nil {
			t.Errorf("%s: %s, bound %v: %s", name, p.Access, p.Facts.Bound, p.Crossing().Why)
		}
	}
}

// Whatever sends to dynamic host ports is judged by those that are bound now, as load
// balancers are: of the agent for Service Connect, of the app for all others. One agent
// has the ports of all its endpoints.
func TestEverySourceIsJudgedByTheHostPortsThatAreBound(t *testing.T) {
	lattice := Change(func(s *Spec) {
		s.Deployment.VPCLattice = []model.VPCLatticeTarget{{PortName: "http", TargetGroupARN: "tg-lattice"}}
	})
	registry := Change(func(s *Spec) {
		s.Service.ServiceRegistries = []model.ServiceRegistry{{
			RegistryARN: "arn:aws:servicediscovery:r:1:service/srv", ContainerName: "web", ContainerPort: 80,
		}}
	})
	list := model.PrefixList{
		ID: "pl-lattice", Name: "com.amazonaws." + Region + ".vpc-lattice",
		Entries: []netip.Prefix{netip.MustParsePrefix("169.254.171.0/24")},
	}
	admits := func(ports ...int) []GroupRule {
		var rules []GroupRule
		for _, port := range ports {
			for _, peer := range []string{"sg-client", "pl-lattice"} {
				rules = append(rules, In("tcp "+strconv.Itoa(port), peer))
			}
		}
		return rules
	}
	built := func(rules []GroupRule, options ...func(*Spec)) *Builder {
		return New().Group("sg-client").Group("sg-node", rules...).Service("client", Client()).
			Service("web", append([]func(*Spec){Port("http", 80, "http"), bridge(0)}, options...)...).
			Edit(instances("sg-node")).Edit(func(s *model.Snapshot) {
			s.PrefixLists = []model.PrefixList{list}
			s.TargetGroups = []model.TargetGroup{{}}
			bound(40001, 40002)(s)
			s.TargetGroups = nil
			web := &s.Services[slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })]
			second := web.Tasks.Tasks[0]
			second.Containers = []model.TaskContainer{
				{Name: "web", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: 40011}}},
				{Name: model.AgentContainer + "x2", Bindings: []model.NetworkBinding{{ContainerPort: 15000, HostPort: 40012}}},
			}
			web.Tasks.Tasks, web.Deployments[0].RunningCount = append(web.Tasks.Tasks, second), 2
		})
	}
	two := []func(*Spec){Port("side", 81, "http"), Offer("http", 0, 80), Offer("side", 0, 81)}
	for name, c := range map[string]struct {
		build *Builder
		kind  reach.SourceKind
		want  reach.Access
		bound int
		why   string
	}{
		"agents, all admitted": {
			built(admits(40002, 40012), Offer("http", 0, 80)), reach.SourceServiceConnect, reach.Allowed, 2, "on tcp 40002",
		},
		"agents, one refused": {
			built(admits(40002), Offer("http", 0, 80)), reach.SourceServiceConnect, reach.Blocked, 0,
			"on 1 of the 2 host ports that tasks have now, no ingress rule of sg-node admits tcp 40012 from sg-client",
		},
		"agents, the app's ports": {
			built(admits(40001, 40011), Offer("http", 0, 80)), reach.SourceServiceConnect, reach.Blocked, 0,
			"no ingress rule of sg-node admits tcp 40002",
		},
		"agents of several endpoints, all admitted": {
			built(admits(40002, 40012), two...), reach.SourceServiceConnect, reach.Allowed, 2, "",
		},
		"agents of several endpoints, one refused": {
			built(admits(40002), two...), reach.SourceServiceConnect, reach.AccessUnknown, 0, "",
		},
		"service discovery, all admitted": {
			built(admits(40001, 40011), registry), reach.SourceServiceDiscovery, reach.Allowed, 2, "on tcp 40001",
		},
		"service discovery, one refused": {
			built(admits(40011), registry), reach.SourceServiceDiscovery, reach.Blocked, 0, "on 1 of the 2 host ports",
		},
		"VPC Lattice, all admitted": {
			built(admits(40001, 40011), lattice), reach.SourceVPCLattice, reach.Allowed, 2, "on tcp 40001",
		},
		"VPC Lattice, one refused": {
			built(admits(40001), lattice), reach.SourceVPCLattice, reach.Blocked, 0, "admits tcp 40011 from VPC Lattice",
		},
		"tasks that were not read": {
			built(admits(40002, 40012), Offer("http", 0, 80)).Deny(model.DescribeTasks), reach.SourceServiceConnect,
			reach.AccessUnknown, 0, "part of the port range",
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := slices.DeleteFunc(paths(c.build.Snapshot()), func(p *reach.Path) bool { return p.Source.Kind != c.kind })
			for _, p := range all {
				if p.Access != c.want || len(p.Facts.Bound) != c.bound || !strings.Contains(p.Crossing().Why, c.why) {
					t.Errorf("%s, bound %v: %s", p.Access, p.Facts.Bound, p.Crossing().Why)
				}
				unread := slices.ContainsFunc(p.Missing, func(m model.Missing) bool { return m.Action == model.DescribeTasks })
				if unread != strings.HasPrefix(name, "tasks") {
					t.Errorf("missing: %v", p.Missing)
				}
			}
			if len(all) == 0 {
				t.Error("no path")
			}
		})
	}
}

// The agent's port by an override is none that ECS chose: of an agent with two endpoints
// the other one has the rest.
func TestOverridesAreNoneOfTheHostPortsThatAreBound(t *testing.T) {
	s := New().Group("sg-client").Group("sg-node", In("tcp 40002", "sg-client"), In("tcp 40003", "sg-client")).
		Service("client", Client()).
		Service("web", Port("http", 80, "http"), Port("side", 81, "http"), bridge(0), Offer("http", 0, 80),
			Offer("side", 8080, 81)).
		Edit(instances("sg-node")).Edit(func(s *model.Snapshot) {
		s.TargetGroups = []model.TargetGroup{{}}
		bound(40001, 40002)(s)
		s.TargetGroups = nil
		web := &s.Services[slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })]
		agent := &web.Tasks.Tasks[0].Containers[1]
		agent.Bindings = append(agent.Bindings, model.NetworkBinding{ContainerPort: 15001, HostPort: 8080},
			model.NetworkBinding{ContainerPort: 15002, HostPort: 40009, Protocol: "udp"}, model.NetworkBinding{})
	}).Snapshot()
	want := map[int]reach.Access{80: reach.Allowed, 81: reach.Blocked}
	for _, p := range paths(s) {
		if p.Source.Kind == reach.SourceServiceConnect && p.Access != want[p.Target.ContainerPort] {
			t.Errorf("port %d is %s, bound %v: %s", p.Target.ContainerPort, p.Access, p.Facts.Bound, p.Crossing().Why)
		}
	}
	refused := New().Group("sg-client").Group("sg-node", In("tcp 40004", "sg-client")).Service("client", Client()).
		Service("web", Port("http", 80, "http"), Port("side", 81, "http"), bridge(0), Offer("http", 0, 80),
			Offer("side", 8080, 81)).
		Edit(instances("sg-node")).Edit(func(s *model.Snapshot) {
		s.TargetGroups = []model.TargetGroup{{}}
		bound(40001, 40004)(s)
		s.TargetGroups = nil
		web := &s.Services[slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })]
		second := web.Tasks.Tasks[0]
		second.Containers = []model.TaskContainer{{
			Name: model.AgentContainer + "y", Bindings: []model.NetworkBinding{{ContainerPort: 15000, HostPort: 40012}},
		}}
		web.Tasks.Tasks, web.Deployments[0].RunningCount = append(web.Tasks.Tasks, second), 2
	}).Snapshot()
	for _, p := range paths(refused) {
		if p.Source.Kind == reach.SourceServiceConnect && p.Access != reach.Blocked {
			t.Errorf("port %d is %s, of an agent with one dynamic port", p.Target.ContainerPort, p.Access)
		}
	}
}
