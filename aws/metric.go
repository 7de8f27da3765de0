package aws

import "hopscope/model"

// The metrics of Service Connect: their namespace, and the names of their
// dimensions. A client's agent records for the endpoints that it calls, with the
// endpoint as TargetDiscoveryName; a server's agent records for the endpoint that
// it serves, with the endpoint as DiscoveryName.
//
// Source: Amazon ECS developer guide, Amazon ECS CloudWatch metrics.
const (
	MetricNamespace      = "AWS/ECS"
	DimensionClient      = "ServiceName"
	DimensionCluster     = "ClusterName"
	DimensionEndpoint    = "TargetDiscoveryName"
	DimensionOwnEndpoint = "DiscoveryName"
	// MetricCallers is what every client's agent counts, whatever the appProtocol of the
	// endpoint is: answers (HTTPCode_Target_*_Count) are those of http and http2 alone.
	MetricCallers = model.MetricCallers
)
