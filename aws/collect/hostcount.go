package collect

import (
	"context"
	"slices"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

const (
	// maxAskedGroups are the target groups whose targets are asked for without a look at
	// CloudWatch first. One group is one call.
	maxAskedGroups = 30
	// countPeriod is the shortest period of the host counts, and countWindow how old the
	// newest one may be.
	countPeriod = time.Minute
	countWindow = 5 * time.Minute
	// queriesPerGroup are the metrics that one group is asked about.
	queriesPerGroup = 2
)

// countedGroup is a target group with the names that CloudWatch knows it by.
type countedGroup struct {
	arn                            model.ARN
	namespace, balancer, dimension string
}

// readHealthOf starts the reading of the targets of groups: of each, where they are few,
// else of those that CloudWatch does not know to be healthy, and before of those of the
// service that the user looks at.
func (c *targets) readHealthOf(ctx context.Context, groups []model.ARN) {
	looked := c.lookedAt()
	few := len(groups) <= maxAskedGroups
	var counted []countedGroup
	for _, arn := range slices.Concat(intersection(groups, looked), groups) { // none is asked twice
		c.mu.Lock()
		group, known := c.countedLocked(arn)
		c.mu.Unlock()
		if few || !known || slices.Contains(looked, arn) {
			c.readHealth(ctx, arn)
		} else {
			counted = append(counted, group)
		}
	}
	for batch := range slices.Chunk(counted, aws.Batch(model.GetMetricData)/queriesPerGroup) {
		c.start(ctx, call{action: model.GetMetricData, send: func(ctx context.Context) error {
			points, err := c.hostCounts(ctx, batch)
			if ctx.Err() != nil {
				return err
			}
			// A refusal leaves nothing unknown: what has no count is asked for.
			for _, arn := range c.takeCounts(batch, points) {
				c.readHealth(ctx, arn)
			}
			return nil
		}})
	}
}

// intersection are those of some names that are among others too.
func intersection(some, others []model.ARN) []model.ARN {
	return slices.DeleteFunc(slices.Clone(some), func(arn model.ARN) bool { return !slices.Contains(others, arn) })
}

// countedLocked is a group as CloudWatch knows it: behind one load balancer that
// publishes counts.
func (c *targets) countedLocked(arn model.ARN) (countedGroup, bool) {
	row := c.rows.targetGroups.get(arn)
	if row == nil || len(row.LoadBalancers) != 1 {
		return countedGroup{}, false
	}
	balancer := model.LoadBalancerDimension(row.LoadBalancers[0])
	g := countedGroup{
		arn: arn, namespace: model.MetricNamespaceOf(balancer), balancer: balancer, dimension: model.ARNResource(arn),
	}
	return g, g.namespace != ""
}

// hostCounts asks for the host counts of groups. Each node of a load balancer counts the
// targets that it knows: of the healthy ones the least counts, of the others the most.
func (c *targets) hostCounts(ctx context.Context, groups []countedGroup) (convert.MetricPoints, error) {
	end := c.account.Now().UTC().Truncate(countPeriod)
	in := &cloudwatch.GetMetricDataInput{StartTime: awssdk.Time(end.Add(-countWindow)), EndTime: &end}
	for i, g := range groups {
		in.MetricDataQueries = append(in.MetricDataQueries,
			g.query(healthyID(i), model.MetricHealthyHosts, "Minimum"),
			g.query(unhealthyID(i), model.MetricUnhealthyHosts, "Maximum"))
	}
	points := make(convert.MetricPoints)
	err := aws.EachPage(ctx, cloudwatch.NewGetMetricDataPaginator(c.session.Metrics, in),
		func(page *cloudwatch.GetMetricDataOutput) { points.Add(page.MetricDataResults) })
	return points, err
}

func healthyID(i int) string   { return "healthy" + strconv.Itoa(i) }
func unhealthyID(i int) string { return "unhealthy" + strconv.Itoa(i) }

func (g *countedGroup) query(id, name, statistic string) metrictypes.MetricDataQuery {
	return convert.MetricDataQuery(id, &model.Series{
		Metric: model.Metric{Namespace: g.namespace, Name: name, Dimensions: []model.Dimension{
			{Name: model.DimensionLoadBalancer, Value: g.balancer}, {Name: model.DimensionTargetGroup, Value: g.dimension},
		}},
		Statistic: statistic, PeriodSeconds: int(countPeriod / time.Second),
	})
}

// takeCounts shows the counts that leave no doubt, and returns the groups whose targets
// have to be asked for.
func (c *targets) takeCounts(groups []countedGroup, points convert.MetricPoints) []model.ARN {
	var ask []model.ARN
	c.update(func() {
		registered := c.registeredLocked()
		for i, g := range groups {
			counts := points.HostCounts(healthyID(i), unhealthyID(i), countPeriod)
			healthy := counts != nil && counts.Unhealthy == 0 && registered[g.arn].are(counts)
			if !healthy {
				ask = append(ask, g.arn)
			}
			if healthy || counts != nil && counts.Healthy == 0 && counts.Unhealthy > 0 {
				c.counted[g.arn] = counts
				c.rows.targetGroups.change(g.arn, func(row *model.TargetGroup) { row.HostCounts = counts })
			}
		}
	})
	looked := c.lookedAt() // after the update: a later look finds the counts
	for _, g := range groups {
		if slices.Contains(looked, g.arn) {
			ask = append(ask, g.arn)
		}
	}
	return ask
}

// registration is what a service says of the tasks that ECS registers in a group.
type registration struct {
	running int
	// since is when the rollout ended, and the last task of the deployment before had
	// stopped; the zero value is for a group about which the number of running tasks says
	// nothing.
	since time.Time
}

// are tells whether a group had as many healthy targets as the service has tasks, in a
// minute that began after the rollout. Equal numbers are all that is known: where one
// task is not registered and one target is something else's, they are equal too. What
// has to be known of each target is read by [Source.LookingAt].
func (r registration) are(counts *model.HostCounts) bool {
	return r.running > 0 && r.running == counts.Healthy && !r.since.IsZero() &&
		!r.since.After(counts.At.Add(-countPeriod))
}

// registeredLocked is what ECS has registered in each group that one port of one service
// is behind, whose tasks are all of one deployment that is rolled out. ECS notes the end
// of a rollout in UpdatedAt.
func (c *targets) registeredLocked() map[model.ARN]registration {
	all := make(map[model.ARN]registration)
	unclear := registration{}
	note := func(arn model.ARN, r registration) {
		if _, twice := all[arn]; twice {
			r = unclear
		}
		all[arn] = r
	}
	for _, s := range c.rows.services.order {
		r := unclear
		if s.Loaded && len(s.TaskSets) == 0 && len(s.Deployments) == 1 {
			if d := &s.Deployments[0]; d.RolloutState == string(ecstypes.DeploymentRolloutStateCompleted) {
				r = registration{d.RunningCount, d.UpdatedAt}
			}
		}
		for arn := range s.TargetGroups() {
			note(arn, r)
		}
	}
	for _, r := range c.rows.revisions.order {
		for _, arn := range r.TargetGroupARNs() {
			note(arn, unclear)
		}
	}
	return all
}
