package aws

import "hopscope/model"

// The actions that hopscope sends besides those that read an account: the last
// five change it, and there are no others that do.
const (
	GetMetricData    model.Action = "cloudwatch:GetMetricData"
	UpdateService    model.Action = "ecs:UpdateService"
	AuthorizeIngress model.Action = "ec2:AuthorizeSecurityGroupIngress"
	AuthorizeEgress  model.Action = "ec2:AuthorizeSecurityGroupEgress"
	RevokeIngress    model.Action = "ec2:RevokeSecurityGroupIngress"
	RevokeEgress     model.Action = "ec2:RevokeSecurityGroupEgress"
)

// operations is the table of operations: first the core, then those for facts that
// only some rules and rarer ways into a task need.
//
// Sources: the Amazon ECS, Amazon EC2, Elastic Load Balancing v2, AWS Cloud Map and
// Amazon CloudWatch API references, for pages and batches; see Quota for the rates.
var operations = map[model.Action]Operation{
	model.ListClusters: {
		Quota: clusterReads, Lane: clusterLane, Page: 100, Urgent: true,
		Effect: "clusters that --cluster does not name are not seen",
	},
	model.DescribeClusters: {
		Quota: clusterReads, Lane: clusterLane, Batch: 100, ResourceLevel: true,
		After:  []model.Action{model.ListClusters},
		Effect: "the clusters' default Service Connect namespaces are unknown",
	},
	model.ListServices: {
		Quota: serviceReads, Lane: serviceLane, Page: 100, ResourceLevel: true, Urgent: true,
		After:  []model.Action{model.ListClusters},
		Effect: "services may be missing, as targets and as callers",
	},
	model.DescribeServices: {
		Quota: serviceReads, Lane: serviceLane, Batch: 10, ResourceLevel: true,
		After:  []model.Action{model.ListServices},
		Effect: "every path to and from the services that were not loaded is unknown",
	},
	model.DescribeTaskDefinition: {
		Quota: taskDefinitionReads, Lane: taskDefinitionLane,
		After:  []model.Action{model.DescribeServices},
		Effect: "network mode and port names are unknown, and with them whether requests cross the agent",
	},
	model.ListGatewayRoutes: {
		Quota: gatewayReads, Lane: gatewayLane,
		After:  []model.Action{model.ListClusters},
		Effect: "paths from ECS service gateways are not seen",
	},
	model.DescribeServiceRevisions: {
		Quota: revisionReads, Lane: revisionLane, Batch: 20, ResourceLevel: true,
		After: []model.Action{model.DescribeServices, model.ListGatewayRoutes},
		Effect: "paths from service gateways and into services of Express mode are unknown, " +
			"and which side of a blue/green deployment is live",
	},
	model.DescribeTargetGroups: {
		Quota: loadBalancerReads, Lane: loadBalancerLane, Page: 400, Batch: 20, Urgent: true,
		After:  []model.Action{model.DescribeServices, model.DescribeServiceRevisions},
		Effect: "paths from load balancers are unknown",
	},
	model.DescribeLoadBalancers: {
		Quota: loadBalancerReads, Lane: loadBalancerLane, Page: 400, Batch: 20, Urgent: true,
		After:  []model.Action{model.DescribeTargetGroups},
		Effect: "whether load balancers reach their targets is unknown",
	},
	model.DescribeListeners: {
		Quota: loadBalancerReads, Lane: loadBalancerLane, Page: 400,
		After:  []model.Action{model.DescribeTargetGroups},
		Effect: "paths from load balancers are unknown",
	},
	model.DescribeRules: {
		Quota: loadBalancerReads, Lane: loadBalancerLane, Page: 400,
		After:  []model.Action{model.DescribeListeners},
		Effect: "which requests a listener forwards to which target group is unknown",
	},
	model.DescribeSubnets: {
		Quota: ec2Read(model.DescribeSubnets), Lane: networkLane, Page: 1000,
		After:  []model.Action{model.ListClusters},
		Effect: "addresses and VPCs of the tasks are unknown: rules by CIDR and network ACLs cannot be judged",
	},
	model.DescribeVpcs: {
		Quota: ec2Read(model.DescribeVpcs), Lane: networkLane, Page: 1000,
		After:  []model.Action{model.ListClusters},
		Effect: "the VPCs' address ranges are unknown: rules by CIDR may not be judged",
	},
	model.DescribeNetworkAcls: {
		Quota: ec2Read(model.DescribeNetworkAcls), Lane: networkLane, Page: 1000,
		After:  []model.Action{model.ListClusters},
		Effect: "whether paths between different subnets are open is unknown",
	},
	model.DescribeSecurityGroups: {
		Quota: ec2Read(model.DescribeSecurityGroups), Lane: networkLane, Page: 1000, Batch: 200,
		After: []model.Action{
			model.DescribeServices, model.DescribeLoadBalancers, model.DescribeSubnets, model.DescribeInstances,
		},
		Effect: "whether paths are open is unknown",
	},
	model.DescribeManagedPrefixLists: {
		Quota: ec2Read(model.DescribeManagedPrefixLists), Lane: networkLane, Page: 100, Batch: 100,
		After:  []model.Action{model.DescribeSecurityGroups},
		Effect: "what security group rules by prefix list admit is unknown",
	},
	model.GetPrefixListEntries: {
		Quota: ec2Read(model.GetPrefixListEntries), Lane: networkLane, Page: 100, ResourceLevel: true,
		After:  []model.Action{model.DescribeManagedPrefixLists},
		Effect: "what security group rules by prefix list admit is unknown",
	},
	model.ListNamespaces: {
		Quota: cloudMapReads, Lane: cloudMapLane, Page: 100,
		After:  []model.Action{model.ListClusters},
		Effect: "services that name one namespace in different ways may look separate",
	},

	// What comes behind the core is read when that has ended.
	model.DescribeTargetHealth: {
		Quota: loadBalancerReads, Lane: loadBalancerLane,
		After: []model.Action{model.DescribeRules, model.DescribeSecurityGroups},
		Effect: "registered targets are unknown: whether load balancers have healthy ones, targets that were " +
			"registered by hand, and load balancers in front of load balancers",
	},
	model.DescribeTargetGroupAttributes: {
		Quota: loadBalancerReads, Lane: loadBalancerLane,
		After:  []model.Action{model.DescribeTargetHealth},
		Effect: "whether network load balancers keep the clients' addresses and write proxy protocol headers is unknown",
	},
	model.DescribeLoadBalancerAttributes: {
		Quota: loadBalancerReads, Lane: loadBalancerLane,
		After:  []model.Action{model.DescribeTargetHealth},
		Effect: "the load balancers' idle timeouts are unknown and not compared with those of Service Connect",
	},
	model.ListContainerInstances: {
		Quota: clusterResourceReads, Lane: clusterResourceLane, Page: 100, ResourceLevel: true, Urgent: true,
		After:  []model.Action{model.DescribeServices},
		Effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.DescribeContainerInstances: {
		Quota: clusterResourceReads, Lane: clusterResourceLane, Batch: 100, ResourceLevel: true,
		After:  []model.Action{model.ListContainerInstances},
		Effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.DescribeInstances: {
		Quota: ec2Read(model.DescribeInstances), Lane: networkLane, Page: 1000,
		After:  []model.Action{model.DescribeContainerInstances},
		Effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.ListTasks: {
		Quota: clusterResourceReads, Lane: clusterResourceLane, Page: 100, ResourceLevel: true, Urgent: true,
		After:  []model.Action{model.DescribeServices, model.DescribeTargetHealth},
		Effect: "the instances and host ports of tasks without network interfaces of their own are unknown",
	},
	model.DescribeTasks: {
		Quota: clusterResourceReads, Lane: clusterResourceLane, Batch: 100, ResourceLevel: true,
		After:  []model.Action{model.ListTasks},
		Effect: "the instances and host ports of tasks without network interfaces of their own are unknown",
	},
	model.ListDiscoveryServices: {
		Quota: cloudMapReads, Lane: cloudMapLane, Page: 100, ResourceLevel: true,
		After:  []model.Action{model.DescribeServices, model.DescribeClusters, model.ListNamespaces},
		Effect: "the names in Cloud Map are unknown: which of two services made one first, and what a registry is called",
	},
	model.ListServicesByNamespace: {
		Quota: namespaceReads, Lane: namespaceLane, Page: 100, ResourceLevel: true,
		After:  []model.Action{model.DescribeServices, model.DescribeClusters, model.ListNamespaces},
		Effect: "callers in clusters that were not read are not seen",
	},
	model.ListMetrics: {
		Quota: metricReads, Lane: metricLane,
		After:  []model.Action{model.DescribeServices},
		Effect: "which callers used Service Connect lately is unknown",
	},

	// What measuring and changing an account sends, one call at a time.
	GetMetricData:    {Quota: metricDataReads},
	UpdateService:    {Quota: serviceWrites},
	AuthorizeIngress: {Quota: ec2Write(AuthorizeIngress)},
	AuthorizeEgress:  {Quota: ec2Write(AuthorizeEgress)},
	RevokeIngress:    {Quota: ec2Write(RevokeIngress)},
	RevokeEgress:     {Quota: ec2Write(RevokeEgress)},
}
