package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/aws"
	"hopscope/model/fix"
)

// checkAlarms refuses an update that alarms do not watch, or take back for what it is
// about. ECS does not watch an alarm that fires when a deployment begins (developer guide:
// how CloudWatch alarms detect deployment failures). Where alarms may not be read, the plan
// has said what they may do.
func (r *preflight) checkAlarms(ctx context.Context, l *liveService) error {
	c := l.service.DeploymentConfiguration
	if updates(&r.entry.Plan) == 0 || c == nil || c.Alarms == nil || !c.Alarms.Enable {
		return nil
	}
	for names := range slices.Chunk(c.Alarms.AlarmNames, mostAlarms) {
		out, err := r.reads.Metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: names,
			AlarmTypes: []metrictypes.AlarmType{metrictypes.AlarmTypeMetricAlarm, metrictypes.AlarmTypeCompositeAlarm},
		})
		if err != nil {
			return ctx.Err()
		}
		for i := range out.CompositeAlarms {
			if a := &out.CompositeAlarms[i]; a.StateValue == metrictypes.StateValueAlarm {
				return r.firesAlready(awssdk.ToString(a.AlarmName))
			}
		}
		for i := range out.MetricAlarms {
			switch a := &out.MetricAlarms[i]; {
			case a.StateValue == metrictypes.StateValueAlarm:
				return r.firesAlready(awssdk.ToString(a.AlarmName))
			case movesRequests(&r.entry.Plan) && onFewRequests(a, r.entry.Plan.Service.Service):
				return cannot(nil, fmt.Sprintf("the alarm %s fires when Service Connect counts few requests (%s), which "+
					"is what happens when requests go past the agent: ECS would take the deployment of %s back",
					aws.Printable(awssdk.ToString(a.AlarmName)), aws.Printable(awssdk.ToString(a.MetricName)),
					r.entry.Plan.Service),
					"let it watch the load balancer's RequestCount instead, or take it out of deploymentConfiguration")
			}
		}
	}
	return nil
}

// mostAlarms is how many one call describes.
const mostAlarms = 100

func (r *preflight) firesAlready(name string) error {
	return cannot(nil, fmt.Sprintf("the alarm %s, which is to watch the deployments of %s, is in state ALARM: ECS would "+
		"not watch it for this one", aws.Printable(name), r.entry.Plan.Service),
		"apply the plan when the alarm is OK, or take it out of deploymentConfiguration")
}

// movesRequests tells whether a plan leads requests past an agent that counts them.
func movesRequests(p *fix.Plan) bool {
	return slices.ContainsFunc(p.Edits(), func(e fix.Edit) bool {
		return e.Kind == fix.EditOverride && e.Port != 0 || e.Kind == fix.EditRemoveEndpoint
	})
}

// onFewRequests tells whether an alarm fires when the agents of a service count fewer
// requests.
func onFewRequests(a *metrictypes.MetricAlarm, service string) bool {
	if slices.ContainsFunc(a.Dimensions, func(d metrictypes.Dimension) bool {
		return awssdk.ToString(d.Name) == "ServiceName" && awssdk.ToString(d.Value) != service
	}) {
		return false
	}
	counted := []string{
		"RequestCount", "RequestCountPerTarget", "GrpcRequestCount", "NewConnectionCount", "ProcessedBytes",
	}
	return awssdk.ToString(a.Namespace) == aws.MetricNamespace &&
		slices.Contains(counted, awssdk.ToString(a.MetricName)) &&
		strings.HasPrefix(string(a.ComparisonOperator), "LessThan")
}
