package collect_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// The owner of a shared namespace may refuse it, and is asked by its ARN.
func TestARefusalForASharedNamespaceLeavesTheOthers(t *testing.T) {
	w := awstest.Fleet(3)
	w.Namespaces = append(w.Namespaces, simulator.Namespace{Name: "shared", Owner: "999988887777"})
	w.Services[2].ServiceConnect = []byte(`{"enabled":true,"namespace":"shared","services":[{"portName":"http"}]}`)
	sim := simulator.New(w, simulator.Options{})
	var filters []string
	a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		body := awstest.Body(t, r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "AutoNaming_v20170314.ListServices") {
			return sim.RoundTrip(r)
		}
		if !bytes.Contains(body, []byte("999988887777")) {
			filters = append(filters, string(body))
			return sim.RoundTrip(r)
		}
		const text = `{"__type":"AccessDeniedException","message":"User: arn:aws:sts::123456789012:assumed-role/x/y is not ` +
			`authorized to perform: servicediscovery:ListServices because no resource-based policy ` +
			`allows the servicediscovery:ListServices action"}`
		return &http.Response{
			StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
			Body: io.NopCloser(strings.NewReader(text)), Request: r,
		}, nil
	}), collect.Options{})
	s := read(t, a)
	if len(s.Gaps) != 1 || s.Gaps[0].Action != model.ListDiscoveryServices ||
		model.ARNAccount(s.Gaps[0].Resource) != "999988887777" ||
		s.Gaps[0].State != model.Denied {
		t.Fatalf("gaps are %+v", s.Gaps)
	}
	if len(filters) != 1 || strings.Contains(filters[0], "arn:") || !strings.Contains(filters[0], `"ns-`) {
		t.Errorf("a namespace of one's own is asked for by %v, want its id", filters)
	}
	if len(s.DiscoveryServices) != 1 || model.ARNAccount(s.DiscoveryServices[0].Namespace) != "123456789012" {
		t.Errorf("the services are %+v", s.DiscoveryServices)
	}
}
