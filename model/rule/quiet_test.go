package rule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// silence is a snapshot that looks much like one in which a rule fires, and in
// which it must not.
type silence struct {
	code  string
	name  string
	build *Builder
	// notChecked is the action for want of which the rule says that it could
	// not be checked; "" when it could.
	notChecked model.Action
}

func TestRulesAreQuietWhereNothingIsWrong(t *testing.T) {
	for _, s := range slices.Concat(hopSilences(), timeoutSilences(), listenerSilences(), taskSilences(),
		namespaceSilences(), deploymentSilences()) {
		t.Run(s.code+" "+s.name, func(t *testing.T) {
			r := rule.Analyze(s.build.Snapshot())
			if got := said(r, s.code); len(got) > 0 {
				t.Errorf("says %s", strings.Join(got, "; "))
			}
			var lacked []model.Action
			for _, n := range r.NotChecked() {
				if n.Code == s.code {
					lacked = append(lacked, n.Needs)
				}
			}
			if want := s.notChecked != ""; len(lacked) > 0 != want || want && !slices.Contains(lacked, s.notChecked) {
				t.Errorf("not checked for want of %v, want %q", lacked, s.notChecked)
			}
		})
	}
}

func hopSilences() []silence {
	ppv2 := attributes(model.TargetGroupAttributes{ProxyProtocolV2: true})
	preserve := attributes(model.TargetGroupAttributes{PreserveClientIP: true})
	return []silence{
		{"HOP105", "other clusters may have callers", lonely(), model.ListServicesByNamespace},
		{"HOP105", "AWS lists another member", lonely().Edit(members(serviceARN("web"), serviceARN("far"))), ""},
		{"HOP105", "not every service was loaded", lonely().Edit(allClusters).Edit(func(s *model.Snapshot) {
			s.Services = append(s.Services, model.Service{Name: "zzz", Cluster: "prod"})
			s.Gaps = append(s.Gaps, model.Gap{Action: model.ListServicesByNamespace, State: model.Denied, Error: "AccessDenied"})
		}), model.ListServicesByNamespace},
		{"HOP105", "a caller is there", web(Offer("http", 0, 80)).Edit(allClusters), ""},
		{"HOP105", "the caller is refused, which is NET201's", web(Offer("http", 0, 80)).
			Group("sg-web", In("tcp 80", "sg-alb")).Edit(allClusters), ""},
		{"HOP105", "the namespace is another account's", lonely().Edit(allClusters).Edit(func(s *model.Snapshot) {
			s.Namespaces[0].Owner = "210987654321"
		}), ""},
		{"HOP105", "a caller was seen", lonely().Edit(allClusters).Edit(traffic(calls("gone", "http"))), ""},
		{"HOP104", "a service gateway past the agent", gatewayed(Offer("http", 8080, 80)), ""},
		{"HOP104", "VPC Lattice, refused, which is NET202's", lattice(Offer("http", 0, 80)).
			Group("sg-web", In("all", "sg-alb")), ""},
		{"HOP104", "a service gateway into TLS", gatewayed(Offer("http", 0, 80), withTLS()).Edit(https(tls13)), ""},
		{
			"HOP104", "the task definition was not read", lattice(Offer("http", 0, 80)).Deny(model.DescribeTaskDefinition),
			model.DescribeTaskDefinition,
		},
		{
			"NET202", "the prefix list was not read", lattice().Deny(model.DescribeManagedPrefixLists),
			model.DescribeManagedPrefixLists,
		},
		{"CFG306", "past the agent", nlb(web(Offer("http", 8080, 80))).Edit(ppv2), ""},
		{"CFG306", "an application load balancer has no such attribute", web(Offer("http", 0, 80)).Edit(ppv2), ""},
		{"CFG306", "proxy protocol is off", nlb(web(Offer("http", 0, 80))).Edit(preserve), ""},
		{
			"CFG306", "the attributes were not read", nlb(web(Offer("http", 0, 80))).Deny(model.DescribeTargetGroupAttributes),
			model.DescribeTargetGroupAttributes,
		},
		{"RSK405", "no other source reaches the port", nlb(web(Port("admin", 9000, "http"), Offer("admin", 0, 9000))).
			Edit(ppv2), ""},
		{"RSK405", "callers are refused", nlb(web(Offer("http", 8080, 80))).Group("sg-web", In("tcp 80", "sg-alb")).
			Edit(ppv2), ""},
		{"RSK405", "whether callers arrive is not known", nlb(web(Offer("http", 8080, 80))).Edit(ppv2).
			Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-client")).Group("sg-client", Out("all", "pl-x")).
			Deny(model.DescribeManagedPrefixLists), model.DescribeManagedPrefixLists},
		{"RSK405", "no caller is there", nlb(New().Group("sg-alb").Group("sg-web", In("all", "sg-alb")).ALB("alb", 80, "tg").
			Service("web", Port("http", 80, "http"), Behind("tg", 80), Offer("http", 8080, 80))).Edit(ppv2), ""},
		{
			"RSK405", "whether the callers' namespace is the same is not known",
			nlb(web(Offer("http", 8080, 80), Change(func(s *Spec) { s.Deployment.ServiceConnect.Namespace = namespaceARN }))).
				Edit(ppv2).Deny(model.ListNamespaces), model.ListNamespaces,
		},
		{"RSK405", "proxy protocol is off", nlb(web(Offer("http", 8080, 80))).Edit(preserve), ""},
		{"INF503", "one rule for all traffic", web(Offer("http", 8080, 80)), ""},
		{"INF503", "the override is open to others", web(Offer("http", 8080, 80)).
			Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-client")), ""},
		{
			"INF503", "no override", web(Offer("http", 0, 80)).Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb")),
			"",
		},
		{"INF503", "the health check uses it", web(Offer("http", 8080, 80)).
			Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb")).
			Edit(targetGroup(func(g *model.TargetGroup) { g.HealthCheck.Port = "8080" })), ""},
		{"INF504", "a load balancer leads there", web(Offer("http", 8080, 80)), ""},
		{"INF504", "a registry leads there", lonely(overridden(), registered(80)), ""},
		{"INF504", "a registry leads to every port", lonely(overridden(), registered(0)), ""},
		{"INF504", "VPC Lattice leads there", lonely(overridden(), Change(func(s *Spec) {
			s.Deployment.VPCLattice = []model.VPCLatticeTarget{{PortName: "http"}}
		})), ""},
		{"INF504", "a gateway leads to the service", lonely(overridden()).Edit(func(s *model.Snapshot) {
			s.GatewayRoutes = []model.GatewayRoute{{ServiceARN: serviceARN("web"), PortName: "http"}}
		}), ""},
		{"INF504", "its revision has a gateway", lonely(overridden(), Change(func(s *Spec) {
			s.Service.CurrentRevisions = []model.CurrentRevision{{ARN: "rev"}}
		})).Edit(func(s *model.Snapshot) {
			s.ServiceRevisions = []model.ServiceRevision{{
				ARN:               "rev",
				GatewayConnectors: []model.GatewayConnector{{PortName: "http"}},
			}}
		}), ""},
		{"INF504", "no override", lonely(), ""},
		{"INF504", "in bridge mode it is CFG313's", lonely(overridden(), networkMode("bridge")), ""},
		{
			"INF504", "gateways could not be listed", lonely(overridden()).Deny(model.ListGatewayRoutes),
			model.ListGatewayRoutes,
		},
	}
}

// overridden moves the agent of the first endpoint to port 8080.
func overridden() func(*Spec) {
	return Change(func(s *Spec) { s.Deployment.ServiceConnect.Services[0].IngressPortOverride = 8080 })
}

func httpsGroup(g *model.TargetGroup) { g.Protocol = "HTTPS" }
func grpcGroup(g *model.TargetGroup)  { g.ProtocolVersion = "GRPC" }

func timeoutSilences() []silence {
	grpcPort := mapping(func(m *model.PortMapping) { m.AppProtocol = "grpc" })
	noLB := Change(func(s *Spec) { s.Service.LoadBalancers = nil })
	tcp := mapping(func(m *model.PortMapping) { m.AppProtocol = "" })
	return []silence{
		{"CFG314", "the load balancer gives up first", web(Offer("http", 0, 80)).Edit(idleTimeout(14)), ""},
		{"CFG314", "both are equal", web(Offer("http", 0, 80), perRequest(60)).Edit(idleTimeout(60)), ""},
		{"CFG314", "the agent's is off", web(Offer("http", 0, 80), perRequest(0)).Edit(idleTimeout(60)), ""},
		{"CFG314", "plain TCP has no requests", web(Offer("http", 0, 80), tcp).Edit(idleTimeout(60)), ""},
		{"CFG314", "past the agent", web(Offer("http", 8080, 80)).Edit(idleTimeout(60)), ""},
		{"CFG314", "a network load balancer", nlb(web(Offer("http", 0, 80))).Edit(idleTimeout(60)), ""},
		{"CFG314", "the attributes were not read", web(Offer("http", 0, 80)), model.DescribeLoadBalancerAttributes},
		{"INF510", "two tasks a zone", web(Offer("http", 0, 80), deployed(4, zoneRouting)), ""},
		{"INF510", "one task", web(Offer("http", 0, 80), deployed(1, zoneRouting.Add(-time.Hour))), ""},
		{"INF510", "one zone", web(Offer("http", 0, 80), deployed(3, zoneRouting), Change(func(s *Spec) {
			s.Deployment.Network.Subnets = []string{SubnetA}
		})), ""},
		{"INF510", "no caller is admitted", web(Offer("http", 0, 80), deployed(3, zoneRouting)).Group("sg-web"), ""},
		{"NET206", "fewer zones than the load balancer", web(Change(func(s *Spec) {
			s.Deployment.Network.Subnets = []string{SubnetB}
		})), ""},
		{"NET206", "the load balancer's subnets are not told", web().Edit(nodesIn()), model.DescribeSubnets},
		{"NET206", "a subnet that was not read", web().Edit(nodesIn(SubnetA, "subnet-far")), model.DescribeSubnets},
		{"CFG325", "HTTPS past the agent", web(Offer("http", 8080, 80)).Edit(targetGroup(httpsGroup)), ""},
		{"CFG325", "HTTPS to the agent's TLS", web(Offer("http", 0, 443), withTLS()).Edit(https(tls13)), ""},
		{"CFG325", "HTTPS through an agent of plain TCP", web(Offer("http", 0, 80), tcp).Edit(targetGroup(httpsGroup)), ""},
		{"CFG325", "gRPC to an agent of gRPC", web(Offer("http", 0, 80), grpcPort).Edit(targetGroup(grpcGroup)), ""},
		{"CFG325", "gRPC past the agent", web(Offer("http", 8080, 80)).Edit(targetGroup(grpcGroup)), ""},
		{"CFG325", "two versions on the only port", twoVersions(80), ""},
		{"CFG312", "gRPC to HTTP/1.1, which is CFG325's", web(Offer("http", 0, 80)).Edit(targetGroup(grpcGroup)), ""},
		{"INF511", "the timeout is set", web(Offer("http", 0, 80), noLB, perRequest(15)), ""},
		{"INF511", "the timeout is off", web(Offer("http", 0, 80), noLB, perRequest(0)), ""},
		{"INF511", "plain TCP has no requests", web(Offer("http", 0, 80), noLB, tcp), ""},
		{"INF511", "no caller", lonely(), ""},
		{"INF511", "behind a load balancer, whose requests CFG314 looks at", web(Offer("http", 0, 80)), ""},
		{"INF511", "callers are refused", web(Offer("http", 0, 80), noLB).Group("sg-web", In("tcp 80", "sg-alb")), ""},
		{"INF512", "plain TCP has no use for it alone", web(Offer("http", 8080, 80), Port("admin", 9000, "")), ""},
		{"INF512", "a port without a name", web(Offer("http", 8080, 80), Port("", 9000, "http")), ""},
		{"INF512", "the load balancer uses it", web(Port("admin", 9000, "http"), Offer("admin", 0, 9000)), ""},
		{"INF512", "the load balancer's group was not read", web(Port("admin", 9000, "http"), Offer("admin", 0, 9000)).
			Deny(model.DescribeTargetGroups), ""},
		{"INF512", "a client only", web(Client(), Port("admin", 9000, "http")), ""},
		{"INF512", "its port is listed by another name", web(Offer("http", 8080, 80), Port("twin", 80, "http")), ""},
		{"INF512", "a lost name, which is CFG309's", web(Offer("lost", 8080, 80), Port("admin", 9000, "http")), ""},
		{"INF512", "the task definition was not read", web(Offer("http", 8080, 80), Port("admin", 9000, "http")).
			Deny(model.DescribeTaskDefinition), model.DescribeTaskDefinition},
		{"INF506", "the default timeout", web(Offer("http", 0, 80)).Edit(idleTimeout(14)), ""},
		{"INF506", "both are equal", web(Offer("http", 0, 80), perRequest(60)).Edit(idleTimeout(60)), ""},
		{"INF506", "past the agent", web(Offer("http", 8080, 80), perRequest(0)).Edit(idleTimeout(60)), ""},
		{
			"INF506", "the attributes were not read", web(Offer("http", 0, 80), perRequest(0)),
			model.DescribeLoadBalancerAttributes,
		},
		{"CFG324", "the port has a protocol", web(Offer("http", 0, 80), perRequest(0)), ""},
		{"CFG324", "no timeout", web(Offer("http", 0, 80), tcp), ""},
		{"CFG324", "only an idle timeout", web(Offer("http", 0, 80), tcp, Change(func(s *Spec) {
			n := 60
			s.Deployment.ServiceConnect.Services[0].Timeout = &model.Timeout{IdleSeconds: &n}
		})), ""},
		{"CFG324", "the task definition was not read", web(Offer("http", 0, 80), perRequest(0)).
			Deny(model.DescribeTaskDefinition), model.DescribeTaskDefinition},
	}
}

func listenerSilences() []silence {
	later := func(conditions ...model.RuleCondition) func(*model.Snapshot) {
		return ruleBefore("2", forwardTo("tg"), conditions...)
	}
	earlier := func(conditions ...model.RuleCondition) func(*model.Snapshot) {
		return ruleBefore("1", fixed(), conditions...)
	}
	header := func(name string, values ...string) model.RuleCondition {
		return model.RuleCondition{Field: "http-header", Name: name, Values: values}
	}
	weighted := func(weight int) func(*model.Snapshot) {
		actions := forwardTo("tg", "gone")
		actions[0].Forward[1].Weight = weight
		return ruleBefore("5", actions, urlPath("/x"))
	}
	return []silence{
		{"CFG317", "the earlier rule wants more", web().Edit(later(host("a"))).Edit(earlier(host("a"), urlPath("/x"))), ""},
		{"CFG317", "the earlier rule has fewer values", web().Edit(later(host("a", "b"))).Edit(earlier(host("a"))), ""},
		{"CFG317", "the pattern may cover it, and is not equal", web().Edit(later(urlPath("/api/v1"))).
			Edit(earlier(urlPath("/api/*"))), ""},
		{"CFG317", "a pattern within another one", web().Edit(later(host("a.example"))).Edit(earlier(host("*.example"))), ""},
		{"CFG317", "paths know upper and lower case", web().Edit(later(urlPath("/X"))).Edit(earlier(urlPath("/x"))), ""},
		{"CFG317", "another header", web().Edit(later(header("x-test", "1"))).Edit(earlier(header("x-blue", "1"))), ""},
		{"CFG317", "another field of the same value", web().Edit(later(host("x"))).Edit(earlier(urlPath("x"))), ""},
		{"CFG317", "all addresses of IPv4, where clients may have IPv6", web().Edit(addressType("dualstack")).
			Edit(later(urlPath("/x"))).
			Edit(earlier(model.RuleCondition{Field: "source-ip", Values: []string{"0.0.0.0/0"}})), ""},
		{"CFG317", "all addresses of IPv6", web().Edit(addressType("dualstack")).Edit(later(urlPath("/x"))).
			Edit(earlier(model.RuleCondition{Field: "source-ip", Values: []string{"::/0"}})), ""},
		{"CFG317", "a narrower address", web().
			Edit(later(model.RuleCondition{Field: "source-ip", Values: []string{"10.0.0.0/8"}})).
			Edit(earlier(model.RuleCondition{Field: "source-ip", Values: []string{"10.1.0.0/16"}})), ""},
		{"CFG317", "another address of the same length", web().
			Edit(later(model.RuleCondition{Field: "source-ip", Values: []string{"10.2.0.0/16"}})).
			Edit(earlier(model.RuleCondition{Field: "source-ip", Values: []string{"10.1.0.0/16"}})), ""},
		{"CFG317", "an address that is none", web().
			Edit(later(model.RuleCondition{Field: "source-ip", Values: []string{"ten"}})).
			Edit(earlier(model.RuleCondition{Field: "source-ip", Values: []string{"10.1.0.0/16"}})), ""},
		{"CFG317", "the earlier one comes later by number", web().Edit(ruleBefore("9", forwardTo("tg"), host("a"))).
			Edit(ruleBefore("10", fixed(), host("a"))), ""},
		{"CFG317", "conditions that were not read", web().Edit(later(host("a"))).Edit(earlier()), ""},
		{"CFG317", "a condition of unknown values", web().Edit(later(model.RuleCondition{Field: "host-header"})).
			Edit(earlier(host("a"))), ""},
		{"CFG317", "a rule that ends nothing", web().Edit(later(host("a"))).
			Edit(ruleBefore("1", []model.ListenerAction{{Type: "authenticate-oidc"}}, host("a"))), ""},
		{"CFG317", "a rule of another listener", web().Edit(later(host("a"))).Edit(earlier(host("a"))).
			Edit(func(s *model.Snapshot) {
				s.ListenerRules[len(s.ListenerRules)-1].ListenerARN = "other"
			}), ""},
		{"CFG317", "the rules were not read", web().Edit(later(host("a"))).Edit(earlier(host("a"))).
			Deny(model.DescribeRules), model.DescribeRules},
		{"NET205", "a range of addresses", web().Group("sg-alb", In("tcp 0-1023", "10.0.0.0/8")), ""},
		{"NET205", "a network load balancer without groups", web().Edit(bareNLB), ""},
		{"NET205", "a group that nothing has: it may be for a scheduled task", web().
			Group("sg-alb", In("tcp 80", "sg-batch")), model.DescribeNetworkInterfaces},
		{"NET205", "a group that another load balancer has", web().Group("sg-batch").
			Group("sg-alb", In("tcp 80", "sg-batch")).Edit(interfaces(
			model.NetworkInterface{ID: "eni-1", Description: "ELB app/other/1", SecurityGroups: []string{"sg-batch"}},
		)), ""},
		{"NET205", "network ACLs refuse others", web().Group("sg-alb", In("tcp 80", "192.0.2.0/24")).
			Edit(refusedByACL("192.0.2.0/25")), ""},
		{"NET205", "the ACLs were not read", web().Deny(model.DescribeNetworkAcls), model.DescribeNetworkAcls},
		{"NET205", "a prefix list", web().Group("sg-alb", In("tcp 80", "pl-1")), ""},
		{"NET205", "dualstack, open to both", web().Group("sg-alb", In("tcp 80", "0.0.0.0/0"), In("tcp 80", "::/0")).
			Edit(dualstack), ""},
		{"NET205", "dualstack, open to a part of the internet", web().Group("sg-alb", In("tcp 80", "192.0.2.0/24")).
			Edit(dualstack), ""},
		{"NET205", "the groups were not read", web().Deny(model.DescribeSecurityGroups), model.DescribeSecurityGroups},
		{"CFG318", "a group with a target", web().Edit(ruleBefore("5", forwardTo("gone"), urlPath("/x"))).
			Edit(emptied("gone", model.Target{ID: "10.0.0.9", State: "unhealthy"})), ""},
		{"CFG318", "a service names the group", web(Behind("gone", 80)).
			Edit(ruleBefore("5", forwardTo("gone"), urlPath("/x"))).Edit(emptied("gone")), ""},
		{"CFG318", "the other side of a blue/green deployment", web(Change(func(s *Spec) {
			s.Service.LoadBalancers[0].AlternateTargetGroupARN = TargetGroupARN("gone")
		})).
			Edit(ruleBefore("5", forwardTo("gone"), urlPath("/x"))).Edit(emptied("gone")), ""},
		{"CFG318", "a revision names the group", web().Edit(ruleBefore("5", forwardTo("gone"), urlPath("/x"))).
			Edit(emptied("gone")).Edit(func(s *model.Snapshot) {
			s.ServiceRevisions = []model.ServiceRevision{{IngressPaths: []model.IngressPath{{
				TargetGroups: []model.ManagedTargetGroup{{ARN: TargetGroupARN("gone")}},
			}}}}
		}), ""},
		{"CFG318", "no request goes there", web().Edit(weighted(0)).Edit(emptied("gone")), ""},
		{"CFG318", "the targets were not read", web().Edit(weighted(1)).Edit(emptied("gone")).
			Deny(model.DescribeTargetHealth), model.DescribeTargetHealth},
		{"CFG318", "the group was not read", web().Edit(weighted(1)), model.DescribeTargetHealth},
		{"CFG318", "a load balancer that leads to no service", web(Change(func(s *Spec) {
			s.Service.LoadBalancers = nil
		})).Edit(emptied("tg0")), ""},
		{"CFG319", "a healthy target", web().Edit(healthPort("8081", "healthy", "unhealthy")), ""},
		{"CFG319", "a container declares the port", web(sidecar(8081)).Edit(healthPort("8081", "unhealthy")), ""},
		{"CFG319", "the agent listens there", web(Offer("http", 8081, 80)).Edit(healthPort("8081", "unhealthy")), ""},
		{"CFG319", "the traffic port", web().Edit(healthPort(model.TrafficPort, "unhealthy")), ""},
		{"CFG319", "in bridge mode the port is the host's", web(networkMode("bridge"), mapping(func(m *model.PortMapping) {
			m.HostPort = 8081
		})).
			Edit(healthPort("8081", "unhealthy")), ""},
		{"CFG319", "in host mode the port is the container's", web(networkMode("host"), sidecar(8081)).
			Edit(healthPort("8081", "unhealthy")), ""},
	}
}

func taskSilences() []silence {
	limits := func(memory int, appMemory ...int) func(*Spec) {
		return Change(func(s *Spec) {
			s.TaskDefinition.Memory = memory
			for i, n := range appMemory {
				s.TaskDefinition.Containers[i].Memory = n
			}
		})
	}
	noLB := Change(func(s *Spec) { s.Service.LoadBalancers = nil })
	return []silence{
		{"CFG320", "two ports", web(sidecar(8080)), ""},
		{"CFG320", "one is UDP", web(sidecar(80), Change(func(s *Spec) {
			s.TaskDefinition.Containers[1].PortMappings[0].Protocol = "udp"
		})), ""},
		{"CFG320", "in bridge mode each container has its own", web(sidecar(80), networkMode("bridge")), ""},
		{
			"CFG320", "the task definition was not read", web(sidecar(80)).Deny(model.DescribeTaskDefinition),
			model.DescribeTaskDefinition,
		},
		{"RSK406", "enough is left", web(Client(), limits(1024, 960)), ""},
		{"RSK406", "a container claims nothing", web(Client(), sidecar(81), limits(1024, 1024, 0)), ""},
		{"RSK406", "the task has no limit", web(Client(), limits(0, 1024)), ""},
		{"RSK406", "no agent runs", web(limits(1024, 1024)), ""},
		{
			"RSK406", "the task definition was not read", web(Client(), limits(1024, 1024)).Deny(model.DescribeTaskDefinition),
			model.DescribeTaskDefinition,
		},
		{"INF507", "the app is unhealthy, the agent is not", web(Offer("http", 0, 80), Change(func(s *Spec) {
			s.Service.Tasks = agents("HEALTHY", "UNKNOWN")
		})), ""},
		{"INF507", "the tasks were not read", web(Offer("http", 0, 80)), ""},
		{"INF507", "tasks were refused", web(Offer("http", 0, 80)).Deny(model.ListTasks), model.ListTasks},
		{"INF507", "no Service Connect", web(Change(func(s *Spec) { s.Service.Tasks = agents("UNHEALTHY") })), ""},
		{"INF508", "a container health check", web(Offer("http", 0, 80), noLB), ""},
		{"INF508", "a load balancer's health check", web(Offer("http", 0, 80), withoutCheck), ""},
		{"INF508", "plain TCP", web(Offer("http", 0, 80), withoutCheck, noLB, mapping(func(m *model.PortMapping) {
			m.AppProtocol = ""
		})), ""},
		{"INF508", "no caller", lonely(withoutCheck), ""},
		{"INF508", "callers are refused", web(Offer("http", 0, 80), withoutCheck, noLB).
			Group("sg-web", In("tcp 80", "sg-alb")), ""},
	}
}

func namespaceSilences() []silence {
	before, after := Time.Add(-time.Hour), Time.Add(time.Hour)
	aged := func(client time.Time) *Builder {
		return web(Offer("http", 0, 80)).Edit(published(Time, map[string]time.Time{"client": client}))
	}
	lost := func() *Builder {
		return web(Offer("http", 0, 80)).Group("sg-lost").Service("lost", inNamespace("other")).Edit(addNamespace("other")).
			Edit(allClusters)
	}
	return []silence{
		{"CFG311", "a younger caller", aged(after), ""},
		{"CFG311", "a younger caller among older ones that are refused", crowd(after), ""},
		{"CFG311", "the age of another endpoint", aged(before).Edit(func(s *model.Snapshot) {
			for i := range s.Services {
				for j := range s.Services[i].Deployments[0].ServiceConnectResources {
					s.Services[i].Deployments[0].ServiceConnectResources[j].DiscoveryName = "other"
				}
			}
		}), ""},
		{"CFG311", "of one age", aged(Time), ""},
		{"CFG311", "the caller's age is not known", aged(time.Time{}), ""},
		{"CFG311", "the caller is refused", aged(before).Group("sg-web", In("tcp 80", "sg-alb")), ""},
		{"CFG311", "the caller was seen calling", aged(before).Edit(traffic(calls("client", "http"))), ""},
		{"CFG311", "only the endpoint's own service is older", lonely().Edit(published(Time, nil)).
			Edit(func(s *model.Snapshot) { s.Services[0].Deployments[0].CreatedAt = before }), ""},
		{
			"CFG311", "the endpoint's age was not read", aged(before).Deny(model.ListDiscoveryServices),
			model.ListDiscoveryServices,
		},
		{"CFG321", "the namespace has an endpoint", web(Offer("http", 0, 80)).Edit(allClusters), ""},
		{"CFG321", "no namespace has one", New().Group("sg-a").Service("a", Client()).Edit(allClusters), ""},
		{"CFG321", "an endpoint of a deployment that is going", lost().Edit(func(s *model.Snapshot) {
			s.TaskDefinitions = slices.Clone(s.TaskDefinitions)
		}).Edit(deploymentOf("lost", "ecs-svc/0", func(d *model.Deployment) {
			d.ServiceConnect.Services = []model.ServiceConnectService{{PortName: "x"}}
		})), ""},
		{"CFG321", "the namespace is another account's", lost().Edit(func(s *model.Snapshot) {
			s.Namespaces[1].Owner = "210987654321"
		}), ""},
		{"CFG321", "other clusters may have endpoints", lost().Edit(func(s *model.Snapshot) {
			s.Scope.AllClusters = false
		}), model.ListServicesByNamespace},
		{"CFG321", "namespaces were not read", lost().Deny(model.ListNamespaces), model.ListNamespaces},
		{"CFG322", "each has a name of its own", web(Offer("http", 0, 80)).Edit(addNamespace("other")), ""},
		{"CFG322", "services refer to the ARN", New().Group("sg-a").Service("a", inNamespace(namespaceARN)).
			Edit(addNamespace("ns")), ""},
		{"CFG322", "namespaces were not read", web(Offer("http", 0, 80)).Deny(model.ListNamespaces), model.ListNamespaces},
		{"CFG326", "the name in another namespace", web(Offer("http", 0, 80)).Group("sg-two").
			Service("two", Port("http", 80, "http"), Offer("http", 0, 80), inNamespace("other")).
			Edit(addNamespace("other")), ""},
		{"CFG326", "one port name listed twice", web(Offer("http", 0, 80), Offer("http", 8080, 81)), ""},
		{"CFG326", "a deployment that renames the port", web(Offer("http", 0, 80), renaming()), ""},
		{"CFG310", "a deployment that renames the port", web(Offer("http", 0, 80), renaming()), ""},
		{"CFG326", "namespaces were not read", web(Offer("http", 0, 80)).Group("sg-two").
			Service("two", Port("http", 80, "http"), Offer("http", 0, 80)).Deny(model.ListNamespaces), model.ListNamespaces},
		{"CFG323", "another name", registeredAs("http-sd", namespaceARN)(web(Offer("http", 0, 80), registered(80))), ""},
		{"CFG323", "another namespace", registeredAs("http", strings.Replace(namespaceARN, "ns-1", "ns-2",
			1))(web(Offer("http", 0, 80), registered(80))), ""},
		{"CFG323", "no endpoint", registeredAs("http", namespaceARN)(web(Client(), registered(80))), ""},
		{"CFG323", "no registration", registeredAs("http", namespaceARN)(web(Offer("http", 0, 80))), ""},
		{"CFG323", "the registries' names were not read", web(Offer("http", 0, 80), registered(80)).
			Deny(model.ListDiscoveryServices), model.ListDiscoveryServices},
	}
}

// renaming is a deployment that names the port of an endpoint anew, while the one before
// it still runs.
func renaming() func(*Spec) {
	return Change(func(s *Spec) {
		old, now := s.Deployment, *s.Deployment.ServiceConnect
		old.ID, old.Status, old.RunningCount, old.TaskDefinition = "ecs-svc/0", "ACTIVE", 1, s.TaskDefinition.ARN
		mapping := s.TaskDefinition.Containers[0].PortMappings[0]
		mapping.Name = "web"
		s.TaskDefinition.Containers[0].PortMappings = append(s.TaskDefinition.Containers[0].PortMappings, mapping)
		now.Services = slices.Clone(now.Services)
		now.Services[0].PortName = "web"
		s.Deployment.ServiceConnect = &now
		s.Service.Deployments = append(s.Service.Deployments, old)
	})
}

// crowd is a caller of some age that is admitted, and three older ones that are not.
func crowd(client time.Time) *Builder {
	before := Time.Add(-time.Hour)
	b := web(Offer("http", 0, 80))
	for _, name := range []string{"x", "y", "z"} {
		b.Group("sg-"+name).Service(name, Client())
	}
	return b.Edit(published(Time, map[string]time.Time{"client": client, "x": before, "y": before, "z": before}))
}

func deploymentSilences() []silence {
	return []silence{
		{"CFG305", "the ECS controller", web(Offer("http", 0, 80)), ""},
		{"CFG305", "no Service Connect", web(controlledBy("CODE_DEPLOY")), ""},
		{"CFG305", "Service Connect is off", web(controlledBy("EXTERNAL"), Change(func(s *Spec) {
			s.Deployment.ServiceConnect = &model.ServiceConnect{}
		})), ""},
		{"INF501", "equal deployments", web(Offer("http", 0, 80)).
			Edit(deploymentOf("web", "ecs-svc/0", func(*model.Deployment) {})), ""},
		{"INF501", "only the image changes", web(Offer("http", 0, 80)).Edit(oldTask(func(*model.TaskDefinition) {})), ""},
		{"INF501", "groups in another order", web(Offer("http", 0, 80), Change(func(s *Spec) {
			s.Deployment.Network.SecurityGroups = []string{"sg-web", "sg-alb"}
		})).
			Edit(deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) {
				d.Network = &model.Network{Subnets: []string{SubnetB, SubnetA}, SecurityGroups: []string{"sg-alb", "sg-web"}}
			})), ""},
		{"INF501", "the old deployment has no tasks", web(Offer("http", 0, 80)).
			Edit(deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) {
				d.RunningCount, d.ServiceConnect = 0, nil
			})), ""},
		{"INF501", "one namespace, called by name and by ARN", web(Offer("http", 0, 80)).
			Edit(deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) {
				d.ServiceConnect.Namespace = namespaceARN
			})), ""},
		{"INF501", "the old task definition was not read", web(Offer("http", 0, 80)).
			Edit(oldTask(func(*model.TaskDefinition) {})).Edit(func(s *model.Snapshot) {
			s.TaskDefinitions = s.TaskDefinitions[:len(s.TaskDefinitions)-1]
		}), model.DescribeTaskDefinition},
		{"INF509", "each revision has its deployment", web(revisions(1, 2)).
			Edit(deploymentOf("web", "ecs-svc/0", func(*model.Deployment) {})), ""},
		{"INF509", "the old revision runs nothing", web(revisions(1, 0)), ""},
		{"INF509", "task sets tell", web(revisions(1, 1)).Edit(func(s *model.Snapshot) {
			for i := range s.Services {
				s.Services[i].Deployments = nil
			}
		}), ""},
		{"INF502", "a task runs", web(counts(1, 1)), ""},
		{"INF502", "nothing leads to it", New().Group("sg-job").Service("job", counts(0, 0)), ""},
	}
}
