package collect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// ownEndpoint is not AWS's, and is spoken to in JSON.
var ownEndpoint = aws.Options{EndpointURL: "http://127.0.0.1:1"}

// metricsOf answers CloudWatch with pages of series, one a caller, and everything
// else as the simulator does. It keeps what it was asked.
func metricsOf(t *testing.T, sim *simulator.Simulator, asked *[]map[string]any, pages ...[]string) http.RoundTripper {
	t.Helper()
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("X-Amz-Target") != "GraniteServiceVersion20100801.ListMetrics" {
			return sim.RoundTrip(r)
		}
		var in map[string]any
		if err := json.Unmarshal(awstest.Body(t, r.Body), &in); err != nil {
			t.Error(err)
		}
		page := len(*asked)
		*asked = append(*asked, in)
		var series []string
		for _, caller := range pages[page] {
			series = append(series, fmt.Sprintf(`{"Namespace":"AWS/ECS","MetricName":"TargetProcessedBytes","Dimensions":[`+
				`{"Name":"TargetDiscoveryName","Value":"http"},`+
				`{"Name":"ServiceName","Value":%q},{"Name":"ClusterName","Value":"fleet"}]}`, caller))
		}
		next := ""
		if page+1 < len(pages) {
			next = `,"NextToken":"more"`
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Request: r,
			Body: io.NopCloser(bytes.NewReader([]byte(`{"Metrics":[` + strings.Join(series, ",") + `]` + next + `}`))),
		}, nil
	})
}

func TestTrafficIsOneListingOfTheCallersMetrics(t *testing.T) {
	var asked []map[string]any
	sim := simulator.New(awstest.Fleet(2), simulator.Options{})
	a := openBehind(t, metricsOf(t, sim, &asked, []string{"service-0001"}, []string{"service-0000"}), collect.Options{},
		ownEndpoint)
	s := read(t, a)
	traffic, missing := model.NewIndex(s).Traffic()
	if missing != nil {
		t.Fatal(missing)
	}
	if diff := cmp.Diff([]model.TrafficEdge{
		{Caller: model.Ref{Cluster: "fleet", Service: "service-0000"}, DiscoveryName: "http"},
		{Caller: model.Ref{Cluster: "fleet", Service: "service-0001"}, DiscoveryName: "http"},
	}, traffic.Edges); diff != "" {
		t.Errorf("edges (-want +got):\n%s", diff)
	}
	want := map[string]any{
		"Namespace": "AWS/ECS", "MetricName": "TargetProcessedBytes", "RecentlyActive": "PT3H",
		"Dimensions": []any{map[string]any{"Name": "TargetDiscoveryName"}},
	}
	if diff := cmp.Diff(want, asked[0]); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if got := s.Stats.Calls[model.ListMetrics]; got != 2 || asked[1]["NextToken"] != "more" {
		t.Errorf("%d calls, want one a page; asked %v", got, asked)
	}
}

func TestMetricsAreNotListedWhereNothingCanBeCalled(t *testing.T) {
	var asked []map[string]any
	sim := simulator.New(plain(awstest.Fleet(2)), simulator.Options{})
	s := read(t, openBehind(t, metricsOf(t, sim, &asked, nil), collect.Options{}, ownEndpoint))
	if len(asked) > 0 || s.Traffic != nil || !s.Complete {
		t.Errorf("asked %v, traffic %v, gaps %v", asked, s.Traffic, s.Gaps)
	}
}

// AWS is spoken to as the SDK prefers, which few others understand.
func TestCloudWatchIsAskedInCBORAndAnEndpointOfOnesOwnInJSON(t *testing.T) {
	for name, test := range map[string]struct {
		options     aws.Options
		contentType string
	}{
		"AWS": {aws.Options{}, "application/cbor"}, "an endpoint of one's own": {ownEndpoint, "application/x-amz-json-1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			sim, contentType := simulator.New(awstest.Fleet(1), simulator.Options{}), ""
			s := read(t, openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
				if strings.Contains(r.Header.Get("X-Amz-Target")+r.URL.Path, "Granite") {
					contentType = r.Header.Get("Content-Type")
				}
				return sim.RoundTrip(r)
			}), collect.Options{}, test.options))
			if contentType != test.contentType || s.Traffic == nil || !s.Complete {
				t.Errorf("the content type is %q; traffic %v, gaps %v", contentType, s.Traffic, s.Gaps)
			}
		})
	}
}

// Callers of every application protocol are seen, and what the security groups refuse is
// not.
func TestCallersOfEveryProtocolAreSeen(t *testing.T) {
	for _, protocol := range []string{"http", "http2", "grpc", ""} {
		w := awstest.Load(t, "article")
		for i := range w.TaskDefinitions {
			for _, c := range w.TaskDefinitions[i].Containers {
				for j := range c.PortMappings {
					c.PortMappings[j].AppProtocol = protocol
				}
			}
		}
		w.Traffic = append(w.Traffic, simulator.Traffic{
			From: "theirs", Account: "999988887777", To: "app", RequestsPerSecond: 1,
		})
		source, _ := open(t, w, collect.Options{})
		s := read(t, source)
		want := &model.Traffic{Metric: "TargetProcessedBytes", Edges: []model.TrafficEdge{
			{Caller: model.Ref{Cluster: "sample-cluster", Service: "client-service"}, DiscoveryName: "app"},
		}}
		if diff := cmp.Diff(want, s.Traffic); diff != "" {
			t.Errorf("appProtocol %q (-want +got):\n%s", protocol, diff)
		}
	}
}
