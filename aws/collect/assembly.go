package collect

import (
	"cmp"
	"slices"
	"strconv"

	"hopscope/model"
)

// assembly is a snapshot under construction: the rows of every family.
type assembly struct {
	account string
	region  string
	// allClusters is set when the listing has ended and none was left out.
	allClusters bool

	clusters        table[model.Cluster]
	services        table[model.Service]
	taskDefinitions table[model.TaskDefinition]
	gatewayRoutes   table[model.GatewayRoute]
	targetGroups    table[model.TargetGroup]
	loadBalancers   table[model.LoadBalancer]
	listeners       table[model.Listener]
	rules           table[model.ListenerRule]
	securityGroups  table[model.SecurityGroup]
	networkACLs     table[model.NetworkACL]
	interfaces      table[model.NetworkInterface]
	prefixLists     table[model.PrefixList]
	subnets         table[model.Subnet]
	vpcs            table[model.VPC]
	namespaces      table[model.Namespace]

	revisions         table[model.ServiceRevision]
	instances         table[model.ContainerInstance]
	standalone        table[model.StandaloneTasks] // by the name of the cluster
	discoveryServices table[model.DiscoveryService]
	traffic           *model.Traffic
}

// newAssembly sets the key and the order of every family.
func newAssembly(region string) *assembly {
	return &assembly{
		region: region,

		clusters: table[model.Cluster]{key: func(c *model.Cluster) string { return c.Name }},
		// The ARNs of old services have two forms, with and without the cluster.
		services: table[model.Service]{
			key:     func(s *model.Service) string { return s.Ref().String() },
			compare: func(a, b *model.Service) int { return a.Ref().Compare(b.Ref()) },
		},
		taskDefinitions: table[model.TaskDefinition]{key: func(d *model.TaskDefinition) string { return d.ARN }},
		gatewayRoutes:   table[model.GatewayRoute]{key: func(r *model.GatewayRoute) string { return r.ARN }},
		targetGroups: namedTable(
			func(g *model.TargetGroup) string { return g.Name }, func(g *model.TargetGroup) string { return g.ARN }),
		loadBalancers: namedTable(
			func(l *model.LoadBalancer) string { return l.Name }, func(l *model.LoadBalancer) string { return l.ARN }),
		listeners: table[model.Listener]{
			key: func(l *model.Listener) string { return l.ARN },
			compare: func(a, b *model.Listener) int {
				return cmp.Or(cmp.Compare(a.LoadBalancerARN, b.LoadBalancerARN), cmp.Compare(a.Port, b.Port),
					cmp.Compare(a.ARN, b.ARN))
			},
		},
		rules: table[model.ListenerRule]{
			key:     func(r *model.ListenerRule) string { return r.ARN },
			compare: compareRules,
		},
		securityGroups: table[model.SecurityGroup]{key: func(g *model.SecurityGroup) string { return g.ID }},
		networkACLs:    table[model.NetworkACL]{key: func(n *model.NetworkACL) string { return n.ID }},
		interfaces:     table[model.NetworkInterface]{key: func(n *model.NetworkInterface) string { return n.ID }},
		prefixLists:    table[model.PrefixList]{key: func(l *model.PrefixList) string { return l.ID }},
		subnets:        table[model.Subnet]{key: func(s *model.Subnet) string { return s.ID }},
		vpcs:           table[model.VPC]{key: func(v *model.VPC) string { return v.ID }},
		revisions:      table[model.ServiceRevision]{key: func(r *model.ServiceRevision) string { return r.ARN }},
		instances:      table[model.ContainerInstance]{key: func(i *model.ContainerInstance) string { return i.ARN }},
		standalone:     table[model.StandaloneTasks]{key: func(s *model.StandaloneTasks) string { return s.Cluster }},
		discoveryServices: namedTable(
			func(s *model.DiscoveryService) string { return s.Name }, func(s *model.DiscoveryService) string { return s.ARN }),
		namespaces: namedTable(
			func(n *model.Namespace) string { return n.Name }, func(n *model.Namespace) string { return n.ARN }),
	}
}

// namedTable is ordered by name, and by ARN, the key, where names are equal.
func namedTable[T any](name, arn func(row *T) string) table[T] {
	return table[T]{key: arn, compare: func(a, b *T) int {
		return cmp.Or(cmp.Compare(name(a), name(b)), cmp.Compare(arn(a), arn(b)))
	}}
}

// compareRules orders rules as a listener tries them: by number, the default
// rule last.
func compareRules(a, b *model.ListenerRule) int {
	return cmp.Or(cmp.Compare(a.ListenerARN, b.ListenerARN), cmp.Compare(priority(a), priority(b)),
		cmp.Compare(a.ARN, b.ARN))
}

// priority is a rule's number; the default rule comes behind the last possible.
func priority(r *model.ListenerRule) int {
	const afterAll = 1 << 30
	if n, err := strconv.Atoi(r.Priority); err == nil && !r.Default {
		return n
	}
	return afterAll
}

// snapshot is the rows as of now. It shares slices with other snapshots for what
// has not changed in between.
func (a *assembly) snapshot() *model.Snapshot {
	s := &model.Snapshot{
		Scope: model.Scope{Account: a.account, Region: a.region, Clusters: []string{}, AllClusters: a.allClusters},

		Clusters:        a.clusters.slice(),
		Services:        a.services.slice(),
		TaskDefinitions: a.taskDefinitions.slice(),
		GatewayRoutes:   a.gatewayRoutes.slice(),
		LoadBalancers:   a.loadBalancers.slice(),
		Listeners:       a.listeners.slice(),
		ListenerRules:   a.rules.slice(),
		TargetGroups:    a.targetGroups.slice(),
		SecurityGroups:  a.securityGroups.slice(),
		NetworkACLs:     a.networkACLs.slice(),
		PrefixLists:     a.prefixLists.slice(),
		Subnets:         a.subnets.slice(),
		VPCs:            a.vpcs.slice(),
		Namespaces:      a.namespaces.slice(),

		ServiceRevisions:   a.revisions.slice(),
		ContainerInstances: a.instances.slice(),
		StandaloneTasks:    a.standalone.slice(),
		NetworkInterfaces:  a.interfaces.slice(),
		DiscoveryServices:  a.discoveryServices.slice(),
		Traffic:            a.traffic,
	}
	for i := range s.Clusters {
		s.Scope.Clusters = append(s.Scope.Clusters, s.Clusters[i].Name)
	}
	return s
}

// noteAccount takes account and region from an ARN: an endpoint that is not AWS's may
// be elsewhere than the configuration says.
func (a *assembly) noteAccount(arn model.ARN) {
	if a.account == "" && model.ARNAccount(arn) != "" {
		a.account, a.region = model.ARNAccount(arn), model.ARNRegion(arn)
	}
}

// cluster is a cluster as it is asked for, by ARN where that is known.
type cluster struct{ key, name string }

// clustersByKey are the clusters that are read, sorted.
func (a *assembly) clustersByKey() []cluster {
	var all []cluster
	for key, row := range a.clusters.rows {
		all = append(all, cluster{key, row.Name})
	}
	slices.SortFunc(all, func(a, b cluster) int { return cmp.Compare(a.key, b.key) })
	return all
}

// clusterKey is what the gaps of a cluster are about.
func (a *assembly) clusterKey(name string) string {
	for key, row := range a.clusters.rows {
		if row.Name == name {
			return key
		}
	}
	return ""
}

// sharedClusters are the clusters in which a service has tasks without network
// interfaces of their own.
func (a *assembly) sharedClusters() []cluster {
	shared := make(map[string]bool)
	for _, s := range a.services.order {
		if sharesInterfaces(s) {
			shared[s.Cluster] = true
		}
	}
	return slices.DeleteFunc(a.clustersByKey(), func(c cluster) bool { return !shared[c.name] })
}

// sharesInterfaces tells whether a service has a version outside awsvpc mode.
func sharesInterfaces(s *model.Service) bool {
	return slices.ContainsFunc(s.Deployments, func(d model.Deployment) bool { return d.Network == nil }) ||
		slices.ContainsFunc(s.TaskSets, func(t model.TaskSet) bool { return t.Network == nil })
}

// offersEndpoints tells whether a deployment has endpoints in Service Connect.
func offersEndpoints(d model.Deployment) bool {
	return d.ServiceConnect.Active() && len(d.ServiceConnect.Services) > 0
}

// anyOffersEndpoints tells whether a service has endpoints in Service Connect.
func anyOffersEndpoints(s *model.Service) bool {
	return slices.ContainsFunc(s.Deployments, offersEndpoints)
}
