package k6_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/model"
	"hopscope/model/k6"
)

// The same test in the three forms of k6 v1.8.1: what --summary-export writes, what
// handleSummary is given, and what --new-machine-readable-summary writes.
var forms = map[string]string{
	"summary-export": `{
    "root_group": {"name": "", "path": "", "id": "d41d8cd98f00b204e9800998ecf8427e", "groups": {}, "checks": {}},
    "metrics": {
        "http_reqs": {"count": 1000, "rate": 199.5},
        "http_req_duration": {"avg": 4.34, "min": 1.5, "med": 4, "max": 31, "p(90)": 6.5, "p(95)": 8,
            "thresholds": {"p(95)<100": false}},
        "http_req_failed": {"passes": 3, "fails": 997, "value": 0.003},
        "data_received": {"count": 267000, "rate": 53266.5},
        "hopscope_by_agent": {"passes": 1000, "fails": 0, "value": 1},
        "vus": {"value": 20, "min": 20, "max": 20}
    }
}`,
	"handleSummary": `{
    "root_group": {"name": "", "path": "", "groups": [], "checks": []},
    "options": {"summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)"], "noColor": false},
    "state": {"isStdOutTTY": false, "testRunDurationMs": 5012.5},
    "metrics": {
        "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 1000, "rate": 199.5}},
        "http_req_duration": {"type": "trend", "contains": "time", "thresholds": {"p(95)<100": {"ok": true}},
            "values": {"avg": 4.34, "min": 1.5, "med": 4, "max": 31, "p(90)": 6.5, "p(95)": 8}},
        "http_req_failed": {"type": "rate", "contains": "default",
            "values": {"rate": 0.003, "passes": 3, "fails": 997}},
        "data_received": {"type": "counter", "contains": "data", "values": {"count": 267000, "rate": 53266.5}},
        "hopscope_by_agent": {"type": "rate", "contains": "default", "values": {"rate": 1, "passes": 1000, "fails": 0}}
    }
}`,
	"machine-readable": `{
    "version": "1.0.0",
    "metadata": {"generatedAt": "2026-11-28T12:00:00Z", "k6Version": "1.8.1"},
    "config": {"duration": 5.012531328320802, "execution": "local"},
    "results": {"metrics": [
        {"contains": "default", "name": "http_reqs", "type": "counter", "values": {"count": 1000}},
        {"contains": "time", "name": "http_req_duration", "type": "trend",
            "values": {"avg": 4.34, "min": 1.5, "med": 4, "max": 31, "p(90)": 6.5, "p(95)": 8}},
        {"contains": "default", "name": "http_req_failed", "type": "rate",
            "values": {"matches": 3, "rate": 0.003, "total": 1000}},
        {"contains": "data", "name": "data_received", "type": "counter", "values": {"count": 267000}},
        {"contains": "default", "name": "hopscope_by_agent", "type": "rate",
            "values": {"matches": 1000, "rate": 1, "total": 1000}}
    ]}
}`,
}

func value(v float64) *float64 { return &v }

func TestSummariesOfAllFormsSayTheSame(t *testing.T) {
	want := &k6.Summary{
		Requests: 1000, Rate: value(199.5), Received: value(267000),
		Durations: k6.Trend{
			Avg: value(4.34), Min: value(1.5), Med: value(4), Max: value(31), P90: value(6.5), P95: value(8),
		},
		Failed: &k6.Share{Count: 3, Total: 1000}, Agent: &k6.Share{Count: 1000, Total: 1000},
	}
	for form, text := range forms {
		got, err := k6.Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		if math.Abs(*got.Rate-*want.Rate) < 1e-9 {
			got.Rate = want.Rate // the third form has none, but the duration
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", form, diff)
		}
	}
}

func TestWhatIsNoSummaryIsRefused(t *testing.T) {
	summary := func(duration, requests string) string {
		return `{"metrics": {"http_reqs": ` + requests + `, "http_req_duration": ` + duration + `}}`
	}
	for name, test := range map[string]struct{ text, want string }{
		"nothing":        {"", "not a summary of k6"},
		"no JSON":        {"root:x:0:0", "not a summary of k6"},
		"another JSON":   {`{"schema": "hopscope.report/v1"}`, "has no http_reqs"},
		"no requests":    {summary(`{"avg": 0}`, `{"count": 0}`), "no request was sent"},
		"no object":      {summary(`[1]`, `{"count": 5}`), "it is damaged: http_req_duration"},
		"below zero":     {summary(`{"avg": -1}`, `{"count": 5}`), "contradict"},
		"a huge count":   {summary(`{"avg": 1}`, `{"count": 1e300}`), "too large"},
		"half a request": {summary(`{"avg": 1}`, `{"count": 5.5}`), "a count of requests is no whole number"},
		"a falling tail": {summary(`{"med": 5, "p(90)": 4}`, `{"count": 5}`), "contradict"},
		"avg above max":  {summary(`{"avg": 5, "max": 4}`, `{"count": 5}`), "contradict"},
		"too large":      {strings.Repeat(" ", 9<<20), "more than 8 MiB"},
		"cut off":        {forms["summary-export"][:200], "not a summary of k6"},
	} {
		_, err := k6.Read(strings.NewReader(test.text))
		var cannot *model.CannotCheckError
		if !errors.As(err, &cannot) || !strings.Contains(err.Error(), test.want) || cannot.Next == "" {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// The two tests that the article publishes: 1000 requests by 20 virtual users, through
// the agent and past it. Of its summaries it gives the averages and the bytes; by them
// alone the noise is not known.
func TestTheTwoRunsOfTheArticle(t *testing.T) {
	article := func(avg, received float64) *k6.Summary {
		return &k6.Summary{
			Requests: 1000, Rate: value(100), Received: value(received), Durations: k6.Trend{Avg: value(avg)},
		}
	}
	c := k6.Compare(article(4.34, 267000), article(3.31, 218000))
	if len(c.Changes) != 2 || c.Changes[0].Measure != k6.Duration || c.Changes[1].Measure != k6.Received {
		t.Fatalf("%+v", c.Changes)
	}
	if got := c.Changes[0]; math.Abs(got.Delta()+1.03) > 1e-9 || got.Verdict != k6.NoiseUnknown || got.Noise != nil {
		t.Errorf("the average: %+v", got)
	}
	if got := c.Changes[1].Delta(); got != -49 {
		t.Errorf("%g bytes a response", got)
	}
	if notes := strings.Join(c.Notes, "\n"); !strings.Contains(notes, "49 bytes a response less: as many as the two "+
		"header lines") || !strings.Contains(notes, "repeat both") || strings.Contains(notes, "rates differ") {
		t.Errorf("notes:\n%s", notes)
	}
	for _, other := range []float64{267000, 240000, 300000} {
		if notes := k6.Compare(article(4.34, other), article(3.31, 267000)).Notes; len(notes) != 1 {
			t.Errorf("%g bytes: %q", other, notes)
		}
	}
}

// sampled is the summary of a test whose requests take the given times.
func sampled(times []float64) *k6.Summary {
	slices.Sort(times)
	at := func(share float64) *float64 { return value(times[int(share*float64(len(times)-1))]) }
	sum := 0.0
	for _, v := range times {
		sum += v
	}
	return &k6.Summary{Requests: float64(len(times)), Rate: value(100), Durations: k6.Trend{
		Avg: value(sum / float64(len(times))), Min: at(0), Med: at(0.5), Max: at(1), P90: at(0.9), P95: at(0.95),
		P99: at(0.99),
	}}
}

// Two tests of the same thing differ by more than the noise once in 20 times at most,
// whatever the shape of the durations is; and what is faster by a millisecond is seen.
func TestNoiseIsBoundedAndAnAgentIsSeen(t *testing.T) {
	const tests, requests = 300, 1000
	random := rand.New(rand.NewPCG(1, 2))
	for shape, draw := range map[string]func() float64{
		"exponential": func() float64 { return 2 + 2*random.ExpFloat64() },
		"lognormal":   func() float64 { return 3 * math.Exp(0.4*random.NormFloat64()) },
		"long tail":   func() float64 { return 2 + math.Exp(random.NormFloat64()) },
		"normal":      func() float64 { return max(0, 10+random.NormFloat64()) },
	} {
		run := func(more float64) *k6.Summary {
			times := make([]float64, requests)
			for i := range times {
				times[i] = draw() + more
			}
			return sampled(times)
		}
		differ, seen := map[string]int{}, map[string]int{}
		for range tests {
			base := run(0)
			for _, c := range k6.Compare(base, run(0)).Changes {
				if c.Verdict != k6.WithinNoise {
					differ[c.Statistic]++
				}
			}
			for _, c := range k6.Compare(run(1.03), base).Changes {
				if c.Verdict == k6.Lower {
					seen[c.Statistic]++
				}
			}
		}
		for _, s := range []string{"avg", "med", "p90", "p95", "p99"} {
			if differ[s] > tests/20 {
				t.Errorf("%s: %s of the same thing differs %d times of %d", shape, s, differ[s], tests)
			}
		}
		if seen["med"] < tests*9/10 {
			t.Errorf("%s: a millisecond is seen in the median %d times of %d", shape, seen["med"], tests)
		}
	}
}

// Statistics that are equal tell no density: a bound of nothing would call every change
// more than noise.
func TestEqualStatisticsBoundNothing(t *testing.T) {
	flat := func(v float64) *k6.Summary {
		return &k6.Summary{Requests: 20, Durations: k6.Trend{
			Avg: value(v), Min: value(v), Med: value(v), P90: value(v), P95: value(v), Max: value(v),
		}}
	}
	for _, c := range k6.Compare(flat(4), flat(4.1)).Changes {
		if c.Verdict != k6.NoiseUnknown {
			t.Errorf("%+v", c)
		}
	}
}

func TestConfoundersAreNamed(t *testing.T) {
	before := &k6.Summary{Requests: 50, Rate: value(10), Failed: &k6.Share{Count: 0, Total: 50}}
	after := &k6.Summary{Requests: 1000, Rate: value(20), Failed: &k6.Share{Count: 400, Total: 1000}}
	notes := strings.Join(k6.Compare(before, after).Notes, "\n")
	for _, want := range []string{"50 requests is short", "rates differ by more than 20 %", "failed requests differ"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in:\n%s", want, notes)
		}
	}
	after.Rate = nil
	if notes := strings.Join(k6.Compare(before, after).Notes, "\n"); !strings.Contains(notes, "does not say how many") {
		t.Error(notes)
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range forms {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := k6.Read(strings.NewReader(text))
		if err != nil {
			var cannot *model.CannotCheckError
			if !errors.As(err, &cannot) {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		c := k6.Compare(s, s)
		for _, change := range c.Changes {
			if change.Verdict == k6.Lower || change.Verdict == k6.Higher {
				t.Errorf("a test differs from itself: %+v", change)
			}
		}
		if _, err := json.Marshal(c); err != nil {
			t.Errorf("%v: %s", err, fmt.Sprintf("%+v", c))
		}
	})
}
