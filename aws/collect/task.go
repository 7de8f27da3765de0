package collect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
	"hopscope/model/words"
)

// tasks reads the tasks of the clusters that need them.
type tasks struct {
	*run

	standalone *standaloneTasks
	// asked are the clusters whose tasks were asked for.
	asked set
	// gone counts by cluster the tasks that were listed and that ECS did not know any more.
	gone map[string]int
}

func newTasks(r *run, look *attention) *tasks {
	gone := make(map[string]int)
	return &tasks{run: r, standalone: newStandaloneTasks(r, look, gone), asked: make(set), gone: gone}
}

// read starts the reading of tasks: of the clusters whose tasks share the
// network interfaces of instances, and, when everything is to be read, of all
// clusters if a load balancer has a target that no service explains. Then come the
// tasks that no service started.
func (c *tasks) read(ctx context.Context) {
	c.when(ctx, model.ListTasks, c.settled(model.DescribeServices), func(ctx context.Context) {
		var shared []cluster
		c.locked(func() { shared = c.rows.sharedClusters() })
		for _, cluster := range shared {
			c.readCluster(ctx, cluster)
		}
	})
	known := c.settled(model.DescribeTargetHealth, model.DescribeClusters)
	c.when(ctx, model.ListTasks, known, func(ctx context.Context) {
		c.mu.Lock()
		var clusters []cluster
		if c.options.Everything && c.hasUnexplainedTargetLocked() {
			clusters = c.rows.clustersByKey()
		}
		c.mu.Unlock()
		for _, cluster := range clusters {
			c.readCluster(ctx, cluster)
		}
		c.standalone.read(ctx)
	})
}

// hasUnexplainedTargetLocked tells whether a group of addresses has a target on a
// port that no service registers in it.
func (c *tasks) hasUnexplainedTargetLocked() bool {
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
	for _, s := range c.rows.services.order {
		explain(s.LoadBalancers)
		for i := range s.TaskSets {
			explain(s.TaskSets[i].LoadBalancers)
		}
	}
	for _, r := range c.rows.revisions.order {
		for _, path := range r.IngressPaths {
			for _, g := range path.TargetGroups {
				explained[registration{g.ARN, g.Port}] = true
			}
		}
		for _, g := range r.GatewayConnections {
			if port := c.namedPortLocked(r.TaskDefinition, g.PortName); port > 0 {
				explained[registration{g.TargetGroupARN, port}] = true
				explained[registration{g.AlternateTargetGroupARN, port}] = true
			}
		}
	}
	for _, g := range c.rows.targetGroups.order {
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
func (c *tasks) namedPortLocked(taskDefinition model.ARN, name string) int {
	if d := c.rows.taskDefinitions.get(taskDefinition); d != nil {
		if mapping, _ := d.PortNamed(name); mapping != nil {
			return mapping.ContainerPort
		}
	}
	return 0
}

// readCluster starts the reading of a cluster's tasks, once. They are read for
// the whole cluster: a call a service would be many more. What fails is unknown
// for every service that needs it.
func (c *tasks) readCluster(ctx context.Context, in cluster) {
	c.mu.Lock()
	asked := c.asked[in.name]
	c.asked[in.name] = true
	r := &taskReading{cluster: in, tasks: make(map[string][]model.Task)}
	for _, s := range c.rows.services.order {
		if s.Cluster == in.name && sharesInterfaces(s) {
			r.resources = append(r.resources, s.ARN)
		}
	}
	r.standalone = c.standalone.wantedLocked(in)
	if r.standalone || len(r.resources) == 0 {
		r.resources = append(r.resources, in.key)
	}
	if r.standalone && !asked {
		c.standalone.running[in.name] = true
	}
	c.mu.Unlock()
	if !asked {
		c.start(ctx, call{action: model.ListTasks, resources: r.resources, send: func(ctx context.Context) error {
			return c.list(ctx, r)
		}})
	}
}

// taskReading collects the tasks of a cluster. Its fields from tasks on are guarded
// by the run.
type taskReading struct {
	cluster    cluster
	resources  []string // that a failure leaves unknown
	standalone bool     // those that no service started are kept too
	tasks      map[string][]model.Task
	left       int // calls without an answer yet
}

func (c *tasks) list(ctx context.Context, r *taskReading) error {
	var arns []string
	pages := ecs.NewListTasksPaginator(c.session.ECS, &ecs.ListTasksInput{
		Cluster: &r.cluster.key, MaxResults: aws.PageSize(model.ListTasks),
	})
	err := aws.EachPage(ctx, pages, func(page *ecs.ListTasksOutput) { arns = append(arns, page.TaskArns...) })
	if err != nil {
		return err
	}
	batches := slices.Collect(slices.Chunk(arns, aws.Batch(model.DescribeTasks)))
	c.update(func() {
		if r.left = len(batches); r.left == 0 {
			c.showLocked(r)
		}
	})
	for _, batch := range batches {
		c.start(ctx, call{action: model.DescribeTasks, resources: r.resources, send: func(ctx context.Context) error {
			return c.describe(ctx, r, batch)
		}})
	}
	return nil
}

// describe reads up to a hundred tasks. Those that have stopped since they
// were listed are among its failures, and belong to no service any more.
func (c *tasks) describe(ctx context.Context, r *taskReading, arns []string) error {
	out, err := c.session.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &r.cluster.key, Tasks: arns})
	if err != nil {
		return err
	}
	c.update(func() {
		c.gone[r.cluster.name] += len(out.Failures)
		if lacking(out, arns) {
			for _, about := range r.resources {
				c.calls.addFiltered(model.DescribeTasks, about, unansweredTasks(out, arns))
			}
			return
		}
		for i := range out.Tasks {
			t := &out.Tasks[i]
			name, isService := strings.CutPrefix(awssdk.ToString(t.Group), serviceGroup)
			if isService && isRunning(t) {
				r.tasks[name] = append(r.tasks[name], convert.Task(t))
			}
		}
		if r.standalone {
			c.standalone.addLocked(r.cluster.name, out.Tasks)
		}
		if r.left--; r.left == 0 {
			c.showLocked(r)
		}
	})
	return nil
}

// lacking tells whether an answer has neither the task nor a failure for some ARN.
func lacking(out *ecs.DescribeTasksOutput, arns []string) bool {
	return len(out.Tasks)+len(out.Failures) < len(arns)
}

// unansweredTasks says so.
func unansweredTasks(out *ecs.DescribeTasksOutput, arns []string) string {
	return fmt.Sprintf("%s was asked for %s, and answered with %d", model.DescribeTasks,
		words.Count(len(arns), "task"), len(out.Tasks)+len(out.Failures))
}

// showLocked gives every service of a cluster its tasks, which may be none.
func (c *tasks) showLocked(r *taskReading) {
	for _, s := range c.rows.services.order {
		if s.Cluster != r.cluster.name || !s.Loaded {
			continue
		}
		tasks := slices.Clone(r.tasks[s.Name])
		slices.SortFunc(tasks, func(a, b model.Task) int { return cmp.Compare(a.ARN, b.ARN) })
		if tasks == nil {
			tasks = []model.Task{}
		}
		c.rows.services.change(s.Ref().String(), func(row *model.Service) { row.Tasks = &model.ServiceTasks{Tasks: tasks} })
	}
}

// isRunning tells whether a task runs that is to run on. In state ACTIVATING its
// containers run, and it is being registered with the load balancers.
func isRunning(t *ecstypes.Task) bool {
	status := awssdk.ToString(t.LastStatus)
	return status == "RUNNING" || status == "ACTIVATING"
}
