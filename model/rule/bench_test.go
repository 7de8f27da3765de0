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
