package reach

import (
	"iter"
	"strings"

	"hopscope/model"
)

// outsider is a network interface of what is no service and no load balancer: of a task that
// no service started, an instance, a function. Those of load balancers and services have
// their names where they were read.
type outsider struct {
	Holder

	subnets, groups []string
}

// outsiders are those of a snapshot.
func outsiders(s *model.Snapshot) iter.Seq[outsider] {
	return func(yield func(outsider) bool) {
		for i := range s.ContainerInstances {
			in := &s.ContainerInstances[i]
			if in.Network != nil && !yield(outsider{
				Holder{Kind: HolderInstance, Name: in.InstanceID}, in.Network.Subnets, in.Network.SecurityGroups,
			}) {
				return
			}
		}
		tasks := standaloneInterfaces(s)
		for i := range s.NetworkInterfaces {
			n := &s.NetworkInterfaces[i]
			if h, is := outside(n, tasks); is && !yield(outsider{h, []string{n.Subnet}, n.SecurityGroups}) {
				return
			}
		}
	}
}

// standaloneInterfaces are the tasks that no service started, by their interfaces.
func standaloneInterfaces(s *model.Snapshot) map[string]Holder {
	tasks := map[string]Holder{}
	for i := range s.StandaloneTasks {
		all := s.StandaloneTasks[i].Tasks
		for j := range all {
			tasks[all[j].NetworkInterface] = Holder{
				Kind: HolderTasks, Cluster: s.StandaloneTasks[i].Cluster, Name: all[j].Family(), Count: 1,
			}
		}
	}
	delete(tasks, "") // those of tasks on the interfaces of instances
	return tasks
}

// outside says what an interface is of, unless of a load balancer or of a task that is not
// among the standalone ones.
func outside(n *model.NetworkInterface, tasks map[string]Holder) (h Holder, is bool) {
	function, isFunction := strings.CutPrefix(n.Description, "AWS Lambda VPC ENI-")
	task, isTask := tasks[n.ID]
	switch {
	case isTask:
		return task, true
	case n.Instance != "":
		return Holder{Kind: HolderInstance, Name: n.Instance}, true
	case isFunction:
		return Holder{Kind: HolderFunction, Name: function}, true
	case strings.HasPrefix(n.Description, "ELB ") || ofECS(n):
		return Holder{}, false
	}
	return Holder{Kind: HolderInterface, Name: n.ID, Description: n.Description}, true
}

// ofECS tells whether ECS made an interface for a task.
func ofECS(n *model.NetworkInterface) bool { return strings.Contains(n.Description, ":ecs:") }
