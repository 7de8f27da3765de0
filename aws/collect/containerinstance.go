package collect

import (
	"context"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// containerInstances reads the instances whose network interfaces tasks share.
type containerInstances struct {
	*run

	network *network
	// named are the instances that were listed.
	named set
}

// read starts the reading of the instances whose network
// interfaces tasks share: their security groups stand before those tasks.
func (c *containerInstances) read(ctx context.Context) {
	action := model.ListContainerInstances
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		var shared []cluster
		c.locked(func() { shared = c.rows.sharedClusters() })
		for _, in := range shared {
			c.start(ctx, call{
				action: action, resources: []string{in.key}, scope: in.key,
				send: func(ctx context.Context) error { return c.list(ctx, in) },
			})
		}
	})
}

func (c *containerInstances) list(ctx context.Context, in cluster) error {
	pages := ecs.NewListContainerInstancesPaginator(c.session.ECS, &ecs.ListContainerInstancesInput{
		Cluster: &in.key, MaxResults: aws.PageSize(model.ListContainerInstances),
	})
	listed := 0
	err := aws.EachPage(ctx, pages, func(page *ecs.ListContainerInstancesOutput) {
		listed += len(page.ContainerInstanceArns)
		c.locked(func() { unasked(c.named, page.ContainerInstanceArns) })
		c.startBatches(ctx, model.DescribeContainerInstances, page.ContainerInstanceArns,
			func(ctx context.Context, batch []string) error { return c.describe(ctx, in, batch) })
	})
	if err == nil { // that there are none is an answer
		c.update(func() {
			c.rows.clusters.change(in.key, func(row *model.Cluster) { row.ContainerInstances = &listed })
		})
	}
	return err
}

// describe reads up to a hundred container instances, and starts
// the reading of their network interfaces.
func (c *containerInstances) describe(ctx context.Context, in cluster, arns []string) error {
	out, err := c.session.ECS.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
		Cluster: &in.key, ContainerInstances: arns,
	})
	if err != nil {
		return err
	}
	var ids []string
	c.update(func() {
		for i := range out.ContainerInstances {
			row := convert.ContainerInstance(&out.ContainerInstances[i])
			row.Cluster = in.name
			c.rows.instances.put(row)
			if isInstanceOfEC2(row.InstanceID) {
				ids = append(ids, row.InstanceID)
			}
		}
		for _, f := range out.Failures {
			c.calls.addGap(model.DescribeContainerInstances, awssdk.ToString(f.Arn),
				missing(model.DescribeContainerInstances, f))
		}
	})
	if len(ids) > 0 {
		c.start(ctx, call{
			action: model.DescribeInstances, resources: ids,
			send: func(ctx context.Context) error { return c.describeInstances(ctx, ids) },
		})
	}
	return nil
}

// isInstanceOfEC2 tells an instance of EC2 from a server that was registered from
// elsewhere (ECS Anywhere, "mi-…"), which EC2 does not know.
func isInstanceOfEC2(id string) bool { return strings.HasPrefix(id, "i-") }

// describeInstances reads the network interfaces of instances. A filter leaves out
// an id that is gone, where a list of ids would fail.
func (c *containerInstances) describeInstances(ctx context.Context, ids []string) error {
	pages := ec2.NewDescribeInstancesPaginator(c.session.EC2, &ec2.DescribeInstancesInput{
		Filters:    []ec2types.Filter{{Name: awssdk.String("instance-id"), Values: ids}},
		MaxResults: aws.PageSize(model.DescribeInstances),
		// Managed Instances may be hidden otherwise.
		IncludeManagedResources: awssdk.Bool(true),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeInstancesOutput) {
		c.update(func() {
			for _, r := range page.Reservations {
				for i := range r.Instances {
					c.addInterfaceLocked(&r.Instances[i])
				}
			}
		})
	})
}

// addInterfaceLocked gives a container instance its network interface, and notes
// what that names.
func (c *containerInstances) addInterfaceLocked(i *ec2types.Instance) {
	network, addresses := convert.Interface(i)
	for _, row := range c.rows.instances.order {
		if row.InstanceID != awssdk.ToString(i.InstanceId) {
			continue
		}
		row := *row
		row.Network, row.Addresses = network, addresses
		c.rows.instances.put(row)
		c.network.nameLocked(network)
	}
}

// finishLocked records a gap for the instances that EC2 did not tell of.
func (c *containerInstances) finishLocked() {
	for _, i := range c.rows.instances.order {
		if i.Network == nil && isInstanceOfEC2(i.InstanceID) {
			c.calls.addAbsent(model.DescribeInstances, i.InstanceID, "")
		}
	}
}
