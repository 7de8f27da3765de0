package simulator

// ec2Operations is the table of what EC2 answers.
func ec2Operations(r *resources) []operation {
	network := &networkAPI{network: r.network}
	groups := &groupAPI{account: r.account, clock: r.clock, network: r.network, groups: r.groups}
	interfaces := &interfaceAPI{
		account: r.account, clock: r.clock, groups: r.groups, balancing: r.balancing, clusters: r.clusters,
	}
	return []operation{
		{serviceEC2, "DescribeSecurityGroups", reads, form(groups.describe)},
		{serviceEC2, "DescribeSecurityGroupRules", reads, form(groups.describeRules)},
		{serviceEC2, "AuthorizeSecurityGroupIngress", writes, form(groups.authorizeIngress)},
		{serviceEC2, "AuthorizeSecurityGroupEgress", writes, form(groups.authorizeEgress)},
		{serviceEC2, "RevokeSecurityGroupIngress", writes, form(groups.revokeIngress)},
		{serviceEC2, "RevokeSecurityGroupEgress", writes, form(groups.revokeEgress)},
		{serviceEC2, "DescribeSubnets", reads, form(network.describeSubnets)},
		{serviceEC2, "DescribeVpcs", reads, form(network.describeVPCs)},
		{serviceEC2, "DescribeNetworkAcls", reads, form(network.describeACLs)},
		{serviceEC2, "DescribeManagedPrefixLists", reads, form(network.describePrefixLists)},
		{serviceEC2, "GetManagedPrefixListEntries", reads, form(network.prefixListEntries)},
		{serviceEC2, "DescribeInstances", reads, form(interfaces.describeInstances)},
		{serviceEC2, "DescribeNetworkInterfaces", reads, form(interfaces.describe)},
	}
}
