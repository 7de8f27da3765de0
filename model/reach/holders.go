package reach

import (
	"slices"

	"hopscope/model"
)

// Holders are the services and load balancers that have the security groups of a
// snapshot: a change of a group's rules is a change for them all.
type Holders struct {
	services  map[string][]model.Ref
	balancers map[string][]string
}

// NewHolders finds the holders of all groups. Tasks of every deployment and task
// set count.
func NewHolders(ix *model.Index) Holders {
	h := Holders{services: map[string][]model.Ref{}, balancers: map[string][]string{}}
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
	return h
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
