package simulator

import (
	"slices"
	"strings"
)

// clusterAPI answers the calls of ECS about clusters, and those that list what
// is in one.
type clusterAPI struct {
	account
	clock    *clock
	clusters *clusters
	cloudMap *cloudMap
}

type listClustersInput struct {
	MaxResults *int   `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type listClustersReply struct {
	ARNs      []string `json:"clusterArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

func (a *clusterAPI) list(in *listClustersInput) (*listClustersReply, error) {
	arns := []string{}
	for _, c := range a.clusters.all {
		arns = append(arns, c.arn)
	}
	page, next, err := pageJSON(arns, in.NextToken, in.MaxResults, 100)
	return &listClustersReply{ARNs: page, NextToken: next}, err
}

type describeClustersInput struct {
	Clusters []string `json:"clusters"`
	Include  []string `json:"include"`
}

type describeClustersReply struct {
	Clusters []ecsCluster `json:"clusters"`
	Failures []failure    `json:"failures"`
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

// failure is how ECS reports what a batch did not find.
type failure struct {
	ARN    string `json:"arn"`
	Reason string `json:"reason"`
}

func (a *clusterAPI) describe(in *describeClustersInput) (*describeClustersReply, error) {
	if len(in.Clusters) > 100 {
		return nil, errParameter("clusters can have at most 100 items.")
	}
	if len(in.Clusters) == 0 {
		in.Clusters = []string{"default"}
	}
	reply := &describeClustersReply{Clusters: []ecsCluster{}, Failures: []failure{}}
	for _, name := range in.Clusters {
		c, err := a.clusters.find(name)
		if err != nil {
			if !strings.HasPrefix(name, "arn:") {
				name = a.arn("ecs", "cluster/"+name)
			}
			reply.Failures = append(reply.Failures, failure{ARN: name, Reason: "MISSING"})
			continue
		}
		reply.Clusters = append(reply.Clusters, a.describeCluster(c))
	}
	return reply, nil
}

func (a *clusterAPI) describeCluster(c *cluster) ecsCluster {
	d := ecsCluster{
		ARN: c.arn, Name: c.Name, Status: "ACTIVE", ActiveServices: len(c.services), RegisteredContainerInstances: len(
			c.instances,
		),
		Statistics: []struct{}{}, Tags: []tagJSON{}, Settings: []struct{}{},
		CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}, DefaultCapacityProviderStrategy: []struct{}{},
	}
	for _, s := range c.services {
		s.settle(a.clock.now)
		for _, dep := range s.deployments {
			d.RunningTasks += dep.running
			d.PendingTasks += dep.pending
		}
	}
	if n := find(a.cloudMap.namespaces, func(n *namespace) bool { return n.Name == c.DefaultNamespace }); n != nil {
		d.ServiceConnectDefaults = &serviceConnectDefaults{Namespace: n.arn}
	}
	return d
}

type listServicesInput struct {
	Cluster                string `json:"cluster"`
	MaxResults             *int   `json:"maxResults"`
	NextToken              string `json:"nextToken"`
	LaunchType             string `json:"launchType"`
	SchedulingStrategy     string `json:"schedulingStrategy"`
	ResourceManagementType string `json:"resourceManagementType"`
}

type listServicesReply struct {
	ARNs      []string `json:"serviceArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

func (a *clusterAPI) listServices(in *listServicesInput) (*listServicesReply, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, s := range c.services {
		switch {
		case in.LaunchType != "" && in.LaunchType != s.spec.LaunchType:
		case in.SchedulingStrategy != "" && in.SchedulingStrategy != s.spec.SchedulingStrategy:
		case in.ResourceManagementType != "" && in.ResourceManagementType != s.spec.ResourceManagementType:
		default:
			arns = append(arns, s.arn)
		}
	}
	page, next, err := pageJSON(arns, in.NextToken, in.MaxResults, 10)
	return &listServicesReply{ARNs: page, NextToken: next}, err
}

type listServicesByNamespaceInput struct {
	Namespace  string `json:"namespace"`
	MaxResults *int   `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// listServicesByNamespace crosses clusters, unlike ListServices.
func (a *clusterAPI) listServicesByNamespace(in *listServicesByNamespaceInput) (*listServicesReply, error) {
	n := a.cloudMap.namespace(in.Namespace)
	if n == nil {
		return nil, refuse("NamespaceNotFoundException", "The specified namespace was not found.")
	}
	inside := func(d *deployment) bool { return a.cloudMap.namespace(d.serviceConnect.Namespace) == n }
	arns := []string{}
	for _, c := range a.clusters.all {
		for _, s := range c.services {
			if slices.ContainsFunc(s.deployments, inside) {
				arns = append(arns, s.arn)
			}
		}
	}
	page, next, err := pageJSON(arns, in.NextToken, in.MaxResults, 10)
	return &listServicesReply{ARNs: page, NextToken: next}, err
}
