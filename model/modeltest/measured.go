package modeltest

import (
	"time"

	"hopscope/model"
)

// Measured gives a snapshot what CloudWatch counted each minute for ten minutes: requests that
// load balancers sent to each of their groups, and that the agents of each endpoint took in,
// of tasks that are as they are since a time before. Callers sent none.
func Measured(balancer, agents float64, since time.Duration) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.Scope.AllClusters = true
		m := &model.Metrics{
			ReadAt: Time.Add(12 * time.Minute), From: Time, To: Time.Add(10 * time.Minute), Source: model.GetMetricData,
		}
		for i := range s.Namespaces {
			s.Namespaces[i].Members = &model.NamespaceMembers{}
		}
		for i := range s.TargetGroups {
			g := &s.TargetGroups[i]
			g.HealthCheck.IntervalSeconds = 30
			for _, lb := range g.LoadBalancers {
				m.Series = append(m.Series, eachMinute(balancer, model.ApplicationLoadBalancers,
					model.DimensionTargetGroup, model.ARNResource(g.ARN),
					model.DimensionLoadBalancer, model.LoadBalancerDimension(lb)))
			}
		}
		for i := range s.Services {
			d := &s.Services[i].Deployments[0]
			d.UpdatedAt = Time.Add(-since)
			if d.ServiceConnect == nil {
				continue
			}
			for j := range d.ServiceConnect.Services {
				name := d.ServiceConnect.Services[j].Name()
				m.Series = append(m.Series, eachMinute(agents, model.MetricNamespace, model.DimensionOwnEndpoint, name,
					model.DimensionClient, s.Services[i].Name, model.DimensionCluster, s.Services[i].Cluster))
				for _, class := range []string{"2XX", "3XX", "4XX", "5XX"} {
					answers := eachMinute(0, model.MetricNamespace, model.DimensionEndpoint, name)
					answers.Metric.Name = "HTTPCode_Target_" + class + "_Count"
					m.Series = append(m.Series, answers)
				}
			}
		}
		s.Metrics = m
	}
}

// eachMinute is a count of requests with the same value each minute; none is no value.
func eachMinute(value float64, namespace string, dimensions ...string) model.Series {
	s := model.Series{
		Metric: model.Metric{Namespace: namespace, Name: model.MetricRequests}, Statistic: "Sum", PeriodSeconds: 60,
	}
	for i := 0; i < len(dimensions); i += 2 {
		s.Metric.Dimensions = append(s.Metric.Dimensions, model.Dimension{Name: dimensions[i], Value: dimensions[i+1]})
	}
	for minute := range 10 {
		if value > 0 {
			s.Values = append(s.Values, model.Value{At: Time.Add(time.Duration(minute) * time.Minute), Value: value})
		}
	}
	return s
}
