package k6

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// The metrics that a summary is made from: k6's own, and those that the scripts of hopscope export add.
//
// Source: Grafana k6 documentation, Built-in metrics.
const (
	metricRequests  = "http_reqs"
	metricDurations = "http_req_duration"
	metricFailed    = "http_req_failed"
	metricReceived  = "data_received"
	// MetricByAgent is the rate of responses that crossed the agent.
	MetricByAgent = "hopscope_by_agent"
	// MetricOutsideApp is the trend of the time that the agent did not wait for the app.
	MetricOutsideApp = "hopscope_outside_app"
)

// metric are the numbers of a metric by the names that k6 gives them. Its absence is nil.
type metric map[string]float64

// UnmarshalJSON takes the numbers of a metric, from values where it has any.
func (m *metric) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	if values, ok := members["values"]; ok {
		members = nil
		if err := json.Unmarshal(values, &members); err != nil {
			return err
		}
	}
	*m = metric{}
	for name, raw := range members {
		var v float64
		if json.Unmarshal(raw, &v) == nil { // others are no numbers: thresholds, the type
			(*m)[name] = v
		}
	}
	return nil
}

// named are the metrics of a summary that we know, whatever its form is.
func (d *document) named() (map[string]metric, error) {
	out := map[string]metric{}
	add := func(name string, raw json.RawMessage) error {
		switch name {
		case metricRequests, metricDurations, metricFailed, metricReceived, MetricByAgent, MetricOutsideApp:
		default:
			return nil
		}
		var m metric
		if err := json.Unmarshal(raw, &m); err != nil {
			return fmt.Errorf("it is damaged: %s: %w", name, err)
		}
		out[name] = m
		return nil
	}
	for name, raw := range d.Metrics {
		if err := add(name, raw); err != nil {
			return nil, err
		}
	}
	for _, raw := range d.Results.Metrics {
		var is struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(raw, &is); err != nil {
			return nil, fmt.Errorf("it is damaged: a metric: %w", err)
		}
		if err := add(is.Name, raw); err != nil {
			return nil, err
		}
	}
	if out[metricRequests] == nil || out[metricDurations] == nil {
		return nil, errors.New("it is not a summary of a k6 test that sends HTTP requests: it has no " +
			metricRequests + " or no " + metricDurations)
	}
	return out, nil
}

// summary takes the numbers apart.
func (d *document) summary() (*Summary, error) {
	metrics, err := d.named()
	if err != nil {
		return nil, err
	}
	requests := metrics[metricRequests]
	s := &Summary{
		Requests: requests["count"], Rate: requests.get("rate"), Failed: metrics[metricFailed].share(),
		Received: metrics[metricReceived].get("count"), Agent: metrics[MetricByAgent].share(),
	}
	if s.Rate == nil && d.Config.Duration > 0 {
		rate := s.Requests / d.Config.Duration
		s.Rate = &rate
	}
	if s.Durations, err = metrics[metricDurations].trend(metricDurations); err != nil {
		return nil, err
	}
	if m := metrics[MetricOutsideApp]; m != nil {
		t, err := m.trend(MetricOutsideApp)
		if err != nil {
			return nil, err
		}
		s.Outside = &t
	}
	return s, s.check()
}

func (m metric) get(name string) *float64 {
	v, ok := m[name]
	if !ok {
		return nil
	}
	return &v
}

// share is what a rate says: the machine-readable form counts matches of a total, the
// others passes and fails, where a pass is a sample that is not zero.
func (m metric) share() *Share {
	if total, ok := m["total"]; ok {
		return &Share{Count: m["matches"], Total: total}
	}
	passes, ok := m["passes"]
	if !ok {
		return nil
	}
	return &Share{Count: passes, Total: passes + m["fails"]}
}

// trend is a distribution; its statistics do not contradict each other.
func (m metric) trend(name string) (Trend, error) {
	t := Trend{
		Avg: m.get("avg"), Min: m.get("min"), Med: m.get("med"), Max: m.get("max"),
		P90: m.get("p(90)"), P95: m.get("p(95)"), P99: m.get("p(99)"),
	}
	for _, rising := range [][]*float64{{t.Min, t.Med, t.P90, t.P95, t.P99, t.Max}, {t.Min, t.Avg, t.Max}} {
		rising = slices.DeleteFunc(rising, func(v *float64) bool { return v == nil })
		for i, v := range rising {
			const rounding = 1e-9
			if !plausible(*v) || i > 0 && *v < *rising[i-1]*(1-rounding) {
				return t, fmt.Errorf("it is damaged: the statistics of %s contradict each other", name)
			}
		}
	}
	return t, nil
}

// plausible tells whether a number can be a count, a time or a size. The script's time
// outside of the app is never below zero, either.
func plausible(v float64) bool {
	const most = 1e15
	return !math.IsNaN(v) && v >= 0 && v < most
}

// check tells what is wrong with the counts.
func (s *Summary) check() error {
	var counts []float64
	parts := []float64{s.Requests} // whole numbers
	for _, share := range []*Share{s.Failed, s.Agent} {
		if share == nil {
			continue
		}
		if share.Count > share.Total {
			return errors.New("it is damaged: a part is more than its total")
		}
		parts = append(parts, share.Count, share.Total)
	}
	if slices.ContainsFunc(parts, func(v float64) bool { return v != math.Trunc(v) }) {
		return errors.New("it is damaged: a count of requests is no whole number")
	}
	counts = append(counts, parts...)
	for _, v := range []*float64{s.Rate, s.Received} {
		if v != nil {
			counts = append(counts, *v)
		}
	}
	if slices.ContainsFunc(counts, func(v float64) bool { return !plausible(v) }) {
		return errors.New("it is damaged: a count is below zero, or too large to be one")
	}
	if s.Requests < 1 {
		return errors.New("no request was sent in the test")
	}
	return nil
}
