package simulator

import "time"

// hostCountLag is how long after its end a minute of the host counts is published: health
// checks and their count come later than requests.
const hostCountLag = time.Minute

// The metrics of a target group behind a load balancer.
const (
	metricHealthy   = "HealthyHostCount"
	metricUnhealthy = "UnHealthyHostCount"
)

// publishedOf is the time up to which a metric was published, not later than to.
func publishedOf(m *metric, now, to time.Time) time.Time {
	if m.Name != metricHealthy && m.Name != metricUnhealthy {
		return to
	}
	return earlier(to, now.Truncate(time.Minute).Add(-hostCountLag))
}

// measureHosts adds how many targets of each group were healthy, and how many were not.
// A group has no data without a target, without a load balancer or with its checks off.
func (a *targetHealth) measureHosts(m meter, at time.Time) {
	for _, t := range a.balancing.targetGroups {
		if t.HealthCheck.Disabled || len(t.loadBalancers) == 0 {
			continue
		}
		targets := a.targets(t, at)
		if len(targets) == 0 {
			continue
		}
		healthy, unhealthy := 0, 0
		for i := range targets {
			switch targets[i].Health.State {
			case stateHealthy:
				healthy++
			case stateUnhealthy, stateUnhealthyDraining:
				unhealthy++
			}
		}
		for _, arn := range t.loadBalancers {
			l := a.balancing.loadBalancer(arn)
			if l == nil || l.Type == "gateway" {
				continue
			}
			namespace := metricsALB
			if l.Type == "network" {
				namespace = metricsNLB
			}
			dims := []dimension{
				{"LoadBalancer", loadBalancerPath(l.LoadBalancer)}, {"TargetGroup", targetGroupPath(t.Name)},
			}
			m.hold(namespace, metricHealthy, float64(healthy), dims...)
			m.hold(namespace, metricUnhealthy, float64(unhealthy), dims...)
		}
	}
}
