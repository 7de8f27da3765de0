package apply

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/aws/convert"
	"hopscope/model"
)

// settle waits until the targets of groups are healthy, or do not become it: a load
// balancer asks several times before it says so. It looks at the groups alone. A sick target
// that was registered by hand is not waited for where others are healthy.
func (r *verifier) settle(ctx context.Context, groups []model.ARN, s *model.Snapshot) error {
	deadline := r.account.Now().Add(r.options.Settle)
	for wait := r.options.Poll; r.account.Now().Before(deadline); wait = min(wait*3/2, r.options.MaxPoll) {
		if err := pause(ctx, wait); err != nil {
			return err
		}
		r.show() // it goes on
		settled := true
		for _, group := range groups {
			out, err := r.reads.ELB.DescribeTargetHealth(ctx,
				&elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &group})
			if err != nil {
				return ctx.Err() // the look that follows says what is missing
			}
			settled = settled && (healthy(out.TargetHealthDescriptions, nil) ||
				healthy(out.TargetHealthDescriptions, r.strangersIn(ctx, group, s)))
		}
		if settled {
			return nil
		}
	}
	return nil
}

// healthy tells whether some targets are healthy, and none is on its way to be or is not.
func healthy(all []elbtypes.TargetHealthDescription, foreign strangers) bool {
	n := 0
	for i := range all {
		if all[i].TargetHealth == nil {
			continue
		}
		switch all[i].TargetHealth.State {
		case elbtypes.TargetHealthStateEnumHealthy:
			n++
		case elbtypes.TargetHealthStateEnumUnhealthy:
			if foreign == nil || all[i].Target == nil || !foreign(all[i].Target) {
				return false
			}
		case elbtypes.TargetHealthStateEnumInitial:
			return false
		case elbtypes.TargetHealthStateEnumUnused, elbtypes.TargetHealthStateEnumDraining,
			elbtypes.TargetHealthStateEnumUnhealthyDraining, elbtypes.TargetHealthStateEnumUnavailable:
		}
	}
	return n > 0
}

// strangers tells of targets whether they are others than the tasks of the entry's service;
// nil where that is not known.
type strangers func(*elbtypes.TargetDescription) bool

// strangersIn finds the tasks of the service, which alone ECS registers in a group of
// addresses, so that a target elsewhere was registered by hand: no plan makes it healthy.
func (r *verifier) strangersIn(ctx context.Context, group model.ARN, s *model.Snapshot) strangers {
	ref := r.entry.Plan.Service
	others := slices.ContainsFunc(s.Services, func(o model.Service) bool {
		return o.Ref() != ref && slices.ContainsFunc(o.LoadBalancers, func(lb model.ServiceLoadBalancer) bool {
			return lb.TargetGroupARN == group || lb.AlternateTargetGroupARN == group
		})
	})
	addresses := slices.ContainsFunc(s.TargetGroups, func(g model.TargetGroup) bool {
		return g.ARN == group && g.TargetType == "ip"
	})
	if others || !addresses || !s.Scope.AllClusters {
		return nil
	}
	listed, err := r.reads.ECS.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &r.entry.ClusterARN, ServiceName: &ref.Service})
	if err != nil || len(listed.TaskArns) == 0 || listed.NextToken != nil { // a page has 100
		return nil
	}
	out, err := r.reads.ECS.DescribeTasks(ctx,
		&ecs.DescribeTasksInput{Cluster: &r.entry.ClusterARN, Tasks: listed.TaskArns})
	if err != nil || len(out.Tasks) != len(listed.TaskArns) {
		return nil
	}
	var own []string
	for i := range out.Tasks {
		task := convert.Task(&out.Tasks[i])
		if len(task.Addresses) == 0 {
			return nil
		}
		for _, address := range task.Addresses {
			own = append(own, address.String())
		}
	}
	return func(t *elbtypes.TargetDescription) bool { return !slices.Contains(own, awssdk.ToString(t.Id)) }
}
