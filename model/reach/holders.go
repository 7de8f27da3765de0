package reach

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

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
	others map[string][]Holder
}

// HolderKind is what has a security group.
type HolderKind string

// The kinds of holders.
const (
	HolderService      HolderKind = "service"
	HolderLoadBalancer HolderKind = "load-balancer"
	// HolderTasks are tasks that no service started, by their family.
	HolderTasks     HolderKind = "standalone-tasks"
	HolderInstance  HolderKind = "instance"
	HolderFunction  HolderKind = "function"
	HolderInterface HolderKind = "network-interface"
)

// Holder is something that has a security group.
type Holder struct {
	Kind HolderKind `json:"kind"`
	// Cluster is set for services and tasks.
	Cluster string `json:"cluster,omitempty"`
	Name    string `json:"name"`
	// Count is how many tasks of a family have it.
	Count int `json:"count,omitempty"`
	// Description is AWS's, of an interface that is not known otherwise.
	Description string `json:"description,omitempty"`
}

// String names the holder for a reader.
func (h *Holder) String() string {
	switch h.Kind {
	case HolderTasks:
		return "task " + h.Name
	case HolderFunction:
		return "function " + h.Name
	case HolderService, HolderLoadBalancer, HolderInstance, HolderInterface:
	}
	return h.Name
}

// Tasks names tasks that no service started, and counts them: "report: 3 standalone tasks".
func (h *Holder) Tasks() string {
	if h.Count == 1 {
		return h.Name + ": 1 standalone task"
	}
	return fmt.Sprintf("%s: %d standalone tasks", h.Name, h.Count)
}

// newHolders finds the holders of all groups. Tasks of every deployment and task
// set count.
func newHolders(ix *model.Index) Holders {
	h := Holders{services: map[string][]model.Ref{}, balancers: map[string][]string{}, others: map[string][]Holder{}}
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
	for o := range outsiders(s) {
		h.add(o.Holder, o.groups)
	}
	return h
}

// with are the holders of an account in which a service's tasks have other groups: those of
// a deployment that has ended are gone.
func (h Holders) with(ref model.Ref, before, now []string) Holders {
	if slices.Equal(before, now) {
		return h
	}
	h.services = maps.Clone(h.services)
	for _, id := range before {
		gone := func(r model.Ref) bool { return r == ref }
		h.services[id] = slices.DeleteFunc(slices.Clone(h.services[id]), gone)
	}
	for _, id := range now {
		at, _ := slices.BinarySearchFunc(h.services[id], ref, model.Ref.Compare)
		h.services[id] = slices.Insert(slices.Clone(h.services[id]), at, ref)
	}
	return h
}

func (h Holders) add(holder Holder, groups []string) {
	for _, id := range groups {
		at := slices.IndexFunc(h.others[id], func(o Holder) bool {
			return o.Kind == holder.Kind && o.Cluster == holder.Cluster && o.Name == holder.Name
		})
		if at < 0 {
			h.others[id] = append(h.others[id], holder)
		} else {
			h.others[id][at].Count += holder.Count
		}
	}
}

// All are all holders of a group, by kind, cluster and name.
func (h Holders) All(group string) []Holder {
	all := slices.Clone(h.others[group])
	for _, ref := range h.services[group] {
		all = append(all, Holder{Kind: HolderService, Cluster: ref.Cluster, Name: ref.Service})
	}
	for _, name := range h.balancers[group] {
		all = append(all, Holder{Kind: HolderLoadBalancer, Name: name})
	}
	slices.SortFunc(all, func(a, b Holder) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// callers names holders as those who call, each once, tasks that no service started
// first: they are seen nowhere else on a path.
func callers(all []Holder) []string {
	tasks, names := map[model.Ref]int{}, []string(nil)
	clusters := map[string]int{} // in how many a family of a name is
	for i := range all {
		h := &all[i]
		if h.Kind != HolderTasks {
			names = append(names, h.String())
			continue
		}
		family := model.Ref{Cluster: h.Cluster, Service: h.Name}
		if tasks[family] == 0 {
			clusters[h.Name]++
		}
		tasks[family] += h.Count
	}
	slices.Sort(names)
	var families []string
	for _, ref := range slices.SortedFunc(maps.Keys(tasks), model.Ref.Compare) {
		h := Holder{Kind: HolderTasks, Name: ref.Service, Count: tasks[ref]}
		if clusters[ref.Service] > 1 {
			h.Name = ref.String()
		}
		families = append(families, h.Tasks())
	}
	slices.Sort(families)
	return append(families, slices.Compact(names)...)
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
