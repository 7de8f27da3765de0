package simulator

// ecsOperations is the table of what ECS answers.
func ecsOperations(r *resources) []operation {
	clusters := &clusterAPI{account: r.account, clock: r.clock, clusters: r.clusters, cloudMap: r.cloudMap}
	tasks := &taskAPI{account: r.account, clock: r.clock, clusters: r.clusters}
	revisions := &revisionAPI{
		clock: r.clock, clusters: r.clusters, balancing: r.balancing, rollouts: r.rollouts, gateways: r.gateways,
	}
	services := &serviceAPI{
		account: r.account, clock: r.clock, clusters: r.clusters, definitions: r.definitions,
		network: r.network, groups: r.groups, balancing: r.balancing, rollouts: r.rollouts,
	}
	return []operation{
		{serviceECS, "ListClusters", reads, decode(clusters.list)},
		{serviceECS, "DescribeClusters", reads, decode(clusters.describe)},
		{serviceECS, "ListContainerInstances", reads, decode(clusters.listInstances)},
		{serviceECS, "DescribeContainerInstances", reads, decode(clusters.describeInstances)},
		{serviceECS, "ListServices", reads, decode(clusters.listServices)},
		{serviceECS, "ListServicesByNamespace", reads, decode(clusters.listServicesByNamespace)},
		{serviceECS, "DescribeServices", reads, decode(services.describe)},
		{serviceECS, "UpdateService", writes, decode(services.update)},
		{serviceECS, "ListTaskDefinitions", reads, decode(r.definitions.list)},
		{serviceECS, "DescribeTaskDefinition", reads, decode(r.definitions.describe)},
		{serviceECS, "ListGatewayRoutes", reads, decode(r.gateways.listRoutes)},
		{serviceECS, "ListTasks", reads, decode(tasks.list)},
		{serviceECS, "DescribeTasks", reads, decode(tasks.describe)},
		{serviceECS, "DescribeServiceRevisions", reads, decode(revisions.describe)},
		{serviceECS, "ListServiceDeployments", reads, decode(revisions.listDeployments)},
		{serviceECS, "DescribeServiceDeployments", reads, decode(revisions.describeDeployments)},
	}
}
