package collect

import (
	"fmt"
	"maps"
	"slices"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/words"
)

// ownedByAWS is the owner of the prefix lists that are AWS's.
const ownedByAWS = "AWS"

// contradictLocked: a subnet has a network ACL, and lies in a VPC, which has a default
// security group.
//
// Source: Amazon VPC user guide, Network ACLs ("Each subnet in your VPC must be
// associated with a network ACL") and Default security groups.
func (c *network) contradictLocked() {
	guarded := make(set)
	for _, acl := range c.rows.networkACLs.order {
		for _, subnet := range acl.Subnets {
			guarded[subnet] = true
		}
	}
	for _, id := range c.subnetsLocked() {
		row := c.rows.subnets.get(id)
		if row == nil {
			c.calls.addAbsent(model.DescribeSubnets, id, "")
			continue
		}
		c.nameVPCLocked(row.VPC)
		if !guarded[id] {
			c.calls.addFiltered(model.DescribeNetworkAcls, id, fmt.Sprintf(
				"every subnet has a network ACL, and %s lists none of this one", model.DescribeNetworkAcls))
		}
	}
	addMissing(c.calls, model.DescribeVpcs, c.named.vpcs, c.rows.vpcs.rows)
	c.contradictDefaultGroupsLocked()
}

// subnetsLocked are the subnets of tasks, instances and load balancers, sorted.
func (c *network) subnetsLocked() []string {
	all := maps.Clone(c.named.subnets)
	for _, l := range c.rows.loadBalancers.order {
		for _, id := range l.Subnets {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// contradictDefaultGroupsLocked: tasks that name no security group have the default one
// of their VPC.
func (c *network) contradictDefaultGroupsLocked() {
	known := make(set)
	for _, g := range c.rows.securityGroups.order {
		if g.Name == "default" {
			known[g.VPC] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.named.groupless)) {
		if row := c.rows.subnets.get(id); row != nil && row.VPC != "" && !known[row.VPC] {
			c.calls.addFiltered(model.DescribeSecurityGroups, row.VPC, fmt.Sprintf(
				"tasks in VPC %s have its default security group, and %s lists none",
				aws.Printable(row.VPC), model.DescribeSecurityGroups))
		}
	}
}

// contradictLocked: a list of AWS's own is never empty. One of an account may be.
func (c *prefixLists) contradictLocked() {
	for _, l := range c.rows.prefixLists.order {
		if l.Owner == ownedByAWS && l.Entries != nil && len(l.Entries) == 0 {
			c.calls.addFiltered(model.GetPrefixListEntries, l.ID, fmt.Sprintf(
				"%s is a prefix list of AWS's, and %s lists no entry of it", aws.Printable(l.Name), model.GetPrefixListEntries))
			c.rows.prefixLists.change(l.ID, func(row *model.PrefixList) { row.Entries = nil })
		}
	}
}

// contradictLocked: a load balancer, an instance and a task that runs have network
// interfaces with their security groups.
func (c *networkInterfaces) contradictLocked() {
	seen := make(set)
	for _, n := range c.rows.interfaces.order {
		for _, id := range n.SecurityGroups {
			seen[id] = true
		}
	}
	for id, holder := range c.holdersLocked() {
		group := c.rows.securityGroups.get(id)
		if group == nil || !group.InterfacesRead || seen[id] {
			continue
		}
		c.calls.addFiltered(model.DescribeNetworkInterfaces, id, fmt.Sprintf(
			"%s has this security group, and %s lists no interface with it", holder, model.DescribeNetworkInterfaces))
	}
}

// holdersLocked name for security groups something that surely has an interface with them.
func (c *networkInterfaces) holdersLocked() map[string]string {
	holders := make(map[string]string)
	hold := func(what, name string, groups []string) {
		for _, id := range groups {
			if holders[id] == "" {
				holders[id] = what + " " + aws.Printable(name)
			}
		}
	}
	for _, l := range c.rows.loadBalancers.order {
		if l.State == "active" {
			hold("load balancer", l.Name, l.SecurityGroups)
		}
	}
	for _, i := range c.rows.instances.order {
		if i.Network != nil {
			hold("instance", i.InstanceID, i.Network.SecurityGroups)
		}
	}
	for _, s := range c.rows.services.order {
		for i := range s.Deployments {
			if d := &s.Deployments[i]; d.Network != nil && d.RunningCount > 0 {
				hold(words.Count(d.RunningCount, "task")+" of", s.Name, d.Network.SecurityGroups)
			}
		}
	}
	return holders
}
