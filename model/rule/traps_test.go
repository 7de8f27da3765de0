package rule_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// trap is a configuration about which a tool that reads one field too few says
// that all is well, or that all is broken (docs/aws.md, Service Connect and Load balancing).
type trap struct {
	name  string
	build *Builder
	kind  reach.SourceKind
	// want are the ways of that kind into "web": access and verdict.
	want []string
}

func TestTraps(t *testing.T) {
	for _, tt := range slices.Concat(interceptionTraps(), deploymentTraps(), listenerTraps(), networkTraps(),
		healthTraps(), namespaceTraps()) {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range rule.Analyze(tt.build.Snapshot()).Paths {
				if p.Source.Kind == tt.kind && p.Target.Service == "web" {
					got = append(got, fmt.Sprintf("%d %s %s %s", p.Target.WirePort, p.Via, p.Access, p.Verdict))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func tlsOf(i int) func(*Spec) {
	return Change(func(s *Spec) { s.Deployment.ServiceConnect.Services[i].TLS = &model.TLS{} })
}

func interceptionTraps() []trap {
	named := Change(func(s *Spec) { s.Service.LoadBalancers[0].ContainerPort = 9000 })
	return []trap{
		{
			"two endpoints moved away from one port, the first with TLS", web(Offer("http", 8080, 80), Offer("http", 8081, 81),
				tlsOf(0)), lbPath,
			[]string{"80 direct allowed risk"},
		},
		{
			"two endpoints moved away from one port, the second with TLS", web(Offer("http", 8080, 80), Offer("http", 8081, 81),
				tlsOf(1)), lbPath,
			[]string{"80 direct allowed risk"},
		},
		{
			"two endpoints on one port, the second with TLS", web(Offer("http", 0, 80), Offer("http", 0, 81), tlsOf(1)), lbPath,
			[]string{"80 agent allowed unknown"},
		},
		{
			"two endpoints on one port, both with TLS", web(Offer("http", 0, 80), Offer("http", 0, 81), tlsOf(0), tlsOf(1)).
				Edit(https(tls13)), lbPath,
			[]string{"80 agent allowed needed"},
		},
		{
			"the listed name is another container's port, to which the load balancer leads",
			web(sidecar(9000), Offer("side", 0, 80), named), lbPath,
			[]string{"9000 agent allowed unnecessary-hop"},
		},
		{
			"Windows by the platform family alone", web(Offer("http", 0, 80), Change(func(s *Spec) {
				s.Deployment.PlatformFamily = "WINDOWS_SERVER_2022_CORE"
			})), lbPath,
			[]string{"80 unknown allowed unknown"},
		},
		{
			"ECS Anywhere, which Service Connect does not support", web(Offer("http", 0, 80), networkMode("bridge"),
				Change(func(s *Spec) {
					s.Deployment.LaunchType, s.Service.LaunchType = "EXTERNAL", "EXTERNAL"
					s.Service.Tasks = &model.ServiceTasks{}
				})), scPath,
			[]string{"32768 unknown unknown unknown"},
		},
		{
			"TCP and UDP on one container port, with host ports of their own", web(networkMode("bridge"), Change(func(s *Spec) {
				c := &s.TaskDefinition.Containers[0]
				c.PortMappings = []model.PortMapping{
					{ContainerPort: 80, HostPort: 5353, Protocol: "udp"},
					{ContainerPort: 80, HostPort: 8000, Protocol: "tcp"},
				}
			})).Edit(onInstance).Group("sg-node", In("tcp 8000", "sg-alb")), lbPath,
			[]string{"8000 direct allowed ok"},
		},
	}
}

// onInstance runs the cluster's tasks on an instance with the group sg-node.
func onInstance(s *model.Snapshot) {
	s.ContainerInstances = []model.ContainerInstance{{
		ARN: "arn:aws:ecs:r:1:container-instance/prod/1", Cluster: "prod", InstanceID: "i-1", Status: "ACTIVE",
		Network: &model.Network{Subnets: []string{SubnetA}, SecurityGroups: []string{"sg-node"}},
	}}
}

func deploymentTraps() []trap {
	moved := web(Port("new", 8080, "http"), Change(func(s *Spec) { s.Service.LoadBalancers[0].ContainerPort = 8080 })).
		Edit(oldTask(func(d *model.TaskDefinition) { d.Containers[0].PortMappings = d.Containers[0].PortMappings[:1] }))
	return []trap{
		{
			"the service's load balancer has moved on to a port that the old tasks do not have", moved, lbPath,
			[]string{"0 unknown unknown unknown", "8080 direct allowed ok"},
		},
		{
			"the deployment counts as successful, and the old tasks still run", web(Offer("http", 8080, 80)).
				Edit(deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) {
					d.ServiceConnect.Services[0].IngressPortOverride = 0
				})), lbPath,
			[]string{"80 direct allowed ok", "80 agent allowed unnecessary-hop"},
		},
		{
			"the old deployment is gone from the list, and its revision still runs",
			web(Offer("http", 8080, 80), revisions(1, 2)), lbPath,
			[]string{"80 direct allowed unknown"},
		},
		{
			"the old revision runs nothing", web(Offer("http", 8080, 80), revisions(1, 0)), lbPath,
			[]string{"80 direct allowed ok"},
		},
		{
			"the alternate target group of blue/green has no listener rule", web(Offer("http", 8080, 80), Change(func(s *Spec) {
				s.Service.DeploymentStrategy = "BLUE_GREEN"
				s.Service.LoadBalancers[0].AlternateTargetGroupARN = TargetGroupARN("green")
			})).TargetGroup("green"), lbPath,
			[]string{"80 direct allowed ok"},
		},
	}
}

// weighted lets the rule forward to two target groups.
func weighted(weights ...int) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		actions := forwardTo("tg", "tg2")
		for i, w := range weights {
			actions[0].Forward[i].Weight = w
		}
		s.ListenerRules[0].Actions = actions
	}
}

func listenerTraps() []trap {
	jwt := append([]model.ListenerAction{{Type: "jwt-validation", Order: 1}}, forwardTo("tg")...)
	return []trap{
		{
			"a rule that validates a token first", web(Offer("http", 0, 80)).Edit(ruleBefore("5", jwt, urlPath("/api"))), lbPath,
			[]string{"80 agent allowed unnecessary-hop", "80 agent allowed unnecessary-hop"},
		},
		{
			"a rule of a network load balancer's listener", nlb(web(Offer("http", 0, 80))).Edit(func(s *model.Snapshot) {
				s.ListenerRules[0].Actions = []model.ListenerAction{{Type: "forward"}}
			}).Edit(ruleBefore("5", forwardTo("tg"), model.RuleCondition{Field: "source-ip", Values: []string{"ipv4"}})), lbPath,
			[]string{"80 agent allowed unnecessary-hop"},
		},
		{"a redirect alone", web(Offer("http", 0, 80)).Edit(func(s *model.Snapshot) {
			s.ListenerRules[0].Actions = []model.ListenerAction{{Type: "redirect"}}
		}), lbPath, nil},
		{
			"a target group of UDP, in front of a port that the agent intercepts", nlb(web(Offer("http", 0, 80))).
				Group("sg-alb", In("udp 80", "10.0.0.0/16")).Edit(func(s *model.Snapshot) {
				s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "UDP", "UDP"
			}), lbPath,
			[]string{"80 direct allowed ok"},
		},
		{
			"a target group of UDP, and a group that opens TCP alone", nlb(web()).Group("sg-web", In("tcp 80", "sg-alb")).
				Edit(func(s *model.Snapshot) {
					s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "UDP", "UDP"
				}), lbPath,
			[]string{"80 direct blocked broken"},
		},
		{
			"a single target group of weight 0", web(Offer("http", 8080, 80)).Edit(func(s *model.Snapshot) {
				s.ListenerRules[0].Actions[0].Forward[0].Weight = 0
			}), lbPath, []string{"80 direct allowed broken"},
		},
		{
			"no weight but 0", web(Offer("http", 8080, 80)).TargetGroup("tg2").Edit(weighted(0, 0)), lbPath,
			[]string{"80 direct allowed broken"},
		},
	}
}

func networkTraps() []trap {
	stale := func(s *model.Snapshot) {
		for i := range s.SecurityGroups {
			for j := range s.SecurityGroups[i].Ingress {
				if g := s.SecurityGroups[i].Ingress[j].Group; g != nil {
					g.VPC, g.PeeringStatus = "vpc-2", "deleted"
				}
			}
		}
	}
	dualstack := func(s *model.Snapshot) {
		for i, cidr := range []string{"2001:db8:0:a::/64", "2001:db8:0:b::/64"} {
			s.Subnets[i].CIDRs = append(s.Subnets[i].CIDRs, netip.MustParsePrefix(cidr))
		}
		s.LoadBalancers[0].IPAddressType = "dualstack"
	}
	denied := func(cidr string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
				Number: 50, Protocol: "6", FromPort: 80, ToPort: 80, CIDR: netip.MustParsePrefix(cidr),
			})
		}
	}
	list := func(entries ...string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			s.PrefixLists = []model.PrefixList{{ID: "pl-1", Name: "callers", Entries: prefixes(entries...)}}
		}
	}
	from := func(peer string) *Builder { return web().Group("sg-web", In("tcp 80", peer)) }
	return []trap{
		{"the rule's group belongs to a peering that is gone", web().
			Edit(stale), lbPath, []string{"80 direct blocked broken"}},
		{"the group's VPC is another one, as with shared and associated groups", web().Edit(func(s *model.Snapshot) {
			for i := range s.SecurityGroups {
				if s.SecurityGroups[i].ID == "sg-web" {
					s.SecurityGroups[i].VPC, s.SecurityGroups[i].Owner = "vpc-other", "999999999999"
				}
			}
		}), lbPath, []string{"80 direct allowed ok"}},
		{"a rule for IPv6 alone, and a target group of IPv4 in dual-stack subnets", from("::/0").
			Edit(dualstack), lbPath, []string{"80 direct blocked broken"}},
		{"a rule for IPv4 alone, and a target group of IPv6", from("0.0.0.0/0").Edit(dualstack).
			Edit(targetGroup(func(g *model.TargetGroup) {
				g.IPAddressType = "ipv6"
			})), lbPath, []string{"80 direct blocked broken"}},
		{
			"a prefix list that has one of the load balancer's two subnets", from("pl-1").Edit(list("10.0.0.0/20")), lbPath,
			[]string{"80 direct blocked broken"},
		},
		{"a prefix list with room for more than it has", from("pl-1").
			Edit(list()), lbPath, []string{"80 direct blocked broken"}},
		{
			"a prefix list whose entries were not read", from("pl-1").Edit(list()).Deny(model.GetPrefixListEntries), lbPath,
			[]string{"80 direct unknown unknown"},
		},
		{
			"an ACL that refuses a part of the load balancer's subnet", web().Edit(denied("10.0.0.0/24")), lbPath,
			[]string{"80 direct unknown unknown"},
		},
		{
			"an ACL that refuses one of the load balancer's subnets", web().Edit(denied("10.0.0.0/20")), lbPath,
			[]string{"80 direct blocked broken"},
		},
		{
			"a rule of ICMP", web().Group("sg-web", In("icmp 0-65535", "0.0.0.0/0")), lbPath,
			[]string{"80 direct blocked broken"},
		},
		{
			"a rule of TCP by its number", web().Group("sg-web", In("6 80", "sg-alb")), lbPath,
			[]string{"80 direct allowed ok"},
		},
	}
}

func healthTraps() []trap {
	preserve := attributes(model.TargetGroupAttributes{PreserveClientIP: true})
	bare := func(peer string) *Builder {
		return web().Group("sg-web", In("tcp 80", peer)).Edit(bareNLB).Edit(preserve)
	}
	onHost := func(port string) *Builder {
		return web(networkMode("bridge"), mapping(func(m *model.PortMapping) { m.HostPort = 0 })).
			Edit(onInstance).Group("sg-node", In("all", "sg-alb")).Edit(healthPort(port, "unhealthy"))
	}
	return []trap{
		{
			"client addresses are preserved, and checks come from the load balancer's own: open to clients alone",
			bare("203.0.113.0/24"), hcPath,
			[]string{"80 direct blocked broken"},
		},
		{
			"client addresses are preserved, and checks come from the load balancer's own: open to its subnets",
			bare("10.0.0.0/16"), hcPath,
			[]string{"80 direct allowed ok"},
		},
		{"the requests beside such checks", bare("10.0.0.0/16"), lbPath, []string{"80 direct unknown unknown"}},
		{
			"the check of a TLS port under an old policy", web(Offer("http", 0, 443), withTLS()).
				Edit(https("ELBSecurityPolicy-2016-08")), hcPath,
			[]string{"80 agent allowed broken"},
		},
		{
			"the check of a UDP target group uses TCP", nlb(web()).Group("sg-web", In("udp 80", "sg-alb")).
				Edit(func(s *model.Snapshot) {
					s.TargetGroups[0].Protocol, s.TargetGroups[0].HealthCheck.Protocol = "UDP", "TCP"
				}), hcPath,
			[]string{"80 direct blocked broken"},
		},
		{
			"the check uses the container port, which no instance publishes", onHost("80"), hcPath,
			[]string{"80 direct allowed broken"},
		},
	}
}

func namespaceTraps() []trap {
	in := func(name string) func(*Spec) {
		return Change(func(s *Spec) { s.Deployment.ServiceConnect.Namespace = name })
	}
	suffixed := func(s *model.Snapshot) { s.Namespaces[0].Type, s.Namespaces[0].HTTPName = "DNS_PRIVATE", "ns-fm7n2" }
	built := func(offers, client string) *Builder {
		return New().Group("sg-client").Group("sg-web", In("tcp 80", "sg-client")).
			Service("client", Client(), in(client)).Service("web", Port("http", 80, "http"), Offer("http", 0, 80), in(offers))
	}
	return []trap{
		{"one namespace by its name and by its HttpName with a suffix", built("ns", "ns-fm7n2").
			Edit(suffixed), scPath, []string{"80 agent allowed needed"}},
		{"one namespace by the cluster's default", built("ns", "").Edit(func(s *model.Snapshot) {
			s.Clusters[0].DefaultNamespace = "ns"
		}), scPath, []string{"80 agent allowed needed"}},
		{"no namespace at all", built("ns", ""), scPath, []string{"80 agent unknown unknown"}},
		{"a name that no namespace of this account has", built("far", "far"), scPath, []string{"80 agent allowed unknown"}},
	}
}
