package model

// Look-ups of optional facts: those that are read only where a rule or a rarer
// way into a task needs them. Where nothing else is known they are missing
// because they were not read.

// unread explains why an optional fact is not in the snapshot.
func (ix *Index) unread(what string, action Action, resource string) *Missing {
	state := NotRead
	if g := ix.Gap(action, resource); g != nil {
		state = g.State
	}
	return &Missing{What: what, Action: action, Resource: resource, State: state}
}

// TargetHealth are the registered targets of a group.
func (ix *Index) TargetHealth(group *TargetGroup) ([]Target, *Missing) {
	if group.Health != nil {
		return group.Health.Targets, nil
	}
	return nil, ix.unread("targets of "+group.Name, DescribeTargetHealth, group.ARN)
}

// TargetGroupAttributes are the attributes of a target group.
func (ix *Index) TargetGroupAttributes(group *TargetGroup) (*TargetGroupAttributes, *Missing) {
	if group.Attributes != nil {
		return group.Attributes, nil
	}
	return nil, ix.unread("attributes of target group "+group.Name, DescribeTargetGroupAttributes, group.ARN)
}

// Tasks are the running tasks of a service.
func (ix *Index) Tasks(s *Service) ([]Task, *Missing) {
	if s.Tasks != nil {
		return s.Tasks.Tasks, nil
	}
	if ix.Gap(DescribeTasks, s.ARN) != nil {
		return nil, ix.unread("tasks of "+s.Name, DescribeTasks, s.ARN)
	}
	return nil, ix.unread("tasks of "+s.Name, ListTasks, s.ARN)
}

// ContainerInstance finds a container instance whose network interface is known.
func (ix *Index) ContainerInstance(arn ARN) (*ContainerInstance, *Missing) {
	i := ix.instances[arn]
	switch {
	case i == nil && ix.Gap(ListContainerInstances, "") != nil:
		return nil, ix.unread("container instance "+ARNName(arn), ListContainerInstances, "")
	case i == nil:
		return nil, ix.unread("container instance "+ARNName(arn), DescribeContainerInstances, arn)
	case i.Network == nil:
		return i, ix.unread("network interface of instance "+i.InstanceID, DescribeInstances, i.InstanceID)
	}
	return i, nil
}

// ContainerInstances are the instances of a cluster. None is the same as not read:
// a cluster whose tasks need instances has some. Where some of them are not known, all
// are missing: the others may be unlike them.
func (ix *Index) ContainerInstances(cluster string) ([]*ContainerInstance, *Missing) {
	var out []*ContainerInstance
	for i := range ix.Snapshot.ContainerInstances {
		if instance := &ix.Snapshot.ContainerInstances[i]; instance.Cluster == cluster {
			out = append(out, instance)
		}
	}
	what, resource := "container instances of cluster "+cluster, ""
	listed := len(out)
	if c := ix.clusters[cluster]; c != nil {
		resource = c.ARN
		if c.ContainerInstances != nil {
			listed = *c.ContainerInstances
			if listed == 0 {
				return nil, &Missing{What: what, Action: ListContainerInstances, Resource: resource, State: Absent}
			}
		}
	}
	switch {
	case ix.Gap(ListContainerInstances, resource) != nil:
		return nil, ix.unread(what, ListContainerInstances, resource)
	case len(out) > 0 && listed > len(out):
		return nil, &Missing{What: what, Action: DescribeContainerInstances, Resource: resource, State: Absent}
	case len(out) > 0:
		return out, nil
	}
	return nil, ix.unread(what, DescribeContainerInstances, resource)
}

// ServiceRevision finds a service revision by ARN.
func (ix *Index) ServiceRevision(arn ARN) (*ServiceRevision, *Missing) {
	if r := ix.revisions[arn]; r != nil {
		return r, nil
	}
	return nil, ix.unread("service revision "+ARNName(arn), DescribeServiceRevisions, arn)
}

// DiscoveryService finds a Cloud Map service by ARN.
func (ix *Index) DiscoveryService(arn ARN) (*DiscoveryService, *Missing) {
	if d := ix.discovery[arn]; d != nil {
		return d, nil
	}
	return nil, ix.unread("Cloud Map service "+ARNName(arn), ListDiscoveryServices, arn)
}

// NamespaceMembers are the services of a namespace in every cluster of the
// region, by ARN. key is the namespace's key.
func (ix *Index) NamespaceMembers(key string) ([]ARN, *Missing) {
	if n := ix.namespaces[key]; n != nil && n.Members != nil {
		return n.Members.Services, nil
	}
	return nil, ix.unread("services of namespace "+ARNName(key), ListServicesByNamespace, key)
}

// PrefixListNamed finds a managed prefix list by its name, with its entries.
func (ix *Index) PrefixListNamed(name string) (*PrefixList, *Missing) {
	for i := range ix.Snapshot.PrefixLists {
		if p := &ix.Snapshot.PrefixLists[i]; p.Name == name {
			return ix.PrefixList(p.ID)
		}
	}
	return nil, ix.unread("prefix list "+name, DescribeManagedPrefixLists, name)
}

// Traffic is who called whom through Service Connect lately.
func (ix *Index) Traffic() (*Traffic, *Missing) {
	if t := ix.Snapshot.Traffic; t != nil {
		return t, nil
	}
	return nil, ix.unread("metrics of Service Connect callers", ListMetrics, "")
}
