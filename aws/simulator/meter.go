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
	metricsNLB = "AWS/NetworkELB"
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
	// level is set for a metric that is a state, as the number of hosts is: it has a
	// sample for each second, and low and high are the extremes.
	level     bool
	low, high float64
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

// hold notes the state of a level.
func (m meter) hold(namespace, name string, value float64, dims ...dimension) {
	g := m.gauge(metric{namespace, name, dims}, true)
	g.level, g.samples, g.sum, g.low, g.high = true, 1, value, value, value
}

// segment is a time during which nothing changed.
type segment struct {
	from, to time.Time
	meter    meter
}

// measurements are the meters that were worked out since the resources changed.
type measurements struct {
	writes  int
	changes []time.Time
	meters  map[time.Time]meter // by the change after which they hold
}

// timeline is what was measured from one time to another.
func (a *cloudWatchAPI) timeline(from, to time.Time) []segment {
	changes := a.changes()
	times := []time.Time{from}
	for _, at := range changes {
		if at.After(from) && at.Before(to) {
			times = append(times, at)
		}
	}
	times = append(times, to)
	m := &a.measured
	if m.meters == nil || m.writes != a.clock.writes || !slices.EqualFunc(m.changes, changes, time.Time.Equal) {
		*m = measurements{writes: a.clock.writes, changes: changes, meters: map[time.Time]meter{}}
	}
	var all []segment
	for i := range len(times) - 1 {
		all = append(all, segment{from: times[i], to: times[i+1], meter: a.meterAt(times[i])})
	}
	return all
}

// meterAt is the meter at a time, which is the same until the next change.
func (a *cloudWatchAPI) meterAt(at time.Time) meter {
	var last time.Time
	if i, found := slices.BinarySearchFunc(a.measured.changes, at, time.Time.Compare); found {
		last = at
	} else if i > 0 {
		last = a.measured.changes[i-1]
	}
	m, known := a.measured.meters[last]
	if !known {
		m = a.traffic.measure(at)
		a.health.measureHosts(m, at)
		a.measured.meters[last] = m
	}
	return m
}

// changes are the times at which traffic may have changed its way, in order.
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
	all = slices.DeleteFunc(all, time.Time.IsZero)
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}
