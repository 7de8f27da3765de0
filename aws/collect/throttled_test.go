package collect_test

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// mostForThrottled is how much longer a reading may take while every call of one action is
// refused for its rate: some calls at a time, each with all its attempts, before the rest
// is given up.
const mostForThrottled = 2 * time.Minute

// An action that AWS throttles for as long as the reading goes on is a gap, and keeps the
// reading for a bounded time, however many of its calls there would be.
func TestAnActionThatIsAlwaysThrottledEndsInAGap(t *testing.T) {
	var actions []model.Action
	var usual time.Duration
	fleet := func() *simulator.World { return awstest.Fleet(60) }
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		a, _ := open(t, fleet(), collect.Options{Everything: true})
		s := read(t, a)
		usual = time.Since(began)
		actions = slices.DeleteFunc(slices.Sorted(maps.Keys(s.Stats.Calls)), needed)
	})
	for _, action := range actions {
		synctest.Test(t, func(t *testing.T) {
			a, sim := open(t, fleet(), collect.Options{Everything: true})
			sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: string(action), With: simulator.Throttled}}})
			began := time.Now()
			s := read(t, a)
			took := time.Since(began)
			if took > usual+mostForThrottled {
				t.Errorf("%s: it took %s, and %s without", action, took, usual)
			}
			said := slices.ContainsFunc(s.Gaps, func(g model.Gap) bool { return g.Action == action })
			if !said && action != model.GetMetricData { // whose counts are asked of each group then
				t.Errorf("%s: no gap, %v", action, s.Gaps)
			}
			t.Logf("%s: %s (%s without), %d calls", action, took, usual, awstest.Count(sim, action))
		})
	}
}
