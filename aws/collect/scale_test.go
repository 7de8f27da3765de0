package collect_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// measured is how a collection went.
type measured struct {
	snapshot *model.Snapshot
	// firstNames and allLoaded are the times of the first snapshot with a
	// service, and with every service loaded.
	firstNames, allLoaded, total time.Duration
	snapshots                    int
}

// measure collects a fleet at 80 ms a call behind the documented throttles. It
// runs in a synctest bubble: the times are those of the fake clock.
func measure(t *testing.T, n int, o collect.Options) measured {
	t.Helper()
	a, s := open(t, awstest.Fleet(n), o)
	s.SetFaults(simulator.Faults{LatencyMillis: 80, Throttle: true})
	return measureAccount(t, a, n)
}

func measureAccount(t *testing.T, a *collect.Source, n int) measured {
	t.Helper()
	var m measured
	start := time.Now()
	final, err := a.Collect(t.Context(), func(s *model.Snapshot) {
		m.snapshots++
		if m.firstNames == 0 && len(s.Services) > 0 {
			m.firstNames = time.Since(start)
		}
		if m.allLoaded == 0 && s.Counts.Services.Loaded == n {
			m.allLoaded = time.Since(start)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	m.snapshot, m.total = final, time.Since(start)
	if m.allLoaded == 0 {
		m.allLoaded = m.total
	}
	return m
}

// The budgets of docs/structure.md: 80 ms a call, documented throttles on.
func TestFleetsAreReadWithinTheBudgetsOfTimeAndCalls(t *testing.T) {
	for _, test := range []struct {
		services  int
		allLoaded time.Duration
		warm      time.Duration
	}{
		{services: 100, allLoaded: 500 * time.Millisecond, warm: time.Second},
		{services: 1000, allLoaded: 1500 * time.Millisecond, warm: 3 * time.Second},
		{services: 2000, allLoaded: 8500 * time.Millisecond, warm: 9 * time.Second},
	} {
		t.Run(fmt.Sprint(test.services), func(t *testing.T) {
			if test.services > 1000 && testing.Short() {
				t.Skip("takes seconds of real time")
			}
			synctest.Test(t, func(t *testing.T) {
				o := collect.Options{TaskDefinitionCache: t.TempDir()}
				cold := measure(t, test.services, o)
				warm := measure(t, test.services, o)
				for name, m := range map[string]measured{"cold": cold, "warm": warm} {
					t.Logf("%s: names %s, services %s, everything %s, %d snapshots, %d calls, %d throttled", name,
						m.firstNames, m.allLoaded, m.total, m.snapshots, m.snapshot.Stats.TotalCalls(), m.snapshot.Stats.Throttled)
					checkFleet(t, name, m, test.services)
					if m.allLoaded > test.allLoaded {
						t.Errorf("%s: the services were loaded after %s, want %s", name, m.allLoaded, test.allLoaded)
					}
				}
				if warm.total > test.warm {
					t.Errorf("warm: everything took %s, want %s", warm.total, test.warm)
				}
				if got := warm.snapshot.Stats.Calls[model.DescribeTaskDefinition]; got != 0 {
					t.Errorf("warm: %d task definitions were read again", got)
				}
				// 48 tokens in the bucket, 16 a second.
				floor := time.Duration(max(0, test.services-48)) * time.Second / 16
				if limit := floor*11/10 + time.Second; cold.total > limit {
					t.Errorf("cold: everything took %s, want %s", cold.total, limit)
				}
			})
		})
	}
}

func checkFleet(t *testing.T, name string, m measured, n int) {
	t.Helper()
	s := m.snapshot
	full := model.Count{Listed: n, Loaded: n}
	if s.Counts.Services != full || s.Counts.TaskDefinitions != full || s.Counts.TargetGroups != full {
		t.Errorf("%s: counts are %+v, want %d everywhere", name, s.Counts, n)
	}
	if !s.Complete || len(s.Gaps) > 0 {
		t.Errorf("%s: the snapshot has gaps: %v", name, s.Gaps)
	}
	if m.firstNames > 350*time.Millisecond {
		t.Errorf("%s: the first names came after %s", name, m.firstNames)
	}
	if throttled, calls := s.Stats.Throttled, s.Stats.TotalCalls(); throttled*100 >= calls {
		t.Errorf("%s: %d of %d calls were throttled", name, throttled, calls)
	}
	// Every 50 ms at first, then ever less often; and one for each operation that
	// comes to its end.
	if limit := int(min(m.total/(50*time.Millisecond), 60+m.total/time.Second)) + 20; m.snapshots > limit {
		t.Errorf("%s: %d snapshots in %s, want %d at most", name, m.snapshots, m.total, limit)
	}
}

// The extras of a report start behind the core: 200 groups' targets must not push
// listeners and rules back in the bucket that they share.
func TestTheCoreIsReadAsSoonWhetherEverythingIsReadOrNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		coreRead := make(map[bool]time.Duration)
		for _, everything := range []bool{false, true} {
			a, sim := open(t, awstest.Fleet(200), collect.Options{Everything: everything})
			sim.SetFaults(simulator.Faults{
				LatencyMillis: 80, Throttle: true,
				Fail: []simulator.Failure{{Action: string(model.GetMetricData), With: simulator.AccessDenied}},
			})
			start := time.Now()
			s, err := a.Collect(t.Context(), func(s *model.Snapshot) {
				waiting := slices.ContainsFunc(s.Gaps, func(g model.Gap) bool {
					return !slices.Contains(optional, g.Action) && g.Action != model.GetMetricData &&
						g.Action != model.DescribeTaskDefinition
				})
				if !waiting && coreRead[everything] == 0 {
					coreRead[everything] = time.Since(start)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("everything %t: core %s, all %s, %d calls", everything, coreRead[everything], time.Since(start),
				s.Stats.TotalCalls())
			if got := s.Stats.Calls[model.DescribeTargetHealth]; got != 200 || s.Stats.Throttled > 2 {
				t.Errorf("everything %t: %d calls for targets, %d throttled", everything, got, s.Stats.Throttled)
			}
		}
		if coreRead[false] == 0 || coreRead[true] > coreRead[false]+100*time.Millisecond {
			t.Errorf("the core was read after %s, and after %s with everything", coreRead[false], coreRead[true])
		}
	})
}

// Where AWS throttles whatever the pace, slowing down does not help: the reading goes on
// at a pace at which it ends.
func TestAFleetIsReadWhenEveryThirdCallIsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const services = 3000
		sim := simulator.New(awstest.Fleet(services), simulator.Options{})
		sim.SetFaults(simulator.Faults{LatencyMillis: 80})
		throttling := simulator.New(awstest.Fleet(1), simulator.Options{})
		throttling.SetFaults(simulator.Faults{
			LatencyMillis: 80, Fail: []simulator.Failure{{Action: "*", With: simulator.Throttled}},
		})
		var sent atomic.Int64
		a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
			if sent.Add(1)%3 == 0 {
				return throttling.RoundTrip(r)
			}
			return sim.RoundTrip(r)
		}), collect.Options{})
		m := measureAccount(t, a, services)
		t.Logf("everything %s, %d calls, %d throttled, gaps %v", m.total, m.snapshot.Stats.TotalCalls(),
			m.snapshot.Stats.Throttled, m.snapshot.Gaps)
		if !m.snapshot.Complete || m.total > 25*time.Minute {
			t.Errorf("%+v after %s", m.snapshot.Counts, m.total)
		}
	})
}
