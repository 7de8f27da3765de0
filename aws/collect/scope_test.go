package collect_test

import (
	"testing"

	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

func TestAllClustersWereReadOnlyIfNoneWasLeftOut(t *testing.T) {
	for name, test := range map[string]struct {
		patterns []string
		deny     bool
		want     bool
	}{
		"every cluster":         {nil, false, true},
		"a pattern for all":     {[]string{"*"}, false, true},
		"one by name":           {[]string{"prod-a"}, false, false},
		"a pattern for some":    {[]string{"prod-*"}, false, false},
		"those by name, listed": {[]string{"prod-a", "prod-b", "test"}, false, true},
		"the listing is denied": {[]string{"prod-a", "prod-b", "test"}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, sim := open(t, three(), collect.Options{Clusters: test.patterns})
			if test.deny {
				sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{
					Action: string(model.ListClusters),
					With:   simulator.AccessDenied,
				}}})
			}
			if s := read(t, a); s.Scope.AllClusters != test.want {
				t.Errorf("all clusters: %t, want %t (%v)", s.Scope.AllClusters, test.want, s.Scope.Clusters)
			}
		})
	}
}
