package collect_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// optional are the actions whose facts only some rules and rarer ways into a task
// need.
var optional = []model.Action{
	model.DescribeServiceRevisions, model.ListServicesByNamespace, model.ListTasks, model.DescribeTasks,
	model.ListContainerInstances, model.DescribeContainerInstances, model.DescribeInstances,
	model.DescribeTargetHealth, model.DescribeTargetGroupAttributes, model.DescribeLoadBalancerAttributes,
	model.ListDiscoveryServices, model.ListMetrics, model.DescribeNetworkInterfaces,
}

// optionalCalls are the calls that were spent on optional facts.
func optionalCalls(s *model.Snapshot) map[model.Action]int {
	calls := maps.Clone(s.Stats.Calls)
	maps.DeleteFunc(calls, func(a model.Action, _ int) bool {
		return !slices.Contains(optional, a) && a != model.GetMetricData // without which nothing is unknown
	})
	return calls
}

// transport is a fleet behind network load balancers.
func transportFleet(n int) *simulator.World {
	w := awstest.Fleet(n)
	for i := range w.TargetGroups {
		w.TargetGroups[i].Protocol = "TCP"
	}
	for i := range w.LoadBalancers {
		w.LoadBalancers[i].Type = "network"
		w.LoadBalancers[i].Listeners[0].Rules = nil
	}
	for i := range w.Services { // one group a listener
		if i%awstest.PerLoadBalancer > 0 {
			w.LoadBalancers[i/awstest.PerLoadBalancer].Listeners = append(w.LoadBalancers[i/awstest.PerLoadBalancer].Listeners,
				simulator.Listener{Port: 8000 + i, Default: simulator.ForwardTo(w.TargetGroups[i].Name)})
		}
	}
	return w
}

// hosts is a cluster with tasks in bridge, host and awsvpc mode, and one without
// instances.
func hosts() *simulator.World {
	w := awstest.Fleet(3)
	w.Clusters = append(w.Clusters, simulator.Cluster{Name: "serverless"})
	w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: "hosts"})
	w.VPCs = []simulator.VPC{{Name: "main"}, {Name: "second", CIDRs: []string{"10.1.0.0/16"}}}
	w.Subnets = []simulator.Subnet{
		{Name: "a", CIDR: "10.0.0.0/24"},
		{Name: "b", CIDR: "10.0.1.0/24", Zone: "c"},
		{Name: "far", VPC: "second", CIDR: "10.1.0.0/24"},
	}
	w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: "far-hosts", VPC: "second"})
	w.ContainerInstances = []simulator.ContainerInstance{
		{Name: "one", SecurityGroups: []string{"hosts"}, Subnet: "a"},
		{Name: "two", SecurityGroups: []string{"far-hosts"}, Subnet: "far"},
	}
	w.TaskDefinitions[0].NetworkMode = "bridge"
	w.TaskDefinitions[1].NetworkMode = "host"
	w.TargetGroups[0].TargetType, w.TargetGroups[1].TargetType = "instance", "instance"
	three := 3
	w.Services[0].DesiredCount = &three
	for i := range 2 {
		w.Services[i].Subnets, w.Services[i].SecurityGroups, w.Services[i].ServiceConnect = nil, nil, nil
	}
	more := w.Services[2]
	more.Name, more.Cluster, more.TaskDefinition, more.LoadBalancers = "elsewhere", "serverless", w.Services[2].Name, nil
	w.Services = append(w.Services, more)
	return w
}

func TestOptionalFactsCostTheseCalls(t *testing.T) {
	type calls = map[model.Action]int
	namespaces := func(n int) *simulator.World {
		w := awstest.Fleet(n)
		w.Namespaces = nil
		for i := range n {
			name := fmt.Sprintf("space-%02d", i)
			w.Namespaces = append(w.Namespaces, simulator.Namespace{Name: name})
			w.Services[i].ServiceConnect = fmt.Appendf(nil, `{"enabled":true,"namespace":%q,"services":[{"portName":"http"}]}`,
				name)
		}
		return w
	}
	for name, test := range map[string]struct {
		world *simulator.World
		// some is what the explorer reads, everything what a report does. Both ask each cluster
		// for its stopped tasks besides, and once for interfaces.
		some, everything calls
	}{
		"nothing that a rule needs": {
			plain(awstest.Fleet(2)),
			calls{model.DescribeTargetHealth: 2},
			calls{model.DescribeTargetHealth: 2},
		},
		"as many groups as the explorer may ask for": {
			awstest.Fleet(29),
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 29, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 1,
			},
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 29, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 1,
			},
		},
		"one more": {
			awstest.Fleet(30),
			calls{model.ListMetrics: 1, model.DescribeTargetHealth: 30, model.ListDiscoveryServices: 1},
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 30, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 1,
			},
		},
		"two load balancers, more than a page of clusters' services": {
			awstest.Fleet(120),
			calls{model.ListMetrics: 1, model.GetMetricData: 1, model.ListDiscoveryServices: 1},
			calls{
				model.ListMetrics: 1, model.GetMetricData: 1, model.DescribeLoadBalancerAttributes: 2,
				model.ListDiscoveryServices: 1,
			},
		},
		"attributes of network load balancers' groups, always": {
			transportFleet(40),
			calls{
				model.ListMetrics: 1, model.DescribeTargetGroupAttributes: 40, model.GetMetricData: 1,
				model.ListDiscoveryServices: 1,
			},
			calls{
				model.ListMetrics: 1, model.DescribeTargetGroupAttributes: 40, model.GetMetricData: 1,
				model.ListDiscoveryServices: 1,
			},
		},
		"five namespaces": {
			namespaces(5),
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 5, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 5,
			},
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 5, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 5,
			},
		},
		"six namespaces": {
			namespaces(6),
			calls{model.ListMetrics: 1, model.DescribeTargetHealth: 6, model.DescribeLoadBalancerAttributes: 1},
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 6, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices: 6,
			},
		},
		"instances": {
			hosts(),
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 3, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices:  1,
				model.ListContainerInstances: 1, model.DescribeContainerInstances: 1, model.DescribeInstances: 1,
				model.ListTasks: 1, model.DescribeTasks: 1,
			},
			calls{
				model.ListMetrics: 1, model.DescribeTargetHealth: 3, model.DescribeLoadBalancerAttributes: 1,
				model.ListDiscoveryServices:  1,
				model.ListContainerInstances: 1, model.DescribeContainerInstances: 1, model.DescribeInstances: 1,
				model.ListTasks: 1, model.DescribeTasks: 1,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for everything, want := range map[bool]calls{false: test.some, true: test.everything} {
					want[model.ListTasks] += len(test.world.Clusters)
					want[model.DescribeNetworkInterfaces]++
					a, _ := open(t, test.world, collect.Options{Everything: everything})
					s := read(t, a)
					if diff := cmp.Diff(want, optionalCalls(s)); diff != "" {
						t.Errorf("everything %t (-want +got):\n%s", everything, diff)
					}
					if !s.Complete || len(s.Gaps) > 0 {
						t.Errorf("everything %t: complete %t, gaps %v", everything, s.Complete, s.Gaps)
					}
				}
			})
		})
	}
}

// plain is a world without Service Connect.
func plain(w *simulator.World) *simulator.World {
	for i := range w.Services {
		w.Services[i].ServiceConnect = nil
	}
	return w
}

func TestWhatWasNotReadForItsCostIsSaidToBeUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := open(t, awstest.Fleet(40), collect.Options{})
		s := read(t, a)
		ix := model.NewIndex(s)
		for i := range s.TargetGroups {
			if _, m := ix.TargetHealth(&s.TargetGroups[i]); m == nil || m.State != model.NotRead {
				t.Fatalf("targets: %v", m)
			}
		}
		lb := &s.LoadBalancers[0]
		if g := ix.Gap(model.DescribeLoadBalancerAttributes, lb.ARN); lb.Attributes != nil || g != nil {
			t.Errorf("attributes: %v, gap %v", lb.Attributes, g)
		}
		if _, m := ix.Tasks(&s.Services[0]); m == nil || m.State != model.NotRead {
			t.Errorf("tasks: %v", m)
		}
		if !s.Complete {
			t.Errorf("gaps: %v", s.Gaps)
		}
	})
}

func TestTargetsAndAttributesAreOnTheirResources(t *testing.T) {
	w := awstest.Fleet(2)
	w.LoadBalancers[0].Attributes = map[string]string{"idle_timeout.timeout_seconds": "4000"}
	a, _ := open(t, w, collect.Options{})
	s := read(t, a)
	for i := range s.TargetGroups {
		h := s.TargetGroups[i].Health
		if h == nil || len(h.Targets) != 1 || h.Targets[0].Port != 80 || h.Targets[0].State == "" {
			t.Errorf("the targets of %s are %+v", s.TargetGroups[i].Name, h)
		}
	}
	if got := s.LoadBalancers[0].Attributes; got == nil || got.IdleTimeoutSeconds != 4000 {
		t.Errorf("the attributes are %+v", got)
	}
	w = transportFleet(2)
	w.TargetGroups[1].Attributes = map[string]string{
		"proxy_protocol_v2.enabled":  "true",
		"preserve_client_ip.enabled": "true",
	}
	a, _ = open(t, w, collect.Options{})
	s = read(t, a)
	ix := model.NewIndex(s)
	for i, want := range []model.TargetGroupAttributes{{}, {ProxyProtocolV2: true, PreserveClientIP: true}} {
		got, missing := ix.TargetGroupAttributes(&s.TargetGroups[i])
		if missing != nil || *got != want {
			t.Errorf("the attributes of %s are %+v (%v), want %+v", s.TargetGroups[i].Name, got, missing, want)
		}
	}
	if s.LoadBalancers[0].Attributes != nil {
		t.Error("a network load balancer has no idle timeout to read")
	}
}

func TestInstancesAndTasksAreReadForTheClustersThatShareInterfaces(t *testing.T) {
	a, _ := open(t, hosts(), collect.Options{})
	s := read(t, a)
	ix := model.NewIndex(s)
	if len(s.ContainerInstances) != 2 {
		t.Fatalf("%d instances, want 2", len(s.ContainerInstances))
	}
	names := make(map[string]bool)
	for i := range s.ContainerInstances {
		instance, missing := ix.ContainerInstance(s.ContainerInstances[i].ARN)
		if missing != nil || instance.Cluster != "fleet" || len(instance.Addresses) == 0 {
			t.Fatalf("the instance is %+v, missing %v", instance, missing)
		}
		for _, id := range instance.Network.SecurityGroups {
			group, missing := ix.SecurityGroup(id)
			if missing != nil {
				t.Fatal(missing)
			}
			names[group.Name] = true
		}
		if _, missing := ix.Subnet(instance.Network.Subnets[0]); missing != nil {
			t.Error(missing)
		}
	}
	if !names["hosts"] || !names["far-hosts"] {
		t.Errorf("groups are %v", names)
	}
	counts := make(map[string]int)
	for i := range s.Services {
		svc := &s.Services[i]
		tasks, missing := ix.Tasks(svc)
		if svc.Cluster == "serverless" {
			if missing == nil || missing.State != model.NotRead {
				t.Errorf("the tasks of %s: %v, missing %v", svc.Name, tasks, missing)
			}
			continue
		}
		if missing != nil {
			t.Fatal(missing)
		}
		counts[svc.Name] = len(tasks)
	}
	if diff := cmp.Diff(map[string]int{"service-0000": 3, "service-0001": 1, "service-0002": 1}, counts); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	task := ix.Service(model.Ref{Cluster: "fleet", Service: "service-0000"}).Tasks.Tasks[0]
	if _, missing := ix.ContainerInstance(task.ContainerInstance); missing != nil {
		t.Error(missing)
	}
	if b := task.Containers[0].Bindings; len(b) != 1 || b[0].ContainerPort != 80 || b[0].HostPort < 1024 {
		t.Errorf("bindings are %+v", b)
	}
}

func TestAServiceWithoutTasksHasAnEmptyList(t *testing.T) {
	w := hosts()
	none := 0
	for i := range w.Services {
		w.Services[i].DesiredCount = &none
	}
	a, _ := open(t, w, collect.Options{})
	s := read(t, a)
	tasks, missing := model.NewIndex(s).Tasks(&s.Services[0])
	if missing != nil || len(tasks) > 0 {
		t.Errorf("tasks %v, missing %v", tasks, missing)
	}
	if got := s.Stats.Calls[model.DescribeTasks]; got != 0 {
		t.Errorf("%d calls for no task", got)
	}
}

func TestTasksOfManyAreReadAHundredAtATime(t *testing.T) {
	w := hosts()
	many := 250
	w.Services[0].DesiredCount = &many
	a, _ := open(t, w, collect.Options{})
	s := read(t, a)
	if got := s.Stats.Calls; got[model.ListTasks] != 5 || got[model.DescribeTasks] != 3 {
		t.Errorf("%d and %d calls, want 5 (two for stopped ones) and 3", got[model.ListTasks], got[model.DescribeTasks])
	}
	if got := len(s.Services[0].Tasks.Tasks); got != many {
		t.Errorf("%d tasks, want %d", got, many)
	}
}

func TestNamespaceMembersAreReadWhereAClusterWasLeftOut(t *testing.T) {
	for _, test := range []struct {
		name       string
		clusters   []string
		everything bool
		calls      int
	}{
		{"all clusters", nil, true, 0},
		{"the explorer", []string{"prod-a"}, false, 0},
		{"some clusters", []string{"prod-a"}, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, _ := open(t, three(), collect.Options{Clusters: test.clusters, Everything: test.everything})
			s := read(t, a)
			if got := s.Stats.Calls[model.ListServicesByNamespace]; got != test.calls {
				t.Fatalf("%d calls, want %d", got, test.calls)
			}
			members, missing := model.NewIndex(s).NamespaceMembers(s.Namespaces[0].ARN)
			if test.calls > 0 && (missing != nil || len(members) != 6) {
				t.Errorf("members %v, missing %v", members, missing)
			}
			if test.calls == 0 && missing == nil {
				t.Error("members were not read, and yet are known")
			}
		})
	}
}

func TestCloudMapServicesHaveTheirNamespace(t *testing.T) {
	w := awstest.Fleet(2)
	w.Namespaces = append(w.Namespaces, simulator.Namespace{Name: "local", Type: "DNS_PRIVATE"},
		simulator.Namespace{Name: "unused"})
	w.Services[1].Registries = []simulator.ServiceRegistry{{Namespace: "local", Service: "one"}}
	a, _ := open(t, w, collect.Options{})
	s := read(t, a)
	ix := model.NewIndex(s)
	if got := s.Stats.Calls[model.ListDiscoveryServices]; got != 2 {
		t.Errorf("%d calls, want one for each namespace in use", got)
	}
	d, missing := ix.DiscoveryService(s.Services[1].ServiceRegistries[0].RegistryARN)
	if missing != nil || d.Name != "one" || d.CreatedAt.IsZero() {
		t.Fatalf("the registry is %+v, missing %v", d, missing)
	}
	if key, _ := ix.Namespace("local"); d.Namespace != key.Key {
		t.Errorf("it is in %s, want %s", d.Namespace, key.Key)
	}
	if len(s.DiscoveryServices) != 2 { // the other one is the endpoint of both services
		t.Errorf("the services are %+v", s.DiscoveryServices)
	}
}

// canary groups: one without targets that a rule leads to, one that nothing does.
func TestGroupsThatOnlyRulesNameAreReadForReports(t *testing.T) {
	w := awstest.Fleet(2)
	w.TargetGroups = append(w.TargetGroups, simulator.TargetGroup{Name: "empty", Port: 80},
		simulator.TargetGroup{Name: "idle", Port: 80})
	w.LoadBalancers[0].Listeners[0].Rules = append(w.LoadBalancers[0].Listeners[0].Rules, simulator.ListenerRule{
		Priority: 77, Conditions: []simulator.RuleCondition{{Field: "path-pattern", Values: []string{"/old/*"}}},
		Action: simulator.ForwardTo("empty"),
	})
	for everything, want := range map[bool][]string{
		false: {"service-0000", "service-0001"}, true: {"empty", "service-0000", "service-0001"},
	} {
		a, _ := open(t, w, collect.Options{Everything: everything})
		s := read(t, a)
		var names []string
		for i := range s.TargetGroups {
			g := &s.TargetGroups[i]
			names = append(names, g.Name)
			if g.Health == nil || (len(g.Health.Targets) == 0) != (g.Name == "empty") {
				t.Errorf("the targets of %s are %+v", g.Name, g.Health)
			}
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("everything %t (-want +got):\n%s", everything, diff)
		}
		if !s.Complete {
			t.Errorf("gaps: %v", s.Gaps)
		}
	}
}

// A target on a port that no service registers was registered by hand, or is of an
// old deployment: tasks' addresses tell.
func TestAnUnexplainedTargetMakesReportsReadAllTasks(t *testing.T) {
	for name, test := range map[string]struct {
		targets []simulator.Target
		calls   int
	}{
		"none":                    {nil, 0},
		"on the port of the task": {[]simulator.Target{{Address: "10.0.0.200", Port: 80}}, 0},
		"on another port":         {[]simulator.Target{{Address: "10.0.0.200", Port: 9000}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := awstest.Fleet(2)
			w.TargetGroups[1].Targets = test.targets
			for _, everything := range []bool{false, true} {
				a, _ := open(t, w, collect.Options{Everything: everything})
				s := read(t, a)
				want := 1 // for the stopped ones
				if everything {
					want += test.calls
				}
				if got := s.Stats.Calls[model.ListTasks]; got != want {
					t.Errorf("everything %t: %d calls, want %d", everything, got, want)
				}
				if want > 1 && (s.Services[0].Tasks == nil || len(s.Services[0].Tasks.Tasks[0].Addresses) != 1) {
					t.Errorf("the tasks are %+v", s.Services[0].Tasks)
				}
			}
		})
	}
}

// A denial of any of them is a gap and nothing else.
func TestARefusedOptionalActionTakesNothingElseAway(t *testing.T) {
	worlds := map[string]func() *simulator.World{
		"hosts": func() *simulator.World {
			w := hosts()
			w.TargetGroups[2].Targets = []simulator.Target{{Address: "10.0.0.200", Port: 9000}}
			return w
		},
		"network load balancers": func() *simulator.World { return transportFleet(3) },
		"gateways": func() *simulator.World {
			w := gateways(2)
			w.Clusters = append(w.Clusters, simulator.Cluster{Name: "other"})
			return w
		},
	}
	options := collect.Options{Everything: true, Clusters: []string{"fleet"}}
	tried := make(map[model.Action]bool)
	for name, world := range worlds {
		a, _ := open(t, world(), options)
		whole := read(t, a)
		if !whole.Complete {
			t.Fatalf("gaps: %v", whole.Gaps)
		}
		for action := range optionalCalls(whole) {
			tried[action] = true
			for _, kind := range []simulator.FailureKind{simulator.AccessDenied, simulator.Unsupported, simulator.HTMLError} {
				t.Run(fmt.Sprintf("%s/%s/%s", name, kind, action), func(t *testing.T) {
					a, sim := open(t, world(), options)
					sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: string(action), With: kind}}})
					checkOnlyThisIsMissing(t, read(t, a), whole, action)
					// Three groups' calls may be on their way together.
					if sent := awstest.Count(sim, action); sent > 3 {
						t.Errorf("it was sent %d times", sent)
					}
				})
			}
		}
	}
	for _, action := range optional {
		if !tried[action] {
			t.Errorf("no world sends %s", action)
		}
	}
}

// follows are the optional actions that start when another one has answered.
var follows = map[model.Action][]model.Action{
	model.ListTasks:                  {model.DescribeTasks},
	model.ListContainerInstances:     {model.DescribeContainerInstances, model.DescribeInstances},
	model.DescribeContainerInstances: {model.DescribeInstances},
	// Without targets none is unexplained.
	model.DescribeTargetHealth: {model.ListTasks, model.DescribeTasks},
}

func checkOnlyThisIsMissing(t *testing.T, s, whole *model.Snapshot, action model.Action) {
	t.Helper()
	if s.Complete || s.Loading() || len(s.Gaps) == 0 {
		t.Errorf("complete %t, loading %t, gaps %v", s.Complete, s.Loading(), s.Gaps)
	}
	for _, g := range s.Gaps {
		if g.Action != action || g.Effect == "" || g.Message == "" {
			t.Errorf("the gap is %+v", g)
		}
	}
	if s.Counts != whole.Counts {
		t.Errorf("counts are %+v, want %+v", s.Counts, whole.Counts)
	}
	for other, n := range whole.Stats.Calls {
		if other == model.DescribeSecurityGroups {
			continue // one call or two: a VPC may be known when the first is sent
		}
		if got := s.Stats.Calls[other]; other != action && got != n && !slices.Contains(follows[action], other) {
			t.Errorf("%s was sent %d times, want %d", other, got, n)
		}
	}
}

// A cluster that has no instances has answered: it is not a thing that is not read.
func TestAClusterWithoutInstancesHasAnswered(t *testing.T) {
	sim := simulator.New(hosts(), simulator.Options{})
	s := read(t, openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListContainerInstances") {
			return sim.RoundTrip(r)
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(`{"containerInstanceArns":[]}`)),
		}, nil
	}), collect.Options{}))
	_, missing := model.NewIndex(s).ContainerInstances("fleet")
	if missing == nil || missing.State != model.Absent || missing.Action != model.ListContainerInstances {
		t.Errorf("missing %+v, gaps %+v", missing, s.Gaps)
	}
	if _, missing := model.NewIndex(s).ContainerInstances("serverless"); missing == nil || missing.State != model.NotRead {
		t.Errorf("nothing asked for the instances of the other cluster: %+v", missing)
	}
}
