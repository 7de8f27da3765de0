package selector_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/selector"
)

func block(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func TestNamesAreReadInOneGrammar(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]selector.Selector{
		"orders":                 {Kind: selector.Service, Name: "orders"},
		"orders:8080":            {Kind: selector.Service, Name: "orders", Port: 8080},
		"prod/orders:8080":       {Kind: selector.Service, Cluster: "prod", Name: "orders", Port: 8080},
		"prod-*/o?ders":          {Kind: selector.Service, Cluster: "prod-*", Name: "o?ders"},
		"*/any":                  {Kind: selector.Service, Cluster: "*", Name: "any"},
		"prod/sg-1":              {Kind: selector.Service, Cluster: "prod", Name: "sg-1"},
		"lb":                     {Kind: selector.Service, Name: "lb"},
		"lb:main":                {Kind: selector.LoadBalancer, Name: "main"},
		"lb:main-*:443":          {Kind: selector.LoadBalancer, Name: "main-*", Port: 443},
		"sg-0a1b":                {Kind: selector.SecurityGroup, Name: "sg-0a1b"},
		"10.0.3.7":               {Kind: selector.Addresses, Block: block("10.0.3.7/32")},
		"10.0.3.7/16":            {Kind: selector.Addresses, Block: block("10.0.0.0/16")},
		"fd00::7":                {Kind: selector.Addresses, Block: block("fd00::7/128")},
		"2001:db8::/32":          {Kind: selector.Addresses, Block: block("2001:db8::/32")},
		"::ffff:10.0.0.1":        {Kind: selector.Addresses, Block: block("10.0.0.1/32")},
		"::ffff:10.0.0.0/104":    {Kind: selector.Addresses, Block: block("10.0.0.0/8")},
		"::/0":                   {Kind: selector.Addresses, Block: block("::/0")},
		"any":                    {Kind: selector.Any},
		"orders.prod.internal:1": {Kind: selector.Service, Name: "orders.prod.internal", Port: 1},
	} {
		got, err := selector.Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
}

func TestWhatIsNoNameIsRefusedWithTheNextStep(t *testing.T) {
	t.Parallel()
	for text, next := range map[string]string{
		"": "write SERVICE", "/orders": "write SERVICE", "prod/": "write SERVICE", "a/b/c": "write SERVICE",
		"a:b:80":        "write SERVICE",
		"prod:1/orders": "a port is a number", "orders:": "a port is a number", "orders:http": "a port is a number",
		"orders:0": "a port is a number", "orders:65536": "a port is a number", "orders:+80": "a port is a number",
		"lb:": "write lb:NAME", "lb::80": "write lb:NAME", "lb:prod/main": "write lb:NAME", "lb:main:x": "a port is a number",
		"sg-1:80": "by its id alone", "sg-*": "by its id alone", "[": "use a name, or * and ?",
		"lb:[":         "use a name, or * and ?",
		"fe80::1%eth0": "a port is a number", "10.0.0.0/33": "write an address", "10.0.3.256": "write an address",
		"10.0.3": "write an address", "10.0.3.7:8080": "without a port", "2001:db8::/129": "write an address",
	} {
		_, err := selector.Parse(text)
		var cannot *model.CannotCheckError
		if !errors.As(err, &cannot) || !strings.Contains(cannot.Next, next) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// account has a service "orders" in two clusters, and standalone tasks.
func account() *model.Snapshot {
	s := modeltest.New().Service("orders").Service("payments").ALB("main", 80, "tg").Snapshot()
	other := s.Services[0]
	other.Cluster = "test"
	s.Services = append(s.Services, other)
	s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Tasks: []model.StandaloneTask{
		{Task: model.Task{TaskDefinition: "arn:aws:ecs:r:1:task-definition/report:3"}},
		{Task: model.Task{TaskDefinition: "arn:aws:ecs:r:1:task-definition/payments:3"}},
	}}}
	return s
}

func parsed(t *testing.T, text string) selector.Selector {
	t.Helper()
	s, err := selector.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNamesMeanWhatASnapshotHas(t *testing.T) {
	t.Parallel()
	s := account()
	for text, want := range map[string]string{
		"payments":    "prod/payments",
		"prod/orders": "prod/orders",
		"orders":      `several clusters have a service "orders"; write prod/orders or test/orders`,
		"o*":          "prod/orders test/orders",
		"*/*":         "prod/orders prod/payments test/orders",
		"payment":     `there is no service "payment"; did you mean prod/payments? Else there is prod/orders and test/orders`,
		"test/p*":     `no service matches "test/p*"; there is test/orders, prod/orders and prod/payments`,
		"orderz:80":   `there is no service "orderz"; did you mean prod/orders or test/orders? Else there is prod/payments`,
		"report":      `there is no service "report"; there is prod/orders, test/orders and prod/payments`,
	} {
		refs, err := parsed(t, text).Services(s)
		got := ""
		for _, ref := range refs {
			got += " " + ref.String()
		}
		if err != nil {
			got = " " + err.Error()
		}
		if got != " "+want {
			t.Errorf("%s: got%s", text, got)
		}
	}
}

func TestCallersAreServicesAndFamiliesOfTasks(t *testing.T) {
	t.Parallel()
	s := account()
	for text, want := range map[string]int{
		"payments": 11, "report": 1, "*": 32, "prod/orders": 10, "orders": -1,
		"nothing": -1,
	} {
		services, families, err := parsed(t, text).Callers(s)
		got := 10*len(services) + len(families)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%s: %v, %v, %v", text, services, families, err)
		}
	}
	_, _, err := parsed(t, "reports").Callers(s)
	if err == nil || !strings.Contains(err.Error(), "did you mean prod/report? Else there is ") {
		t.Error(err)
	}
}

func TestLoadBalancersAndGroupsAreNamed(t *testing.T) {
	t.Parallel()
	s := account()
	if all, err := parsed(t, "lb:m*").LoadBalancers(s); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := parsed(t, "main:80").Services(s); err == nil ||
		err.Error() != `there is no service "main"; there is a load balancer of this name: write lb:main:80` {
		t.Error(err)
	}
	if _, _, err := parsed(t, "main").Callers(s); err == nil || !strings.HasSuffix(err.Error(), "write lb:main") {
		t.Error(err)
	}
	if _, err := parsed(t, "lb:mian:80").LoadBalancers(s); err == nil ||
		err.Error() != `there is no load balancer "lb:mian"; did you mean lb:main?` {
		t.Error(err)
	}
	err := parsed(t, "sg-9").GroupUnknown(s)
	if !strings.HasPrefix(err.Error(), `there is no security group "sg-9"; there is sg-`) {
		t.Error(err)
	}
	if err := parsed(t, "lb:x").GroupUnknown(&model.Snapshot{}); !strings.HasSuffix(err.Error(),
		"there is none that was read") {
		t.Error(err)
	}
}

// What is read is written so that it is read again.
func FuzzSelectorsAreWrittenAsTheyAreRead(f *testing.F) {
	for _, text := range []string{
		"prod/orders:8080", "lb:main:443", "sg-1", "10.0.0.0/8", "::1", "any", "*/any",
		"a?b[c]", "orders:080",
	} {
		f.Add(text)
	}
	kinds := []selector.Kind{
		selector.Service, selector.LoadBalancer, selector.SecurityGroup, selector.Addresses,
		selector.Any,
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := selector.Parse(text)
		if err != nil {
			var cannot *model.CannotCheckError
			if !errors.As(err, &cannot) || cannot.Next == "" {
				t.Errorf("%q: no next step in %v", text, err)
			}
			return
		}
		if !slices.Contains(kinds, s.Kind) || s.Port < 0 || s.Port > 65535 {
			t.Errorf("%q is %+v", text, s)
		}
		if again, err := selector.Parse(s.String()); err != nil || again != s {
			t.Errorf("%q is written %q, and read as %+v, %v", text, s.String(), again, err)
		}
		s.Fits(model.Ref{Cluster: text, Service: text})
	})
}
