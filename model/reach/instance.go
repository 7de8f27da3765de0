package reach

import (
	"slices"
	"strings"

	"hopscope/model"
)

// Tasks in bridge and host mode have no network interface of their own: groups
// and network ACLs look at the interface of the instance that they run on.

// instanceInterface describes the interfaces of the instances that a
// deployment's tasks run on, or may run on.
func (r *interfaces) instanceInterface(s *model.Service, dep *model.Deployment) *netInterface {
	instances, missing := r.instancesOf(s, dep)
	if missing != nil {
		return &netInterface{key: "instances of " + s.Ref().String(), ephemeral: taskEphemeral, unknown: missing}
	}
	var kinds []*netInterface
	for _, sameGroups := range byGroups(instances) {
		var subnets []string
		for _, i := range sameGroups {
			subnets = append(subnets, i.Network.Subnets...)
		}
		kinds = append(kinds, r.sharedInterface("instance", subnets, sameGroups[0].Network.SecurityGroups, taskEphemeral))
	}
	if len(kinds) == 1 {
		return kinds[0]
	}
	return r.joinInterfaces(kinds)
}

// byGroups sorts instances by their security groups, in the order of the groups.
func byGroups(instances []*model.ContainerInstance) [][]*model.ContainerInstance {
	groups := map[string][]*model.ContainerInstance{}
	var keys []string
	for _, i := range instances {
		key := strings.Join(sorted(i.Network.SecurityGroups), ",")
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], i)
	}
	slices.Sort(keys)
	out := make([][]*model.ContainerInstance, len(keys))
	for i, key := range keys {
		out[i] = groups[key]
	}
	return out
}

// instancesOf are the instances that run tasks of the deployment; where no task
// is known, all that could: those of the deployment's capacity providers in the
// cluster.
func (r *interfaces) instancesOf(s *model.Service, dep *model.Deployment) ([]*model.ContainerInstance, *model.Missing) {
	var arns []model.ARN
	if s.Tasks != nil {
		for i := range s.Tasks.Tasks {
			if t := &s.Tasks.Tasks[i]; t.StartedBy == dep.ID && t.ContainerInstance != "" {
				arns = append(arns, t.ContainerInstance)
			}
		}
	}
	if len(arns) == 0 {
		all, missing := r.ix.ContainerInstances(s.Cluster)
		if missing != nil {
			return nil, missing
		}
		arns = candidates(all, dep)
	}
	instances := make([]*model.ContainerInstance, 0, len(arns))
	for _, arn := range sorted(arns) {
		i, missing := r.ix.ContainerInstance(arn)
		if missing != nil {
			return nil, missing
		}
		instances = append(instances, i)
	}
	return instances, nil
}

// candidates are the instances that may run tasks of the deployment: those of its
// capacity providers, or all when none of them says where it belongs.
func candidates(all []*model.ContainerInstance, dep *model.Deployment) []model.ARN {
	var own, every []model.ARN
	for _, i := range all {
		every = append(every, i.ARN)
		if slices.Contains(dep.CapacityProviders, i.CapacityProvider) {
			own = append(own, i.ARN)
		}
	}
	if len(own) > 0 {
		return own
	}
	return every
}

// joinInterfaces is the interface of tasks that run on instances of several
// kinds. What holds for one kind need not hold for another: crossings are
// decided for each, and the worst counts.
func (r *interfaces) joinInterfaces(kinds []*netInterface) *netInterface {
	joined := &netInterface{ephemeral: taskEphemeral, kinds: kinds, vpc: kinds[0].vpc}
	var keys []string
	for _, k := range kinds {
		keys = append(keys, k.key)
		joined.groupIDs = append(joined.groupIDs, k.groupIDs...)
		joined.subnets = append(joined.subnets, k.subnets...)
		joined.groups = append(joined.groups, k.groups...)
		joined.v4, joined.v6 = append(joined.v4, k.v4...), append(joined.v6, k.v6...)
		joined.missingGroups = append(joined.missingGroups, k.missingGroups...)
		joined.missingSubnets = append(joined.missingSubnets, k.missingSubnets...)
	}
	joined.key = strings.Join(keys, " or ")
	if known := r.known[joined.key]; known != nil {
		return known
	}
	joined.groupIDs = sorted(joined.groupIDs)
	for _, id := range joined.groupIDs {
		joined.labels = append(joined.labels, r.ix.GroupLabel(id))
	}
	r.known[joined.key] = joined
	return joined
}

// eachKind decides a crossing for each kind of instance at either end, and gives
// the worst.
func eachKind(from, to *netInterface, decide func(from, to *netInterface) crossing) crossing {
	if len(from.kinds) == 0 && len(to.kinds) == 0 {
		return decide(from, to)
	}
	var worst crossing
	total, same := 0, 0
	for _, a := range from.alternatives() {
		for _, b := range to.alternatives() {
			c := decide(a, b)
			total++
			switch {
			case total == 1 || worseAccess(worst.access, c.access) != worst.access:
				worst, same = c, 1
			case c.access == worst.access:
				same++
			}
		}
	}
	if same < total && worst.access != Allowed {
		decisions := worst.decisions()
		for i := range decisions {
			decisions[i].some = decisions[i].access == worst.access
		}
	}
	return worst
}

// alternatives are the kinds of instances, or the interface itself.
func (n *netInterface) alternatives() []*netInterface {
	if len(n.kinds) == 0 {
		return []*netInterface{n}
	}
	return n.kinds
}
