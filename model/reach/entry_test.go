package reach_test

import (
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

func TestTheEntryOfTwoLoadBalancersIsTheFirstOnes(t *testing.T) {
	s := TwoLoadBalancers().Snapshot()
	paths := reach.Paths(model.NewIndex(s))
	i := slices.IndexFunc(paths, func(p reach.Path) bool { return p.Facts.Front != nil })
	if i < 0 {
		t.Fatal("no path through both")
	}
	if e := paths[i].Entry(); e == nil || e.LoadBalancer.Name != "edge" || e.Listener.Port != 443 {
		t.Errorf("the entry is %+v", e)
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
			"sg-batch (task report)",
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
