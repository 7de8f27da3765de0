package reach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// ways describes every path into web in a line: where from, to which port, through the
// agent or not, and what came of it.
func ways(s *model.Snapshot) []string {
	var out []string
	for _, p := range paths(s) {
		if p.Target.Service != "web" || p.Source.Kind == reach.SourceHealthCheck {
			continue
		}
		line := fmt.Sprintf("%s %s → %s:%d", p.Source.Kind, p.Source.Name, p.Target.Container, p.Target.WirePort)
		if p.Source.Weight != nil {
			line += fmt.Sprintf(" (%d %%)", *p.Source.Weight)
		}
		if p.Target.Deployment != "" {
			line += " " + p.Target.Deployment
		}
		line += fmt.Sprintf(": %s, %s, %s", p.Via, p.Access, p.Verdict)
		if why := p.WhyUnknown(); why != "" {
			line += " (" + why + ")"
		}
		out = append(out, line)
	}
	return out
}

// checkWays compares the ways into the service "web".
func checkWays(t *testing.T, s *model.Snapshot, want ...string) {
	t.Helper()
	if got := ways(s); !slices.Equal(got, want) {
		t.Errorf("the ways into web are\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

const revisionARN = "arn:aws:ecs:ap-northeast-1:123456789012:service-revision/prod/web/1"

// revision gives the service "web" one current revision.
func revision(change func(*model.ServiceRevision)) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
		r := model.ServiceRevision{
			ARN: revisionARN, ServiceARN: s.Services[i].ARN,
			TaskDefinition: s.Services[i].Deployments[0].TaskDefinition,
		}
		change(&r)
		s.ServiceRevisions = []model.ServiceRevision{r}
		s.Services[i].CurrentRevisions = []model.CurrentRevision{{ARN: r.ARN, RunningCount: 1}}
	}
}

const gatewayARN = "arn:aws:ecs:ap-northeast-1:123456789012:gateway/front"

func route(s *model.Snapshot) {
	i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })
	s.GatewayRoutes = []model.GatewayRoute{{
		ARN: "arn:aws:ecs:ap-northeast-1:123456789012:gateway-route/front/1", GatewayARN: gatewayARN,
		ServiceARN: s.Services[i].ARN, PortName: "http", Status: "ACTIVE",
	}}
}

// gatewayed is a service whose load balancer belongs to a service gateway:
// DescribeServices names no load balancer.
func gatewayed(options ...func(*Spec)) *Builder {
	return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 443, "tg").
		Service("web", append([]func(*Spec){Port("http", 80, "http")}, options...)...).Edit(route)
}

func connection(s *model.Snapshot) {
	revision(func(r *model.ServiceRevision) {
		r.GatewayConnectors = []model.GatewayConnector{{PortName: "http"}}
		r.GatewayConnections = []model.GatewayConnection{{
			GatewayARN: gatewayARN, PortName: "http", Status: "ACTIVE", LoadBalancerARN: LoadBalancerARN("alb"),
			TargetGroupARN: TargetGroupARN("tg"),
		}}
	})(s)
}

func TestWaysThroughAServiceGateway(t *testing.T) {
	checkWays(t, gatewayed(Offer("http", 0, 80)).Edit(connection).Snapshot(),
		"service-connect  → web:80: agent, unknown, unknown (no other loaded service has Service Connect in this "+
			"namespace, so there is no caller to judge)",
		"service-gateway front → web:80: agent, allowed, unnecessary-hop")
	checkWays(t, gatewayed(Client()).Edit(connection).Snapshot(), "service-gateway front → web:80: direct, allowed, ok")
	checkWays(t, gatewayed(Client()).Snapshot(),
		"service-gateway front → web:80: direct, unknown, unknown (target group of service gateway front: hopscope does "+
			"not read this yet (ecs:DescribeServiceRevisions))")
	checkWays(t, gatewayed(Client()).Edit(connection).Deny(model.DescribeServiceRevisions).Snapshot(),
		"service-gateway front → web:80: direct, unknown, unknown (target group of service gateway front: "+
			"ecs:DescribeServiceRevisions is denied)")
	checkWays(t, gatewayed(Client()).Edit(connection).Deny(model.DescribeTaskDefinition).Snapshot(),
		"service-gateway front → :0: unknown, unknown, unknown (task definition web:1: "+
			"ecs:DescribeTaskDefinition is denied)")
	lost := gatewayed(Client()).Edit(connection).Edit(func(s *model.Snapshot) {
		s.TaskDefinitions[0].Containers[0].PortMappings[0].Name = "other"
	})
	checkWays(t, lost.Snapshot(),
		`service-gateway front → :0: unknown, unknown, unknown (port named "http" of task definition web:1: not in `+
			`the answer of ecs:DescribeTaskDefinition)`)
}

func TestWaysIntoAnExpressService(t *testing.T) {
	express := Change(func(s *Spec) { s.Service.ResourceManagementType = "ECS" })
	paths := revision(func(r *model.ServiceRevision) {
		r.IngressPaths = []model.IngressPath{{
			AccessType: "PUBLIC", LoadBalancerARN: LoadBalancerARN("alb"),
			TargetGroups: []model.ManagedTargetGroup{{ARN: TargetGroupARN("tg"), Port: 80, HealthCheckPort: 80}},
		}}
	})
	built := func() *Builder {
		return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 443, "tg").
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80), express)
	}
	noCaller := "service-connect  → web:80: agent, unknown, unknown (no other loaded service has Service Connect in " +
		"this namespace, so there is no caller to judge)"
	checkWays(t, built().Edit(paths).Snapshot(), "load-balancer alb → web:80: agent, allowed, unnecessary-hop", noCaller)
	checkWays(t, built().Snapshot(),
		"load-balancer  → :0: unknown, unknown, unknown (load balancer that ECS manages for web: hopscope does not read "+
			"this yet (ecs:DescribeServiceRevisions))", noCaller)
}

// Between two revisions each side of a blue/green deployment has one of the two
// target groups, as the revisions say (decision table, row 38).
func TestBothSidesOfABlueGreenDeployment(t *testing.T) {
	second := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	built := func(revisions bool) *model.Snapshot {
		return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 80, "blue").
			TargetGroup("green", LoadBalancerARN("alb")).
			Service("web", Port("http", 80, "http"), Behind("blue", 80), Offer("http", 8080, 80), Change(func(s *Spec) {
				s.Service.DeploymentStrategy = "BLUE_GREEN"
				s.Service.LoadBalancers[0].AlternateTargetGroupARN = TargetGroupARN("green")
				s.Deployment.CreatedAt = second
				old := s.Deployment
				old.ID, old.Status = "ecs-svc/0", "ACTIVE"
				old.CreatedAt, old.TaskDefinition = second.Add(-time.Hour), s.TaskDefinition.ARN
				sc := *old.ServiceConnect
				sc.Services = slices.Clone(sc.Services)
				sc.Services[0].IngressPortOverride = 0
				old.ServiceConnect = &sc
				s.Service.Deployments = []model.Deployment{old}
			})).
			Edit(func(s *model.Snapshot) {
				s.ListenerRules[0].Actions[0].Forward = []model.WeightedTargetGroup{
					{TargetGroupARN: TargetGroupARN("blue"), Weight: 90}, {TargetGroupARN: TargetGroupARN("green"), Weight: 10},
				}
				if !revisions {
					return
				}
				for i, group := range []string{"blue", "green"} {
					arn := fmt.Sprint(revisionARN, i)
					s.ServiceRevisions = append(s.ServiceRevisions, model.ServiceRevision{
						ARN: arn, TaskDefinition: s.TaskDefinitions[0].ARN, CreatedAt: second.Add(time.Duration(i-1) * time.Hour),
						LoadBalancers: []model.ResolvedLoadBalancer{{TargetGroupARN: TargetGroupARN(group)}},
					})
					s.Services[0].CurrentRevisions = append(s.Services[0].CurrentRevisions, model.CurrentRevision{ARN: arn})
				}
			}).Snapshot()
	}
	loadBalancers := func(s *model.Snapshot) []string {
		return slices.DeleteFunc(ways(s), func(w string) bool { return !strings.HasPrefix(w, "load-balancer") })
	}
	known := []string{
		"load-balancer alb → web:80 (90 %) ACTIVE: agent, allowed, unnecessary-hop",
		"load-balancer alb → web:80 (10 %): direct, allowed, ok",
	}
	if got := loadBalancers(built(true)); !slices.Equal(got, known) {
		t.Errorf("got %q, want %q", got, known)
	}
	if got := loadBalancers(built(false)); len(got) != 4 {
		t.Errorf("without the revisions each side may have either group: %q", got)
	}
}

// Network load balancers whose target is another load balancer (row 25).
func TestALoadBalancerBehindALoadBalancer(t *testing.T) {
	chained := func(alb ...GroupRule) *Builder {
		return New().Group("sg-edge").Group("sg-web", In("tcp 80", "sg-alb")).
			ALB("alb", 8000, "tg").ALB("edge", 443, "to-alb").Group("sg-alb", alb...).
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80), Behind("tg", 80)).
			Edit(func(s *model.Snapshot) {
				s.LoadBalancers[1].Type, s.Listeners[1].Protocol = "network", "TCP"
				s.TargetGroups[1].TargetType, s.TargetGroups[1].Protocol = "alb", "TCP"
				s.TargetGroups[1].Health = &model.TargetHealth{Targets: []model.Target{{
					ID: LoadBalancerARN("alb"), Port: 8000,
					State: "healthy",
				}}}
			})
	}
	direct := "load-balancer alb → web:80: agent, allowed, unnecessary-hop"
	noCaller := "service-connect  → web:80: agent, unknown, unknown (no other loaded service has Service Connect in " +
		"this namespace, so there is no caller to judge)"
	checkWays(t, chained(In("tcp 8000", "sg-edge")).Snapshot(),
		direct, "load-balancer edge → web:80: agent, allowed, unnecessary-hop", noCaller)
	checkWays(t, chained(In("tcp 9000", "sg-edge")).Snapshot(),
		"load-balancer alb → web:80: agent, blocked, broken", "load-balancer edge → web:80: agent, blocked, broken",
		noCaller)
	checkWays(t, chained(In("tcp 8000", "10.0.0.0/16")).Snapshot(),
		direct, "load-balancer edge → web:80: agent, unknown, unknown (the targets see the clients' addresses, which are "+
			"not known, and the rules do not treat all addresses alike)", noCaller)
	elsewhere := chained(In("tcp 8000", "sg-edge")).Edit(func(s *model.Snapshot) {
		s.TargetGroups[1].Health.Targets[0].Port = 9000
	})
	checkWays(t, elsewhere.Snapshot(), direct, noCaller)

	p := one(t, slices.DeleteFunc(paths(chained(In("tcp 8000", "sg-edge")).Snapshot()), func(p *reach.Path) bool {
		return p.Source.Name != "edge"
	}),
		reach.SourceLoadBalancer, "web")
	var hops []string
	for _, h := range p.Hops() {
		hops = append(hops, fmt.Sprintf("%s → %s:%d %s", h.From, h.To, h.Port, h.Access))
	}
	want := []string{
		"clients → edge:443 allowed", "edge → alb:8000 allowed", "alb → agent of web:80 allowed",
		"agent of web → app web:80 allowed",
	}
	if !slices.Equal(hops, want) || p.Source.ListenerPort != 443 || p.Facts.Front == nil {
		t.Errorf("hops are %q from port %d, want %q from port 443", hops, p.Source.ListenerPort, want)
	}
}

// Services whose deployments CodeDeploy or another program makes have task sets
// instead: each has its own target groups, and none has Service Connect.
func TestTaskSetsAreVersionsOfTheirOwn(t *testing.T) {
	set := func(id, status string, running int, group string) func(*Spec) {
		return Change(func(s *Spec) {
			s.Service.DeploymentController = "CODE_DEPLOY"
			s.Service.TaskSets = append(s.Service.TaskSets, model.TaskSet{
				ID: id, Status: status, TaskDefinition: s.TaskDefinition.ARN, RunningCount: running, Network: s.Deployment.Network,
				LoadBalancers: []model.ServiceLoadBalancer{{
					TargetGroupARN: TargetGroupARN(group), ContainerName: "web",
					ContainerPort: 80,
				}},
			})
		})
	}
	built := func(green int) *model.Snapshot {
		return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 80, "blue").
			ALB("test", 8080, "green").
			Group("sg-test").
			Service("web", Port("http", 80, "http"), set("ecs-svc/1", "PRIMARY", 1, "blue"),
				set("ecs-svc/2", "ACTIVE", green, "green")).
			Edit(func(s *model.Snapshot) { s.Services[0].Deployments = nil }).Snapshot()
	}
	checkWays(t, built(1), "load-balancer alb → web:80: direct, allowed, ok",
		"load-balancer test → web:80 ACTIVE: direct, blocked, broken")
	checkWays(t, built(0), "load-balancer alb → web:80: direct, allowed, ok")
}

// A namespace that another account shares is not in the list of this one: its ARN
// is its name (docs/traffic.md, Service Connect).
func TestServicesShareANamespaceOfAnotherAccount(t *testing.T) {
	const shared = "arn:aws:servicediscovery:ap-northeast-1:999999999999:namespace/ns-shared"
	in := func(namespace string) func(*Spec) {
		return Change(func(s *Spec) { s.Deployment.ServiceConnect.Namespace = namespace })
	}
	callers := func(namespace string) int {
		s := New().Group("sg-web", In("tcp 80", "sg-client")).Group("sg-client").
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80), in(shared)).
			Service("client", Client(), in(namespace), Change(func(s *Spec) { s.Service.Cluster = "other" })).Snapshot()
		return one(t, paths(s), reach.SourceServiceConnect, "web").Source.Services.Len()
	}
	if got := callers(shared); got != 1 {
		t.Errorf("%d callers share the namespace across clusters, want 1", got)
	}
	if got := callers("ns"); got != 0 {
		t.Errorf("%d callers of another namespace", got)
	}
}

// Where the task definition has lost the name of a port, callers to whom every port is
// refused are refused; of others it cannot be said.
func TestCallersOfALostPortAreRefusedWhereEveryPortIs(t *testing.T) {
	const lost = "service-connect  → :0: unknown, "
	for name, c := range map[string]struct {
		rules []GroupRule
		want  string
	}{
		"no rule at all":          {nil, "blocked, unknown"},
		"rules for another group": {[]GroupRule{In("all", "sg-other")}, "blocked, unknown"},
		"rules for IPv6":          {[]GroupRule{In("all", "::/0")}, "blocked, unknown"},
		"UDP":                     {[]GroupRule{In("udp 0-65535", "sg-client")}, "blocked, unknown"},
		"one port":                {[]GroupRule{In("tcp 65535", "sg-client")}, "unknown, unknown"},
		"every port":              {[]GroupRule{In("all", "sg-client")}, "unknown, unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			s := New().Group("sg-client").Service("client", Client()).Group("sg-other").Group("sg-web", c.rules...).
				Service("web", Port("http", 80, "http"), Offer("lost", 0, 80)).Snapshot()
			got := ways(s)
			if len(got) != 1 || !strings.HasPrefix(got[0], lost+c.want) {
				t.Errorf("%q", got)
			}
			hop := one(t, paths(s), "service-connect", "web").Crossing()
			if hop.Needed != "" || hop.Access == reach.Blocked && !strings.Contains(hop.Why, "tcp 1-65535") {
				t.Errorf("%s; needed %q", hop.Why, hop.Needed)
			}
		})
	}
}
