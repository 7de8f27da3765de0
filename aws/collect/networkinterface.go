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

// maxAdmittedGroups are the groups that are asked about where not everything is to be
// read, five calls; of more, those that concern what the user looks at.
const maxAdmittedGroups = 1000

// networkInterfaces reads the interfaces with groups that rules admit: never those of
// the whole account.
type networkInterfaces struct {
	*run

	network   *network
	attention *attention
	// opened is set when the security groups have been read.
	opened bool
	// asked are the groups that were asked about.
	asked set
}

// read starts when the security groups of services are known, with what the user looks
// at, and goes on when all are.
func (c *networkInterfaces) read(ctx context.Context) {
	action := model.DescribeNetworkInterfaces
	c.when(ctx, action, c.settled(model.DescribeSecurityGroups), func(ctx context.Context) {
		c.locked(func() { c.opened = true })
		c.readFirst(ctx)
	})
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		var groups []string
		c.locked(func() {
			admitted := c.admittedLocked(c.network.named.groups)
			if c.options.Everything || len(admitted) <= maxAdmittedGroups {
				groups = unasked(c.asked, admitted)
			}
		})
		c.startBatches(ctx, action, groups, c.describe)
	})
}

// readFirst asks about the groups that concern what the user looks at.
func (c *networkInterfaces) readFirst(ctx context.Context) {
	looked := c.attention.at()
	var groups []string
	c.locked(func() {
		if c.opened {
			groups = unasked(c.asked, c.admittedLocked(c.groupsOfLocked(looked)))
		}
	})
	for batch := range slices.Chunk(groups, aws.Batch(model.DescribeNetworkInterfaces)) {
		c.start(ctx, call{
			action: model.DescribeNetworkInterfaces, resources: batch, urgent: true,
			send: func(ctx context.Context) error { return c.describe(aws.Urgently(ctx), batch) },
		})
	}
}

// groupsOfLocked are the groups of a service's tasks and of the load balancers before it.
func (c *networkInterfaces) groupsOfLocked(service model.Ref) set {
	groups := make(set)
	s := c.rows.services.get(service.String())
	if s == nil {
		return groups
	}
	for i := range s.Deployments {
		if n := s.Deployments[i].Network; n != nil {
			for _, id := range n.SecurityGroups {
				groups[id] = true
			}
		}
	}
	for arn := range s.TargetGroups() {
		row := c.rows.targetGroups.get(arn)
		if row == nil {
			continue
		}
		for _, arn := range row.LoadBalancers {
			if lb := c.rows.loadBalancers.get(arn); lb != nil {
				for _, id := range lb.SecurityGroups {
					groups[id] = true
				}
			}
		}
	}
	return groups
}

// admittedLocked are the groups of this account that rules of some groups admit, sorted.
func (c *networkInterfaces) admittedLocked(by set) []string {
	admitted := make(set)
	for id := range by {
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
