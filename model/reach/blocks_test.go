package reach_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
)

// asked is the answer for a caller about port 80 of the service web.
func asked(t *testing.T, s *model.Snapshot, c reach.Caller) reach.Answer {
	t.Helper()
	d := reach.NewDeriver(model.NewIndex(s))
	all := d.Destinations(model.Ref{Cluster: "prod", Service: "web"}, 80)
	if len(all) != 1 {
		t.Fatalf("%d destinations: %+v", len(all), all)
	}
	return d.Ask(&c, &all[0], d.Paths())
}

func TestAddressesAreAdmittedWhollyPartlyOrNot(t *testing.T) {
	t.Parallel()
	web := func(rules ...modeltest.GroupRule) *modeltest.Builder {
		return modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", rules...)
	}
	in := modeltest.In
	for name, c := range map[string]struct {
		on    *modeltest.Builder
		block string
		want  reach.Access
		part  string
	}{
		"all of it": {web(in("tcp 80", "10.0.0.0/16")), "10.0.3.0/24", reach.Allowed, "[]"},
		"by two rules": {
			web(in("tcp 80", "10.0.0.0/17"), in("tcp 80", "10.0.128.0/17")),
			"10.0.0.0/16", reach.Allowed, "[]",
		},
		"none of it":   {web(in("tcp 80", "10.0.4.0/24")), "10.0.3.0/24", reach.Blocked, "[]"},
		"another port": {web(in("tcp 81", "10.0.0.0/16")), "10.0.3.0/24", reach.Blocked, "[]"},
		"a part": {
			web(in("tcp 80", "10.0.3.128/25")), "10.0.3.0/24", reach.AccessUnknown,
			"[10.0.3.128/25]",
		},
		"a member may have the group": {
			web(in("tcp 80", "sg-alb")).Group("sg-alb"), "10.0.3.0/24",
			reach.AccessUnknown, "[]",
		},
		"an address may have the group": {
			web(in("tcp 80", "sg-alb")).Group("sg-alb"), "10.0.3.7",
			reach.AccessUnknown, "[]",
		},
		"outside, where no group helps": {
			web(in("tcp 80", "sg-alb")).Group("sg-alb"), "192.168.0.0/24",
			reach.Blocked, "[]",
		},
		"outside, by a rule, over a route": {
			web(in("tcp 80", "192.168.0.0/16")), "192.168.0.0/24",
			reach.AccessUnknown, "[]",
		},
		"the other family": {web(in("tcp 80", "0.0.0.0/0")), "2001:db8::/32", reach.Blocked, "[]"},
		"a block around the VPC": {
			web(in("tcp 80", "sg-alb")).Group("sg-alb"), "10.0.0.0/8",
			reach.AccessUnknown, "[]",
		},
		"a group on another port": {
			web(in("tcp 81", "sg-alb")).Group("sg-alb"), "10.0.3.0/24",
			reach.Blocked, "[]",
		},
		"a task definition that is unread": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeTaskDefinition),
			"10.0.3.0/24", reach.AccessUnknown, "[]",
		},
		"no group": {web(), "10.0.3.7", reach.Blocked, "[]"},
		"unread groups": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeSecurityGroups),
			"10.0.3.7", reach.AccessUnknown, "[]",
		},
		"unread VPCs, in a subnet": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeVpcs), "10.0.3.0/24",
			reach.Allowed, "[]",
		},
		"unread VPCs, elsewhere": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeVpcs),
			"10.0.99.0/24", reach.AccessUnknown, "[]",
		},
		"an address of which tasks might tell more": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeTasks),
			"10.0.3.7", reach.AccessUnknown, "[]",
		},
	} {
		a := asked(t, c.on.Snapshot(), blocks(c.block))
		if a.Access != c.want || fmt.Sprint(a.Part) != c.part {
			t.Errorf("%s: %s, part %v: %+v", name, a.Access, a.Part, a.Checks)
		}
		if a.Access == reach.AccessUnknown && len(a.Missing)+len(a.Part) == 0 {
			t.Errorf("%s: nothing says why", name)
		}
	}
}

// An address that was read is that of its owner, whose groups are asked as well.
func TestAnAddressThatWasReadIsItsOwners(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", modeltest.In("tcp 80",
		"10.0.0.0/16")).
		Group("sg-mute", modeltest.NoEgress()).Group("sg-free").Snapshot()
	withTasks(s, "sg-mute")
	a := asked(t, s, blocks("10.0.3.9"))
	if a.Access != reach.Blocked || a.Owner != "a standalone task of family report" {
		t.Errorf("%s, %q", a.Access, a.Owner)
	}
	if a := asked(t, s, blocks("10.0.3.10")); a.Access != reach.Allowed || a.Owner != "" {
		t.Errorf("the address beside it: %s, %q", a.Access, a.Owner)
	}
	// Another VPC may have the same addresses: what has them there is another one.
	far := *s
	far.Subnets = append(slices.Clone(s.Subnets), model.Subnet{
		ID: "subnet-far", VPC: "vpc-2", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/20")},
	})
	far.NetworkInterfaces = append(slices.Clone(s.NetworkInterfaces), model.NetworkInterface{
		ID: "eni-far", VPC: "vpc-2", Subnet: "subnet-far", SecurityGroups: []string{"sg-mute"},
		Addresses: []netip.Addr{netip.MustParseAddr("10.0.3.10")},
	})
	if a := asked(t, &far, blocks("10.0.3.10")); a.Access != reach.Allowed || a.Owner != "" {
		t.Errorf("an address of another VPC: %s, %q", a.Access, a.Owner)
	}
	// Nothing with this address has a group whose interfaces were all read.
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
		if g := &s.SecurityGroups[i]; g.ID == "sg-web" {
			g.Ingress = []model.SecurityGroupRule{{
				Protocol: "tcp", FromPort: 80, ToPort: 80,
				Group: &model.GroupReference{ID: "sg-free"},
			}}
		}
	}
	s.NetworkInterfaces = append(s.NetworkInterfaces, model.NetworkInterface{
		ID: "eni-2", VPC: modeltest.VPC, Subnet: modeltest.SubnetA, SecurityGroups: []string{"sg-free"},
		Addresses: []netip.Addr{netip.MustParseAddr("10.0.3.77")},
	})
	if a := asked(t, s, blocks("10.0.3.10")); a.Access != reach.Blocked {
		t.Errorf("without the group: %s", a.Access)
	}
	if a := asked(t, s, blocks("10.0.3.0/28")); a.Access != reach.AccessUnknown {
		t.Errorf("in a block a task may start: %s", a.Access)
	}
}

func TestAllThatIsInTheWayIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Service("caller").
		Group("sg-web").Group("sg-caller", modeltest.NoEgress()).Snapshot()
	for _, egress := range []bool{false, true} {
		s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
			Number: 1, Egress: egress, Protocol: "6", CIDR: netip.MustParsePrefix("0.0.0.0/0"), ToPort: 65535,
		})
	}
	a := asked(t, s, reach.Caller{Service: &model.Ref{Cluster: "prod", Service: "caller"}})
	kinds := map[reach.CheckKind]int{}
	for _, c := range a.Checks {
		if c.Access == reach.Blocked {
			kinds[c.Kind]++
		}
	}
	if a.Access != reach.Blocked || kinds[reach.CheckSourceEgress] != 1 || kinds[reach.CheckTargetIngress] != 1 ||
		kinds[reach.CheckNetworkACL] < 4 {
		t.Errorf("%v: %+v", kinds, a.Checks)
	}
}

// listener is a load balancer whose group has these rules, and a caller with its own.
func listener(scheme string, in []modeltest.GroupRule, out ...modeltest.GroupRule) *model.Snapshot {
	return modeltest.New().ALB("alb", 443, "tg").Group("sg-alb", in...).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80)).Group("sg-web").
		Service("caller").Group("sg-caller", out...).
		Edit(func(s *model.Snapshot) { s.LoadBalancers[0].Scheme = scheme }).Snapshot()
}

// A public name leads out of the VPC, where addresses are those of a gateway.
func TestCallersOfAPublicLoadBalancerComeByAGateway(t *testing.T) {
	t.Parallel()
	world, group, private := modeltest.In("tcp 443", "0.0.0.0/0"), modeltest.In("tcp 443", "sg-caller"),
		modeltest.In("tcp 443", "10.0.0.0/16")
	all := func(rules ...modeltest.GroupRule) []modeltest.GroupRule { return rules }
	web := model.Ref{Cluster: "prod", Service: "caller"}
	for name, c := range map[string]struct {
		scheme string
		in     []modeltest.GroupRule
		out    []modeltest.GroupRule
		caller reach.Caller
		want   reach.Access
	}{
		"internal, by its group":    {"internal", all(group), nil, reach.Caller{Service: &web}, reach.Allowed},
		"public, open to the world": {"internet-facing", all(world), nil, reach.Caller{Service: &web}, reach.Allowed},
		"public, open beside a group": {
			"internet-facing", all(group, world), nil,
			reach.Caller{Service: &web},
			reach.Allowed,
		},
		"public, by its group alone": {
			"internet-facing", all(group), nil,
			reach.Caller{Service: &web},
			reach.AccessUnknown,
		},
		"public, by the VPC's addresses": {
			"internet-facing", all(private), nil,
			reach.Caller{Service: &web},
			reach.AccessUnknown,
		},
		"public, by an address elsewhere": {
			"internet-facing", all(modeltest.In("tcp 443", "203.0.113.0/24")), nil,
			reach.Caller{Service: &web},
			reach.AccessUnknown,
		},
		"public, on another port": {
			"internet-facing", all(modeltest.In("tcp 80", "0.0.0.0/0")), nil,
			reach.Caller{Service: &web},
			reach.Blocked,
		},
		"public, egress to the VPC alone": {"internet-facing", all(world), all(modeltest.Out("tcp 443",
			"10.0.0.0/16")), reach.Caller{Service: &web}, reach.AccessUnknown},
		"public, no egress": {
			"internet-facing", all(world), all(modeltest.NoEgress()),
			reach.Caller{Service: &web},
			reach.Blocked,
		},
		"the internet to a public one": {"internet-facing", all(world), nil, blocks("203.0.113.0/24"), reach.Allowed},
		"the world to a public one":    {"internet-facing", all(world), nil, blocks("0.0.0.0/0"), reach.Allowed},
		"a peer to a public one":       {"internet-facing", all(world), nil, blocks("10.9.0.0/16"), reach.AccessUnknown},
		"the VPC to a public one that admits the world": {
			"internet-facing", all(world), nil, blocks("10.0.0.0/16"), reach.Allowed,
		},
		"the VPC to a public one that admits the VPC": {
			"internet-facing",
			[]modeltest.GroupRule{modeltest.In("tcp 443", "10.0.0.0/16")},
			nil, blocks("10.0.3.0/24"),
			reach.AccessUnknown,
		},
		"the internet to an internal one": {"internal", all(world), nil, blocks("203.0.113.0/24"), reach.AccessUnknown},
		"the VPC to an internal one":      {"internal", all(world), nil, blocks("10.0.0.0/16"), reach.Allowed},
		"any, one family": {
			"internet-facing", all(world), nil,
			reach.Caller{Blocks: reach.AllAddresses()},
			reach.Allowed,
		},
	} {
		s := listener(c.scheme, c.in, c.out...)
		d := reach.NewDeriver(model.NewIndex(s))
		to, missing := d.Listeners(&s.LoadBalancers[0], 443)
		if missing != nil || len(to) != 1 {
			t.Fatalf("%v, %v", to, missing)
		}
		if a := d.Ask(&c.caller, &to[0], nil); a.Access != c.want {
			t.Errorf("%s: %s, want %s: %+v", name, a.Access, c.want, a.Checks)
		}
	}
}

// Both families of a load balancer with both count, and of one with IPv4 alone that.
func TestEachFamilyOfAddressesCounts(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]map[string]reach.Access{
		"dualstack": {"any": reach.AccessUnknown, "IPv6": reach.Blocked},
		"ipv4":      {"any": reach.Allowed, "IPv6": reach.Blocked},
		// It has no IPv4 address on the internet.
		"dualstack-without-public-ipv4": {"any": reach.Blocked, "IPv6": reach.Blocked},
	} {
		s := listener("internet-facing", []modeltest.GroupRule{modeltest.In("tcp 443", "0.0.0.0/0")})
		s.LoadBalancers[0].IPAddressType = kind
		for i := range s.Subnets {
			s.Subnets[i].CIDRs = append(s.Subnets[i].CIDRs, netip.MustParsePrefix(fmt.Sprintf("2001:db8:0:%d::/64", i)))
		}
		d := reach.NewDeriver(model.NewIndex(s))
		to, _ := d.Listeners(&s.LoadBalancers[0], 0)
		for name, c := range map[string]reach.Caller{"any": {Blocks: reach.AllAddresses()}, "IPv6": blocks("2600::/16")} {
			a := d.Ask(&c, &to[0], nil)
			if a.Access != want[name] || name == "any" && kind == "dualstack" && fmt.Sprint(a.Part) != "[0.0.0.0/0]" {
				t.Errorf("%s, %s: %s, part %v", kind, name, a.Access, a.Part)
			}
		}
	}
}

// Groups that are not read here, of a peer, and those that are gone.
func TestGroupsOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reference model.GroupReference
		caller    reach.Caller
		want      reach.Access
	}{
		"its own egress is not known": {
			model.GroupReference{ID: "sg-peer", VPC: "vpc-2"},
			reach.Caller{Group: "sg-peer"},
			reach.AccessUnknown,
		},
		"an address may have it": {
			model.GroupReference{ID: "sg-peer", VPC: "vpc-2"},
			blocks("172.31.0.7"),
			reach.AccessUnknown,
		},
		"of another account": {
			model.GroupReference{ID: "sg-peer", Account: "999999999999"},
			blocks("172.31.0.7"), reach.AccessUnknown,
		},
		"a peering that is gone": {model.GroupReference{
			ID: "sg-peer", VPC: "vpc-2",
			PeeringStatus: "deleted",
		}, blocks("172.31.0.7"), reach.Blocked},
		"one of this VPC helps none beyond": {model.GroupReference{ID: "sg-alb"}, blocks("172.31.0.7"), reach.Blocked},
	} {
		s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", modeltest.In("tcp 80",
			"sg-peer")).Group("sg-alb").Snapshot()
		for i := range s.SecurityGroups {
			if g := &s.SecurityGroups[i]; g.ID == "sg-web" {
				g.Ingress[0].Group = &c.reference
			}
		}
		if a := asked(t, s, c.caller); a.Access != c.want {
			t.Errorf("%s: %s: %+v", name, a.Access, a.Checks)
		}
	}
}

// A group is asked alone, where what has it is; where that is not known, an ACL that
// refuses some subnets decides nothing.
func TestAGroupIsAskedAloneWhereItIs(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", modeltest.In("tcp 80",
		"sg-lone")).
		Group("sg-lone").Service("caller", withGroup("sg-lone")).Snapshot()
	if a := asked(t, s, reach.Caller{Group: "sg-lone"}); a.Access != reach.Allowed {
		t.Errorf("%+v", a)
	}
	if a := asked(t, s, reach.Caller{Group: "sg-web"}); a.Access != reach.Blocked {
		t.Errorf("another group: %+v", a)
	}
	// The answers to subnet-b are refused.
	strict := model.NetworkACL{
		ID: "acl-b", VPC: modeltest.VPC, Subnets: []string{modeltest.SubnetB},
		Entries: []model.NetworkACLEntry{
			{Number: 1, Allow: true, Protocol: "6", CIDR: netip.MustParsePrefix("0.0.0.0/0"), ToPort: 1000},
			{Number: 1, Allow: true, Egress: true, Protocol: "-1", CIDR: netip.MustParsePrefix("0.0.0.0/0")},
		},
	}
	s.NetworkACLs[0].Subnets = []string{modeltest.SubnetA}
	s.NetworkACLs = append(s.NetworkACLs, strict)
	if a := asked(t, s, reach.Caller{Group: "sg-lone"}); a.Access != reach.AccessUnknown {
		t.Errorf("somewhere: %+v", a)
	}
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
	}
	if a := asked(t, s, reach.Caller{Group: "sg-lone"}); a.Access != reach.Blocked {
		t.Errorf("in both subnets: %+v", a)
	}
}

// An ACL that lets the VPC's addresses pass does not let those of a gateway pass.
func TestACLsForPrivateAddressesSayNothingOfPublicOnes(t *testing.T) {
	t.Parallel()
	web := model.Ref{Cluster: "prod", Service: "caller"}
	for _, egress := range []bool{false, true} {
		s := listener("internet-facing", []modeltest.GroupRule{modeltest.In("tcp 443", "0.0.0.0/0")})
		ask := func() reach.Access {
			d := reach.NewDeriver(model.NewIndex(s))
			to, _ := d.Listeners(&s.LoadBalancers[0], 443)
			a := d.Ask(&reach.Caller{Service: &web}, &to[0], nil)
			return a.Access
		}
		if got := ask(); got != reach.Allowed {
			t.Errorf("open: %s", got)
		}
		entries := s.NetworkACLs[0].Entries
		for i := range entries {
			if entries[i].Egress == egress {
				entries[i].CIDR = netip.MustParsePrefix("10.0.0.0/16")
			}
		}
		if got := ask(); got != reach.AccessUnknown {
			t.Errorf("private alone (egress %t): %s", egress, got)
		}
	}
}

func TestANetworkLoadBalancerWithoutGroupsIsOpenToGateways(t *testing.T) {
	t.Parallel()
	s := listener("internet-facing", nil)
	s.LoadBalancers[0].Type, s.LoadBalancers[0].SecurityGroups,
		s.Listeners[0].Protocol = model.NetworkLoadBalancer, nil, "TCP"
	d := reach.NewDeriver(model.NewIndex(s))
	to, _ := d.Listeners(&s.LoadBalancers[0], 443)
	if a := d.Ask(&reach.Caller{Service: &model.Ref{Cluster: "prod", Service: "caller"}}, &to[0],
		nil); a.Access != reach.Allowed {
		t.Errorf("%+v", a)
	}
}

// Whether what has a group may have an address of IPv6 shows in the interfaces that have it.
func TestBlocksOfIPv6AreThoseOfInterfacesWithIPv6(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		addresses []string
		block     string
		want      reach.Access
	}{
		"IPv4 alone":                  {[]string{"10.0.0.9"}, "2001:db8::/64", reach.Blocked},
		"IPv4 alone, asked about":     {[]string{"10.0.0.9"}, "10.0.3.0/24", reach.AccessUnknown},
		"both":                        {[]string{"10.0.0.9", "2001:db8::9"}, "2001:db8::/64", reach.AccessUnknown},
		"both, elsewhere":             {[]string{"10.0.0.9", "2001:db8::9"}, "2001:db8::100/120", reach.AccessUnknown},
		"both, and another one alone": {[]string{"10.0.0.9", "2001:db8::9"}, "2001:db8::8", reach.Blocked},
		"none yet":                    {nil, "2001:db8::/64", reach.AccessUnknown},
	} {
		s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).
			Group("sg-web", modeltest.In("tcp 80", "sg-job")).Group("sg-job").Snapshot()
		six := netip.MustParsePrefix("2001:db8::/64")
		s.VPCs[0].CIDRs = append(s.VPCs[0].CIDRs, six)
		s.Subnets[0].CIDRs = append(s.Subnets[0].CIDRs, six)
		for _, e := range slices.Clone(s.NetworkACLs[0].Entries) {
			e.Number, e.CIDR = e.Number+1, netip.MustParsePrefix("::/0")
			s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, e)
		}
		for i := range s.SecurityGroups {
			s.SecurityGroups[i].InterfacesRead = true
		}
		if c.addresses != nil {
			n := model.NetworkInterface{
				ID: "eni-1", VPC: modeltest.VPC, Subnet: modeltest.SubnetA, SecurityGroups: []string{"sg-job"},
			}
			for _, a := range c.addresses {
				n.Addresses = append(n.Addresses, netip.MustParseAddr(a))
			}
			s.NetworkInterfaces = []model.NetworkInterface{n}
		}
		if a := asked(t, s, blocks(c.block)); a.Access != c.want {
			t.Errorf("%s: %s, want %s: %+v", name, a.Access, c.want, a.Checks)
		}
	}
}

// A caller that several rules admit, each a part of it, is admitted by each of them.
func TestEveryRuleThatAdmitsAPartAdmits(t *testing.T) {
	t.Parallel()
	in := modeltest.In
	for name, c := range map[string]struct {
		rules []modeltest.GroupRule
		want  []string
	}{
		"one rule": {[]modeltest.GroupRule{in("tcp 80", "10.0.0.0/16"), in("tcp 80", "10.0.0.0/8")}, []string{"10.0.0.0/16"}},
		"two halves, and others": {
			[]modeltest.GroupRule{
				in("tcp 80", "10.0.0.0/20"), in("tcp 80", "192.0.2.0/24"), in("tcp 80", "10.0.16.0/20"), in("tcp 80", "sg-web"),
			},
			[]string{"10.0.0.0/20", "10.0.16.0/20"},
		},
		"a group, whatever addresses there are": {
			[]modeltest.GroupRule{in("tcp 80", "10.0.0.0/20"), in("tcp 80", "sg-caller")}, []string{"sg-caller"},
		},
		"one half": {[]modeltest.GroupRule{in("tcp 80", "10.0.0.0/20")}, nil},
	} {
		s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", c.rules...).
			Service("caller").Group("sg-caller").Snapshot()
		a := asked(t, s, reach.Caller{Service: &model.Ref{Cluster: "prod", Service: "caller"}})
		var got []string
		for _, r := range a.Rules {
			got = append(got, r.Peer())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: by %q, want %q", name, got, c.want)
		}
	}
}

// onTwoInstances is a service with dynamic host ports, 40000 and 40001, on two instances
// with the groups sg-one and sg-two.
func onTwoInstances(one, two []modeltest.GroupRule) *model.Snapshot {
	return modeltest.New().Group("sg-caller").Service("caller").Group("sg-one", one...).Group("sg-two", two...).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Bridge(0)).
		Edit(func(s *model.Snapshot) {
			at := slices.IndexFunc(s.Services, func(o model.Service) bool { return o.Name == "web" })
			web := &s.Services[at]
			web.Tasks = &model.ServiceTasks{}
			for i, group := range []string{"sg-one", "sg-two"} {
				arn := "arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/" + group
				s.ContainerInstances = append(s.ContainerInstances, model.ContainerInstance{
					ARN: arn, Cluster: "prod", InstanceID: "i-" + group, Status: "ACTIVE",
					Network: &model.Network{Subnets: []string{modeltest.SubnetA}, SecurityGroups: []string{group}},
				})
				web.Tasks.Tasks = append(web.Tasks.Tasks, model.Task{
					StartedBy: web.Deployments[0].ID, ContainerInstance: arn, Containers: []model.TaskContainer{{
						Name: "web", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: 40000 + i, Protocol: "tcp"}},
					}},
				})
			}
			web.RunningCount, web.Deployments[0].RunningCount = 2, 2
		}).Snapshot()
}

func TestInstancesAdmitByRulesOfTheirOwn(t *testing.T) {
	t.Parallel()
	all := []modeltest.GroupRule{modeltest.In("tcp 32768-65535", "sg-caller")}
	a := asked(t, onTwoInstances(all, all), reach.Caller{Service: &model.Ref{Cluster: "prod", Service: "caller"}})
	if a.Access != reach.Allowed || len(a.Rules) != 2 {
		t.Errorf("%s by %d rules: %+v", a.Access, len(a.Rules), a.Checks)
	}
}

func TestADynamicHostPortIsFoundByItsNumber(t *testing.T) {
	t.Parallel()
	s := onTwoInstances(nil, nil)
	for port, want := range map[int]string{
		80: "32768-65535", 40000: "40000-0", 32768: "32768-0", 65535: "65535-0", 32767: "", 2049: "",
	} {
		d := reach.NewDeriver(model.NewIndex(s))
		var got string
		for _, to := range d.Destinations(model.Ref{Cluster: "prod", Service: "web"}, port) {
			got += fmt.Sprintf("%d-%d", to.Port, to.PortEnd)
		}
		if got != want {
			t.Errorf("%d: %q, want %q", port, got, want)
		}
	}
}

// The load balancer in front of another one reaches what that one reaches, as far as it
// reaches that one.
func TestALoadBalancerInFrontAsksBothLegs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on   *modeltest.Builder
		want reach.Access
		why  string
	}{
		"both": {modeltest.TwoLoadBalancers(), reach.Allowed, ""},
		"the first": {
			modeltest.TwoLoadBalancers().Group("sg-alb"), reach.Blocked, "on the way to alb: no ingress rule of sg-alb",
		},
		"the second": {modeltest.TwoLoadBalancers().Group("sg-web"), reach.Blocked, "no ingress rule of sg-web"},
	} {
		s := c.on.Snapshot()
		at := slices.IndexFunc(s.LoadBalancers, func(lb model.LoadBalancer) bool { return lb.Name == "edge" })
		d := reach.NewDeriver(model.NewIndex(s))
		to := d.Destinations(model.Ref{Cluster: "prod", Service: "web"}, 80)
		a := d.Ask(&reach.Caller{LoadBalancer: &s.LoadBalancers[at]}, &to[0], d.Paths())
		if a.Access != c.want || a.Through == nil || a.Through.Name != "alb" || a.Path == nil {
			t.Errorf("%s: %s %+v", name, a.Access, a)
		}
		refuses := func(o reach.Check) bool {
			return o.Access == reach.Blocked && len(o.Why) > len(c.why) && o.Why[:len(c.why)] == c.why
		}
		if c.want == reach.Blocked && (!slices.ContainsFunc(a.Checks, refuses) || a.Needed == "") {
			t.Errorf("%s: %+v, needed %q", name, a.Checks, a.Needed)
		}
	}
}
