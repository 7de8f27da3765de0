package collect

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// traffic reads which callers used Service Connect lately.
type traffic struct{ *run }

// read starts the listing of the metrics of Service Connect's callers, if
// anything can be called: one call for 500 series.
func (c *traffic) read(ctx context.Context) {
	action := model.ListMetrics
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		c.mu.Lock()
		callable := slices.ContainsFunc(c.rows.services.order, anyOffersEndpoints)
		c.mu.Unlock()
		if callable {
			c.start(ctx, call{action: action, send: c.listMetrics})
		}
	})
}

// listMetrics lists the series that had a data point in the last three hours,
// which are shown when they are complete. Their service and cluster are those of
// the caller.
func (c *traffic) listMetrics(ctx context.Context) error {
	var metrics []metrictypes.Metric
	pages := cloudwatch.NewListMetricsPaginator(c.session.Metrics, &cloudwatch.ListMetricsInput{
		Namespace:      awssdk.String(model.MetricNamespace),
		MetricName:     awssdk.String(model.MetricCallers),
		Dimensions:     []metrictypes.DimensionFilter{{Name: awssdk.String(model.DimensionEndpoint)}},
		RecentlyActive: metrictypes.RecentlyActivePt3h,
	})
	err := aws.EachPage(ctx, pages,
		func(page *cloudwatch.ListMetricsOutput) { metrics = append(metrics, page.Metrics...) })
	if err != nil {
		return err
	}
	traffic := convert.Traffic(metrics)
	c.update(func() { c.rows.traffic = traffic })
	return nil
}
