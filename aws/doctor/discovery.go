package doctor

import (
	"context"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"hopscope/aws"
	"hopscope/model"
)

// discoveryTrials are the trials of AWS Cloud Map, and of what ECS knows of it.
func (e *examination) discoveryTrials() []trial {
	return []trial{
		{model.ListNamespaces, e.listNamespaces},
		{model.ListDiscoveryServices, func(ctx context.Context) error {
			_, err := e.session.CloudMap.ListServices(ctx,
				&servicediscovery.ListServicesInput{MaxResults: awssdk.Int32(1)})
			return err
		}},
		{model.ListServicesByNamespace, e.listServicesByNamespace},
	}
}

func (e *examination) listNamespaces(ctx context.Context) error {
	out, err := e.session.CloudMap.ListNamespaces(ctx,
		&servicediscovery.ListNamespacesInput{MaxResults: aws.PageSize(model.ListNamespaces)})
	if err != nil {
		return err
	}
	for i := range out.Namespaces {
		e.found.namespaces = append(e.found.namespaces, present([]*string{out.Namespaces[i].Arn})...)
	}
	return nil
}

func (e *examination) listServicesByNamespace(ctx context.Context) error {
	if len(e.found.namespaces) == 0 {
		return &nothingError{"namespace", model.ListNamespaces}
	}
	_, err := e.session.ECS.ListServicesByNamespace(ctx,
		&ecs.ListServicesByNamespaceInput{Namespace: &e.found.namespaces[0]})
	return err
}

// metricTrials are the trials of Amazon CloudWatch.
func (e *examination) metricTrials() []trial {
	return []trial{
		{model.ListMetrics, func(ctx context.Context) error {
			_, err := e.session.Metrics.ListMetrics(ctx, &cloudwatch.ListMetricsInput{
				Namespace: awssdk.String(model.MetricNamespace), MetricName: awssdk.String(model.MetricCallers),
			})
			return err
		}},
		{model.GetMetricData, e.getMetricData},
		{aws.DescribeAlarms, func(ctx context.Context) error {
			_, err := e.session.Metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: awssdk.Int32(1)})
			return err
		}},
	}
}

// getMetricData asks for a minute of a metric, whether there is any or not.
func (e *examination) getMetricData(ctx context.Context) error {
	const seconds = 60
	to := e.account.Now().Truncate(time.Minute)
	from := to.Add(-time.Minute)
	_, err := e.session.Metrics.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to,
		MetricDataQueries: []metrictypes.MetricDataQuery{{
			Id: awssdk.String("requests"),
			MetricStat: &metrictypes.MetricStat{
				Metric: &metrictypes.Metric{
					Namespace: awssdk.String(model.MetricNamespace), MetricName: awssdk.String(model.MetricRequests),
				},
				Period: awssdk.Int32(seconds), Stat: awssdk.String("Sum"),
			},
		}},
	})
	return err
}
