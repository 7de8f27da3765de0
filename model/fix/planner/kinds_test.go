package planner_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// planned is a case in which a rule fires, and the better of the plans for it.
type planned struct {
	code  string
	build *Builder
	// want is the first plan's ID without the service, and whether hopscope carries
	// it out.
	want      string
	appliable bool
}

// web is a service behind a load balancer, with a caller that its group admits to
// everything.
func web(options ...func(*Spec)) *Builder {
	options = append([]func(*Spec){Port("http", 80, "http"), Behind("tg", 80)}, options...)
	return New().Group("sg-alb").Group("sg-client").Group("sg-web", In("all", "sg-alb"),
		In("all", "sg-client")).ALB("alb", 80, "tg").
		Service("web", options...).Service("client", Client())
}

// alone is the same service without the load balancer.
func alone(options ...func(*Spec)) *Builder {
	options = append([]func(*Spec){Port("http", 80, "http")}, options...)
	return New().Group("sg-client").Group("sg-web", In("tcp 80", "sg-client"), In("tcp 8080", "sg-client")).
		Service("web", options...).Service("client", Client())
}

func offer(i int, change func(*model.ServiceConnectService)) func(*Spec) {
	return Change(func(s *Spec) { change(&s.Deployment.ServiceConnect.Services[i]) })
}

func tls() func(*Spec) {
	return offer(0, func(o *model.ServiceConnectService) { o.TLS = &model.TLS{} })
}

func perRequest(seconds int) func(*Spec) {
	return offer(0, func(o *model.ServiceConnectService) { o.Timeout = &model.Timeout{PerRequestSeconds: &seconds} })
}

func mapping(change func(*model.PortMapping)) func(*Spec) {
	return Change(func(s *Spec) { change(&s.TaskDefinition.Containers[0].PortMappings[0]) })
}

func mode(name model.NetworkMode) func(*Spec) {
	return Change(func(s *Spec) {
		s.TaskDefinition.NetworkMode, s.Deployment.Network = name, nil
		s.TaskDefinition.Containers[0].PortMappings[0].HostPort = 0
	})
}

func group(change func(*model.TargetGroup)) func(*model.Snapshot) {
	return func(s *model.Snapshot) { change(&s.TargetGroups[0]) }
}

func checkOn(port string) func(*model.Snapshot) {
	return group(func(g *model.TargetGroup) { g.HealthCheck.Port = port })
}

func network(proxyProtocol bool) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.LoadBalancers[0].Type = "network"
		s.TargetGroups[0].Protocol, s.TargetGroups[0].ProtocolVersion = "TCP", ""
		s.TargetGroups[0].Attributes = &model.TargetGroupAttributes{ProxyProtocolV2: proxyProtocol}
	}
}

// idle60 gives the load balancer AWS's default idle timeout.
func idle60(s *model.Snapshot) {
	s.LoadBalancers[0].Attributes = &model.LoadBalancerAttributes{IdleTimeoutSeconds: 60}
}

func instances(s *model.Snapshot) {
	for i := range s.Services {
		if s.Services[i].Name == "web" && s.Services[i].Tasks == nil { // its task has the agent on the override
			s.Services[i].Tasks = &model.ServiceTasks{Tasks: []model.Task{{
				StartedBy: "ecs-svc/1", ContainerInstance: "arn:aws:ecs:r:1:container-instance/prod/1",
				Containers: []model.TaskContainer{{
					Name: model.AgentContainer + "x", Bindings: []model.NetworkBinding{{ContainerPort: 15000, HostPort: 8080}},
				}},
			}}}
		}
	}
	s.ContainerInstances = []model.ContainerInstance{{
		ARN: "arn:aws:ecs:r:1:container-instance/prod/1", Cluster: "prod", InstanceID: "i-1", Status: "ACTIVE",
		Network: &model.Network{Subnets: []string{SubnetA}, SecurityGroups: []string{"sg-node"}},
	}}
}

func allClusters(s *model.Snapshot) { s.Scope.AllClusters = true }

func registry(name string) (func(*Spec), func(*model.Snapshot)) {
	arn := "arn:aws:servicediscovery:r:1:service/srv-1"
	return Change(func(s *Spec) {
			s.Service.ServiceRegistries = []model.ServiceRegistry{{RegistryARN: arn, ContainerName: "web", ContainerPort: 80}}
		}), func(s *model.Snapshot) {
			s.DiscoveryServices = append(s.DiscoveryServices, model.DiscoveryService{
				ID: "srv-1", ARN: arn, Name: name,
				Namespace: s.Namespaces[0].ARN,
			})
		}
}

// olderClient makes the endpoint of web younger than its caller.
func olderClient(s *model.Snapshot) {
	const arn = "arn:aws:servicediscovery:r:1:service/srv-web"
	made := Time.Add(-time.Hour)
	s.DiscoveryServices = append(s.DiscoveryServices, model.DiscoveryService{
		ID: "srv-web", ARN: arn, Name: "http",
		Namespace: s.Namespaces[0].ARN, CreatedAt: made,
	})
	for i := range s.Services {
		d := &s.Services[i].Deployments[0]
		d.CreatedAt = made.Add(-time.Hour)
		if s.Services[i].Name == "web" {
			d.CreatedAt = made
			d.ServiceConnectResources = []model.ServiceConnectResource{{DiscoveryName: "http", DiscoveryARN: arn}}
		}
	}
}

func hops() []planned {
	registered, listed := registry("reg")
	return []planned{
		{"HOP101", web(Offer("http", 0, 80)), "set-ingress-port-override:80", true},
		{"HOP101", web(Offer("http", 0, 80)).Group("sg-web", In("tcp 80", "sg-alb")), "set-ingress-port-override:80", true},
		{"HOP101", network1(web(Offer("http", 0, 80)), false), "set-ingress-port-override:80", true},
		{"HOP102", web(Offer("http", 8080, 80), running("HEALTHY")).Edit(byHand(8080)), "target-app-port:8080", false},
		{"HOP103", web(Offer("http", 8080, 80)).Group("sg-alb", In("tcp 80", "sg-client")), "call-alias:80", false},
		{"HOP104", alone(Offer("http", 0, 80), registered).Edit(listed), "set-ingress-port-override:80", true},
		{
			"HOP105", New().Group("sg-web").Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).Edit(allClusters),
			"make-client-only:80", true,
		},
		{"HOP106", web(Offer("http", 0, 80)), "set-ingress-port-override:80", true},
		{"HOP106", web(Offer("http", 8080, 80)).Edit(checkOn("8080")), "health-check-traffic-port:tg", false},
	}
}

func network1(b *Builder, proxyProtocol bool) *Builder { return b.Edit(network(proxyProtocol)) }

// byHand registers the running task's address on another port.
func byHand(port int) func(*model.Snapshot) {
	return group(func(g *model.TargetGroup) {
		g.Health = &model.TargetHealth{Targets: []model.Target{{ID: "10.0.0.4", Port: port, State: "healthy"}}}
	})
}

// running gives the service a task whose agent is in a state.
func running(agent string) func(*Spec) {
	return Change(func(s *Spec) {
		s.Service.Tasks = &model.ServiceTasks{Tasks: []model.Task{{
			ARN: "arn:aws:ecs:r:1:task/prod/0123", StartedBy: s.Deployment.ID,
			Addresses:  []netip.Addr{netip.MustParseAddr("10.0.0.4")},
			Containers: []model.TaskContainer{{Name: model.AgentContainer + "x", HealthStatus: agent}},
		}}}
	})
}

// ruleFor puts a rule in front of the default one.
func ruleFor(priority, targetGroup string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.ListenerRules = append(s.ListenerRules, model.ListenerRule{
			ARN: "rule-" + priority, ListenerARN: s.Listeners[0].ARN, Priority: priority,
			Conditions: []model.RuleCondition{{Field: "path-pattern", Values: []string{"/x"}}},
			Actions: []model.ListenerAction{{
				Type:    "forward",
				Forward: []model.WeightedTargetGroup{{TargetGroupARN: TargetGroupARN(targetGroup), Weight: 1}},
			}},
		})
	}
}

func empty(name string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.TargetGroups = append(s.TargetGroups, model.TargetGroup{
			ARN: TargetGroupARN(name), Name: name,
			Health: &model.TargetHealth{},
		})
	}
}

func secondNamespace(name string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		n := s.Namespaces[0]
		n.ID, n.ARN, n.Name, n.HTTPName = "ns-2", strings.Replace(n.ARN, "ns-1", "ns-2", 1), name, name
		s.Namespaces = append(s.Namespaces, n)
	}
}

func sidecar(s *Spec) {
	s.TaskDefinition.Containers = append(s.TaskDefinition.Containers, model.Container{
		Name: "sidecar", PortMappings: []model.PortMapping{{Name: "side", ContainerPort: 80, Protocol: "tcp"}},
	})
}

func inRollout(s *Spec) {
	old := s.Deployment
	sc := *old.ServiceConnect
	sc.Services = nil
	old.ID, old.Status, old.TaskDefinition, old.ServiceConnect = "ecs-svc/0", "ACTIVE", s.TaskDefinition.ARN, &sc
	s.Service.Deployments = []model.Deployment{old}
}

// unlisted lets tasks of a second revision run.
func unlisted(s *Spec) {
	s.Service.CurrentRevisions = []model.CurrentRevision{{ARN: "rev-1", RunningCount: 1}, {ARN: "rev-2", RunningCount: 1}}
}

func advised() []planned {
	registered, listed := registry("http")
	elsewhere := Change(func(s *Spec) { s.Deployment.ServiceConnect.Namespace = "other" })
	return []planned{
		{"CFG317", web().Edit(ruleFor("1", "tg")).Edit(ruleFor("2", "tg")), "separate-rules:2", false},
		{"HLT601", web().Edit(targets("unhealthy", "unhealthy")), "find-unhealthy:tg", false},
		{"HLT602", web().Edit(targets("healthy", "unhealthy")), "find-unhealthy:tg", false},
		{"HLT603", web().Edit(targets()), "register-tasks:tg", false},
		{"HLT604", web(Change(func(s *Spec) { s.Service.LoadBalancers[0].AlternateTargetGroupARN = TargetGroupARN("tg2") })).
			TargetGroup("tg2").Edit(targets()).Edit(func(s *model.Snapshot) {
			s.TargetGroups[1].Health = &model.TargetHealth{Targets: []model.Target{{
				ID: "10.0.0.4", Port: 80,
				State: "healthy",
			}}, ReadAt: Time}
		}), "move-weights:tg", false},
		{
			"CFG318", web().Edit(ruleFor("5", "gone")).Edit(empty("gone")),
			"remove-rule:Rule-5-of-alb--80-forwards-to-gone--which-has-0-targets", false,
		},
		{"HLT604", web().Edit(func(s *model.Snapshot) {
			s.TargetGroups[0].LoadBalancers, s.Listeners, s.ListenerRules = nil, nil, nil
		}), "forward-to-tasks:tg", false},
		{"HLT605", web(Offer("http", 10080, 80)).Edit(Measured(100, 104, time.Hour)), "measure-again:web", false},
		{"INF510", web(Offer("http", 0, 80), Change(func(s *Spec) {
			s.Deployment.RunningCount = 3
		})), "keep-calls-in-zone", false},
		{"NET206", web().Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].Subnets = []string{SubnetA}
		}), "enable-zone:alb", false},
		{"CFG325", web(Offer("http", 0, 80)).Edit(version("GRPC")), "match-protocols:tg", false},
		{"CFG320", web(Change(sidecar)), "move-container:web-and-sidecar-of-web-both-declare-port-80", false},
		{"CFG321", web(Offer("http", 0, 80)).Group("sg-lost").Service("lost", Client(),
			elsewhere).Edit(secondNamespace("other")).Edit(allClusters), "use-one-namespace", false},
		{"CFG322", web(Offer("http", 0, 80)).Edit(secondNamespace("ns")), "use-namespace-arn", false},
		{
			"CFG326", web(Offer("http", 0, 80)).Group("sg-two").Service("two", Port("http", 80, "http"), Offer("http", 0, 81)),
			"rename-discovery:http", false,
		},
		{"CFG323", alone(Offer("http", 8080, 80), registered).Edit(listed), "rename-discovery:http", false},
		{"RSK406", web(Client(), Starved), "make-room-for-agent", false},
		{"INF501", web(Offer("http", 0, 80), Change(inRollout)), "wait-for-rollout", false},
		{"INF502", web(Change(func(s *Spec) { s.Service.RunningCount, s.Service.DesiredCount = 0, 0 })), "scale-up", false},
		{"INF507", web(Offer("http", 8080, 80), running("UNHEALTHY")), "repair-agent", false},
		{"INF509", web(Offer("http", 0, 80), Change(unlisted)), "wait-for-old-tasks", false},
		{"INF512", web(Port("admin", 9000, "http"), Offer("http", 8080, 80)), "list-port", false},
		{"INF511", alone(Offer("http", 0, 80)), "set-request-timeout:http", false},
		{
			"INF508", alone(Offer("http", 0, 80),
				Change(func(s *Spec) { s.TaskDefinition.Containers[0].HasHealthCheck = false })), "add-container-health-check:web",
			false,
		},
	}
}

func refusals() []planned {
	return []planned{
		{
			"NET201", web(Offer("http", 8080, 80)).Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 80", "sg-client")),
			"open-port:8080/service-connect", true,
		},
		{"NET201", alone(Offer("http", 0, 80)).Group("sg-web"), "open-port:80/service-connect", true},
		{"NET202", web().Group("sg-web"), "open-port:80/alb", true},
		{
			"NET202", web(mode("bridge"), mapping(func(m *model.PortMapping) { m.HostPort = 0 }), Change(func(s *Spec) {
				s.Service.Tasks = &model.ServiceTasks{Tasks: []model.Task{{
					StartedBy: s.Deployment.ID, Containers: []model.TaskContainer{{
						Name: "web", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: 40001, Protocol: "tcp"}},
					}},
				}}}
			})).Group("sg-node", In("tcp 40001", "sg-alb")).Edit(instances), "admit-caller:32768-65535", false,
		},
		{"NET203", web().Group("sg-alb", NoEgress()), "open-port:80/alb", true},
		{"NET203", web(Offer("http", 0, 80)).Group("sg-client", NoEgress()), "open-port:80/service-connect", true},
		{"NET205", web().Group("sg-alb"), "admit-clients:alb:80", false},
		{
			"NET204", web(Port("admin", 9000, "http")).Edit(checkOn("9000")).Group("sg-web", In("tcp 80", "sg-alb")),
			"open-port:9000/alb", true,
		},
	}
}

// version sets the target group's protocol version.
func version(v string) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.TargetGroups[0].ProtocolVersion = v }
}

// targets gives the target group a health.
func targets(states ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		h := &model.TargetHealth{Targets: []model.Target{}, ReadAt: Time}
		for _, state := range states {
			h.Targets = append(h.Targets, model.Target{ID: "10.0.0.4", Port: 80, State: state})
		}
		s.TargetGroups[0].Health = h
	}
}

func misconfigurations() []planned {
	return []planned{
		{"CFG301", web(Offer("http", 9000, 80), Port("side", 9000, "")), "set-ingress-port-override:move", true},
		{"CFG302", web(Offer("http", 1000, 80)), "set-ingress-port-override:move", true},
		{
			"CFG303", web(Offer("http", 8080, 80), Port("two", 81, "http"), Offer("two", 8080, 81)),
			"set-ingress-port-override:move", true,
		},
		{"CFG304", web(Offer("http", 0, 80), mode("host")).Group("sg-node").Edit(instances), "set-network-mode", false},
		{
			"CFG305", web(Offer("http", 0, 80), Change(func(s *Spec) { s.Service.DeploymentController = "CODE_DEPLOY" })),
			"use-ecs-controller", false,
		},
		{"CFG306", network1(web(Offer("http", 0, 80)), true), "set-ingress-port-override:80", true},
		{"CFG307", web(Offer("http", 0, 80), tls()), "https-target-group:80", false},
		{
			"CFG308", web(Offer("http", 0, 80), tls()).Edit(group(func(g *model.TargetGroup) { g.Protocol = "HTTPS" })),
			"tls13-policy", false,
		},
		{"CFG309", web(Offer("lost", 0, 80)), "name-port", false},
		{
			"CFG310", web(Offer("http", 0, 80)).Group("sg-two").Service("two", Port("http", 80, "http"), Offer("http", 0, 80)),
			"rename-alias:http", false,
		},
		{"CFG311", web(Offer("http", 0, 80)).Edit(olderClient), "redeploy-caller", true},
		{
			"CFG312", web(Offer("http", 0, 80)).Edit(version("HTTP2")),
			"set-app-protocol:80", false,
		},
		{"CFG313", web(Offer("http", 8080, 80), mode("bridge"), Change(func(s *Spec) {
			s.Service.Tasks = &model.ServiceTasks{}
		})).Group("sg-node", In("tcp 8080", "sg-client"),
			In("all", "sg-alb")).Edit(instances), "remove-ingress-port-override:80", true},
		{"CFG314", web(Offer("http", 0, 80)).Edit(idle60), "set-ingress-port-override:80", true},
		{
			"CFG314", web(Offer("http", 0, 80), perRequest(5),
				tls()).Edit(idle60).Edit(group(func(g *model.TargetGroup) { g.Protocol = "HTTPS" })), "set-per-request-timeout:80",
			true,
		},
		{"CFG315", web(Offer("http", 0, 80), mapping(func(m *model.PortMapping) { m.Protocol = "udp" })), "use-tcp", false},
		{
			"CFG316", web(Offer("http", 0, 80), tls(), mode("bridge")).Group("sg-node").Edit(instances), "set-network-mode",
			false,
		},
		{"CFG319", web().Edit(checkOn("8081")), "health-check-traffic-port:tg", false},
		{
			"CFG324", web(Offer("http", 0, 80), perRequest(5), mapping(func(m *model.PortMapping) { m.AppProtocol = "" })),
			"set-per-request-timeout:drop", true,
		},
	}
}

func risks() []planned {
	return []planned{
		{"RSK401", web(Offer("http", 8080, 80), tls()), "https-target-group:80", false},
		{"RSK402", web(Offer("http", 8080, 80)).Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 80", "sg-client"),
			In("tcp 8080", "sg-client")), "close-side-door:80", true},
		{"RSK402", web(Offer("http", 8080, 80)), "narrow-rule:80", false},
		{"RSK403", web(Offer("http", 8080, 80)).Edit(checkOn("8080")), "health-check-traffic-port:tg", false},
		{"RSK404", web(Offer("http", 40000, 80)), "set-ingress-port-override:move", true},
		{"RSK405", network1(web(Offer("http", 8080, 80)), true), "separate-ports", false},
		{"INF502", web(Change(func(s *Spec) { s.Service.RunningCount = 0 })), "find-why-tasks-stop", false},
		{"INF503", web(Offer("http", 8080, 80)).Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb"),
			In("tcp 8080", "sg-client")), "close-side-door:8080", true},
		{"INF504", alone(Offer("http", 8080, 80)), "remove-ingress-port-override:80", true},
		{"INF506", web(Offer("http", 0, 80), perRequest(300),
			tls()).Edit(idle60).Edit(group(func(g *model.TargetGroup) { g.Protocol = "HTTPS" })), "raise-idle-timeout", false},
	}
}

// In each case the better plan comes first, and one that hopscope carries out keeps
// its word.
func TestEveryFindingHasItsPlan(t *testing.T) {
	tried := map[string]bool{}
	for i, c := range slices.Concat(hops(), refusals(), misconfigurations(), risks(), advised()) {
		tried[c.code] = true
		t.Run(fmt.Sprint(c.code, " ", i), func(t *testing.T) { c.check(t) })
	}
	for _, r := range rule.Catalogue() {
		if planned, _ := planner.Planned(r.Code); planned && !tried[r.Code] {
			t.Errorf("no case has plans for %s", r.Code)
		}
	}
}

func (c *planned) check(t *testing.T) {
	t.Helper()
	s := c.build.Snapshot()
	report := rule.Analyze(s)
	plans, err := planner.Plans(report)
	if err != nil {
		t.Fatal(err)
	}
	var first *fix.Plan
	for i := range plans {
		for _, code := range plans[i].Codes {
			if code == c.code && first == nil {
				first = &plans[i]
			}
		}
	}
	if first == nil {
		t.Fatalf("no plan repairs %s; findings: %s", c.code, codesOf(report))
	}
	name := strings.Replace(first.ID, "/"+first.Service.String(), "", 1)
	if name != c.want {
		t.Errorf("the first plan is %s, not %s: %s", name, c.want, first.Title)
	}
	if first.Appliable() != c.appliable {
		t.Errorf("it can be carried out: %t; refused: %+v", first.Appliable(), first.Refusal)
	}
	for i := range plans {
		if plans[i].Appliable() {
			keepsItsWord(t, s, report, &plans[i])
		}
		complete(t, &plans[i])
	}
}

func codesOf(r *rule.Analysis) string {
	var out []string
	for i := range r.Findings {
		out = append(out, r.Findings[i].Code+" of "+r.Findings[i].Service)
	}
	return strings.Join(out, ", ")
}

// complete: what a person reads says something.
func complete(t *testing.T, p *fix.Plan) {
	t.Helper()
	if p.Title == "" || p.Why == "" || len(p.Steps) == 0 {
		t.Errorf("%s says too little: %+v", p.ID, p)
	}
	// A list of titles does not tell what each is about.
	if !strings.Contains(p.Title, p.Service.Service) && !strings.Contains(p.Title, "alb") {
		t.Errorf("%s has a title that names neither the service nor the load balancer: %s", p.ID, p.Title)
	}
	for i := range p.Steps {
		if p.Steps[i].Title == "" {
			t.Errorf("%s: step %d has no title", p.ID, i)
		}
		// The output format of the user's AWS CLI may be another one, which it does not read.
		if c := p.Steps[i].Command; strings.Contains(c, " > ") && !strings.Contains(c, " --output json > ") {
			t.Errorf("%s: step %d writes a file in whatever format: %s", p.ID, i, c)
		}
	}
	if p.Appliable() && p.Undo == "" {
		t.Errorf("%s does not say how it is undone", p.ID)
	}
	if len(p.Edits()) > 0 && len(p.Risks) == 0 {
		t.Errorf("%s has no risks, although it replaces tasks", p.ID)
	}
}

// The advice admits clients by the protocol that the path says is refused.
func TestClientsAreAdmittedByTheProtocolOfTheHop(t *testing.T) {
	a := rule.Analyze(web().Group("sg-alb").Edit(func(s *model.Snapshot) {
		s.Listeners[0].Protocol = "TCP_UDP"
	}).Snapshot())
	plans, err := planner.Plans(a)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(plans, func(p fix.Plan) bool { return slices.Contains(p.Codes, "NET205") })
	if i < 0 {
		t.Fatal("no plan for NET205")
	}
	if got := plans[i].Steps[0].Command; !strings.Contains(got, "--protocol tcp --port 80") {
		t.Errorf("the command is %s", got)
	}
}

// What clients meet at a listener is one fault with one plan, whatever is behind.
func TestAClosedListenerHasOnePlan(t *testing.T) {
	on := web().TargetGroup("tg-b", LoadBalancerARN("alb")).Group("sg-second", In("tcp 80", "sg-alb")).
		Service("second", Port("http", 80, "http"), Behind("tg-b", 80)).Group("sg-alb").
		Edit(func(s *model.Snapshot) {
			s.ListenerRules[0].Actions[0].Forward = []model.WeightedTargetGroup{
				{TargetGroupARN: TargetGroupARN("tg"), Weight: 1}, {TargetGroupARN: TargetGroupARN("tg-b"), Weight: 1},
			}
		})
	a := rule.Analyze(on.Snapshot())
	plans, err := planner.Plans(a)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range plans {
		if slices.Contains(plans[i].Codes, "NET205") {
			got = append(got, fmt.Sprintf("%s repairs %d", plans[i].ID, len(plans[i].Findings)))
		}
	}
	if want := []string{"admit-clients/prod/second:alb:80 repairs 2"}; !slices.Equal(got, want) {
		t.Errorf("plans %q, want %q", got, want)
	}
}

// Rules of groups are no remedy for what a network ACL refuses.
func TestClientsThatAnACLRefusesAreLetThroughThere(t *testing.T) {
	a := rule.Analyze(web().Group("sg-alb", In("tcp 80", "192.0.2.0/24")).Edit(func(s *model.Snapshot) {
		s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
			Number: 1, Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix("192.0.2.0/24"),
		})
	}).Snapshot())
	plans, err := planner.Plans(a)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(plans, func(p fix.Plan) bool { return slices.Contains(p.Codes, "NET205") })
	if i < 0 || !strings.Contains(plans[i].Steps[0].Command, "describe-network-acls") {
		t.Errorf("%+v", plans)
	}
}
