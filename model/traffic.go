package model

// Traffic is what the metrics of Service Connect clients say about who called
// whom in the last three hours (CloudWatch lists a metric only if it had a data
// point lately). Ports without an appProtocol have no such metrics.
type Traffic struct {
	Edges []TrafficEdge `json:"edges"`
}

// TrafficEdge is a caller whose agent recorded answers of an endpoint.
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
