package collect

import (
	"fmt"
	"slices"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/words"
)

// contradictLocked: a cluster has as many instances as it counts, and those that its tasks
// run on.
func (c *containerInstances) contradictLocked() {
	addMissing(c.calls, model.DescribeContainerInstances, c.named, c.rows.instances.rows)
	for _, key := range c.contradictedLocked() {
		row := c.rows.clusters.get(key)
		c.calls.addFiltered(model.ListContainerInstances, key, fmt.Sprintf("cluster %s counts %s, and %s lists %d",
			aws.Printable(row.Name), words.Count(row.RegisteredInstances, "container instance"),
			model.ListContainerInstances, *row.ContainerInstances))
	}
	for _, s := range c.rows.services.order {
		for _, arn := range instancesOf(s) {
			if key := c.rows.clusterKey(s.Cluster); !c.named[arn] {
				c.calls.addFiltered(model.ListContainerInstances, key, fmt.Sprintf(
					"a task of service %s runs on instance %s, and %s does not list it",
					aws.Printable(s.Name), aws.Printable(model.ARNName(arn)), model.ListContainerInstances))
			}
		}
	}
}

// contradictedLocked are the clusters, by their keys, that count more instances than were
// listed.
func (c *containerInstances) contradictedLocked() []string {
	var keys []string
	for _, in := range c.rows.sharedClusters() {
		row := c.rows.clusters.get(in.key)
		if row.ContainerInstances != nil && row.RegisteredInstances > *row.ContainerInstances {
			keys = append(keys, in.key)
		}
	}
	return keys
}

// instancesOf are the instances that tasks of a service run on that need them to be read.
func instancesOf(s *model.Service) []model.ARN {
	if s.Tasks == nil || !sharesInterfaces(s) {
		return nil
	}
	var arns []model.ARN
	for i := range s.Tasks.Tasks {
		if arn := s.Tasks.Tasks[i].ContainerInstance; arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}

// contradictLocked: as many tasks of a service run as it counts, less those that have
// stopped since they were listed, and so for the tasks that no service started.
func (c *tasks) contradictLocked() {
	for _, s := range c.contradictedLocked() {
		c.calls.addFiltered(model.ListTasks, s.ARN, fmt.Sprintf("service %s runs %s, and %s lists %s",
			aws.Printable(s.Name), words.Count(s.RunningCount, "task"), model.ListTasks, fewOrNone(len(s.Tasks.Tasks))))
		c.rows.services.change(s.Ref().String(), func(row *model.Service) { row.Tasks = nil })
	}
	c.standalone.contradictLocked()
}

// contradictedLocked are the services that run more tasks than were listed.
func (c *tasks) contradictedLocked() []*model.Service {
	var out []*model.Service
	for _, s := range c.rows.services.order {
		if s.Tasks != nil && len(s.Tasks.Tasks)+c.gone[s.Cluster] < s.RunningCount {
			out = append(out, s)
		}
	}
	return out
}

func fewOrNone(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

// contradictLocked: what a cluster counts beyond the tasks of its services runs without one.
func (c *standaloneTasks) contradictLocked() {
	for _, in := range c.contradictedLocked() {
		counted, listed := c.countsLocked(in)
		c.calls.addFiltered(model.ListTasks, in.key, fmt.Sprintf(
			"cluster %s runs %s that no service started, and %s lists %s", aws.Printable(in.name),
			words.Count(counted, "task"), model.ListTasks, fewOrNone(listed)))
	}
}

// contradictedLocked are the clusters that run more tasks without a service than were listed,
// where all of their services were.
func (c *standaloneTasks) contradictedLocked() []cluster {
	var out []cluster
	for _, in := range c.rows.clustersByKey() {
		row, all := c.rows.clusters.get(in.key), c.rows.standalone.get(in.name)
		if all == nil || all.Truncated || row.Status == "" || c.anyUnloadedLocked(in.name) ||
			c.calls.closed(model.DescribeTasks, in.key) || c.calls.closed(model.ListServices, in.key) {
			continue
		}
		if counted, listed := c.countsLocked(in); counted > listed {
			out = append(out, in)
		}
	}
	return out
}

// countsLocked is how many tasks without a service run in a cluster by its counts, and how
// many do by the lists.
func (c *standaloneTasks) countsLocked(in cluster) (counted, listed int) {
	counted = c.rows.clusters.get(in.key).RunningTasks
	for _, s := range c.rows.services.order {
		if s.Cluster == in.name {
			counted -= s.RunningCount
		}
	}
	listed = c.gone[in.name]
	all := c.rows.standalone.get(in.name).Tasks
	for i := range all {
		if all[i].Status != "STOPPED" {
			listed++
		}
	}
	return counted, listed
}

// anyUnloadedLocked tells whether a cluster has services of which nothing is known.
func (c *standaloneTasks) anyUnloadedLocked(cluster string) bool {
	return slices.ContainsFunc(c.rows.services.order,
		func(s *model.Service) bool { return s.Cluster == cluster && !s.Loaded })
}
