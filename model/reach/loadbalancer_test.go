package reach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// behind is a service on port 80 behind a load balancer that its group admits.
func behind(options ...func(*Spec)) *Builder {
	return New().Group("sg-alb").Group("sg-web", In("tcp 80", "sg-alb")).ALB("alb", 80, "tg").
		Service("web", append([]func(*Spec){Port("http", 80, "http"), Behind("tg", 80)}, options...)...)
}

// sources describes the sources of the paths into a service.
func sources(all []*reach.Path) []string {
	var out []string
	for _, p := range all {
		s := fmt.Sprintf("%s %s:%d rule %s → %s:%d", p.Source.Kind, p.Source.Name, p.Source.ListenerPort, p.Source.Rule,
			p.Source.TargetGroup, p.Target.WirePort)
		if p.Source.Weight != nil {
			s += fmt.Sprintf(" (%d %%)", *p.Source.Weight)
		}
		out = append(out, s)
	}
	return out
}

func TestEachRuleAndTargetGroupIsAPath(t *testing.T) {
	forward := func(weights ...int) []model.ListenerAction {
		var to []model.WeightedTargetGroup
		for i, w := range weights {
			to = append(to, model.WeightedTargetGroup{TargetGroupARN: TargetGroupARN([]string{"tg", "other"}[i]), Weight: w})
		}
		return []model.ListenerAction{{Type: "authenticate-oidc"}, {Type: "forward", Forward: to}}
	}
	rule := func(s *model.Snapshot, priority string, actions []model.ListenerAction) {
		s.ListenerRules = slices.Insert(s.ListenerRules, len(s.ListenerRules)-1, model.ListenerRule{
			ARN: "rule-" + priority, ListenerARN: s.Listeners[0].ARN, Priority: priority, Actions: actions,
		})
	}
	tests := []struct {
		name string
		edit func(*model.Snapshot)
		want []string
	}{
		{"the default rule alone", func(*model.Snapshot) {}, []string{
			"health-check alb:0 rule  → tg:80", "load-balancer alb:80 rule default → tg:80",
		}},
		{"a rule behind an authentication", func(s *model.Snapshot) { rule(s, "10", forward(1)) }, []string{
			"health-check alb:0 rule  → tg:80", "load-balancer alb:80 rule 10 → tg:80",
			"load-balancer alb:80 rule default → tg:80",
		}},
		{"a weighted rule", func(s *model.Snapshot) { rule(s, "10", forward(3, 1)) }, []string{
			"health-check alb:0 rule  → tg:80", "load-balancer alb:80 rule 10 → tg:80 (75 %)",
			"load-balancer alb:80 rule default → tg:80",
		}},
		{"the idle side of a blue/green deployment", func(s *model.Snapshot) { rule(s, "10", forward(0, 100)) }, []string{
			"health-check alb:0 rule  → tg:80", "load-balancer alb:80 rule 10 → tg:80 (0 %)",
			"load-balancer alb:80 rule default → tg:80",
		}},
		{"a default rule that redirects", func(s *model.Snapshot) {
			s.ListenerRules[0].Actions = []model.ListenerAction{{Type: "redirect"}}
		}, nil},
		{"health checks switched off", func(s *model.Snapshot) { s.TargetGroups[0].HealthCheck.Enabled = false }, []string{
			"load-balancer alb:80 rule default → tg:80",
		}},
		{"a target group that no load balancer uses", func(s *model.Snapshot) {
			s.LoadBalancers, s.Listeners, s.ListenerRules, s.TargetGroups[0].LoadBalancers = nil, nil, nil, nil
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sources(paths(behind().Edit(tt.edit).Snapshot())); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestUnreadRulesLeaveTheWayKnownAndThePathUnknown(t *testing.T) {
	for _, action := range []model.Action{
		model.DescribeRules, model.DescribeListeners, model.DescribeLoadBalancers, model.DescribeTargetGroups,
	} {
		p := one(t, paths(behind(Offer("http", 0, 80)).Deny(action).Snapshot()), reach.SourceLoadBalancer, "web")
		if p.Via != reach.ViaAgent || p.Verdict != reach.Unknown {
			t.Errorf("without %s: via %s, verdict %s", action, p.Via, p.Verdict)
		}
		if !slices.ContainsFunc(p.Missing, func(m model.Missing) bool {
			return m.Action == action && m.State == model.Denied
		}) {
			t.Errorf("without %s the path misses %v", action, p.Missing)
		}
	}
}

func TestATargetGroupOfIPv6IsReachedOverIPv6(t *testing.T) {
	admits := func(cidr, family string) reach.Access {
		s := behind().Group("sg-web", In("tcp 80", cidr)).Edit(v6Only).Edit(func(s *model.Snapshot) {
			s.Subnets[0].CIDRs = append(s.Subnets[0].CIDRs, New().Snapshot().Subnets[0].CIDRs...)
			s.Subnets[1].CIDRs = append(s.Subnets[1].CIDRs, New().Snapshot().Subnets[1].CIDRs...)
			s.TargetGroups[0].IPAddressType = family
		}).Snapshot()
		return one(t, paths(s), reach.SourceLoadBalancer, "web").Access
	}
	for _, tt := range []struct {
		cidr, family string
		want         reach.Access
	}{
		{"2001:db8::/32", "ipv6", reach.Allowed},
		{"10.0.0.0/16", "ipv6", reach.Blocked},
		{"10.0.0.0/16", "ipv4", reach.Allowed},
		{"2001:db8::/32", "ipv4", reach.Blocked},
	} {
		if got := admits(tt.cidr, tt.family); got != tt.want {
			t.Errorf("a rule for %s and targets of %s: %s, want %s", tt.cidr, tt.family, got, tt.want)
		}
	}
}

func TestANetworkLoadBalancerWithoutGroups(t *testing.T) {
	bare := func(s *model.Snapshot) { s.LoadBalancers[0].Type, s.LoadBalancers[0].SecurityGroups = "network", nil }
	for _, tt := range []struct {
		name string
		rule GroupRule
		want reach.Access
	}{
		{"open to all", In("tcp 80", "0.0.0.0/0"), reach.Allowed},
		{"closed to all", In("tcp 81", "0.0.0.0/0"), reach.Blocked},
		{
			"open to its subnets: it depends on whether targets see its address", In("tcp 80", "10.0.0.0/16"),
			reach.AccessUnknown,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := one(t, paths(behind().Group("sg-web", tt.rule).Edit(bare).Snapshot()), reach.SourceLoadBalancer, "web")
			if p.Access != tt.want {
				t.Errorf("access %s, want %s: %s", p.Access, tt.want, p.Hops()[0].Why)
			}
		})
	}
}

// A rollout: old tasks without the override, new ones with it.
func TestDeploymentsInTransitionAreJudgedEachByItsOwn(t *testing.T) {
	old := func(change func(*model.Deployment)) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			for i := range s.Services {
				if s.Services[i].Name == "web" {
					d := s.Services[i].Deployments[0]
					sc := *d.ServiceConnect
					sc.Services = slices.Clone(sc.Services)
					d.ID, d.Status, d.ServiceConnect = "ecs-svc/0", "ACTIVE", &sc
					change(&d)
					s.Services[i].Deployments = append(s.Services[i].Deployments, d)
				}
			}
		}
	}
	ways := func(s *model.Snapshot) []string {
		var out []string
		for _, p := range paths(s) {
			if p.Source.Kind == reach.SourceLoadBalancer {
				out = append(out, fmt.Sprintf("%s %s", p.Target.Deployment, p.Via))
			}
		}
		return out
	}
	different := behind(Offer("http", 8080, 80)).Edit(old(func(d *model.Deployment) {
		d.ServiceConnect.Services[0].IngressPortOverride = 0
	})).Snapshot()
	if got := ways(different); !slices.Equal(got, []string{"PRIMARY direct", "ACTIVE agent"}) {
		t.Errorf("different deployments: %v", got)
	}
	same := behind(Offer("http", 8080, 80)).Edit(old(func(*model.Deployment) {})).Snapshot()
	if got := ways(same); !slices.Equal(got, []string{" direct"}) {
		t.Errorf("equal deployments: %v", got)
	}
	gone := behind(Offer("http", 8080, 80)).Edit(old(func(d *model.Deployment) {
		d.ServiceConnect.Services[0].IngressPortOverride, d.RunningCount = 0, 0
	})).Snapshot()
	if got := ways(gone); !slices.Equal(got, []string{" direct"}) {
		t.Errorf("an old deployment without tasks: %v", got)
	}
}

// Whether targets see the clients' addresses is an attribute of the target group:
// known, it settles what rules by address mean.
func TestPreservedClientAddresses(t *testing.T) {
	outcome := func(rule GroupRule, edits ...func(*model.Snapshot)) string {
		b := behind().Group("sg-web", rule).Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].Type, s.Listeners[0].Protocol, s.TargetGroups[0].Protocol = "network", "TCP", "TCP"
		})
		for _, edit := range edits {
			b.Edit(edit)
		}
		return string(one(t, paths(b.Snapshot()), reach.SourceLoadBalancer, "web").Access)
	}
	attributes := func(a model.TargetGroupAttributes) func(*model.Snapshot) {
		return func(s *model.Snapshot) { s.TargetGroups[0].Attributes = &a }
	}
	preserved := attributes(model.TargetGroupAttributes{PreserveClientIP: true})
	hidden := attributes(model.TargetGroupAttributes{})
	bare := func(s *model.Snapshot) { s.LoadBalancers[0].SecurityGroups = nil }
	vpc, world, office, group := In("tcp 80", "10.0.0.0/16"), In("tcp 80", "0.0.0.0/0"), In("tcp 80",
		"203.0.113.0/24"), In("tcp 80", "sg-alb")
	for _, tt := range []struct {
		name  string
		got   string
		wants string
	}{
		{"hidden, the load balancer's addresses admitted", outcome(vpc, hidden, bare), "allowed"},
		{"hidden, only others admitted", outcome(office, hidden, bare), "blocked"},
		{"preserved, the load balancer's addresses admitted", outcome(vpc, preserved, bare), "unknown"},
		{"preserved, only others admitted", outcome(office, preserved, bare), "unknown"},
		{"preserved, everybody admitted", outcome(world, preserved, bare), "allowed"},
		{"preserved, no client admitted", outcome(In("tcp 81", "0.0.0.0/0"), preserved, bare), "blocked"},
		{"preserved, its group admitted", outcome(group, preserved), "allowed"},
		{"preserved behind a group, by address", outcome(vpc, preserved), "unknown"},
		{"not read, by address", outcome(vpc), "unknown"},
		{"not read, its group admitted", outcome(group), "allowed"},
	} {
		if tt.got != tt.wants {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.wants)
		}
	}
}

// The target optimizer's control port is a second port that must be open.
func TestTheTargetControlPortMustBeOpenToo(t *testing.T) {
	access := func(rules ...GroupRule) reach.Access {
		s := behind().Group("sg-web", rules...).Edit(func(s *model.Snapshot) {
			s.TargetGroups[0].TargetControlPort = 3000
		}).Snapshot()
		return one(t, paths(s), reach.SourceLoadBalancer, "web").Access
	}
	if got := access(In("tcp 80", "sg-alb")); got != reach.Blocked {
		t.Errorf("with the control port shut the path is %s", got)
	}
	if got := access(In("tcp 80", "sg-alb"), In("tcp 3000", "sg-alb")); got != reach.Allowed {
		t.Errorf("with both ports open the path is %s", got)
	}
}

func TestTheNetworkModeMustBeKnownForTheWirePort(t *testing.T) {
	s := behind(Change(func(s *Spec) {
		s.Deployment.Network = nil
	})).Group("sg-node", In("tcp 80", "sg-alb")).Edit(instances("sg-node")).
		Deny(model.DescribeTaskDefinition).Snapshot()
	checkWays(t, s, "load-balancer alb → web:0: unknown, unknown, unknown (task definition web:1: "+
		"ecs:DescribeTaskDefinition is denied)")
}

func TestTheNameThatServiceDiscoveryFindsATaskBy(t *testing.T) {
	s := behind(Change(func(s *Spec) {
		s.Service.ServiceRegistries = []model.ServiceRegistry{{
			RegistryARN:   "arn:aws:servicediscovery:r:1:service/srv-1",
			ContainerName: "web", ContainerPort: 80,
		}}
	})).Edit(func(s *model.Snapshot) {
		s.DiscoveryServices = []model.DiscoveryService{{
			ID: "srv-1", ARN: "arn:aws:servicediscovery:r:1:service/srv-1", Name: "backend", Namespace: s.Namespaces[0].ARN,
		}}
	})
	if got := one(t, paths(s.Snapshot()), reach.SourceServiceDiscovery, "web").Source.Endpoint; got != "backend.ns:80" {
		t.Errorf("the endpoint is %q, want backend.ns:80", got)
	}
	if got := one(t, paths(s.Deny(model.ListDiscoveryServices).Snapshot()), reach.SourceServiceDiscovery, "web").
		Source.Endpoint; got != "" {
		t.Errorf("the endpoint is %q although it was not read", got)
	}
}
