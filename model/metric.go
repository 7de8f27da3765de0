package model

import (
	"errors"
	"slices"
	"strconv"
	"time"
)

// Metrics are the series that were asked of CloudWatch, beside what was read of the
// account's resources: on demand, for what is looked at or flagged.
type Metrics struct {
	ReadAt time.Time `json:"readAt"`
	// From and To are the window that was asked for.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Source is the action that said it.
	Source Action   `json:"source"`
	Series []Series `json:"series"`
}

// Series is a metric with a statistic, period by period.
type Series struct {
	Metric        Metric `json:"metric"`
	Statistic     string `json:"statistic"`
	PeriodSeconds int    `json:"periodSeconds"`
	// From and To are the window of the series, where it is not that of all: it was asked for
	// at another time.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Values are the periods that have a data point, in order. CloudWatch knows no zero.
	Values []Value `json:"values"`
}

// With are the series of metrics and of newer ones, which count where both have one. m may
// be nil.
func (m *Metrics) With(newer *Metrics) *Metrics {
	if m == nil {
		return newer
	}
	out := *newer
	out.Series = slices.Clone(newer.Series)
	again := make(map[string]bool, len(newer.Series))
	for i := range newer.Series {
		again[newer.Series[i].Key()] = true
	}
	for i := range m.Series {
		s := m.Series[i]
		if again[s.Key()] {
			continue
		}
		s.From, s.To = m.Window(&s)
		out.Series = append(out.Series, s)
	}
	return &out
}

// Window is what a series was asked for.
func (m *Metrics) Window(s *Series) (from, to time.Time) {
	if s.From.IsZero() || s.To.IsZero() {
		return m.From, m.To
	}
	return s.From, s.To
}

// Key tells series apart, whatever their values are.
func (s *Series) Key() string {
	key := s.Metric.Namespace + "\x00" + s.Metric.Name + "\x00" + s.Statistic + "\x00" + strconv.Itoa(s.PeriodSeconds)
	for _, d := range s.Metric.Dimensions {
		key += "\x00" + d.Name + "\x00" + d.Value
	}
	return key
}

// Metric names a metric. No two of its dimensions have the same name.
type Metric struct {
	Namespace  string      `json:"namespace"`
	Name       string      `json:"name"`
	Dimensions []Dimension `json:"dimensions"`
}

// Dimension is one of a metric.
type Dimension struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Value is a data point. At is when its period begins.
type Value struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// validate refuses what would make a judge count wrong.
func (m *Metrics) validate() error {
	if m == nil {
		return nil
	}
	for i := range m.Series {
		s := &m.Series[i]
		if s.PeriodSeconds <= 0 {
			return errors.New("a metric's period is not positive")
		}
		for j, v := range s.Values {
			if v.Value < 0 || j > 0 && !v.At.After(s.Values[j-1].At) {
				return errors.New("a metric's values are negative or not in order")
			}
		}
	}
	return nil
}
