package collect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// open opens an account behind a simulator of the world.
func open(
	t *testing.T, world *simulator.World, o collect.Options, of ...aws.Options,
) (*collect.Source, *simulator.Simulator) {
	t.Helper()
	s := simulator.New(world, simulator.Options{})
	return openBehind(t, s, o, of...), s
}

// openBehind opens an account behind a transport.
func openBehind(t *testing.T, transport http.RoundTripper, o collect.Options, of ...aws.Options) *collect.Source {
	t.Helper()
	return newSource(t, o, append(of, aws.Options{})[0], transport)
}

// withoutWaiting runs a subtest on a clock of its own, so that the pauses between the
// attempts of a call that fails take no time.
func withoutWaiting(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// newSource opens an account; the transport may be nil.
func newSource(t *testing.T, o collect.Options, of aws.Options, transport http.RoundTripper) *collect.Source {
	t.Helper()
	of.Transport = transport
	account, err := aws.Open(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	source, err := collect.New(account, o)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// read reads an account that has something to show.
func read(t *testing.T, a *collect.Source) *model.Snapshot {
	t.Helper()
	s, err := a.Collect(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// everyCall is one call of each operation of the core that pages once, and of those
// behind it that one target group and one endpoint need.
func everyCall() map[model.Action]int {
	return map[model.Action]int{
		model.ListClusters: 1, model.DescribeClusters: 1, model.ListServices: 1, model.DescribeServices: 1,
		model.DescribeTaskDefinition: 1, model.ListGatewayRoutes: 1,
		model.DescribeTargetGroups: 1, model.DescribeLoadBalancers: 1, model.DescribeListeners: 1, model.DescribeRules: 1,
		model.DescribeSecurityGroups: 1, model.DescribeSubnets: 1, model.DescribeVpcs: 1, model.DescribeNetworkAcls: 1,
		model.ListNamespaces: 1,

		model.DescribeTargetHealth: 1, model.DescribeLoadBalancerAttributes: 1, model.ListDiscoveryServices: 1,
		model.ListMetrics: 1, model.ListTasks: 1, model.DescribeNetworkInterfaces: 1,
	}
}

func TestTheArticlesWorldIsReadWithTheCallsOfTheFormula(t *testing.T) {
	a, sim := open(t, awstest.Load(t, "article"), collect.Options{}, aws.Options{Origin: "simulator:article"})
	s := read(t, a)

	want := everyCall()
	want[model.DescribeTaskDefinition] = 2
	if diff := cmp.Diff(want, s.Stats.Calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	seen := make(map[model.Action]int)
	for _, c := range sim.Calls() {
		seen[model.Action(c.Action)]++
	}
	if diff := cmp.Diff(seen, s.Stats.Calls); diff != "" {
		t.Errorf("calls that were counted and calls that arrived (-arrived +counted):\n%s", diff)
	}
	if !s.Complete || len(s.Gaps) > 0 || s.Stats.Throttled > 0 {
		t.Errorf("complete %t, gaps %v, throttled %d", s.Complete, s.Gaps, s.Stats.Throttled)
	}
	scope := model.Scope{
		Account: "123456789012", Region: "ap-northeast-1", Clusters: []string{"sample-cluster"}, AllClusters: true,
	}
	if diff := cmp.Diff(scope, s.Scope); diff != "" {
		t.Errorf("scope (-want +got):\n%s", diff)
	}
	counts := model.Counts{
		Services: model.Count{Listed: 2, Loaded: 2}, TaskDefinitions: model.Count{Listed: 2, Loaded: 2},
		TargetGroups: model.Count{Listed: 1, Loaded: 1}, LoadBalancers: model.Count{Listed: 1, Loaded: 1},
	}
	if s.Counts != counts {
		t.Errorf("counts are %+v, want %+v", s.Counts, counts)
	}
	if s.Origin != "simulator:article" {
		t.Errorf("origin is %q", s.Origin)
	}
}

func TestTheArticlesServerHasEverythingThatItsPathsNeed(t *testing.T) {
	a, _ := open(t, awstest.Load(t, "article"), collect.Options{})
	s := read(t, a)
	ix := model.NewIndex(s)
	server := ix.Service(model.Ref{Cluster: "sample-cluster", Service: "sample-ecs-app"})
	d := server.Primary()
	connect := &model.ServiceConnect{
		Enabled: true, Namespace: d.ServiceConnect.Namespace,
		Services: []model.ServiceConnectService{{
			PortName: "app", DiscoveryName: "app",
			ClientAliases: []model.ClientAlias{{Port: 80, DNSName: "app.sample-namespace"}},
		}},
	}
	if diff := cmp.Diff(connect, d.ServiceConnect); diff != "" {
		t.Errorf("Service Connect (-want +got):\n%s", diff)
	}
	if key, missing := ix.Namespace(d.ServiceConnect.Namespace); missing != nil || key.Name != "sample-namespace" {
		t.Errorf("namespace is %v, missing %v", key, missing)
	}
	definition, missing := ix.TaskDefinition(d.TaskDefinition)
	if missing != nil {
		t.Fatal(missing)
	}
	if port, container := definition.PortNamed("app"); port == nil || port.ContainerPort != 80 || container != "App" {
		t.Errorf("port app is %v of %q", port, container)
	}
	group, missing := ix.TargetGroup(server.LoadBalancers[0].TargetGroupARN)
	if missing != nil {
		t.Fatal(missing)
	}
	check := model.HealthCheck{
		Enabled: true, Port: model.TrafficPort, Protocol: "HTTP", Path: "/health", Matcher: "200",
		IntervalSeconds: 30, TimeoutSeconds: 5, HealthyThreshold: 5, UnhealthyThreshold: 2,
	}
	if diff := cmp.Diff(check, group.HealthCheck); diff != "" {
		t.Errorf("health check (-want +got):\n%s", diff)
	}
	listeners, missing := ix.Listeners(group.LoadBalancers[0])
	if missing != nil || len(listeners) != 1 {
		t.Fatalf("listeners are %v, missing %v", listeners, missing)
	}
	rules, missing := ix.Rules(listeners[0].ARN)
	if missing != nil || len(rules) != 1 || !rules[0].Default {
		t.Fatalf("rules are %v, missing %v", rules, missing)
	}
	forward := []model.WeightedTargetGroup{{TargetGroupARN: group.ARN, Weight: 1}}
	if diff := cmp.Diff(forward, rules[0].Actions[0].Forward); diff != "" {
		t.Errorf("forward (-want +got):\n%s", diff)
	}
	for _, id := range d.Network.SecurityGroups {
		if _, missing := ix.SecurityGroup(id); missing != nil {
			t.Error(missing)
		}
	}
	for _, id := range d.Network.Subnets {
		if _, missing := ix.Subnet(id); missing != nil {
			t.Error(missing)
		}
		if _, missing := ix.SubnetACL(id); missing != nil {
			t.Error(missing)
		}
	}
}

func TestEveryWorldIsReadCompletely(t *testing.T) {
	for _, name := range simulator.Worlds() {
		for _, everything := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", name, everything), func(t *testing.T) {
				a, _ := open(t, awstest.Load(t, name), collect.Options{Everything: everything})
				s := read(t, a)
				if !s.Complete || len(s.Gaps) > 0 {
					t.Errorf("complete %t, gaps %v", s.Complete, s.Gaps)
				}
				if err := s.Validate(); err != nil {
					t.Error(err)
				}
				c := s.Counts
				for _, count := range []model.Count{c.Services, c.TaskDefinitions, c.TargetGroups, c.LoadBalancers} {
					if count.Listed != count.Loaded {
						t.Errorf("counts are %+v", c)
					}
				}
			})
		}
	}
}

func TestReadingTwiceGivesTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := open(t, awstest.Fleet(120), collect.Options{})
		first, second := read(t, a), read(t, a)
		for _, s := range []*model.Snapshot{first, second} {
			s.CollectedAt, s.Stats.CollectMillis = time.Time{}, 0
		}
		if diff := cmp.Diff(marshal(t, first), marshal(t, second)); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

// A canary stands in every place of a task definition where a secret may be.
func TestNoEnvironmentSecretCommandOrLogOptionEntersTheSnapshot(t *testing.T) {
	const canary = "canary-7f3a"
	w := awstest.Load(t, "article")
	for i := range w.TaskDefinitions {
		for j := range w.TaskDefinitions[i].Containers {
			c := &w.TaskDefinitions[i].Containers[j]
			c.Environment = map[string]string{"TOKEN": canary, canary: "name"}
			c.Secrets = map[string]string{"DB": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:" + canary}
			c.HealthCheck = []string{"CMD-SHELL", "curl -H " + canary + " localhost"}
			c.LogConfiguration = []byte(`{"logDriver":"splunk","options":{"splunk-token":"` + canary + `"}}`)
		}
	}
	w.Services[0].ServiceConnect = []byte(`{"enabled":true,"namespace":"sample-namespace",
		"services":[{"portName":"app","discoveryName":"app","clientAliases":[{"port":80}]}],
		"logConfiguration":{"logDriver":"splunk","options":{"splunk-token":"` + canary + `"},
		"secretOptions":[{"name":"x","valueFrom":"` + canary + `"}]}}`)
	sim := simulator.New(w, simulator.Options{})
	var sent atomic.Bool
	dir := t.TempDir()
	a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		reply, err := sim.RoundTrip(r)
		if err == nil && awstest.Operation(r) == "DescribeTaskDefinition" {
			body := awstest.Body(t, reply.Body)
			if bytes.Contains(body, []byte(canary)) {
				sent.Store(true)
			}
			reply.Body = io.NopCloser(bytes.NewReader(body))
		}
		return reply, err
	}), collect.Options{TaskDefinitionCache: dir})

	content, err := json.Marshal(read(t, a))
	if err != nil {
		t.Fatal(err)
	}
	if !sent.Load() {
		t.Fatal("AWS's answer did not hold the canary: the test proves nothing")
	}
	if bytes.Contains(content, []byte(canary)) {
		t.Errorf("the snapshot holds the canary: %s", content)
	}
	if files := readAll(t, dir); len(files) != 1 || strings.Contains(files[0], canary) {
		t.Errorf("the cache holds the canary, or is not there: %q", files)
	}
}

func TestSnapshotsOfARunGetBetterAndNeverChangeAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(150), collect.Options{})
		sim.SetFaults(simulator.Faults{LatencyMillis: 80, Throttle: true})
		var snapshots []*model.Snapshot
		var texts []string
		final, err := a.Collect(t.Context(), func(s *model.Snapshot) {
			snapshots = append(snapshots, s)
			texts = append(texts, marshal(t, s))
		})
		if err != nil {
			t.Fatal(err)
		}
		if first := snapshots[0]; first.Counts.Services != (model.Count{Listed: 100}) || !first.Loading() {
			t.Errorf("the first snapshot has %+v, loading %t; want the names of the first page", first.Counts, first.Loading())
		}
		previous := -1
		for i, s := range snapshots {
			if marshal(t, s) != texts[i] {
				t.Errorf("snapshot %d changed after it was handed out", i)
			}
			if known := s.Counts.Services.Loaded + s.Counts.TaskDefinitions.Loaded + len(s.ListenerRules); known < previous {
				t.Errorf("snapshot %d knows less than the one before", i)
			} else {
				previous = known
			}
			if s.Complete {
				t.Errorf("snapshot %d of %d says that it is complete", i, len(snapshots))
			}
			checkNothingMissingIsAbsent(t, s)
		}
		if final.Loading() || !final.Complete {
			t.Errorf("the final snapshot: loading %t, complete %t", final.Loading(), final.Complete)
		}
	})
}

// checkNothingMissingIsAbsent proves that whatever a snapshot lacks on the way is
// said to be loading, never to be absent.
func checkNothingMissingIsAbsent(t *testing.T, s *model.Snapshot) {
	t.Helper()
	ix := model.NewIndex(s)
	check := func(m *model.Missing) {
		if m != nil && m.State != model.Loading {
			t.Errorf("%s is %s while the reading goes on", m.What, m.State)
		}
	}
	for i := range s.Services {
		d := s.Services[i].Primary()
		if d == nil {
			continue
		}
		_, m := ix.TaskDefinition(d.TaskDefinition)
		check(m)
		for _, l := range s.Services[i].LoadBalancers {
			_, m := ix.TargetGroup(l.TargetGroupARN)
			check(m)
		}
		for _, id := range d.Network.SecurityGroups {
			_, m := ix.SecurityGroup(id)
			check(m)
		}
	}
	for i := range s.TargetGroups {
		for _, arn := range s.TargetGroups[i].LoadBalancers {
			_, m := ix.LoadBalancer(arn)
			check(m)
			listeners, m := ix.Listeners(arn)
			check(m)
			if m == nil && len(listeners) == 0 {
				t.Errorf("%s is said to have no listeners while the reading goes on", arn)
			}
			for _, l := range listeners {
				rules, m := ix.Rules(l.ARN)
				check(m)
				if m == nil && len(rules) == 0 {
					t.Errorf("%s is said to have no rules while the reading goes on", l.ARN)
				}
			}
		}
	}
}

func marshal(t *testing.T, s *model.Snapshot) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A goroutine that outlived the collection would fail the bubble.
func TestACancelledCollectionEndsAtOnceAndLeavesNothingRunning(t *testing.T) {
	for _, after := range []time.Duration{0, 40 * time.Millisecond, 200 * time.Millisecond, 3 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, sim := open(t, awstest.Fleet(300), collect.Options{})
				sim.SetFaults(simulator.Faults{LatencyMillis: 80, Throttle: true})
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				start := time.Now()
				s, err := a.Collect(ctx, func(*model.Snapshot) {})
				if s != nil || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, %v", s, err)
				}
				if took := time.Since(start); took > after+10*time.Millisecond {
					t.Errorf("it took %s to end", took-after)
				}
				synctest.Wait()
			})
		})
	}
}

func TestSlicesAreSorted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := open(t, awstest.Fleet(95), collect.Options{})
		s := read(t, a)
		if !slices.IsSortedFunc(s.Services, func(a, b model.Service) int { return a.Ref().Compare(b.Ref()) }) {
			t.Error("the services are not sorted")
		}
		last := make(map[model.ARN]int)
		for i := range s.ListenerRules {
			r := &s.ListenerRules[i]
			n := 1 << 20
			if !r.Default {
				if err := json.Unmarshal([]byte(r.Priority), &n); err != nil {
					t.Fatal(err)
				}
			}
			if n < last[r.ListenerARN] {
				t.Errorf("rule %s comes behind %d", r.Priority, last[r.ListenerARN])
			}
			last[r.ListenerARN] = n
		}
		if len(last) != 2 {
			t.Errorf("rules of %d listeners, want 2", len(last))
		}
	})
}
