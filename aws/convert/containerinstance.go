package convert

import (
	"net/netip"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// ContainerInstance is a container instance, whose network interface only EC2 tells.
func ContainerInstance(i *ecstypes.ContainerInstance) model.ContainerInstance {
	row := model.ContainerInstance{
		ARN:              awssdk.ToString(i.ContainerInstanceArn),
		InstanceID:       awssdk.ToString(i.Ec2InstanceId),
		Status:           awssdk.ToString(i.Status),
		CapacityProvider: awssdk.ToString(i.CapacityProviderName),
	}
	if i.VersionInfo != nil {
		row.AgentVersion = awssdk.ToString(i.VersionInfo.AgentVersion)
	}
	return owned(row)
}

// Interface is the primary network interface of an instance: the one that tasks
// in bridge and host mode share. The others may belong to awsvpc tasks.
func Interface(i *ec2types.Instance) (*model.Network, []netip.Addr) {
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
