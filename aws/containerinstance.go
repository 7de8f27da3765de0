package aws

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// instancesPerCall is the batch limit of DescribeContainerInstances and the page
// limit of ListContainerInstances. It is below the limit of values in a filter.
const instancesPerCall = 100

// readContainerInstances starts the reading of the instances whose network
// interfaces tasks share: their security groups stand before those tasks.
func (c *collection) readContainerInstances(ctx context.Context) {
	action := model.ListContainerInstances
	c.when(ctx, action, c.settled(operations[action].after...), func(ctx context.Context) {
		for _, in := range c.sharedClusters() {
			c.start(ctx, call{
				action: action, resources: []string{in.key}, scope: in.key,
				run: func(ctx context.Context) error { return c.listContainerInstances(ctx, in) },
			})
		}
	})
}

func (c *collection) listContainerInstances(ctx context.Context, in cluster) error {
	pages := ecs.NewListContainerInstancesPaginator(c.clients.ecs, &ecs.ListContainerInstancesInput{
		Cluster: &in.key, MaxResults: awssdk.Int32(instancesPerCall),
	})
	return eachPage(ctx, pages, func(page *ecs.ListContainerInstancesOutput) {
		for batch := range slices.Chunk(page.ContainerInstanceArns, instancesPerCall) {
			c.start(ctx, call{
				action: model.DescribeContainerInstances, resources: batch,
				run: func(ctx context.Context) error { return c.describeContainerInstances(ctx, in, batch) },
			})
		}
	})
}

// describeContainerInstances reads up to a hundred container instances, and starts
// the reading of their network interfaces.
func (c *collection) describeContainerInstances(ctx context.Context, in cluster, arns []string) error {
	out, err := c.clients.ecs.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
		Cluster: &in.key, ContainerInstances: arns,
	})
	if err != nil {
		return err
	}
	var ids []string
	c.picture.update(func() {
		for i := range out.ContainerInstances {
			row := toContainerInstance(&out.ContainerInstances[i])
			row.Cluster = in.name
			c.picture.instances.put(row.ARN, row)
			if isInstanceOfEC2(row.InstanceID) {
				ids = append(ids, row.InstanceID)
			}
		}
		for _, f := range out.Failures {
			c.picture.addGapLocked(model.DescribeContainerInstances, awssdk.ToString(f.Arn),
				missing(model.DescribeContainerInstances, f))
		}
	})
	if len(ids) > 0 {
		c.start(ctx, call{
			action: model.DescribeInstances, resources: ids,
			run: func(ctx context.Context) error { return c.describeInstances(ctx, ids) },
		})
	}
	return nil
}

// isInstanceOfEC2 tells an instance of EC2 from a server that was registered from
// elsewhere (ECS Anywhere, "mi-…"), which EC2 does not know.
func isInstanceOfEC2(id string) bool { return strings.HasPrefix(id, "i-") }

// describeInstances reads the network interfaces of instances. A filter leaves out
// an id that is gone, where a list of ids would fail.
func (c *collection) describeInstances(ctx context.Context, ids []string) error {
	pages := ec2.NewDescribeInstancesPaginator(c.clients.ec2, &ec2.DescribeInstancesInput{
		Filters:    []ec2types.Filter{{Name: awssdk.String("instance-id"), Values: ids}},
		MaxResults: awssdk.Int32(perNetworkPage),
		// Managed Instances may be hidden otherwise.
		IncludeManagedResources: awssdk.Bool(true),
	})
	return eachPage(ctx, pages, func(page *ec2.DescribeInstancesOutput) {
		c.picture.update(func() {
			for _, r := range page.Reservations {
				for i := range r.Instances {
					c.picture.addInterfaceLocked(&r.Instances[i])
				}
			}
		})
	})
}

// addInterfaceLocked gives a container instance its network interface, and notes
// what that names.
func (p *picture) addInterfaceLocked(i *ec2types.Instance) {
	network, addresses := toInterface(i)
	for _, row := range p.instances.order {
		if row.InstanceID != awssdk.ToString(i.InstanceId) {
			continue
		}
		row := *row
		row.Network, row.Addresses = network, addresses
		p.instances.put(row.ARN, row)
		p.wanted.addNetwork(network)
	}
}

func toContainerInstance(i *ecstypes.ContainerInstance) model.ContainerInstance {
	row := model.ContainerInstance{
		ARN:              awssdk.ToString(i.ContainerInstanceArn),
		InstanceID:       awssdk.ToString(i.Ec2InstanceId),
		Status:           awssdk.ToString(i.Status),
		CapacityProvider: awssdk.ToString(i.CapacityProviderName),
	}
	if i.VersionInfo != nil {
		row.AgentVersion = awssdk.ToString(i.VersionInfo.AgentVersion)
	}
	return row
}

// toInterface is the primary network interface of an instance: the one that tasks
// in bridge and host mode share. The others may belong to awsvpc tasks.
func toInterface(i *ec2types.Instance) (*model.Network, []netip.Addr) {
	primary := primaryInterface(i.NetworkInterfaces)
	if primary == nil {
		return nil, nil
	}
	n := &model.Network{AssignPublicIP: primary.Association != nil}
	if subnet := awssdk.ToString(primary.SubnetId); subnet != "" {
		n.Subnets = []string{subnet}
	}
	for _, g := range primary.Groups {
		n.SecurityGroups = append(n.SecurityGroups, awssdk.ToString(g.GroupId))
	}
	slices.Sort(n.SecurityGroups)
	addresses := appendAddress(nil, primary.PrivateIpAddress)
	for _, a := range primary.PrivateIpAddresses {
		addresses = appendAddress(addresses, a.PrivateIpAddress)
	}
	for _, a := range primary.Ipv6Addresses {
		addresses = appendAddress(addresses, a.Ipv6Address)
	}
	return n, addresses
}

// primaryInterface is the interface with device index 0; the only one where an
// endpoint leaves the index out.
func primaryInterface(all []ec2types.InstanceNetworkInterface) *ec2types.InstanceNetworkInterface {
	for i := range all {
		a := all[i].Attachment
		if a != nil && a.DeviceIndex != nil && *a.DeviceIndex == 0 && awssdk.ToInt32(a.NetworkCardIndex) == 0 {
			return &all[i]
		}
	}
	if len(all) == 1 && (all[0].Attachment == nil || all[0].Attachment.DeviceIndex == nil) {
		return &all[0]
	}
	return nil
}
