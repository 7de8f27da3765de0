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

// client and server are two services, of which the client calls the server's
// endpoint on port 80; the groups are for a test to fill.
func clientAndServer(server ...GroupRule) *Builder {
	return New().
		Group("sg-client").
		Group("sg-server", server...).
		Service("client", Client()).
		Service("server", Port("http", 80, "http"), Offer("http", 0, 80))
}

// tasksAt makes it known of a service where its tasks run.
func tasksAt(name string, addresses ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		at := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == name })
		spec := Spec{Service: s.Services[at], Deployment: s.Services[at].Deployments[0]}
		TasksAt(addresses...)(&spec)
		s.Services[at].Tasks = spec.Service.Tasks
	}
}

func subnets(name string, ids ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		for i := range s.Services {
			if s.Services[i].Name == name {
				s.Services[i].Deployments[0].Network.Subnets = ids
			}
		}
	}
}

func groups(name string, ids ...string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		for i := range s.Services {
			if s.Services[i].Name == name {
				s.Services[i].Deployments[0].Network.SecurityGroups = ids
			}
		}
	}
}

// deny puts an entry in front of the ACL of both subnets, or gives subnet B an
// ACL of its own.
func deny(egress bool, from, to int, cidr string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.NetworkACLs[0].Entries = append([]model.NetworkACLEntry{{
			Number: 50, Egress: egress, Protocol: "6", FromPort: from, ToPort: to, CIDR: netip.MustParsePrefix(cidr),
		}}, s.NetworkACLs[0].Entries...)
	}
}

func dualStack(s *model.Snapshot) {
	s.Subnets[0].CIDRs = append(s.Subnets[0].CIDRs, netip.MustParsePrefix("2001:db8:0:a::/64"))
	s.Subnets[1].CIDRs = append(s.Subnets[1].CIDRs, netip.MustParsePrefix("2001:db8:0:b::/64"))
}

func v6Only(s *model.Snapshot) {
	dualStack(s)
	s.Subnets[0].CIDRs, s.Subnets[1].CIDRs = s.Subnets[0].CIDRs[1:], s.Subnets[1].CIDRs[1:]
	for _, egress := range []bool{false, true} {
		s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
			Number: 101, Egress: egress, Allow: true, Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix("::/0"),
		})
	}
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].Egress = append(s.SecurityGroups[i].Egress, model.SecurityGroupRule{
			Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix("::/0"),
		})
	}
}

// What would tell where tasks run is missing where it was not read, and only there.
func TestTasksThatWereNotReadAreMissing(t *testing.T) {
	halved := func() *Builder { return clientAndServer(In("tcp 80", "10.0.0.0/20")) }
	lacks := func(on *Builder) bool {
		p := one(t, paths(on.Snapshot()), reach.SourceServiceConnect, "server")
		return slices.ContainsFunc(p.Missing, func(m model.Missing) bool { return m.Action == model.ListTasks })
	}
	if !lacks(halved()) || lacks(halved().Edit(tasksAt("client", "10.0.0.9"))) {
		t.Errorf("not read: missing %t, read: %t", lacks(halved()), lacks(halved().Edit(tasksAt("client", "10.0.0.9"))))
	}
}

func TestAccessOfACaller(t *testing.T) {
	list := func(entries ...string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			pl := model.PrefixList{ID: "pl-1", Name: "clients"}
			for _, e := range entries {
				pl.Entries = append(pl.Entries, netip.MustParsePrefix(e))
			}
			s.PrefixLists = append(s.PrefixLists, pl)
		}
	}
	tests := []struct {
		name  string
		build *Builder
		edit  []func(*model.Snapshot)
		want  reach.Access
		why   string
	}{
		{
			"a rule names the caller's group", clientAndServer(In("tcp 80", "sg-client")), nil, reach.Allowed,
			"sg-server admits sg-client on tcp 80",
		},
		{"a rule for all traffic", clientAndServer(In("all", "sg-client")), nil, reach.Allowed, "all traffic from sg-client"},
		{"a rule for a range of ports", clientAndServer(In("tcp 79-81", "sg-client")), nil, reach.Allowed, "tcp 79-81"},
		{"the number of the protocol", clientAndServer(In("6 80", "sg-client")), nil, reach.Allowed, "tcp 80"},
		{
			"another port", clientAndServer(In("tcp 81", "sg-client")), nil, reach.Blocked,
			"no ingress rule of sg-server admits tcp 80 from sg-client",
		},
		{"another protocol", clientAndServer(In("udp 80", "sg-client")), nil, reach.Blocked, ""},
		{"another group", clientAndServer(In("tcp 80", "sg-other")), nil, reach.Blocked, ""},
		{"one of several groups of the caller", clientAndServer(In("tcp 80", "sg-second")).
			Group("sg-second"), []func(*model.Snapshot){groups("client", "sg-client", "sg-second")}, reach.Allowed, "sg-second"},
		{
			"one of several groups of the server", clientAndServer().Group("sg-door", In("tcp 80", "sg-client")),
			[]func(*model.Snapshot){groups("server", "sg-server", "sg-door")},
			reach.Allowed, "sg-door admits",
		},
		{
			"no group means the VPC's default group", clientAndServer(In("tcp 80", "sg-default")),
			[]func(*model.Snapshot){groups("client")},
			reach.Allowed, "sg-default",
		},
		{
			"a group of a peering that is gone", clientAndServer(In("tcp 80", "sg-client")),
			[]func(*model.Snapshot){func(s *model.Snapshot) {
				for i := range s.SecurityGroups {
					for j := range s.SecurityGroups[i].Ingress {
						s.SecurityGroups[i].Ingress[j].Group.PeeringStatus = "deleted"
					}
				}
			}},
			reach.Blocked, "",
		},
		{"a CIDR around both subnets", clientAndServer(In("tcp 80", "10.0.0.0/16")), nil, reach.Allowed, "10.0.0.0/16"},
		{
			"a CIDR around one of the caller's subnets", clientAndServer(In("tcp 80", "10.0.0.0/20")), nil, reach.AccessUnknown,
			"what runs in subnet-b (10.0.16.0/20) is refused, and nothing is known to run there",
		},
		{
			"a CIDR around one of the caller's subnets, and tasks in both", clientAndServer(In("tcp 80", "10.0.0.0/20")),
			[]func(*model.Snapshot){tasksAt("client", "10.0.0.9", "10.0.16.9")},
			reach.Blocked,
			"from subnet-b (10.0.16.0/20) (1 of 2 subnets refused)",
		},
		{
			"a CIDR around one of the caller's subnets, and tasks in that one alone",
			clientAndServer(In("tcp 80", "10.0.0.0/20")),
			[]func(*model.Snapshot){tasksAt("client", "10.0.0.9", "10.0.0.10")},
			reach.AccessUnknown,
			"what runs in subnet-b (10.0.16.0/20) is refused, and nothing is known to run there",
		},
		{
			"a prefix list with one of the caller's subnets, and a task in the other",
			clientAndServer(In("tcp 80", "pl-1")),
			[]func(*model.Snapshot){list("10.0.16.0/20"), tasksAt("client", "10.0.0.9")},
			reach.Blocked, "from subnet-a (10.0.0.0/20) (1 of 2 subnets refused)",
		},
		{
			"a CIDR around one of the caller's subnets and a part of the other",
			clientAndServer(In("tcp 80", "10.0.0.0/20"), In("tcp 80", "10.0.16.0/28")), nil, reach.AccessUnknown,
			"only some of the addresses",
		},
		{
			"one of the target's subnets is let out to",
			clientAndServer(In("tcp 80", "sg-client")).Group("sg-client", Out("tcp 80", "10.0.0.0/20")), nil,
			reach.AccessUnknown, "what runs in subnet-b (10.0.16.0/20) is refused, and nothing is known to run there",
		},
		{
			"one of the target's subnets is let out to, and a task is in the other",
			clientAndServer(In("tcp 80", "sg-client")).Group("sg-client", Out("tcp 80", "10.0.0.0/20")),
			[]func(*model.Snapshot){tasksAt("server", "10.0.16.9")},
			reach.Blocked,
			"no egress rule of sg-client lets tcp 80 out to subnet-b (10.0.16.0/20) (1 of 2 subnets refused)",
		},
		{
			"a CIDR around a half of each subnet", clientAndServer(In("tcp 80", "10.0.0.0/21"), In("tcp 80", "10.0.16.0/21")),
			nil,
			reach.AccessUnknown, "only some of the addresses",
		},
		{
			"one subnet is refused, and a prefix list that was not read may admit it",
			clientAndServer(In("tcp 80", "10.0.0.0/20"), In("tcp 80", "pl-1")),
			[]func(*model.Snapshot){list()},
			reach.AccessUnknown, "entries of prefix list",
		},
		{"two CIDRs that together cover the caller's subnets", clientAndServer(In("tcp 80", "10.0.0.0/20"),
			In("tcp 80", "10.0.16.0/20")), nil, reach.Allowed, "together with other rules"},
		{"a CIDR elsewhere", clientAndServer(In("tcp 80", "192.168.0.0/16")), nil, reach.Blocked, ""},
		{
			"IPv4 is used where both ends have it", clientAndServer(In("tcp 80", "2001:db8::/32")),
			[]func(*model.Snapshot){dualStack},
			reach.Blocked, "",
		},
		{
			"IPv6 where there is nothing else", clientAndServer(In("tcp 80", "2001:db8::/32")),
			[]func(*model.Snapshot){v6Only},
			reach.Allowed, "2001:db8::/32",
		},
		{
			"IPv6, and only IPv4 is admitted", clientAndServer(In("tcp 80", "0.0.0.0/0")),
			[]func(*model.Snapshot){v6Only},
			reach.Blocked, "",
		},
		{
			"a prefix list", clientAndServer(In("tcp 80", "pl-1")),
			[]func(*model.Snapshot){list("10.0.0.0/20", "10.0.16.0/20")},
			reach.Allowed, "pl-1",
		},
		{
			"a prefix list elsewhere", clientAndServer(In("tcp 80", "pl-1")),
			[]func(*model.Snapshot){list("192.168.0.0/16")},
			reach.Blocked, "",
		},
		{
			"a prefix list that was not read", clientAndServer(In("tcp 80", "pl-1")), nil, reach.AccessUnknown,
			"ec2:GetManagedPrefixListEntries",
		},
		{
			"a prefix list that was not read, and a rule that admits",
			clientAndServer(In("tcp 80", "pl-1"), In("tcp 80", "sg-client")), nil, reach.Allowed, "",
		},
		{
			"the caller's egress is shut", clientAndServer(In("tcp 80", "sg-client")).Group("sg-client", NoEgress()), nil,
			reach.Blocked, "no egress rule of sg-client lets tcp 80 out to sg-server",
		},
		{"the caller's egress names the server", clientAndServer(In("tcp 80", "sg-client")).
			Group("sg-client", Out("tcp 80", "sg-server")), nil, reach.Allowed, ""},
		{"the caller's egress is for another port", clientAndServer(In("tcp 80", "sg-client")).
			Group("sg-client", Out("tcp 443", "0.0.0.0/0")), nil, reach.Blocked, ""},
		{
			"an ACL refuses the request", clientAndServer(In("tcp 80", "sg-client")),
			[]func(*model.Snapshot){deny(false, 80, 80, "0.0.0.0/0")},
			reach.Blocked, "(2 of 4 subnet pairs refused)",
		},
		{
			"an ACL refuses the answer", clientAndServer(In("tcp 80", "sg-client")),
			[]func(*model.Snapshot){deny(true, 1024, 65535, "0.0.0.0/0")},
			reach.Blocked, "the answer out of",
		},
		{
			"an ACL refuses some of the answer's ports", clientAndServer(In("tcp 80", "sg-client")),
			[]func(*model.Snapshot){deny(true, 40000, 40010, "0.0.0.0/0")},
			reach.AccessUnknown, "only a part of",
		},
		{
			"an ACL refuses a part of a subnet", clientAndServer(In("tcp 80", "sg-client")),
			[]func(*model.Snapshot){deny(false, 80, 80, "10.0.0.0/24")},
			reach.AccessUnknown, "only a part of",
		},
		{
			"an ACL refuses one pair of subnets", clientAndServer(In("tcp 80", "sg-client")),
			[]func(*model.Snapshot){deny(false, 80, 80, "10.0.16.0/20")},
			reach.Blocked, "(1 of 4 subnet pairs refused)",
		},
		{"ACLs are not asked within a subnet", clientAndServer(In("tcp 80", "sg-client")), []func(*model.Snapshot){
			deny(false, 80, 80, "0.0.0.0/0"), subnets("client", SubnetA), subnets("server", SubnetA),
		}, reach.Allowed, ""},
		{"unread ACLs do not matter within a subnet", clientAndServer(In("tcp 80", "sg-client")).
			Deny(model.DescribeNetworkAcls), []func(*model.Snapshot){
			subnets("client", SubnetA), subnets("server", SubnetA),
		}, reach.Allowed, ""},
		{"unread ACLs leave other subnets unknown", clientAndServer(In("tcp 80", "sg-client")).
			Deny(model.DescribeNetworkAcls), nil, reach.AccessUnknown, "ec2:DescribeNetworkAcls is denied"},
		{
			"unread groups", clientAndServer(In("tcp 80", "sg-client")).Deny(model.DescribeSecurityGroups), nil,
			reach.AccessUnknown, "ec2:DescribeSecurityGroups is denied",
		},
		{
			"unread subnets", clientAndServer(In("tcp 80", "10.0.0.0/16")).Deny(model.DescribeSubnets), nil, reach.AccessUnknown,
			"ec2:DescribeSubnets is denied",
		},
		{
			"a refusal stays one when other facts are missing", clientAndServer().Deny(model.DescribeNetworkAcls), nil,
			reach.Blocked, "no ingress rule",
		},
		{
			"another VPC: routes are not read", clientAndServer(In("tcp 80", "10.0.0.0/8")),
			[]func(*model.Snapshot){func(s *model.Snapshot) {
				s.Subnets = append(s.Subnets, model.Subnet{
					ID: "subnet-far", VPC: "vpc-2",
					CIDRs: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/20")},
				})
				s.NetworkACLs[0].Subnets = append(s.NetworkACLs[0].Subnets, "subnet-far")
			}, subnets("client", "subnet-far")},
			reach.AccessUnknown, "different VPCs",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, edit := range tt.edit {
				tt.build.Edit(edit)
			}
			p := one(t, paths(tt.build.Snapshot()), reach.SourceServiceConnect, "server")
			hop := p.Hops()[1]
			if p.Access != tt.want {
				t.Errorf("access %s, want %s: %s", p.Access, tt.want, hop.Why)
			}
			if !strings.Contains(hop.Why, tt.why) {
				t.Errorf("why %q does not say %q", hop.Why, tt.why)
			}
			if p.Access == reach.AccessUnknown && len(p.Missing) == 0 && !strings.Contains(hop.Why, "part of") &&
				!strings.Contains(hop.Why, "only some") {
				t.Error("unknown, and nothing is named as missing")
			}
		})
	}
}
