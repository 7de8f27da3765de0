package planner

import (
	"fmt"

	"hopscope/model/fix"
	"hopscope/model/reach"
)

// rulesPerGroup is how many rules a security group may have in each direction, unless
// the quota was raised.
//
// Source: Amazon VPC user guide, Amazon VPC quotas.
const rulesPerGroup = 60

// rulesOver is by how many rules a group would exceed the quota if some were added to its
// ingress. Where it has more already, the quota was raised, and is not known.
func (c *situation) rulesOver(group string, added int) int {
	g := c.group(group)
	if g == nil || len(g.Ingress) > rulesPerGroup {
		return 0
	}
	return max(len(g.Ingress)+added-rulesPerGroup, 0)
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
	added := map[string]int{}
	for _, s := range now(steps) {
		if s.Kind == fix.AuthorizeIngress {
			added[s.Group]++
		}
	}
	for _, s := range steps {
		if over := c.rulesOver(s.Group, added[s.Group]); s.Kind == fix.AuthorizeIngress && over > 0 {
			return &fix.Refusal{
				Reason: fmt.Sprintf("%s has %d rules for what comes in, and needs %d more: the quota is %d unless it was "+
					"raised", c.ix.GroupLabel(s.Group), len(c.group(s.Group).Ingress), added[s.Group], rulesPerGroup),
				Instead: "give the callers one group, or admit them by their addresses or a prefix list, refresh, and plan again",
			}
		}
	}
	return nil
}
