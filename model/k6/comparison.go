package k6

import (
	"fmt"
	"math"
)

// SchemaV1 is the value of Comparison.Schema.
const SchemaV1 = "hopscope.compare/v1"

// Comparison is what changed from one test to another. Members are added to its JSON,
// never renamed.
type Comparison struct {
	Schema string   `json:"schema"`
	Before *Summary `json:"before"`
	After  *Summary `json:"after"`
	// Changes are those of the statistics that both summaries have.
	Changes []Change `json:"changes"`
	// Notes are what else may be behind the changes, and what is not known.
	Notes []string `json:"notes"`
}

// Measure is what a statistic is of.
type Measure string

// The measures.
const (
	Duration   Measure = "duration"    // milliseconds a request
	OutsideApp Measure = "outside-app" // milliseconds a request
	FailedPart Measure = "failed"      // percent of the requests
	ByAgent    Measure = "by-agent"    // percent of the responses
	Received   Measure = "received"    // bytes a response
)

// Verdict says what a change is worth.
type Verdict string

// The verdicts.
const (
	Lower  Verdict = "lower"
	Higher Verdict = "higher"
	// WithinNoise says that chance alone may have made the change, as far as the
	// summaries tell: the noise that they tell is an upper bound.
	WithinNoise Verdict = "within-noise"
	// NoiseUnknown says that the summaries do not tell how much chance makes.
	NoiseUnknown Verdict = "noise-unknown"
)

// Change is that of one statistic of a measure.
type Change struct {
	Measure   Measure `json:"measure"`
	Statistic string  `json:"statistic"`
	Before    float64 `json:"before"`
	After     float64 `json:"after"`
	// Noise is by how much the statistic differs at most, 19 times in 20, between two
	// tests of the same thing; nil where a summary does not tell.
	Noise   *float64 `json:"noise,omitempty"`
	Verdict Verdict  `json:"verdict"`
}

// Delta is the change, below zero for a decrease.
func (c *Change) Delta() float64 { return c.After - c.Before }

// deviations are how many standard errors a difference is away from zero that chance
// makes once in 20 times.
const deviations = 1.96

// judge sets the verdict, from the standard errors of both sides.
func (c *Change) judge(before, after float64, known bool) {
	c.Verdict = NoiseUnknown
	if !known {
		return
	}
	noise := deviations * math.Hypot(before, after)
	c.Noise = &noise
	switch delta := c.Delta(); {
	case math.Abs(delta) <= noise:
		c.Verdict = WithinNoise
	case delta < 0:
		c.Verdict = Lower
	default:
		c.Verdict = Higher
	}
}

// Compare says what changed from one test to another.
func Compare(before, after *Summary) *Comparison {
	c := &Comparison{Schema: SchemaV1, Before: before, After: after, Changes: []Change{}, Notes: []string{}}
	c.trends(Duration, &before.Durations, &after.Durations)
	if before.Outside != nil && after.Outside != nil {
		c.trends(OutsideApp, before.Outside, after.Outside)
	}
	c.shares(ByAgent, before.Agent, after.Agent)
	c.shares(FailedPart, before.Failed, after.Failed)
	c.received()
	c.confounders()
	return c
}

func (c *Comparison) trends(of Measure, before, after *Trend) {
	for _, s := range statistics {
		b, a := s.of(before), s.of(after)
		if b == nil || a == nil {
			continue
		}
		change := Change{Measure: of, Statistic: s.name, Before: *b, After: *a}
		eb, known := s.errorOf(before, c.Before.Requests)
		ea, too := s.errorOf(after, c.After.Requests)
		change.judge(eb, ea, known && too)
		c.Changes = append(c.Changes, change)
	}
}

// percent is what a share is shown in.
const percent = 100

func (c *Comparison) shares(of Measure, before, after *Share) {
	if before == nil || after == nil || before.Total < 1 || after.Total < 1 {
		return
	}
	change := Change{Measure: of, Statistic: "share", Before: percent * before.Of(), After: percent * after.Of()}
	change.judge(percent*before.standardError(), percent*after.standardError(), true)
	c.Changes = append(c.Changes, change)
}

// standardError is that of a share, with a success and a failure more than there were: a
// share of none of few is not certain to be none.
//
// Source: Agresti and Coull, Approximate Is Better than "Exact" for Interval Estimation
// of Binomial Proportions, The American Statistician 52 (1998).
func (s *Share) standardError() float64 {
	const added = 2 // of each
	n := s.Total + 2*added
	p := (s.Count + added) / n
	return math.Sqrt(p * (1 - p) / n)
}

// received compares the size of the responses.
func (c *Comparison) received() {
	b, a := c.Before.Received, c.After.Received
	if b == nil || a == nil {
		return
	}
	change := Change{
		Measure: Received, Statistic: "avg", Verdict: NoiseUnknown,
		Before: *b / c.Before.Requests, After: *a / c.After.Requests,
	}
	c.Changes = append(c.Changes, change)
	less := -change.Delta()
	if size := math.Abs(less); size >= leastHeaders && size <= mostHeaders {
		word := "less"
		if less < 0 {
			word = "more"
		}
		c.note("%.0f bytes a response %s: as many as the two header lines take that the agent adds "+
			"(x-envoy-upstream-service-time and server: envoy)", size, word)
	}
}

// The bytes of the two header lines that Envoy adds to a response, for a time of one and
// of three digits, and what rounding makes of them.
const (
	headers      = len("x-envoy-upstream-service-time: 1\r\nserver: envoy\r\n")
	leastHeaders = float64(headers) - 0.5
	mostHeaders  = float64(headers) + 2.5
)

// confounders notes what else may have made the durations change.
func (c *Comparison) confounders() {
	const fewest, alike = 100, 0.2
	if n := min(c.Before.Requests, c.After.Requests); n < fewest {
		c.note("a test of %.0f requests is short: let each run for some minutes", n)
	}
	b, a := c.Before.Rate, c.After.Rate
	switch {
	case b == nil || a == nil:
		c.note("a summary does not say how many requests a second there were: durations compare at equal rates alone")
	case math.Abs(*a-*b) > alike*max(*a, *b):
		c.note("the rates differ by more than %.0f %% (%.4g and %.4g requests a second): durations compare at equal "+
			"rates alone", percent*alike, *b, *a)
	}
	for i := range c.Changes {
		if f := &c.Changes[i]; f.Measure == FailedPart && f.Verdict != WithinNoise {
			c.note("the shares of failed requests differ: failures may be faster or slower than what succeeds")
		}
	}
	c.note("this is the noise within the tests. The one between tests of the same thing is in no summary: repeat both, " +
		"and compare before with before")
}

func (c *Comparison) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}
