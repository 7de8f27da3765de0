package reach

import (
	"slices"
	"strings"

	"hopscope/model"
)

// Holders are the services and load balancers that have the security groups of a
// snapshot, and what else was read and has them: a change of a group's rules is a change
// for them all.
type Holders struct {
	services  map[string][]model.Ref
	balancers map[string][]string
	// others are container instances, standalone tasks, functions and whatever else has
	// a network interface.
	others map[string][]string
}

// newHolders finds the holders of all groups. Tasks of every deployment and task
// set count.
func newHolders(ix *model.Index) Holders {
	h := Holders{services: map[string][]model.Ref{}, balancers: map[string][]string{}, others: map[string][]string{}}
	s := ix.Snapshot
	for i := range s.Services {
		service := &s.Services[i]
		for _, id := range everyGroupOf(ix, service) {
			h.services[id] = append(h.services[id], service.Ref())
		}
	}
	for _, refs := range h.services {
		slices.SortFunc(refs, model.Ref.Compare)
	}
	for i := range s.LoadBalancers {
		for _, id := range s.LoadBalancers[i].SecurityGroups {
			h.balancers[id] = append(h.balancers[id], s.LoadBalancers[i].Name)
		}
	}
	for i := range s.ContainerInstances {
		if in := &s.ContainerInstances[i]; in.Network != nil {
			h.add(in.InstanceID, in.Network.SecurityGroups)
		}
	}
	h.addInterfaces(s)
	return h
}

func (h Holders) add(name string, groups []string) {
	for _, id := range groups {
		if !slices.Contains(h.others[id], name) {
			h.others[id] = append(h.others[id], name)
		}
	}
}

// addInterfaces adds what has network interfaces of its own: tasks that no service
// started, instances, functions. Those of load balancers and services have their names
// where they were read.
func (h Holders) addInterfaces(s *model.Snapshot) {
	tasks := map[string]string{}
	for i := range s.StandaloneTasks {
		all := s.StandaloneTasks[i].Tasks
		for j := range all {
			tasks[all[j].NetworkInterface] = "task " + all[j].Family()
		}
	}
	for i := range s.NetworkInterfaces {
		n := &s.NetworkInterfaces[i]
		function, isFunction := strings.CutPrefix(n.Description, "AWS Lambda VPC ENI-")
		switch name := tasks[n.ID]; {
		case name != "":
			h.add(name, n.SecurityGroups)
		case n.Instance != "":
			h.add(n.Instance, n.SecurityGroups)
		case isFunction:
			h.add("function "+function, n.SecurityGroups)
		case strings.HasPrefix(n.Description, "ELB ") || strings.Contains(n.Description, ":ecs:"):
		default:
			h.add(n.ID, n.SecurityGroups)
		}
	}
}

// Names are all holders of a group, sorted.
func (h Holders) Names(group string) []string {
	all := slices.Concat(h.balancers[group], h.others[group])
	for _, ref := range h.services[group] {
		all = append(all, ref.Service)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Services are the services whose tasks have a group, sorted.
func (h Holders) Services(group string) []model.Ref { return h.services[group] }

// LoadBalancers are the names of the load balancers that have a group.
func (h Holders) LoadBalancers(group string) []string { return h.balancers[group] }

// TaskGroups are the groups of a service's tasks, those of every kind of instance that
// they may run on; none where that is not known.
func TaskGroups(ix *model.Index, s *model.Service) []string {
	sets, _ := TaskGroupSets(ix, s)
	var out []string
	for _, ids := range sets {
		out = append(out, ids...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// everyGroupOf are the groups of all tasks of a service: until a deployment is over,
// old tasks run beside the new ones, and theirs may be others.
func everyGroupOf(ix *model.Index, s *model.Service) []string {
	out := TaskGroups(ix, s)
	for i := range s.Deployments {
		if d := &s.Deployments[i]; d != s.Primary() {
			sets, _ := GroupSets(ix, s, d)
			out = append(out, slices.Concat(sets...)...)
		}
	}
	for i := range s.TaskSets {
		if n := s.TaskSets[i].Network; n != nil {
			out = append(out, n.SecurityGroups...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TaskGroupSets are the groups of a service's tasks; see [GroupSets].
func TaskGroupSets(ix *model.Index, s *model.Service) ([][]string, *model.Missing) {
	if s == nil || s.Primary() == nil {
		return nil, &model.Missing{What: "primary deployment", Action: model.DescribeServices, State: model.Absent}
	}
	if n := s.Primary().Network; n != nil && len(n.SecurityGroups) > 0 {
		return [][]string{n.SecurityGroups}, nil
	}
	return GroupSets(ix, s, s.Primary())
}
