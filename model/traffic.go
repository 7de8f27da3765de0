package model

import "cmp"

// Traffic is what the metrics of Service Connect clients say about who called
// whom in the last three hours (CloudWatch lists a metric only if it had a data
// point lately).
type Traffic struct {
	// Metric is the one whose series were listed. Files of earlier versions do not name
	// it: they have the callers of http and http2 alone.
	Metric string        `json:"metric,omitempty"`
	Edges  []TrafficEdge `json:"edges"`
}

// The metrics that callers are known by: the bytes of all callers, and the answers that
// those of http and http2 got.
//
// Source: Amazon ECS developer guide, Amazon ECS CloudWatch metrics.
const (
	MetricCallers = "TargetProcessedBytes"
	metricAnswers = "HTTPCode_Target_2XX_Count"
)

// MetricName is the name of the metric.
func (t *Traffic) MetricName() string { return cmp.Or(t.Metric, metricAnswers) }

// Publishes tells whether a caller of a port would be among the edges: its agent
// publishes the metric for the port's application protocol, "" for TCP.
func (t *Traffic) Publishes(appProtocol string) bool {
	return t.MetricName() == MetricCallers || appProtocol == "http" || appProtocol == "http2"
}

// TrafficEdge is a caller whose agent recorded traffic of an endpoint.
type TrafficEdge struct {
	Caller Ref `json:"caller"`
	// DiscoveryName is the endpoint's, without its namespace: the metrics do
	// not name that.
	DiscoveryName string `json:"discoveryName"`
}

// Calls tells whether the service was seen calling an endpoint.
func (t *Traffic) Calls(caller Ref, discoveryName string) bool {
	if t == nil {
		return false
	}
	for _, e := range t.Edges {
		if e.Caller == caller && e.DiscoveryName == discoveryName {
			return true
		}
	}
	return false
}
