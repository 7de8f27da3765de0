package apply

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/model"
)

// settle waits until the targets of groups are healthy, or do not become it: a load
// balancer asks several times before it says so. It looks at the groups alone.
func (r *verifier) settle(ctx context.Context, groups []model.ARN) error {
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
			settled = settled && healthy(out.TargetHealthDescriptions)
		}
		if settled {
			return nil
		}
	}
	return nil
}

// healthy tells whether some targets are healthy, and none is on its way to be or is not.
func healthy(all []elbtypes.TargetHealthDescription) bool {
	n := 0
	for i := range all {
		if all[i].TargetHealth == nil {
			continue
		}
		switch all[i].TargetHealth.State {
		case elbtypes.TargetHealthStateEnumHealthy:
			n++
		case elbtypes.TargetHealthStateEnumUnhealthy, elbtypes.TargetHealthStateEnumInitial:
			return false
		case elbtypes.TargetHealthStateEnumUnused, elbtypes.TargetHealthStateEnumDraining,
			elbtypes.TargetHealthStateEnumUnhealthyDraining, elbtypes.TargetHealthStateEnumUnavailable:
		}
	}
	return n > 0
}
