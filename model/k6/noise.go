package k6

import (
	"math"
	"slices"
)

// A summary holds no samples, so that the standard error of its statistics cannot be
// computed. It can be bounded from above by the other statistics, and a change that
// exceeds the bound exceeds the noise whatever the samples were. All bounds take the
// samples for independent: requests of one virtual user that slow each other down are
// not, and no summary tells.

// meanError bounds the standard error of the average of n samples: the variance is at
// most (max − avg)(avg − min).
//
// Source: Bhatia and Davis, A Better Bound on the Variance, American Mathematical
// Monthly 107 (2000).
func (t *Trend) meanError(n float64) (float64, bool) {
	if t.Avg == nil || t.Min == nil || t.Max == nil {
		return 0, false
	}
	if *t.Max <= *t.Min { // samples that all are equal tell nothing of the next one
		return 0, false
	}
	return math.Sqrt((*t.Max - *t.Avg) * (*t.Avg - *t.Min) / n), true
}

// quantileError bounds the standard error of the quantile at share q of n samples:
// √(q(1−q)/n) by the density there, which is at least the mean density up to the next
// quantile that is known, where the density falls beyond q. Durations have that shape:
// one peak, which is no later than the median, and a tail. Where they have two
// peaks (a cache that hits and misses), the bound of a percentile between them is too low.
//
// Source: David and Nagaraja, Order Statistics, 3rd edition (2003), §10.2.
func quantileError(q, at, nextQ, next, n float64) float64 {
	return math.Sqrt(q*(1-q)/n) * (next - at) / (nextQ - q)
}

// A statistic is a number of a trend, and how far chance may have moved it.
type statistic struct {
	name string
	of   func(*Trend) *float64
	// share is where it is among the samples; 0 for the average.
	share float64
}

var statistics = []statistic{
	{"avg", func(t *Trend) *float64 { return t.Avg }, 0},
	{"med", func(t *Trend) *float64 { return t.Med }, 0.5},
	{"p90", func(t *Trend) *float64 { return t.P90 }, 0.9},
	{"p95", func(t *Trend) *float64 { return t.P95 }, 0.95},
	{"p99", func(t *Trend) *float64 { return t.P99 }, 0.99},
}

// errorOf bounds the standard error of a statistic of a trend of n samples, as far as the
// trend has what that takes.
func (s statistic) errorOf(t *Trend, n float64) (float64, bool) {
	if s.share == 0 {
		return t.meanError(n)
	}
	at := *s.of(t)
	next, share := t.Max, 1.0
	for _, other := range slices.Backward(statistics) {
		if v := other.of(t); other.share > s.share && v != nil {
			next, share = v, other.share
		}
	}
	// Where the next statistic is the same, few samples or a timer's steps tell no density.
	if next == nil || *next <= at {
		return 0, false
	}
	return quantileError(s.share, at, share, *next, n), true
}
