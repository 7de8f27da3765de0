// Package k6 reads the summaries that Grafana k6 writes at the end of a test, and says
// what changed from one test to another, and whether that exceeds the noise.
package k6

import (
	"encoding/json"
	"fmt"
	"io"

	"hopscope/model"
)

// Summary is what the summary of a test says of its HTTP requests. What is nil, it does
// not say.
type Summary struct {
	// Requests is how many were sent, and Rate how many in a second.
	Requests float64  `json:"requests"`
	Rate     *float64 `json:"requestsPerSecond,omitempty"`
	// Durations are those of the requests in milliseconds: from sending to the end of
	// the response, without connecting.
	Durations Trend `json:"durationMilliseconds,omitzero"`
	// Failed are the requests that k6 takes for failed: without a response, or with a
	// status of 400 and above unless the script says otherwise.
	Failed *Share `json:"failed,omitempty"`
	// Received are the bytes of all responses, with their headers.
	Received *float64 `json:"receivedBytes,omitempty"`
	// Agent are the responses that had Envoy's header, and Outside is the time that
	// requests spent outside of what the agent forwarded them to, in milliseconds; see
	// [MetricByAgent] and [MetricOutsideApp].
	Agent   *Share `json:"byAgent,omitempty"`
	Outside *Trend `json:"outsideAppMilliseconds,omitempty"`
}

// Trend is the distribution of a measurement, as far as a summary says it: which
// percentiles there are, the option summaryTrendStats of the test decides.
type Trend struct {
	Avg *float64 `json:"avg,omitempty"`
	Min *float64 `json:"min,omitempty"`
	Med *float64 `json:"med,omitempty"`
	Max *float64 `json:"max,omitempty"`
	P90 *float64 `json:"p90,omitempty"`
	P95 *float64 `json:"p95,omitempty"`
	P99 *float64 `json:"p99,omitempty"`
}

// Share is a part of a total.
type Share struct {
	Count float64 `json:"count"`
	Total float64 `json:"total"`
}

// Of is the part in the total, from 0 to 1.
func (s *Share) Of() float64 {
	if s.Total == 0 {
		return 0
	}
	return s.Count / s.Total
}

// maxSummaryBytes limits what is read of a file: a summary of hundreds of metrics takes
// less than a megabyte.
const maxSummaryBytes = 8 << 20

// document is a summary in any of its three forms: what --summary-export writes; what
// handleSummary is given, which holds the numbers in values; and what
// --new-machine-readable-summary writes, which has a list of metrics in results.
//
// Source: k6 v1.8.1, internal/js/summary-wrapper.js and
// internal/lib/summary/machinereadable/types_gen.go.
type document struct {
	Metrics map[string]json.RawMessage `json:"metrics"`
	Results struct {
		Metrics []json.RawMessage `json:"metrics"`
	} `json:"results"`
	Config struct {
		Duration float64 `json:"duration"` // seconds
	} `json:"config"`
}

// Read reads a summary. The error is a [*model.CannotCheckError].
func Read(r io.Reader) (*Summary, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSummaryBytes+1))
	if err != nil {
		return nil, cannotRead(err.Error(), err)
	}
	if len(data) > maxSummaryBytes {
		return nil, cannotRead(fmt.Sprintf("it holds more than %d MiB", maxSummaryBytes>>20), nil)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, cannotRead("it is not a summary of k6: "+err.Error(), err)
	}
	s, err := d.summary()
	if err != nil {
		return nil, cannotRead(err.Error(), err)
	}
	return s, nil
}

func cannotRead(reason string, err error) error {
	return &model.CannotCheckError{
		Reason: reason, Err: err,
		Next: "write one with k6 run --summary-export FILE SCRIPT, or with --new-machine-readable-summary besides",
	}
}
