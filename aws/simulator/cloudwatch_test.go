package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go/encoding/cbor"
)

// send posts a request to the simulator.
func (b *bench) send(t *testing.T, path string, body []byte, headers ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(
		t.Context(), http.MethodPost, "https://monitoring.ap-northeast-1.amazonaws.com"+path, bytes.NewReader(body),
	)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := b.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, reply
}

// metrics calls CloudWatch in JSON 1.0.
func (b *bench) metrics(t *testing.T, operation string, in, out any) *http.Response {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	resp, reply := b.send(t, "/", body, "X-Amz-Target", "GraniteServiceVersion20100801."+operation,
		"Content-Type", "application/x-amz-json-1.0", "X-Amzn-Query-Mode", "true")
	if err := json.Unmarshal(reply, out); err != nil {
		t.Fatalf("%s answers %s", operation, reply)
	}
	return resp
}

// object is a request as it is written.
type object = map[string]any

// last is a statistic of the last whole minutes, or "none".
func (b *bench) last(t *testing.T, minutes int, namespace, name, stat string, dimensions ...string) string {
	t.Helper()
	all := []object{}
	for i := 0; i < len(dimensions); i += 2 {
		all = append(all, object{"Name": dimensions[i], "Value": dimensions[i+1]})
	}
	var out struct {
		MetricDataResults []struct{ Values []float64 }
	}
	b.metrics(t, "GetMetricData", object{
		"StartTime": b.now.Add(-time.Duration(minutes) * time.Minute).Unix(), "EndTime": b.now.Unix(),
		"MetricDataQueries": []object{{"Id": "q", "MetricStat": object{
			"Metric": object{"Namespace": namespace, "MetricName": name, "Dimensions": all}, "Period": 60, "Stat": stat,
		}}},
	}, &out)
	if len(out.MetricDataResults) != 1 || len(out.MetricDataResults[0].Values) == 0 {
		return "none"
	}
	return strings.Trim(fmt.Sprint(out.MetricDataResults[0].Values), "[]")
}

// override sets the agent's own port in the article's world.
func (b *bench) override(t *testing.T, port int32) {
	t.Helper()
	if _, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"),
		ServiceConnectConfiguration: &types.ServiceConnectConfiguration{
			Enabled: true, Namespace: awssdk.String("sample-namespace"),
			Services: []types.ServiceConnectService{{
				PortName: awssdk.String("app"), DiscoveryName: awssdk.String("app"), IngressPortOverride: awssdk.Int32(port),
				ClientAliases: []types.ServiceConnectClientAlias{
					{Port: awssdk.Int32(80), DnsName: awssdk.String("app.sample-namespace")},
				},
			}},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// view is what CloudWatch says about the article in the last minute: requests at
// the server's agent, answers at the client's, latencies there and at the load
// balancer.
func (b *bench) view(t *testing.T) string {
	t.Helper()
	server := []string{"DiscoveryName", "app", "ServiceName", "sample-ecs-app", "ClusterName", "sample-cluster"}
	client := []string{"TargetDiscoveryName", "app", "ServiceName", "client-service", "ClusterName", "sample-cluster"}
	group := b.resources.balancing.targetGroups[0]
	balancer := []string{
		"LoadBalancer", loadBalancerPath(b.resources.balancing.loadBalancers[0].LoadBalancer),
		"TargetGroup", targetGroupPath(group.Name),
	}
	return fmt.Sprintf("agent %s, client %s in %s ms, load balancer %s in %s s",
		b.last(t, 1, metricsECS, "RequestCount", "Sum", server...),
		b.last(t, 1, metricsECS, "HTTPCode_Target_2XX_Count", "Sum", client...),
		b.last(t, 1, metricsECS, "TargetResponseTime", "Average", client...),
		b.last(t, 1, metricsALB, "RequestCount", "Sum", balancer...),
		b.last(t, 1, metricsALB, "TargetResponseTime", "Average", balancer...))
}

func Test_the_article_can_be_measured_before_and_after(t *testing.T) {
	b := newBench(t, load(t, "article"))
	if got, want := b.view(t), "agent 2404, client 1200 in 4.34 ms, load balancer 1200 in 0.00434 s"; got != want {
		t.Errorf("before: %s, want %s", got, want)
	}
	b.override(t, 8080)
	b.now = b.now.Add(2 * time.Minute)
	if got, want := b.view(t), "agent none, client none in none ms, load balancer 1200 in 0.00331 s"; got != want {
		t.Errorf("with the security group forgotten: %s, want %s", got, want)
	}
	id := b.group(t, "sample-ecs-app")
	if _, err := b.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &id, IpPermissions: tcp(8080, fromGroup(b.group(t, "client-service"))),
	}); err != nil {
		t.Fatal(err)
	}
	if got := b.view(t); !strings.HasPrefix(got, "agent none") {
		t.Errorf("the rule works before it was made: %s", got)
	}
	b.now = b.now.Add(2 * time.Minute)
	if got, want := b.view(t), "agent 1200, client 1200 in 4.34 ms, load balancer 1200 in 0.00331 s"; got != want {
		t.Errorf("in the end: %s, want %s", got, want)
	}
	// The newest minute first: two since the rule, none without it, and the one
	// in which the rollout ended after ten seconds.
	got := b.last(t, 5, metricsECS, "RequestCount", "Sum", "DiscoveryName", "app")
	if want := "1200 1200 400.666666667 2404"; got != want {
		t.Errorf("the history is %s, want %s", got, want)
	}
	if _, err := b.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
		GroupId: &id, IpPermissions: tcp(8080, fromGroup(b.group(t, "client-service"))),
	}); err != nil {
		t.Fatal(err)
	}
	if got := b.view(t); !strings.HasPrefix(got, "agent 1200") {
		t.Errorf("a revoked rule had no past: %s", got)
	}
	b.now = b.now.Add(time.Minute)
	if got := b.view(t); !strings.HasPrefix(got, "agent none, client none") {
		t.Errorf("a revoked rule still works: %s", got)
	}
}

func Test_metrics_are_listed_as_far_as_they_had_data_points(t *testing.T) {
	b := newBench(t, load(t, "shop"))
	list := func(in object) string {
		t.Helper()
		var out struct {
			Metrics []metric
		}
		b.metrics(t, "ListMetrics", in, &out)
		var all []string
		for _, m := range out.Metrics {
			text := m.Name
			for _, d := range m.Dimensions {
				text += " " + d.Value
			}
			all = append(all, text)
		}
		return strings.Join(all, ", ")
	}
	callers := object{
		"Namespace": "AWS/ECS", "MetricName": "HTTPCode_Target_2XX_Count", "RecentlyActive": "PT3H",
		"Dimensions": []object{{"Name": "TargetDiscoveryName"}, {"Name": "ServiceName"}},
	}
	want := "HTTPCode_Target_2XX_Count shop checkout payments, HTTPCode_Target_2XX_Count shop recommendations checkout, " +
		"HTTPCode_Target_2XX_Count shop web cart, HTTPCode_Target_2XX_Count shop web catalog, " +
		"HTTPCode_Target_2XX_Count shop web checkout"
	if got := list(callers); got != want {
		t.Errorf("the callers are %s, want %s: the refused and those of plain TCP leave nothing", got, want)
	}
	callers["Dimensions"] = []object{{"Name": "TargetDiscoveryName", "Value": "cart"}}
	if got, want := list(callers), "HTTPCode_Target_2XX_Count shop web cart, HTTPCode_Target_2XX_Count cart"; got != want {
		t.Errorf("the callers of the cart are %s, want %s", got, want)
	}
	if got := list(object{"Namespace": "AWS/EC2"}); got != "" {
		t.Errorf("there are metrics of EC2: %s", got)
	}
	// The cart admits no callers any more: its metrics age.
	id := b.group(t, "cart")
	if _, err := b.ec2.RevokeSecurityGroupIngress(t.Context(),
		&ec2.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: []string{
			b.resources.groups.find(id).rules[1].id,
		}}); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(4 * time.Hour)
	if got := list(callers); got != "" {
		t.Errorf("after four hours they are still listed as recent: %s", got)
	}
	delete(callers, "RecentlyActive")
	if got := list(callers); got == "" {
		t.Error("after four hours they are not listed at all")
	}
}

func Test_the_pages_of_metrics_hold_500(t *testing.T) {
	w := load(t, "article")
	w.Traffic = w.Traffic[:0]
	for i := range 200 {
		name := fmt.Sprint("client-", i)
		w.Services = append(w.Services, Service{
			Name: name, TaskDefinition: "client-service", SecurityGroups: []string{"client-service"},
			ServiceConnect: w.Services[1].ServiceConnect,
		})
		w.Traffic = append(w.Traffic, Traffic{From: name, To: "app", RequestsPerSecond: 1})
	}
	b := newBench(t, w)
	var sizes []int
	for token := ""; ; {
		var out listMetricsReply
		b.metrics(t, "ListMetrics", listMetricsInput{Namespace: metricsECS, NextToken: token}, &out)
		sizes = append(sizes, len(out.Metrics))
		if token = out.NextToken; token == "" {
			break
		}
	}
	if got := fmt.Sprint(sizes); got != "[500 310]" { // four for each caller, four for all, six of the server
		t.Errorf("the pages hold %s", got)
	}
}

func Test_the_order_and_the_pages_of_data_points_are_as_asked(t *testing.T) {
	b := newBench(t, load(t, "article"))
	query := func(id, name string) object {
		return object{"Id": id, "MetricStat": object{"Period": 300, "Stat": "Sum", "Metric": object{
			"Namespace": metricsECS, "MetricName": name, "Dimensions": []object{{"Name": "DiscoveryName", "Value": "app"}},
		}}}
	}
	in := object{
		"StartTime": b.now.Add(
			-20 * time.Minute,
		).Unix(), "EndTime": b.now.Unix(), "ScanBy": "TimestampAscending", "MaxDatapoints": 3,
		"MetricDataQueries": []object{query("a", "RequestCount"), query("b", "NothingOfTheKind"), query("c", "RequestCount")},
	}
	var pages []string
	for {
		var out struct {
			MetricDataResults []struct {
				ID         string `json:"Id"`
				StatusCode string
				Timestamps []float64
				Values     []float64
			}
			NextToken string
		}
		b.metrics(t, "GetMetricData", in, &out)
		page := ""
		for _, r := range out.MetricDataResults {
			page += fmt.Sprintf("%s %s", r.ID, r.StatusCode)
			for i, at := range r.Timestamps {
				page += fmt.Sprintf(" %s=%g", time.Unix(int64(at), 0).UTC().Format("15:04"), r.Values[i])
			}
			page += "; "
		}
		pages = append(pages, page)
		if in["NextToken"] = out.NextToken; out.NextToken == "" {
			break
		}
	}
	want := []string{
		"a PartialData 08:40=12020 08:45=12020 08:50=12020; b Complete; c PartialData; ",
		"a Complete 08:55=12020; b Complete; c PartialData 08:40=12020 08:45=12020; ",
		"a Complete; b Complete; c Complete 08:50=12020 08:55=12020; ",
	}
	if got := strings.Join(pages, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the pages are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func Test_CloudWatch_refuses_what_it_cannot_answer(t *testing.T) {
	b := newBench(t, load(t, "article"))
	query := object{"Id": "a", "MetricStat": object{
		"Period": 60, "Stat": "Sum", "Metric": object{"Namespace": "AWS/ECS", "MetricName": "RequestCount"},
	}}
	ask := func(change func(in, query, stat object)) object {
		stat := object{"Period": 60, "Stat": "Sum", "Metric": query["MetricStat"].(object)["Metric"]}
		q := object{"Id": "a", "MetricStat": stat}
		in := object{"StartTime": 0, "EndTime": 60, "MetricDataQueries": []object{q}}
		change(in, q, stat)
		return in
	}
	for name, c := range map[string]struct {
		operation string
		in        object
		code      string
	}{
		"no queries": {"GetMetricData", object{"StartTime": 0, "EndTime": 60}, "InvalidParameterValue"},
		"501 queries": {"GetMetricData", ask(
			func(in, _, _ object) { in["MetricDataQueries"] = make([]object, 501) },
		), "InvalidParameterValue"},
		"the end first": {
			"GetMetricData", ask(func(in, _, _ object) { in["StartTime"] = 60 }), "InvalidParameterValue",
		},
		"an expression": {
			"GetMetricData", ask(func(_, q, _ object) { q["Expression"] = "SUM(a)" }), "InvalidParameterValue",
		},
		"half a minute":        {"GetMetricData", ask(func(_, _, s object) { s["Period"] = 30 }), "InvalidParameterValue"},
		"an unknown statistic": {"GetMetricData", ask(func(_, _, s object) { s["Stat"] = "Vibes" }), "InvalidParameterValue"},
		"the same id twice": {
			"GetMetricData", ask(func(in, q, _ object) { in["MetricDataQueries"] = []object{q, q} }), "InvalidParameterValue",
		},
		"a token":     {"ListMetrics", object{"NextToken": "x"}, "InvalidNextToken"},
		"another age": {"ListMetrics", object{"RecentlyActive": "PT1H"}, "InvalidParameterValue"},
	} {
		var out object
		resp := b.metrics(t, c.operation, c.in, &out)
		if got := resp.Header.Get("X-Amzn-Query-Error"); resp.StatusCode != http.StatusBadRequest || got != c.code+";Sender" {
			t.Errorf("%s is answered with %d %q: %v", name, resp.StatusCode, got, out)
		}
	}
}

func Test_CloudWatch_speaks_CBOR_as_the_SDK_does(t *testing.T) {
	b := newBench(t, load(t, "article"))
	call := func(operation string, in cbor.Map) (*http.Response, cbor.Map) {
		t.Helper()
		resp, body := b.send(t, "/service/GraniteServiceVersion20100801/operation/"+operation, cbor.Encode(in),
			"Smithy-Protocol", "rpc-v2-cbor", "Content-Type", "application/cbor", "Accept", "application/cbor",
			"X-Amzn-Query-Mode", "true")
		if got := resp.Header.Get(
			"Smithy-Protocol",
		) + " " + resp.Header.Get("Content-Type"); got != "rpc-v2-cbor application/cbor" {
			t.Errorf("the reply is %s", got)
		}
		v, err := cbor.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, v.(cbor.Map)
	}
	_, list := call(
		"ListMetrics", cbor.Map{"Namespace": cbor.String("AWS/ECS"), "MetricName": cbor.String("RequestCount")},
	)
	metrics := list["Metrics"].(cbor.List)
	if len(metrics) != 2 {
		t.Fatalf("the metrics are %v", metrics)
	}
	start := &cbor.Tag{ID: 1, Value: cbor.Float64(b.now.Add(-time.Minute).Unix())}
	end := &cbor.Tag{ID: 1, Value: cbor.Uint(b.now.Unix())}
	_, data := call("GetMetricData", cbor.Map{"StartTime": start, "EndTime": end, "MetricDataQueries": cbor.List{cbor.Map{
		"Id": cbor.String("q"), "MetricStat": cbor.Map{
			"Metric": metrics[0], "Period": cbor.Uint(60), "Stat": cbor.String("Sum"),
		},
	}}})
	result := data["MetricDataResults"].(cbor.List)[0].(cbor.Map)
	at, err := cbor.AsTime(result["Timestamps"].(cbor.List)[0])
	if err != nil || !at.Equal(b.now.Add(-time.Minute)) || result["Values"].(cbor.List)[0] != cbor.Float64(2404) {
		t.Errorf("the result is %v (%v)", result, err)
	}
	resp, refused := call("ListMetrics", cbor.Map{"RecentlyActive": cbor.String("x")})
	if resp.StatusCode != http.StatusBadRequest || refused["__type"] != cbor.String(
		"com.amazonaws.cloudwatch#InvalidParameterValueException",
	) {
		t.Errorf("a refusal is %d %v", resp.StatusCode, refused)
	}
	resp, _ = b.send(
		t, "/service/GraniteServiceVersion20100801/operation/ListMetrics", []byte{0xff}, "Smithy-Protocol", "rpc-v2-cbor",
	)
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("what is no CBOR is answered with %d", resp.StatusCode)
	}
	if calls := b.Calls(); calls[0].Action != "cloudwatch:ListMetrics" || calls[0].Params["MetricName"] != "RequestCount" {
		t.Errorf("the calls are %+v", calls)
	}
}

// What agents publish depends on the application protocol: each direction of each.
func Test_agents_publish_the_metrics_of_the_protocol(t *testing.T) {
	server := map[string]string{
		"":      "NewConnectionCount, ProcessedBytes",
		"http":  "NewConnectionCount, ProcessedBytes, RequestCount",
		"http2": "NewConnectionCount, ProcessedBytes, RequestCount",
		"grpc":  "GrpcRequestCount, NewConnectionCount, ProcessedBytes, RequestCount",
	}
	client := map[string]string{
		"":      "TargetProcessedBytes",
		"http":  "HTTPCode_Target_2XX_Count, RequestCountPerTarget, TargetProcessedBytes, TargetResponseTime",
		"http2": "HTTPCode_Target_2XX_Count, RequestCountPerTarget, TargetProcessedBytes, TargetResponseTime",
		"grpc":  "RequestCountPerTarget, TargetProcessedBytes, TargetResponseTime",
	}
	for protocol := range server {
		t.Run("appProtocol "+protocol, func(t *testing.T) {
			w := load(t, "article")
			for i := range w.TaskDefinitions {
				for _, c := range w.TaskDefinitions[i].Containers {
					for j := range c.PortMappings {
						c.PortMappings[j].AppProtocol = protocol
					}
				}
			}
			b := newBench(t, w)
			names := func(endpoint, service string) string {
				var out struct{ Metrics []metric }
				b.metrics(t, "ListMetrics", object{"Namespace": "AWS/ECS", "Dimensions": []object{
					{"Name": endpoint, "Value": "app"}, {"Name": "ServiceName", "Value": service},
				}}, &out)
				var all []string
				for _, m := range out.Metrics {
					all = append(all, m.Name)
				}
				slices.Sort(all)
				return strings.Join(slices.Compact(all), ", ")
			}
			if got := names("DiscoveryName", "sample-ecs-app"); got != server[protocol] {
				t.Errorf("the server publishes %s", got)
			}
			if got := names("TargetDiscoveryName", "client-service"); got != client[protocol] {
				t.Errorf("the client publishes %s", got)
			}
		})
	}
}

// The target metrics of a caller of another account go to that account.
func Test_callers_of_another_account_are_counted_by_the_server_alone(t *testing.T) {
	w := load(t, "article")
	w.Traffic = []Traffic{{From: "theirs", Account: "999988887777", To: "app", RequestsPerSecond: 10}}
	b := newBench(t, w)
	server := []string{"DiscoveryName", "app", "ServiceName", "sample-ecs-app", "ClusterName", "sample-cluster"}
	if got := b.last(t, 1, metricsECS, "RequestCount", "Sum", server...); got != "604" { // with four health checks
		t.Errorf("the server counts %s", got)
	}
	if got := b.last(t, 1, metricsECS, "TargetProcessedBytes", "Sum", "TargetDiscoveryName", "app"); got != "none" {
		t.Errorf("the caller publishes %s here", got)
	}
}

// An agent takes the health checks that cross it for requests, and the load balancer
// counts none: each of two nodes checks each task. A fix that leads requests past the
// agent does so with the checks on the traffic port.
func Test_health_checks_that_cross_the_agent_are_counted_there(t *testing.T) {
	server := []string{"DiscoveryName", "app", "ServiceName", "sample-ecs-app", "ClusterName", "sample-cluster"}
	for name, c := range map[string]struct {
		change func(*World)
		want   string
	}{
		"each 30 s":       {func(*World) {}, "4"},
		"each 10 s":       {func(w *World) { w.TargetGroups[0].HealthCheck.IntervalSeconds = 10 }, "12"},
		"on another port": {func(w *World) { w.TargetGroups[0].HealthCheck.Port = "9000" }, "none"},
		"on the port":     {func(w *World) { w.TargetGroups[0].HealthCheck.Port = "80" }, "4"},
		"turned off":      {func(w *World) { w.TargetGroups[0].HealthCheck.Disabled = true }, "none"},
		"refused":         {func(w *World) { w.SecurityGroups[1].Ingress = w.SecurityGroups[1].Ingress[1:] }, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			w := load(t, "article")
			w.Traffic = nil
			c.change(w)
			b := newBench(t, w)
			if got := b.last(t, 1, metricsECS, "RequestCount", "Sum", server...); got != c.want {
				t.Errorf("the agent counts %s, want %s", got, c.want)
			}
			if c.want == "4" {
				b.override(t, 8080)
				b.now = b.now.Add(2 * time.Minute)
				if got := b.last(t, 1, metricsECS, "RequestCount", "Sum", server...); got != "none" {
					t.Errorf("past the agent: %s", got)
				}
			}
		})
	}
}

// hosts is what CloudWatch says of the hosts of a group of the first load balancer in the
// last five minutes, the newest first.
func (b *bench) hosts(t *testing.T, namespace, group, stat string) string {
	t.Helper()
	dimensions := []string{
		"LoadBalancer", loadBalancerPath(b.resources.balancing.loadBalancers[0].LoadBalancer),
		"TargetGroup", targetGroupPath(group),
	}
	return b.last(t, 5, namespace, "HealthyHostCount", stat, dimensions...) + " healthy, " +
		b.last(t, 5, namespace, "UnHealthyHostCount", stat, dimensions...) + " unhealthy"
}

func Test_the_hosts_of_a_group_are_counted_a_minute_later_than_requests(t *testing.T) {
	w := load(t, "article")
	w.TargetGroups[0].Health = []TargetHealth{{Targets: 1, State: "unhealthy", Reason: "Target.Timeout"}}
	three := 3
	w.Services[0].DesiredCount = &three
	w.TargetGroups = append(w.TargetGroups, TargetGroup{Name: "empty"}, TargetGroup{
		Name: "unchecked", HealthCheck: HealthCheck{Disabled: true}, Targets: []Target{{Address: "10.0.0.9", Port: 1}},
	})
	for i, to := range []string{"empty", "unchecked"} {
		w.LoadBalancers[0].Listeners[0].Rules = append(w.LoadBalancers[0].Listeners[0].Rules, ListenerRule{
			Priority: i + 1, Conditions: []RuleCondition{{Field: "path-pattern", Values: []string{"/" + to}}},
			Action: ForwardTo(to),
		})
	}
	b := newBench(t, w)
	group := w.TargetGroups[0].Name
	if got, want := b.hosts(t, metricsALB, group, "Minimum"), "2 2 2 2 healthy, 1 1 1 1 unhealthy"; got != want {
		t.Errorf("in the beginning: %s, want %s: four of five minutes", got, want)
	}
	for _, none := range []string{"empty", "unchecked"} {
		if got := b.hosts(t, metricsALB, none, "Average"); got != "none healthy, none unhealthy" {
			t.Errorf("%s: %s", none, got)
		}
	}
	if got := b.hosts(t, metricsNLB, group, "Average"); got != "none healthy, none unhealthy" {
		t.Errorf("a network load balancer: %s", got)
	}
	b.now = b.now.Add(30 * time.Second)
	id := b.group(t, "sample-ecs-app")
	rules := b.resources.groups.find(id).rules
	var ids []string
	for _, r := range rules {
		if !r.egress {
			ids = append(ids, r.id)
		}
	}
	if _, err := b.ec2.RevokeSecurityGroupIngress(t.Context(),
		&ec2.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: ids}); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(3 * time.Minute)
	if got, want := b.hosts(t, metricsALB, group, "Minimum"), "0 0 2 2 healthy, 3 1 1 1 unhealthy"; got != want {
		t.Errorf("at least: %s, want %s", got, want)
	}
	if got, want := b.hosts(t, metricsALB, group, "Maximum"), "0 2 2 2 healthy, 3 3 1 1 unhealthy"; got != want {
		t.Errorf("at most: %s, want %s", got, want)
	}
}

func Test_the_hosts_behind_a_network_load_balancer_are_counted(t *testing.T) {
	w := load(t, "article")
	w.TargetGroups[0].Protocol, w.LoadBalancers[0].Type = "TCP", "network"
	b := newBench(t, w)
	if got, want := b.hosts(t, metricsNLB, w.TargetGroups[0].Name, "Average"),
		"1 1 1 1 healthy, 0 0 0 0 unhealthy"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
