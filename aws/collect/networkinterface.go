package collect

import (
	"context"
	"maps"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// networkInterfaces reads the interfaces with groups that rules admit, where
// everything is to be read: never those of the whole account.
type networkInterfaces struct {
	*run

	network *network
}

// read starts when all security groups are known.
func (c *networkInterfaces) read(ctx context.Context) {
	if !c.options.Everything {
		return
	}
	action := model.DescribeNetworkInterfaces
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		var groups []string
		c.locked(func() { groups = c.admittedLocked() })
		c.startBatches(ctx, action, groups, c.describe)
	})
}

// admittedLocked are the groups of this account that rules of a load balancer's, a
// task's or an instance's groups admit, sorted.
func (c *networkInterfaces) admittedLocked() []string {
	admitted := make(set)
	for id := range c.network.named.groups {
		group := c.rows.securityGroups.get(id)
		if group == nil {
			continue
		}
		for i := range group.Ingress {
			if peer := group.Ingress[i].Group; peer != nil && peer.Account == "" {
				admitted[peer.ID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(admitted))
}

// describe reads the interfaces that have any of some groups. Those that AWS manages
// would be hidden otherwise.
func (c *networkInterfaces) describe(ctx context.Context, groups []string) error {
	pages := ec2.NewDescribeNetworkInterfacesPaginator(c.session.EC2, &ec2.DescribeNetworkInterfacesInput{
		Filters:                 []ec2types.Filter{{Name: awssdk.String("group-id"), Values: groups}},
		MaxResults:              aws.PageSize(model.DescribeNetworkInterfaces),
		IncludeManagedResources: awssdk.Bool(true),
	})
	err := aws.EachPage(ctx, pages, func(page *ec2.DescribeNetworkInterfacesOutput) {
		putAll(c.run, &c.rows.interfaces, page.NetworkInterfaces, convert.NetworkInterface)
	})
	if err != nil {
		return err
	}
	c.update(func() {
		for _, id := range groups {
			c.rows.securityGroups.change(id, func(row *model.SecurityGroup) { row.InterfacesRead = true })
		}
	})
	return nil
}
