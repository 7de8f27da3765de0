package reach

import (
	"cmp"
	"slices"
	"strings"

	"hopscope/model"
)

// Tasks in bridge and host mode have no network interface of their own: groups
// and network ACLs look at the interface of the instance that they run on.

// instanceInterface describes the interfaces of the instances that a
// deployment's tasks run on, or may run on. Where tasks were not read, it is not known on
// which of the instances they are.
func (r *interfaces) instanceInterface(s *model.Service, dep *model.Deployment) *netInterface {
	tasks, unplaced := r.ix.Tasks(s)
	running := instancesUnder(tasks, dep)
	instances, missing := r.instancesOf(s, dep, running)
	if missing != nil {
		return &netInterface{key: "instances of " + s.Ref().String(), ephemeral: taskEphemeral, unknown: missing}
	}
	var kinds []*netInterface
	for _, alike := range byNetwork(instances, unplaced != nil) {
		kind, subnets := placedInstances, []string(nil)
		if len(running) == 0 {
			kind = "instances" // which of them tasks will run on is not known
		}
		for _, i := range alike {
			subnets = append(subnets, i.Network.Subnets...)
			if len(i.Network.Subnets) > 1 {
				kind = "instances" // which of their interfaces has a connection is not known
			}
		}
		kinds = append(kinds, r.sharedInterface(kind, subnets, alike[0].Network.SecurityGroups, taskEphemeral))
	}
	if len(kinds) == 1 {
		return kinds[0]
	}
	return r.joinInterfaces(kinds, unplaced)
}

// byNetwork sorts instances by their security groups, or by these and their subnets, in
// the order of the groups.
func byNetwork(instances []*model.ContainerInstance, bySubnet bool) [][]*model.ContainerInstance {
	alike := map[string][]*model.ContainerInstance{}
	var keys []string
	for _, i := range instances {
		key := strings.Join(sorted(i.Network.SecurityGroups), ",")
		if bySubnet {
			key += " " + strings.Join(sorted(i.Network.Subnets), ",")
		}
		if alike[key] == nil {
			keys = append(keys, key)
		}
		alike[key] = append(alike[key], i)
	}
	slices.Sort(keys)
	out := make([][]*model.ContainerInstance, len(keys))
	for i, key := range keys {
		out[i] = alike[key]
	}
	return out
}

// instancesUnder are the instances that run tasks of the deployment.
func instancesUnder(tasks []model.Task, dep *model.Deployment) []model.ARN {
	var arns []model.ARN
	for i := range tasks {
		if t := &tasks[i]; t.StartedBy == dep.ID && t.ContainerInstance != "" {
			arns = append(arns, t.ContainerInstance)
		}
	}
	return arns
}

// instancesOf are the instances that run tasks of the deployment; where no task is known,
// all that could.
func (r *interfaces) instancesOf(s *model.Service, dep *model.Deployment, running []model.ARN) (
	instances []*model.ContainerInstance, missing *model.Missing,
) {
	arns := running
	if len(arns) == 0 {
		all, missing := r.ix.ContainerInstances(s.Cluster)
		if missing != nil {
			return nil, missing
		}
		arns = candidates(all, dep)
	}
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
// capacity providers and those that do not say where they belong, or all when none is
// of its providers.
func candidates(all []*model.ContainerInstance, dep *model.Deployment) []model.ARN {
	var own, every []model.ARN
	found := false
	for _, i := range all {
		every = append(every, i.ARN)
		of := slices.Contains(dep.CapacityProviders, i.CapacityProvider)
		if found = found || of; of || i.CapacityProvider == "" {
			own = append(own, i.ARN)
		}
	}
	if found {
		return own
	}
	return every
}

// joinInterfaces is the interface of tasks that run on instances of several
// kinds. What holds for one kind need not hold for another: crossings are
// decided for each, and the worst counts; where it is not known which kind the tasks
// run on, they have to agree.
func (r *interfaces) joinInterfaces(kinds []*netInterface, unplaced *model.Missing) *netInterface {
	joined := &netInterface{ephemeral: taskEphemeral, kinds: kinds, unplaced: unplaced, vpc: kinds[0].vpc}
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
	if unplaced != nil {
		joined.key += ": " + unplaced.String()
	}
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
	total, same, agree := 0, 0, true
	var admitting []*model.SecurityGroupRule
	for _, a := range from.alternatives() {
		for _, b := range to.alternatives() {
			c := decide(a, b)
			total++
			agree = agree && (total == 1 || worst.says(&c))
			admitting = joinedRules(admitting, c.admitting())
			switch {
			case worseAccess(worst.access, c.access) != worst.access:
				worst, same = c, 1
			case c.access == worst.access:
				same++
			}
		}
	}
	if unplaced := cmp.Or(to.unplaced, from.unplaced); unplaced != nil && !agree {
		return undecided("container instances differ in what they admit, and it is not known which of them run the tasks: "+
			unplaced.String(), *unplaced)
	}
	if same < total && worst.access != Allowed {
		worst.mark("on some of the container instances")
	}
	worst.admittedBy(admitting)
	return worst
}

// says tells whether all places decide the same at two crossings, and by rules of the
// same sort.
func (c *crossing) says(o *crossing) bool {
	return slices.EqualFunc(c.decisions(), o.decisions(), func(a, b decision) bool {
		return a.access == b.access && a.names() == b.names()
	})
}

// alternatives are the kinds of instances, or the interface itself.
func (n *netInterface) alternatives() []*netInterface {
	if len(n.kinds) == 0 {
		return []*netInterface{n}
	}
	return n.kinds
}
