package fix

import (
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// survey is what the plans of one snapshot share: what plans ask about all services,
// put in order once.
type survey struct {
	snapshot *model.Snapshot
	analysis *rule.Analysis
	// users are the services whose tasks have a security group, those of every
	// deployment and task set; balancers are the load balancers that do.
	users     map[string][]model.Ref
	balancers map[string][]string
	// ports are the ports that containers of a group's services declare, for the
	// groups that were asked about.
	ports map[string]map[int]model.Ref
	// hostPorts are the static host ports of each cluster's instances, for the
	// clusters that were asked about.
	hostPorts map[string]map[int]model.Ref
}

// newSurvey looks at a snapshot. The paths are those of its report.
func newSurvey(s *model.Snapshot, paths []reach.Path) *survey {
	v := &survey{
		snapshot: s, analysis: rule.NewAnalysis(s, paths),
		users: map[string][]model.Ref{}, balancers: map[string][]string{}, ports: map[string]map[int]model.Ref{}, hostPorts: map[string]map[int]model.Ref{},
	}
	ix := v.analysis.Index()
	for i := range s.Services {
		service := &s.Services[i]
		for _, id := range everyGroupOf(ix, service) {
			v.users[id] = append(v.users[id], service.Ref())
		}
	}
	for _, refs := range v.users {
		slices.SortFunc(refs, model.Ref.Compare)
	}
	for i := range s.LoadBalancers {
		for _, id := range s.LoadBalancers[i].SecurityGroups {
			v.balancers[id] = append(v.balancers[id], s.LoadBalancers[i].Name)
		}
	}
	return v
}

// groupsOf are the groups of a service's tasks, those of every kind of instance that
// they may run on; none where that is not known.
func groupsOf(ix *model.Index, s *model.Service) []string {
	sets, _ := groupSetsOf(ix, s)
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
	out := groupsOf(ix, s)
	for i := range s.Deployments {
		if d := &s.Deployments[i]; d != s.Primary() {
			sets, _ := reach.GroupSets(ix, s, d)
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

// groupSetsOf are the groups of a service's tasks; see [reach.GroupSets].
func groupSetsOf(ix *model.Index, s *model.Service) ([][]string, *model.Missing) {
	if s == nil || s.Primary() == nil {
		return nil, &model.Missing{What: "primary deployment", Action: model.DescribeServices, State: model.Absent}
	}
	if n := s.Primary().Network; n != nil && len(n.SecurityGroups) > 0 {
		return [][]string{n.SecurityGroups}, nil
	}
	return reach.GroupSets(ix, s, s.Primary())
}

// portsBehind are the ports that containers of the services with a group declare: a
// rule of the group for such a port opens their apps.
func (v *survey) portsBehind(group string) map[int]model.Ref {
	if known, asked := v.ports[group]; asked {
		return known
	}
	ix := v.analysis.Index()
	out := map[int]model.Ref{}
	for _, ref := range v.users[group] {
		primary := ix.Service(ref).Primary()
		if primary == nil {
			continue
		}
		task, missing := ix.TaskDefinition(primary.TaskDefinition)
		if missing != nil {
			continue
		}
		for i := range task.Containers {
			for _, m := range task.Containers[i].PortMappings {
				if _, taken := out[m.ContainerPort]; !taken || out[m.ContainerPort].Compare(ref) > 0 {
					out[m.ContainerPort] = ref
				}
			}
		}
	}
	v.ports[group] = out
	return out
}

// hostPortsIn are the ports of a cluster's instances that tasks without a network
// interface of their own take: static host ports, and overrides.
func (v *survey) hostPortsIn(cluster string) map[int]model.Ref {
	if known, asked := v.hostPorts[cluster]; asked {
		return known
	}
	out := map[int]model.Ref{}
	for i := range v.snapshot.Services {
		s := &v.snapshot.Services[i]
		if p := s.Primary(); s.Cluster == cluster && p != nil && p.Network == nil {
			v.addHostPorts(out, s, p)
		}
	}
	v.hostPorts[cluster] = out
	return out
}

func (v *survey) addHostPorts(to map[int]model.Ref, s *model.Service, d *model.Deployment) {
	add := func(n int) {
		if old, taken := to[n]; n != 0 && (!taken || old.Compare(s.Ref()) > 0) {
			to[n] = s.Ref()
		}
	}
	if task, missing := v.analysis.Index().TaskDefinition(d.TaskDefinition); missing == nil {
		for i := range task.Containers {
			for _, m := range task.Containers[i].PortMappings {
				add(m.HostPort)
			}
		}
	}
	if d.ServiceConnect.Active() {
		for i := range d.ServiceConnect.Services {
			add(d.ServiceConnect.Services[i].IngressPortOverride)
		}
	}
}
