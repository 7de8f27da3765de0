package simulator

import (
	"cmp"
	"strings"
)

type cluster struct {
	Cluster
	arn       string
	services  []*service
	serviceOf map[string]*service // by name
	taskOf    map[string]*task    // by id; also those that do not run
	// standalone are the tasks that no service started, running or stopped.
	standalone []*task
	instances  []*instance
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

// clusters are the ECS clusters with their services and container instances.
type clusters struct {
	account
	network   *network
	groups    *ruleBook
	all       []*cluster
	instances []*instance
}

// newClusters makes the clusters and the container instances of the world.
func newClusters(a account, nw *network, groups *ruleBook, w *World) *clusters {
	cs := &clusters{account: a, network: nw, groups: groups}
	for _, c := range w.Clusters {
		cs.all = append(cs.all, &cluster{
			Cluster: c, arn: cs.arn("ecs", "cluster/"+c.Name), serviceOf: map[string]*service{}, taskOf: map[string]*task{},
		})
	}
	for _, i := range w.ContainerInstances {
		if len(cs.all) == 0 {
			break
		}
		cs.addInstance(cs.named(i.Cluster), i)
	}
	return cs
}

func (cs *clusters) addInstance(in *cluster, i ContainerInstance) {
	on := cmp.Or(find(cs.network.subnets, func(s *subnet) bool { return s.Name == i.Subnet }), cs.network.subnets[0])
	made := &instance{
		ContainerInstance: i, subnet: on, address: on.address(),
		arn:            cs.arn("ecs", "container-instance/"+in.Name+"/"+hash(32, in.Name, i.Name)),
		ec2:            cs.resourceID("i", "", in.Name, i.Name),
		securityGroups: cs.groups.ids(i.SecurityGroups, on.vpc),
	}
	in.instances = append(in.instances, made)
	cs.instances = append(cs.instances, made)
}

// named finds a cluster of the world; the first one when there is no such name.
func (cs *clusters) named(name string) *cluster {
	return cmp.Or(find(cs.all, func(c *cluster) bool { return c.Name == name }), cs.all[0])
}

// service finds a service of the world, or nil; in the first cluster when there is
// none of the name.
func (cs *clusters) service(in, name string) *service {
	if len(cs.all) == 0 {
		return nil
	}
	return cs.named(in).serviceOf[name]
}

// find finds the cluster of a call by name or ARN. A call that names none is about
// the cluster "default".
func (cs *clusters) find(name string) (*cluster, error) {
	name = cmp.Or(name, "default")
	c := find(cs.all, func(c *cluster) bool { return c.Name == name || c.arn == name })
	if c == nil {
		return nil, refuse("ClusterNotFoundException", "Cluster not found.")
	}
	return c, nil
}

// service finds a service of a cluster by name or ARN, or nil.
func (c *cluster) service(name string) *service {
	s := c.serviceOf[name[strings.LastIndexByte(name, '/')+1:]]
	if s != nil && s.arn != name && strings.HasPrefix(name, "arn:") {
		return nil // a service of another cluster
	}
	return s
}

// find finds the service of a call.
func (c *cluster) find(name string) (*service, error) {
	if s := c.service(name); s != nil {
		return s, nil
	}
	return nil, refuse("ServiceNotFoundException", "Service not found.")
}

// caller finds a service by name or CLUSTER/NAME, or nil.
func (cs *clusters) caller(name string) *service {
	if in, name, ok := strings.Cut(name, "/"); ok {
		return cs.service(in, name)
	}
	for _, c := range cs.all {
		if s := c.serviceOf[name]; s != nil {
			return s
		}
	}
	return nil
}
