package doctor

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"hopscope/aws"
	"hopscope/model"
)

// balancingTrials are the trials of Elastic Load Balancing.
func (e *examination) balancingTrials() []trial {
	return []trial{
		{model.DescribeTargetGroups, e.describeTargetGroups},
		{model.DescribeLoadBalancers, e.describeLoadBalancers},
		{model.DescribeListeners, e.describeListeners},
		{model.DescribeRules, e.describeRules},
		{model.DescribeTargetHealth, e.describeTargetHealth},
		{model.DescribeTargetGroupAttributes, e.describeTargetGroupAttributes},
		{model.DescribeLoadBalancerAttributes, e.describeLoadBalancerAttributes},
	}
}

func (e *examination) describeTargetGroups(ctx context.Context) error {
	out, err := e.session.ELB.DescribeTargetGroups(ctx,
		&elb.DescribeTargetGroupsInput{PageSize: aws.PageSize(model.DescribeTargetGroups)})
	if err != nil {
		return err
	}
	for i := range out.TargetGroups {
		e.found.targetGroups = append(e.found.targetGroups, present([]*string{out.TargetGroups[i].TargetGroupArn})...)
	}
	return nil
}

func (e *examination) describeLoadBalancers(ctx context.Context) error {
	out, err := e.session.ELB.DescribeLoadBalancers(ctx,
		&elb.DescribeLoadBalancersInput{PageSize: aws.PageSize(model.DescribeLoadBalancers)})
	if err != nil {
		return err
	}
	for i := range out.LoadBalancers {
		e.found.loadBalancers = append(e.found.loadBalancers, present([]*string{out.LoadBalancers[i].LoadBalancerArn})...)
	}
	return nil
}

func (e *examination) describeListeners(ctx context.Context) error {
	if len(e.found.loadBalancers) == 0 {
		return &nothingError{"load balancer", model.DescribeLoadBalancers}
	}
	out, err := e.session.ELB.DescribeListeners(ctx,
		&elb.DescribeListenersInput{LoadBalancerArn: &e.found.loadBalancers[0]})
	if err != nil {
		return err
	}
	for i := range out.Listeners {
		e.found.listeners = append(e.found.listeners, present([]*string{out.Listeners[i].ListenerArn})...)
	}
	return nil
}

func (e *examination) describeRules(ctx context.Context) error {
	if len(e.found.listeners) == 0 {
		return &nothingError{"listener", model.DescribeListeners}
	}
	_, err := e.session.ELB.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: &e.found.listeners[0]})
	return err
}

func (e *examination) describeTargetHealth(ctx context.Context) error {
	if len(e.found.targetGroups) == 0 {
		return &nothingError{"target group", model.DescribeTargetGroups}
	}
	_, err := e.session.ELB.DescribeTargetHealth(ctx,
		&elb.DescribeTargetHealthInput{TargetGroupArn: &e.found.targetGroups[0]})
	return err
}

func (e *examination) describeTargetGroupAttributes(ctx context.Context) error {
	if len(e.found.targetGroups) == 0 {
		return &nothingError{"target group", model.DescribeTargetGroups}
	}
	_, err := e.session.ELB.DescribeTargetGroupAttributes(ctx,
		&elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &e.found.targetGroups[0]})
	return err
}

func (e *examination) describeLoadBalancerAttributes(ctx context.Context) error {
	if len(e.found.loadBalancers) == 0 {
		return &nothingError{"load balancer", model.DescribeLoadBalancers}
	}
	_, err := e.session.ELB.DescribeLoadBalancerAttributes(ctx,
		&elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: awssdk.String(e.found.loadBalancers[0])})
	return err
}
