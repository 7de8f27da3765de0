package model

import (
	"slices"
	"strings"
)

// Index looks resources of one snapshot up by ARN or id. A look-up that finds
// nothing says what is missing and why, so that no caller mistakes "not read"
// for "not there".
type Index struct {
	Snapshot *Snapshot

	clusters        map[string]*Cluster
	services        map[Ref]*Service
	taskDefinitions map[ARN]*TaskDefinition
	loadBalancers   map[ARN]*LoadBalancer
	listeners       map[ARN][]*Listener
	rules           map[ARN][]*ListenerRule
	targetGroups    map[ARN]*TargetGroup
	securityGroups  map[string]*SecurityGroup
	defaultGroups   map[string]*SecurityGroup
	subnets         map[string]*Subnet
	vpcs            map[string]*VPC
	subnetACLs      map[string]*NetworkACL
	prefixLists     map[string]*PrefixList
	namespaces      map[string]*Namespace
	namespaceNames  map[string][]*Namespace
	discovery       map[ARN]*DiscoveryService
	revisions       map[ARN]*ServiceRevision
	instances       map[ARN]*ContainerInstance
	gaps            map[gapKey]*Gap

	// changed is what [Index.With] put in place of the snapshot's resources.
	changed changed
}

type gapKey struct {
	action   Action
	resource string
}

// NewIndex builds the look-ups. The index points into the snapshot.
func NewIndex(s *Snapshot) *Index {
	ix := &Index{
		Snapshot:        s,
		clusters:        byKey(s.Clusters, func(c *Cluster) string { return c.Name }),
		services:        byKey(s.Services, (*Service).Ref),
		taskDefinitions: byKey(s.TaskDefinitions, func(d *TaskDefinition) ARN { return d.ARN }),
		loadBalancers:   byKey(s.LoadBalancers, func(l *LoadBalancer) ARN { return l.ARN }),
		listeners:       groupByKey(s.Listeners, func(l *Listener) ARN { return l.LoadBalancerARN }),
		rules:           groupByKey(s.ListenerRules, func(r *ListenerRule) ARN { return r.ListenerARN }),
		targetGroups:    byKey(s.TargetGroups, func(t *TargetGroup) ARN { return t.ARN }),
		securityGroups:  byKey(s.SecurityGroups, func(g *SecurityGroup) string { return g.ID }),
		defaultGroups:   map[string]*SecurityGroup{},
		subnets:         byKey(s.Subnets, func(n *Subnet) string { return n.ID }),
		vpcs:            byKey(s.VPCs, func(v *VPC) string { return v.ID }),
		subnetACLs:      map[string]*NetworkACL{},
		prefixLists:     byKey(s.PrefixLists, func(p *PrefixList) string { return p.ID }),
		discovery:       byKey(s.DiscoveryServices, func(d *DiscoveryService) ARN { return d.ARN }),
		revisions:       byKey(s.ServiceRevisions, func(r *ServiceRevision) ARN { return r.ARN }),
		instances:       byKey(s.ContainerInstances, func(i *ContainerInstance) ARN { return i.ARN }),
		gaps:            byKey(s.Gaps, func(g *Gap) gapKey { return gapKey{g.Action, g.Resource} }),
	}
	for i := range s.SecurityGroups {
		if g := &s.SecurityGroups[i]; g.Name == "default" {
			ix.defaultGroups[g.VPC] = g
		}
	}
	for i := range s.NetworkACLs {
		for _, subnet := range s.NetworkACLs[i].Subnets {
			ix.subnetACLs[subnet] = &s.NetworkACLs[i]
		}
	}
	ix.indexNamespaces()
	return ix
}

func byKey[T any, K comparable](all []T, key func(*T) K) map[K]*T {
	m := make(map[K]*T, len(all))
	for i := range all {
		m[key(&all[i])] = &all[i]
	}
	return m
}

func groupByKey[T any, K comparable](all []T, key func(*T) K) map[K][]*T {
	m := make(map[K][]*T)
	for i := range all {
		k := key(&all[i])
		m[k] = append(m[k], &all[i])
	}
	return m
}

// Gap is the gap for one resource, or the one for the whole action, or nil.
func (ix *Index) Gap(action Action, resource string) *Gap {
	if g := ix.gaps[gapKey{action, resource}]; g != nil {
		return g
	}
	return ix.gaps[gapKey{action, ""}]
}

// missing explains why a resource is not in the snapshot.
func (ix *Index) missing(what string, action Action, resource string) *Missing {
	state := Absent
	if g := ix.Gap(action, resource); g != nil {
		state = g.State
	}
	return &Missing{What: what, Action: action, Resource: resource, State: state}
}

// Cluster finds a cluster by name.
func (ix *Index) Cluster(name string) (*Cluster, *Missing) {
	if c := ix.clusters[name]; c != nil {
		return c, nil
	}
	return nil, ix.missing("cluster "+name, DescribeClusters, name)
}

// Service finds a service by cluster and name; nil when the snapshot has none.
func (ix *Index) Service(ref Ref) *Service {
	if s := ix.changed.service; s != nil && s.Ref() == ref {
		return s
	}
	return ix.services[ref]
}

// TaskDefinition finds a task definition by ARN.
func (ix *Index) TaskDefinition(arn ARN) (*TaskDefinition, *Missing) {
	if d := ix.taskDefinitions[arn]; d != nil {
		return d, nil
	}
	return nil, ix.missing("task definition "+ARNName(arn), DescribeTaskDefinition, arn)
}

// NamedEndpoints are the endpoints that the environments of a service's running
// deployments name, as far as their task definitions were read.
func (ix *Index) NamedEndpoints(s *Service) []string {
	if s == nil {
		return nil
	}
	var out []string
	for i := range s.Deployments {
		if t := ix.taskDefinitions[s.Deployments[i].TaskDefinition]; t != nil {
			for _, name := range t.NamedEndpoints {
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// LoadBalancer finds a load balancer by ARN.
func (ix *Index) LoadBalancer(arn ARN) (*LoadBalancer, *Missing) {
	if l := ix.loadBalancers[arn]; l != nil {
		return l, nil
	}
	return nil, ix.missing("load balancer "+loadBalancerName(arn), DescribeLoadBalancers, arn)
}

// loadBalancerName is the name inside a load balancer's ARN, whose resource is
// loadbalancer/app/NAME/ID.
func loadBalancerName(arn ARN) string {
	parts := strings.Split(ARNResource(arn), "/")
	if len(parts) == 4 {
		return parts[2]
	}
	return arn
}

// Listeners are the listeners of a load balancer. The second result is set when
// they are not known, or may not be all.
func (ix *Index) Listeners(loadBalancer ARN) ([]*Listener, *Missing) {
	if ix.Gap(DescribeListeners, loadBalancer) == nil {
		return ix.listeners[loadBalancer], nil
	}
	return ix.listeners[loadBalancer],
		ix.missing("listeners of "+loadBalancerName(loadBalancer), DescribeListeners, loadBalancer)
}

// Rules are the rules of a listener in the order that the load balancer tries
// them, the default rule last. The second result is set when they are not
// known, or may not be all.
func (ix *Index) Rules(listener ARN) ([]*ListenerRule, *Missing) {
	if ix.Gap(DescribeRules, listener) == nil {
		return ix.rules[listener], nil
	}
	return ix.rules[listener], ix.missing("rules of listener "+ARNName(listener), DescribeRules, listener)
}

// TargetGroup finds a target group by ARN.
func (ix *Index) TargetGroup(arn ARN) (*TargetGroup, *Missing) {
	if t := ix.targetGroups[arn]; t != nil {
		return t, nil
	}
	name := ARNResource(arn)
	if parts := strings.Split(name, "/"); len(parts) == 3 {
		name = parts[1]
	}
	return nil, ix.missing("target group "+name, DescribeTargetGroups, arn)
}

// SecurityGroup finds a security group by id.
func (ix *Index) SecurityGroup(id string) (*SecurityGroup, *Missing) {
	if g := ix.changed.groups[id]; g != nil {
		return g, nil
	}
	if g := ix.securityGroups[id]; g != nil {
		return g, nil
	}
	return nil, ix.missing("security group "+id, DescribeSecurityGroups, id)
}

// GroupLabel is a security group's id for a reader, with its name where that is
// known and says more.
func (ix *Index) GroupLabel(id string) string {
	if g := ix.securityGroups[id]; g != nil {
		return GroupLabel(id, g.Name)
	}
	return id
}

// GroupLabel is a security group's id for a reader, with its name where that says more:
// "sg-1 (web)".
func GroupLabel(id, name string) string {
	if name == "" || name == id {
		return id
	}
	return id + " (" + name + ")"
}

// DefaultSecurityGroup is the group named "default" of a VPC, which network
// interfaces get when none is named.
func (ix *Index) DefaultSecurityGroup(vpc string) (*SecurityGroup, *Missing) {
	if g := ix.defaultGroups[vpc]; g != nil {
		return ix.SecurityGroup(g.ID)
	}
	return nil, ix.missing("default security group of "+vpc, DescribeSecurityGroups, "")
}

// Subnet finds a subnet by id.
func (ix *Index) Subnet(id string) (*Subnet, *Missing) {
	if n := ix.subnets[id]; n != nil {
		return n, nil
	}
	return nil, ix.missing("subnet "+id, DescribeSubnets, id)
}

// VPC finds a VPC by id.
func (ix *Index) VPC(id string) (*VPC, *Missing) {
	if v := ix.vpcs[id]; v != nil {
		return v, nil
	}
	return nil, ix.missing("VPC "+id, DescribeVpcs, id)
}

// SubnetACL is the network ACL of a subnet; every subnet has one.
func (ix *Index) SubnetACL(subnet string) (*NetworkACL, *Missing) {
	if a := ix.subnetACLs[subnet]; a != nil {
		return a, nil
	}
	return nil, ix.missing("network ACL of "+subnet, DescribeNetworkAcls, subnet)
}

// PrefixList finds a managed prefix list whose entries were read.
func (ix *Index) PrefixList(id string) (*PrefixList, *Missing) {
	p := ix.prefixLists[id]
	switch {
	case p == nil && ix.Gap(DescribeManagedPrefixLists, id) != nil:
		return nil, ix.missing("prefix list "+id, DescribeManagedPrefixLists, id)
	case p == nil || p.Entries == nil:
		return nil, ix.missing("entries of prefix list "+id, GetPrefixListEntries, id)
	}
	return p, nil
}

func (ix *Index) indexNamespaces() {
	all := ix.Snapshot.Namespaces
	ix.namespaces = make(map[string]*Namespace, len(all))
	ix.namespaceNames = make(map[string][]*Namespace, len(all))
	for i := range all {
		n := &all[i]
		ix.namespaces[n.ARN] = n
		ix.addNamespaceName(n.Name, n)
		if n.HTTPName != n.Name {
			ix.addNamespaceName(n.HTTPName, n)
		}
	}
}

func (ix *Index) addNamespaceName(name string, n *Namespace) {
	if name != "" {
		ix.namespaceNames[name] = append(ix.namespaceNames[name], n)
	}
}

// NamespaceKey identifies a Service Connect namespace whatever form the API gave
// it in: a name, an HttpName or an ARN (docs/aws.md, Service Connect). Two services share a
// namespace when their keys are equal. Name is for readers.
type NamespaceKey struct {
	Key  string
	Name string
}

// Namespace resolves what a Service Connect configuration calls its namespace.
// The key is usable even when something is missing: it is then the given text,
// and services that name one namespace in two ways may look separate. That, and
// a name that two namespaces have, is what the Missing says.
func (ix *Index) Namespace(given string) (NamespaceKey, *Missing) {
	if n := ix.namespaces[given]; n != nil {
		return NamespaceKey{Key: n.ARN, Name: n.Name}, nil
	}
	if strings.HasPrefix(given, "arn:") {
		// A namespace that another account shares may be missing in the
		// list; its ARN is a good key all the same.
		return NamespaceKey{Key: given, Name: ARNName(given)}, nil
	}
	named := ix.namespaceNames[given]
	if len(named) == 1 {
		return NamespaceKey{Key: named[0].ARN, Name: named[0].Name}, nil
	}
	missing := ix.missing("namespace "+given, ListNamespaces, given)
	if len(named) > 1 {
		missing.State = Ambiguous
	}
	return NamespaceKey{Key: given, Name: given}, missing
}

// NamespaceOf is the namespace of a service: the one that its configuration
// names, or the default of its cluster. See [Index.Namespace] for what is missing.
func (ix *Index) NamespaceOf(s *Service, sc *ServiceConnect) (NamespaceKey, *Missing) {
	given := sc.Namespace
	if given == "" {
		cluster, missing := ix.Cluster(s.Cluster)
		if missing != nil {
			return NamespaceKey{Key: "default of " + s.Cluster, Name: s.Cluster}, missing
		}
		given = cluster.DefaultNamespace
	}
	return ix.Namespace(given)
}
