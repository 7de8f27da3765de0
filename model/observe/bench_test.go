package observe_test

import (
	"fmt"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/observe"
	"hopscope/model/rule"
)

// BenchmarkProofs measures the proofs of a fleet: each way looks for its own series among
// those of all others.
func BenchmarkProofs(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s := modeltest.Fleet(1, n)
		s.Scope.AllClusters = true
		for i := range s.Services {
			s.Services[i].Deployments[0].UpdatedAt = noon.Add(-time.Hour)
		}
		for i := range s.TargetGroups {
			s.TargetGroups[i].HealthCheck.IntervalSeconds = 30
		}
		a := rule.Analyze(s)
		ways := observe.Ways(s, a.Index, a.Paths)
		m := &model.Metrics{From: noon, To: noon.Add(10 * time.Minute), Series: observe.Series(ways)}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				observe.Judge(ways, m)
			}
			b.ReportMetric(float64(len(m.Series)), "series")
		})
	}
}
