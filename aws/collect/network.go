package collect

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// network reads subnets, VPCs, network ACLs and security groups.
type network struct {
	*run

	prefixLists *prefixLists
	// named is what tasks, load balancers and instances refer to. The groupless are subnets
	// of tasks that refer to no group.
	named struct{ groups, subnets, vpcs, groupless set }
	// asked are the VPCs and ids that security groups were asked for by.
	asked set
}

func newNetwork(r *run, p *prefixLists) *network {
	n := &network{run: r, prefixLists: p, asked: make(set)}
	n.named.groups, n.named.subnets, n.named.vpcs, n.named.groupless = make(set), make(set), make(set), make(set)
	return n
}

// nameLocked notes the subnets and security groups of tasks.
func (c *network) nameLocked(n *model.Network) {
	if n == nil {
		return
	}
	for _, id := range n.Subnets {
		c.named.subnets[id] = true
		if len(n.SecurityGroups) == 0 {
			c.named.groupless[id] = true
		}
	}
	for _, id := range n.SecurityGroups {
		c.named.groups[id] = true
	}
}

// nameVPCLocked notes the VPC of a target group or load balancer.
func (c *network) nameVPCLocked(id string) {
	if id != "" {
		c.named.vpcs[id] = true
	}
}

// read starts what is read of the VPCs.
func (c *network) read(ctx context.Context) {
	c.start(ctx, call{action: model.DescribeSubnets, send: c.describeSubnets})
	c.start(ctx, call{action: model.DescribeVpcs, send: c.describeVPCs})
	c.start(ctx, call{action: model.DescribeNetworkAcls, send: c.describeNetworkACLs})
	c.readSecurityGroups(ctx)
}

func (c *network) describeSubnets(ctx context.Context) error {
	pages := ec2.NewDescribeSubnetsPaginator(c.session.EC2, &ec2.DescribeSubnetsInput{
		MaxResults: aws.PageSize(model.DescribeSubnets),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeSubnetsOutput) {
		putAll(c.run, &c.rows.subnets, page.Subnets, convert.Subnet)
	})
}

func (c *network) describeVPCs(ctx context.Context) error {
	pages := ec2.NewDescribeVpcsPaginator(c.session.EC2, &ec2.DescribeVpcsInput{
		MaxResults: aws.PageSize(model.DescribeVpcs),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeVpcsOutput) {
		putAll(c.run, &c.rows.vpcs, page.Vpcs, convert.VPC)
	})
}

func (c *network) describeNetworkACLs(ctx context.Context) error {
	pages := ec2.NewDescribeNetworkAclsPaginator(c.session.EC2, &ec2.DescribeNetworkAclsInput{
		MaxResults: aws.PageSize(model.DescribeNetworkAcls),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeNetworkAclsOutput) {
		putAll(c.run, &c.rows.networkACLs, page.NetworkAcls, convert.NetworkACL)
	})
}

// readSecurityGroups reads the groups of whole VPCs, so that most references
// between groups are resolved: first of the VPCs that the services are in, then
// of those that only a load balancer is in, and last, by id, groups that belong
// to neither (a group may be shared with another VPC).
func (c *network) readSecurityGroups(ctx context.Context) {
	action := model.DescribeSecurityGroups
	services, subnets := c.settled(model.DescribeServices), c.settled(model.DescribeSubnets)
	inUse := func() bool {
		return subnets() && (services() ||
			c.rows.services.len() > manyServices && len(c.vpcsLocked()) > 0)
	}
	c.when(ctx, action, inUse, func(ctx context.Context) {
		c.start(ctx, call{action: action, send: func(ctx context.Context) error {
			err := c.readGroupsOfVPCs(ctx)
			if err == nil {
				c.readMoreSecurityGroups(ctx)
			}
			return err
		}})
	})
	c.when(ctx, model.DescribeManagedPrefixLists, c.settled(action), c.prefixLists.read)
}

// readMoreSecurityGroups reads the groups that are still missing when everything
// that names groups is known.
func (c *network) readMoreSecurityGroups(ctx context.Context) {
	action := model.DescribeSecurityGroups
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		c.start(ctx, call{action: action, send: c.readUnaskedGroups})
	})
}

// readUnaskedGroups reads the groups of VPCs, and those by id, that were not asked
// for yet.
func (c *network) readUnaskedGroups(ctx context.Context) error {
	err := c.readGroupsOfVPCs(ctx)
	if err == nil {
		c.readGroupsByID(ctx)
	}
	return err
}

// vpcsLocked are the VPCs in use, sorted.
func (c *network) vpcsLocked() []string {
	for id := range c.named.subnets {
		if row := c.rows.subnets.get(id); row != nil {
			c.nameVPCLocked(row.VPC)
		}
	}
	return slices.Sorted(maps.Keys(c.named.vpcs))
}

// readGroupsOfVPCs reads the groups of the VPCs in use that were not asked for
// yet.
func (c *network) readGroupsOfVPCs(ctx context.Context) error {
	c.mu.Lock()
	fresh := unasked(c.asked, c.vpcsLocked())
	c.mu.Unlock()
	for batch := range slices.Chunk(fresh, aws.Batch(model.DescribeSecurityGroups)) {
		if err := c.describeSecurityGroups(ctx, "vpc-id", batch); err != nil {
			return err
		}
	}
	return nil
}

// unasked are the ids that were not asked for yet. From now on they were.
func unasked(asked set, ids []string) []string {
	var fresh []string
	for _, id := range ids {
		if !asked[id] {
			asked[id] = true
			fresh = append(fresh, id)
		}
	}
	return fresh
}

// readGroupsByID reads the groups that are attached somewhere and that the VPCs
// did not hold. A filter leaves out an id that is gone, where a list of ids would
// fail.
func (c *network) readGroupsByID(ctx context.Context) {
	c.mu.Lock()
	ids := unasked(c.asked, c.missingGroupsLocked())
	c.mu.Unlock()
	c.startBatches(ctx, model.DescribeSecurityGroups, ids, func(ctx context.Context, batch []string) error {
		return c.describeSecurityGroups(ctx, "group-id", batch)
	})
}

// missingGroupsLocked are the groups that are attached somewhere and were not
// read, sorted.
func (c *network) missingGroupsLocked() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.named.groups)), func(id string) bool {
		return c.rows.securityGroups.get(id) != nil
	})
}

func (c *network) describeSecurityGroups(ctx context.Context, filter string, values []string) error {
	pages := ec2.NewDescribeSecurityGroupsPaginator(c.session.EC2, &ec2.DescribeSecurityGroupsInput{
		Filters:    []ec2types.Filter{{Name: &filter, Values: values}},
		MaxResults: aws.PageSize(model.DescribeSecurityGroups),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeSecurityGroupsOutput) {
		c.update(func() {
			for i := range page.SecurityGroups {
				row := convert.SecurityGroup(&page.SecurityGroups[i])
				c.rows.securityGroups.put(row)
				c.prefixLists.nameLocked(row.Ingress, row.Egress)
			}
		})
	})
}

// anyUnaskedLocked tells whether VPCs or groups are named by now that were not
// asked for.
func (c *network) anyUnaskedLocked() bool {
	fresh := func(id string) bool { return !c.asked[id] }
	return slices.ContainsFunc(c.vpcsLocked(), fresh) || slices.ContainsFunc(c.missingGroupsLocked(), fresh)
}

// readLate reads the security groups, with their prefix lists, that only what was
// found behind the core names.
func (c *network) readLate(ctx context.Context) {
	c.start(ctx, call{action: model.DescribeSecurityGroups, send: c.readUnaskedGroups})
	c.when(ctx, model.DescribeManagedPrefixLists, c.settled(model.DescribeSecurityGroups), c.prefixLists.read)
}

func (c *network) finishLocked() {
	addMissing(c.calls, model.DescribeSecurityGroups, c.named.groups, c.rows.securityGroups.rows)
	addMissing(c.calls, model.DescribeSubnets, c.named.subnets, c.rows.subnets.rows)
}
