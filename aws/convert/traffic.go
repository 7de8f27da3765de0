package convert

import (
	"cmp"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/model"
)

// Traffic sorts the edges and names each once. Series that sum all callers up
// have no caller.
func Traffic(metrics []metrictypes.Metric) *model.Traffic {
	t := &model.Traffic{Metric: model.MetricCallers, Edges: []model.TrafficEdge{}}
	for i := range metrics {
		var edge model.TrafficEdge
		for _, d := range metrics[i].Dimensions {
			switch value := awssdk.ToString(d.Value); awssdk.ToString(d.Name) {
			case model.DimensionEndpoint:
				edge.DiscoveryName = value
			case model.DimensionClient:
				edge.Caller.Service = value
			case model.DimensionCluster:
				edge.Caller.Cluster = value
			}
		}
		if edge.DiscoveryName != "" && edge.Caller.Service != "" && edge.Caller.Cluster != "" {
			t.Edges = append(t.Edges, edge)
		}
	}
	slices.SortFunc(t.Edges, func(a, b model.TrafficEdge) int {
		return cmp.Or(a.Caller.Compare(b.Caller), cmp.Compare(a.DiscoveryName, b.DiscoveryName))
	})
	t.Edges = slices.Compact(t.Edges)
	return t
}
