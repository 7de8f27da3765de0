package collect_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// rewriting changes the members of an operation's reply in the JSON protocol.
func rewriting(
	t *testing.T, sim *simulator.Simulator, operation string, change func(reply map[string]any),
) http.RoundTripper {
	t.Helper()
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		reply, err := sim.RoundTrip(r)
		if err != nil || awstest.Operation(r) != operation {
			return reply, err
		}
		var members map[string]any
		if err := json.Unmarshal(awstest.Body(t, reply.Body), &members); err != nil {
			t.Error(err)
		}
		change(members)
		body, err := json.Marshal(members)
		reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return reply, err
	})
}

// gateways is a fleet with services behind a service gateway, whose load balancer
// and target groups nothing but the services' revisions name. The gateway's load
// balancer is in a group of its own.
func gateways(n int) *simulator.World {
	w := awstest.Fleet(n)
	w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: "gateway"})
	w.TargetGroups = append(w.TargetGroups, simulator.TargetGroup{Name: "gateway-0", Port: 80},
		simulator.TargetGroup{Name: "gateway-1", Port: 80})
	w.LoadBalancers = append(w.LoadBalancers, simulator.LoadBalancer{
		Name: "gateway", SecurityGroups: []string{"gateway"},
		Listeners: []simulator.Listener{{Port: 443, Protocol: "HTTPS", Default: simulator.ForwardTo("gateway-0")}},
	})
	for i := range n {
		w.GatewayRoutes = append(w.GatewayRoutes,
			simulator.GatewayRoute{Gateway: "edge", Service: w.Services[i].Name, PortName: "http"})
	}
	return w
}

// balancingARNs are the ARNs of load balancing in a world, by name.
func balancingARNs(t *testing.T, w *simulator.World) map[string]model.ARN {
	t.Helper()
	arns := make(map[string]model.ARN)
	var mu sync.Mutex
	sim := simulator.New(w, simulator.Options{})
	a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		reply, err := sim.RoundTrip(r)
		if err == nil && strings.HasPrefix(r.URL.Host, "elasticloadbalancing.") {
			body := awstest.Body(t, reply.Body)
			reply.Body = io.NopCloser(bytes.NewReader(body))
			mu.Lock()
			defer mu.Unlock()
			arn := regexp.MustCompile(`arn:[^<]*:(targetgroup|loadbalancer/app)/([a-z0-9-]+)/[0-9a-f]+`)
			for _, found := range arn.FindAllSubmatch(body, -1) {
				arns[string(found[1])+"/"+string(found[2])] = string(found[0])
			}
		}
		return reply, err
	}), collect.Options{})
	read(t, a)
	return arns
}

// connect gives the revisions of a service the resources of a gateway.
func connect(service, group, balancer string) func(map[string]any) {
	return func(reply map[string]any) {
		for _, r := range reply["serviceRevisions"].([]any) {
			revision := r.(map[string]any)
			if strings.HasSuffix(revision["serviceArn"].(string), "/"+service) {
				revision["gatewayConnectors"] = []any{map[string]any{"portName": "http"}}
				revision["ecsManagedResources"] = map[string]any{"gatewayConnections": []any{map[string]any{
					"portName": "http", "status": "ACTIVE", "resources": map[string]any{"hostSharedAlb": []any{
						map[string]any{"targetGroupArn": group, "loadBalancerArn": balancer},
					}},
				}}}
			}
		}
	}
}

func TestTheLoadBalancerOfAGatewayIsReadBecauseARevisionNamesIt(t *testing.T) {
	arns := balancingARNs(t, gateways(2))
	group, balancer := arns["targetgroup/gateway-0"], arns["loadbalancer/app/gateway"]
	if group == "" || balancer == "" {
		t.Fatalf("ARNs are %v", arns)
	}
	sim := simulator.New(gateways(2), simulator.Options{})
	s := read(t, openBehind(t, rewriting(t, sim, "DescribeServiceRevisions", connect("service-0000", group, balancer)),
		collect.Options{}))
	if !s.Complete || len(s.ServiceRevisions) != 2 || s.Stats.Calls[model.DescribeServiceRevisions] != 1 {
		t.Fatalf("revisions %+v, gaps %v", s.ServiceRevisions, s.Gaps)
	}
	ix := model.NewIndex(s)
	found, missing := ix.TargetGroup(group)
	if missing != nil || found.Health == nil {
		t.Fatalf("the group is %+v, missing %v", found, missing)
	}
	front, missing := ix.LoadBalancer(balancer)
	if missing != nil || front.Attributes == nil {
		t.Fatalf("the load balancer is %+v, missing %v", front, missing)
	}
	listeners, missing := ix.Listeners(balancer)
	if missing != nil || len(listeners) != 1 {
		t.Fatalf("listeners %+v, missing %v", listeners, missing)
	}
	if rules, missing := ix.Rules(listeners[0].ARN); missing != nil || len(rules) != 1 {
		t.Errorf("rules %+v, missing %v", rules, missing)
	}
	if _, missing := ix.SecurityGroup(front.SecurityGroups[0]); missing != nil {
		t.Error(missing)
	}
	for i := range s.Services {
		for _, r := range s.Services[i].CurrentRevisions {
			if _, missing := ix.ServiceRevision(r.ARN); missing != nil || r.RunningCount != 1 {
				t.Errorf("revision %+v, missing %v", r, missing)
			}
		}
	}
}

// In a region with more target groups than a page holds, revisions have to be known
// before it is decided how to read those that are missing.
func TestTheGroupsOfRevisionsAreReadByTheCheaperOfPagesAndARNs(t *testing.T) {
	world := func() *simulator.World {
		w := gateways(3)
		w.TargetGroups = append(crowded(0, 1000).TargetGroups, w.TargetGroups...)
		return w
	}
	real := balancingARNs(t, gateways(3))["targetgroup/gateway-0"]
	gone := "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/gone/0123456789abcdef"
	for group, test := range map[model.ARN]struct {
		loaded, gaps, calls int
	}{
		real: {4, 0, 2},
		gone: {3, 1, 5}, // after each of two pages a batch fails, and the next page is turned
	} {
		synctest.Test(t, func(t *testing.T) {
			sim := simulator.New(world(), simulator.Options{})
			s := read(t, openBehind(t, rewriting(t, sim, "DescribeServiceRevisions", connect("service-0000", group, "")),
				collect.Options{}))
			if s.Counts.TargetGroups != (model.Count{Listed: 4, Loaded: test.loaded}) || len(s.Gaps) != test.gaps {
				t.Errorf("%s: target groups %+v, gaps %v", group, s.Counts.TargetGroups, s.Gaps)
			}
			if got := s.Stats.Calls[model.DescribeTargetGroups]; got != test.calls {
				t.Errorf("%s: %d calls, want %d", group, got, test.calls)
			}
		})
	}
}

func TestRevisionsAreReadTwentyAtATimeAndOnlyWhereTheyTellMore(t *testing.T) {
	for name, test := range map[string]struct {
		world *simulator.World
		calls int
	}{
		"no gateway":                  {awstest.Fleet(30), 0},
		"twenty":                      {gateways(20), 1},
		"twenty-one":                  {gateways(21), 2},
		"the middle of a blue/green":  {rollout("BLUE_GREEN"), 1},
		"the middle of a rolling one": {rollout("ROLLING"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := open(t, test.world, collect.Options{})
			s := read(t, a)
			if got := s.Stats.Calls[model.DescribeServiceRevisions]; got != test.calls || !s.Complete {
				t.Errorf("%d calls, want %d; gaps %v", got, test.calls, s.Gaps)
			}
		})
	}
}

// rollout is a service caught between two deployments.
func rollout(strategy string) *simulator.World {
	w := awstest.Fleet(2)
	two := 2
	w.Services[0].DeploymentStrategy, w.Services[0].DesiredCount = strategy, &two
	w.Services[0].PreviousDeployments = []simulator.PreviousDeployment{{RunningCount: 1}}
	return w
}

func TestTheSideOfABlueGreenDeploymentIsInItsRevisions(t *testing.T) {
	a, _ := open(t, rollout("BLUE_GREEN"), collect.Options{})
	s := read(t, a)
	svc := &s.Services[0]
	if len(svc.CurrentRevisions) != 2 || len(s.ServiceRevisions) != 2 {
		t.Fatalf("revisions %+v and %+v", svc.CurrentRevisions, s.ServiceRevisions)
	}
	for _, r := range s.ServiceRevisions {
		if r.ServiceARN != svc.ARN || len(r.LoadBalancers) != 1 ||
			r.LoadBalancers[0].TargetGroupARN != svc.LoadBalancers[0].TargetGroupARN {
			t.Errorf("the revision is %+v", r)
		}
	}
}

func TestARefusedRevisionIsAGapAndNothingElse(t *testing.T) {
	for _, kind := range []simulator.FailureKind{simulator.AccessDenied, simulator.Unsupported, simulator.HTMLError} {
		t.Run(string(kind), func(t *testing.T) {
			w := gateways(2)
			w.Faults.Fail = []simulator.Failure{{Action: string(model.DescribeServiceRevisions), With: kind}}
			a, sim := open(t, w, collect.Options{Everything: true})
			s := read(t, a)
			if len(s.Gaps) == 0 || len(s.Gaps) > 2 || len(s.GatewayRoutes) != 2 || s.Counts.TargetGroups.Loaded != 2 {
				t.Errorf("gaps %v, counts %+v", s.Gaps, s.Counts)
			}
			for _, g := range s.Gaps {
				if g.Action != model.DescribeServiceRevisions || g.Effect == "" {
					t.Errorf("the gap is %+v", g)
				}
			}
			if n := awstest.Count(sim, model.DescribeServiceRevisions); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
			revision := s.Services[0].CurrentRevisions[0].ARN
			if _, missing := model.NewIndex(s).ServiceRevision(revision); missing == nil || missing.State == model.NotRead {
				t.Errorf("missing %v", missing)
			}
		})
	}
}

func TestTheAddressesOfVPCLatticeAreReadWhereAServiceIsInIt(t *testing.T) {
	const v4, v6 = "com.amazonaws.ap-northeast-1.vpc-lattice", "com.amazonaws.ap-northeast-1.ipv6.vpc-lattice"
	for name, test := range map[string]struct {
		hide           []string
		inRule         bool
		gaps           int
		entries, calls int
	}{
		"both families":          {nil, false, 0, 2, 1},
		"no IPv6 in this region": {[]string{v6}, false, 0, 1, 1},
		"a rule refers to it":    {nil, true, 0, 2, 2},
		"none":                   {[]string{v4, v6}, false, 1, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := awstest.Fleet(2)
			w.PrefixLists = []simulator.PrefixList{
				{Name: v4, Owner: "AWS", Entries: []string{"169.254.171.0/24"}},
				{Name: v6, Owner: "AWS", Entries: []string{"fd00:ec2:80::/64"}},
			}
			if test.inRule {
				w.SecurityGroups[0].Ingress = append(w.SecurityGroups[0].Ingress,
					simulator.SecurityGroupRule{PrefixList: v4, Ports: simulator.Port(80)})
			}
			s := read(t, openBehind(t, lattice(t, simulator.New(w, simulator.Options{}), test.hide), collect.Options{}))
			if len(s.Services[0].Primary().VPCLattice) != 1 || len(s.Gaps) != test.gaps {
				t.Fatalf("the deployment is %+v, gaps %v", s.Services[0].Primary(), s.Gaps)
			}
			list, missing := model.NewIndex(s).PrefixListNamed(v4)
			if (missing != nil) != (test.entries == 0) || missing == nil && len(list.Entries) != 1 {
				t.Errorf("list %+v, missing %v", list, missing)
			}
			if missing != nil && missing.State != model.Absent {
				t.Errorf("missing %v", missing)
			}
			if got := s.Stats.Calls; got[model.DescribeManagedPrefixLists] != test.calls ||
				got[model.GetPrefixListEntries] != test.entries {
				t.Errorf("%d and %d calls, want %d and %d", got[model.DescribeManagedPrefixLists], got[model.GetPrefixListEntries],
					test.calls, test.entries)
			}
		})
	}
}

// lattice puts every service into VPC Lattice, and hides prefix lists.
func lattice(t *testing.T, sim *simulator.Simulator, hide []string) http.RoundTripper {
	t.Helper()
	services := rewriting(t, sim, "DescribeServices", func(reply map[string]any) {
		for _, s := range reply["services"].([]any) {
			for _, d := range s.(map[string]any)["deployments"].([]any) {
				d.(map[string]any)["vpcLatticeConfigurations"] = []any{map[string]any{
					"portName":       "http",
					"targetGroupArn": "arn:lattice",
				}}
			}
		}
	})
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		body := awstest.Body(t, r.Body)
		if bytes.Contains(body, []byte("Action=DescribeManagedPrefixLists")) {
			for _, name := range hide {
				body = bytes.Replace(body, []byte("="+name), []byte("=nothing"), 1)
			}
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return services.RoundTrip(r)
	})
}
