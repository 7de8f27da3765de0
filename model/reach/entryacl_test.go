package reach_test

import (
	"net/netip"
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// aclEntry is an entry of a network ACL about TCP: "allow in 443 from 10.0.0.0/8".
func aclEntry(text string) model.NetworkACLEntry {
	words := strings.Fields(text)
	port := In("tcp "+words[2], "0.0.0.0/0")
	ports := New().Group("sg-ports", port).Snapshot()
	e := model.NetworkACLEntry{
		Allow: words[0] == "allow", Egress: words[1] == "out", Protocol: "6", CIDR: netip.MustParsePrefix(words[4]),
	}
	for i := range ports.SecurityGroups {
		if g := &ports.SecurityGroups[i]; g.ID == "sg-ports" {
			e.FromPort, e.ToPort = g.Ingress[0].FromPort, g.Ingress[0].ToPort
		}
	}
	return e
}

// nodesBehind puts the load balancer into subnets whose ACL has these entries, in order,
// and the tasks and all else into another one.
func nodesBehind(subnets []string, entries ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		acl := model.NetworkACL{ID: "acl-nodes", VPC: VPC, Subnets: subnets}
		for i, text := range entries {
			e := aclEntry(text)
			e.Number = 10 * (i + 1)
			acl.Entries = append(acl.Entries, e)
		}
		for i := range s.NetworkACLs {
			var left []string
			for _, id := range s.NetworkACLs[i].Subnets {
				if !strings.Contains(strings.Join(subnets, " "), id) {
					left = append(left, id)
				}
			}
			s.NetworkACLs[i].Subnets = left
		}
		s.NetworkACLs = append(s.NetworkACLs, acl)
	}
}

func TestNetworkACLsOfALoadBalancersSubnetsAreAPartOfItsEntry(t *testing.T) {
	const all = "allow in 0-65535 from 0.0.0.0/0"
	both := []string{SubnetA, SubnetB}
	public := func(s *model.Snapshot) { s.LoadBalancers[0].Scheme = "internet-facing" }
	for _, c := range []struct {
		name    string
		rules   []GroupRule
		subnets []string
		entries []string
		edit    func(*model.Snapshot)
		want    reach.Access
		// partial is set where some of the subnets are refused.
		partial bool
		why     string
	}{
		{
			name: "the request is refused", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, subnets: both, edit: public,
			entries: []string{"deny in 443 from 0.0.0.0/0", all, "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Blocked,
			why: "network ACL acl-nodes refuses requests of clients into subnet-a on tcp 443: rule 10 denies",
		},
		{
			name: "at one of two nodes", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, subnets: both[:1], edit: public,
			entries: []string{"deny in 443 from 0.0.0.0/0", all, "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Blocked,
			partial: true, why: "(1 of 2 subnets refused)",
		},
		{
			name: "the answer is refused", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, subnets: both, edit: public,
			entries: []string{all, "allow out 443 to 0.0.0.0/0"}, want: reach.Blocked,
			why: "refuses answers to clients out of subnet-a on tcp 32768-65535",
		},
		{
			name: "answers to most ports are refused", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, subnets: both,
			edit: public, entries: []string{all, "allow out 1024-8080 to 0.0.0.0/0"}, want: reach.AccessUnknown,
			why: "whether clients pass is not known: network ACL acl-nodes refuses answers",
		},
		{
			name: "answers to one port that gateways alone use are refused", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")},
			subnets: both, edit: public,
			entries: []string{all, "deny out 3389 to 0.0.0.0/0", "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Allowed,
		},
		{
			name: "answers go out to the VPC alone", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, subnets: both,
			edit: public, entries: []string{all, "allow out 0-65535 to 10.0.0.0/16"}, want: reach.Blocked,
			why: "refuses answers to clients out of subnet-a on tcp 32768-65535",
		},
		{
			name: "requests of private addresses alone are let in", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")},
			subnets: both, edit: public, want: reach.Blocked,
			entries: []string{"allow in 443 from 192.168.0.0/16", "allow out 0-65535 to 0.0.0.0/0"},
			why:     "refuses requests of clients into subnet-a on tcp 443",
		},
		{
			name: "requests of the VPC alone are let in, and it has public addresses", subnets: both,
			rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, want: reach.Blocked,
			edit: func(s *model.Snapshot) {
				public(s)
				s.VPCs[0].CIDRs = append(s.VPCs[0].CIDRs, netip.MustParsePrefix("203.0.113.0/24"))
			},
			entries: []string{"allow in 443 from 203.0.113.0/24", "allow out 0-65535 to 0.0.0.0/0"},
			why:     "refuses requests of clients into subnet-a on tcp 443",
		},
		{
			name: "the nodes have public addresses, and their VPC was not read", subnets: both,
			rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, want: reach.Blocked,
			edit: func(s *model.Snapshot) {
				public(s)
				s.VPCs = nil
				for i := range s.Subnets {
					s.Subnets[i].CIDRs = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/25")}
				}
			},
			entries: []string{"allow in 443 from 203.0.113.0/25", "allow out 0-65535 to 0.0.0.0/0"},
			why:     "refuses requests of clients into subnet-a on tcp 443",
		},
		{
			name: "private addresses outside of the VPC are let in, and no client has them", subnets: both,
			rules: []GroupRule{In("tcp 443", "0.0.0.0/0")}, edit: public, want: reach.Blocked,
			entries: []string{"allow in 443 from 172.16.0.0/12", "allow out 0-65535 to 0.0.0.0/0"},
			why:     "refuses requests of clients into subnet-a on tcp 443",
		},
		{
			name: "private addresses alone are admitted, and let in", rules: []GroupRule{In("tcp 443", "192.168.0.0/16")},
			subnets: both, edit: public, want: reach.Allowed,
			entries: []string{"allow in 443 from 192.168.0.0/16", "allow out 0-65535 to 0.0.0.0/0"},
		},
		{
			name: "a load balancer that nothing filters answers the VPC alone", subnets: both,
			edit: func(s *model.Snapshot) {
				public(s)
				s.LoadBalancers[0].Type, s.LoadBalancers[0].SecurityGroups = "network", nil
			},
			entries: []string{all, "allow out 0-65535 to 10.0.0.0/16"}, want: reach.Blocked,
			why: "refuses answers to clients out of subnet-a",
		},
		{
			name: "a list of the whole internet, and answers to the VPC alone", subnets: both, want: reach.Blocked,
			rules: []GroupRule{In("tcp 443", "pl-all")},
			edit: func(s *model.Snapshot) {
				public(s)
				s.PrefixLists = append(s.PrefixLists, model.PrefixList{ID: "pl-all", Entries: reach.AllAddresses()[:1]})
			},
			entries: []string{all, "allow out 0-65535 to 10.0.0.0/16"}, why: "refuses answers to clients out of subnet-a",
		},
		{
			name: "an internal load balancer, whose clients are in the VPC", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")},
			subnets: both, edit: func(*model.Snapshot) {},
			entries: []string{all, "allow out 0-65535 to 10.0.0.0/16"}, want: reach.Allowed,
		},
		{
			name: "some of the addresses are let in", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")},
			subnets: both, edit: public,
			entries: []string{"allow in 443 from 192.0.2.0/24", "allow out 0-65535 to 192.0.0.0/16"}, want: reach.Allowed,
		},
		{
			name: "requests of some are let in, answers to others out", rules: []GroupRule{In("tcp 443", "0.0.0.0/0")},
			subnets: both, edit: public,
			entries: []string{"allow in 443 from 192.0.2.0/24", "allow out 0-65535 to 198.51.100.0/24"},
			want:    reach.Blocked, why: "network ACL acl-nodes refuses",
		},
		{
			name: "addresses that the groups do not admit are let in", rules: []GroupRule{In("tcp 443", "198.51.100.0/24")},
			subnets: both, edit: public, entries: []string{"allow in 443 from 192.0.2.0/24", "allow out 0-65535 to 0.0.0.0/0"},
			want: reach.Blocked, why: "network ACL acl-nodes refuses",
		},
		{
			name: "one of two sources is refused", subnets: both, edit: public,
			rules:   []GroupRule{In("tcp 443", "198.51.100.0/24"), In("tcp 443", "192.0.2.0/24")},
			entries: []string{"allow in 443 from 192.0.2.0/24", "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Allowed,
			why: "admits on tcp 443: 198.51.100.0/24, refused by network ACLs, 192.0.2.0/24",
		},
		{
			name: "clients of a private block may be in the nodes' own subnet", rules: []GroupRule{In("tcp 443", "10.0.0.0/16")},
			subnets: both, edit: func(*model.Snapshot) {},
			entries: []string{"deny in 443 from 0.0.0.0/0", all, "allow out 0-65535 to 0.0.0.0/0"}, want: reach.AccessUnknown,
			why: "whether clients pass is not known",
		},
		{
			name: "clients in the nodes' own subnet", rules: []GroupRule{In("tcp 443", "10.0.0.0/24")}, subnets: both,
			edit:    func(s *model.Snapshot) { s.LoadBalancers[0].Subnets = both[:1] },
			entries: []string{"deny in 443 from 0.0.0.0/0"}, want: reach.Allowed,
		},
		{
			name: "what has a group is in a subnet that is refused", rules: []GroupRule{In("tcp 443", "sg-batch")},
			subnets: both[:1], edit: atSubnet(SubnetB), entries: []string{"deny in 443 from 10.0.16.0/20", all},
			want: reach.Blocked, why: "rule 10 denies tcp 443 from 10.0.16.0/20",
		},
		{
			name: "what has a group is in the node's own subnet", rules: []GroupRule{In("tcp 443", "sg-batch")},
			subnets: both[:1], edit: atSubnet(SubnetA), entries: []string{"deny in 443 from 0.0.0.0/0"}, want: reach.Allowed,
		},
		{
			name: "where what has a group is, was not read", rules: []GroupRule{In("tcp 443", "sg-batch")}, subnets: both[:1],
			edit:    func(s *model.Snapshot) { s.LoadBalancers[0].Subnets = both[:1] },
			entries: []string{"deny in 443 from 10.0.16.0/20", all, "allow out 0-65535 to 0.0.0.0/0"},
			want:    reach.AccessUnknown, why: "subnets of what has sg-batch",
		},
		{
			name: "where what has a group is, was not read, and all of the VPC passes", subnets: both[:1],
			rules:   []GroupRule{In("tcp 443", "sg-batch")},
			edit:    func(s *model.Snapshot) { s.LoadBalancers[0].Subnets = both[:1] },
			entries: []string{"deny in 443 from 192.0.2.0/24", all, "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Allowed,
		},
		{
			name:  "where what has a group is, was not read, and others pass for sure",
			rules: []GroupRule{In("tcp 443", "sg-batch"), In("tcp 443", "10.0.32.0/20")}, subnets: both[:1],
			edit:    func(s *model.Snapshot) { s.LoadBalancers[0].Subnets = both[:1] },
			entries: []string{"deny in 443 from 10.0.16.0/20", all, "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Allowed,
		},
		{
			name: "IPv6 alone on the internet, and ACLs for IPv4", subnets: both, edit: withIPv6(public),
			rules:   []GroupRule{In("tcp 443", "0.0.0.0/0"), In("tcp 443", "::/0")},
			entries: []string{all, "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Blocked,
			why: "network ACL acl-nodes refuses requests of clients into subnet-a on tcp 443",
		},
		{
			name: "a load balancer that nothing filters", subnets: both, edit: func(s *model.Snapshot) {
				public(s)
				s.LoadBalancers[0].Type, s.LoadBalancers[0].SecurityGroups = "network", nil
			},
			entries: []string{"deny in 443 from 0.0.0.0/0", all, "allow out 0-65535 to 0.0.0.0/0"}, want: reach.Blocked,
			why: "network ACL acl-nodes refuses",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			on := entered(c.rules...).Group("sg-batch").Edit(nodesBehind(c.subnets, c.entries...)).Edit(c.edit)
			p := one(t, paths(on.Snapshot()), reach.SourceLoadBalancer, "web")
			e := p.Entry()
			if e.Access != c.want || e.Partial != c.partial || !strings.Contains(e.Why(), c.why) {
				t.Errorf("%s, partial %t: %s; want %s (%s)", e.Access, e.Partial, e.Why(), c.want, c.why)
			}
			if (len(e.Missing) > 0) != (c.want == reach.AccessUnknown) {
				t.Errorf("%s lacks %v", e.Access, e.Missing)
			}
			if e.ByACL() != (c.want == reach.Blocked) {
				t.Errorf("by an ACL: %t", e.ByACL())
			}
		})
	}
}

// withIPv6 makes the load balancer one of IPv6 alone on the internet, besides an edit.
func withIPv6(edit func(*model.Snapshot)) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		edit(s)
		s.LoadBalancers[0].IPAddressType = "dualstack-without-public-ipv4"
		for i := range s.Subnets {
			block := netip.MustParsePrefix([]string{"2001:db8::/64", "2001:db8:0:1::/64"}[i])
			s.Subnets[i].CIDRs = append(s.Subnets[i].CIDRs, block)
		}
	}
}

// atSubnet has one interface with the group sg-batch, in a subnet, and the load balancer
// in subnet-a.
func atSubnet(id string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.LoadBalancers[0].Subnets = []string{SubnetA}
		s.NetworkInterfaces = append(s.NetworkInterfaces, model.NetworkInterface{
			ID: "eni-batch", Subnet: id, SecurityGroups: []string{"sg-batch"},
		})
		for i := range s.SecurityGroups {
			s.SecurityGroups[i].InterfacesRead = true
		}
	}
}

func TestUnreadNetworkACLsLeaveTheEntryUnknown(t *testing.T) {
	for _, action := range []model.Action{model.DescribeNetworkAcls, model.DescribeSubnets} {
		on := entered(In("tcp 443", "0.0.0.0/0")).Deny(action)
		e := one(t, paths(on.Snapshot()), reach.SourceLoadBalancer, "web").Entry()
		if e.Access != reach.AccessUnknown || len(e.Missing) == 0 || e.Missing[0].Action != action {
			t.Errorf("without %s: %s, %v", action, e.Access, e.Missing)
		}
	}
}
