package rule_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// firing is a snapshot in which a rule fires, with what it says. Tests of the
// catalogue use the same cases.
type firing struct {
	code  string
	name  string
	build func() *Builder
	// want is severity, confidence and title of each finding of the code.
	want []string
}

func firings() []firing {
	return slices.Concat(hopFirings(), timeoutFirings(), listenerFirings(), taskFirings(), namespaceFirings(),
		deploymentFirings(), healthFirings(), contradictionFirings())
}

func (f *firing) String() string { return f.code + " " + f.name }

// said is severity, confidence and title of the findings of a code.
func said(r *rule.Analysis, code string) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Code == code {
			out = append(out, fmt.Sprintf("%s %s: %s", f.Severity, f.Confidence, f.Title()))
		}
	}
	return out
}

func TestRulesFireAndSayWhat(t *testing.T) {
	for _, f := range firings() {
		t.Run(f.String(), func(t *testing.T) {
			if got := said(rule.Analyze(f.build().Snapshot()), f.code); !slices.Equal(got, f.want) {
				t.Errorf("says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(f.want, "\n"))
			}
		})
	}
}

func nlb(b *Builder) *Builder { return b.Edit(networkLoadBalancer) }

func attributes(a model.TargetGroupAttributes) func(*model.Snapshot) {
	return targetGroup(func(g *model.TargetGroup) { g.Attributes = &a })
}

func idleTimeout(seconds int) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.LoadBalancers[0].Attributes = &model.LoadBalancerAttributes{IdleTimeoutSeconds: seconds}
	}
}

func perRequest(seconds int) func(*Spec) {
	return Change(func(s *Spec) {
		s.Deployment.ServiceConnect.Services[0].Timeout = &model.Timeout{PerRequestSeconds: &seconds}
	})
}

// interfaces are those with any of the groups, which were all asked for.
func interfaces(all ...model.NetworkInterface) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		for i := range s.SecurityGroups {
			s.SecurityGroups[i].InterfacesRead = true
		}
		s.NetworkInterfaces = all
	}
}

// zoneRouting is when ECS turned zone-aware routing on.
var zoneRouting = time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC)

// deployed gives a service some running tasks, and its deployment an age.
func deployed(tasks int, at time.Time) func(*Spec) {
	return Change(func(s *Spec) {
		s.Service.RunningCount, s.Deployment.RunningCount, s.Deployment.CreatedAt = tasks, tasks, at
	})
}

// nodesIn moves the load balancer into some subnets.
func nodesIn(subnets ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.LoadBalancers[0].Subnets = subnets }
}

// unusedIn is a target that gets no request for its zone.
func unusedIn(zone string) func(*model.Snapshot) {
	return targetGroup(func(g *model.TargetGroup) {
		g.Health = &model.TargetHealth{Targets: []model.Target{
			{ID: "10.0.0.4", Port: 80, Zone: Region + "a", State: model.TargetHealthy},
			{ID: "10.0.16.4", Port: 80, Zone: zone, State: "unused", Reason: "Target.NotInUse"},
		}, ReadAt: Time}
	})
}

func dualstack(s *model.Snapshot) {
	s.LoadBalancers[0].IPAddressType, s.LoadBalancers[0].Scheme = "dualstack", "internet-facing"
}

// refusedByACL has the subnets' ACL refuse packets from some addresses.
func refusedByACL(block string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
			Number: 1, Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix(block),
		})
	}
}

func allClusters(s *model.Snapshot) { s.Scope.AllClusters = true }

// lonely is a service whose endpoint no other service is there to call.
func lonely(options ...func(*Spec)) *Builder {
	return New().Group("sg-web", In("all", "10.0.0.0/16")).
		Service("web", append([]func(*Spec){Port("http", 80, "http"), Offer("http", 0, 80)}, options...)...)
}

func members(arns ...model.ARN) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.Namespaces[0].Members = &model.NamespaceMembers{Services: arns} }
}

func serviceARN(name string) model.ARN {
	return "arn:aws:ecs:" + Region + ":" + Account + ":service/prod/" + name
}

func traffic(edges ...model.TrafficEdge) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.Traffic = &model.Traffic{Metric: model.MetricCallers, Edges: edges} }
}

func calls(caller, name string) model.TrafficEdge {
	return model.TrafficEdge{Caller: model.Ref{Cluster: "prod", Service: caller}, DiscoveryName: name}
}

const namespaceARN = "arn:aws:servicediscovery:" + Region + ":" + Account + ":namespace/ns-1"

// onHostPort is web in bridge mode with a task on a dynamic host port of an instance.
func onHostPort(port int, rules ...GroupRule) *Builder {
	return web(networkMode("bridge"), mapping(func(m *model.PortMapping) { m.HostPort = 0 }), Change(func(s *Spec) {
		s.Service.Tasks = &model.ServiceTasks{Tasks: []model.Task{{
			StartedBy: s.Deployment.ID, Containers: []model.TaskContainer{{
				Name: "web", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: port, Protocol: "tcp"}},
			}},
		}}}
	})).Edit(onInstance).Group("sg-node", rules...)
}

func hopFirings() []firing {
	const alone = "info medium: No service can call http.ns:80: web is alone in its namespace"
	return []firing{
		{"HOP105", "all clusters are known", func() *Builder { return lonely().Edit(allClusters) }, []string{alone}},
		{"HOP105", "AWS lists the namespace's services", func() *Builder {
			return lonely().Edit(members(serviceARN("web")))
		}, []string{alone}},
		{"HOP105", "no caller was seen", func() *Builder {
			return lonely().Edit(allClusters).Edit(traffic(calls("web", "other")))
		}, []string{alone}},
		{"HOP104", "a service gateway", func() *Builder {
			return gatewayed(Offer("http", 0, 80))
		}, []string{"warning medium: Service gateway front reaches web:80 through the agent"}},
		{"HOP104", "VPC Lattice", func() *Builder {
			return lattice(Offer("http", 0, 80))
		}, []string{"warning medium: VPC Lattice reaches web:80 through the agent"}},
		{"HOP104", "a gateway that gets no requests", func() *Builder {
			return gatewayed(Offer("http", 0, 80)).TargetGroup("green").Edit(weights(0, 100))
		}, []string{"info medium: Service gateway front reaches web:80 through the agent"}},
		{"HOP104", "service discovery", func() *Builder {
			return web(Offer("http", 0, 80), registered(80))
		}, []string{"info medium: Service discovery reaches web:80 through the agent"}},
		{"NET202", "a service gateway is refused", func() *Builder {
			return gatewayed().Group("sg-web")
		}, []string{"error high: Requests of front cannot reach web on tcp 80"}},
		{"NET202", "host ports that tasks have now", func() *Builder {
			return onHostPort(40001, In("tcp 40001", "sg-alb"))
		}, []string{
			"warning high: alb reaches web on the host ports that its tasks have now (40001), and not on all of 32768-65535",
		}},
		{"NET201", "host ports that agents have now", func() *Builder {
			return onHostPort(2049, In("tcp 40002", "sg-client")).Edit(agentOn(40002))
		}, []string{
			"warning high: client reaches web on the host ports that its tasks have now (40002), and not on all of 32768-65535",
		}},
		{"NET202", "a host port below the range", func() *Builder {
			return onHostPort(2049, In("tcp 32768-65535", "sg-alb"))
		}, []string{
			"error high: Requests of alb cannot reach web on tcp 1024-65535",
		}},
		{"NET204", "a host port below the range", func() *Builder {
			return onHostPort(2049, In("tcp 32768-65535", "sg-alb"))
		}, []string{
			"error high: Health checks of alb cannot reach web on tcp 1024-65535",
		}},
		{"NET202", "VPC Lattice is refused", func() *Builder {
			return lattice().Group("sg-web", In("all", "sg-alb"))
		}, []string{"error high: Requests of VPC Lattice cannot reach web on tcp 80"}},
		{
			"NET205", "the load balancer's groups admit no client", func() *Builder {
				return web().Group("sg-alb", In("tcp 443", "0.0.0.0/0"))
			},
			[]string{"error high: Clients cannot reach alb :80"},
		},
		{
			"NET205", "a service gateway admits no client", func() *Builder { return gatewayed().Group("sg-alb") },
			[]string{"error high: Clients cannot reach alb :80"},
		},
		{"NET205", "network ACLs refuse the clients", func() *Builder {
			return web().Group("sg-alb", In("tcp 80", "192.0.2.0/24")).Edit(refusedByACL("192.0.2.0/24"))
		}, []string{"error high: Clients cannot reach alb :80"}},
		{"NET205", "only a group that nothing has", func() *Builder {
			return web().Group("sg-batch").Group("sg-alb", In("tcp 80", "sg-batch")).Edit(interfaces())
		}, []string{"warning medium: Clients cannot reach alb :80"}},
		{"NET205", "dualstack, open to IPv4 alone", func() *Builder {
			return web().Group("sg-alb", In("tcp 80", "0.0.0.0/0")).Edit(dualstack)
		}, []string{"warning high: Clients with IPv6 addresses cannot reach alb :80"}},
		{"NET203", "a service gateway's own egress refuses", func() *Builder {
			return gatewayed().Group("sg-alb", NoEgress())
		}, []string{"error high: Requests of front cannot reach web on tcp 80: its own egress refuses"}},
		{"CFG307", "a service gateway speaks plaintext to TLS", func() *Builder {
			return gatewayed(Offer("http", 0, 80), withTLS())
		}, []string{"error medium: front :80 speaks http to the TLS port of web"}},
		{"RSK401", "a service gateway goes past TLS", func() *Builder {
			return gatewayed(Offer("http", 8443, 80), withTLS())
		}, []string{"warning high: front :80 goes past the TLS of web with http"}},
		{"RSK403", "a service gateway checks another way", func() *Builder {
			return gatewayed(Offer("http", 0, 80), sidecar(8081)).Edit(healthPort("8081", "healthy"))
		}, []string{"warning high: Health checks of tg go straight to the app, requests through the agent"}},
		{"CFG308", "a service gateway under an old policy", func() *Builder {
			return gatewayed(Offer("http", 0, 80), withTLS()).Edit(https("ELBSecurityPolicy-2016-08"))
		}, []string{"error medium: front :80 speaks https to web under a policy without TLS 1.3"}},
		{"CFG312", "behind a service gateway", func() *Builder {
			return gatewayed(Offer("http", 0, 80), mapping(func(m *model.PortMapping) { m.AppProtocol = "" }))
		}, []string{"info high: Port 80 of web has no appProtocol"}},
		{"INF506", "behind a service gateway", func() *Builder {
			return gatewayed(Offer("http", 0, 80), perRequest(90)).Edit(idleTimeout(60))
		}, []string{"info medium: alb gives up after 60 s of silence, the agent of web allows 90 s"}},
		{"CFG314", "behind a service gateway", func() *Builder {
			return gatewayed(Offer("http", 0, 80)).Edit(idleTimeout(60))
		}, []string{"info medium: The agent of web cuts requests of alb after 15 s, not after its 60 s"}},
		{"CFG306", "proxy protocol on an intercepted port", func() *Builder {
			return nlb(web(Offer("http", 0, 80))).Edit(attributes(model.TargetGroupAttributes{ProxyProtocolV2: true}))
		}, []string{"error high: alb :80 writes proxy protocol v2 to the agent of web, which does not understand it"}},
		{"CFG306", "on a port that is plain TCP to the agent", func() *Builder {
			return nlb(web(Offer("http", 0, 80), mapping(func(m *model.PortMapping) {
				m.AppProtocol = ""
			}))).Edit(attributes(model.TargetGroupAttributes{ProxyProtocolV2: true}))
		}, []string{"error medium: alb :80 writes proxy protocol v2 to the agent of web, which does not understand it"}},
		{"RSK405", "proxy protocol past the agent", func() *Builder {
			return nlb(web(Offer("http", 8080, 80))).Edit(attributes(model.TargetGroupAttributes{ProxyProtocolV2: true}))
		}, []string{"warning medium: web:80 gets proxy protocol v2 from alb :80 and none from the agent"}},
		{"INF503", "the override is open to the load balancer", func() *Builder {
			return web(Offer("http", 8080, 80)).Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb"),
				In("tcp 8080", "sg-client"))
		}, []string{"info high: sg-web opens the agent's port 8080 to alb, which does not use it"}},
		{"INF504", "an override and no load balancer", func() *Builder {
			return New().Group("sg-client").Group("sg-web", In("tcp 8080", "sg-client")).Service("client", Client()).
				Service("web", Port("http", 80, "http"), Offer("http", 8080, 80))
		}, []string{"info medium: web moved its agent to port 8080 without a use"}},
	}
}

func timeoutFirings() []firing {
	return []firing{
		{
			"CFG314", "the default against the default", func() *Builder {
				return web(Offer("http", 0, 80)).Edit(idleTimeout(60))
			},
			[]string{"info medium: The agent of web cuts requests of alb after 15 s, not after its 60 s"},
		},
		{
			"CFG314", "a timeout of one's own", func() *Builder {
				return web(Offer("http", 0, 80), perRequest(30)).Edit(idleTimeout(31))
			},
			[]string{"info medium: The agent of web cuts requests of alb after 30 s, not after its 31 s"},
		},
		{
			"INF506", "no timeout at the agent", func() *Builder {
				return web(Offer("http", 0, 80), perRequest(0)).Edit(idleTimeout(60))
			},
			[]string{"info medium: alb gives up after 60 s of silence, the agent of web allows any time"},
		},
		{
			"INF506", "a longer one at the agent", func() *Builder {
				return web(Offer("http", 0, 80), perRequest(300)).Edit(idleTimeout(60))
			},
			[]string{"info medium: alb gives up after 60 s of silence, the agent of web allows 300 s"},
		},
		{"CFG324", "a timeout without appProtocol", func() *Builder {
			return web(Offer("http", 0, 80), perRequest(0), mapping(func(m *model.PortMapping) { m.AppProtocol = "" }))
		}, []string{"error medium: web sets a per-request timeout for http, which is plain TCP to the agent"}},
	}
}

// ruleBefore puts a rule before the default one, which forwards to tg.
func ruleBefore(priority string, to []model.ListenerAction, conditions ...model.RuleCondition) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.ListenerRules = append(s.ListenerRules, model.ListenerRule{
			ARN: "rule-" + priority, ListenerARN: s.Listeners[0].ARN, Priority: priority, Conditions: conditions, Actions: to,
		})
	}
}

func addressType(name string) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.LoadBalancers[0].IPAddressType = name }
}

func forwardTo(groups ...string) []model.ListenerAction {
	a := model.ListenerAction{Type: "forward"}
	for _, name := range groups {
		a.Forward = append(a.Forward, model.WeightedTargetGroup{TargetGroupARN: TargetGroupARN(name), Weight: 1})
	}
	return []model.ListenerAction{a}
}

func fixed() []model.ListenerAction { return []model.ListenerAction{{Type: "fixed-response"}} }

func host(values ...string) model.RuleCondition {
	return model.RuleCondition{Field: "host-header", Values: values}
}

func urlPath(values ...string) model.RuleCondition {
	return model.RuleCondition{Field: "path-pattern", Values: values}
}

// emptied is a target group that exists, is not named, and has these targets.
func emptied(name string, targets ...model.Target) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.TargetGroups = append(s.TargetGroups, model.TargetGroup{
			ARN: TargetGroupARN(name), Name: name,
			Health: &model.TargetHealth{Targets: targets},
		})
	}
}

func healthPort(port string, states ...string) func(*model.Snapshot) {
	return targetGroup(func(g *model.TargetGroup) {
		g.HealthCheck.Port = port
		if states != nil {
			g.Health = &model.TargetHealth{}
		}
		for i, state := range states {
			g.Health.Targets = append(g.Health.Targets, model.Target{ID: fmt.Sprintf("10.0.0.%d", i+4), Port: 80, State: state})
		}
	})
}

func listenerFirings() []firing {
	const undeclared = "tg checks port 8081 of web, which no container declares"
	shadowed := func(priority, earlier string) []string {
		return []string{fmt.Sprintf("warning high: No request takes rule %s of alb :80 to web: rule %s comes first",
			priority, earlier)}
	}
	return []firing{
		{"CFG317", "the default behind a rule for everything", func() *Builder {
			return web().Edit(ruleBefore("1", fixed(), urlPath("/*")))
		}, shadowed("default", "1")},
		{"CFG317", "an equal rule, by number and not by text", func() *Builder {
			return web().Edit(ruleBefore("10", forwardTo("tg"), host("A.example"), urlPath("/x"))).
				Edit(ruleBefore("9", fixed(), host("a.example", "b.example")))
		}, shadowed("10", "9")},
		{"CFG317", "an earlier rule that authenticates first", func() *Builder {
			return web().Edit(ruleBefore("2", forwardTo("tg"), urlPath("/x"))).
				Edit(ruleBefore("1", append([]model.ListenerAction{{Type: "authenticate-oidc"}}, fixed()...), urlPath("/x", "/y")))
		}, shadowed("2", "1")},
		{"CFG317", "a wider address", func() *Builder {
			return web().Edit(ruleBefore("2", forwardTo("tg"),
				model.RuleCondition{Field: "source-ip", Values: []string{"10.1.0.0/16"}})).
				Edit(ruleBefore("1", fixed(), model.RuleCondition{Field: "source-ip", Values: []string{"10.0.0.0/8"}}))
		}, shadowed("2", "1")},
		{"CFG317", "all addresses", func() *Builder {
			return web().Edit(ruleBefore("2", forwardTo("tg"), urlPath("/x"))).
				Edit(ruleBefore("1", fixed(), model.RuleCondition{Field: "source-ip", Values: []string{"0.0.0.0/0"}}))
		}, append(shadowed("2", "1"), shadowed("default", "1")...)},
		{"CFG317", "all addresses of both families", func() *Builder {
			return web().Edit(ruleBefore("2", forwardTo("tg"), urlPath("/x"))).Edit(addressType("dualstack")).
				Edit(ruleBefore("1", fixed(), model.RuleCondition{Field: "source-ip", Values: []string{"0.0.0.0/0", "::/0"}}))
		}, append(shadowed("2", "1"), shadowed("default", "1")...)},
		{"CFG317", "the same target group", func() *Builder {
			return web().Edit(ruleBefore("2", forwardTo("tg"), urlPath("/x"))).
				Edit(ruleBefore("1", forwardTo("other", "tg"), urlPath("/x")))
		}, []string{"info high: No request takes rule 2 of alb :80 to web: rule 1 comes first"}},
		{"CFG317", "the same target group, but with no weight", func() *Builder {
			actions := forwardTo("other", "tg")
			actions[0].Forward[1].Weight = 0
			return web().Edit(ruleBefore("2", forwardTo("tg"), urlPath("/x"))).Edit(ruleBefore("1", actions, urlPath("/x")))
		}, shadowed("2", "1")},
		{"CFG318", "a rule to an empty group", func() *Builder {
			return web().Edit(ruleBefore("5", forwardTo("gone"), urlPath("/old/*"))).Edit(emptied("gone"))
		}, []string{"warning high: Rule 5 of alb :80 forwards to gone, which has 0 targets"}},
		{"CFG318", "another listener of the same load balancer", func() *Builder {
			return web().Edit(func(s *model.Snapshot) {
				l := s.Listeners[0]
				l.ARN, l.Port, l.DefaultActions = l.ARN+"x", 443, forwardTo("gone")
				s.Listeners = append(s.Listeners, l)
			}).Edit(emptied("gone"))
		}, []string{"warning high: Rule default of alb :443 forwards to gone, which has 0 targets"}},
		{"CFG319", "health is not known", func() *Builder {
			return web().Edit(healthPort("8081"))
		}, []string{"warning low: " + undeclared}},
		{"CFG319", "the container port, where the instance's counts", func() *Builder {
			return web(networkMode("bridge"), mapping(func(m *model.PortMapping) {
				m.HostPort = 0
			})).Edit(healthPort("80", "initial"))
		}, []string{"warning low: tg checks port 80 of web, which no container publishes on the instance"}},
		{"CFG319", "targets are unhealthy", func() *Builder {
			return web().Edit(healthPort("8081", "unhealthy", "initial"))
		}, []string{"error high: " + undeclared}},
		{"CFG319", "unhealthy, but the network refuses the check anyway", func() *Builder {
			return web().Edit(healthPort("8081", "unhealthy")).Group("sg-web", In("tcp 80", "sg-alb"))
		}, []string{"warning low: " + undeclared}},
		{
			"CFG319", "443 without TLS", func() *Builder { return web().Edit(healthPort("443")) },
			[]string{"warning low: tg checks port 443 of web, which no container declares"},
		},
		{
			"CFG319", "another port with TLS", func() *Builder {
				return web(Offer("http", 0, 443), withTLS()).Edit(https(tls13)).Edit(healthPort("8081"))
			},
			[]string{"warning low: " + undeclared},
		},
		{
			"CFG319", "the TLS is another target group's", func() *Builder {
				return web(Port("tls", 9000, "http"), Offer("tls", 0, 443), withTLS(), Behind("tg2", 9000)).Group("sg-edge").
					ALB("edge", 443, "tg2").Edit(healthPort("443"))
			}, []string{"warning low: tg checks port 443 of web, which no container declares"},
		},
		{
			"CFG319", "the default port of HTTPS checks with TLS", func() *Builder {
				return web(Offer("http", 0, 443), withTLS()).Edit(https(tls13)).Edit(healthPort("443"))
			},
			[]string{"error high: tg checks port 443 of web, which no container declares"},
		},
	}
}

func taskFirings() []firing {
	limits := func(cpu, memory, appCPU, appMemory int) func(*Spec) {
		return Change(func(s *Spec) {
			s.TaskDefinition.CPU, s.TaskDefinition.Memory = cpu, memory
			s.TaskDefinition.Containers[0].CPU, s.TaskDefinition.Containers[0].Memory = appCPU, appMemory
		})
	}
	return []firing{
		{"CFG320", "two containers on one port", func() *Builder {
			return web(sidecar(80))
		}, []string{"error medium: web and sidecar of web both declare port 80"}},
		{"CFG320", "a port in the other's range", func() *Builder {
			return web(sidecar(80), Change(func(s *Spec) {
				s.TaskDefinition.Containers[1].PortMappings[0] = model.PortMapping{ContainerPortRange: "70-90"}
			}))
		}, []string{"error medium: web and sidecar of web both declare port 80"}},
		{"CFG320", "the old deployment's task definition", func() *Builder {
			return web().Edit(oldTask(func(d *model.TaskDefinition) {
				d.Containers = append(d.Containers, model.Container{
					Name:         "old",
					PortMappings: []model.PortMapping{{ContainerPort: 80}},
				})
			}))
		}, []string{"error medium: web and old of web both declare port 80"}},
		{"CFG320", "two deployments of one task definition", func() *Builder {
			return web(sidecar(80)).Edit(deploymentOf("web", "ecs-svc/0", func(*model.Deployment) {}))
		}, []string{"error medium: web and sidecar of web both declare port 80"}},
		{"RSK406", "little of both is left", func() *Builder {
			return web(Client(), limits(512, 1024, 400, 1000))
		}, []string{"info low: web leaves its agent 112 CPU units (256 advised) and 24 MiB (64 advised)"}},
		{"RSK406", "memory alone is known", func() *Builder {
			return web(Client(), limits(512, 1024, 0, 1024))
		}, []string{"info low: web leaves its agent 0 MiB (64 advised)"}},
		{"INF507", "one agent of two", func() *Builder {
			return web(Offer("http", 0, 80), Change(func(s *Spec) { s.Service.Tasks = agents("UNHEALTHY", "HEALTHY") }))
		}, []string{"warning high: The Service Connect agent is unhealthy in 1 of 2 tasks of web"}},
		{
			"INF510", "three tasks in two zones", func() *Builder { return web(Offer("http", 0, 80), deployed(3, time.Time{})) },
			[]string{"info high: Calls of http.ns:80 are not kept in their zone: it runs 3 tasks, and needs 4"},
		},
		{
			"INF510", "a deployment of before", func() *Builder {
				return web(Offer("http", 0, 80), deployed(4, zoneRouting.Add(-time.Second)))
			},
			[]string{"info high: Calls of http.ns:80 are not kept in their zone yet: its deployment is of 2026-06-30"},
		},
		{
			"INF511", "the timeout of an HTTP endpoint is not set", func() *Builder {
				return web(Offer("http", 0, 80), Change(func(s *Spec) { s.Service.LoadBalancers = nil }))
			},
			[]string{"info high: Service Connect ends requests to web:80 after 15 s"},
		},
		{
			"INF512", "two ports are not listed", func() *Builder {
				return web(Offer("http", 8080, 80), Port("admin", 9000, "http"), Port("rpc", 9001, "grpc"))
			},
			[]string{"info high: Service Connect does not list admin and rpc of web"},
		},
		{"NET206", "one zone of two", func() *Builder { return web().Edit(nodesIn(SubnetA)) }, []string{
			"warning medium: Tasks of web in " + Region + "b get no request from alb",
		}},
		{"NET206", "one zone of two, and a target was seen there", func() *Builder {
			return web().Edit(nodesIn(SubnetA)).Edit(unusedIn(Region + "b"))
		}, []string{"warning high: Tasks of web in " + Region + "b get no request from alb"}},
		{"NET206", "one zone of two, and every target is in the other", func() *Builder {
			return web().Edit(nodesIn(SubnetA)).Edit(unusedIn(Region + "b")).Edit(targetGroup(func(g *model.TargetGroup) {
				g.Health.Targets = g.Health.Targets[1:]
			}))
		}, []string{"error high: Tasks of web in " + Region + "b get no request from alb"}},
		{"NET206", "no zone in common", func() *Builder {
			return web(Change(func(s *Spec) { s.Deployment.Network.Subnets = []string{SubnetB} })).Edit(nodesIn(SubnetA))
		}, []string{"error high: Tasks of web in " + Region + "b get no request from alb"}},
		{"NET206", "container instances in another zone", func() *Builder {
			return inBridge().Edit(nodesIn(SubnetB))
		}, []string{"error high: Tasks of web in " + Region + "a get no request from alb"}},
		{"NET202", "one of the load balancer's two subnets", func() *Builder {
			return web().Group("sg-web", In("tcp 80", "10.0.0.0/20")).Edit(healthPort("traffic-port", "healthy"))
		}, []string{"error high: Some requests of alb cannot reach web on tcp 80"}},
		{"CFG325", "HTTPS checks of an HTTP group", func() *Builder {
			return web(Offer("http", 0, 80)).Edit(targetGroup(func(g *model.TargetGroup) { g.HealthCheck.Protocol = "HTTPS" }))
		}, []string{"error high: health check of alb speaks TLS to the agent of web, which expects http"}},
		{
			"CFG325", "gRPC into HTTP/1.1", func() *Builder { return web(Offer("http", 0, 80)).Edit(targetGroup(grpcGroup)) },
			[]string{"error medium: alb :80 speaks gRPC to the agent of web, which expects HTTP/1.1"},
		},
		{
			"CFG325", "two versions on one port", func() *Builder { return twoVersions(50051) },
			[]string{"warning medium: tg (HTTP1) and a-grpc (GRPC) send different protocols to port 80 of web"},
		},
		{"INF508", "no health check at all", func() *Builder {
			return web(Offer("http", 0, 80), withoutCheck, Change(func(s *Spec) { s.Service.LoadBalancers = nil }))
		}, []string{"info medium: New tasks of web get requests before they are ready"}},
	}
}

func withoutCheck(s *Spec) { s.TaskDefinition.Containers[0].HasHealthCheck = false }

func agents(states ...string) *model.ServiceTasks {
	out := &model.ServiceTasks{}
	for i, state := range states {
		out.Tasks = append(out.Tasks, model.Task{
			ARN: fmt.Sprintf("arn:aws:ecs:r:1:task/prod/%d", i),
			Containers: []model.TaskContainer{
				{Name: "web", HealthStatus: "UNHEALTHY"}, {Name: model.AgentContainer + "x1", HealthStatus: state},
			},
		})
	}
	return out
}

// agentOn gives the agent of the only task of "web" a host port, and "web" an endpoint.
func agentOn(port int) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
		web := &s.Services[i]
		web.Deployments[0].ServiceConnect = &model.ServiceConnect{
			Enabled: true, Namespace: "ns", Services: []model.ServiceConnectService{{PortName: "http", DiscoveryName: "http"}},
		}
		web.Tasks.Tasks[0].Containers = append(web.Tasks.Tasks[0].Containers, model.TaskContainer{
			Name: model.AgentContainer + "x", Bindings: []model.NetworkBinding{{ContainerPort: 15000, HostPort: port}},
		})
	}
}
