package collect

import (
	"context"
	"maps"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// readNetwork starts what is read of the VPCs.
func (c *collection) readNetwork(ctx context.Context) {
	c.start(ctx, call{action: model.DescribeSubnets, run: c.describeSubnets})
	c.start(ctx, call{action: model.DescribeVpcs, run: c.describeVPCs})
	c.start(ctx, call{action: model.DescribeNetworkAcls, run: c.describeNetworkACLs})
	c.readSecurityGroups(ctx)
}

func (c *collection) describeSubnets(ctx context.Context) error {
	pages := ec2.NewDescribeSubnetsPaginator(c.session.EC2, &ec2.DescribeSubnetsInput{
		MaxResults: aws.PageSize(model.DescribeSubnets),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeSubnetsOutput) {
		c.picture.update(func() {
			for i := range page.Subnets {
				row := convert.Subnet(&page.Subnets[i])
				c.picture.subnets.put(row.ID, row)
			}
		})
	})
}

func (c *collection) describeVPCs(ctx context.Context) error {
	pages := ec2.NewDescribeVpcsPaginator(c.session.EC2, &ec2.DescribeVpcsInput{
		MaxResults: aws.PageSize(model.DescribeVpcs),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeVpcsOutput) {
		c.picture.update(func() {
			for i := range page.Vpcs {
				row := convert.VPC(&page.Vpcs[i])
				c.picture.vpcs.put(row.ID, row)
			}
		})
	})
}

func (c *collection) describeNetworkACLs(ctx context.Context) error {
	pages := ec2.NewDescribeNetworkAclsPaginator(c.session.EC2, &ec2.DescribeNetworkAclsInput{
		MaxResults: aws.PageSize(model.DescribeNetworkAcls),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeNetworkAclsOutput) {
		c.picture.update(func() {
			for i := range page.NetworkAcls {
				row := convert.NetworkACL(&page.NetworkAcls[i])
				c.picture.networkACLs.put(row.ID, row)
			}
		})
	})
}

// readSecurityGroups reads the groups of whole VPCs, so that most references
// between groups are resolved: first of the VPCs that the services are in, then
// of those that only a load balancer is in, and last, by id, groups that belong
// to neither (a group may be shared with another VPC).
func (c *collection) readSecurityGroups(ctx context.Context) {
	action := model.DescribeSecurityGroups
	services, subnets := c.settled(model.DescribeServices), c.settled(model.DescribeSubnets)
	inUse := func() bool {
		return subnets() && (services() ||
			c.picture.services.len() > manyServices && len(c.picture.vpcsLocked()) > 0)
	}
	c.when(ctx, action, inUse, func(ctx context.Context) {
		c.start(ctx, call{action: action, run: func(ctx context.Context) error {
			err := c.readGroupsOfVPCs(ctx)
			if err == nil {
				c.readMoreSecurityGroups(ctx)
			}
			return err
		}})
	})
	c.when(ctx, model.DescribeManagedPrefixLists, c.settled(action), c.readPrefixLists)
}

// readMoreSecurityGroups reads the groups that are still missing when everything
// that names groups is known.
func (c *collection) readMoreSecurityGroups(ctx context.Context) {
	action := model.DescribeSecurityGroups
	c.when(ctx, action, c.settled(aws.OperationOf(action).After...), func(ctx context.Context) {
		c.start(ctx, call{action: action, run: c.readUnaskedGroups})
	})
}

// readUnaskedGroups reads the groups of VPCs, and those by id, that nobody asked
// for yet.
func (c *collection) readUnaskedGroups(ctx context.Context) error {
	err := c.readGroupsOfVPCs(ctx)
	if err == nil {
		c.readGroupsByID(ctx)
	}
	return err
}

// vpcsLocked are the VPCs in use, sorted.
func (p *picture) vpcsLocked() []string {
	for id := range p.wanted.subnets {
		if row := p.subnets.get(id); row != nil {
			p.wanted.addVPC(row.VPC)
		}
	}
	return slices.Sorted(maps.Keys(p.wanted.vpcs))
}

// readGroupsOfVPCs reads the groups of the VPCs in use that were not asked for
// yet.
func (c *collection) readGroupsOfVPCs(ctx context.Context) error {
	c.picture.mu.Lock()
	fresh := unasked(c.picture.wanted.askedGroups, c.picture.vpcsLocked())
	c.picture.mu.Unlock()
	for batch := range slices.Chunk(fresh, aws.Batch(model.DescribeSecurityGroups)) {
		if err := c.describeSecurityGroups(ctx, "vpc-id", batch); err != nil {
			return err
		}
	}
	return nil
}

// unasked are the ids that were not asked for yet. From now on they were.
func unasked(asked map[string]bool, ids []string) []string {
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
func (c *collection) readGroupsByID(ctx context.Context) {
	c.picture.mu.Lock()
	ids := unasked(c.picture.wanted.askedGroups, c.picture.missingGroupsLocked())
	c.picture.mu.Unlock()
	for batch := range slices.Chunk(ids, aws.Batch(model.DescribeSecurityGroups)) {
		c.start(ctx, call{
			action: model.DescribeSecurityGroups, resources: batch,
			run: func(ctx context.Context) error { return c.describeSecurityGroups(ctx, "group-id", batch) },
		})
	}
}

// missingGroupsLocked are the groups that are attached somewhere and were not
// read, sorted.
func (p *picture) missingGroupsLocked() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(p.wanted.securityGroups)), func(id string) bool {
		return p.securityGroups.get(id) != nil
	})
}

func (c *collection) describeSecurityGroups(ctx context.Context, filter string, values []string) error {
	pages := ec2.NewDescribeSecurityGroupsPaginator(c.session.EC2, &ec2.DescribeSecurityGroupsInput{
		Filters:    []ec2types.Filter{{Name: &filter, Values: values}},
		MaxResults: aws.PageSize(model.DescribeSecurityGroups),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeSecurityGroupsOutput) {
		c.picture.update(func() {
			for i := range page.SecurityGroups {
				row := convert.SecurityGroup(&page.SecurityGroups[i])
				c.picture.securityGroups.put(row.ID, row)
				c.picture.wanted.addPrefixLists(row.Ingress, row.Egress)
			}
		})
	})
}

// addPrefixLists notes the prefix lists that security group rules refer to.
func (w *wanted) addPrefixLists(directions ...[]model.SecurityGroupRule) {
	for _, rules := range directions {
		for i := range rules {
			if id := rules[i].PrefixList; id != "" {
				w.prefixLists[id] = true
			}
		}
	}
}

// readPrefixLists reads the prefix lists that the security groups refer to.
func (c *collection) readPrefixLists(ctx context.Context) {
	c.picture.mu.Lock()
	w := &c.picture.wanted
	ids, names := unasked(w.askedLists, slices.Sorted(maps.Keys(w.prefixLists))), unasked(w.askedLists, c.picture.latticeListsLocked())
	c.picture.mu.Unlock()
	for batch := range slices.Chunk(ids, aws.Batch(model.DescribeManagedPrefixLists)) {
		c.readPrefixListsBy(ctx, "prefix-list-id", batch)
	}
	if len(names) > 0 {
		c.readPrefixListsBy(ctx, "prefix-list-name", names)
	}
}

func (c *collection) readPrefixListsBy(ctx context.Context, filter string, values []string) {
	c.start(ctx, call{
		action: model.DescribeManagedPrefixLists, resources: values,
		run: func(ctx context.Context) error { return c.describePrefixLists(ctx, filter, values) },
	})
}

// latticeListsLocked are the names of the lists that hold the addresses which VPC
// Lattice sends from, where a service is in Lattice. No security group needs to
// refer to them. A region may lack the second one, for IPv6.
func (p *picture) latticeListsLocked() []string {
	lattice := func(d model.Deployment) bool { return len(d.VPCLattice) > 0 }
	if !slices.ContainsFunc(p.services.order, func(s *model.Service) bool { return slices.ContainsFunc(s.Deployments, lattice) }) {
		return nil
	}
	return []string{"com.amazonaws." + p.region + ".vpc-lattice", "com.amazonaws." + p.region + ".ipv6.vpc-lattice"}
}

func (c *collection) describePrefixLists(ctx context.Context, filter string, values []string) error {
	pages := ec2.NewDescribeManagedPrefixListsPaginator(c.session.EC2, &ec2.DescribeManagedPrefixListsInput{
		Filters:    []ec2types.Filter{{Name: &filter, Values: values}},
		MaxResults: aws.PageSize(model.DescribeManagedPrefixLists),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeManagedPrefixListsOutput) {
		for i := range page.PrefixLists {
			row := convert.PrefixList(&page.PrefixLists[i])
			known := false // by its id, or by its name
			c.picture.update(func() {
				if known = c.picture.prefixLists.get(row.ID) != nil; !known {
					c.picture.prefixLists.put(row.ID, row)
				}
			})
			if known {
				continue
			}
			c.start(ctx, call{
				action: model.GetPrefixListEntries, resources: []string{row.ID}, scope: row.ID,
				run: func(ctx context.Context) error { return c.getPrefixListEntries(ctx, row) },
			})
		}
	})
}

// getPrefixListEntries reads the entries of a list, which are shown only when
// they are complete.
func (c *collection) getPrefixListEntries(ctx context.Context, row model.PrefixList) error {
	row.Entries = []netip.Prefix{}
	pages := ec2.NewGetManagedPrefixListEntriesPaginator(c.session.EC2, &ec2.GetManagedPrefixListEntriesInput{
		PrefixListId: &row.ID, MaxResults: aws.PageSize(model.GetPrefixListEntries),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			row.Entries = convert.AppendCIDR(row.Entries, e.Cidr)
		}
	}
	c.picture.update(func() { c.picture.prefixLists.put(row.ID, row) })
	return nil
}
