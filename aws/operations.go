package aws

import "hopscope/model"

// The actions that hopscope sends besides those that read an account. They change it,
// and there are no others that do.
const (
	UpdateService    model.Action = "ecs:UpdateService"
	AuthorizeIngress model.Action = "ec2:AuthorizeSecurityGroupIngress"
	AuthorizeEgress  model.Action = "ec2:AuthorizeSecurityGroupEgress"
	RevokeIngress    model.Action = "ec2:RevokeSecurityGroupIngress"
	RevokeEgress     model.Action = "ec2:RevokeSecurityGroupEgress"
	// DescribeAlarms is a read: of the alarms that watch a deployment, before it is made.
	DescribeAlarms model.Action = "cloudwatch:DescribeAlarms"
)

// operations is the table of operations: first the core, then those for facts that
// only some rules and rarer ways into a task need.
//
// Sources: the Amazon ECS, Amazon EC2, Elastic Load Balancing v2, AWS Cloud Map and
// Amazon CloudWatch API references, for pages and batches; see Quota for the rates.
var operations = map[model.Action]Operation{
	model.ListClusters: {
		Pace: clusterReads, Page: 100, Urgent: true,
		Effect: "clusters that --cluster does not name are not seen",
	},
	model.DescribeClusters: {
		Pace: clusterReads, Batch: 100, ResourceLevel: true,
		Scope:  Scope{Types: []string{"cluster"}},
		After:  actions{model.ListClusters},
		Effect: "the clusters' default Service Connect namespaces are unknown",
	},
	model.ListServices: {
		Pace: serviceReads, Page: 100, ResourceLevel: true, Urgent: true,
		Scope:  Scope{ByCluster: true},
		After:  actions{model.ListClusters},
		Effect: "services may be missing, as targets and as callers",
	},
	model.DescribeServices: {
		Pace: serviceReads, Batch: 10, ResourceLevel: true,
		Scope:  Scope{Types: []string{"service"}},
		After:  actions{model.ListServices},
		Effect: "every path to and from the services that were not loaded is unknown",
	},
	model.DescribeTaskDefinition: {
		Pace:   taskDefinitionReads,
		After:  actions{model.DescribeServices},
		Effect: "network mode and port names are unknown, and with them whether requests cross the agent",
	},
	model.ListGatewayRoutes: {
		Pace:   gatewayReads,
		After:  actions{model.ListClusters},
		Effect: "paths from ECS service gateways are not seen",
	},
	model.DescribeServiceRevisions: {
		Pace: revisionReads, Batch: 20, ResourceLevel: true,
		Scope: Scope{Types: []string{"service", "service-revision"}},
		After: actions{model.DescribeServices, model.ListGatewayRoutes},
		Effect: "paths from service gateways and into services of Express mode are unknown, " +
			"and which side of a blue/green deployment is live",
	},
	model.DescribeTargetGroups: {
		Pace: loadBalancerReads, Page: 400, Batch: 20, Urgent: true,
		After:  actions{model.DescribeServices, model.DescribeServiceRevisions},
		Effect: "paths from load balancers are unknown",
	},
	model.DescribeLoadBalancers: {
		Pace: loadBalancerReads, Page: 400, Batch: 20, Urgent: true,
		After:  actions{model.DescribeTargetGroups},
		Effect: "whether load balancers reach their targets is unknown",
	},
	model.DescribeListeners: {
		Pace: loadBalancerReads, Page: 400,
		After:  actions{model.DescribeTargetGroups},
		Effect: "paths from load balancers are unknown",
	},
	model.DescribeRules: {
		Pace: loadBalancerReads, Page: 400, NeverEmpty: true, // a listener has a default rule
		After:  actions{model.DescribeListeners},
		Effect: "which requests a listener forwards to which target group is unknown",
	},
	model.DescribeSubnets: {
		Pace: ec2Reads(model.DescribeSubnets), Page: 1000,
		After:  actions{model.ListClusters},
		Effect: "addresses and VPCs of the tasks are unknown: rules by CIDR and network ACLs cannot be judged",
	},
	model.DescribeVpcs: {
		Pace: ec2Reads(model.DescribeVpcs), Page: 1000,
		After:  actions{model.ListClusters},
		Effect: "the VPCs' address ranges are unknown: rules by CIDR may not be judged",
	},
	model.DescribeNetworkAcls: {
		Pace: ec2Reads(model.DescribeNetworkAcls), Page: 1000,
		After:  actions{model.ListClusters},
		Effect: "whether paths between different subnets are open is unknown",
	},
	model.DescribeSecurityGroups: {
		Pace: ec2Reads(model.DescribeSecurityGroups), Page: 1000, Batch: 200,
		After: actions{
			model.DescribeServices, model.DescribeLoadBalancers, model.DescribeSubnets, model.DescribeInstances,
		},
		Effect: "whether paths are open is unknown",
	},
	model.DescribeManagedPrefixLists: {
		Pace: ec2Reads(model.DescribeManagedPrefixLists), Page: 100, Batch: 100,
		After:  actions{model.DescribeSecurityGroups},
		Effect: "what security group rules by prefix list admit is unknown",
	},
	model.GetPrefixListEntries: {
		Pace: ec2Reads(model.GetPrefixListEntries), Page: 100, ResourceLevel: true,
		Scope:  Scope{Types: []string{"prefix-list"}, Foreign: true},
		After:  actions{model.DescribeManagedPrefixLists},
		Effect: "what security group rules by prefix list admit is unknown",
	},
	model.ListNamespaces: {
		Pace: cloudMapReads, Page: 100,
		After:  actions{model.ListClusters},
		Effect: "services that name one namespace in different ways may look separate",
	},

	// What comes behind the core is read when that has ended.
	model.GetMetricData: {
		Pace: metricDataReads, Batch: 500, Optional: true,
		After: actions{model.DescribeRules, model.DescribeSecurityGroups},
		Effect: "of more than 30 target groups each is asked, which takes long, and what a plan did to the requests " +
			"cannot be measured",
	},
	model.DescribeTargetHealth: {
		Pace:  loadBalancerReads,
		After: actions{model.DescribeRules, model.DescribeSecurityGroups, model.GetMetricData},
		Effect: "registered targets are unknown: whether load balancers have healthy ones, targets that were " +
			"registered by hand, and load balancers in front of load balancers",
	},
	model.DescribeTargetGroupAttributes: {
		Pace: loadBalancerReads, NeverEmpty: true,
		After:  actions{model.DescribeTargetHealth},
		Effect: "whether network load balancers keep the clients' addresses and write proxy protocol headers is unknown",
	},
	model.DescribeLoadBalancerAttributes: {
		Pace: loadBalancerReads, NeverEmpty: true,
		After:  actions{model.DescribeTargetHealth},
		Effect: "the load balancers' idle timeouts are unknown and not compared with those of Service Connect",
	},
	model.ListContainerInstances: {
		Pace: clusterResourceReads, Page: 100, ResourceLevel: true, Urgent: true,
		Scope:  Scope{Types: []string{"cluster"}},
		After:  actions{model.DescribeServices},
		Effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.DescribeContainerInstances: {
		Pace: clusterResourceReads, Batch: 100, ResourceLevel: true,
		Scope:  Scope{Types: []string{"container-instance"}},
		After:  actions{model.ListContainerInstances},
		Effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.DescribeInstances: {
		Pace: ec2Reads(model.DescribeInstances), Page: 1000,
		After:  actions{model.DescribeContainerInstances},
		Effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.DescribeNetworkInterfaces: {
		Pace: ec2Reads(model.DescribeNetworkInterfaces), Page: 1000, Batch: 200,
		After:  actions{model.DescribeSecurityGroups, model.DescribeTargetHealth},
		Effect: "instances, functions and other interfaces that rules by security group admit are not seen",
	},
	model.ListTasks: {
		Pace: clusterResourceReads, Page: 100, ResourceLevel: true, Urgent: true,
		Scope: Scope{ByCluster: true},
		After: actions{model.DescribeServices, model.DescribeTargetHealth},
		Effect: "the instances and host ports of tasks without network interfaces of their own are unknown, " +
			"and tasks that no service started are not seen",
	},
	model.DescribeTasks: {
		Pace: clusterResourceReads, Batch: 100, ResourceLevel: true,
		Scope: Scope{Types: []string{"task"}},
		After: actions{model.ListTasks},
		Effect: "the instances and host ports of tasks without network interfaces of their own are unknown, " +
			"and tasks that no service started are not seen",
	},
	model.ListDiscoveryServices: {
		Pace: cloudMapReads, Page: 100, ResourceLevel: true,
		After:  actions{model.DescribeServices, model.DescribeClusters, model.ListNamespaces},
		Effect: "the names in Cloud Map are unknown: which of two services made one first, and what a registry is called",
	},
	model.ListServicesByNamespace: {
		Pace: namespaceReads, Page: 100, ResourceLevel: true,
		After:  actions{model.DescribeServices, model.DescribeClusters, model.ListNamespaces},
		Effect: "callers in clusters that were not read are not seen",
	},
	model.ListMetrics: {
		Pace:   metricReads,
		After:  actions{model.DescribeServices},
		Effect: "which callers used Service Connect lately is unknown",
	},

	// What changing an account sends, one call at a time.
	DescribeAlarms: {
		Pace: alarmReads, Page: 100, Batch: 100, Use: Applying, Optional: true,
		Effect: "whether an alarm of the service's deploymentConfiguration fires already, or will when the agent counts " +
			"fewer requests, is not looked at before a plan is applied",
	},
	UpdateService: {
		Pace: serviceWrites, Use: Applying,
		Scope:  Scope{Types: []string{"service"}},
		Effect: "plans that change a Service Connect block cannot be applied or taken back",
	},
	AuthorizeIngress: {
		Pace: ec2Writes(AuthorizeIngress), Use: Applying, Scope: groupScope,
		Effect: "plans that let callers in cannot be applied, nor rules restored that a plan took away",
	},
	AuthorizeEgress: {
		Pace: ec2Writes(AuthorizeEgress), Use: Applying, Scope: groupScope,
		Effect: "plans that let callers out cannot be applied",
	},
	RevokeIngress: {
		Pace: ec2Writes(RevokeIngress), Use: Applying, Scope: groupScope,
		Effect: "plans that let callers in cannot be taken back, nor rules tidied up",
	},
	RevokeEgress: {
		Pace: ec2Writes(RevokeEgress), Use: Applying, Scope: groupScope,
		Effect: "plans that let callers out cannot be taken back",
	},
}

// groupScope is the scope of operations that change rules.
var groupScope = Scope{Types: []string{"security-group"}}
