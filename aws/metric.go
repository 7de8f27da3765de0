package aws

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
	AnswersMetric        = "HTTPCode_Target_2XX_Count"
)
