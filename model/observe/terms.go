package observe

import (
	"slices"
	"strings"
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
		balancer = append(balancer, counter("AWS/ApplicationELB", "RequestCount",
			"TargetGroup", model.ARNResource(b.TargetGroup),
			"LoadBalancer", strings.TrimPrefix(model.ARNResource(b.LoadBalancer), "loadbalancer/")))
	}
	agents = []model.Series{counter("AWS/ECS", "RequestCount", "DiscoveryName", t.Endpoint,
		"ServiceName", t.Server.Service, "ClusterName", t.Server.Cluster)}
	for _, class := range []string{"2XX", "3XX", "4XX", "5XX"} {
		callers = append(callers,
			counter("AWS/ECS", "HTTPCode_Target_"+class+"_Count", "TargetDiscoveryName", t.Endpoint))
	}
	return balancer, agents, callers
}

// Series are the series to read, without values.
func (t *Terms) Series() []model.Series {
	balancer, agents, callers := t.series()
	return slices.Concat(balancer, agents, callers)
}

// Count adds up what was read from one time to another. CloudWatch knows no zero: what
// has no data point did not happen.
func (t *Terms) Count(m *model.Metrics, from, to time.Time) Counts {
	balancer, agents, callers := t.series()
	add := func(all []model.Series) (total float64) {
		for i := range all {
			for _, v := range valuesOf(m, &all[i]) {
				if !v.At.Before(from) && v.At.Before(to) {
					total += v.Value
				}
			}
		}
		return total
	}
	return Counts{LoadBalancer: add(balancer), Agents: add(agents), Callers: add(callers)}
}

// valuesOf are the values that were read of a series.
func valuesOf(m *model.Metrics, wanted *model.Series) []model.Value {
	for i := range m.Series {
		if same(&m.Series[i], wanted) {
			return m.Series[i].Values
		}
	}
	return nil
}

// same tells whether two series are one, whatever their values are.
func same(a, b *model.Series) bool {
	return a.Metric.Name == b.Metric.Name && a.Metric.Namespace == b.Metric.Namespace &&
		a.Statistic == b.Statistic && a.PeriodSeconds == b.PeriodSeconds &&
		slices.Equal(a.Metric.Dimensions, b.Metric.Dimensions)
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
