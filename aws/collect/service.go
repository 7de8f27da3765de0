package collect

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// services reads the services of the clusters, and starts what they refer to.
type services struct {
	*run

	definitions *taskDefinitions
	balancing   *loadBalancing
	network     *network
}

// list reads the names of a cluster's services, and starts the reading
// of each page's services while the next page is on its way.
func (c *services) list(ctx context.Context, cluster string) error {
	pages := ecs.NewListServicesPaginator(c.session.ECS, &ecs.ListServicesInput{
		Cluster: &cluster, MaxResults: aws.PageSize(model.ListServices),
	})
	return aws.EachPage(ctx, pages, func(page *ecs.ListServicesOutput) {
		c.update(func() {
			for _, arn := range page.ServiceArns {
				c.rows.noteAccount(arn)
				c.rows.services.put(model.Service{
					ARN: arn, Name: model.ARNName(arn), Cluster: model.ARNName(cluster),
				})
			}
		})
		for batch := range slices.Chunk(page.ServiceArns, aws.Batch(model.DescribeServices)) {
			c.start(ctx, call{
				action: model.DescribeServices, resources: batch, scope: cluster,
				send: func(ctx context.Context) error { return c.describe(ctx, cluster, batch) },
			})
		}
	})
}

// describe reads up to ten services and starts what they refer to.
func (c *services) describe(ctx context.Context, cluster string, arns []string) error {
	out, err := c.session.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &cluster, Services: arns, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	if err != nil {
		return err
	}
	var found []namedDefinition
	c.update(func() {
		for i := range out.Services {
			s := convert.Service(&out.Services[i])
			s.Cluster = model.ARNName(cluster)
			c.rows.services.put(s)
			found = append(found, c.nameLocked(&s)...)
		}
		for _, f := range out.Failures {
			c.calls.addGap(model.DescribeServices, awssdk.ToString(f.Arn), missing(model.DescribeServices, f))
		}
	})
	c.balancing.follow(ctx)
	for _, w := range found {
		c.definitions.read(ctx, w)
	}
	return nil
}

// nameLocked notes what a service refers to. It returns the task definitions that
// no other one referred to before.
func (c *services) nameLocked(s *model.Service) []namedDefinition {
	var found []namedDefinition
	name := func(arn model.ARN, urgent bool) {
		if c.definitions.nameLocked(arn) {
			found = append(found, namedDefinition{arn: arn, urgent: urgent})
		}
	}
	for i := range s.Deployments {
		d := &s.Deployments[i]
		name(d.TaskDefinition, needsTaskDefinition(d))
		c.network.nameLocked(d.Network)
	}
	for i := range s.TaskSets {
		t := &s.TaskSets[i]
		name(t.TaskDefinition, t.Network == nil)
		c.network.nameLocked(t.Network)
		c.balancing.nameGroupsLocked(t.LoadBalancers)
	}
	c.balancing.nameGroupsLocked(s.LoadBalancers)
	return found
}

// needsTaskDefinition tells whether not even the outline of a deployment's paths
// is known without its task definition: Service Connect and VPC Lattice name
// ports that only it resolves, and without awsvpc the network mode is open. A
// plain service behind a load balancer can wait (docs/aws.md, Calls).
func needsTaskDefinition(d *model.Deployment) bool {
	return d.Network == nil || len(d.VPCLattice) > 0 ||
		d.ServiceConnect.Active() && len(d.ServiceConnect.Services) > 0
}

// finishLocked records a gap for every service that was listed and not described.
func (c *services) finishLocked() {
	for _, s := range c.rows.services.order {
		if !s.Loaded {
			c.calls.addAbsent(model.DescribeServices, s.ARN, c.rows.clusterKey(s.Cluster))
		}
	}
}
