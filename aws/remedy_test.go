package aws

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// throttling is what AWS does to calls at a moment: it tells whether it refuses one.
type throttling func(now time.Time) bool

// everyThird refuses every third call, whatever their rate.
func everyThird() throttling {
	n := 0
	return func(time.Time) bool {
		n++
		return n%3 == 0
	}
}

// reading sends calls until so many were let through, and returns how many were let
// through in a second.
func reading(t *testing.T, b *bucket, calls int, refuses func() bool) float64 {
	t.Helper()
	const width = 16
	start := time.Now()
	left := make(chan struct{}, calls)
	for range calls {
		left <- struct{}{}
	}
	close(left)
	var all sync.WaitGroup
	for range width {
		all.Go(func() {
			for range left {
				for {
					if err := b.wait(t.Context(), false); err != nil {
						t.Error(err)
						return
					}
					time.Sleep(80 * time.Millisecond)
					refused := refuses()
					b.answered(refused)
					if !refused {
						break
					}
				}
			}
		})
	}
	all.Wait()
	return float64(calls) / time.Since(start).Seconds()
}

// Where a third of the calls is refused at any rate, a reading keeps nearly two thirds of
// the full rate; it was a sixth.
func TestThrottlingThatNoRateEndsIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(Quota{Burst: 100, Refill: 20}, time.Now)
		var mu sync.Mutex
		third := everyThird()
		got := reading(t, b, 3000, func() bool {
			mu.Lock()
			defer mu.Unlock()
			return third(time.Now())
		})
		t.Logf("%.1f calls a second", got)
		if got < 8.5 {
			t.Errorf("%.1f calls a second, of 16 sent", got)
		}
	})
}

// Where AWS's bucket is empty since others draw on it, the reading gets out of their way:
// they keep what they had beside a reading at the slowest rate, but for the experiments.
func TestOthersKeepTheirShareOfABucket(t *testing.T) {
	for _, test := range []struct {
		others      int     // calls a second that they send
		ours, their float64 // let through in a second, at least
	}{
		{0, 14, 0},
		{5, 14, 4.9},
		{10, 9, 9.5},
		{16, 5, 14},
		{20, 4, 15.5},
		{40, 1.2, 18},
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := rate.NewLimiter(20, 100)
			b := newBucket(Quota{Burst: 100, Refill: 20}, time.Now)
			through, done := 0, make(chan struct{})
			start := time.Now()
			var all sync.WaitGroup
			if test.others > 0 {
				all.Go(func() {
					random := rand.New(rand.NewPCG(1, 2))
					for {
						pause := random.ExpFloat64() / float64(test.others) // else they keep time with the refill
						select {
						case <-time.After(time.Duration(pause * float64(time.Second))):
							if aws.Allow() {
								through++
							}
						case <-done:
							return
						}
					}
				})
			}
			got := reading(t, b, 2000, func() bool { return !aws.Allow() })
			took := time.Since(start).Seconds()
			close(done)
			all.Wait()
			their := float64(through) / took
			t.Logf("others send %d: ours %.1f, theirs %.1f a second", test.others, got, their)
			if got < test.ours || their < test.their {
				t.Errorf("others send %d: ours %.1f, want %.1f; theirs %.1f, want %.1f",
					test.others, got, test.ours, their, test.their)
			}
		})
	}
}
