package model

import "strings"

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
	// DimensionOwnEndpoint names the endpoint that a server's agent records for.
	DimensionOwnEndpoint = "DiscoveryName"
	// MetricRequests counts requests, in this namespace and in the load balancers'.
	MetricRequests = "RequestCount"
)

// The metrics of the targets of a group behind a load balancer: their names, and the
// names of their dimensions, whose values are the ends of ARNs.
//
// Source: Elastic Load Balancing guides, CloudWatch metrics for application and for
// network load balancers.
const (
	// ApplicationLoadBalancers is the namespace of their metrics.
	ApplicationLoadBalancers = "AWS/ApplicationELB"
	MetricHealthyHosts       = "HealthyHostCount"
	MetricUnhealthyHosts     = "UnHealthyHostCount"
	DimensionLoadBalancer    = "LoadBalancer"
	DimensionTargetGroup     = "TargetGroup"
)

// MetricNamespaceOf is the namespace of the metrics of a load balancer, by the dimension
// that names it; "" for one that has no host counts.
func MetricNamespaceOf(loadBalancer string) string {
	switch kind, _, _ := strings.Cut(loadBalancer, "/"); kind {
	case "app":
		return ApplicationLoadBalancers
	case "net":
		return "AWS/NetworkELB"
	}
	return ""
}

// LoadBalancerDimension is how metrics name a load balancer: "app/main/50dc6c495c0c9188".
func LoadBalancerDimension(arn ARN) string {
	return strings.TrimPrefix(ARNResource(arn), "loadbalancer/")
}
