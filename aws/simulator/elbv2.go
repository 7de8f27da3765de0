package simulator

// elbOperations is the table of what Elastic Load Balancing v2 answers.
func elbOperations(r *resources) []operation {
	balancers := &balancerAPI{account: r.account, network: r.network, groups: r.groups, balancing: r.balancing}
	return []operation{
		{serviceELB, "DescribeTargetGroups", reads, form(balancers.describeTargetGroups)},
		{serviceELB, "DescribeLoadBalancers", reads, form(balancers.describeLoadBalancers)},
		{serviceELB, "DescribeListeners", reads, form(balancers.describeListeners)},
		{serviceELB, "DescribeRules", reads, form(balancers.describeRules)},
		{serviceELB, "DescribeTargetHealth", reads, form(r.health.describe)},
		{serviceELB, "DescribeTags", reads, form(balancers.describeTags)},
		{serviceELB, "DescribeTargetGroupAttributes", reads, form(balancers.describeTargetGroupAttributes)},
		{serviceELB, "DescribeLoadBalancerAttributes", reads, form(balancers.describeLoadBalancerAttributes)},
	}
}
