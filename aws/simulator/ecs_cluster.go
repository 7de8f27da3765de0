package simulator

import "slices"

// clusterAPI answers the calls of ECS about clusters, and those that list what
// is in one.
type clusterAPI struct {
	account
	clock    *clock
	clusters *clusters
	cloudMap *cloudMap
}

func (a *clusterAPI) list(in *pageRequest) (map[string]any, error) {
	var arns []string
	for _, c := range a.clusters.all {
		arns = append(arns, c.arn)
	}
	return listing("clusterArns", arns, *in, 100)
}

type describeClustersInput struct {
	Clusters []string `json:"clusters"`
	Include  []string `json:"include"`
}

type ecsCluster struct {
	ARN                             string                  `json:"clusterArn"`
	Name                            string                  `json:"clusterName"`
	Status                          string                  `json:"status"`
	RegisteredContainerInstances    int                     `json:"registeredContainerInstancesCount"`
	RunningTasks                    int                     `json:"runningTasksCount"`
	PendingTasks                    int                     `json:"pendingTasksCount"`
	ActiveServices                  int                     `json:"activeServicesCount"`
	Statistics                      []struct{}              `json:"statistics"`
	Tags                            []tagJSON               `json:"tags"`
	Settings                        []struct{}              `json:"settings"`
	CapacityProviders               []string                `json:"capacityProviders"`
	DefaultCapacityProviderStrategy []struct{}              `json:"defaultCapacityProviderStrategy"`
	ServiceConnectDefaults          *serviceConnectDefaults `json:"serviceConnectDefaults,omitempty"`
}

type serviceConnectDefaults struct {
	Namespace string `json:"namespace"`
}

func (a *clusterAPI) describe(in *describeClustersInput) (map[string]any, error) {
	if len(in.Clusters) > 100 {
		return nil, errParameter("clusters can have at most 100 items.")
	}
	if len(in.Clusters) == 0 {
		in.Clusters = []string{"default"}
	}
	for i, name := range in.Clusters {
		in.Clusters[i] = a.asARN("cluster/", name)
	}
	return batch("clusters", in.Clusters, func(arn string) (d ecsCluster, found bool) {
		c, err := a.clusters.find(arn)
		if err != nil {
			return d, false
		}
		return a.describeCluster(c), true
	}), nil
}

func (a *clusterAPI) describeCluster(c *cluster) ecsCluster {
	d := ecsCluster{
		ARN: c.arn, Name: c.Name, Status: "ACTIVE", ActiveServices: len(c.services),
		RegisteredContainerInstances: len(c.instances),
		Statistics:                   []struct{}{}, Tags: []tagJSON{}, Settings: []struct{}{},
		CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}, DefaultCapacityProviderStrategy: []struct{}{},
	}
	d.RunningTasks = len(c.running(a.clock))
	for _, s := range c.services {
		for _, dep := range s.deployments {
			d.PendingTasks += dep.pending
		}
	}
	if n := find(a.cloudMap.namespaces, func(n *namespace) bool { return n.Name == c.DefaultNamespace }); n != nil {
		d.ServiceConnectDefaults = &serviceConnectDefaults{Namespace: n.arn}
	}
	return d
}

type listServicesInput struct {
	pageRequest
	Cluster                string `json:"cluster"`
	LaunchType             string `json:"launchType"`
	SchedulingStrategy     string `json:"schedulingStrategy"`
	ResourceManagementType string `json:"resourceManagementType"`
}

func (a *clusterAPI) listServices(in *listServicesInput) (map[string]any, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, s := range c.services {
		switch {
		case in.LaunchType != "" && in.LaunchType != s.spec.LaunchType:
		case in.SchedulingStrategy != "" && in.SchedulingStrategy != s.spec.SchedulingStrategy:
		case in.ResourceManagementType != "" && in.ResourceManagementType != s.spec.ResourceManagementType:
		default:
			arns = append(arns, s.arn)
		}
	}
	return listing("serviceArns", arns, in.pageRequest, 10)
}

type listServicesByNamespaceInput struct {
	pageRequest
	Namespace string `json:"namespace"`
}

// listServicesByNamespace crosses clusters, unlike ListServices.
func (a *clusterAPI) listServicesByNamespace(in *listServicesByNamespaceInput) (map[string]any, error) {
	n := a.cloudMap.namespace(in.Namespace)
	if n == nil {
		return nil, refuse("NamespaceNotFoundException", "The specified namespace was not found.")
	}
	inside := func(d *deployment) bool { return a.cloudMap.namespace(d.serviceConnect.Namespace) == n }
	var arns []string
	for _, c := range a.clusters.all {
		for _, s := range c.services {
			if slices.ContainsFunc(s.deployments, inside) {
				arns = append(arns, s.arn)
			}
		}
	}
	return listing("serviceArns", arns, in.pageRequest, 10)
}
