package rule_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

const (
	lbPath = reach.SourceLoadBalancer
	scPath = reach.SourceServiceConnect
	hcPath = reach.SourceHealthCheck
)

// web is the service of the decision table: behind the load balancer alb on
// container port 80, called by "client", both admitted everywhere.
func web(options ...func(*Spec)) *Builder {
	return New().
		Group("sg-alb").
		Group("sg-client").
		Group("sg-web", In("all", "sg-alb"), In("all", "sg-client")).
		ALB("alb", 80, "tg").
		Service("client", Client()).
		Service("web", append([]func(*Spec){Port("http", 80, "http"), Behind("tg", 80)}, options...)...)
}

// at makes it known of a service that a task of it runs at each of some addresses.
func at(name string, addresses ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == name })
		spec := Spec{Service: s.Services[i], Deployment: s.Services[i].Deployments[0]}
		TasksAt(addresses...)(&spec)
		s.Services[i].Tasks = spec.Service.Tasks
	}
}

func sidecar(port int) func(*Spec) {
	return Change(func(s *Spec) {
		s.TaskDefinition.Containers = append(s.TaskDefinition.Containers, model.Container{
			Name: "sidecar", PortMappings: []model.PortMapping{{Name: "side", ContainerPort: port, Protocol: "tcp"}},
		})
	})
}

func mapping(change func(*model.PortMapping)) func(*Spec) {
	return Change(func(s *Spec) { change(&s.TaskDefinition.Containers[0].PortMappings[0]) })
}

func networkMode(mode model.NetworkMode) func(*Spec) {
	return Change(func(s *Spec) { s.TaskDefinition.NetworkMode, s.Deployment.Network = mode, nil })
}

func withTLS() func(*Spec) {
	return Change(func(s *Spec) { s.Deployment.ServiceConnect.Services[0].TLS = &model.TLS{} })
}

func targetGroup(change func(*model.TargetGroup)) func(*model.Snapshot) {
	return func(s *model.Snapshot) { change(&s.TargetGroups[0]) }
}

// alias has callers use a name of its own.
func alias(port int, name string) func(*Spec) {
	return Change(func(s *Spec) {
		s.Deployment.ServiceConnect.Services[0].ClientAliases = []model.ClientAlias{{Port: port, DNSName: name}}
	})
}

func https(policy string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.TargetGroups[0].Protocol, s.TargetGroups[0].HealthCheck.Protocol = "HTTPS", "HTTPS"
		s.Listeners[0].Protocol, s.Listeners[0].SSLPolicy = "HTTPS", policy
	}
}

func networkLoadBalancer(s *model.Snapshot) {
	s.LoadBalancers[0].Type = "network"
	s.Listeners[0].Protocol, s.TargetGroups[0].Protocol, s.TargetGroups[0].ProtocolVersion = "TCP", "TCP", ""
	s.TargetGroups[0].Attributes = &model.TargetGroupAttributes{}
}

const tls13 = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// decisionRow is a row of docs/decision-table.md.
type decisionRow struct {
	row   string
	name  string
	build *Builder
	edit  func(*model.Snapshot)
	kind  reach.SourceKind
	via   reach.Via
	want  reach.Verdict
	codes []string
}

func decisionTable() []decisionRow {
	return slices.Concat(hopRows(), overrideRows(), healthRows(), tlsRows(), modeRows(), networkRows(), wayRows())
}

func hopRows() []decisionRow {
	return []decisionRow{
		{
			"1", "http, no override", web(Offer("http", 0, 80)), nil, lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"2", "grpc, no override", web(Offer("http", 0, 80), mapping(func(m *model.PortMapping) { m.AppProtocol = "grpc" })),
			targetGroup(func(g *model.TargetGroup) { g.ProtocolVersion = "GRPC" }), lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"2", "grpc against an HTTP/1 target group", web(Offer("http", 0, 80), mapping(func(m *model.PortMapping) {
				m.AppProtocol = "grpc"
			})),
			nil, lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"CFG312", "HOP101"},
		},
		{
			"3", "appProtocol unset", web(Offer("http", 0, 80), mapping(func(m *model.PortMapping) { m.AppProtocol = "" })),
			nil, lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"CFG312", "HOP101"},
		},
		{"4", "a free override", web(Offer("http", 8080, 80)), nil, lbPath, reach.ViaDirect, reach.OK, nil},
		{
			"11", "another port is listed", web(Port("admin", 9000, "http"), Offer("admin", 0, 9000)), nil, lbPath,
			reach.ViaDirect, reach.OK, nil,
		},
		{
			"82", "a named port that is not listed", web(Port("admin", 9000, "http"), Offer("http", 8080, 80)), nil, lbPath,
			reach.ViaDirect, reach.OK, nil,
		},
		{"12", "a client only", web(Client()), nil, lbPath, reach.ViaDirect, reach.OK, nil},
		{"13", "Service Connect off", web(), nil, lbPath, reach.ViaDirect, reach.OK, nil},
		{
			"14", "callers, no load balancer", web(Offer("http", 0, 80), Change(func(s *Spec) {
				s.Service.LoadBalancers = nil
			})),
			nil, scPath, reach.ViaAgent, reach.Needed,
			[]string{"INF511"},
		},
		{
			"70", "callers alone, whose requests are cut",
			web(Offer("http", 0, 80), Change(func(s *Spec) { s.Service.LoadBalancers = nil })),
			nil, scPath, reach.ViaAgent, reach.Needed,
			[]string{"INF511"},
		},
		{
			"15", "callers of one's own namespace there are none", lonely().Edit(allClusters), nil, scPath, reach.ViaAgent,
			reach.Unknown,
			[]string{"HOP105"},
		},
		{
			"16", "no caller was seen", web(Offer("http", 0, 80)).Edit(traffic(calls("client", "other"))), nil, lbPath,
			reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"21", "a network load balancer", web(Offer("http", 0, 80)), networkLoadBalancer, lbPath, reach.ViaAgent,
			reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"22", "proxy protocol v2 into the agent", nlb(web(Offer("http", 0, 80))),
			attributes(model.TargetGroupAttributes{ProxyProtocolV2: true}),
			lbPath, reach.ViaAgent, reach.Broken,
			[]string{"CFG306", "HOP101"},
		},
		{
			"23", "proxy protocol v2 past the agent", nlb(web(Offer("http", 8080, 80))),
			attributes(model.TargetGroupAttributes{ProxyProtocolV2: true}),
			lbPath, reach.ViaDirect, reach.Risk,
			[]string{"RSK405"},
		},
		{
			"24", "preserved client addresses", nlb(web(Offer("http", 0, 80))),
			attributes(model.TargetGroupAttributes{PreserveClientIP: true}),
			lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{
			"40", "listed twice, once with an override", web(Offer("http", 0, 80), Offer("http", 8080, 80)), nil, lbPath,
			reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
		{"43", "a port range beside it", web(Offer("http", 8080, 80), mapping(func(m *model.PortMapping) {
			m.HostPort = 0
		}), Change(func(s *Spec) {
			c := &s.TaskDefinition.Containers[0]
			c.PortMappings = append(c.PortMappings, model.PortMapping{ContainerPortRange: "3000-3010"})
		})), nil, lbPath, reach.ViaDirect, reach.OK, nil},
		{
			"50", "the load balancer admits a client of the namespace", web(Offer("http", 8080, 80)).
				Group("sg-alb", In("tcp 80", "sg-client")),
			nil, lbPath, reach.ViaDirect, reach.OK,
			[]string{"HOP103"},
		},
		{"51", "the load balancer admits a caller without Service Connect", web(Offer("http", 0, 80)).
			Group("sg-alb", In("tcp 80", "sg-batch")).
			Group("sg-batch").Service("batch"), nil, lbPath, reach.ViaAgent, reach.UnnecessaryHop, []string{"HOP101"}},
		{"52", "service discovery of an intercepted port", web(Offer("http", 0, 80), Change(func(s *Spec) {
			s.Service.ServiceRegistries = []model.ServiceRegistry{{RegistryARN: "arn:aws:servicediscovery:r:1:service/srv-1"}}
		})), nil, reach.SourceServiceDiscovery, reach.ViaAgent, reach.UnnecessaryHop, []string{"HOP104"}},
		{
			"56", "the agent's default timeout before the load balancer's", web(Offer("http", 0, 80)), idleTimeout(60), lbPath,
			reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"CFG314", "HOP101"},
		},
		{
			"85", "an ACL of the load balancer's subnets refuses its clients",
			web().Group("sg-alb", In("tcp 80", "192.0.2.0/24")).
				Group("sg-web", In("all", "sg-alb")).Edit(refusedByACL("192.0.2.0/24")), nil,
			lbPath, reach.ViaDirect, reach.Broken,
			[]string{"NET205"},
		},
		{
			"63", "open to the world by IPv4 alone", web().Group("sg-alb", In("tcp 80", "0.0.0.0/0")).Edit(dualstack),
			nil, lbPath, reach.ViaDirect, reach.Risk,
			[]string{"NET205"},
		},
		{
			"68", "another service publishes the discovery name", web(Offer("http", 0, 80), alias(80, "web")).
				Group("sg-two").Service("two", Port("http", 80, "http"), Offer("http", 0, 80), alias(80, "two")),
			nil, scPath, reach.ViaAgent, reach.Broken,
			[]string{"CFG326"},
		},
		{"71", "HTTPS to an agent without TLS", web(Offer("http", 0, 80)), targetGroup(func(g *model.TargetGroup) {
			g.Protocol = "HTTPS"
		}), lbPath, reach.ViaAgent, reach.Broken, []string{"CFG325", "HOP101"}},
		{"72", "gRPC to an agent that speaks HTTP/1.1", web(Offer("http", 0, 80)), targetGroup(func(g *model.TargetGroup) {
			g.ProtocolVersion = "GRPC"
		}), lbPath, reach.ViaAgent, reach.Broken, []string{"CFG325", "HOP101"}},
		{
			"73", "gRPC and HTTP to one port, and another port idle", twoVersions(50051), nil,
			lbPath, reach.ViaDirect, reach.Risk,
			[]string{"CFG325"},
		},
		{
			"74", "no zone in common", web(Change(func(s *Spec) { s.Deployment.Network.Subnets = []string{SubnetB} })),
			nodesIn(SubnetA), lbPath, reach.ViaDirect, reach.Broken,
			[]string{"NET206"},
		},
		{"75", "one zone of two", web(), nodesIn(SubnetA), lbPath, reach.ViaDirect, reach.Risk, []string{"NET206"}},
		{
			"76", "a rule for one of the load balancer's two subnets", web().Group("sg-web", In("tcp 80", "10.0.0.0/20")), nil,
			lbPath, reach.ViaDirect, reach.Broken,
			[]string{"NET202"},
		},
		{
			"60", "the alias port has no effect on the load balancer", web(Offer("http", 0, 12345)), nil, lbPath, reach.ViaAgent,
			reach.UnnecessaryHop,
			[]string{"HOP101"},
		},
	}
}

func overrideRows() []decisionRow {
	own := mapping(func(m *model.PortMapping) { m.ContainerPort = 8080 })
	at8080 := Change(func(s *Spec) { s.Service.LoadBalancers[0].ContainerPort = 8080 })
	return []decisionRow{
		{
			"5", "the override is the port itself", web(Offer("http", 8080, 80), own, at8080), nil, lbPath, reach.ViaUnknown,
			reach.Broken,
			[]string{"CFG301"},
		},
		{
			"6", "the override is another container's port", web(sidecar(8080), Offer("http", 8080, 80)), nil, lbPath,
			reach.ViaUnknown, reach.Broken,
			[]string{"CFG301"},
		},
		{
			"7", "the override is not above 1024", web(Offer("http", 1024, 80)), nil, lbPath, reach.ViaUnknown, reach.Broken,
			[]string{"CFG302"},
		},
		{
			"8", "two equal overrides", web(Port("admin", 9000, "http"), Offer("http", 8080, 80), Offer("admin", 8080, 9000)),
			nil, lbPath, reach.ViaUnknown, reach.Broken,
			[]string{"CFG303"},
		},
		{
			"9", "an ephemeral override", web(Offer("http", 40000, 80)), nil, scPath, reach.ViaAgent, reach.Needed,
			[]string{"RSK402", "RSK404"},
		},
		{
			"10", "the load balancer targets the agent's port", web(Offer("http", 8080, 80), Change(func(s *Spec) {
				s.Service.LoadBalancers[0].ContainerPort = 8080
			})),
			nil, lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP102"},
		},
		{
			"17", "an override without a use", lonely(overridden()).Group("sg-client").Service("client", Client()), nil, scPath,
			reach.ViaAgent, reach.Needed,
			[]string{"INF504", "INF511"},
		},
		{
			"39", "the old deployment without the override", web(Offer("http", 8080, 80)).
				Edit(deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) {
					d.ServiceConnect.Services[0].IngressPortOverride = 0
				})), nil, lbPath, reach.ViaDirect, reach.OK, []string{"INF501"},
		},
		{
			"41", "the port name is lost", web(Offer("http", 0, 80), mapping(func(m *model.PortMapping) { m.Name = "renamed" })),
			nil, lbPath, reach.ViaUnknown, reach.Unknown,
			[]string{"CFG309"},
		},
		{
			"42", "a UDP mapping", web(Offer("http", 0, 80), mapping(func(m *model.PortMapping) { m.Protocol = "udp" })),
			nil, scPath, reach.ViaUnknown, reach.Broken,
			[]string{"CFG315"},
		},
	}
}

func healthRows() []decisionRow {
	check := func(port string) func(*model.Snapshot) {
		return targetGroup(func(g *model.TargetGroup) { g.HealthCheck.Port = port })
	}
	return []decisionRow{
		{
			"18", "the check uses the traffic port", web(Offer("http", 0, 80)), nil, hcPath, reach.ViaAgent,
			reach.UnnecessaryHop,
			[]string{"HOP106"},
		},
		{
			"19", "the check goes past the agent", web(Port("health", 8081, "http"), Offer("http", 0, 80)), check("8081"),
			hcPath, reach.ViaDirect, reach.Risk,
			[]string{"RSK403"},
		},
		{
			"20", "the check goes to the agent", web(Offer("http", 8080, 80)), check("8080"), hcPath, reach.ViaAgent, reach.Risk,
			[]string{"HOP106", "RSK403"},
		},
	}
}

func tlsRows() []decisionRow {
	return []decisionRow{
		{
			"26", "HTTPS under a TLS 1.3 policy", web(Offer("http", 0, 443), withTLS()), https(tls13), lbPath, reach.ViaAgent,
			reach.Needed, nil,
		},
		{
			"27", "HTTPS under an old policy", web(Offer("http", 0, 443), withTLS()), https("ELBSecurityPolicy-2016-08"), lbPath,
			reach.ViaAgent, reach.Broken,
			[]string{"CFG308"},
		},
		{
			"28", "plaintext to the agent's TLS", web(Offer("http", 0, 443), withTLS()), nil, lbPath, reach.ViaAgent,
			reach.Broken,
			[]string{"CFG307"},
		},
		{
			"29", "plaintext past TLS", web(Offer("http", 8443, 443), withTLS()), nil, lbPath, reach.ViaDirect, reach.Risk,
			[]string{"RSK401"},
		},
		{
			"31", "the health check's default port", web(Offer("http", 0, 443), withTLS()).Edit(https(tls13)), healthPort("443"),
			hcPath, reach.ViaDirect, reach.Broken,
			[]string{"CFG319", "RSK403"},
		},
		{
			"30", "HTTPS past TLS", web(Offer("http", 8443, 443), withTLS()), https(tls13), lbPath, reach.ViaDirect,
			reach.Unknown,
			[]string{"RSK401"},
		},
	}
}

func modeRows() []decisionRow {
	return []decisionRow{
		{
			"32", "TLS in bridge mode", web(Offer("http", 0, 443), withTLS(), networkMode("bridge")), nil, scPath,
			reach.ViaUnknown, reach.Broken,
			[]string{"CFG316"},
		},
		{
			"80", "a task has a host port that is refused", onHostPort(2049, In("tcp 32768-65535", "sg-alb")), nil,
			lbPath, reach.ViaDirect, reach.Broken,
			[]string{"NET202"},
		},
		{
			"81", "only the host ports that tasks have are admitted", onHostPort(40001, In("tcp 40001", "sg-alb")), nil,
			lbPath, reach.ViaDirect, reach.Risk,
			[]string{"NET202"},
		},
		{
			"33", "bridge mode", web(Offer("http", 0, 80), networkMode("bridge"), mapping(func(m *model.PortMapping) {
				m.HostPort = 8000
			})),
			nil, lbPath, reach.ViaDirect, reach.Unknown, nil,
		},
		{
			"34", "an override in bridge mode", web(Offer("http", 9080, 80), networkMode("bridge")), nil, scPath, reach.ViaAgent,
			reach.Unknown,
			[]string{"CFG313"},
		},
		{
			"6", "the override is the app's own host port, in bridge mode", web(Offer("http", 9080, 80), networkMode("bridge"),
				mapping(func(m *model.PortMapping) { m.HostPort = 9080 })),
			nil, lbPath, reach.ViaUnknown, reach.Broken,
			[]string{"CFG301"},
		},
		{
			"36", "host mode", web(Offer("http", 0, 80), networkMode("host")), nil, scPath, reach.ViaUnknown, reach.Broken,
			[]string{"CFG304"},
		},
		{
			"37", "CodeDeploy", web(Offer("http", 0, 80), controlledBy("CODE_DEPLOY")), nil, scPath, reach.ViaAgent,
			reach.Broken,
			[]string{"CFG305"},
		},
		{
			"58", "no task runs", web(Offer("http", 0, 80), Change(func(s *Spec) {
				s.Service.DesiredCount, s.Service.RunningCount = 0, 0
			})),
			nil, lbPath, reach.ViaAgent, reach.UnnecessaryHop,
			[]string{"HOP101", "INF502"},
		},
	}
}

func networkRows() []decisionRow {
	admit := func(rules ...GroupRule) *Builder { return web(Offer("http", 8080, 80)).Group("sg-web", rules...) }
	plain := func(rules ...GroupRule) *Builder { return web(Offer("http", 0, 80)).Group("sg-web", rules...) }
	return []decisionRow{
		{
			"83", "a rule for one of the callers' two subnets", plain(In("tcp 80", "sg-alb"), In("tcp 80", "10.0.0.0/20")), nil,
			scPath, reach.ViaAgent, reach.Unknown, nil,
		},
		{
			"83", "a rule for one of the callers' two subnets, and tasks in both",
			plain(In("tcp 80", "sg-alb"), In("tcp 80", "10.0.0.0/20")),
			at("client", "10.0.0.9", "10.0.16.9"), scPath, reach.ViaAgent, reach.Broken,
			[]string{"NET201"},
		},
		{
			"84", "the callers' egress for one of the target's two subnets",
			plain(In("tcp 80", "sg-alb"), In("tcp 80", "sg-client")).Group("sg-client", Out("tcp 80", "10.0.0.0/20")), nil,
			scPath, reach.ViaAgent, reach.Unknown, nil,
		},
		{
			"84", "the callers' egress for one of the target's two subnets, and tasks in both",
			plain(In("tcp 80", "sg-alb"), In("tcp 80", "sg-client")).Group("sg-client", Out("tcp 80", "10.0.0.0/20")),
			at("web", "10.0.0.9", "10.0.16.9"), scPath, reach.ViaAgent, reach.Broken,
			[]string{"NET203"},
		},
		{
			"44", "the override is not open to the client", admit(In("tcp 80", "sg-alb"), In("tcp 80", "sg-client")), nil,
			scPath, reach.ViaAgent, reach.Broken,
			[]string{"NET201"},
		},
		{
			"45", "the client's egress lacks the override", admit(In("tcp 80", "sg-alb"), In("tcp 8080", "sg-client")).
				Group("sg-client", Out("tcp 80", "0.0.0.0/0")),
			nil, scPath, reach.ViaAgent, reach.Broken,
			[]string{"NET203"},
		},
		{
			"46", "the container port is not open to the client", plain(In("tcp 80", "sg-alb")), nil, scPath, reach.ViaAgent,
			reach.Broken,
			[]string{"NET201"},
		},
		{
			"47", "the container port is not open to the load balancer", plain(In("tcp 80", "sg-client")), nil, lbPath,
			reach.ViaAgent, reach.Broken,
			[]string{"HOP101", "NET202"},
		},
		{
			"48", "the client's old rule is left over", admit(In("tcp 80", "sg-alb"), In("tcp 80", "sg-client"),
				In("tcp 8080", "sg-client")),
			nil, scPath, reach.ViaAgent, reach.Needed,
			[]string{"RSK402"},
		},
		{
			"49", "the override is open to the load balancer", admit(In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb"),
				In("tcp 8080", "sg-client")),
			nil, lbPath, reach.ViaDirect, reach.OK,
			[]string{"INF503"},
		},
	}
}

// invisible are the rows that no configuration shows; docs/decision-table.md says
// where to look instead.
var invisible = []string{"55", "57"}

func TestEveryRowOfTheDecisionTableHasACase(t *testing.T) {
	page, err := os.ReadFile("../../docs/decision-table.md")
	if err != nil {
		t.Fatal(err)
	}
	cases, rows := 0, regexp.MustCompile(`(?m)^\| (\d+) \|.*?(`+"`Test\\w+`"+` )?\|$`).
		FindAllStringSubmatch(string(page), -1)
	for _, match := range rows {
		row := match[1]
		tested := 0
		for _, r := range decisionTable() {
			if r.row == row {
				tested++
			}
		}
		cases += tested
		if hidden := slices.Contains(invisible, row); hidden == (tested > 0 || match[2] != "") {
			t.Errorf("row %s has %d cases, and is said to be invisible: %t", row, tested, hidden)
		}
		if slices.Contains(invisible, row) && !strings.Contains(string(page), "\n| row "+row+": ") {
			t.Errorf("docs/decision-table.md does not say why row %s cannot be seen", row)
		}
	}
	if len(decisionTable()) != cases {
		t.Errorf("%d cases, of which %d belong to the %d rows", len(decisionTable()), cases, len(rows))
	}
	t.Logf("%d cases for %d of %d rows", cases, len(rows)-len(invisible), len(rows))
}

func TestTheDecisionTable(t *testing.T) {
	for _, tt := range decisionTable() {
		t.Run("row "+tt.row+" "+tt.name, func(t *testing.T) {
			if tt.edit != nil {
				tt.build.Edit(tt.edit)
			}
			p := pathOf(t, rule.Analyze(tt.build.Snapshot()), tt.kind, "web")
			got := fmt.Sprint(p.Via, " ", p.Verdict, " ", p.Findings)
			if tt.codes == nil {
				tt.codes = []string{}
			}
			if want := fmt.Sprint(tt.via, " ", tt.want, " ", tt.codes); got != want {
				t.Errorf("got %s, want %s: %s; %s", got, want, p.ViaWhy(), p.Hops()[0].Why)
			}
		})
	}
}
