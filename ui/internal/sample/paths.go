package sample

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// Names of the article's world.
const (
	Cluster  = "prod"
	Server   = "sample-ecs-app"
	Client   = "client-service"
	Override = 8080
)

// App is the target of the article's paths.
func App(wire int) reach.Target {
	return reach.Target{Cluster: Cluster, Service: Server, Container: "App", ContainerPort: 80, WirePort: wire}
}

// Facts are those of a task with an agent that listens on override, or
// intercepts port 80 when it is 0.
func Facts(override int) reach.Facts {
	return reach.Facts{
		Deployment: &model.Deployment{Status: "PRIMARY", ServiceConnect: &model.ServiceConnect{
			Enabled: true, Namespace: "sample-namespace",
			Services: []model.ServiceConnectService{{PortName: "app", IngressPortOverride: override}},
		}},
		TaskDefinition: &model.TaskDefinition{
			Family: "sample-ecs-app", Revision: 7, NetworkMode: "awsvpc",
			Containers: []model.Container{{Name: "App", PortMappings: []model.PortMapping{{Name: "app", ContainerPort: 80}}}},
		},
	}
}

// ALB is the source of requests through the article's load balancer.
func ALB() reach.Source {
	return reach.Source{
		Kind: reach.SourceLoadBalancer, Name: "main-alb", ListenerPort: 80, ListenerProtocol: "HTTP",
		Rule: "default", TargetGroup: "app-tg", Scheme: "internal", LoadBalancerType: "application",
	}
}

// Clients are callers of the article's endpoint.
func Clients(names ...string) reach.Source {
	refs := make([]model.Ref, len(names))
	for i, name := range names {
		refs[i] = model.Ref{Cluster: Cluster, Service: name}
	}
	return reach.Source{
		Kind: reach.SourceServiceConnect, Services: reach.NewCallers(refs), Endpoint: "app.sample-namespace:80",
	}
}

// The ends of hops, and how they are called.
func lbHop(to string, node reach.Node, port int, access reach.Access) reach.Hop {
	h := reach.Hop{
		From: "main-alb", To: to, FromNode: reach.NodeLoadBalancer, ToNode: node, Port: port, Protocol: "http",
		Access: access, Why: fmt.Sprintf("sg-app admits sg-alb on tcp %d (rule sgr-0a1)", port),
		Evidence: []reach.Evidence{{
			Fact: "loadBalancers[0]: target group app-tg, container App, containerPort 80", From: "ecs:DescribeServices",
		}},
		Checks: []reach.Check{
			{Kind: reach.CheckSourceEgress, Access: reach.Allowed, Why: "sg-alb allows all egress", Resource: "sg-alb"},
			{Kind: reach.CheckTargetIngress, Access: access, Why: "sg-app, tcp", Resource: "sg-app"},
		},
	}
	if access == reach.Blocked {
		h.Why = fmt.Sprintf("no rule of sg-app admits sg-alb on tcp %d", port)
		h.Symptom = "targets turn unhealthy (Target.Timeout) and the load balancer answers 503 or 504"
		h.Needed = fmt.Sprintf("sg-app: tcp %d from sg-alb", port)
	}
	return h
}

func loopback() reach.Hop {
	return reach.Hop{
		From: "agent of " + Server, To: "app App", FromNode: reach.NodeAgent, ToNode: reach.NodeApp, Port: 80, Protocol: "http",
		Access: reach.Allowed, Why: "inside the task, over the loopback interface: no security group is asked",
	}
}

func callerHop(caller string) reach.Hop {
	return reach.Hop{
		From: "app of " + caller, To: "agent of " + caller, FromNode: reach.NodeCallerApp, ToNode: reach.NodeCallerAgent,
		Port: 80, Protocol: "http", Access: reach.Allowed, Why: "inside the task of the caller",
	}
}

func agentHop(caller string, port int, access reach.Access) reach.Hop {
	h := reach.Hop{
		From: "agent of " + caller, To: "agent of " + Server, FromNode: reach.NodeCallerAgent, ToNode: reach.NodeAgent,
		Port: port, Protocol: "http", Access: access, Why: fmt.Sprintf("sg-app admits sg-client on tcp %d (rule sgr-0b2)", port),
	}
	switch access {
	case reach.Blocked:
		h.Why = fmt.Sprintf("no rule of sg-app admits sg-client on tcp %d", port)
		h.Symptom = "calls end in 504 upstream request timeout after 15 s, while the load balancer keeps working"
		h.Needed = fmt.Sprintf("sg-app: tcp %d from sg-client", port)
	case reach.AccessUnknown:
		h.Why = "network ACL of subnet-1: ec2:DescribeNetworkAcls is denied"
	case reach.Allowed:
	}
	return h
}

// ViaAgent is the load balancer's path through the agent.
func ViaAgent() reach.Path {
	return reach.Path{
		ID: "lb/main-alb:80/default/app-tg/prod/sample-ecs-app/App:80", Source: ALB(), Target: App(80),
		Via: reach.ViaAgent, Access: reach.Allowed, Verdict: reach.UnnecessaryHop, Findings: []string{"HOP101"}, Facts: Facts(0),
		ViaWhy: "container port 80 is listed in Service Connect without an override, so the agent intercepts it",
		Hops:   []reach.Hop{lbHop("agent of "+Server, reach.NodeAgent, 80, reach.Allowed), loopback()},
	}
}

// Direct is the load balancer's path past the agent.
func Direct(access reach.Access) reach.Path {
	p := reach.Path{
		ID: "lb/main-alb:80/default/app-tg/prod/sample-ecs-app/App:80", Source: ALB(), Target: App(80),
		Via: reach.ViaDirect, Access: access, Verdict: reach.OK, Facts: Facts(Override),
		ViaWhy: "the agent listens on ingressPortOverride 8080, so port 80 leads to the app",
		Hops:   []reach.Hop{lbHop("app App of "+Server, reach.NodeApp, 80, access)},
	}
	if access == reach.Blocked {
		p.Verdict, p.Findings = reach.Broken, []string{"NET202"}
	}
	return p
}

// NoAgent is the load balancer's path to a task without an agent.
func NoAgent() reach.Path {
	p := Direct(reach.Allowed)
	p.Facts = reach.Facts{}
	p.Source.Scheme = "internet-facing"
	p.ViaWhy = "the task has no agent: Service Connect is off"
	return p
}

// HealthCheck is the load balancer's health check through the agent.
func HealthCheck() reach.Path {
	p := ViaAgent()
	p.ID = "hc/main-alb:traffic-port/app-tg/prod/sample-ecs-app/App:80"
	p.Source.Kind, p.Source.ListenerPort, p.Source.ListenerProtocol, p.Source.Rule = reach.SourceHealthCheck, 0, "", ""
	p.Verdict, p.Findings = reach.OK, []string{"HOP106"}
	return p
}

// ServiceConnect is the path of callers to the article's endpoint.
func ServiceConnect(wire int, access reach.Access, callers ...string) reach.Path {
	p := reach.Path{
		ID: fmt.Sprintf("sc/app.sample-namespace:80/prod/sample-ecs-app/App:80/%s", callers), Source: Clients(callers...), Target: App(wire),
		Via: reach.ViaAgent, Access: access, Verdict: reach.Needed,
		ViaWhy: "Service Connect callers reach an endpoint at its agent",
	}
	p.Facts = Facts(0)
	if wire != 80 {
		p.Facts = Facts(wire)
	}
	name := "known callers"
	if len(callers) > 0 {
		name = callers[0]
	}
	p.Hops = []reach.Hop{callerHop(name), agentHop(name, wire, access), loopback()}
	switch access {
	case reach.Blocked:
		p.Verdict, p.Findings = reach.Broken, []string{"NET201"}
	case reach.AccessUnknown:
		p.Verdict = reach.Unknown
		p.Missing = []model.Missing{{What: "network ACL of subnet-1", Action: model.DescribeNetworkAcls, State: model.Denied}}
	case reach.Allowed:
	}
	return p
}

// ViaUnknown is a path about which it is not known who handles the request.
func ViaUnknown() reach.Path {
	p := Direct(reach.AccessUnknown)
	p.Via, p.Verdict, p.Facts = reach.ViaUnknown, reach.Unknown, reach.Facts{}
	p.Hops[0].ToNode, p.Hops[0].To = "task", "task of "+Server
	p.Hops[0].Why = "task definition sample-ecs-app:7: ecs:DescribeTaskDefinition is denied"
	p.ViaWhy = "the task definition is not known"
	p.Missing = []model.Missing{{What: "task definition sample-ecs-app:7", Action: model.DescribeTaskDefinition, State: model.Denied}}
	return p
}

// Chain is a path from a network load balancer through an application load
// balancer.
func Chain() reach.Path {
	p := Direct(reach.Allowed)
	p.Source.Name, p.Source.LoadBalancerType, p.Source.ListenerPort, p.Source.Scheme = "edge", "network", 443, "internet-facing"
	between := lbHop("main-alb", reach.NodeLoadBalancer, 80, reach.Allowed)
	between.From = "edge"
	between.Protocol, between.Why = "tcp", "sg-alb admits sg-nlb on tcp 80 (rule sgr-0e5)"
	p.Hops = append([]reach.Hop{between}, p.Hops...)
	return p
}

// Dynamic is a path to a host port that is chosen when a task starts.
func Dynamic() reach.Path {
	p := NoAgent()
	p.Target.WirePort, p.Target.WirePortEnd, p.Hops[0].Port = 32768, 65535, 0
	return p
}

// Discovery is the path of a caller that found the task by DNS.
func Discovery() reach.Path {
	p := NoAgent()
	p.Source = Clients("batch")
	p.Source.Kind = reach.SourceServiceDiscovery
	p.Hops[0].FromNode, p.Hops[0].From = reach.NodeCallerApp, "app of batch"
	return p
}

// Gateway is a path through a service gateway, whose requests cross the agent.
func Gateway() reach.Path {
	p := ViaAgent()
	p.ID = "lb/ecs-gateway:443/10/gw-tg/prod/sample-ecs-app/App:80"
	p.Source.Kind, p.Source.Name, p.Source.TargetGroup = reach.SourceServiceGateway, "shop-gateway", "gw-tg"
	p.Source.ListenerPort, p.Source.ListenerProtocol, p.Source.Rule, p.Source.Scheme = 443, "HTTPS", "10", "internet-facing"
	p.Hops[0].From, p.Findings = "shop-gateway", []string{"HOP104"}
	return p
}

// Lattice is a path from VPC Lattice.
func Lattice(access reach.Access) reach.Path {
	p := Direct(access)
	p.ID = "lattice/app-lattice-tg/prod/sample-ecs-app/app"
	p.Source = reach.Source{Kind: reach.SourceVPCLattice, Name: "VPC Lattice", TargetGroup: "app-lattice-tg"}
	h := &p.Hops[0]
	h.From, h.Protocol, h.Why = "VPC Lattice", "tcp", "sg-app admits VPC Lattice on tcp 80 (ingress rule: tcp 80 from pl-lattice)"
	if access == reach.Blocked {
		p.Findings = []string{"NET202"}
		h.Why, h.Symptom = "no ingress rule of sg-app admits tcp 80 from VPC Lattice", "targets turn unhealthy and VPC Lattice answers 503 or times out"
		h.Needed = "ingress rule on sg-app: tcp 80 from VPC Lattice"
	}
	return p
}

// ByHand is a path to the agent's own port, which somebody registered in a target
// group.
func ByHand() reach.Path {
	p := ViaAgent()
	p.ID += "/by-hand:8080"
	p.Target.WirePort, p.Hops[0].Port, p.Facts.ByHand = Override, Override, true
	p.Hops[0].Why = "sg-app admits sg-alb on tcp 8080 (rule sgr-0c3)"
	p.Hops[0].Evidence[0] = reach.Evidence{
		Fact: "target 10.0.0.12:8080 of target group app-tg, which ECS did not register for this service", From: "elasticloadbalancing:DescribeTargetHealth",
	}
	p.Findings = []string{"HOP102"}
	return p
}

// Weighted is the path to one side of a blue/green deployment, with its share of
// the requests in percent.
func Weighted(share int, targetGroup string) reach.Path {
	p := Direct(reach.Allowed)
	p.ID = "lb/main-alb:80/default/" + targetGroup + "/prod/sample-ecs-app/App:80"
	p.Source.TargetGroup, p.Source.Weight = targetGroup, &share
	return p
}

// Instance is a path to a task in bridge mode, through a port of the container
// instance that it runs on.
func Instance() reach.Path {
	p := Dynamic()
	p.Facts = Facts(0)
	p.Facts.TaskDefinition.NetworkMode = "bridge"
	p.ViaWhy = "in bridge mode the agent has a host port of its own and intercepts nothing"
	p.Hops[0].Why = "sg-instances admits sg-alb on tcp 32768-65535 (rule sgr-0d4)"
	return p
}

// Managed is the path through a load balancer that ECS made and that could not be
// read.
func Managed() reach.Path {
	p := ViaUnknown()
	p.ID, p.Source = "lb///prod/sample-ecs-app/:0", reach.Source{Kind: reach.SourceLoadBalancer}
	p.Hops[0].From, p.Hops[0].Port = "load balancer that ECS manages", 0
	p.Missing = []model.Missing{{What: "load balancer that ECS manages for " + Server, Action: model.DescribeServiceRevisions, State: model.NotRead}}
	p.Hops[0].Why, p.ViaWhy = p.Missing[0].String(), p.Missing[0].String()
	p.Target.Container, p.Target.ContainerPort, p.Target.WirePort = "", 0, 0
	return p
}

// Named is a path and what it shows.
type Named struct {
	Name string
	Path reach.Path
}

// Kinds has one path of every kind.
func Kinds() []Named {
	closed := ServiceConnect(Override, reach.Blocked, "web", "worker", "mailer", "batch", "cron", "jobs", "report")
	closed.Verdict, closed.Findings = reach.Closed, nil
	large := ServiceConnect(18081, reach.Blocked, "client-service", "worker")
	large.Target.ContainerPort, large.Hops[2].Port = 8080, 8080
	noHops := ViaUnknown()
	noHops.Hops = nil
	return []Named{
		{"load balancer through the agent", ViaAgent()},
		{"load balancer past the agent", Direct(reach.Allowed)},
		{"load balancer refused", Direct(reach.Blocked)},
		{"load balancer to a task without agent", NoAgent()},
		{"load balancer to a dynamic port", Dynamic()},
		{"two load balancers", Chain()},
		{"service gateway", Gateway()},
		{"VPC Lattice", Lattice(reach.Allowed)},
		{"VPC Lattice refused", Lattice(reach.Blocked)},
		{"target registered by hand", ByHand()},
		{"the side of a deployment that has requests", Weighted(100, "blue-tg")},
		{"the side of a deployment that is idle", Weighted(0, "green-tg")},
		{"container instance", Instance()},
		{"load balancer that ECS manages", Managed()},
		{"health check", HealthCheck()},
		{"service connect", ServiceConnect(80, reach.Allowed, Client)},
		{"service connect refused", ServiceConnect(Override, reach.Blocked, Client)},
		{"service connect with large ports", large},
		{"service connect closed to many", closed},
		{"service connect not known", ServiceConnect(Override, reach.AccessUnknown, "web", "worker")},
		{"service connect without callers", ServiceConnect(80, reach.AccessUnknown)},
		{"service discovery", Discovery()},
		{"way not known", ViaUnknown()},
		{"no hops", noHops},
		{"nothing known", reach.Path{}},
	}
}
