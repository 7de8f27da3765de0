package fix_test

import (
	"fmt"
	"testing"

	"hopscope/model/fix"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

func BenchmarkPlans(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s := modeltest.Fleet(1, n)
		report := rule.Analyze(s)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := fix.Plans(s, report); err != nil {
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
				if _, err := fix.PlansFor(s, report, ref); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
