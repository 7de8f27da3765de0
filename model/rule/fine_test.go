package rule_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/export"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, p := range all {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// bareNLB turns the load balancer into a network load balancer without groups, of
// whose target group the attributes were not read.
func bareNLB(s *model.Snapshot) {
	networkLoadBalancer(s)
	s.LoadBalancers[0].SecurityGroups, s.TargetGroups[0].Attributes = nil, nil
}

func registered(port int) func(*Spec) {
	return Change(func(s *Spec) {
		s.Service.ServiceRegistries = []model.ServiceRegistry{{
			RegistryARN: "arn:aws:servicediscovery:r:1:service/srv-1", ContainerName: "web", ContainerPort: port,
		}}
	})
}

// deploymentOf adds an ACTIVE deployment to a service, made from its first one.
func deploymentOf(name, id string, change func(*model.Deployment)) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		for i := range s.Services {
			if s.Services[i].Name != name {
				continue
			}
			d := s.Services[i].Deployments[0]
			if d.ServiceConnect != nil {
				sc := *d.ServiceConnect
				sc.Services = slices.Clone(sc.Services)
				d.ServiceConnect = &sc
			}
			d.ID, d.Status = id, "ACTIVE"
			change(&d)
			s.Services[i].Deployments = append(s.Services[i].Deployments, d)
		}
	}
}

func unread(id string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.SecurityGroups = slices.DeleteFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == id })
		s.Gaps = append(s.Gaps, model.Gap{
			Action: model.DescribeSecurityGroups, Resource: id, State: model.Denied,
			Error: "UnauthorizedOperation",
		})
	}
}

// Each of these was once answered with a verdict that was better than the facts
// allow.
func TestNothingIsFinerThanTheFactsAllow(t *testing.T) {
	groups := func(ids ...string) func(*Spec) {
		return Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = ids })
	}
	tests := []struct {
		name  string
		build *Builder
		kind  reach.SourceKind
		want  reach.Verdict
	}{
		{
			"an unread group beside one that knows only addresses, behind a load balancer without groups",
			web(Client(), groups("sg-web", "sg-extra")).Group("sg-web", In("tcp 80", "10.0.0.0/16")).Edit(bareNLB).
				Edit(unread("sg-extra")), lbPath, reach.Unknown,
		},
		{"open to all of IPv6 is not open to IPv4", web(Client()).
			Group("sg-web", In("tcp 80", "::/0"), In("tcp 80", "10.0.0.0/16")).Edit(bareNLB), lbPath, reach.Unknown},
		{"groups open to clients, the ACL to the VPC alone", web(Client()).Group("sg-web", In("tcp 80", "0.0.0.0/0")).
			Edit(bareNLB).Edit(func(s *model.Snapshot) {
			for i := range s.NetworkACLs[0].Entries {
				s.NetworkACLs[0].Entries[i].CIDR = netip.MustParsePrefix("10.0.0.0/16")
			}
		}), lbPath, reach.Unknown},
		{
			"UDP keeps the client's address even behind a load balancer with groups",
			web(Client()).Group("sg-web", In("all", "10.0.0.0/16")).Edit(networkLoadBalancer).Edit(func(s *model.Snapshot) {
				s.TargetGroups[0].Protocol = "UDP"
			}), lbPath, reach.Unknown,
		},
		{"TCP_UDP with UDP closed", web(Client()).Group("sg-web", In("tcp 80", "sg-alb")).Edit(networkLoadBalancer).
			Edit(func(s *model.Snapshot) {
				s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "TCP_UDP", "TCP_UDP"
			}), lbPath, reach.Broken},
		{"an IPv6 target group in subnets without IPv6", web(Client()).Edit(func(s *model.Snapshot) {
			s.TargetGroups[0].IPAddressType = "ipv6"
		}), lbPath, reach.Unknown},
		{"a load balancer without a subnet", web(Client()).Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].Subnets = nil
		}), lbPath, reach.Unknown},
		{"an IPv4 caller and an IPv6 task", New().Group("sg-client", Out("tcp 80", "sg-web")).
			Group("sg-web", In("all", "sg-client")).
			Service("client", Client(), Change(func(s *Spec) { s.Deployment.Network.Subnets = []string{SubnetA} })).
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80), Change(func(s *Spec) {
				s.Deployment.Network.Subnets = []string{SubnetB}
			})).
			Edit(func(s *model.Snapshot) { s.Subnets[1].CIDRs = prefixes("2001:db8::/64") }), scPath, reach.Unknown},
		{"a load balancer on a port of a listed range", web(Change(func(s *Spec) {
			s.TaskDefinition.Containers[0].PortMappings = append(s.TaskDefinition.Containers[0].PortMappings,
				model.PortMapping{Name: "range", ContainerPortRange: "8000-8010"})
			s.Service.LoadBalancers[0].ContainerPort = 8005
		}), Offer("range", 0, 80)), lbPath, reach.Unknown},
		{"two endpoints of one service with one name", web(Offer("http", 0, 80), Port("admin", 9000, "http"),
			Offer("admin", 0, 80), Change(func(s *Spec) {
				for i := range s.Deployment.ServiceConnect.Services {
					s.Deployment.ServiceConnect.Services[i].ClientAliases[0].DNSName = "web"
				}
			})), scPath, reach.Broken},
		{
			"service discovery past TLS", web(Offer("http", 8443, 443), withTLS(), registered(80)), reach.SourceServiceDiscovery,
			reach.Risk,
		},
		{
			"service discovery into TLS", web(Offer("http", 0, 443), withTLS(), registered(80)), reach.SourceServiceDiscovery,
			reach.Unknown,
		},
		{"service discovery of a UDP port that only TCP may reach", web(registered(80), mapping(func(m *model.PortMapping) {
			m.Protocol = "udp"
		})).
			Group("sg-web", In("tcp 80", "sg-client")), reach.SourceServiceDiscovery, reach.Closed},
		{"a health check port that is none", web(Offer("http", 0, 80)).Edit(targetGroup(func(g *model.TargetGroup) {
			g.HealthCheck.Port = "80abc"
		})), hcPath, reach.Unknown},
		{"TLS passed through by a load balancer of TCP", web(Offer("http", 0, 443), withTLS()).
			Edit(networkLoadBalancer), lbPath, reach.Unknown},
		{
			"the caller's egress refuses, and the group that may invite it was not read",
			web(Offer("http", 0, 80), groups("sg-web", "sg-extra")).
				Group("sg-web").Group("sg-client", NoEgress()).Edit(unread("sg-extra")), scPath, reach.Unknown,
		},
		{"only an ACL refuses", web(Offer("http", 0, 80)).Group("sg-web", In("tcp 80", "10.0.0.0/16")).
			Edit(func(s *model.Snapshot) {
				s.NetworkACLs[0].Entries = append([]model.NetworkACLEntry{{
					Number: 1, Protocol: "6", FromPort: 80, ToPort: 80,
					CIDR: netip.MustParsePrefix("10.0.0.0/20"),
				}}, s.NetworkACLs[0].Entries...)
			}), scPath, reach.Broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := pathOf(t, rule.Analyze(tt.build.Snapshot()), tt.kind, "web")
			if p.Verdict != tt.want {
				t.Errorf("verdict %s (via %s, access %s), want %s: %s; %+v", p.Verdict, p.Via, p.Access, tt.want,
					p.ViaWhy(), p.Missing)
			}
		})
	}
}

func TestACallerInTransitionIsJudgedByEachOfItsDeployments(t *testing.T) {
	r := rule.Analyze(New().Group("sg-client").Group("sg-old").Group("sg-web", In("tcp 80", "sg-client")).
		Service("client", Client()).Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).
		Edit(deploymentOf("client", "ecs-svc/0", func(d *model.Deployment) {
			d.Network = &model.Network{Subnets: []string{SubnetA}, SecurityGroups: []string{"sg-old"}}
		})).Snapshot())
	var got []string
	for _, p := range r.Paths {
		for ref := range p.Source.Services.All() {
			got = append(got, fmt.Sprint(ref.Service, " ", p.Access))
		}
	}
	if !slices.Equal(got, []string{"client allowed", "client blocked"}) {
		t.Errorf("the client's deployments meet %v", got)
	}
}

func TestNobodyIsAdmittedIsNotSaidOfServicesThatWereNotRead(t *testing.T) {
	arn := "arn:aws:servicediscovery:" + Region + ":" + Account + ":namespace/ns-1"
	byARN := Change(func(s *Spec) { s.Deployment.ServiceConnect.Namespace = arn })
	cases := map[string]*Builder{
		"not loaded": New().Group("sg-a").Group("sg-b").Group("sg-web", In("tcp 80", "sg-b")).
			Service("a", Client()).Service("b", Client()).Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).
			Edit(func(s *model.Snapshot) {
				s.Services[1] = model.Service{Name: "b", Cluster: "prod"}
				s.Gaps = []model.Gap{{Action: model.DescribeServices, Resource: "b", State: model.Loading}}
			}),
		"in a namespace whose name cannot be resolved": New().Group("sg-a").Group("sg-b").
			Group("sg-web", In("tcp 80", "sg-b")).
			Service("a", Client(), byARN).Service("b", Client()).
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80), byARN).
			Deny(model.ListNamespaces),
	}
	for name, b := range cases {
		for _, f := range rule.Analyze(b.Snapshot()).Findings {
			if f.Severity != rule.Info {
				t.Errorf("%s: %s %s: %s", name, f.Severity, f.Code, f.Title())
			}
		}
	}
}

// Of an endpoint that admits no caller that is known it is not known whether that is least
// privilege, as long as there may be callers that are not known.
func TestRefusedCallersAreNotClosedWhileOthersMayBeAdmitted(t *testing.T) {
	lonely := func() *Builder {
		return New().Group("sg-a").Group("sg-web").Service("a", Client()).
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80))
	}
	whole := rule.Analyze(lonely().Snapshot())
	if p := pathOf(t, whole, scPath, "web"); p.Verdict != reach.Broken {
		t.Fatalf("with all services known: %s", p.Verdict)
	}
	for name, gap := range map[string]model.Gap{
		"filtered": {Action: model.ListServices, Resource: "prod", State: model.Absent, Error: "FILTERED"},
		"loading":  {Action: model.ListServices, State: model.Loading},
		"denied":   {Action: model.ListClusters, State: model.Denied},
	} {
		r := rule.Analyze(lonely().Edit(func(s *model.Snapshot) { s.Gaps = append(s.Gaps, gap) }).Snapshot())
		p := pathOf(t, r, scPath, "web")
		lacks := func(m model.Missing) bool { return m.Action == gap.Action && m.State == gap.State }
		if p.Verdict != reach.Unknown || p.Access != reach.Blocked || !slices.ContainsFunc(p.Missing, lacks) {
			t.Errorf("%s: %s, %s, missing %v", name, p.Verdict, p.Access, p.Missing)
		}
		for _, f := range r.Findings {
			if f.Code == "NET201" && !strings.Contains(f.Detail(), "Whether that is least privilege is not known") {
				t.Errorf("%s: %s", name, f.Detail())
			}
		}
	}
}

// A caller that may be admitted is not one that is: as long as none is known to be,
// the refused ones are neither at fault nor rightly refused.
func TestRefusedCallersAreNotClosedWhileAnotherCallerIsUndecided(t *testing.T) {
	two := func(edit func(*model.Snapshot), rules ...GroupRule) *rule.Analysis {
		return rule.Analyze(New().Group("sg-a").Group("sg-b").Group("sg-web", rules...).
			Service("a", Client()).Service("b", Client()).
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).Edit(edit).Snapshot())
	}
	refused := func(a *rule.Analysis) *reach.Path {
		for _, p := range a.Paths {
			if p.Source.Services.Contains(model.Ref{Cluster: "prod", Service: "a"}) && p.Target.Service == "web" {
				return p
			}
		}
		t.Fatal("no path of a")
		return nil
	}
	known := func(*model.Snapshot) {}
	unreadGroup := func(s *model.Snapshot) {
		s.SecurityGroups = slices.DeleteFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == "sg-b" })
	}
	if p := refused(two(known)); p.Verdict != reach.Broken {
		t.Errorf("both are refused: %s, want broken", p.Verdict)
	}
	if p := refused(two(known, In("tcp 80", "sg-b"))); p.Verdict != reach.Closed {
		t.Errorf("b is admitted: %s, want closed", p.Verdict)
	}
	p := refused(two(unreadGroup, In("tcp 80", "sg-b")))
	if p.Verdict != reach.Unknown || p.Access != reach.Blocked || len(p.Missing) != 1 ||
		p.Missing[0].Action != model.DescribeSecurityGroups {
		t.Errorf("the group of b was not read: %s, %s, missing %v; want unknown, blocked, its group",
			p.Verdict, p.Access, p.Missing)
	}
}

func TestAnAddressRuleOnTheContainerPortIsNoSignThatACallerIsExpected(t *testing.T) {
	r := rule.Analyze(web(Offer("http", 8080, 80)).Group("sg-other").Service("other", Client()).
		Group("sg-web", In("tcp 80", "10.0.0.0/16"), In("tcp 8080", "sg-other")).Snapshot())
	for _, p := range r.Paths {
		if p.Source.Services.Contains(model.Ref{Cluster: "prod", Service: "client"}) && p.Verdict != reach.Closed {
			t.Errorf("verdict %s: %v", p.Verdict, p.Findings)
		}
	}
}

func TestSmallWeightsAreNotIdle(t *testing.T) {
	r := rule.Analyze(web(Offer("http", 0, 80)).TargetGroup("tg2").Edit(func(s *model.Snapshot) {
		s.ListenerRules[0].Actions = []model.ListenerAction{{Type: "forward", Forward: []model.WeightedTargetGroup{
			{TargetGroupARN: TargetGroupARN("tg"), Weight: 1}, {TargetGroupARN: TargetGroupARN("tg2"), Weight: 999},
		}}}
	}).Snapshot())
	if p := pathOf(t, r, lbPath, "web"); *p.Source.Weight != 1 || r.Findings[0].Severity != rule.Warning {
		t.Errorf("weight %d, %s %s", *p.Source.Weight, r.Findings[0].Severity, r.Findings[0].Title())
	}
}

func TestAnAliasThatRefusesTheClientIsNotAdvised(t *testing.T) {
	r := rule.Analyze(New().Group("sg-client").Group("sg-x").Group("sg-alb", In("tcp 80", "sg-client")).
		Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 18080", "sg-x")).ALB("alb", 80, "tg").
		Service("client", Client()).Service("x", Client()).
		Service("web", Port("http", 80, "http"), Behind("tg", 80), Offer("http", 18080, 80)).Snapshot())
	if got := titles(r, "HOP103"); len(got) != 0 {
		t.Errorf("advised: %v", got)
	}
}

// Tasks that no service started cannot use the alias: they are a reason for the load
// balancer, and each is counted once.
func TestStandaloneTasksAreAReasonForALoadBalancer(t *testing.T) {
	s := web(Offer("http", 8080, 80)).Group("sg-alb", In("tcp 80", "sg-client"), In("tcp 80",
		"sg-report")).Group("sg-report").Snapshot()
	if text := findingOf(t, rule.Analyze(s), "HOP103").Detail(); strings.Contains(text, "standalone") {
		t.Error(text)
	}
	task := model.StandaloneTask{NetworkInterface: "eni-1"}
	task.TaskDefinition = "arn:aws:ecs:r:1:task-definition/nightly-report:1"
	s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Tasks: []model.StandaloneTask{task}}}
	s.NetworkInterfaces = []model.NetworkInterface{{ID: "eni-1", SecurityGroups: []string{"sg-client", "sg-report"}}}
	const want = "1 standalone task of nightly-report may come too: tasks that no service started cannot use Service " +
		"Connect, so the load balancer is right for them."
	if text := findingOf(t, rule.Analyze(s), "HOP103").Detail(); !strings.HasSuffix(text, want) {
		t.Error(text)
	}
}

func TestUnreadRulesOfAnotherListenerShow(t *testing.T) {
	r := rule.Analyze(web(Offer("http", 0, 80)).Edit(func(s *model.Snapshot) {
		l := s.Listeners[0]
		l.ARN, l.Port = l.ARN+"x", 443
		l.DefaultActions = []model.ListenerAction{{Type: "fixed-response"}}
		s.Listeners = append(s.Listeners, l)
		s.Gaps = append(s.Gaps, model.Gap{
			Action: model.DescribeRules, Resource: l.ARN, State: model.Failed,
			Error: "Throttling",
		})
	}).Snapshot())
	if !slices.ContainsFunc(r.Paths, func(p *reach.Path) bool {
		return p.Source.Kind == lbPath && p.Verdict == reach.Unknown
	}) {
		t.Error("no path says that the rules of :443 are not known")
	}
}

// IDs identify a path, and places stay where they are, whichever services call.
func TestIDsAreUniqueAndPlacesStay(t *testing.T) {
	build := func(extra bool) []string {
		b := web(Offer("http", 18080, 80)).Group("sg-web", In("all", "10.0.0.0/16"), In("tcp 80", "sg-alb")).
			Edit(deploymentOf("web", "ecs-svc/2", func(d *model.Deployment) {
				d.ServiceConnect.Services[0].IngressPortOverride = 0
			})).
			Edit(deploymentOf("web", "ecs-svc/3", func(d *model.Deployment) {
				d.ServiceConnect.Services[0].IngressPortOverride = 17000
			}))
		if extra {
			b.Group("sg-aaa").Service("aaa", Client())
		}
		var ids, places []string
		for _, p := range rule.Analyze(b.Snapshot()).Paths {
			if slices.Contains(ids, p.ID) {
				t.Errorf("%s is there twice", p.ID)
			}
			ids, places = append(ids, p.ID), append(places, p.Place.String())
		}
		return places
	}
	if before, after := build(false), build(true); !slices.Equal(before, after) {
		t.Errorf("another caller moved the places:\n%s\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

func TestTheReportHasNoNullsAndNoEmptyReasons(t *testing.T) {
	for _, row := range decisionTable() {
		if row.edit != nil {
			row.build.Edit(row.edit)
		}
		var data strings.Builder
		if err := export.JSON(&data, report.New(rule.Analyze(row.build.Snapshot()), nil)); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{": null", `"why": ""`, `"title": ""`, `"detail": ""`} {
			if at := strings.Index(data.String(), bad); at >= 0 {
				t.Errorf("row %s %s has %s: …%s", row.row, row.name, bad, data.String()[max(0, at-120):at+len(bad)])
			}
		}
	}
}

// What has a group of another account is not read: that hides no other fault.
func TestClientsOfAnotherAccountHideNoRefusal(t *testing.T) {
	a := rule.Analyze(web().Group("sg-alb", In("tcp 80", "sg-far")).Group("sg-web", In("all", "sg-client")).
		Edit(func(s *model.Snapshot) {
			for i := range s.SecurityGroups {
				if g := &s.SecurityGroups[i]; g.ID == "sg-alb" {
					g.Ingress[0].Group.Account = "999999999999"
				}
			}
		}).Snapshot())
	if f := findingOf(t, a, "NET202"); f.Severity != rule.Error {
		t.Errorf("%s: %s", f.Severity, f.Title())
	}
	for _, n := range a.NotChecked() {
		if n.Code != "NET205" && n.Needs == model.DescribeSecurityGroups {
			t.Errorf("%s is not checked for want of %s, which was read", n.Code, n.Needs)
		}
	}
}
