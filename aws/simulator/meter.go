package simulator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The namespaces of CloudWatch metrics.
const (
	metricsECS = "AWS/ECS"
	metricsALB = "AWS/ApplicationELB"
)

type dimension struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

// metric is a metric of CloudWatch: the name alone tells nothing.
type metric struct {
	Namespace  string      `json:"Namespace"`
	Name       string      `json:"MetricName"`
	Dimensions []dimension `json:"Dimensions"`
}

// key is equal for equal metrics, whatever the order of their dimensions.
func (m metric) key() string {
	dims := slices.SortedFunc(slices.Values(m.Dimensions), func(x, y dimension) int { return cmp.Compare(x.Name, y.Name) })
	parts := []string{m.Namespace, m.Name}
	for _, d := range dims {
		parts = append(parts, d.Name, d.Value)
	}
	return strings.Join(parts, "\x00")
}

// gauge is what happens to a metric in each second.
type gauge struct {
	metric
	// latency metrics have a sample for each request; the others are counted,
	// and have one for each minute.
	latency      bool
	samples, sum float64
}

// meter is what all metrics say at some time. A metric of which nothing happens
// has no gauge: CloudWatch does not know zero.
type meter map[string]*gauge

func (m meter) gauge(of metric, latency bool) *gauge {
	key := of.key()
	if m[key] == nil {
		m[key] = &gauge{metric: of, latency: latency}
	}
	return m[key]
}

// count adds to a counter.
func (m meter) count(namespace, name string, amount float64, dims ...dimension) {
	m.gauge(metric{namespace, name, dims}, false).sum += amount
}

// time adds requests that take so long, in the metric's unit.
func (m meter) time(namespace, name string, requests, each float64, dims ...dimension) {
	g := m.gauge(metric{namespace, name, dims}, true)
	g.samples += requests
	g.sum += requests * each
}

// segment is a time during which nothing changed.
type segment struct {
	from, to time.Time
	meter    meter
}

// timeline is what was measured from one time to another.
func (a *cloudWatchAPI) timeline(from, to time.Time) []segment {
	times := []time.Time{from}
	for _, at := range a.changes() {
		if at.After(from) && at.Before(to) {
			times = append(times, at)
		}
	}
	times = append(times, to)
	slices.SortFunc(times, time.Time.Compare)
	times = slices.CompactFunc(times, time.Time.Equal)
	var all []segment
	for i := range len(times) - 1 {
		all = append(all, segment{from: times[i], to: times[i+1], meter: a.traffic.measure(times[i])})
	}
	return all
}

// changes are the times at which traffic may have changed its way.
func (a *cloudWatchAPI) changes() []time.Time {
	var all []time.Time
	for _, c := range a.clusters.all {
		for _, s := range c.services {
			s.settle(a.clock.now)
			all = append(all, s.created)
			for _, d := range s.history {
				all = append(all, d.since, d.until)
			}
		}
	}
	for _, g := range a.groups.all {
		for _, r := range g.rules {
			all = append(all, r.since)
		}
		for _, r := range g.revoked {
			all = append(all, r.since, r.until)
		}
	}
	return slices.DeleteFunc(all, time.Time.IsZero)
}
