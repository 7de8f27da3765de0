package collect

import (
	"fmt"
	"testing"
	"time"

	"hopscope/model"
)

func TestThePeriodOfSnapshotsGrowsWithTheAgeOfAReading(t *testing.T) {
	for _, test := range []struct{ age, took, want time.Duration }{
		{0, 0, 50 * time.Millisecond},
		{250 * time.Millisecond, 0, 50 * time.Millisecond},
		{2 * time.Second, 0, 400 * time.Millisecond},
		{time.Minute, 0, 2 * time.Second},
		{time.Second, 60 * time.Millisecond, 240 * time.Millisecond}, // a fifth of the time is for showing
		{time.Minute, time.Second, 4 * time.Second},
	} {
		if got := period(test.age, test.took); got != test.want {
			t.Errorf("at %s, after %s: %s, want %s", test.age, test.took, got, test.want)
		}
	}
}

// BenchmarkPublishing is what the snapshots of one reading cost whose n task
// definitions come in at the rate of the limiter: one operation is one reading.
func BenchmarkPublishing(b *testing.B) {
	const burst, rate = 48, 16
	for _, n := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			snapshots := 0
			b.ReportAllocs()
			for b.Loop() {
				a := newAssembly("eu-west-1")
				for i := range n {
					a.services.put(model.Service{Name: fmt.Sprintf("service-%04d", i), Cluster: "prod", Loaded: true})
				}
				var due time.Duration
				for i := range n {
					arn := fmt.Sprintf("arn:aws:ecs:eu-west-1:123456789012:task-definition/service-%04d:1", i)
					a.taskDefinitions.put(model.TaskDefinition{ARN: arn})
					if now := time.Duration(max(0, i-burst)) * time.Second / rate; now >= due {
						snapshots++
						due = now + period(now, 0)
						if got := a.snapshot(); len(got.TaskDefinitions) != i+1 {
							b.Fatalf("%d task definitions of %d", len(got.TaskDefinitions), i+1)
						}
					}
				}
			}
			b.ReportMetric(float64(snapshots)/float64(b.N), "snapshots/op")
		})
	}
}
