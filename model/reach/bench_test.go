package reach_test

import (
	"fmt"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
)

// BenchmarkMesh measures the same where each service has a group of its own, and all
// have one in common.
func BenchmarkMesh(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		ix := model.NewIndex(modeltest.Mesh(1, n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reach.Paths(ix)
			}
		})
	}
}

// BenchmarkPaths measures the paths of one namespace of n services with one target
// group each, the index of the snapshot apart.
func BenchmarkPaths(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		ix := model.NewIndex(modeltest.Fleet(1, n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reach.Paths(ix)
			}
		})
	}
}
