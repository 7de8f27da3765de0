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

const (
	// maxStandalone are the standalone tasks of a cluster that are kept.
	maxStandalone = 100
	// maxRunning and maxStopped are the tasks of a cluster, of services or not, that
	// are looked at to find them: ListTasks tells only ARNs.
	maxRunning = 1000
	maxStopped = 100
)

// serviceGroup begins the group of a task that a service started.
const serviceGroup = "service:"

// maxListedClusters are the clusters whose tasks are listed where not everything is to
// be read; of more, that of what the user looks at.
const maxListedClusters = 30

// standaloneTasks reads the tasks that no service started.
type standaloneTasks struct {
	*run

	attention *attention
	// opened is set when tasks may be asked for.
	opened bool
	// asked are the clusters whose tasks were asked for, and running those whose running
	// ones are read for their services: the standalone ones are among them.
	asked, running set
	// gone is that of [tasks].
	gone map[string]int
}

func newStandaloneTasks(r *run, look *attention, gone map[string]int) *standaloneTasks {
	return &standaloneTasks{run: r, attention: look, asked: make(set), running: make(set), gone: gone}
}

// read starts the reading of the tasks of clusters: those that stopped lately, and the
// running ones where ECS counts more than the services have.
func (c *standaloneTasks) read(ctx context.Context) {
	c.locked(func() { c.opened = true })
	c.readMore(ctx)
}

// readMore asks for the tasks of clusters that are to be read and were not asked for:
// first of that of what the user looks at.
func (c *standaloneTasks) readMore(ctx context.Context) {
	var running, all []cluster
	c.locked(func() {
		if !c.opened {
			return
		}
		for _, in := range c.byAttentionLocked() {
			if c.asked[in.name] || !c.wantedLocked(in) {
				continue
			}
			c.asked[in.name] = true
			all = append(all, in)
			c.openLocked(in.name)
			if !c.running[in.name] && c.anyLocked(in) {
				running = append(running, in)
			}
		}
	})
	for _, in := range all {
		c.readStatus(ctx, in, ecstypes.DesiredStatusStopped, maxStopped)
	}
	for _, in := range running {
		c.readStatus(ctx, in, ecstypes.DesiredStatusRunning, maxRunning)
	}
}

// byAttentionLocked are all clusters, that of what the user looks at first.
func (c *standaloneTasks) byAttentionLocked() []cluster {
	all, looked := c.rows.clustersByKey(), c.attention.at().Cluster
	if i := slices.IndexFunc(all, func(in cluster) bool { return in.name == looked }); i > 0 {
		first := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, first)
	}
	return all
}

// wantedLocked tells whether the standalone tasks of a cluster are to be read.
func (c *standaloneTasks) wantedLocked(in cluster) bool {
	return c.options.Everything || c.rows.clusters.len() <= maxListedClusters || c.running[in.name] ||
		in.name == c.attention.at().Cluster
}

// openLocked makes the row of a cluster: from now on its tasks are being read.
func (c *standaloneTasks) openLocked(name string) {
	if c.rows.standalone.get(name) == nil {
		c.rows.standalone.put(model.StandaloneTasks{Cluster: name, Tasks: []model.StandaloneTask{}})
	}
}

// anyLocked tells whether a cluster may have standalone tasks that run: unless ECS
// counts as many tasks in the cluster as its services have.
func (c *standaloneTasks) anyLocked(in cluster) bool {
	row := c.rows.clusters.get(in.key)
	if row.Status == "" { // DescribeClusters did not answer for it
		return true
	}
	tasks := row.RunningTasks + row.PendingTasks
	for _, s := range c.rows.services.order {
		if s.Cluster != in.name {
			continue
		}
		if !s.Loaded {
			return true
		}
		tasks -= s.RunningCount + s.PendingCount
	}
	return tasks != 0
}

func (c *standaloneTasks) readStatus(ctx context.Context, in cluster, status ecstypes.DesiredStatus, most int) {
	c.start(ctx, call{
		action: model.ListTasks, resources: []string{in.key}, scope: in.key,
		send: func(ctx context.Context) error { return c.list(ctx, in, status, most) },
	})
}

func (c *standaloneTasks) list(ctx context.Context, in cluster, status ecstypes.DesiredStatus, most int) error {
	pages := ecs.NewListTasksPaginator(c.session.ECS, &ecs.ListTasksInput{
		Cluster: &in.key, DesiredStatus: status, MaxResults: aws.PageSize(model.ListTasks),
	})
	var arns []string
	listing := aws.Listing(ctx)
	for pages.HasMorePages() && len(arns) < most {
		page, err := pages.NextPage(listing)
		if err != nil {
			return err
		}
		arns = append(arns, page.TaskArns...)
	}
	if pages.HasMorePages() {
		c.update(func() {
			c.rows.standalone.change(in.name, func(row *model.StandaloneTasks) { row.Truncated = true })
		})
	}
	for batch := range slices.Chunk(arns, aws.Batch(model.DescribeTasks)) {
		c.start(ctx, call{
			action: model.DescribeTasks, resources: []string{in.key}, scope: in.key,
			send: func(ctx context.Context) error { return c.describe(ctx, in, batch) },
		})
	}
	return nil
}

// describe reads up to a hundred tasks. Those that ECS has forgotten since they were
// listed are among its failures.
func (c *standaloneTasks) describe(ctx context.Context, in cluster, arns []string) error {
	out, err := c.session.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &in.key, Tasks: arns})
	if err != nil {
		return err
	}
	c.update(func() {
		c.gone[in.name] += len(out.Failures)
		if lacking(out, arns) {
			c.calls.addFiltered(model.DescribeTasks, in.key, unansweredTasks(out, arns))
		}
		c.addLocked(in.name, out.Tasks)
	})
	return nil
}

// addLocked keeps the standalone ones among the tasks of a cluster.
func (c *standaloneTasks) addLocked(cluster string, tasks []ecstypes.Task) {
	c.openLocked(cluster)
	c.rows.standalone.change(cluster, func(row *model.StandaloneTasks) {
		row.Tasks = slices.Clone(row.Tasks)
		for i := range tasks {
			if !strings.HasPrefix(awssdk.ToString(tasks[i].Group), serviceGroup) {
				row.Tasks = append(row.Tasks, convert.StandaloneTask(&tasks[i]))
			}
		}
		// The youngest are kept.
		slices.SortFunc(row.Tasks, func(a, b model.StandaloneTask) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ARN, b.ARN))
		})
		if len(row.Tasks) > maxStandalone {
			row.Tasks, row.Truncated = row.Tasks[:maxStandalone], true
		}
		slices.SortFunc(row.Tasks, func(a, b model.StandaloneTask) int { return cmp.Compare(a.ARN, b.ARN) })
	})
}
