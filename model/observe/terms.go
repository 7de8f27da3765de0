package observe

import (
	"slices"
	"strconv"
	"time"

	"hopscope/model"
)

// Period is the length of a data point. Service Connect publishes one each minute
// (docs/traffic.md, Metrics).
const Period = time.Minute

const sum = "Sum"

// Balancer is a target group behind an application load balancer.
type Balancer struct {
	LoadBalancer, TargetGroup model.ARN
}

// Terms are what is counted to tell which way the requests to a port go.
type Terms struct {
	// Server is the service, and Endpoint the discovery name of the port's endpoint.
	Server   model.Ref
	Endpoint string
	// Balancers send requests to the port.
	Balancers []Balancer
	// Callers are the services that may call, where the answers to them are to be counted one
	// by one: other services have an endpoint of this name, or may have. None is for all
	// callers of the name together.
	Callers []model.Ref
}

// Counts are requests.
type Counts struct {
	// LoadBalancer (A) are those that the load balancers sent: health checks are not
	// among them.
	LoadBalancer float64
	// Agents (S) are those that the server's agents took in, health checks too.
	Agents float64
	// Callers (C) are the answers that agents of Service Connect callers got: requests
	// without an answer are missing.
	Callers float64
}

// series are the series of which the sums are the terms.
func (t *Terms) series() (balancer, agents, callers []model.Series) {
	for _, b := range t.Balancers {
		balancer = append(balancer, balancerSeries(b)...)
	}
	agents = []model.Series{counter(model.MetricNamespace, model.MetricRequests, model.DimensionOwnEndpoint, t.Endpoint,
		model.DimensionClient, t.Server.Service, model.DimensionCluster, t.Server.Cluster)}
	for _, class := range []string{"2XX", "3XX", "4XX", "5XX"} {
		name := "HTTPCode_Target_" + class + "_Count"
		if t.Callers == nil {
			callers = append(callers, counter(model.MetricNamespace, name, model.DimensionEndpoint, t.Endpoint))
		}
		for _, caller := range t.Callers {
			callers = append(callers, counter(model.MetricNamespace, name, model.DimensionEndpoint, t.Endpoint,
				model.DimensionClient, caller.Service, model.DimensionCluster, caller.Cluster))
		}
	}
	return balancer, agents, callers
}

func balancerSeries(b Balancer) []model.Series {
	return []model.Series{counter(model.ApplicationLoadBalancers, model.MetricRequests,
		model.DimensionTargetGroup, model.ARNResource(b.TargetGroup),
		model.DimensionLoadBalancer, model.LoadBalancerDimension(b.LoadBalancer))}
}

// Series are the series to read, without values.
func (t *Terms) Series() []model.Series {
	balancer, agents, callers := t.series()
	return slices.Concat(balancer, agents, callers)
}

// Count adds up what was read from one time to another. CloudWatch knows no zero: what
// has no data point did not happen.
func (t *Terms) Count(m *model.Metrics, from, to time.Time) Counts {
	return t.count(bySeries(m), from, to)
}

func (t *Terms) count(read readValues, from, to time.Time) Counts {
	balancer, agents, callers := t.series()
	return Counts{
		LoadBalancer: read.sum(balancer, from, to), Agents: read.sum(agents, from, to), Callers: read.sum(callers, from, to),
	}
}

// readValues are the series that were read, by their keys: an account has thousands, and
// each way looks for its own.
type readValues map[string]*model.Series

func bySeries(m *model.Metrics) readValues {
	read := make(readValues, len(m.Series))
	for i := range m.Series {
		read[m.Series[i].Key()] = &m.Series[i]
	}
	return read
}

// sum adds up series from one time to another. CloudWatch knows no zero: what has no data
// point did not happen.
func (r readValues) sum(all []model.Series, from, to time.Time) (total float64) {
	for i := range all {
		s := r[all[i].Key()]
		if s == nil {
			continue
		}
		for _, v := range s.Values {
			if !v.At.Before(from) && v.At.Before(to) {
				total += v.Value
			}
		}
	}
	return total
}

// window is what series were asked for, and how many of them were read.
func window(all []model.Series, m *model.Metrics, read readValues) (from, to time.Time, n int) {
	to = m.To
	for i := range all {
		got := read[all[i].Key()]
		if got == nil {
			continue
		}
		n++
		begin, end := m.Window(got)
		if begin.After(from) {
			from = begin
		}
		if n == 1 || end.Before(to) {
			to = end
		}
	}
	return from, to, n
}

func counter(namespace, name string, dimensions ...string) model.Series {
	s := model.Series{
		Metric: model.Metric{Namespace: namespace, Name: name}, Statistic: sum,
		PeriodSeconds: int(Period / time.Second),
	}
	for pair := range slices.Chunk(dimensions, 2) {
		s.Metric.Dimensions = append(s.Metric.Dimensions, model.Dimension{Name: pair[0], Value: pair[1]})
	}
	return s
}

// Dollars is about what it costs to ask for so many metrics, in dollars: by the list price of
// $0.01 for 1000 metrics of GetMetricData.
func Dollars(metrics int) string {
	const perDollar = 100_000
	return "$" + strconv.FormatFloat(float64(metrics)/perDollar, 'f', -1, 64)
}
