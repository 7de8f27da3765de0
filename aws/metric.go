package aws

import (
	"strings"

	"hopscope/model"
)

// The metrics of Service Connect: their namespace, and the names of their
// dimensions. A client's agent records for the endpoints that it calls, with the
// endpoint as TargetDiscoveryName; a server's agent records for the endpoint that
// it serves, with the endpoint as DiscoveryName.
//
// Source: Amazon ECS developer guide, Amazon ECS CloudWatch metrics.
const (
	MetricNamespace   = "AWS/ECS"
	DimensionClient   = "ServiceName"
	DimensionCluster  = "ClusterName"
	DimensionEndpoint = "TargetDiscoveryName"
	// MetricCallers is what every client's agent counts, whatever the appProtocol of the
	// endpoint is: answers (HTTPCode_Target_*_Count) are those of http and http2 alone.
	MetricCallers = model.MetricCallers
)

// The metrics of the targets of a group behind a load balancer: their names, and the
// names of their dimensions, whose values are the ends of ARNs.
//
// Source: Elastic Load Balancing guides, CloudWatch metrics for application and for
// network load balancers.
const (
	MetricHealthyHosts    = "HealthyHostCount"
	MetricUnhealthyHosts  = "UnHealthyHostCount"
	DimensionLoadBalancer = "LoadBalancer"
	DimensionTargetGroup  = "TargetGroup"
)

// MetricNamespaceOf is the namespace of the metrics of a load balancer, by the dimension
// that names it; "" for one that has no host counts.
func MetricNamespaceOf(loadBalancer string) string {
	switch kind, _, _ := strings.Cut(loadBalancer, "/"); kind {
	case "app":
		return "AWS/ApplicationELB"
	case "net":
		return "AWS/NetworkELB"
	}
	return ""
}

// LoadBalancerDimension is how metrics name a load balancer: "app/main/50dc6c495c0c9188".
func LoadBalancerDimension(arn model.ARN) string {
	return strings.TrimPrefix(model.ARNResource(arn), "loadbalancer/")
}
