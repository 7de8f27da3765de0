package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
)

// Single decisions, where paths show only what all places together say.

func prefixesOf(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, p := range all {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// end is an interface with groups, whose ids are its labels, and addresses.
func end(addresses []string, groups ...*model.SecurityGroup) *netInterface {
	n := &netInterface{groups: groups, vpc: "vpc-1", ephemeral: taskEphemeral}
	for _, p := range prefixesOf(addresses...) {
		if p.Addr().Is4() {
			n.v4 = append(n.v4, p)
		} else {
			n.v6 = append(n.v6, p)
		}
	}
	for _, g := range groups {
		n.groupIDs, n.labels = append(n.groupIDs, g.ID), append(n.labels, g.ID)
	}
	return n
}

func admitting(id string, rules ...model.SecurityGroupRule) *model.SecurityGroup {
	return &model.SecurityGroup{ID: id, Name: id, Ingress: rules, Egress: rules}
}

func fromGroup(id string, ports ...int) model.SecurityGroupRule {
	return model.SecurityGroupRule{
		Protocol: tcp, FromPort: ports[0], ToPort: ports[len(ports)-1],
		Group: &model.GroupReference{ID: id},
	}
}

func fromAddress(cidr string, ports ...int) model.SecurityGroupRule {
	return model.SecurityGroupRule{
		Protocol: tcp, FromPort: ports[0], ToPort: ports[len(ports)-1],
		CIDR: netip.MustParsePrefix(cidr),
	}
}

func fromList(id string, ports ...int) model.SecurityGroupRule {
	return model.SecurityGroupRule{Protocol: tcp, FromPort: ports[0], ToPort: ports[len(ports)-1], PrefixList: id}
}

func missingSubnet() []model.Missing {
	return []model.Missing{{What: "subnet subnet-x", Action: model.DescribeSubnets, State: model.Denied}}
}

func on(first int, last ...int) flow {
	if len(last) == 0 {
		last = []int{first}
	}
	return flow{protocol: tcp, ports: portSpan{first, last[0]}}
}

func decider(lists ...model.PrefixList) *worker {
	return NewDeriver(model.NewIndex(&model.Snapshot{PrefixLists: lists})).worker()
}

func TestWhatGroupsSay(t *testing.T) {
	caller := end([]string{"10.0.0.0/28"}, admitting("sg-1"))
	lost := end([]string{"10.0.0.0/28"}, admitting("sg-1"))
	lost.missingSubnets = missingSubnet()
	nobody := end(nil, admitting("sg-1"))
	ungrouped := end([]string{"10.0.0.0/28"})
	ungrouped.missingGroups = []model.Missing{{
		What: "default group", Action: model.DescribeSecurityGroups,
		State: model.Denied,
	}}
	active := fromGroup("sg-1", 80)
	active.Group.PeeringStatus = "active"
	lists := []model.PrefixList{
		{ID: "pl-first", Entries: prefixesOf("10.0.0.0/16", "192.168.0.0/16")},
		{ID: "pl-others", Entries: prefixesOf("192.168.0.0/16")},
		{ID: "pl-halves", Entries: prefixesOf("10.0.0.0/29", "10.0.0.8/29")},
	}
	tests := []struct {
		name  string
		peer  *netInterface
		f     flow
		rules []model.SecurityGroupRule
		want  Access
		why   string
	}{
		{
			"all ports of a range", caller, on(100, 200),
			[]model.SecurityGroupRule{fromGroup("sg-1", 50, 250)},
			Allowed,
			"admits sg-1",
		},
		{
			"the first port of a range", caller, on(100, 200),
			[]model.SecurityGroupRule{fromGroup("sg-1", 50, 100)},
			AccessUnknown, "only a part of the port range",
		},
		{
			"the last port of a range", caller, on(100, 200),
			[]model.SecurityGroupRule{fromGroup("sg-1", 200, 250)},
			AccessUnknown, "only a part of the port range",
		},
		{
			"a port inside a range", caller, on(100, 200),
			[]model.SecurityGroupRule{fromGroup("sg-1", 150)},
			AccessUnknown,
			"only a part of the port range",
		},
		{"a part, of another group", caller, on(100, 200), []model.SecurityGroupRule{fromGroup("sg-2", 150)}, Blocked, ""},
		{
			"a part, of a group, and the other end has none", end([]string{"10.0.0.0/28"}), on(100, 200),
			[]model.SecurityGroupRule{fromGroup("sg-1", 150)},
			Blocked, "",
		},
		{
			"a part, of other addresses", caller, on(100, 200),
			[]model.SecurityGroupRule{fromAddress("192.168.0.0/16", 150)},
			Blocked, "",
		},
		{
			"a part, of some of the addresses", caller, on(100, 200),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/30", 150)},
			AccessUnknown, "only a part of the port range",
		},
		{
			"a part, of a list", caller, on(100, 200),
			[]model.SecurityGroupRule{fromList("pl-first", 150)},
			AccessUnknown,
			"only a part of the port range",
		},
		{
			"a part, of a list of others", caller, on(100, 200),
			[]model.SecurityGroupRule{fromList("pl-others", 150)},
			Blocked, "",
		},
		{
			"a part, of a list that was not read", caller, on(100, 200),
			[]model.SecurityGroupRule{fromList("pl-x", 150)},
			AccessUnknown, "only a part of the port range",
		},
		{
			"a part, where some addresses were not read", lost, on(100, 200),
			[]model.SecurityGroupRule{fromAddress("192.168.0.0/16", 150)},
			AccessUnknown, "only a part of the port range",
		},
		{
			"a part, of a group, where some addresses were not read", lost, on(100, 200),
			[]model.SecurityGroupRule{fromGroup("sg-2", 150)},
			Blocked, "",
		},
		{
			"a part, of a group, and the other end's were not read", ungrouped, on(100, 200),
			[]model.SecurityGroupRule{fromGroup("sg-1", 150)},
			AccessUnknown, "only a part of the port range",
		},
		{"no port of a range", caller, on(100, 200), []model.SecurityGroupRule{fromGroup("sg-1", 50, 99)}, Blocked, ""},
		{
			"a part of UDP inside a range", caller, on(100, 200),
			[]model.SecurityGroupRule{{Protocol: udp, FromPort: 150, ToPort: 160, Group: &model.GroupReference{ID: "sg-1"}}},
			Blocked, "",
		},
		{"a part, and then all of a range", caller, on(100, 200), []model.SecurityGroupRule{
			fromGroup("sg-1", 150),
			fromGroup("sg-1", 100, 200),
		}, Allowed, "admits sg-1 on tcp 100-200"},
		{"a group after the address", caller, on(80), []model.SecurityGroupRule{
			fromAddress("10.0.0.0/8", 80),
			fromGroup("sg-1", 80),
		}, Allowed, "from sg-1"},
		{"a peering that is active", caller, on(80), []model.SecurityGroupRule{active}, Allowed, ""},
		{
			"a list whose first entry is enough", caller, on(80),
			[]model.SecurityGroupRule{fromList("pl-first", 80)},
			Allowed,
			"pl-first",
		},
		{
			"a list whose entries are enough together", caller, on(80),
			[]model.SecurityGroupRule{fromList("pl-halves", 80)},
			Allowed, "pl-halves",
		},
		{"two halves", caller, on(80), []model.SecurityGroupRule{
			fromAddress("10.0.0.0/29", 80),
			fromAddress("10.0.0.8/29", 80),
		}, Allowed, "together with other rules"},
		{"one half, and the other on another port", caller, on(80), []model.SecurityGroupRule{
			fromAddress("10.0.0.0/29", 80),
			fromAddress("10.0.0.8/29", 81),
		}, AccessUnknown, "only some of the addresses"},
		{
			"addresses of which some were not read", lost, on(80),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/8", 80)},
			AccessUnknown, "ec2:DescribeSubnets is denied",
		},
		{
			"two halves, where some addresses were not read", lost, on(80),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/29", 80), fromAddress("10.0.0.8/29", 80)},
			AccessUnknown,
			"ec2:DescribeSubnets is denied",
		},
		{
			"other addresses, where some were not read", lost, on(80),
			[]model.SecurityGroupRule{fromAddress("192.168.0.0/16", 80)},
			AccessUnknown, "ec2:DescribeSubnets is denied",
		},
		{
			"another port, where some addresses were not read", lost, on(80),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/8", 81)},
			Blocked, "",
		},
		{
			"another group, where some addresses were not read", lost, on(80),
			[]model.SecurityGroupRule{fromGroup("sg-2", 80)},
			Blocked, "",
		},
		{
			"the group, where some addresses were not read", lost, on(80),
			[]model.SecurityGroupRule{fromGroup("sg-1", 80)},
			Allowed, "",
		},
		{
			"everybody, and no address is known", nobody, on(80),
			[]model.SecurityGroupRule{fromAddress("0.0.0.0/0", 80)},
			AccessUnknown, "the addresses of the other end are not known",
		},
		{
			"a group, and the other end's were not read", ungrouped, on(80),
			[]model.SecurityGroupRule{fromGroup("sg-1", 80)},
			AccessUnknown, "default group",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := end([]string{"10.0.1.0/28"}, admitting("sg-own", tt.rules...))
			dec := decider(lists...).admits(ingress, to, tt.peer, tt.f)
			why := words{protocol: tcp, ports: tt.f.ports, from: []*netInterface{tt.peer}, to: to}.why(&dec)
			if dec.access != tt.want || !strings.Contains(why, tt.why) {
				t.Errorf("%s (%s), want %s (%s)", dec.access, why, tt.want, tt.why)
			}
			if dec.resource != "sg-own" {
				t.Errorf("%q decided", dec.resource)
			}
			if dec.access == Allowed && len(dec.missing) > 0 {
				t.Errorf("it is allowed, and lacks %v", dec.missing)
			}
		})
	}
}

// Rules for addresses refuse the subnets that they leave out, and are not known to admit
// those of which they leave a part out.
func TestSubnetsThatRulesLeaveOut(t *testing.T) {
	in := func(subnets ...string) *netInterface {
		peer := end(subnets, admitting("sg-1"))
		peer.everySubnet = true
		for i, cidr := range subnets {
			peer.subnets = append(peer.subnets, &model.Subnet{ID: fmt.Sprintf("subnet-%d", i), CIDRs: prefixesOf(cidr)})
		}
		return peer
	}
	const first, second, six = "10.0.0.0/28", "10.0.1.0/28", "2001:db8::/64"
	somewhere := in(first, second)
	somewhere.everySubnet = false
	tests := []struct {
		name  string
		dir   direction
		peer  *netInterface
		f     flow
		rules []model.SecurityGroupRule
		want  Access
		why   string
	}{
		{
			"one of two", ingress, in(first, second), on(80),
			[]model.SecurityGroupRule{fromAddress(first, 80)},
			Blocked,
			"no ingress rule of sg-own admits tcp 80 from subnet-1 (10.0.1.0/28) (1 of 2 subnets refused)",
		},
		{
			"one of two, on the way out", egress, in(first, second), on(80),
			[]model.SecurityGroupRule{fromAddress(second, 80)},
			Blocked, "no egress rule of sg-own lets tcp 80 out to subnet-0 (10.0.0.0/28) (1 of 2 subnets refused)",
		},
		{
			"one of two, of what may be in one alone", ingress, somewhere, on(80),
			[]model.SecurityGroupRule{fromAddress(first, 80)},
			AccessUnknown, "only some of the addresses",
		},
		{
			"a half of one, and nothing of the other", ingress, in(first, second), on(80),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/29", 80)},
			Blocked, "subnet-1 (10.0.1.0/28)",
		},
		{
			"a half of each", ingress, in(first, second), on(80),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/29", 80), fromAddress("10.0.1.0/29", 80)},
			AccessUnknown,
			"only some of the addresses",
		},
		{
			"a half of the only one that has the family", ingress, in(first, six), on(80),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/29", 80)},
			AccessUnknown, "only some of the addresses",
		},
		{
			"one of two, and a part of the ports of both", ingress, in(first, second), on(100, 200),
			[]model.SecurityGroupRule{fromAddress("10.0.0.0/16", 150), fromAddress(first, 100, 200)},
			AccessUnknown,
			"only some of the addresses",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			own := end([]string{"10.0.2.0/28"}, admitting("sg-own", tt.rules...))
			dec := decider().admits(tt.dir, own, tt.peer, tt.f)
			why := words{protocol: tcp, ports: tt.f.ports, from: []*netInterface{tt.peer}, to: own}.why(&dec)
			// No test here has a subnet of which it is not known whether something is there but one.
			unplaced := strings.Contains(why, "nothing is known to run there")
			if dec.access != tt.want || !strings.Contains(why, tt.why) || dec.partial != (tt.want == Blocked) ||
				unplaced != (tt.peer == somewhere) {
				t.Errorf("%s, partly %t (%s), want %s (%s)", dec.access, dec.partial, why, tt.want, tt.why)
			}
		})
	}
}

func TestGroupsThatWereNotRead(t *testing.T) {
	to := end([]string{"10.0.1.0/28"})
	to.groupIDs, to.missingGroups = []string{"sg-x"}, []model.Missing{{
		What:   "security group sg-x",
		Action: model.DescribeSecurityGroups, State: model.Denied,
	}}
	if dec := decider().admits(ingress, to, end([]string{"10.0.0.0/28"}), on(80)); dec.access != AccessUnknown ||
		dec.resource != "" {
		t.Errorf("%+v", dec)
	}
}

func TestWhichFamilyIsUsed(t *testing.T) {
	const four, six = "10.0.0.0/28", "2001:db8::/64"
	for _, tt := range []struct {
		from, to []string
		want     bool
	}{
		{[]string{four}, []string{four}, false},
		{[]string{four, six}, []string{four, six}, false},
		{[]string{six}, []string{four, six}, true},
		{[]string{four, six}, []string{six}, true},
		{[]string{six}, []string{six}, true},
		{[]string{four}, []string{six}, false},
		{[]string{six}, []string{four}, false},
		{nil, nil, false},
	} {
		if got := v6Only(end(tt.from), end(tt.to)); got != tt.want {
			t.Errorf("%v to %v: IPv6 %t, want %t", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestRoutes(t *testing.T) {
	here, far, nowhere := end([]string{"10.0.0.0/28"}), end([]string{"10.9.0.0/28"}), end([]string{"10.0.0.0/28"})
	far.vpc, nowhere.vpc = "vpc-2", ""
	lost := end(nil)
	lost.missingSubnets = missingSubnet()
	v6 := on(80)
	v6.v6 = true
	tests := []struct {
		name     string
		from, to *netInterface
		f        flow
		want     Access
		why      string
	}{
		{"one VPC", here, here, on(80), Allowed, ""},
		{"two VPCs", here, far, on(80), AccessUnknown, "vpc-1 and vpc-2 are different VPCs"},
		{"a VPC that is not known, from", nowhere, far, on(80), Allowed, ""},
		{"a VPC that is not known, to", far, nowhere, on(80), Allowed, ""},
		{"no address of the family", here, here, v6, AccessUnknown, "no IPv6 address"},
		{"no address at all", here, end(nil), on(80), AccessUnknown, "no IPv4 address"},
		{"subnets that were not read, of which ACLs tell", here, lost, on(80), Allowed, ""},
	}
	for _, tt := range tests {
		if dec := routed(tt.from, tt.to, tt.f); dec.access != tt.want || !strings.Contains(dec.note, tt.why) {
			t.Errorf("%s: %s (%s), want %s (%s)", tt.name, dec.access, dec.note, tt.want, tt.why)
		}
	}
}

func TestARefusalNeedsNothingElse(t *testing.T) {
	unsure := decision{access: AccessUnknown, missing: missingSubnet()}
	read := decision{access: Allowed, missing: missingSubnet()}
	if c := combine(decision{access: Blocked}, unsure); c.access != Blocked || len(c.missing) != 0 {
		t.Errorf("refused: %+v", c)
	}
	if c := combine(read, unsure); c.access != AccessUnknown || len(c.missing) != 1 {
		t.Errorf("unknown: %+v", c)
	}
}

func TestTheNeededRuleIsForWhatRefuses(t *testing.T) {
	w := words{
		protocol: tcp, ports: portSpan{80, 80}, from: []*netInterface{end(nil, admitting("sg-1"))},
		to: end(nil, admitting("sg-2")),
	}
	in, out := decision{kind: CheckTargetIngress, access: Blocked}, decision{kind: CheckSourceEgress, access: Blocked}
	unsure := decision{kind: CheckSourceEgress, access: AccessUnknown}
	const inRule, outRule = "ingress rule on sg-2: tcp 80 from sg-1", "egress rule on sg-1: tcp 80 to sg-2"
	for want, decisions := range map[string][]decision{
		inRule: {unsure, in}, outRule: {out}, outRule + "; " + inRule: {out, in},
		"": {{kind: CheckNetworkACL, access: Blocked}},
	} {
		if c := combine(decisions...); w.neededRule(&c) != want {
			t.Errorf("%v needs %q, want %q", decisions, w.neededRule(&c), want)
		}
	}
}

// Behind a network load balancer that preserves them, clients have any address.
func TestRulesForEveryClient(t *testing.T) {
	everyone, everyone6 := fromAddress("0.0.0.0/0", 80), fromAddress("::/0", 80)
	v6 := on(80)
	v6.v6 = true
	lost := []model.Missing{{What: "security group sg-x", Action: model.DescribeSecurityGroups, State: model.Denied}}
	for _, tt := range []struct {
		name    string
		rules   []model.SecurityGroupRule
		f       flow
		missing []model.Missing
		want    bool
	}{
		{"open to all", []model.SecurityGroupRule{everyone}, on(80), nil, true},
		{"open to all of the other family alone", []model.SecurityGroupRule{everyone6}, on(80), nil, true},
		{"a group, which admits no client", []model.SecurityGroupRule{fromGroup("sg-client", 80)}, on(80), nil, true},
		{"a group, by IPv6", []model.SecurityGroupRule{fromGroup("sg-client", 80)}, v6, nil, true},
		{"a list that has every address", []model.SecurityGroupRule{fromList("pl-all", 80)}, on(80), nil, true},
		{"a list of the other family", []model.SecurityGroupRule{fromList("pl-six", 80)}, on(80), nil, true},
		{"a list that was not read", []model.SecurityGroupRule{fromList("pl-1", 80)}, on(80), nil, false},
		{"a list for another port", []model.SecurityGroupRule{fromList("pl-1", 81)}, on(80), nil, true},
		{
			"a list that has every address, on a part of the ports",
			[]model.SecurityGroupRule{fromList("pl-all", 80)},
			on(80, 90), nil, false,
		},
		{"open to all of IPv6", []model.SecurityGroupRule{everyone6}, v6, nil, true},
		{"open to all on a part of the ports", []model.SecurityGroupRule{everyone}, on(80, 90), nil, false},
		{"open to a list", []model.SecurityGroupRule{fromList("pl-1", 80)}, v6, nil, false},
		{"open to some", []model.SecurityGroupRule{fromAddress("10.0.0.0/8", 80)}, on(80), nil, false},
		{"open on another port", []model.SecurityGroupRule{fromAddress("10.0.0.0/8", 81)}, on(80), nil, true},
		{"open to no source, as far as was read", nil, on(80), lost, false},
		{"open to no source", nil, on(80), nil, true},
	} {
		to := end(nil, admitting("sg-own", tt.rules...))
		to.missingGroups = tt.missing
		d := decider(model.PrefixList{ID: "pl-all", Entries: prefixesOf("10.0.0.0/8", "0.0.0.0/0")},
			model.PrefixList{ID: "pl-six", Entries: prefixesOf("2001:db8::/32")})
		if got := d.sameForAll(to, tt.f); got != tt.want {
			t.Errorf("%s: the same for all: %t, want %t", tt.name, got, tt.want)
		}
	}
}

// The load balancer's own group admits it, whatever addresses its packets have.
func TestTheLoadBalancersGroupAdmitsEveryClient(t *testing.T) {
	to := end(nil, admitting("sg-own", fromGroup("sg-lb", 80), fromAddress("10.0.0.0/8", 80)))
	d := decider()
	from := end([]string{"10.0.0.0/28"}, admitting("sg-lb"))
	asked := combine(d.admits(ingress, to, from, on(80)))
	if c := d.withClientAddresses(asked, to, on(80), nil); c.access != Allowed {
		t.Errorf("its requests are %s", c.access)
	}
}

func TestNothingIsCoveredWhereNothingIsKnown(t *testing.T) {
	for _, rule := range prefixesOf("0.0.0.0/0", "10.0.0.0/8") {
		if (&coverage{}).remove(rule) {
			t.Errorf("%s covers addresses that are not known", rule)
		}
	}
	whole := prefixesOf("10.0.0.0/28")
	if !(&coverage{prefixes: whole}).remove(whole[0]) {
		t.Error("a rule does not cover its own prefix")
	}
}

func TestWhoPublishesAPort(t *testing.T) {
	v := taskOf(bridge, nil, udpMapped(80, 8000), mapped("http", 80, 8000), mapped("admin", 8000, 0))
	v.task.Containers = append(v.task.Containers,
		model.Container{Name: "side", PortMappings: []model.PortMapping{mapped("side", 80, 9000)}})
	if m, container := v.published(8000); m == nil || m.Name != "http" || container != "app" {
		t.Errorf("8000 is published by %v of %s", m, container)
	}
	if m, _ := v.published(7000); m != nil {
		t.Errorf("7000 is published by %v", m)
	}
	for protocol, want := range map[string]string{tcp: "http", udp: "dns"} {
		if m := v.mapping("app", 80, protocol); m == nil || m.Name != want {
			t.Errorf("%s 80 is %v", protocol, m)
		}
	}
	if m := v.mapping("side", 80, udp); m == nil || m.Name != "side" {
		t.Errorf("without one for UDP it is %v", m)
	}
	if m := v.mapping("", 8000, tcp); m == nil || m.Name != "admin" {
		t.Errorf("of any container it is %v", m)
	}
	var got []string
	for _, mode := range []model.NetworkMode{bridge, "", awsvpc, model.ModeHost} {
		v.task.NetworkMode = mode
		target := v.healthTarget(8000)
		got = append(got, fmt.Sprint(mode, " ", v.hasHostPorts(), " ", v.hostPort("app", 80, tcp), " ", target.Container, ":",
			target.ContainerPort, " ", v.healthTarget(7000).Container, " ", Answers(v.task, 80)))
	}
	want := []string{
		"bridge true 8000 app:80  false", " true 8000 app:80  false", "awsvpc false 80 app:8000  true",
		"host false 80 app:8000  true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	v.task.NetworkMode, v.deployment.Network = bridge, &model.Network{}
	if v.hasHostPorts() {
		t.Error("tasks with interfaces of their own have host ports")
	}
	v.task = nil
	if got := v.hostPort("app", 80, tcp); got != 80 {
		t.Errorf("an interface of its own means awsvpc: port %d", got)
	}
}

// Where the other end has no groups that were read, no rule can be named.
func TestNoRuleIsNamedForAnEndWithoutGroups(t *testing.T) {
	from, to := end([]string{"10.0.0.0/28"}, admitting("sg-1")), end([]string{"10.0.1.0/28"})
	refused := combine(decision{kind: CheckSourceEgress, access: Blocked},
		decision{kind: CheckTargetIngress, access: Blocked})
	w := words{protocol: tcp, ports: portSpan{80, 80}, from: []*netInterface{from}, to: to}
	if got := w.neededRule(&refused); got != "" {
		t.Errorf("needed is %q", got)
	}
}
