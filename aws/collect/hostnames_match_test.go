package collect

import (
	"slices"
	"testing"

	"hopscope/model/modeltest"
)

// A host alone names the endpoint of that host, and none where it has several: which port
// a caller takes is not known then.
func TestAHostWithTwoEndpointsIsNamedWithItsPort(t *testing.T) {
	for value, want := range map[string][]string{
		"api.ns": nil, "api.ns:9090": {"api.ns:9090"}, "other.ns": {"other.ns:81"},
	} {
		s := modeltest.New().Service(
			"web", modeltest.Port("http", 80, "http"), modeltest.Port("admin", 9090, "http"),
			modeltest.Port("other", 81, "http"),
			modeltest.Offer("http", 0, 80), modeltest.Offer("admin", 0, 9090), modeltest.Offer("other", 0, 81),
			modeltest.Change(func(s *modeltest.Spec) {
				for i := range 2 {
					s.Deployment.ServiceConnect.Services[i].DiscoveryName = "api"
				}
			}),
		).Snapshot()
		hosts := newHostNames()
		hosts.put(s.TaskDefinitions[0].ARN, []string{value})
		hosts.match(s)
		if got := s.TaskDefinitions[0].NamedEndpoints; !slices.Equal(got, want) {
			t.Errorf("%s names %v, want %v", value, got, want)
		}
	}
}
