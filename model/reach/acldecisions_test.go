package reach

import (
	"net/netip"
	"strings"
	"testing"

	"hopscope/model"
)

// acl is an ACL of subnets that allows everything but what the entries say.
func acl(id string, subnets []string, entries ...model.NetworkACLEntry) model.NetworkACL {
	a := model.NetworkACL{ID: id, Subnets: subnets, Entries: entries}
	for _, egress := range []bool{false, true} {
		for i, cidr := range prefixesOf("0.0.0.0/0", "::/0") {
			a.Entries = append(a.Entries, model.NetworkACLEntry{
				Number: 100 + i, Egress: egress, Allow: true,
				Protocol: model.AllProtocols, CIDR: cidr,
			})
		}
	}
	return a
}

func refusing(egress bool, cidr string, first, last int) model.NetworkACLEntry {
	return model.NetworkACLEntry{
		Number: 1, Egress: egress, Protocol: "6", CIDR: netip.MustParsePrefix(cidr),
		FromPort: first, ToPort: last,
	}
}

func TestWhatNetworkACLsSay(t *testing.T) {
	a := &model.Subnet{ID: "a", CIDRs: prefixesOf("10.0.0.0/28", "2001:db8:0:a::/64")}
	b := &model.Subnet{ID: "b", CIDRs: prefixesOf("10.0.1.0/28", "2001:db8:0:b::/64")}
	c := &model.Subnet{ID: "c", CIDRs: prefixesOf("10.0.2.0/28")}
	both := func(first, second []model.NetworkACLEntry) []model.NetworkACL {
		return []model.NetworkACL{acl("acl-a", []string{"a"}, first...), acl("acl-b", []string{"b", "c"}, second...)}
	}
	one := func(e model.NetworkACLEntry) []model.NetworkACLEntry { return []model.NetworkACLEntry{e} }
	v6 := on(80)
	v6.v6 = true
	tests := []struct {
		name string
		acls []model.NetworkACL
		f    flow
		to   []*model.Subnet
		want string
	}{
		{"nothing refuses", both(nil, nil), on(80), []*model.Subnet{b}, "allowed"},
		{
			"the request out", both(one(refusing(true, "10.0.1.0/28", 80, 80)), nil), on(80),
			[]*model.Subnet{b},
			"blocked: the request out of a",
		},
		{
			"the request in", both(nil, one(refusing(false, "10.0.0.0/28", 80, 80))), on(80),
			[]*model.Subnet{b},
			"blocked: the request into b",
		},
		{
			"the answer out", both(nil, one(refusing(true, "10.0.0.0/28", 32768, 60999))), on(80),
			[]*model.Subnet{b},
			"blocked: the answer out of b",
		},
		{
			"the answer in", both(one(refusing(false, "10.0.1.0/28", 32768, 60999)), nil), on(80),
			[]*model.Subnet{b},
			"blocked: the answer into a",
		},
		{
			"a part of the answer in", both(one(refusing(false, "10.0.1.0/28", 40000, 40000)), nil), on(80),
			[]*model.Subnet{b},
			"unknown: the answer into a",
		},
		{"the other family", both(nil, one(refusing(false, "::/0", 80, 80))), on(80), []*model.Subnet{b}, "allowed"},
		{
			"its family", both(nil, one(refusing(false, "::/0", 80, 80))), v6,
			[]*model.Subnet{b},
			"blocked: the request into b",
		},
		{
			"IPv4, where IPv6 is spoken", both(nil, one(refusing(false, "0.0.0.0/0", 80, 80))), v6,
			[]*model.Subnet{b},
			"allowed",
		},
		{
			"one pair of two", both(one(refusing(true, "10.0.2.0/28", 80, 80)), nil), on(80),
			[]*model.Subnet{b, c},
			"blocked: the request out of a partly",
		},
		{
			"both pairs", both(one(refusing(true, "10.0.0.0/16", 80, 80)), nil), on(80),
			[]*model.Subnet{b, c},
			"blocked: the request out of a",
		},
		{
			"one pair of three refused by the first", both(one(refusing(true, "10.0.1.0/28", 80, 80)), nil), on(80),
			[]*model.Subnet{b, c},
			"blocked: the request out of a partly",
		},
		{"the source's was not read", both(nil, nil)[1:], on(80), []*model.Subnet{b}, "unknown: network ACL of a"},
		{"the target's was not read", both(nil, nil)[:1], on(80), []*model.Subnet{b}, "unknown: network ACL of b"},
		{"one refuses, another was not read", []model.NetworkACL{acl("acl-a", []string{"a"}, refusing(true, "10.0.1.0/28", 80,
			80)), acl("acl-b", []string{"b"})}, on(80), []*model.Subnet{b, c}, "blocked: the request out of a partly"},
		{"one was not read, another refuses", []model.NetworkACL{acl("acl-a", []string{"a"}, refusing(true, "10.0.1.0/28", 80,
			80)), acl("acl-b", []string{"b"})}, on(80), []*model.Subnet{c, b}, "blocked: the request out of a partly"},
		{"within a subnet", both(one(refusing(true, "0.0.0.0/0", 0, 65535)), nil), on(80), []*model.Subnet{a}, "allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDeriver(model.NewIndex(&model.Snapshot{NetworkACLs: tt.acls})).worker()
			dec := d.crossACLs(&netInterface{subnets: []*model.Subnet{a}, ephemeral: taskEphemeral},
				&netInterface{subnets: tt.to}, tt.f)
			what, partly, _ := strings.Cut(tt.want, " partly")
			access, note, _ := strings.Cut(what, ": ")
			if string(dec.access) != access || !strings.Contains(dec.note, note) || dec.partial != strings.HasSuffix(tt.want,
				" partly") {
				t.Errorf("%s (%s) partial %t, want %s%s", dec.access, dec.note, dec.partial, tt.want, partly)
			}
			if dec.access == Blocked && len(dec.missing) > 0 {
				t.Errorf("it is refused, and lacks %v", dec.missing)
			}
		})
	}
}

func TestSubnetsThatWereNotReadLeaveACLsUnknown(t *testing.T) {
	a, b := &model.Subnet{ID: "a", CIDRs: prefixesOf("10.0.0.0/28")}, &model.Subnet{
		ID:    "b",
		CIDRs: prefixesOf("10.0.1.0/28"),
	}
	ask := func(acls []model.NetworkACL, missing []model.Missing) decision {
		d := NewDeriver(model.NewIndex(&model.Snapshot{NetworkACLs: acls})).worker()
		return d.crossACLs(&netInterface{subnets: []*model.Subnet{a}, ephemeral: taskEphemeral},
			&netInterface{subnets: []*model.Subnet{b}, missingSubnets: missing}, on(80))
	}
	open := []model.NetworkACL{acl("acl", []string{"a", "b"})}
	if dec := ask(open, missingSubnet()); dec.access != AccessUnknown || len(dec.missing) != 1 {
		t.Errorf("a missing subnet: %+v", dec)
	}
	shut := []model.NetworkACL{acl("acl", []string{"a", "b"}, refusing(true, "10.0.1.0/28", 80, 80))}
	if dec := ask(shut, missingSubnet()); dec.access != Blocked || !strings.Contains(dec.note, "the request out of a") ||
		dec.missing != nil {
		t.Errorf("a missing subnet beside a refusal: %+v", dec)
	}
	unread := ask(nil, missingSubnet())
	if unread.access != AccessUnknown || !strings.Contains(unread.note, "network ACL of a") || len(unread.missing) != 1 {
		t.Errorf("a missing subnet beside a missing ACL: %+v", unread)
	}
}

// Parts that add up to all of a subnet decide like the whole.
func TestEntriesOfAnACLAddUp(t *testing.T) {
	allow := func(number int, cidr string) model.NetworkACLEntry {
		return model.NetworkACLEntry{
			Number: number, Allow: true, Protocol: "6", FromPort: 80, ToPort: 80,
			CIDR: netip.MustParsePrefix(cidr),
		}
	}
	deny := func(number int, cidr string) model.NetworkACLEntry {
		e := allow(number, cidr)
		e.Allow = false
		return e
	}
	for _, tt := range []struct {
		name    string
		peer    []string
		entries []model.NetworkACLEntry
		want    Access
	}{
		{
			"two halves",
			[]string{"10.0.0.0/28"},
			[]model.NetworkACLEntry{allow(1, "10.0.0.0/29"), allow(2, "10.0.0.8/29")},
			Allowed,
		},
		{"two halves, and a later refusal", []string{"10.0.0.0/28"}, []model.NetworkACLEntry{
			allow(1, "10.0.0.0/29"),
			allow(2, "10.0.0.8/29"), deny(3, "0.0.0.0/0"),
		}, Allowed},
		{"one half, refused later as well", []string{"10.0.0.0/28"}, []model.NetworkACLEntry{
			allow(1, "10.0.0.0/29"),
			deny(2, "10.0.0.0/29"), allow(3, "10.0.0.8/29"),
		}, Allowed},
		{"one half", []string{"10.0.0.0/28"}, []model.NetworkACLEntry{allow(1, "10.0.0.0/29")}, AccessUnknown},
		{
			"one of two subnets",
			[]string{"10.0.0.0/28", "10.0.1.0/28"},
			[]model.NetworkACLEntry{allow(1, "10.0.0.0/28")},
			AccessUnknown,
		},
		{"both subnets, one by one", []string{"10.0.0.0/28", "10.0.1.0/28"}, []model.NetworkACLEntry{
			allow(1, "10.0.0.0/28"),
			allow(2, "10.0.1.0/28"),
		}, Allowed},
		{"exactly the subnet", []string{"10.0.0.0/28"}, []model.NetworkACLEntry{allow(1, "10.0.0.0/28")}, Allowed},
	} {
		if got, why := passes(&model.NetworkACL{Entries: tt.entries}, false, tcp, prefixesOf(tt.peer...),
			portSpan{80, 80}); got != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, got, why, tt.want)
		}
	}
}

func TestACLsForEveryClient(t *testing.T) {
	subnet := &model.Subnet{ID: "a", CIDRs: prefixesOf("10.0.0.0/28")}
	to := end([]string{"10.0.0.0/28"}, admitting("sg-own", fromAddress("0.0.0.0/0", 80)))
	to.subnets = []*model.Subnet{subnet}
	for _, tt := range []struct {
		name string
		acls []model.NetworkACL
		// open and shut are what is said of every address.
		open, shut bool
	}{
		{"open", []model.NetworkACL{acl("acl", []string{"a"})}, true, false},
		{"not read", nil, false, false},
		{"requests of some are refused", []model.NetworkACL{acl("acl", []string{"a"},
			refusing(false, "192.0.2.0/24", 80, 80))}, false, false},
		{"answers to some are refused", []model.NetworkACL{acl("acl", []string{"a"},
			refusing(true, "192.0.2.0/24", 1024, 65535))}, false, false},
		{"another port", []model.NetworkACL{acl("acl", []string{"a"}, refusing(false, "0.0.0.0/0", 81, 81))}, true, false},
		{
			"requests of all are refused",
			[]model.NetworkACL{acl("acl", []string{"a"}, refusing(false, "0.0.0.0/0", 80, 80))},
			false, true,
		},
		{"answers to all are refused", []model.NetworkACL{acl("acl", []string{"a"},
			refusing(true, "0.0.0.0/0", 1024, 65535))}, false, true},
	} {
		d := NewDeriver(model.NewIndex(&model.Snapshot{NetworkACLs: tt.acls})).worker()
		if got := d.aclsSay(to, on(80), Allowed); got != tt.open {
			t.Errorf("%s: open %t, want %t", tt.name, got, tt.open)
		}
		if got := d.aclsSay(to, on(80), Blocked); got != tt.shut {
			t.Errorf("%s: shut %t, want %t", tt.name, got, tt.shut)
		}
		// The nodes are refused: what becomes of the clients' packets, only an ACL says
		// that treats all addresses alike.
		want := map[bool]Access{true: Blocked, false: AccessUnknown}[tt.shut]
		blocked := combine(decision{kind: CheckNetworkACL, access: Blocked, note: "refused"})
		if c := d.withClientAddresses(blocked, to, on(80), nil); c.access != want {
			t.Errorf("%s: what an ACL refuses to the nodes is %s to the clients, want %s", tt.name, c.access, want)
		}
	}
}
