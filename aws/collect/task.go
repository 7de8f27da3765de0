package collect

import (
	"cmp"
	"context"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// readTasks starts the reading of tasks: of the clusters whose tasks share the
// network interfaces of instances, and, when everything is to be read, of all
// clusters if a load balancer has a target that no service explains.
func (c *collection) readTasks(ctx context.Context) {
	c.when(ctx, model.ListTasks, c.settled(model.DescribeServices), func(ctx context.Context) {
		for _, cluster := range c.sharedClusters() {
			c.readTasksOf(ctx, cluster)
		}
	})
	if !c.options.Everything {
		return
	}
	c.when(ctx, model.ListTasks, c.settled(model.DescribeTargetHealth), func(ctx context.Context) {
		c.picture.mu.Lock()
		var clusters []cluster
		if c.picture.hasUnexplainedTargetLocked() {
			clusters = c.picture.clustersLocked()
		}
		c.picture.mu.Unlock()
		for _, cluster := range clusters {
			c.readTasksOf(ctx, cluster)
		}
	})
}

// cluster is a cluster as it is asked for, by ARN where that is known.
type cluster struct{ key, name string }

// clustersLocked are the clusters that are read, sorted.
func (p *picture) clustersLocked() []cluster {
	var all []cluster
	for key, row := range p.clusters.rows {
		all = append(all, cluster{key, row.Name})
	}
	slices.SortFunc(all, func(a, b cluster) int { return cmp.Compare(a.key, b.key) })
	return all
}

// sharedClusters are the clusters in which a service has tasks without network
// interfaces of their own.
func (c *collection) sharedClusters() []cluster {
	c.picture.mu.Lock()
	defer c.picture.mu.Unlock()
	shared := make(map[string]bool)
	for _, s := range c.picture.services.order {
		if sharesInterfaces(s) {
			shared[s.Cluster] = true
		}
	}
	return slices.DeleteFunc(c.picture.clustersLocked(), func(c cluster) bool { return !shared[c.name] })
}

// sharesInterfaces tells whether a service has a version outside awsvpc mode.
func sharesInterfaces(s *model.Service) bool {
	return slices.ContainsFunc(s.Deployments, func(d model.Deployment) bool { return d.Network == nil }) ||
		slices.ContainsFunc(s.TaskSets, func(t model.TaskSet) bool { return t.Network == nil })
}

// hasUnexplainedTargetLocked tells whether a group of addresses has a target on a
// port that no service registers in it.
func (p *picture) hasUnexplainedTargetLocked() bool {
	type registration struct {
		group model.ARN
		port  int
	}
	explained := make(map[registration]bool)
	explain := func(all []model.ServiceLoadBalancer) {
		for _, l := range all {
			explained[registration{l.TargetGroupARN, l.ContainerPort}] = true
			explained[registration{l.AlternateTargetGroupARN, l.ContainerPort}] = true
		}
	}
	for _, s := range p.services.order {
		explain(s.LoadBalancers)
		for i := range s.TaskSets {
			explain(s.TaskSets[i].LoadBalancers)
		}
	}
	for _, r := range p.revisions.order {
		for _, path := range r.IngressPaths {
			for _, g := range path.TargetGroups {
				explained[registration{g.ARN, g.Port}] = true
			}
		}
		for _, g := range r.GatewayConnections {
			if port := p.namedPortLocked(r.TaskDefinition, g.PortName); port > 0 {
				explained[registration{g.TargetGroupARN, port}] = true
				explained[registration{g.AlternateTargetGroupARN, port}] = true
			}
		}
	}
	for _, g := range p.targetGroups.order {
		if g.TargetType != addressTarget || g.Health == nil {
			continue
		}
		for _, t := range g.Health.Targets {
			if !explained[registration{g.ARN, t.Port}] {
				return true
			}
		}
	}
	return false
}

// namedPortLocked is the container port of a name in a task definition, 0 when
// that is not known.
func (p *picture) namedPortLocked(taskDefinition model.ARN, name string) int {
	if d := p.taskDefinitions.get(taskDefinition); d != nil {
		if mapping, _ := d.PortNamed(name); mapping != nil {
			return mapping.ContainerPort
		}
	}
	return 0
}

// readTasksOf starts the reading of a cluster's tasks, once. They are read for
// the whole cluster: a call a service would be many more. What fails is unknown
// for every service that needs it.
func (c *collection) readTasksOf(ctx context.Context, of cluster) {
	p := c.picture
	p.mu.Lock()
	asked := p.extras.tasksOf[of.name]
	p.extras.tasksOf[of.name] = true
	r := &taskReading{cluster: of, tasks: make(map[string][]model.Task)}
	for _, s := range p.services.order {
		if s.Cluster == of.name && sharesInterfaces(s) {
			r.resources = append(r.resources, s.ARN)
		}
	}
	p.mu.Unlock()
	if len(r.resources) == 0 {
		r.resources = []string{of.key}
	}
	if !asked {
		c.start(ctx, call{action: model.ListTasks, resources: r.resources, run: func(ctx context.Context) error {
			return c.listTasks(ctx, r)
		}})
	}
}

// taskReading collects the tasks of a cluster. Its fields from tasks on are guarded
// by the picture.
type taskReading struct {
	cluster   cluster
	resources []string // that a failure leaves unknown
	tasks     map[string][]model.Task
	left      int // calls without an answer yet
}

func (c *collection) listTasks(ctx context.Context, r *taskReading) error {
	var arns []string
	pages := ecs.NewListTasksPaginator(c.session.ECS, &ecs.ListTasksInput{
		Cluster: &r.cluster.key, MaxResults: aws.PageSize(model.ListTasks),
	})
	err := aws.EachPage(ctx, pages, func(page *ecs.ListTasksOutput) { arns = append(arns, page.TaskArns...) })
	if err != nil {
		return err
	}
	batches := slices.Collect(slices.Chunk(arns, aws.Batch(model.DescribeTasks)))
	c.picture.update(func() {
		if r.left = len(batches); r.left == 0 {
			c.picture.showTasksLocked(r)
		}
	})
	for _, batch := range batches {
		c.start(ctx, call{action: model.DescribeTasks, resources: r.resources, run: func(ctx context.Context) error {
			return c.describeTasks(ctx, r, batch)
		}})
	}
	return nil
}

// describeTasks reads up to a hundred tasks. Those that have stopped since they
// were listed are among its failures, and are nobody's any more.
func (c *collection) describeTasks(ctx context.Context, r *taskReading, arns []string) error {
	out, err := c.session.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &r.cluster.key, Tasks: arns})
	if err != nil {
		return err
	}
	c.picture.update(func() {
		for i := range out.Tasks {
			t := &out.Tasks[i]
			name, isService := strings.CutPrefix(awssdk.ToString(t.Group), "service:")
			if isService && isRunning(t) {
				r.tasks[name] = append(r.tasks[name], convert.Task(t))
			}
		}
		if r.left--; r.left == 0 {
			c.picture.showTasksLocked(r)
		}
	})
	return nil
}

// showTasksLocked gives every service of a cluster its tasks, which may be none.
func (p *picture) showTasksLocked(r *taskReading) {
	for _, s := range p.services.order {
		if s.Cluster != r.cluster.name || !s.Loaded {
			continue
		}
		tasks := slices.Clone(r.tasks[s.Name])
		slices.SortFunc(tasks, func(a, b model.Task) int { return cmp.Compare(a.ARN, b.ARN) })
		if tasks == nil {
			tasks = []model.Task{}
		}
		p.services.change(s.Ref().String(), func(row *model.Service) { row.Tasks = &model.ServiceTasks{Tasks: tasks} })
	}
}

// isRunning tells whether a task runs that is to run on. In state ACTIVATING its
// containers run, and it is being registered with the load balancers.
func isRunning(t *ecstypes.Task) bool {
	status := awssdk.ToString(t.LastStatus)
	return status == "RUNNING" || status == "ACTIVATING"
}
