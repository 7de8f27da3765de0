package reach_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// entered is a service behind a load balancer whose group has these rules.
func entered(rules ...GroupRule) *Builder {
	return web().Group("sg-alb", rules...).Edit(func(s *model.Snapshot) { s.TargetGroups[0].Health = nil })
}

func foreign(account, vpc string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		for i := range s.SecurityGroups {
			if g := &s.SecurityGroups[i]; g.ID == "sg-alb" {
				g.Ingress[0].Group.Account, g.Ingress[0].Group.VPC = account, vpc
			}
		}
	}
}

func listenerProtocol(protocol string) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.Listeners[0].Protocol = protocol }
}

func TestClientsOfALoadBalancerAreTheFirstHop(t *testing.T) {
	keep := func(*model.Snapshot) {}
	peering := func(s *model.Snapshot) {
		foreign("", "")(s)
		for i := range s.SecurityGroups {
			if g := &s.SecurityGroups[i]; g.ID == "sg-alb" {
				g.Ingress[0].Group.PeeringStatus = "deleted"
			}
		}
	}
	prefixList := func(entries ...string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			list := model.PrefixList{ID: "pl-1", Entries: []netip.Prefix{}}
			for _, e := range entries {
				list.Entries = append(list.Entries, netip.MustParsePrefix(e))
			}
			s.PrefixLists = append(s.PrefixLists, list)
		}
	}
	for _, c := range []struct {
		name string
		on   *Builder
		edit func(*model.Snapshot)
		want reach.Access
		// why is a part of what the hop says.
		why string
	}{
		{"the world", entered(In("tcp 443", "0.0.0.0/0")), keep, reach.Allowed, "sg-alb admits on tcp 443: 0.0.0.0/0"},
		{"a range of ports", entered(In("tcp 80-8080", "10.0.0.0/8")), keep, reach.Allowed, "10.0.0.0/8"},
		{"no rule", entered(), keep, reach.Blocked, "no ingress rule of sg-alb admits tcp 443 from anywhere"},
		{"another port", entered(In("tcp 80", "0.0.0.0/0")), keep, reach.Blocked, "no ingress rule"},
		{"another protocol", entered(In("udp 443", "0.0.0.0/0")), keep, reach.Blocked, "no ingress rule"},
		{
			"UDP for QUIC", entered(In("udp 443", "0.0.0.0/0")), listenerProtocol("QUIC"), reach.Allowed,
			"on udp 443: 0.0.0.0/0",
		},
		{"UDP of both", entered(In("udp 443", "0.0.0.0/0")), listenerProtocol("TCP_UDP"), reach.Allowed, "0.0.0.0/0"},
		{"a group that a service has", entered(In("tcp 443", "sg-web")), keep, reach.Allowed, "sg-web (web)"},
		{
			"a group that nothing has", entered(In("tcp 443", "sg-gone")), keep, reach.Allowed,
			"sg-gone (which nothing that was read has)",
		},
		{
			"a group of another account", entered(In("tcp 443", "sg-far")), foreign("999999999999", ""), reach.AccessUnknown,
			"what has sg-far",
		},
		{
			"a group of another VPC", entered(In("tcp 443", "sg-far")), foreign("", "vpc-2"), reach.AccessUnknown,
			"what has sg-far",
		},
		{"a group of this account", entered(In("tcp 443", "sg-web")), foreign(Account, ""), reach.Allowed, "sg-web (web)"},
		{
			"another account's group beside addresses", entered(In("tcp 443", "sg-far"), In("tcp 443", "10.0.0.0/8")),
			foreign("999999999999", ""), reach.Allowed, "sg-far (of another account or VPC), 10.0.0.0/8",
		},
		{"a peering that is gone", entered(In("tcp 443", "sg-far")), peering, reach.Blocked, "no ingress rule"},
		{"a prefix list", entered(In("tcp 443", "pl-1")), prefixList("198.51.100.0/24"), reach.Allowed, "pl-1"},
		{"an empty prefix list", entered(In("tcp 443", "pl-1")), prefixList(), reach.Blocked, "no ingress rule"},
		{"a prefix list that was not read", entered(In("tcp 443", "pl-1")), keep, reach.Allowed, "pl-1"},
		{"groups that were not read", entered().Deny(model.DescribeSecurityGroups), keep, reach.AccessUnknown, "sg-alb"},
		{
			"a network load balancer without groups", entered(), func(s *model.Snapshot) {
				s.LoadBalancers[0].Type, s.LoadBalancers[0].SecurityGroups = model.NetworkLoadBalancer, nil
			}, reach.Allowed, "limits nothing",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := requests(t, c.on.Edit(c.edit).Snapshot())
			hop := p.Hops()[0]
			if hop.From != "clients" || hop.FromNode != reach.NodeClients || hop.To != "alb" || hop.Port != 443 {
				t.Fatalf("the first hop is %+v", hop)
			}
			if hop.Access != c.want || !strings.Contains(hop.Why, c.why) {
				t.Errorf("the first hop is %s: %s; want %s: %s", hop.Access, hop.Why, c.want, c.why)
			}
			if c.want == reach.Blocked && (p.Access != reach.Blocked || p.Verdict != reach.Broken || hop.Symptom == "" ||
				hop.Needed == "") {
				t.Errorf("no client gets in, and the path is %s, %s, with symptom %q", p.Access, p.Verdict, hop.Symptom)
			}
			if c.want == reach.AccessUnknown && p.Verdict != reach.Unknown {
				t.Errorf("it is not known who gets in, and the path is %s", p.Verdict)
			}
			if p.Crossing().FromNode == reach.NodeClients {
				t.Error("the clients' hop is not the source's crossing")
			}
		})
	}
}

// What internet-facing load balancers admit of their clients, who come with public addresses.
func TestClientsOnTheInternetComeWithPublicAddresses(t *testing.T) {
	const gateways = "a client in the VPC comes with that of its gateway"
	public := func(s *model.Snapshot) { s.LoadBalancers[0].Scheme = model.InternetFacing }
	onIPv6 := withIPv6(func(s *model.Snapshot) {
		public(s)
		for _, egress := range []bool{false, true} {
			s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
				Number: 101, Egress: egress, Allow: true, Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix("::/0"),
			})
		}
	})
	v4List := func(edit func(*model.Snapshot)) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			edit(s)
			s.PrefixLists = []model.PrefixList{{ID: "pl-1", Entries: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
		}
	}
	for _, c := range []struct {
		name string
		rule GroupRule
		edit func(*model.Snapshot)
		want reach.Access
		why  string
		// inside tells that the rule holds for none of them.
		inside bool
	}{
		{"IPv4, where they have IPv6", In("tcp 443", "0.0.0.0/0"), onIPv6, reach.Blocked, "from an IPv6 address", false},
		{"a list of IPv4, where they have IPv6", In("tcp 443", "pl-1"), v4List(onIPv6), reach.Blocked, "IPv6", false},
		{"a list that was not read", In("tcp 443", "pl-1"), onIPv6, reach.Allowed, "pl-1", false},
		{"IPv6", In("tcp 443", "::/0"), onIPv6, reach.Allowed, "::/0", false},
		{"IPv4, of an internal one", In("tcp 443", "0.0.0.0/0"), withIPv6(func(s *model.Snapshot) {
			s.LoadBalancers[0].Scheme = "internal"
		}), reach.Allowed, "0.0.0.0/0", false},
		{"the world", In("tcp 443", "0.0.0.0/0"), public, reach.Allowed, "0.0.0.0/0", false},
		{"an address of the internet", In("tcp 443", "198.51.100.0/24"), public, reach.Allowed, "198.51.100.0/24", false},
		{"the VPC", In("tcp 443", "10.0.0.0/16"), public, reach.Allowed, gateways, true},
		{"private addresses by a list", In("tcp 443", "pl-1"), v4List(public), reach.Allowed, gateways, true},
		{"a list that was not read, and may be public", In("tcp 443", "pl-1"), public, reach.Allowed, "pl-1", false},
		{"a group of the VPC", In("tcp 443", "sg-web"), public, reach.Allowed, gateways, true},
		{"the VPC, of an internal one", In("tcp 443", "10.0.0.0/16"), func(s *model.Snapshot) {
			s.LoadBalancers[0].Scheme = "internal"
		}, reach.Allowed, "10.0.0.0/16", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := requests(t, entered(c.rule).Edit(c.edit).Snapshot()).Entry()
			if e.Access != c.want || !strings.Contains(e.Why(), c.why) || strings.Contains(e.Why(), gateways) != c.inside {
				t.Errorf("%s: %s", e.Access, e.Why())
			}
		})
	}
}

func TestTheEntryOfTwoLoadBalancersIsTheFirstOnes(t *testing.T) {
	s := TwoLoadBalancers().Snapshot()
	paths := reach.Paths(model.NewIndex(s))
	i := slices.IndexFunc(paths, func(p *reach.Path) bool { return p.Facts.Front != nil })
	if i < 0 {
		t.Fatal("no path through both")
	}
	if e := paths[i].Entry(); e == nil || e.LoadBalancer.Name != "edge" || e.Listener.Port != 443 {
		t.Errorf("the entry is %+v", e)
	}
}

// Tasks that no service started, and functions, are seen on the path: they come before
// the names that do not fit, and the first hop says why they call the load balancer.
func TestCallersThatAreNoServicesAreNamedAtTheFirstHop(t *testing.T) {
	const right = "among them cannot use Service Connect, so the load balancer is right for them"
	outside := func(functions, tasks int) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			add := func(id, description string) {
				s.NetworkInterfaces = append(s.NetworkInterfaces, model.NetworkInterface{
					ID: id, Description: description, SecurityGroups: []string{"sg-batch"},
				})
			}
			for i := range functions {
				add(fmt.Sprintf("eni-f%d", i), fmt.Sprintf("AWS Lambda VPC ENI-f%d", i))
			}
			in := model.StandaloneTasks{Cluster: "prod"}
			for i := range tasks {
				task := model.StandaloneTask{NetworkInterface: fmt.Sprintf("eni-t%d", i)}
				task.TaskDefinition = "arn:aws:ecs:r:1:task-definition/nightly-report:3"
				in.Tasks = append(in.Tasks, task)
				add(task.NetworkInterface, "arn:aws:ecs:r:1:attachment/1")
			}
			s.StandaloneTasks = []model.StandaloneTasks{in}
		}
	}
	for _, c := range []struct {
		name             string
		functions, tasks int
		client, why      string
	}{
		{"tasks", 0, 3, "sg-batch (nightly-report: 3 standalone tasks)", "; the standalone tasks " + right},
		{"functions", 1, 0, "sg-batch (function f0)", "; the functions " + right},
		{
			"many", 8, 3, "sg-batch (nightly-report: 3 standalone tasks, function f0 and 7 more)",
			"; the standalone tasks and functions " + right,
		},
		{"nothing", 0, 0, "sg-batch (which nothing that was read has)", "(which nothing that was read has)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			on := entered(In("tcp 443", "10.0.0.0/8"), In("tcp 443", "sg-batch"), In("tcp 80-8080", "sg-batch"))
			p := requests(t, on.Group("sg-batch").Edit(outside(c.functions, c.tasks)).Snapshot())
			hop := p.Hops()[0]
			if want := []string{"10.0.0.0/8", c.client}; !slices.Equal(hop.Admitted, want) {
				t.Errorf("admitted are %q, want %q", hop.Admitted, want)
			}
			if !strings.HasSuffix(hop.Why, c.why) {
				t.Errorf("the hop says %q, want %q at its end", hop.Why, c.why)
			}
			want := ""
			if c.tasks > 0 {
				want = "nightly-report: 3 standalone tasks"
			}
			if got := p.Entry().StandaloneTasks(); got != want {
				t.Errorf("the tasks are %q, want %q", got, want)
			}
		})
	}
}

func TestOnlyGroupsThatNothingHasLeaveALoadBalancerVacant(t *testing.T) {
	read := func(interfaces ...model.NetworkInterface) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			for i := range s.SecurityGroups {
				s.SecurityGroups[i].InterfacesRead = true
			}
			s.NetworkInterfaces = interfaces
			s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Tasks: []model.StandaloneTask{{
				Task: model.Task{TaskDefinition: "arn:aws:ecs:r:1:task-definition/report:3"}, NetworkInterface: "eni-task",
			}}}}
		}
	}
	has := func(n model.NetworkInterface) model.NetworkInterface {
		n.SecurityGroups = []string{"sg-batch"}
		return n
	}
	unread := func(*model.Snapshot) {}
	for _, c := range []struct {
		name    string
		rules   []GroupRule
		edit    func(*model.Snapshot)
		vacant  bool
		missing bool
		client  string
	}{
		{"nothing has it", []GroupRule{In("tcp 443", "sg-batch")}, read(), true, false, "sg-batch (which nothing has)"},
		{
			"interfaces were not read",
			[]GroupRule{In("tcp 443", "sg-batch")},
			unread, false, true,
			"sg-batch (which nothing that was read has)",
		},
		{
			"a task",
			[]GroupRule{In("tcp 443", "sg-batch")},
			read(has(model.NetworkInterface{ID: "eni-task"})), false, false,
			"sg-batch (report: 1 standalone task)",
		},
		{
			"a function",
			[]GroupRule{In("tcp 443", "sg-batch")},
			read(has(model.NetworkInterface{ID: "eni-1", Description: "AWS Lambda VPC ENI-nightly"})), false, false,
			"sg-batch (function nightly)",
		},
		{
			"an instance",
			[]GroupRule{In("tcp 443", "sg-batch")},
			read(has(model.NetworkInterface{ID: "eni-1", Instance: "i-1"})),
			false, false, "sg-batch (i-1)",
		},
		{
			"a load balancer that was not read",
			[]GroupRule{In("tcp 443", "sg-batch")},
			read(has(model.NetworkInterface{ID: "eni-1", Description: "ELB app/other/1"})), false, false, "sg-batch",
		},
		{
			"a service has another",
			[]GroupRule{In("tcp 443", "sg-batch"), In("tcp 443", "sg-web")},
			read(), false, false,
			"sg-web (web)",
		},
		{
			"addresses as well",
			[]GroupRule{In("tcp 443", "sg-batch"), In("tcp 443", "10.1.0.0/16")},
			read(), false, false,
			"10.1.0.0/16",
		},
		{"nothing at all", nil, read(), false, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := requests(t, entered(c.rules...).Group("sg-batch").Edit(c.edit).Snapshot()).Entry()
			vacant, missing := e.Vacant()
			if vacant != c.vacant || (missing != nil) != c.missing {
				t.Errorf("vacant is %v, missing %v", vacant, missing)
			}
			if c.client != "" && !slices.Contains(e.Clients(), c.client) {
				t.Errorf("clients are %q, want %q among them", e.Clients(), c.client)
			}
		})
	}
}

// Whether there is a client is not known where what has the admitted group was asked in
// vain; explorers do not ask.
func TestWhatHasAGroupWasAskedInVain(t *testing.T) {
	one := entered(In("tcp 443", "sg-batch")).Group("sg-batch")
	if e := requests(t, one.Snapshot()).Entry(); e.Access != reach.Allowed {
		t.Errorf("where interfaces were not asked for, clients are %s", e.Access)
	}
	denied := one.Snapshot()
	Deny(denied, model.DescribeNetworkInterfaces)
	e := requests(t, denied).Entry()
	if e.Access != reach.AccessUnknown || len(e.Missing) != 1 || e.Missing[0].Action != model.DescribeNetworkInterfaces {
		t.Errorf("with them denied, clients are %s, missing %v", e.Access, e.Missing)
	}
}

// Families of one name in two clusters are two callers.
func TestFamiliesOfTwoClustersAreToldApart(t *testing.T) {
	on := entered(In("tcp 443", "sg-batch")).Group("sg-batch").Edit(func(s *model.Snapshot) {
		for i, cluster := range []string{"prod", "test"} {
			task := model.StandaloneTask{NetworkInterface: fmt.Sprintf("eni-%d", i)}
			task.TaskDefinition = "arn:aws:ecs:r:1:task-definition/nightly-report:3"
			s.StandaloneTasks = append(s.StandaloneTasks, model.StandaloneTasks{
				Cluster: cluster, Tasks: []model.StandaloneTask{task},
			})
			s.NetworkInterfaces = append(s.NetworkInterfaces, model.NetworkInterface{
				ID: task.NetworkInterface, SecurityGroups: []string{"sg-batch"},
			})
		}
	})
	p := one(t, paths(on.Snapshot()), reach.SourceLoadBalancer, "web")
	const want = "prod/nightly-report: 1 standalone task and test/nightly-report: 1 standalone task"
	if got := p.Entry().StandaloneTasks(); got != want {
		t.Errorf("the tasks are %q, want %q", got, want)
	}
}

func TestAnEndpointWithoutCallersIsAdmittedByNoRule(t *testing.T) {
	s := New().Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).Snapshot()
	p := one(t, paths(s), reach.SourceServiceConnect, "web")
	if rules := p.AdmittedBy(); rules != nil {
		t.Errorf("by %v", rules)
	}
}
