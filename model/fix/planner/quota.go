package planner

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
)

// rulesPerGroup is how many rules a security group may have in each direction, unless
// the quota was raised.
//
// Source: Amazon VPC user guide, Amazon VPC quotas.
const rulesPerGroup = 60

// rulesOver is by how many rules a group would exceed the quota of a direction if the
// steps of that kind were carried out. Where it has more already, the quota was raised, and
// is not known.
func (c *situation) rulesOver(group string, kind fix.StepKind, steps []fix.Step) int {
	g := c.group(group)
	if g == nil {
		return 0
	}
	rules := g.Ingress
	if kind == fix.AuthorizeEgress {
		rules = g.Egress
	}
	var v4, v6 int
	for i := range rules {
		c.count(&rules[i], &v4, &v6)
	}
	if max(v4, v6) > rulesPerGroup {
		return 0
	}
	for i := range steps {
		if s := &steps[i]; s.Kind == kind && s.Group == group {
			c.count(s.Rule, &v4, &v6)
		}
	}
	return max(v4-rulesPerGroup, v6-rulesPerGroup, 0)
}

// count counts a rule as EC2 does: those for IPv4 and for IPv6 apart, one for a group as
// both, and one for a prefix list as many as that has entries.
func (c *situation) count(r *model.SecurityGroupRule, v4, v6 *int) {
	n := 1
	if r.PrefixList != "" {
		if list, missing := c.ix.PrefixList(r.PrefixList); missing == nil {
			n = len(list.Entries)
		}
	}
	if !r.CIDR.IsValid() || r.CIDR.Addr().Is4() {
		*v4 += n
	}
	if !r.CIDR.IsValid() || r.CIDR.Addr().Is6() {
		*v6 += n
	}
}

// rangesAt are the addresses that the groups of the tasks admit on a port.
func rangesAt(c *situation, port int) []peer {
	var out []peer
	for _, id := range reach.TaskGroups(c.ix, c.service) {
		g := c.group(id)
		if g == nil {
			continue
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if r.Covers("tcp", port) && r.CIDR.IsValid() {
				out = append(out, peer{rest: *r})
			}
		}
	}
	return out
}

// refuseQuota refuses a plan that a group has no room for: EC2 would take the first rules,
// and refuse the others when some are there.
func refuseQuota(c *situation, steps []fix.Step) *fix.Refusal {
	first := now(steps)
	for _, s := range first {
		if s.Kind != fix.AuthorizeIngress && s.Kind != fix.AuthorizeEgress {
			continue
		}
		over := c.rulesOver(s.Group, s.Kind, first)
		if over == 0 {
			continue
		}
		way := "comes in"
		if s.Kind == fix.AuthorizeEgress {
			way = "goes out"
		}
		return &fix.Refusal{
			Reason: fmt.Sprintf("%s has no room for all rules for what %s: they would be %d more than the quota of %d, unless "+
				"it was raised", c.ix.GroupLabel(s.Group), way, over, rulesPerGroup),
			Instead: "give the callers one group, or admit them by their addresses or a prefix list, refresh, and plan again",
		}
	}
	return nil
}
