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

// listServices reads the names of a cluster's services, and starts the reading
// of each page's services while the next page is on its way.
func (c *collection) listServices(ctx context.Context, cluster string) error {
	pages := ecs.NewListServicesPaginator(c.session.ECS, &ecs.ListServicesInput{
		Cluster: &cluster, MaxResults: aws.PageSize(model.ListServices),
	})
	return aws.EachPage(ctx, pages, func(page *ecs.ListServicesOutput) {
		c.picture.update(func() {
			for _, arn := range page.ServiceArns {
				c.picture.noteAccountLocked(arn)
				c.picture.putServiceLocked(model.Service{
					ARN: arn, Name: model.ARNName(arn), Cluster: model.ARNName(cluster),
				})
			}
		})
		for batch := range slices.Chunk(page.ServiceArns, aws.Batch(model.DescribeServices)) {
			c.start(ctx, call{
				action: model.DescribeServices, resources: batch, scope: cluster,
				run: func(ctx context.Context) error { return c.describeServices(ctx, cluster, batch) },
			})
		}
	})
}

// describeServices reads up to ten services and starts what they refer to.
func (c *collection) describeServices(ctx context.Context, cluster string, arns []string) error {
	out, err := c.session.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &cluster, Services: arns, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	if err != nil {
		return err
	}
	var found []wantedTaskDefinition
	c.picture.update(func() {
		for i := range out.Services {
			s := convert.Service(&out.Services[i])
			s.Cluster = model.ARNName(cluster)
			c.picture.putServiceLocked(s)
			found = append(found, c.wantLocked(&s)...)
		}
		for _, f := range out.Failures {
			c.picture.addGapLocked(model.DescribeServices, awssdk.ToString(f.Arn), missing(model.DescribeServices, f))
		}
	})
	c.follow(ctx)
	for _, w := range found {
		c.readTaskDefinition(ctx, w)
	}
	return nil
}

// putServiceLocked adds or replaces a service by its name: the ARNs of old services
// have two forms, with and without the cluster.
func (p *picture) putServiceLocked(s model.Service) { p.services.put(s.Ref().String(), s) }

// wantLocked notes what a service refers to. It returns the task definitions
// that nothing referred to before.
func (c *collection) wantLocked(s *model.Service) []wantedTaskDefinition {
	var found []wantedTaskDefinition
	w := &c.picture.wanted
	wantTaskDefinition := func(arn model.ARN, urgent bool) {
		if arn != "" && !w.taskDefinitions[arn] {
			w.taskDefinitions[arn] = true
			found = append(found, wantedTaskDefinition{arn: arn, urgent: urgent})
		}
	}
	for i := range s.Deployments {
		d := &s.Deployments[i]
		wantTaskDefinition(d.TaskDefinition, needsTaskDefinition(d))
		w.addNetwork(d.Network)
	}
	for i := range s.TaskSets {
		t := &s.TaskSets[i]
		wantTaskDefinition(t.TaskDefinition, t.Network == nil)
		w.addNetwork(t.Network)
		c.picture.wantTargetGroupsLocked(t.LoadBalancers)
	}
	c.picture.wantTargetGroupsLocked(s.LoadBalancers)
	return found
}

// needsTaskDefinition tells whether not even the outline of a deployment's paths
// is known without its task definition: Service Connect and VPC Lattice name
// ports that only it resolves, and without awsvpc the network mode is open. A
// plain service behind a load balancer can wait (api.md §2.3).
func needsTaskDefinition(d *model.Deployment) bool {
	return d.Network == nil || len(d.VPCLattice) > 0 ||
		d.ServiceConnect.Active() && len(d.ServiceConnect.Services) > 0
}

// addNetwork notes the subnets and security groups of tasks.
func (w *wanted) addNetwork(n *model.Network) {
	if n == nil {
		return
	}
	for _, id := range n.Subnets {
		w.subnets[id] = true
	}
	for _, id := range n.SecurityGroups {
		w.securityGroups[id] = true
	}
}

// listGatewayRoutes reads the routes of all service gateways of the region in
// one listing; those of other clusters are left out at the end.
func (c *collection) listGatewayRoutes(ctx context.Context) error {
	pages := ecs.NewListGatewayRoutesPaginator(c.session.ECS, &ecs.ListGatewayRoutesInput{})
	return aws.EachPage(ctx, pages, func(page *ecs.ListGatewayRoutesOutput) {
		c.picture.update(func() {
			for _, r := range page.GatewayRoutes {
				if !c.choose(awssdk.ToString(r.ClusterArn)) {
					continue
				}
				arn := awssdk.ToString(r.GatewayRouteArn)
				c.picture.gatewayRoutes.put(arn, model.GatewayRoute{
					ARN:        arn,
					GatewayARN: awssdk.ToString(r.GatewayArn),
					ServiceARN: awssdk.ToString(r.ServiceArn),
					PortName:   awssdk.ToString(r.ServiceContainerPortName),
					Status:     string(r.Status),
				})
			}
		})
	})
}
