package simulator

import (
	"cmp"
	"slices"
	"strings"
)

type cluster struct {
	Cluster
	arn       string
	services  []*service
	serviceOf map[string]*service // by name
	instances []*instance
}

// instance is an EC2 container instance.
type instance struct {
	ContainerInstance
	arn            string
	ec2            string // i-…
	subnet         *subnet
	address        string
	securityGroups []string
}

// addClusters makes the clusters and their container instances.
func (a *account) addClusters(w *World) {
	for _, c := range w.Clusters {
		a.clusters = append(a.clusters, &cluster{Cluster: c, arn: a.arn("ecs", "cluster/"+c.Name), serviceOf: map[string]*service{}})
	}
	for _, i := range w.ContainerInstances {
		if len(a.clusters) == 0 {
			break
		}
		a.addInstance(a.clusterNamed(i.Cluster), i)
	}
}

func (a *account) addInstance(in *cluster, i ContainerInstance) {
	on := cmp.Or(find(a.subnets, func(s *subnet) bool { return s.Name == i.Subnet }), a.subnets[0])
	made := &instance{
		ContainerInstance: i, subnet: on, address: on.address(),
		arn:            a.arn("ecs", "container-instance/"+in.Name+"/"+hash(32, in.Name, i.Name)),
		ec2:            a.resourceID("i", "", in.Name, i.Name),
		securityGroups: a.groupIDs(i.SecurityGroups, on.vpc),
	}
	in.instances = append(in.instances, made)
	a.instances = append(a.instances, made)
}

// clusterNamed finds a cluster of the world; the first one is meant when there
// is no such name.
func (a *account) clusterNamed(name string) *cluster {
	return cmp.Or(find(a.clusters, func(c *cluster) bool { return c.Name == name }), a.clusters[0])
}

// serviceNamed finds a service of the world, or nil; the first cluster is meant
// when there is no such one.
func (a *account) serviceNamed(in, name string) *service {
	if len(a.clusters) == 0 {
		return nil
	}
	return a.clusterNamed(in).serviceOf[name]
}

// cluster finds the cluster of a call by name or ARN; "default" is meant when
// there is none.
func (a *account) cluster(name string) (*cluster, error) {
	name = cmp.Or(name, "default")
	c := find(a.clusters, func(c *cluster) bool { return c.Name == name || c.arn == name })
	if c == nil {
		return nil, refuse("ClusterNotFoundException", "Cluster not found.")
	}
	return c, nil
}

type listClustersInput struct {
	MaxResults *int   `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type listClustersReply struct {
	ARNs      []string `json:"clusterArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

func (a *account) listClusters(in *listClustersInput) (*listClustersReply, error) {
	arns := []string{}
	for _, c := range a.clusters {
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

func (a *account) describeClusters(in *describeClustersInput) (*describeClustersReply, error) {
	if len(in.Clusters) > 100 {
		return nil, errParameter("clusters can have at most 100 items.")
	}
	if len(in.Clusters) == 0 {
		in.Clusters = []string{"default"}
	}
	reply := &describeClustersReply{Clusters: []ecsCluster{}, Failures: []failure{}}
	for _, name := range in.Clusters {
		c, err := a.cluster(name)
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

func (a *account) describeCluster(c *cluster) ecsCluster {
	d := ecsCluster{
		ARN: c.arn, Name: c.Name, Status: "ACTIVE", ActiveServices: len(c.services), RegisteredContainerInstances: len(c.instances),
		Statistics: []struct{}{}, Tags: []tagJSON{}, Settings: []struct{}{},
		CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"}, DefaultCapacityProviderStrategy: []struct{}{},
	}
	for _, s := range c.services {
		s.settle(a.now)
		for _, dep := range s.deployments {
			d.RunningTasks += dep.running
			d.PendingTasks += dep.pending
		}
	}
	if n := find(a.namespaces, func(n *namespace) bool { return n.Name == c.DefaultNamespace }); n != nil {
		d.ServiceConnectDefaults = &serviceConnectDefaults{Namespace: n.arn}
	}
	return d
}

// service finds a service of a cluster by name or ARN, or nil.
func (c *cluster) service(name string) *service {
	if s := c.serviceOf[name[strings.LastIndexByte(name, '/')+1:]]; s != nil && (s.arn == name || !strings.HasPrefix(name, "arn:")) {
		return s
	}
	return nil
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

func (a *account) listServices(in *listServicesInput) (*listServicesReply, error) {
	c, err := a.cluster(in.Cluster)
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
func (a *account) listServicesByNamespace(in *listServicesByNamespaceInput) (*listServicesReply, error) {
	n := a.namespace(in.Namespace)
	if n == nil {
		return nil, refuse("NamespaceNotFoundException", "The specified namespace was not found.")
	}
	arns := []string{}
	for _, c := range a.clusters {
		for _, s := range c.services {
			if slices.ContainsFunc(s.deployments, func(d *deployment) bool { return a.namespace(d.serviceConnect().Namespace) == n }) {
				arns = append(arns, s.arn)
			}
		}
	}
	page, next, err := pageJSON(arns, in.NextToken, in.MaxResults, 10)
	return &listServicesReply{ARNs: page, NextToken: next}, err
}
