package simulator

import (
	"cmp"
	"strconv"
)

// addStandaloneTasks makes the tasks that no service started. Each entry is the one
// deployment of a service that only its tasks know of.
func addStandaloneTasks(r *resources, w *World) {
	f := &serviceFactory{resources: r, world: w}
	for i, spec := range w.StandaloneTasks {
		in := f.clusters.named(spec.Cluster)
		like := Service{
			TaskDefinition: spec.TaskDefinition, LaunchType: spec.LaunchType,
			Subnets: spec.Subnets, SecurityGroups: spec.SecurityGroups,
		}
		config := f.configuration(&like)
		f.hostFor(in, like, config)
		spec.Group = cmp.Or(spec.Group, "family:"+config.family())
		s := &service{spec: like, arn: "standalone/" + strconv.Itoa(i), cluster: in, created: created()}
		d := f.rollouts.newDeployment(s, config, s.created)
		d.running = cmp.Or(spec.Count, 1)
		f.rollouts.grow(d, d.running)
		s.deployments = []*deployment{d}
		for _, t := range d.tasks {
			t.standalone = &spec
		}
		in.standalone = append(in.standalone, d.tasks...)
	}
}

// stopped tells whether a task no longer runs. Those of services are forgotten then.
func (t *task) stopped() bool { return t.standalone != nil && t.standalone.Stopped }

// group is the group that ECS puts a task into.
func (t *task) group() string {
	if t.standalone != nil {
		return t.standalone.Group
	}
	return "service:" + t.of.of.spec.Name
}

// startedBy is the deployment of a service, or what RunTask was told.
func (t *task) startedBy() string {
	if t.standalone != nil {
		return t.standalone.StartedBy
	}
	return t.of.id
}

// running are the tasks of a cluster, of services and others.
func (c *cluster) running(clock *clock) []*task {
	var all []*task
	for _, s := range c.services {
		all = append(all, s.running(clock.now)...)
	}
	for _, t := range c.standalone {
		if !t.stopped() {
			all = append(all, t)
		}
	}
	return all
}

func (c *configuration) family() string {
	if c.TaskDefinition == nil {
		return ""
	}
	return c.TaskDefinition.Family
}
