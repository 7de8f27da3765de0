package who_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/who"
)

// denied is a network ACL of one subnet that refuses requests to a port.
func denied(subnet string, port int, from string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		own := model.NetworkACL{ID: "acl-own", VPC: s.NetworkACLs[0].VPC, Subnets: []string{subnet}}
		own.Entries = append(slices.Clone(s.NetworkACLs[0].Entries), model.NetworkACLEntry{
			Number: 1, Protocol: "6", FromPort: port, ToPort: port, CIDR: netip.MustParsePrefix(from),
		}, model.NetworkACLEntry{
			Number: 1, Egress: true, Protocol: "6", FromPort: port, ToPort: port, CIDR: netip.MustParsePrefix(from),
		})
		s.NetworkACLs[0].Subnets = slices.DeleteFunc(s.NetworkACLs[0].Subnets, func(id string) bool { return id == subnet })
		s.NetworkACLs = append(s.NetworkACLs, own)
	}
}

// function is an interface with a group in a subnet, where all interfaces were read.
func function(subnet, group string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.NetworkInterfaces = append(s.NetworkInterfaces, model.NetworkInterface{
			ID: "eni-fn", Type: "lambda", Subnet: subnet, SecurityGroups: []string{group},
		})
		for i := range s.SecurityGroups {
			s.SecurityGroups[i].InterfacesRead = true
		}
	}
}

// What a list names is judged by all that is on its way, and not by the target's groups alone.
func TestAListSaysWhatElseRefusesASource(t *testing.T) {
	t.Parallel()
	web := func(rule string, edits ...func(*model.Snapshot)) *model.Snapshot {
		b := modeltest.New().Group("sg-web", modeltest.In("tcp 80", rule)).Group("sg-fn").
			Group("sg-shut", modeltest.NoEgress()).
			Service("web", modeltest.Port("http", 80, "http"))
		for _, edit := range edits {
			b = b.Edit(edit)
		}
		return b.Snapshot()
	}
	public := func(s *model.Snapshot) { s.LoadBalancers[0].Scheme = model.InternetFacing }
	listener := func(rule string) *model.Snapshot {
		return modeltest.New().Group("sg-web").Group("sg-fn").Service("web", modeltest.Port("http", 80, "http")).
			Group("sg-alb", modeltest.In("tcp 80", rule)).ALB("alb", 80, "tg").Edit(public).Snapshot()
	}
	for name, c := range map[string]struct {
		on     *model.Snapshot
		target string
		want   string // of the first check, with its access; "" for none
	}{
		"nothing": {web("sg-fn", function(modeltest.SubnetB, "sg-fn")), "web:80", ""},
		"the network ACL of its own subnet": {
			web("sg-fn", function(modeltest.SubnetB, "sg-fn"), denied(modeltest.SubnetB, 80, "10.0.0.0/20")), "web:80",
			"blocked partly network ACL acl-own refuses the request out of subnet-b",
		},
		"a network ACL, and it is not known where the source is": {
			web("sg-fn", denied(modeltest.SubnetB, 80, "0.0.0.0/0")), "web:80", "unknown in which subnets what has sg-fn is",
		},
		"its own egress": {
			web("sg-shut", function(modeltest.SubnetB, "sg-shut")), "web:80", "blocked no egress rule of sg-shut",
		},
		"a block, by a network ACL": {
			web("10.0.16.0/20", denied(modeltest.SubnetA, 80, "10.0.16.0/20")), "web:80", "blocked",
		},
		"a group, of a load balancer with a public name": {
			listener("sg-fn"), "lb:alb:80", "unknown alb is internet-facing: its name resolves to public addresses",
		},
		"the world, of the same": {listener("0.0.0.0/0"), "lb:alb:80", ""},
		"a block outside the VPC": {
			web("192.0.2.0/24"), "web:80", "",
		},
	} {
		sources := listed(t, c.on, c.target).Destinations[0].Admitted
		got := ""
		source := sources[0]
		if i := slices.IndexFunc(sources, func(s who.Source) bool { return s.Kind == who.SourceGroup }); i >= 0 {
			source = sources[i]
		}
		for _, check := range source.Checks[:min(1, len(source.Checks))] {
			got = string(check.Access) + map[bool]string{true: " partly"}[check.Partial] + " " + check.Why
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The number that callers write is that of the endpoint, which no packet has.
func TestAnAliasPortIsThatOfTheEndpoint(t *testing.T) {
	t.Parallel()
	on := func(override int) *model.Snapshot {
		return modeltest.New().Group("sg-web", modeltest.In("tcp 8080", "sg-cart")).Group("sg-cart").
			Service("web", modeltest.Port("http", 8080, "http"), modeltest.Offer("http", override, 80)).
			Service("cart", modeltest.Client()).Snapshot()
	}
	for override, want := range map[int]string{0: "app 8080", 15000: "agent 15000"} {
		all := listed(t, on(override), "web:80").Destinations
		if len(all) != 1 || string(all[0].Port.Kind)+" "+strconv.Itoa(all[0].Port.Port) != want ||
			!strings.HasPrefix(strings.Join(all[0].Notes, "\n"), "callers in Service Connect write http.ns:80: the alias port") {
			t.Errorf("override %d: %+v", override, all)
		}
	}
	if doc := asked(t, on(0), "cart", "web:80"); doc.Verdict != who.Yes || len(doc.Answers) != 1 {
		t.Errorf("%+v", doc)
	}
	note := strings.Join(listed(t, on(15000), "web:9000").Destinations[0].Notes, "\n")
	if !strings.Contains(note, "declares port 9000 (which has 8080 and the agent's 15000)") {
		t.Error(note)
	}
	behind := modeltest.New().Group("sg-web").Group("sg-alb").
		Service("web", modeltest.Port("http", 8080, "http"), modeltest.Behind("tg", 8080)).ALB("alb", 80, "tg").Snapshot()
	note = strings.Join(listed(t, behind, "web:80").Destinations[0].Notes, "\n")
	if !strings.Contains(note, "(which has 8080; the listener is lb:alb:80)") {
		t.Error(note)
	}
}

// Some of a block, or some of the connections, are neither yes nor no to a reader.
func TestAPartIsCalledAPart(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Group("sg-web", modeltest.In("tcp 80", "10.0.0.0/20")).Group("sg-client").
		Service("web", modeltest.Port("http", 80, "http")).
		Service("client", modeltest.TasksAt("10.0.0.9", "10.0.16.9")).Snapshot()
	for caller, want := range map[string]string{
		"client": "partly", "10.0.0.0/16": "partly", "10.0.0.0/20": "yes", "10.0.16.0/20": "no", "any": "partly",
	} {
		if got := asked(t, s, caller, "web:80").Answers[0].Word(); got != want {
			t.Errorf("%s: %s, want %s", caller, got, want)
		}
	}
}

// A rule for a part of the dynamic range may be for all ports that there are now.
func TestARuleForThePortsThatAreBoundNowIsMarked(t *testing.T) {
	t.Parallel()
	for ports, want := range map[string]bool{"tcp 40001-40002": true, "tcp 50000-50010": false} {
		bound := false
		for _, d := range listed(t, onHostPorts(ports), "web").Destinations {
			for i := range d.Admitted {
				bound = bound || d.Admitted[i].Bound
			}
		}
		if bound != want {
			t.Errorf("%s: %t", ports, bound)
		}
	}
}
