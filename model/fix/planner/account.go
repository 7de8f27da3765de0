package planner

import (
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// account is what the plans of one snapshot share: what plans ask about all services,
// put in order once.
type account struct {
	snapshot *model.Snapshot
	analysis *rule.Analysis
	// present judges the account as it is.
	present *rule.WhatIf
	// holders are who has a security group.
	holders reach.Holders
	// ports are the ports that containers of a group's services declare, for the
	// groups that were asked about.
	ports map[string]map[int]model.Ref
	// hostPorts are the static host ports of each cluster's instances, for the
	// clusters that were asked about.
	hostPorts map[string]map[int]model.Ref
	// interfaces are the commands that list who has a group, for the groups that were
	// asked about: callers' groups are in the plans of all that they call.
	interfaces map[string]string
}

// newAccount puts in order what the plans for an analysis share.
func newAccount(a *rule.Analysis) *account {
	return &account{
		snapshot: a.Snapshot, analysis: a, present: a.WhatIf(), holders: a.Holders(),
		ports: map[string]map[int]model.Ref{}, hostPorts: map[string]map[int]model.Ref{},
		interfaces: map[string]string{},
	}
}

// portsBehind are the ports that containers of the services with a group declare: a
// rule of the group for such a port opens their apps.
func (v *account) portsBehind(group string) map[int]model.Ref {
	if known, asked := v.ports[group]; asked {
		return known
	}
	ix := v.analysis.Index
	out := map[int]model.Ref{}
	for _, ref := range v.holders.Services(group) {
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
func (v *account) hostPortsIn(cluster string) map[int]model.Ref {
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

func (v *account) addHostPorts(to map[int]model.Ref, s *model.Service, d *model.Deployment) {
	add := func(n int) {
		if old, taken := to[n]; n != 0 && (!taken || old.Compare(s.Ref()) > 0) {
			to[n] = s.Ref()
		}
	}
	if task, missing := v.analysis.Index.TaskDefinition(d.TaskDefinition); missing == nil {
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
