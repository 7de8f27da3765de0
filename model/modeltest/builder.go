package modeltest

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"hopscope/model"
)

// The account, region, VPC and subnets that every built snapshot has.
const (
	Account = "123456789012"
	Region  = "ap-northeast-1"
	VPC     = "vpc-1"
	SubnetA = "subnet-a" // 10.0.0.0/20
	SubnetB = "subnet-b" // 10.0.16.0/20
	ACL     = "acl-1"
)

// Time is when every built snapshot was collected.
var Time = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// Builder builds a snapshot. Its methods panic on a mistake of the test, such as
// a port that is not a number.
type Builder struct {
	s model.Snapshot
	// groups are the positions of security groups by id.
	groups map[string]int
}

// New starts a snapshot with one VPC, two subnets, an ACL that allows
// everything, the VPC's default group, the cluster "prod" and the namespace
// "ns".
func New() *Builder {
	b := &Builder{s: model.Snapshot{
		Origin: "test", CollectedAt: Time, Complete: true,
		Scope:    model.Scope{Account: Account, Region: Region, Clusters: []string{"prod"}},
		Clusters: []model.Cluster{{ARN: arn("ecs", "cluster/prod"), Name: "prod", Status: "ACTIVE"}},
		VPCs:     []model.VPC{{ID: VPC, CIDRs: cidrs("10.0.0.0/16")}},
		Subnets: []model.Subnet{
			{ID: SubnetA, VPC: VPC, AvailabilityZone: Region + "a", CIDRs: cidrs("10.0.0.0/20")},
			{ID: SubnetB, VPC: VPC, AvailabilityZone: Region + "b", CIDRs: cidrs("10.0.16.0/20")},
		},
		Namespaces: []model.Namespace{{
			ID: "ns-1", ARN: arn("servicediscovery", "namespace/ns-1"), Name: "ns", Type: "HTTP",
			HTTPName: "ns",
		}},
		NetworkACLs: []model.NetworkACL{{
			ID: ACL, VPC: VPC, Default: true, Subnets: []string{SubnetA, SubnetB},
			Entries: []model.NetworkACLEntry{allowAll(false), allowAll(true)},
		}},
	}}
	b.Group("sg-default")
	b.s.SecurityGroups[0].Name = "default"
	return b
}

func allowAll(egress bool) model.NetworkACLEntry {
	return model.NetworkACLEntry{
		Number: 100, Egress: egress, Allow: true, Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix("0.0.0.0/0"),
	}
}

func arn(service, resource string) model.ARN {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, Region, Account, resource)
}

func cidrs(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, c := range all {
		out[i] = netip.MustParsePrefix(c)
	}
	return out
}

// GroupRule is a rule of a security group under construction.
type GroupRule struct {
	egress bool
	rule   model.SecurityGroupRule
}

// In is an ingress rule: In("tcp 80", "sg-alb"), In("tcp 8000-8010",
// "10.0.0.0/16"), In("all", "0.0.0.0/0"). The peer is a group, a prefix list
// (pl-…) or a CIDR.
func In(ports, peer string) GroupRule { return GroupRule{rule: groupRule(ports, peer)} }

// Out is an egress rule. A group without one lets everything out.
func Out(ports, peer string) GroupRule { return GroupRule{egress: true, rule: groupRule(ports, peer)} }

// NoEgress makes a group let nothing out.
func NoEgress() GroupRule { return GroupRule{egress: true} }

func groupRule(ports, peer string) model.SecurityGroupRule {
	var r model.SecurityGroupRule
	protocol, span, _ := strings.Cut(ports, " ")
	if r.Protocol = protocol; protocol == "all" {
		r.Protocol = model.AllProtocols
	} else {
		r.FromPort, r.ToPort = parseSpan(span)
	}
	switch {
	case strings.HasPrefix(peer, "sg-"):
		r.Group = &model.GroupReference{ID: peer}
	case strings.HasPrefix(peer, "pl-"):
		r.PrefixList = peer
	default:
		r.CIDR = netip.MustParsePrefix(peer)
	}
	return r
}

func parseSpan(span string) (first, last int) {
	from, to, ranged := strings.Cut(span, "-")
	if !ranged {
		to = from
	}
	return must(strconv.Atoi(from)), must(strconv.Atoi(to))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Group adds a security group, or replaces the one with that id.
func (b *Builder) Group(id string, rules ...GroupRule) *Builder {
	g := model.SecurityGroup{ID: id, Name: id, VPC: VPC}
	egress := false
	for _, r := range rules {
		switch {
		case !r.egress:
			g.Ingress = append(g.Ingress, r.rule)
		case r.rule.Protocol != "":
			g.Egress = append(g.Egress, r.rule)
		}
		egress = egress || r.egress
	}
	if !egress {
		g.Egress = []model.SecurityGroupRule{groupRule("all", "0.0.0.0/0")}
	}
	if b.groups == nil {
		b.groups = map[string]int{}
	}
	at, known := b.groups[id]
	if !known {
		at = len(b.s.SecurityGroups)
		b.groups[id] = at
		b.s.SecurityGroups = append(b.s.SecurityGroups, g)
	}
	b.s.SecurityGroups[at] = g
	return b
}

// Service adds a service with its task definition: one container named like the
// service, with a health check, network mode awsvpc, group "sg-NAME", both subnets, one running task.
func (b *Builder) Service(name string, options ...func(*Spec)) *Builder {
	spec := &Spec{
		Service: model.Service{
			ARN: arn("ecs", "service/prod/"+name), Name: name, Cluster: "prod", Loaded: true, Status: "ACTIVE",
			DesiredCount: 1, RunningCount: 1, LaunchType: "FARGATE", DeploymentController: model.ControllerECS,
		},
		TaskDefinition: model.TaskDefinition{
			ARN: arn("ecs", "task-definition/"+name+":1"), Family: name, Revision: 1, NetworkMode: model.ModeAwsvpc,
			Containers: []model.Container{{Name: name, Essential: true, HasHealthCheck: true}},
		},
		Deployment: model.Deployment{
			ID: "ecs-svc/1", Status: model.PrimaryDeployment, DesiredCount: 1, RunningCount: 1, RolloutState: "COMPLETED",
			LaunchType: "FARGATE",
			Network:    &model.Network{Subnets: []string{SubnetA, SubnetB}, SecurityGroups: []string{"sg-" + name}},
		},
	}
	for _, option := range options {
		option(spec)
	}
	spec.Service.ARN = arn("ecs", "service/"+spec.Service.Cluster+"/"+name)
	spec.Deployment.TaskDefinition = spec.TaskDefinition.ARN
	spec.Service.Deployments = append([]model.Deployment{spec.Deployment}, spec.Service.Deployments...)
	b.s.Services = append(b.s.Services, spec.Service)
	b.s.TaskDefinitions = append(b.s.TaskDefinitions, spec.TaskDefinition)
	return b
}

// Spec is a service under construction; Deployment becomes its PRIMARY one.
type Spec struct {
	Service        model.Service
	TaskDefinition model.TaskDefinition
	Deployment     model.Deployment
}

// Port adds a named TCP port mapping with an appProtocol ("" for plain TCP).
func Port(name string, port int, appProtocol string) func(*Spec) {
	return func(s *Spec) {
		c := &s.TaskDefinition.Containers[0]
		c.PortMappings = append(c.PortMappings, model.PortMapping{
			Name: name, ContainerPort: port, HostPort: port, Protocol: "tcp", AppProtocol: appProtocol,
		})
	}
}

// Client puts the service into the namespace "ns" as a client.
func Client() func(*Spec) {
	return func(s *Spec) {
		if s.Deployment.ServiceConnect == nil {
			s.Deployment.ServiceConnect = &model.ServiceConnect{Enabled: true, Namespace: "ns"}
		}
	}
}

// Offer publishes a named port in Service Connect, with an override (0 for
// none) and the alias NAME:port, where port is aliasPort.
func Offer(portName string, override, aliasPort int) func(*Spec) {
	return func(s *Spec) {
		Client()(s)
		sc := s.Deployment.ServiceConnect
		sc.Services = append(sc.Services, model.ServiceConnectService{
			PortName: portName, DiscoveryName: portName, IngressPortOverride: override,
			ClientAliases: []model.ClientAlias{{Port: aliasPort}},
		})
	}
}

// Behind attaches a container port to a target group.
func Behind(targetGroup string, port int) func(*Spec) {
	return func(s *Spec) {
		s.Service.LoadBalancers = append(s.Service.LoadBalancers, model.ServiceLoadBalancer{
			TargetGroupARN: TargetGroupARN(targetGroup), ContainerName: s.TaskDefinition.Containers[0].Name, ContainerPort: port,
		})
	}
}

// Change lets a test change anything of a service.
func Change(f func(*Spec)) func(*Spec) { return f }

// TasksAt makes it known of a service that a task of it runs at each of some addresses.
func TasksAt(addresses ...string) func(*Spec) {
	return func(s *Spec) {
		s.Service.Tasks = &model.ServiceTasks{}
		for _, a := range addresses {
			s.Service.Tasks.Tasks = append(s.Service.Tasks.Tasks, model.Task{
				StartedBy: s.Deployment.ID, Addresses: []netip.Addr{netip.MustParseAddr(a)},
			})
		}
	}
}

// TargetGroupARN is the ARN that the builder gives a target group.
func TargetGroupARN(name string) model.ARN {
	return arn("elasticloadbalancing", "targetgroup/"+name+"/0123456789abcdef")
}

// LoadBalancerARN is the ARN that the builder gives a load balancer.
func LoadBalancerARN(name string) model.ARN {
	return arn("elasticloadbalancing", "loadbalancer/app/"+name+"/0123456789abcdef")
}

// ALB adds an internal application load balancer with the group sg-NAME and one
// HTTP listener, whose default rule forwards to the target group. The group, if it was
// added before, admits the VPC on the listener's port.
func (b *Builder) ALB(name string, port int, targetGroup string) *Builder {
	lb := LoadBalancerARN(name)
	listener := fmt.Sprintf("%s/%d", strings.Replace(lb, ":loadbalancer/", ":listener/", 1), port)
	forward := []model.ListenerAction{{
		Type:    "forward",
		Forward: []model.WeightedTargetGroup{{TargetGroupARN: TargetGroupARN(targetGroup), Weight: 1}},
	}}
	b.s.LoadBalancers = append(b.s.LoadBalancers, model.LoadBalancer{
		ARN: lb, Name: name, Type: model.ApplicationLoadBalancer, Scheme: "internal", VPC: VPC, State: "active",
		IPAddressType: "ipv4", DNSName: "internal-" + name + ".elb.example.com",
		SecurityGroups: []string{"sg-" + name}, Subnets: []string{SubnetA, SubnetB},
	})
	b.s.Listeners = append(b.s.Listeners, model.Listener{
		ARN: listener, LoadBalancerARN: lb, Port: port, Protocol: "HTTP",
		DefaultActions: forward,
	})
	b.s.ListenerRules = append(b.s.ListenerRules, model.ListenerRule{
		ARN: strings.Replace(listener, ":listener/", ":listener-rule/", 1) + "/1", ListenerARN: listener, Priority: "default",
		Default: true, Actions: forward,
	})
	if at, known := b.groups["sg-"+name]; known {
		g := &b.s.SecurityGroups[at]
		g.Ingress = append(g.Ingress, groupRule(fmt.Sprintf("tcp %d", port), "10.0.0.0/16"))
	}
	return b.TargetGroup(targetGroup, lb)
}

// TargetGroup adds an HTTP target group of ip targets with a health check on the
// traffic port.
func (b *Builder) TargetGroup(name string, loadBalancers ...model.ARN) *Builder {
	b.s.TargetGroups = append(b.s.TargetGroups, model.TargetGroup{
		ARN: TargetGroupARN(name), Name: name, Port: 80, Protocol: "HTTP", ProtocolVersion: "HTTP1", TargetType: "ip",
		VPC: VPC, IPAddressType: "ipv4", LoadBalancers: loadBalancers,
		HealthCheck: model.HealthCheck{Enabled: true, Port: model.TrafficPort, Protocol: "HTTP", Path: "/"},
	})
	return b
}

// Edit lets a test change anything of the snapshot.
func (b *Builder) Edit(f func(*model.Snapshot)) *Builder {
	f(&b.s)
	return b
}

// Deny takes away what an action reads and adds the gap that says so.
func (b *Builder) Deny(action model.Action) *Builder {
	return b.Edit(func(s *model.Snapshot) { Deny(s, action) })
}

// Snapshot sorts and returns what was built.
func (b *Builder) Snapshot() *model.Snapshot {
	s := b.s
	slices.SortFunc(s.Services, func(x, y model.Service) int { return x.Ref().Compare(y.Ref()) })
	slices.SortFunc(s.TaskDefinitions, func(x, y model.TaskDefinition) int { return cmp.Compare(x.ARN, y.ARN) })
	slices.SortFunc(s.SecurityGroups, func(x, y model.SecurityGroup) int { return cmp.Compare(x.ID, y.ID) })
	s.Counts = model.Counts{
		Services:        model.Count{Listed: len(s.Services), Loaded: len(s.Services)},
		TaskDefinitions: model.Count{Listed: len(s.TaskDefinitions), Loaded: len(s.TaskDefinitions)},
		TargetGroups:    model.Count{Listed: len(s.TargetGroups), Loaded: len(s.TargetGroups)},
		LoadBalancers:   model.Count{Listed: len(s.LoadBalancers), Loaded: len(s.LoadBalancers)},
	}
	return &s
}

// Deny removes from a snapshot what an action reads, as if IAM had refused it.
func Deny(s *model.Snapshot, action model.Action) {
	forget, known := readers[action]
	if !known {
		panic("modeltest: no rule for denying " + string(action))
	}
	forget(s)
	s.Complete = false
	s.Gaps = append(s.Gaps, model.Gap{
		Action: action, State: model.Denied, Error: "AccessDenied",
		Effect: "what it reads is unknown",
	})
}

// Deniable are the actions that [Deny] knows, sorted.
func Deniable() []model.Action { return slices.Sorted(maps.Keys(readers)) }

// readers take out of a snapshot what each action reads.
var readers = map[model.Action]func(*model.Snapshot){
	model.DescribeTaskDefinition: func(s *model.Snapshot) { s.TaskDefinitions = nil },
	model.DescribeTargetGroups:   func(s *model.Snapshot) { s.TargetGroups = nil },
	model.DescribeLoadBalancers: func(s *model.Snapshot) {
		s.LoadBalancers, s.Listeners, s.ListenerRules = nil, nil, nil
	},
	model.DescribeListeners:          func(s *model.Snapshot) { s.Listeners, s.ListenerRules = nil, nil },
	model.DescribeRules:              func(s *model.Snapshot) { s.ListenerRules = nil },
	model.DescribeSecurityGroups:     func(s *model.Snapshot) { s.SecurityGroups = nil },
	model.DescribeSubnets:            func(s *model.Snapshot) { s.Subnets = nil },
	model.DescribeVpcs:               func(s *model.Snapshot) { s.VPCs = nil },
	model.DescribeNetworkAcls:        func(s *model.Snapshot) { s.NetworkACLs = nil },
	model.DescribeManagedPrefixLists: func(s *model.Snapshot) { s.PrefixLists = nil },
	model.GetPrefixListEntries:       func(s *model.Snapshot) { s.PrefixLists = nil },
	model.ListNamespaces:             func(s *model.Snapshot) { s.Namespaces = nil },
	model.DescribeServices: each(services, func(s *model.Service) {
		*s = model.Service{ARN: s.ARN, Name: s.Name, Cluster: s.Cluster}
	}),
	model.DescribeClusters:         func(s *model.Snapshot) { s.Clusters = nil },
	model.DescribeServiceRevisions: func(s *model.Snapshot) { s.ServiceRevisions = nil },
	model.ListGatewayRoutes:        func(s *model.Snapshot) { s.GatewayRoutes = nil },
	model.ListTasks:                forgetTasks,
	model.DescribeTasks:            forgetTasks,
	model.ListContainerInstances: func(s *model.Snapshot) {
		s.ContainerInstances = nil
		for i := range s.Clusters {
			s.Clusters[i].ContainerInstances = nil
		}
	},
	model.DescribeContainerInstances: func(s *model.Snapshot) { s.ContainerInstances = nil },
	model.DescribeInstances: each(
		func(s *model.Snapshot) []model.ContainerInstance { return s.ContainerInstances },
		func(i *model.ContainerInstance) { i.Network, i.Addresses = nil, nil }),
	model.DescribeTargetHealth: each(targetGroups, func(g *model.TargetGroup) { g.Health = nil }),
	model.GetMetricData: func(s *model.Snapshot) {
		each(targetGroups, func(g *model.TargetGroup) { g.HostCounts = nil })(s)
		s.Metrics = nil
	},
	model.DescribeTargetGroupAttributes: each(targetGroups, func(g *model.TargetGroup) { g.Attributes = nil }),
	model.DescribeLoadBalancerAttributes: each(
		func(s *model.Snapshot) []model.LoadBalancer { return s.LoadBalancers },
		func(lb *model.LoadBalancer) { lb.Attributes = nil }),
	model.DescribeNetworkInterfaces: func(s *model.Snapshot) {
		s.NetworkInterfaces = nil
		each(func(s *model.Snapshot) []model.SecurityGroup { return s.SecurityGroups },
			func(g *model.SecurityGroup) { g.InterfacesRead = false })(s)
	},
	model.ListDiscoveryServices: func(s *model.Snapshot) { s.DiscoveryServices = nil },
	model.ListServicesByNamespace: each(
		func(s *model.Snapshot) []model.Namespace { return s.Namespaces },
		func(n *model.Namespace) { n.Members = nil }),
	model.ListMetrics: func(s *model.Snapshot) { s.Traffic = nil },
}

func forgetTasks(s *model.Snapshot) {
	each(services, func(s *model.Service) { s.Tasks = nil })(s)
	s.StandaloneTasks = nil
}

func services(s *model.Snapshot) []model.Service         { return s.Services }
func targetGroups(s *model.Snapshot) []model.TargetGroup { return s.TargetGroups }

// each takes something out of every resource of a kind.
func each[T any](of func(*model.Snapshot) []T, forget func(*T)) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		all := of(s)
		for i := range all {
			forget(&all[i])
		}
	}
}
