package collect

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// prefixLists reads the prefix lists that security group rules refer to, and those
// of VPC Lattice.
type prefixLists struct {
	*run

	// named are the lists that rules refer to, asked those that were asked for, by
	// id or name.
	named, asked set
}

// nameLocked notes the prefix lists that security group rules refer to.
func (c *prefixLists) nameLocked(directions ...[]model.SecurityGroupRule) {
	for _, rules := range directions {
		for i := range rules {
			if id := rules[i].PrefixList; id != "" {
				c.named[id] = true
			}
		}
	}
}

// read reads the lists that were not asked for yet.
func (c *prefixLists) read(ctx context.Context) {
	c.mu.Lock()
	ids := unasked(c.asked, slices.Sorted(maps.Keys(c.named)))
	names := unasked(c.asked, c.latticeListsLocked())
	c.mu.Unlock()
	c.readBy(ctx, "prefix-list-id", ids)
	c.readBy(ctx, "prefix-list-name", names)
}

func (c *prefixLists) readBy(ctx context.Context, filter string, values []string) {
	c.startBatches(ctx, model.DescribeManagedPrefixLists, values, func(ctx context.Context, batch []string) error {
		return c.describe(ctx, filter, batch)
	})
}

// latticeListsLocked are the names of the lists that hold the addresses which VPC
// Lattice sends from, where a service is in Lattice. No security group needs to
// refer to them. A region may lack the second one, for IPv6.
func (c *prefixLists) latticeListsLocked() []string {
	lattice := func(d model.Deployment) bool { return len(d.VPCLattice) > 0 }
	if !slices.ContainsFunc(c.rows.services.order,
		func(s *model.Service) bool { return slices.ContainsFunc(s.Deployments, lattice) }) {
		return nil
	}
	return []string{
		"com.amazonaws." + c.rows.region + ".vpc-lattice",
		"com.amazonaws." + c.rows.region + ".ipv6.vpc-lattice",
	}
}

func (c *prefixLists) describe(ctx context.Context, filter string, values []string) error {
	pages := ec2.NewDescribeManagedPrefixListsPaginator(c.session.EC2, &ec2.DescribeManagedPrefixListsInput{
		Filters:    []ec2types.Filter{{Name: &filter, Values: values}},
		MaxResults: aws.PageSize(model.DescribeManagedPrefixLists),
	})
	return aws.EachPage(ctx, pages, func(page *ec2.DescribeManagedPrefixListsOutput) {
		for i := range page.PrefixLists {
			row := convert.PrefixList(&page.PrefixLists[i])
			known := false // by its id, or by its name
			c.update(func() {
				if known = c.rows.prefixLists.get(row.ID) != nil; !known {
					c.rows.prefixLists.put(row)
				}
			})
			if known {
				continue
			}
			c.start(ctx, call{
				action: model.GetPrefixListEntries, resources: []string{row.ID}, scope: row.ID,
				send: func(ctx context.Context) error { return c.getEntries(ctx, row) },
			})
		}
	})
}

// getEntries reads the entries of a list, which are shown only when
// they are complete.
func (c *prefixLists) getEntries(ctx context.Context, row model.PrefixList) error {
	row.Entries = []netip.Prefix{}
	pages := ec2.NewGetManagedPrefixListEntriesPaginator(c.session.EC2, &ec2.GetManagedPrefixListEntriesInput{
		PrefixListId: &row.ID, MaxResults: aws.PageSize(model.GetPrefixListEntries),
	})
	err := aws.EachPage(ctx, pages, func(page *ec2.GetManagedPrefixListEntriesOutput) {
		for _, e := range page.Entries {
			row.Entries = convert.AppendCIDR(row.Entries, e.Cidr)
		}
	})
	if err != nil {
		return err
	}
	c.update(func() { c.rows.prefixLists.put(row) })
	return nil
}

func (c *prefixLists) finishLocked() {
	addMissing(c.calls, model.DescribeManagedPrefixLists, c.named, c.rows.prefixLists.rows)
	for _, name := range c.latticeListsLocked() {
		named := func(l *model.PrefixList) bool { return l.Name == name }
		if !strings.Contains(name, ".ipv6.") && !slices.ContainsFunc(c.rows.prefixLists.order, named) {
			c.calls.addAbsent(model.DescribeManagedPrefixLists, name, "")
		}
	}
}
