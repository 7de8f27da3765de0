package aws

import (
	"cmp"
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/model"
)

// The metrics that the agents of callers record for the endpoints they call: one
// that every answered request feeds, with its dimensions.
const (
	metricNamespace  = "AWS/ECS"
	answersMetric    = "HTTPCode_Target_2XX_Count"
	endpointOfMetric = "TargetDiscoveryName"
	callerOfMetric   = "ServiceName"
	clusterOfMetric  = "ClusterName"
)

// readTraffic starts the listing of the metrics of Service Connect's callers, if
// anything can be called: one call for 500 series.
func (c *collection) readTraffic(ctx context.Context) {
	action := model.ListMetrics
	c.when(ctx, action, c.settled(operations[action].after...), func(ctx context.Context) {
		c.picture.mu.Lock()
		callable := slices.ContainsFunc(c.picture.services.order, func(s *model.Service) bool {
			return slices.ContainsFunc(s.Deployments, offersEndpoints)
		})
		c.picture.mu.Unlock()
		if callable {
			c.start(ctx, call{action: action, run: c.listMetrics})
		}
	})
}

// listMetrics lists the series that had a data point in the last three hours,
// which are shown when they are complete. Their service and cluster are those of
// the caller.
func (c *collection) listMetrics(ctx context.Context) error {
	var metrics []metrictypes.Metric
	pages := cloudwatch.NewListMetricsPaginator(c.metrics, &cloudwatch.ListMetricsInput{
		Namespace:      awssdk.String(metricNamespace),
		MetricName:     awssdk.String(answersMetric),
		Dimensions:     []metrictypes.DimensionFilter{{Name: awssdk.String(endpointOfMetric)}},
		RecentlyActive: metrictypes.RecentlyActivePt3h,
	})
	err := eachPage(ctx, pages, func(page *cloudwatch.ListMetricsOutput) { metrics = append(metrics, page.Metrics...) })
	if err != nil {
		return err
	}
	traffic := toTraffic(metrics)
	c.picture.update(func() { c.picture.traffic = traffic })
	return nil
}

// toTraffic sorts the edges and names each once. Series that sum all callers up
// have no caller.
func toTraffic(metrics []metrictypes.Metric) *model.Traffic {
	t := &model.Traffic{Edges: []model.TrafficEdge{}}
	for i := range metrics {
		var edge model.TrafficEdge
		for _, d := range metrics[i].Dimensions {
			switch value := awssdk.ToString(d.Value); awssdk.ToString(d.Name) {
			case endpointOfMetric:
				edge.DiscoveryName = value
			case callerOfMetric:
				edge.Caller.Service = value
			case clusterOfMetric:
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
