package reach

import (
	"strconv"

	"hopscope/model"
)

// version is one running version of a service: a deployment, or a task set of
// an external controller, with the task definition and the network interfaces
// of its tasks.
type version struct {
	service       *model.Service
	deployment    *model.Deployment
	loadBalancers []model.ServiceLoadBalancer
	task          *model.TaskDefinition
	taskMissing   *model.Missing
	// tasksMissing is set where the tasks share the interfaces of instances and were not
	// read.
	tasksMissing *model.Missing
	iface        *netInterface
	// attachments are the target groups that its tasks are registered in.
	attachments []attachment
	// revisions are the service revisions that it can be: one, or all current
	// ones. revisionMissing says why one of them is not known.
	revisions       []*model.ServiceRevision
	revisionMissing *model.Missing
	// label is the deployment's status, when the service runs several.
	label string
	// role is the deployment's part of a [Place].
	role string
}

// versions lists what runs of a service: the primary deployment first, then
// those that are being replaced and still have tasks.
func (d *Deriver) versions(s *model.Service) []*version {
	var all []*version
	if p := s.Primary(); p != nil {
		all = append(all, d.version(s, p, s.LoadBalancers))
	}
	for i := range s.Deployments {
		if dep := &s.Deployments[i]; dep.Status != model.PrimaryDeployment && dep.RunningCount > 0 {
			all = append(all, d.version(s, dep, s.LoadBalancers))
		}
	}
	for i := range s.TaskSets {
		if len(s.Deployments) > 0 {
			break
		}
		set := &s.TaskSets[i]
		if set.Status != model.PrimaryDeployment && set.RunningCount == 0 {
			continue
		}
		all = append(all, d.version(s, &model.Deployment{
			ID: set.ID, Status: set.Status, TaskDefinition: set.TaskDefinition, RunningCount: set.RunningCount,
			Network: set.Network,
		}, set.LoadBalancers))
	}
	if len(all) > 1 {
		for _, v := range all {
			v.label = v.deployment.Status
		}
	}
	setRoles(all)
	return all
}

// setRoles names what each version is of its service: nothing for the primary one,
// else its status, counted where several have the same.
func setRoles(all []*version) {
	var seen map[string]int
	for _, v := range all {
		status := v.deployment.Status
		if status == model.PrimaryDeployment {
			continue
		}
		if seen == nil {
			seen = map[string]int{}
		}
		v.role = status
		if seen[status]++; seen[status] > 1 {
			v.role += "-" + strconv.Itoa(seen[status])
		}
	}
}

func (d *Deriver) version(s *model.Service, dep *model.Deployment, lbs []model.ServiceLoadBalancer) *version {
	v := &version{service: s, deployment: dep, loadBalancers: lbs}
	v.task, v.taskMissing = d.ix.TaskDefinition(dep.TaskDefinition)
	if dep.Network == nil {
		_, v.tasksMissing = d.ix.Tasks(s)
	}
	v.iface = d.interfaces.taskInterface(s, dep)
	return v
}

// hostPort is the port of a container port as the network sees it: the same in
// awsvpc and host mode, the host port in bridge mode, where 0 is a dynamic one. It
// is 0 as well where the network mode is not known.
func (v *version) hostPort(container string, port int, protocol string) int {
	switch {
	case v.deployment.Network != nil:
		return port
	case v.task == nil:
		return 0
	}
	switch v.task.NetworkMode {
	case bridge, "":
		if m := v.mapping(container, port, protocol); m != nil {
			return m.HostPort
		}
		return 0
	default:
	}
	return port
}

// hasHostPorts tells whether the tasks' ports are published on ports of the
// instance, which may have other numbers. The task must be known.
func (v *version) hasHostPorts() bool {
	return v.deployment.Network == nil && (v.task.NetworkMode == bridge || v.task.NetworkMode == "")
}

// published is the TCP port mapping with a fixed host port, and its container.
func (v *version) published(hostPort int) (*model.PortMapping, string) {
	for i := range v.task.Containers {
		c := &v.task.Containers[i]
		for j := range c.PortMappings {
			if m := &c.PortMappings[j]; m.HostPort == hostPort && !m.UDP() {
				return m, c.Name
			}
		}
	}
	return nil, ""
}

// mapping is the port mapping of a container port for a protocol, or else the one
// for the other: a port may be mapped twice, each time to a host port of its own.
// It is nil where nothing declares the port. The task must be known.
func (v *version) mapping(container string, port int, protocol string) *model.PortMapping {
	var other *model.PortMapping
	for i := range v.task.Containers {
		c := &v.task.Containers[i]
		if container != "" && c.Name != container {
			continue
		}
		for j := range c.PortMappings {
			switch m := &c.PortMappings[j]; {
			case m.ContainerPort != port:
			case m.UDP() == (protocol == udp):
				return m
			case other == nil:
				other = m
			}
		}
	}
	return other
}

// target is the end of a path at this version.
func (v *version) target(container string, port, wire int) Target {
	return Target{
		Cluster: v.service.Cluster, Service: v.service.Name, Container: container,
		ContainerPort: port, WirePort: wire, Deployment: v.label,
	}
}

// place is the place of the paths of a kind that end at a container port of this
// version.
func (v *version) place(kind SourceKind, container string, port int) Place {
	return Place{
		Kind: kind, Cluster: v.service.Cluster, Service: v.service.Name,
		Container: container, ContainerPort: port, Deployment: v.role,
	}
}

// facts starts the facts of a path into this version.
func (v *version) facts(in Interception) Facts {
	f := Facts{Service: v.service, Deployment: v.deployment, TaskDefinition: v.task, Interception: in}
	if len(v.iface.labels) > 0 {
		f.GroupToOpen, f.GroupToOpenID = v.iface.opened(), v.iface.groupIDs[v.iface.narrowest]
	}
	return f
}
