package modeltest

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"pgregory.net/rapid"

	"hopscope/model"
)

// Draw draws a whole account of a few services with every kind of way in that the
// model knows, right and wrong. Everything about it is known: nothing is missing.
func Draw(t *rapid.T) *model.Snapshot {
	w := &drawn{t: t, b: New()}
	w.groups()
	w.loadBalancers()
	for i := range rapid.IntRange(2, 5).Draw(t, "services") {
		w.service(fmt.Sprintf("svc%d", i))
	}
	w.b.Edit(w.network)
	w.b.Edit(w.others)
	w.b.Edit(w.details)
	return w.b.Snapshot()
}

// drawn is an account under construction.
type drawn struct {
	t *rapid.T
	b *Builder
}

// pick draws one of several.
func pick[T any](w *drawn, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(w.t, label)
}

// often draws true n times in 10.
func (w *drawn) often(n int, label string) bool { return rapid.IntRange(1, 10).Draw(w.t, label) <= n }

var drawnGroups = []string{"sg-svc0", "sg-svc1", "sg-svc2", "sg-svc3", "sg-svc4", "sg-alb", "sg-nlb", "sg-node"}

func (w *drawn) groups() {
	peers := append(slices.Clone(drawnGroups), "10.0.0.0/16", "10.0.0.0/20", "0.0.0.0/0", "pl-office", "pl-lattice",
		"169.254.171.0/24")
	ports := []string{"all", "all", "tcp 80", "tcp 8080", "tcp 0-65535", "tcp 32768-65535", "udp 53"}
	for _, id := range drawnGroups {
		var rules []GroupRule
		for range rapid.IntRange(0, 4).Draw(w.t, "ingress") {
			rules = append(rules, In(pick(w, "ports", ports...), pick(w, "from", peers...)))
		}
		if w.often(2, "egress") {
			rules = append(rules, Out(pick(w, "ports", ports...), pick(w, "to", peers...)))
		}
		w.b.Group(id, rules...)
	}
}

// loadBalancers adds an application and a network load balancer, and perhaps one
// in front of the other.
func (w *drawn) loadBalancers() {
	w.b.ALB("alb", 80, "tg0").ALB("nlb", 443, "tg1").TargetGroup("tg2", LoadBalancerARN("alb")).
		TargetGroup("to-alb", LoadBalancerARN("nlb"))
	w.b.Edit(func(s *model.Snapshot) {
		alb, nlb := &s.LoadBalancers[0], &s.LoadBalancers[1]
		alb.Attributes = &model.LoadBalancerAttributes{IdleTimeoutSeconds: pick(w, "idle", 10, 60)}
		nlb.Type, nlb.Attributes = model.NetworkLoadBalancer, &model.LoadBalancerAttributes{}
		if w.often(5, "bare") {
			nlb.SecurityGroups = nil
		}
		for i := range s.LoadBalancers {
			s.LoadBalancers[i].Subnets = w.subnets("nodes")
			s.LoadBalancers[i].Scheme = pick(w, "scheme", "internal", model.InternetFacing)
		}
		rules := []model.ListenerRule{
			w.rule(s, "10", "tg0", "tg2"), w.rule(s, "20", "tg2"),
		}
		s.ListenerRules = slices.Insert(s.ListenerRules, 0, rules...)
		if w.often(3, "chain") {
			s.ListenerRules[len(s.ListenerRules)-1].Actions[0].Forward[0].TargetGroupARN = TargetGroupARN("to-alb")
		}
		for i := range s.TargetGroups {
			w.targetGroup(&s.TargetGroups[i])
		}
	})
}

func (w *drawn) rule(s *model.Snapshot, priority string, groups ...string) model.ListenerRule {
	r := model.ListenerRule{
		ARN: "rule-" + priority, ListenerARN: s.Listeners[0].ARN, Priority: priority,
		Conditions: []model.RuleCondition{{Field: "path-pattern", Values: []string{pick(w, "path", "/a", "/b", "/*")}}},
	}
	action := model.ListenerAction{Type: pick(w, "action", "forward", "forward", "redirect")}
	if action.Type == "forward" {
		for _, g := range groups {
			action.Forward = append(action.Forward, model.WeightedTargetGroup{
				TargetGroupARN: TargetGroupARN(g),
				Weight:         pick(w, "weight", 0, 1, 100),
			})
		}
	}
	r.Actions = []model.ListenerAction{action}
	return r
}

func (w *drawn) targetGroup(g *model.TargetGroup) {
	g.HealthCheck.Port = pick(w, "health port", model.TrafficPort, model.TrafficPort, "8080", "9000", "443")
	g.Attributes = &model.TargetGroupAttributes{}
	g.Health = &model.TargetHealth{Targets: []model.Target{{
		ID: pick(w, "target", "10.0.0.1", "10.0.0.2", "i-1"), Port: pick(w, "target port", 80, 8080, 40000),
		State: pick(w, "state", "healthy", "unhealthy"),
	}}}
	switch g.Name {
	case "tg1":
		g.Protocol, g.ProtocolVersion = pick(w, "protocol", "TCP", "UDP", "TLS"), ""
		g.Attributes.ProxyProtocolV2, g.Attributes.PreserveClientIP = w.often(3, "ppv2"), w.often(3, "preserve")
	case "to-alb":
		g.TargetType, g.Protocol, g.ProtocolVersion = "alb", "TCP", ""
		g.Health.Targets = []model.Target{{ID: LoadBalancerARN("alb"), Port: 80, State: "healthy"}}
	default:
		g.Protocol = pick(w, "protocol", "HTTP", "HTTP", "HTTPS")
	}
	if g.TargetType != "alb" && w.often(2, "counted") {
		g.Health = nil
		g.HostCounts = pick(w, "counts", &model.HostCounts{Healthy: 1, At: Time}, &model.HostCounts{Unhealthy: 1, At: Time})
	}
}

func (w *drawn) service(name string) {
	options := []func(*Spec){Port("http", 80, pick(w, "app protocol", "http", "http", "grpc", "")), Port("side", 9000, "")}
	if w.often(7, "offers") {
		options = append(options, Offer("http", pick(w, "override", 0, 0, 8080, 8080, 9000, 1024, 40000), 80))
	} else if w.often(5, "client") {
		options = append(options, Client())
	}
	if w.often(5, "behind") {
		options = append(options, Behind(pick(w, "group", "tg0", "tg1", "tg2"), pick(w, "port", 80, 80, 9000, 8080)))
	}
	options = append(options, Change(w.variation), Change(w.mode))
	w.b.Service(name, options...)
}

// variation draws what is seldom found on a service.
func (w *drawn) variation(s *Spec) {
	if sc := s.Deployment.ServiceConnect; sc != nil && len(sc.Services) > 0 {
		offer := &sc.Services[0]
		offer.DiscoveryName = pick(w, "discovery name", s.Service.Name, s.Service.Name, "shared")
		if w.often(2, "tls") {
			offer.TLS = &model.TLS{}
		}
		if w.often(2, "timeout") {
			offer.Timeout = &model.Timeout{PerRequestSeconds: new(int)}
		}
		if w.often(1, "lost") {
			offer.PortName = "lost"
		}
		sc.Namespace = pick(w, "namespace", "ns", "ns", arn("servicediscovery", "namespace/ns-1"))
		s.Deployment.ServiceConnectResources = []model.ServiceConnectResource{{
			DiscoveryName: offer.DiscoveryName, DiscoveryARN: arn("servicediscovery", "service/srv-"+s.Service.Name),
		}}
	}
	if w.often(2, "registry") {
		s.Service.ServiceRegistries = []model.ServiceRegistry{{RegistryARN: arn("servicediscovery", "service/srv-reg")}}
	}
	if w.often(2, "lattice") {
		s.Deployment.VPCLattice = []model.VPCLatticeTarget{{
			PortName:       "http",
			TargetGroupARN: arn("vpc-lattice", "targetgroup/tg-1"),
		}}
	}
	if w.often(2, "idle") {
		s.Service.RunningCount = 0
	}
	s.Deployment.CreatedAt = Time.Add(-time.Duration(rapid.IntRange(1, 5).Draw(w.t, "age")) * time.Hour)
	if w.often(2, "old deployment") {
		old := s.Deployment
		old.ID, old.Status = "ecs-svc/0", "ACTIVE"
		old.CreatedAt, old.TaskDefinition = old.CreatedAt.Add(-time.Hour), s.TaskDefinition.ARN
		if w.often(5, "without agent") {
			old.ServiceConnect = nil
		}
		s.Service.Deployments = []model.Deployment{old}
	}
}

func (w *drawn) mode(s *Spec) {
	if len(s.Service.Deployments) > 0 && w.often(4, "moved") {
		w.moved(&s.Service.Deployments[0])
	}
	s.Service.Tasks = &model.ServiceTasks{Tasks: []model.Task{{
		ARN: arn("ecs", "task/"+s.Service.Name), StartedBy: s.Deployment.ID,
		Addresses: []netip.Addr{netip.MustParseAddr(pick(w, "address", "10.0.0.1", "10.0.0.2", "10.0.0.3"))},
	}}}
	if w.often(8, "awsvpc") {
		s.Deployment.Network.SecurityGroups = pick(w, "groups", []string{"sg-" + s.Service.Name},
			[]string{"sg-" + s.Service.Name, "sg-node"}, nil)
		s.Deployment.Network.Subnets = w.subnets("subnets")
		return
	}
	s.Deployment.CapacityProviders = pick(w, "own provider", nil, drawnProviders[:1], drawnProviders[:2])
	s.TaskDefinition.NetworkMode, s.Deployment.Network = pick(w, "mode", model.ModeBridge, model.ModeBridge,
		model.ModeHost), nil
	task := &s.Service.Tasks.Tasks[0]
	task.Addresses, task.ContainerInstance = nil, arn("ecs", "container-instance/prod/1")
	task.Containers = []model.TaskContainer{
		{Name: s.Service.Name, Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: 40000}}},
		{
			Name: model.AgentContainer + "1", HealthStatus: pick(w, "agent", "HEALTHY", "UNHEALTHY"),
			Bindings: []model.NetworkBinding{{ContainerPort: 15000, HostPort: 40001}},
		},
	}
	s.TaskDefinition.Containers[0].PortMappings[0].HostPort = pick(w, "host port", 0, 80)
}

// drawnProviders are the capacity providers of the instances, or "": tasks run on the
// first instance.
var drawnProviders = []string{"cp-1", "cp-2", ""}

// subnets draws one of the two subnets, or both.
func (w *drawn) subnets(label string) []string {
	return pick(w, label, []string{SubnetA}, []string{SubnetB}, []string{SubnetA, SubnetB}, []string{SubnetA, SubnetB})
}

// moved gives an older deployment another network, or another namespace.
func (w *drawn) moved(old *model.Deployment) {
	old.Network = &model.Network{
		Subnets:        pick(w, "old subnets", []string{SubnetA}, []string{SubnetB}),
		SecurityGroups: []string{pick(w, "old group", drawnGroups...)},
	}
	if old.ServiceConnect != nil && w.often(5, "old namespace") {
		sc := *old.ServiceConnect
		sc.Namespace = "old"
		old.ServiceConnect = &sc
	}
}

// network draws the network ACLs, and adds prefix lists and instances.
func (w *drawn) network(s *model.Snapshot) {
	w.networkACLs(s)
	s.PrefixLists = []model.PrefixList{
		{ID: "pl-lattice", Name: "com.amazonaws." + Region + ".vpc-lattice", Entries: cidrs("169.254.171.0/24")},
		{ID: "pl-lattice6", Name: "com.amazonaws." + Region + ".ipv6.vpc-lattice", Entries: cidrs("fd00:ec2:80::/64")},
		{ID: "pl-office", Name: "office", Entries: cidrs("10.0.0.0/17")},
	}
	for i := range rapid.IntRange(1, 2).Draw(w.t, "instances") {
		s.ContainerInstances = append(s.ContainerInstances, model.ContainerInstance{
			ARN: arn("ecs", fmt.Sprintf("container-instance/prod/%d", i+1)), Cluster: "prod",
			InstanceID: fmt.Sprintf("i-%d", i+1), Status: "ACTIVE",
			CapacityProvider: pick(w, "provider", drawnProviders[i], drawnProviders[2]),
			Network: &model.Network{
				Subnets: []string{SubnetA}, SecurityGroups: []string{pick(w, "instance's group", "sg-node", "sg-node", "sg-svc0")},
			},
		})
	}
}

// networkACLs draws entries that deny, perhaps of an ACL that the second subnet has alone,
// and perhaps one that lets out no answers but to a part of the addresses: the classic
// forgotten rule for ephemeral ports.
func (w *drawn) networkACLs(s *model.Snapshot) {
	if first := &s.NetworkACLs[0]; w.often(3, "own acl") {
		first.Subnets = []string{SubnetA}
		s.NetworkACLs = append(s.NetworkACLs, model.NetworkACL{
			ID: "acl-2", VPC: VPC, Subnets: []string{SubnetB}, Entries: slices.Clone(first.Entries),
		})
	}
	for i := range s.NetworkACLs {
		acl := &s.NetworkACLs[i]
		if w.often(2, "answers") {
			acl.Entries = slices.DeleteFunc(acl.Entries, func(e model.NetworkACLEntry) bool { return e.Egress })
			acl.Entries = append(acl.Entries, model.NetworkACLEntry{
				Number: 100, Egress: true, Allow: true, Protocol: model.AllProtocols,
				CIDR: pick(w, "answered", cidrs("10.0.0.0/16", "10.0.0.0/20", "0.0.0.0/0")...),
			})
		}
		if w.often(3, "acl") {
			acl.Entries = append(acl.Entries, model.NetworkACLEntry{
				Number: 50, Egress: w.often(5, "egress"), Protocol: "6",
				CIDR:     pick(w, "denied", cidrs("10.0.0.0/20", "0.0.0.0/0", "169.254.0.0/16")...),
				FromPort: pick(w, "from port", 80, 1024), ToPort: pick(w, "to port", 80, 65535),
			})
		}
	}
}

// others adds what else has groups: functions, and tasks that no service started.
func (w *drawn) others(s *model.Snapshot) {
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
	}
	for _, description := range []string{"AWS Lambda VPC ENI-report-1", "task", "bastion"} {
		if w.often(3, "other") {
			s.NetworkInterfaces = append(s.NetworkInterfaces, model.NetworkInterface{
				ID: "eni-" + description, VPC: VPC, Subnet: SubnetA, Description: description,
				SecurityGroups: []string{pick(w, "other's group", drawnGroups...)},
			})
		}
	}
	s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Tasks: []model.StandaloneTask{{
		Task: model.Task{
			ARN: arn("ecs", "task/prod/nightly"), TaskDefinition: arn("ecs", "task-definition/nightly:1"),
		},
		Group: "family:nightly", Status: "RUNNING", Subnet: SubnetA, NetworkInterface: "eni-task",
	}}}}
}

// details adds revisions, routes, Cloud Map services and traffic.
func (w *drawn) details(s *model.Snapshot) {
	namespace := s.Namespaces[0].ARN
	s.Scope.AllClusters = w.often(5, "all clusters")
	s.Namespaces[0].Members = &model.NamespaceMembers{}
	s.DiscoveryServices = []model.DiscoveryService{{
		ID: "srv-reg", ARN: arn("servicediscovery", "service/srv-reg"), Name: pick(w, "registry name", "reg", "shared"),
		Namespace: namespace, CreatedAt: Time,
	}}
	s.Traffic = &model.Traffic{}
	for i := range s.Services {
		svc := &s.Services[i]
		s.Namespaces[0].Members.Services = append(s.Namespaces[0].Members.Services, svc.ARN)
		s.DiscoveryServices = append(s.DiscoveryServices, model.DiscoveryService{
			ID: "srv-" + svc.Name, ARN: arn("servicediscovery", "service/srv-"+svc.Name), Name: svc.Name, Namespace: namespace,
			CreatedAt: Time.Add(-time.Duration(rapid.IntRange(1, 5).Draw(w.t, "made")) * time.Hour),
		})
		revision := model.ServiceRevision{
			ARN: arn("ecs", "service-revision/prod/"+svc.Name+"/1"), ServiceARN: svc.ARN,
			TaskDefinition: svc.Deployments[0].TaskDefinition,
		}
		if w.often(2, "gateway") {
			route := model.GatewayRoute{
				ARN:        arn("ecs", "gateway-route/front/"+svc.Name),
				GatewayARN: arn("ecs", "gateway/front"), ServiceARN: svc.ARN, PortName: "http", Status: "ACTIVE",
			}
			s.GatewayRoutes = append(s.GatewayRoutes, route)
			revision.GatewayConnections = []model.GatewayConnection{{
				GatewayARN: route.GatewayARN, PortName: "http",
				TargetGroupARN: TargetGroupARN("tg2"),
			}}
		}
		if w.often(3, "revision") || len(revision.GatewayConnections) > 0 {
			s.ServiceRevisions = append(s.ServiceRevisions, revision)
			svc.CurrentRevisions = []model.CurrentRevision{{ARN: revision.ARN, RunningCount: 1}}
		}
		if w.often(3, "traffic") {
			s.Traffic.Edges = append(s.Traffic.Edges,
				model.TrafficEdge{Caller: svc.Ref(), DiscoveryName: pick(w, "called", "svc0", "svc1", "shared")})
		}
	}
}
