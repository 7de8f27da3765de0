package convert

import (
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/model"
)

// MetricDataQuery asks for the values of a series, under an id.
func MetricDataQuery(id string, s *model.Series) metrictypes.MetricDataQuery {
	stat := &metrictypes.MetricStat{
		Metric: &metrictypes.Metric{Namespace: &s.Metric.Namespace, MetricName: &s.Metric.Name},
		Period: awssdk.Int32(int32(s.PeriodSeconds)), Stat: &s.Statistic,
	}
	for i := range s.Metric.Dimensions {
		d := &s.Metric.Dimensions[i]
		stat.Metric.Dimensions = append(stat.Metric.Dimensions, metrictypes.Dimension{Name: &d.Name, Value: &d.Value})
	}
	return metrictypes.MetricDataQuery{Id: &id, MetricStat: stat}
}
