package collect_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/collect"
	"hopscope/aws/simulator"
)

// BenchmarkLoading reads the fleets of the demo as the explorer does: 80 ms a call,
// behind the documented throttles, without what only reports need. The simulator
// runs in the same process here as there, so that its work counts too. Seconds of
// waiting are those of a fake clock; an operation is one reading.
func BenchmarkLoading(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var m measured
			var cpu time.Duration
			before := liveBytes()
			b.ReportAllocs()
			for b.Loop() {
				cpu -= cpuTime(b)
				if !runInBubble(func(t *testing.T) {
					t.Helper()
					world, err := simulator.Load(simulator.FleetName(n))
					if err != nil {
						t.Fatal(err)
					}
					a, s := open(t, world, collect.Options{})
					s.SetFaults(simulator.Faults{LatencyMillis: 80, Throttle: true})
					m = measureAccount(t, a, n)
				}) {
					b.Fatal("the fleet was not read")
				}
				cpu += cpuTime(b)
			}
			b.ReportMetric(float64(m.snapshot.Stats.TotalCalls()), "calls/op")
			b.ReportMetric(float64(m.snapshots), "snapshots/op")
			b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(liveBytes()-before)/(1<<20), "snapshot-MB")
			runtime.KeepAlive(m.snapshot)
		})
	}
}

// runInBubble runs f as a test with a fake clock, which testing/synctest gives to
// tests alone.
func runInBubble(f func(*testing.T)) bool {
	all := func(_, _ string) (bool, error) { return true, nil }
	return testing.RunTests(all, []testing.InternalTest{{
		Name: "Bubble", F: func(t *testing.T) {
			t.Helper()
			synctest.Test(t, f)
		},
	}})
}

// cpuTime is what this process has used so far of its processors.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// liveBytes is what is reachable on the heap.
func liveBytes() int64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return int64(live[0].Value.Uint64())
}
