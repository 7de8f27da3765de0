package planner_test

import (
	"fmt"
	"testing"

	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// Six times the services may cost at most seven times the work, and one service's
// plans no more than what looks at all services once: counted in allocations, which
// are the same on every machine.
func TestPlansGrowInProportion(t *testing.T) {
	work := func(n int) (all, one float64) {
		s := modeltest.Fleet(1, n)
		report := rule.Analyze(s)
		ref := report.Findings[0].Ref()
		all = testing.AllocsPerRun(1, func() {
			if _, err := planner.Plans(report); err != nil {
				t.Error(err)
			}
		})
		one = testing.AllocsPerRun(1, func() {
			if _, err := planner.PlansFor(report, ref); err != nil {
				t.Error(err)
			}
		})
		return all, one
	}
	small, _ := work(100)
	large, one := work(600)
	t.Logf("%.0f allocations a service at 100 services, %.0f at 600; %.0f for one of them", small/100, large/600, one)
	if large > 7*small {
		t.Errorf("600 services cost %.1f times what 100 cost", large/small)
	}
	if one > large/10 {
		t.Errorf("the plans of one service cost %.0f allocations, those of 600 %.0f", one, large)
	}
}

func BenchmarkPlans(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s := modeltest.Fleet(1, n)
		report := rule.Analyze(s)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := planner.Plans(report); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPlansForOneService(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s := modeltest.Fleet(1, n)
		report := rule.Analyze(s)
		ref := s.Services[n/2].Ref()
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := planner.PlansFor(report, ref); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
