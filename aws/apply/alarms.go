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
	"hopscope/model"
	"hopscope/model/fix"
)

// checkAlarms refuses an update that alarms do not watch, or take back for what it is
// about. ECS does not watch an alarm that fires when a deployment begins (developer guide:
// how CloudWatch alarms detect deployment failures). What could not be looked at is noted.
func (r *preflight) checkAlarms(ctx context.Context, l *liveService) error {
	r.entry.Unchecked = nil
	c := l.service.DeploymentConfiguration
	if updates(&r.entry.Plan) == 0 || c == nil || c.Alarms == nil || !c.Alarms.Enable {
		return nil
	}
	for names := range slices.Chunk(c.Alarms.AlarmNames, mostAlarms) {
		out, err := r.reads.Metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: names, MaxRecords: awssdk.Int32(mostAlarms), // a page has 50 unless it is asked for more
			AlarmTypes: []metrictypes.AlarmType{metrictypes.AlarmTypeMetricAlarm, metrictypes.AlarmTypeCompositeAlarm},
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.unchecked("could not be read ("+string(aws.DescribeAlarms)+")", names...)
			continue
		}
		if err := r.checkAnswer(names, out); err != nil {
			return err
		}
	}
	return nil
}

// checkAnswer judges alarms that were asked for by name.
func (r *preflight) checkAnswer(names []string, out *cloudwatch.DescribeAlarmsOutput) error {
	missing := slices.Clone(names)
	found := func(name string) {
		missing = slices.DeleteFunc(missing, func(o string) bool { return o == name })
	}
	for i := range out.CompositeAlarms {
		a := &out.CompositeAlarms[i]
		if found(awssdk.ToString(a.AlarmName)); a.StateValue == metrictypes.StateValueAlarm {
			return r.firesAlready(awssdk.ToString(a.AlarmName))
		}
	}
	for i := range out.MetricAlarms {
		a := &out.MetricAlarms[i]
		if found(awssdk.ToString(a.AlarmName)); a.StateValue == metrictypes.StateValueAlarm {
			return r.firesAlready(awssdk.ToString(a.AlarmName))
		}
		switch moves := movesRequests(&r.entry.Plan); {
		case moves && len(a.Metrics) > 0:
			r.unchecked("is made of several metrics, and may fire when Service Connect counts fewer requests",
				awssdk.ToString(a.AlarmName))
		case moves && onFewRequests(a, r.entry.Plan.Service):
			return cannot(nil, fmt.Sprintf("the alarm %s fires when Service Connect counts few requests (%s), which "+
				"is what happens when requests go past the agent: ECS would take the deployment of %s back",
				aws.Printable(awssdk.ToString(a.AlarmName)), aws.Printable(awssdk.ToString(a.MetricName)),
				r.entry.Plan.Service),
				"let it watch the load balancer's RequestCount instead, or take it out of deploymentConfiguration")
		}
	}
	if len(missing) > 0 {
		r.unchecked("is not there", missing...)
	}
	return nil
}

// unchecked notes what could not be looked at before anything is sent.
func (r *preflight) unchecked(why string, alarms ...string) {
	for _, name := range alarms {
		r.entry.Unchecked = append(r.entry.Unchecked, fmt.Sprintf("the alarm %s %s", aws.Printable(name), why))
	}
}

// mostAlarms is how many one call describes.
const mostAlarms = 100

func (r *preflight) firesAlready(name string) error {
	return cannot(nil, fmt.Sprintf("the alarm %s, which is to watch the deployments of %s, is in state ALARM: ECS would "+
		"not watch it for this one", aws.Printable(name), r.entry.Plan.Service),
		"apply the plan when the alarm is OK, or take it out of deploymentConfiguration")
}

// movesRequests tells whether a plan leads requests past an agent that counts them. They go
// past one that has an override already.
func movesRequests(p *fix.Plan) bool {
	return slices.ContainsFunc(p.Edits(), func(e fix.Edit) bool {
		overridden := p.Block != nil && e.Index < len(p.Block.Services) && p.Block.Services[e.Index].IngressPortOverride != 0
		return e.Kind == fix.EditOverride && e.Port != 0 && !overridden || e.Kind == fix.EditRemoveEndpoint
	})
}

// onFewRequests tells whether an alarm fires when the agents of a service count fewer
// requests.
func onFewRequests(a *metrictypes.MetricAlarm, service model.Ref) bool {
	own := map[string]string{"ServiceName": service.Service, "ClusterName": service.Cluster}
	if slices.ContainsFunc(a.Dimensions, func(d metrictypes.Dimension) bool {
		name, is := own[awssdk.ToString(d.Name)]
		return is && awssdk.ToString(d.Value) != name
	}) {
		return false
	}
	counted := []string{
		"RequestCount", "RequestCountPerTarget", "GrpcRequestCount", "NewConnectionCount", "ProcessedBytes",
	}
	return awssdk.ToString(a.Namespace) == model.MetricNamespace &&
		slices.Contains(counted, awssdk.ToString(a.MetricName)) &&
		strings.HasPrefix(string(a.ComparisonOperator), "LessThan")
}
