package rule_test

import (
	"sync"
	"testing"

	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// The screen makes plans for several services at once. The race detector judges.
func TestSeveralGoroutinesMayAskOneAnalysisWhatIf(t *testing.T) {
	t.Parallel()
	a := rule.Analyze(modeltest.Fleet(1, 20))
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			w := a.WhatIf()
			for i := range a.Snapshot.Services {
				w.Service(a.Snapshot.Services[i].Ref())
			}
		})
	}
	asking.Wait()
}
