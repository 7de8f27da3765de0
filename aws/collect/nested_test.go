package collect_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// nested is a fleet whose load balancer is the target of a network load balancer,
// in a security group and a VPC that nothing else names, and of which another
// listener forwards to a group that no service is in.
func nested(n int) *simulator.World {
	w := awstest.Fleet(n)
	w.VPCs = []simulator.VPC{{Name: "main"}, {Name: "edge", CIDRs: []string{"10.1.0.0/16"}}}
	w.Subnets = []simulator.Subnet{
		{Name: "a", CIDR: "10.0.0.0/24"},
		{Name: "b", CIDR: "10.0.1.0/24", Zone: "c"},
		{Name: "edge-a", VPC: "edge", CIDR: "10.1.0.0/24"},
	}
	w.PrefixLists = []simulator.PrefixList{{Name: "office", Entries: []string{"192.0.2.0/24"}}}
	w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{
		Name: "edge", VPC: "edge", Ingress: []simulator.SecurityGroupRule{{PrefixList: "office", Ports: simulator.Port(443)}},
	})
	w.TargetGroups = append(w.TargetGroups,
		simulator.TargetGroup{
			Name: "to-alb", VPC: "edge", Protocol: "TCP", TargetType: "alb",
			Targets: []simulator.Target{{LoadBalancer: "alb-000", Port: 80}},
		},
		simulator.TargetGroup{
			Name: "by-hand", VPC: "edge", Protocol: "TCP",
			Targets: []simulator.Target{{Address: "10.1.0.9", Port: 22}},
		},
		simulator.TargetGroup{
			Name: "to-other", VPC: "edge", Protocol: "TCP", TargetType: "alb",
			Targets: []simulator.Target{{LoadBalancer: "unrelated", Port: 80}},
		},
	)
	w.LoadBalancers = append(w.LoadBalancers,
		simulator.LoadBalancer{Name: "unrelated", SecurityGroups: []string{"tasks"}, Listeners: []simulator.Listener{
			{Port: 80, Default: simulator.Action{FixedResponse: &simulator.FixedResponse{StatusCode: 404}}},
		}},
		simulator.LoadBalancer{
			Name: "front", Type: "network", Subnets: []string{"edge-a"}, SecurityGroups: []string{"edge"},
			Listeners: []simulator.Listener{
				{Port: 443, Default: simulator.ForwardTo("to-alb")},
				{Port: 22, Default: simulator.ForwardTo("by-hand")},
			},
		},
		simulator.LoadBalancer{
			Name: "other-front", Type: "network", Subnets: []string{"edge-a"}, SecurityGroups: []string{"edge"},
			Listeners: []simulator.Listener{{Port: 443, Default: simulator.ForwardTo("to-other")}},
		},
	)
	return w
}

func TestALoadBalancerBeforeALoadBalancerIsReadWithAllThatItNames(t *testing.T) {
	for _, test := range []struct {
		name       string
		everything bool
		groups     []string
		calls      map[model.Action]int
	}{
		{
			"the explorer", false,
			[]string{"service-0000", "service-0001", "to-alb"},
			map[model.Action]int{
				model.DescribeTargetHealth: 4, model.DescribeTargetGroupAttributes: 1, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 1, model.ListMetrics: 1, model.ListTasks: 1, model.DescribeNetworkInterfaces: 1,
			},
		},
		{
			"a report", true,
			[]string{"by-hand", "service-0000", "service-0001", "to-alb"},
			map[model.Action]int{
				model.DescribeTargetHealth: 5, model.DescribeTargetGroupAttributes: 2, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 1, model.ListMetrics: 1, model.ListTasks: 2, model.DescribeTasks: 1,
				model.DescribeNetworkInterfaces: 1,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, sim := open(t, nested(2), collect.Options{Everything: test.everything})
				sim.SetFaults(simulator.Faults{LatencyMillis: 80, Throttle: true})
				s, err := a.Collect(t.Context(), func(s *model.Snapshot) { checkNothingMissingIsAbsent(t, s) })
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.calls, optionalCalls(s)); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				checkNested(t, s, test.groups)
			})
		})
	}
}

func checkNested(t *testing.T, s *model.Snapshot, groups []string) {
	t.Helper()
	var names []string
	for i := range s.TargetGroups {
		names = append(names, s.TargetGroups[i].Name)
	}
	if diff := cmp.Diff(groups, names); diff != "" {
		t.Errorf("target groups (-want +got):\n%s", diff)
	}
	if len(s.LoadBalancers) != 2 || s.LoadBalancers[1].Name != "front" || !s.Complete {
		t.Fatalf("load balancers %+v, gaps %v", s.LoadBalancers, s.Gaps)
	}
	ix := model.NewIndex(s)
	front := &s.LoadBalancers[1]
	listeners, missing := ix.Listeners(front.ARN)
	if missing != nil || len(listeners) != 2 {
		t.Fatalf("listeners %+v, missing %v", listeners, missing)
	}
	group, missing := ix.TargetGroup(listeners[1].DefaultActions[0].Forward[0].TargetGroupARN)
	if missing != nil || group.Name != "to-alb" || group.Health.Targets[0].ID != s.LoadBalancers[0].ARN {
		t.Fatalf("the group is %+v, missing %v", group, missing)
	}
	for _, l := range listeners {
		if rules, missing := ix.Rules(l.ARN); missing != nil || len(rules) != 1 {
			t.Errorf("rules %+v, missing %v", rules, missing)
		}
	}
	security, missing := ix.SecurityGroup(front.SecurityGroups[0])
	if missing != nil {
		t.Fatal(missing)
	}
	if list, missing := ix.PrefixList(security.Ingress[0].PrefixList); missing != nil || len(list.Entries) != 1 {
		t.Errorf("prefix list %+v, missing %v", list, missing)
	}
}

// A page of load balancers may not hold the one in front.
func TestALoadBalancerInFrontThatNoPageHeldIsReadByItsARN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(nested(2), simulator.Options{})
		a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
			body := awstest.Body(t, r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			reply, err := sim.RoundTrip(r)
			if err == nil && bytes.Contains(body, []byte("Action=DescribeLoadBalancers")) &&
				!bytes.Contains(body, []byte("LoadBalancerArns")) {
				page := bytes.ReplaceAll(awstest.Body(t, reply.Body), []byte("loadbalancer/net/"), []byte("loadbalancer/net/not-"))
				reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(page)), int64(len(page))
			}
			return reply, err
		}), collect.Options{})
		s, err := a.Collect(t.Context(), func(s *model.Snapshot) { checkNothingMissingIsAbsent(t, s) })
		if err != nil {
			t.Fatal(err)
		}
		checkNested(t, s, []string{"service-0000", "service-0001", "to-alb"})
		if got := s.Stats.Calls[model.DescribeLoadBalancers]; got != 2 {
			t.Errorf("%d calls, want a page and a batch", got)
		}
	})
}

func TestNestedGroupsCountForWhatTheyMayCost(t *testing.T) {
	for services, want := range map[int]int{23: 25, 24: 24} { // + 1 load balancer, 2 nested groups of 3 calls
		synctest.Test(t, func(t *testing.T) {
			a, _ := open(t, nested(services), collect.Options{})
			if got := read(t, a).Stats.Calls[model.DescribeTargetHealth]; got != want {
				t.Errorf("%d services: %d calls, want %d", services, got, want)
			}
		})
	}
}
