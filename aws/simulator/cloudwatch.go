package simulator

import (
	"math"
	"regexp"
	"slices"
	"time"
)

// cloudWatchAPI answers the calls of CloudWatch. It keeps no data points: they
// follow from the traffic, and from what the resources were at the time.
type cloudWatchAPI struct {
	clock    *clock
	clusters *clusters
	groups   *ruleBook
	traffic  *trafficFlow
	health   *targetHealth
	measured measurements
	alarms   []Alarm
}

// cloudWatchOperations is the table of what CloudWatch answers.
func cloudWatchOperations(r *resources) []operation {
	metrics := &cloudWatchAPI{clock: r.clock, clusters: r.clusters, groups: r.groups, traffic: r.traffic, health: r.health}
	metrics.alarms = r.alarms
	return []operation{
		{serviceCW, "ListMetrics", reads, decode(metrics.list)},
		{serviceCW, "GetMetricData", reads, decode(metrics.data)},
		{serviceCW, "DescribeAlarms", reads, decode(metrics.describeAlarms)},
	}
}

type listMetricsInput struct {
	Namespace      string      `json:"Namespace"`
	MetricName     string      `json:"MetricName"`
	Dimensions     []dimension `json:"Dimensions"`
	RecentlyActive string      `json:"RecentlyActive"`
	NextToken      string      `json:"NextToken"`
}

type listMetricsReply struct {
	Metrics   []metric `json:"Metrics"`
	NextToken string   `json:"NextToken,omitempty"`
}

const (
	metricsPerPage = 500                 // of ListMetrics, fixed
	metricsListed  = 14 * 24 * time.Hour // without RecentlyActive
	recentlyActive = 3 * time.Hour
)

// list lists the metrics that had data points lately.
func (a *cloudWatchAPI) list(in *listMetricsInput) (*listMetricsReply, error) {
	age := metricsListed
	switch in.RecentlyActive {
	case "":
	case "PT3H":
		age = recentlyActive
	default:
		return nil, errMetric("The parameter RecentlyActive must be PT3H.")
	}
	until := a.clock.now.Truncate(time.Minute)
	found := map[string]metric{}
	for _, s := range a.timeline(until.Add(-age), until) {
		for key, g := range s.meter {
			if in.admits(g.metric) {
				found[key] = g.metric
			}
		}
	}
	all := make([]metric, 0, len(found))
	for _, key := range sortedKeys(found) {
		all = append(all, found[key])
	}
	page, next, ok := paginate(all, in.NextToken, metricsPerPage)
	if !ok {
		return nil, refuse("InvalidNextToken", "The token %s is not valid.", in.NextToken)
	}
	return &listMetricsReply{Metrics: page, NextToken: next}, nil
}

// admits tells whether a metric passes the filters. A dimension without a value
// means any; a metric may have others besides.
func (in *listMetricsInput) admits(m metric) bool {
	for _, want := range in.Dimensions {
		if !slices.ContainsFunc(m.Dimensions, func(d dimension) bool {
			return d.Name == want.Name && (want.Value == "" || d.Value == want.Value)
		}) {
			return false
		}
	}
	return (in.Namespace == "" || in.Namespace == m.Namespace) && (in.MetricName == "" || in.MetricName == m.Name)
}

type (
	metricDataInput struct {
		Queries       []metricQuery `json:"MetricDataQueries"`
		StartTime     float64       `json:"StartTime"`
		EndTime       float64       `json:"EndTime"`
		ScanBy        string        `json:"ScanBy"`
		MaxDatapoints int           `json:"MaxDatapoints"`
		NextToken     string        `json:"NextToken"`
	}
	metricQuery struct {
		ID         string      `json:"Id"`
		Expression string      `json:"Expression"`
		Label      string      `json:"Label"`
		Stat       *metricStat `json:"MetricStat"`
		ReturnData *bool       `json:"ReturnData"`
	}
	metricStat struct {
		Metric metric `json:"Metric"`
		Period int    `json:"Period"`
		Stat   string `json:"Stat"`
	}
)

type (
	metricDataReply struct {
		Results   []metricResult `json:"MetricDataResults"`
		Messages  []struct{}     `json:"Messages"`
		NextToken string         `json:"NextToken,omitempty"`
	}
	metricResult struct {
		ID         string    `json:"Id"`
		Label      string    `json:"Label"`
		Timestamps []epoch   `json:"Timestamps"`
		Values     []float64 `json:"Values"`
		StatusCode string    `json:"StatusCode"`
	}
)

// The limits of GetMetricData.
const (
	maxQueries    = 500
	maxDatapoints = 100_800
)

// data measures what the queries ask for. Expressions (math, SEARCH,
// Metrics Insights) are not simulated, and refused.
func (a *cloudWatchAPI) data(in *metricDataInput) (*metricDataReply, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	from, to := instant(in.StartTime).Truncate(time.Minute), instant(in.EndTime)
	if published := a.clock.now.Truncate(time.Minute); to.After(published) {
		to = published // a minute is published when it is over
	}
	// Nothing older is asked of the traffic than CloudWatch keeps by the minute.
	if oldest := a.clock.now.Truncate(time.Minute).Add(-15 * 24 * time.Hour); from.Before(oldest) {
		from = oldest
	}
	var segments []segment
	if from.Before(to) {
		segments = a.timeline(from, to)
	}
	reply := &metricDataReply{Results: []metricResult{}, Messages: []struct{}{}}
	for _, q := range in.Queries {
		if q.ReturnData != nil && !*q.ReturnData {
			continue
		}
		r := metricResult{ID: q.ID, Label: q.Label, Timestamps: []epoch{}, Values: []float64{}, StatusCode: "Complete"}
		if r.Label == "" {
			r.Label = q.Stat.Metric.Name
		}
		for _, p := range points(segments, q.Stat, from, publishedOf(&q.Stat.Metric, a.clock.now, to)) {
			r.Timestamps, r.Values = append(r.Timestamps, epoch{p.at}), append(r.Values, p.value)
		}
		if in.ScanBy != "TimestampAscending" {
			slices.Reverse(r.Timestamps)
			slices.Reverse(r.Values)
		}
		reply.Results = append(reply.Results, r)
	}
	return reply, in.page(reply)
}

var queryID = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)

func (in *metricDataInput) check() error {
	switch {
	case len(in.Queries) == 0:
		return errMetric("The parameter MetricDataQueries is required.")
	case len(in.Queries) > maxQueries:
		return errMetric("The collection MetricDataQueries must not have a size greater than %d.", maxQueries)
	case in.StartTime >= in.EndTime:
		return errMetric("The parameter StartTime must be less than the parameter EndTime.")
	case in.MaxDatapoints < 0 || in.MaxDatapoints > maxDatapoints:
		return errMetric("The parameter MaxDatapoints must be less than or equal to %d.", maxDatapoints)
	}
	seen := map[string]bool{}
	for _, q := range in.Queries {
		switch {
		case !queryID.MatchString(q.ID) || seen[q.ID]:
			return errMetric("The value %s for parameter MetricDataQueries.member.Id is not valid, or not the only one.", q.ID)
		case q.Expression != "" || q.Stat == nil:
			return errMetric("Error in expression '%s': the simulator has metrics, and no expressions.", q.ID)
		case q.Stat.Period < 60 || q.Stat.Period%60 != 0 || q.Stat.Period > int(metricsListed/time.Second):
			return errMetric("Period must be a multiple of 60.")
		case statistic(q.Stat.Stat) == nil:
			return errMetric("The value %s for parameter Stat is not supported.", q.Stat.Stat)
		}
		seen[q.ID] = true
	}
	return nil
}

// instant is a time of a request.
func instant(seconds float64) time.Time {
	const longest = 1 << 40 // beyond, a float is no time any more
	return time.UnixMilli(int64(min(max(seconds, 0), longest) * 1000)).UTC()
}

// page cuts the data points that do not fit into a reply, query by query.
func (in *metricDataInput) page(reply *metricDataReply) error {
	size := in.MaxDatapoints
	if size == 0 {
		size = maxDatapoints
	}
	total := 0
	for _, r := range reply.Results {
		total += len(r.Values)
	}
	page, next, ok := paginate(make([]struct{}, total), in.NextToken, size)
	if !ok {
		return refuse("InvalidNextToken", "The token %s is not valid.", in.NextToken)
	}
	skip, _ := openToken(in.NextToken) // paginate opened it
	keep := len(page)
	for i := range reply.Results {
		r := &reply.Results[i]
		from := min(skip, len(r.Values))
		to := min(from+keep, len(r.Values))
		if to < len(r.Values) {
			r.StatusCode = "PartialData"
		}
		r.Timestamps, r.Values = r.Timestamps[from:to], r.Values[from:to]
		skip, keep = skip-from, keep-(to-from)
	}
	reply.NextToken = next
	return nil
}

type point struct {
	at    time.Time
	value float64
}

// points are the data points of a metric, the oldest first: periods begin at
// multiples of their length.
func points(segments []segment, q *metricStat, from, to time.Time) []point {
	period := time.Duration(q.Period) * time.Second
	value, key := statistic(q.Stat), q.Metric.key()
	var all []point
	for at := from.Truncate(period); at.Before(to); at = at.Add(period) {
		var total gauge
		minutes := 0.0
		for _, s := range segments {
			g := s.meter[key]
			seconds := earlier(s.to, at.Add(period)).Sub(later(s.from, at)).Seconds()
			if g == nil || seconds <= 0 {
				continue
			}
			if total.level = g.level; minutes == 0 {
				total.low, total.high = g.low, g.high
			}
			total.low, total.high = min(total.low, g.low), max(total.high, g.high)
			total.latency = g.latency
			total.samples += g.samples * seconds
			total.sum += g.sum * seconds
			minutes += seconds / 60
		}
		if minutes == 0 {
			continue // no data point, not a zero
		}
		if !total.latency {
			total.samples = math.Ceil(minutes)
		}
		all = append(all, point{at: at, value: value(total)})
	}
	return all
}

func earlier(x, y time.Time) time.Time {
	if x.Before(y) {
		return x
	}
	return y
}

func later(x, y time.Time) time.Time {
	if x.After(y) {
		return x
	}
	return y
}

var percentile = regexp.MustCompile(`^p(100|[0-9]{1,2}(\.[0-9]+)?)$`)

// statistic computes a statistic of CloudWatch, or is nil for one that is not
// simulated. All requests of a stream take the same time, so that percentiles and
// extremes are the mean, but of a level.
func statistic(name string) func(gauge) float64 {
	switch {
	case name == "Sum":
		return func(g gauge) float64 { return round(g.sum) }
	case name == "SampleCount":
		return func(g gauge) float64 { return math.Round(g.samples) }
	case name == "Minimum" || name == "Maximum":
		return func(g gauge) float64 {
			switch {
			case !g.level:
				return round(g.sum / g.samples)
			case name == "Minimum":
				return g.low
			}
			return g.high
		}
	case name == "Average" || percentile.MatchString(name):
		return func(g gauge) float64 { return round(g.sum / g.samples) }
	}
	return nil
}

// round drops what only the computer added.
func round(f float64) float64 {
	const digits = 1e9
	return math.Round(f*digits) / digits
}

// errMetric is how CloudWatch refuses a value.
func errMetric(format string, args ...any) *apiError {
	return refuse("InvalidParameterValueException", format, args...)
}
