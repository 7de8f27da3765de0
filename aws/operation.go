package aws

import "hopscope/model"

// operation is what a collection has to know about an AWS operation.
type operation struct {
	// bucket is the rate limit that its calls share.
	bucket bucketName
	// lane is the group of calls whose concurrency is bounded together.
	lane laneName
	// after are the operations whose answers start its calls: it cannot have
	// ended before them.
	after []model.Action
	// resourceLevel tells that an IAM policy may allow the operation for one
	// resource and not for another.
	resourceLevel bool
	// urgent calls list what other calls need; they get tokens and room first.
	urgent bool
	// effect says which verdicts are unknown without it.
	effect string
}

// bucketName names a token bucket of api.md §1.1. The buckets of EC2 are one an
// operation; they are named after it.
type bucketName string

const (
	clusterReads        bucketName = "ECS cluster read"
	serviceReads        bucketName = "ECS service read"
	taskDefinitionReads bucketName = "ECS task definition read"
	gatewayReads        bucketName = "ECS gateway read"
	loadBalancerReads   bucketName = "ELBv2"
	cloudMapReads       bucketName = "Cloud Map"

	revisionReads        bucketName = "ECS service revision"
	clusterResourceReads bucketName = "ECS cluster resource read"
	namespaceReads       bucketName = "ECS ListServicesByNamespace"
)

// laneName names a lane.
type laneName string

const (
	clusterLane        laneName = "ecs clusters"
	serviceLane        laneName = "ecs services"
	taskDefinitionLane laneName = "ecs task definitions"
	gatewayLane        laneName = "ecs gateways"
	loadBalancerLane   laneName = "elbv2"
	networkLane        laneName = "ec2"
	cloudMapLane       laneName = "cloud map"

	revisionLane        laneName = "ecs service revisions"
	clusterResourceLane laneName = "ecs tasks and instances"
	namespaceLane       laneName = "ecs namespaces"
)

// laneWidths are the calls under way at once. At 20 calls a second and 0.25 s a
// call, 5 would do; more drain the burst sooner (api.md §2.4).
var laneWidths = map[laneName]int{
	clusterLane:        4,
	serviceLane:        24,
	taskDefinitionLane: 16,
	gatewayLane:        2,
	loadBalancerLane:   16,
	networkLane:        8,
	cloudMapLane:       2,

	revisionLane:        8,
	clusterResourceLane: 8,
	namespaceLane:       2,
}

// operations are the operations that a collection sends: the core of api.md §2.1,
// and those for facts that only some rules and rarer ways into a task need.
var operations = map[model.Action]operation{
	model.ListClusters: {
		bucket: clusterReads, lane: clusterLane, urgent: true,
		effect: "clusters that --cluster does not name are not seen",
	},
	model.DescribeClusters: {
		bucket: clusterReads, lane: clusterLane, resourceLevel: true,
		after:  []model.Action{model.ListClusters},
		effect: "the clusters' default Service Connect namespaces are unknown",
	},
	model.ListServices: {
		bucket: serviceReads, lane: serviceLane, resourceLevel: true, urgent: true,
		after:  []model.Action{model.ListClusters},
		effect: "services may be missing, as targets and as callers",
	},
	model.DescribeServices: {
		bucket: serviceReads, lane: serviceLane, resourceLevel: true,
		after:  []model.Action{model.ListServices},
		effect: "every path to and from the services that were not loaded is unknown",
	},
	model.DescribeTaskDefinition: {
		bucket: taskDefinitionReads, lane: taskDefinitionLane,
		after:  []model.Action{model.DescribeServices},
		effect: "network mode and port names are unknown, and with them whether requests cross the agent",
	},
	model.ListGatewayRoutes: {
		bucket: gatewayReads, lane: gatewayLane,
		after:  []model.Action{model.ListClusters},
		effect: "paths from ECS service gateways are not seen",
	},
	model.DescribeServiceRevisions: {
		bucket: revisionReads, lane: revisionLane, resourceLevel: true,
		after: []model.Action{model.DescribeServices, model.ListGatewayRoutes},
		effect: "paths from service gateways and into services of Express mode are unknown, " +
			"and which side of a blue/green deployment is live",
	},
	model.DescribeTargetGroups: {
		bucket: loadBalancerReads, lane: loadBalancerLane, urgent: true,
		after:  []model.Action{model.DescribeServices, model.DescribeServiceRevisions},
		effect: "paths from load balancers are unknown",
	},
	model.DescribeLoadBalancers: {
		bucket: loadBalancerReads, lane: loadBalancerLane, urgent: true,
		after:  []model.Action{model.DescribeTargetGroups},
		effect: "whether load balancers reach their targets is unknown",
	},
	model.DescribeListeners: {
		bucket: loadBalancerReads, lane: loadBalancerLane,
		after:  []model.Action{model.DescribeTargetGroups},
		effect: "paths from load balancers are unknown",
	},
	model.DescribeRules: {
		bucket: loadBalancerReads, lane: loadBalancerLane,
		after:  []model.Action{model.DescribeListeners},
		effect: "which requests a listener forwards to which target group is unknown",
	},
	model.DescribeSubnets: {
		bucket: ec2Bucket(model.DescribeSubnets), lane: networkLane,
		after:  []model.Action{model.ListClusters},
		effect: "addresses and VPCs of the tasks are unknown: rules by CIDR and network ACLs cannot be judged",
	},
	model.DescribeVpcs: {
		bucket: ec2Bucket(model.DescribeVpcs), lane: networkLane,
		after:  []model.Action{model.ListClusters},
		effect: "the VPCs' address ranges are unknown: rules by CIDR may not be judged",
	},
	model.DescribeNetworkAcls: {
		bucket: ec2Bucket(model.DescribeNetworkAcls), lane: networkLane,
		after:  []model.Action{model.ListClusters},
		effect: "whether paths between different subnets are open is unknown",
	},
	model.DescribeSecurityGroups: {
		bucket: ec2Bucket(model.DescribeSecurityGroups), lane: networkLane,
		after: []model.Action{
			model.DescribeServices, model.DescribeLoadBalancers, model.DescribeSubnets, model.DescribeInstances,
		},
		effect: "whether paths are open is unknown",
	},
	model.DescribeManagedPrefixLists: {
		bucket: ec2Bucket(model.DescribeManagedPrefixLists), lane: networkLane,
		after:  []model.Action{model.DescribeSecurityGroups},
		effect: "what security group rules by prefix list admit is unknown",
	},
	model.GetPrefixListEntries: {
		bucket: ec2Bucket(model.GetPrefixListEntries), lane: networkLane, resourceLevel: true,
		after:  []model.Action{model.DescribeManagedPrefixLists},
		effect: "what security group rules by prefix list admit is unknown",
	},
	model.ListNamespaces: {
		bucket: cloudMapReads, lane: cloudMapLane,
		after:  []model.Action{model.ListClusters},
		effect: "services that name one namespace in different ways may look separate",
	},

	// What comes behind the core is read when that has ended.
	model.DescribeTargetHealth: {
		bucket: loadBalancerReads, lane: loadBalancerLane,
		after: []model.Action{model.DescribeRules, model.DescribeSecurityGroups},
		effect: "registered targets are unknown: whether load balancers have healthy ones, targets that were " +
			"registered by hand, and load balancers in front of load balancers",
	},
	model.DescribeTargetGroupAttributes: {
		bucket: loadBalancerReads, lane: loadBalancerLane,
		after:  []model.Action{model.DescribeTargetHealth},
		effect: "whether network load balancers keep the clients' addresses and write proxy protocol headers is unknown",
	},
	model.DescribeLoadBalancerAttributes: {
		bucket: loadBalancerReads, lane: loadBalancerLane,
		after:  []model.Action{model.DescribeTargetHealth},
		effect: "the load balancers' idle timeouts are unknown and not compared with those of Service Connect",
	},
	model.ListContainerInstances: {
		bucket: clusterResourceReads, lane: clusterResourceLane, resourceLevel: true, urgent: true,
		after:  []model.Action{model.DescribeServices},
		effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.DescribeContainerInstances: {
		bucket: clusterResourceReads, lane: clusterResourceLane, resourceLevel: true,
		after:  []model.Action{model.ListContainerInstances},
		effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.DescribeInstances: {
		bucket: ec2Bucket(model.DescribeInstances), lane: networkLane,
		after:  []model.Action{model.DescribeContainerInstances},
		effect: "the security groups of tasks without network interfaces of their own are unknown",
	},
	model.ListTasks: {
		bucket: clusterResourceReads, lane: clusterResourceLane, resourceLevel: true, urgent: true,
		after:  []model.Action{model.DescribeServices, model.DescribeTargetHealth},
		effect: "the instances and host ports of tasks without network interfaces of their own are unknown",
	},
	model.DescribeTasks: {
		bucket: clusterResourceReads, lane: clusterResourceLane, resourceLevel: true,
		after:  []model.Action{model.ListTasks},
		effect: "the instances and host ports of tasks without network interfaces of their own are unknown",
	},
	model.ListDiscoveryServices: {
		bucket: cloudMapReads, lane: cloudMapLane, resourceLevel: true,
		after:  []model.Action{model.DescribeServices, model.DescribeClusters, model.ListNamespaces},
		effect: "the names in Cloud Map are unknown: which of two services made one first, and what a registry is called",
	},
	model.ListServicesByNamespace: {
		bucket: namespaceReads, lane: namespaceLane, resourceLevel: true,
		after:  []model.Action{model.DescribeServices, model.DescribeClusters, model.ListNamespaces},
		effect: "callers in clusters that were not read are not seen",
	},
}

// ec2Bucket names the bucket of an EC2 operation, which has one of its own.
func ec2Bucket(a model.Action) bucketName { return bucketName(a) }
