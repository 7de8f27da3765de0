package collect

import (
	"context"
	"slices"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/aws/convert"
	"hopscope/model"
)

// transportProtocols are the protocols of network load balancers. Whether their
// targets see the clients' addresses, and a header in front of the data, is an
// attribute; those of application load balancers never do.
var transportProtocols = []string{
	string(elbtypes.ProtocolEnumTcp), string(elbtypes.ProtocolEnumTls), string(elbtypes.ProtocolEnumUdp),
	string(elbtypes.ProtocolEnumTcpUdp), string(elbtypes.ProtocolEnumQuic), string(elbtypes.ProtocolEnumTcpQuic),
}

// readTargetGroupAttributes starts the reading of a group's attributes, if they
// matter.
func (c *targets) readTargetGroupAttributes(ctx context.Context, group model.ARN) {
	c.mu.Lock()
	row := c.rows.targetGroups.get(group)
	matters := row != nil && slices.Contains(transportProtocols, row.Protocol)
	c.mu.Unlock()
	if !matters {
		return
	}
	c.startFor(ctx, model.DescribeTargetGroupAttributes, group, c.describeTargetGroupAttributes)
}

func (c *targets) describeTargetGroupAttributes(ctx context.Context, group model.ARN) error {
	out, err := c.session.ELB.DescribeTargetGroupAttributes(ctx,
		&elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &group})
	if err != nil {
		return err
	}
	attributes := convert.TargetGroupAttributes(out.Attributes)
	c.update(func() {
		c.rows.targetGroups.change(group, func(row *model.TargetGroup) { row.Attributes = attributes })
	})
	return nil
}

func (c *targets) describeLoadBalancerAttributes(ctx context.Context, arn model.ARN) error {
	out, err := c.session.ELB.DescribeLoadBalancerAttributes(ctx,
		&elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &arn})
	if err != nil {
		return err
	}
	attributes := convert.LoadBalancerAttributes(out.Attributes)
	c.update(func() {
		c.rows.loadBalancers.change(arn, func(row *model.LoadBalancer) { row.Attributes = attributes })
	})
	return nil
}
