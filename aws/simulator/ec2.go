package simulator

// ec2Operations is the table of what EC2 answers.
func ec2Operations(r *resources) []operation {
	groups := &groupAPI{account: r.account, clock: r.clock, network: r.network, groups: r.groups}
	interfaces := &interfaceAPI{
		account: r.account, clock: r.clock, groups: r.groups, balancing: r.balancing, clusters: r.clusters,
	}
	interfaces.addOthers(r.network)
	return []operation{
		{serviceEC2, "DescribeSecurityGroups", reads, form(groups.family().describe)},
		{serviceEC2, "DescribeSecurityGroupRules", reads, form(groups.ruleFamily().describe)},
		{serviceEC2, "AuthorizeSecurityGroupIngress", writes, form(groups.authorizeIngress)},
		{serviceEC2, "AuthorizeSecurityGroupEgress", writes, form(groups.authorizeEgress)},
		{serviceEC2, "RevokeSecurityGroupIngress", writes, form(groups.revokeIngress)},
		{serviceEC2, "RevokeSecurityGroupEgress", writes, form(groups.revokeEgress)},
		{serviceEC2, "DescribeSubnets", reads, form(r.network.subnetFamily().describe)},
		{serviceEC2, "DescribeVpcs", reads, form(r.network.vpcFamily().describe)},
		{serviceEC2, "DescribeNetworkAcls", reads, form(r.network.aclFamily().describe)},
		{serviceEC2, "DescribeManagedPrefixLists", reads, form(r.network.prefixListFamily().describe)},
		{serviceEC2, "GetManagedPrefixListEntries", reads, form(r.network.prefixListEntries)},
		{serviceEC2, "DescribeInstances", reads, form(interfaces.instanceFamily().describe)},
		{serviceEC2, "DescribeNetworkInterfaces", reads, form(interfaces.family().describe)},
	}
}
