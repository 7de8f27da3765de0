package rule_test

import (
	"fmt"
	"testing"

	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// BenchmarkAnalyze measures paths and rules for one namespace of n services with
// one target group each (design.md §9: 1000 in at most 50 ms on 2 cores, 5000 in
// at most six times that).
func BenchmarkAnalyze(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s := modeltest.Fleet(1, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rule.Analyze(s)
			}
		})
	}
}

// Ten times the services may cost at most eleven times the work: counted in
// allocations, which are the same on every machine.
func TestAnalyzeGrowsInProportion(t *testing.T) {
	work := func(n int) float64 {
		s := modeltest.Fleet(1, n)
		return testing.AllocsPerRun(1, func() { rule.Analyze(s) })
	}
	small, large := work(100), work(1000)
	t.Logf("%.0f allocations a service at 100 services, %.0f at 1000", small/100, large/1000)
	if ratio := large / small; ratio > 11 {
		t.Errorf("1000 services cost %.1f times what 100 cost", ratio)
	}
}
