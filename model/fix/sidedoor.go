package fix

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// sideDoors are the rules that nothing needs once the agent has moved: they let
// Service Connect callers connect to the app past it. They go last, when the old
// tasks are gone, and only where they are about the container port alone.
func (c *context) sideDoors(steps []Step, containerPort int) []Step {
	after, err := Outcome(c.snapshot, c.service.Ref(), steps)
	if err != nil {
		return nil
	}
	next := c.on(after)
	var out []Step
	for _, p := range next.callersOf(containerPort) {
		if p.Facts.SideDoor == nil || p.Access != reach.Allowed {
			continue
		}
		for _, id := range c.groupsOf(c.service.Ref()) {
			g, missing := c.ix.SecurityGroup(id)
			if missing != nil {
				continue
			}
			for i := range g.Ingress {
				if r := &g.Ingress[i]; c.onlyCallersUse(r, p, containerPort) {
					out = appendStep(out, Step{
						Kind: RevokeIngress, Group: id, Rule: r, Later: true,
						Title: fmt.Sprintf("Remove the rule for %s from %s of %s: Service Connect callers no longer need it",
							r.Ports(), c.ix.GroupLabel(r.Group.ID), c.ix.GroupLabel(id)),
					})
				}
			}
		}
	}
	return out
}

// onlyCallersUse tells whether a rule is about the container port alone and names a
// group of the callers that no load balancer has.
func (c *context) onlyCallersUse(r *model.SecurityGroupRule, callers *reach.Path, containerPort int) bool {
	if r.Group == nil || r.FromPort != containerPort || r.ToPort != containerPort {
		return false
	}
	for i := range c.snapshot.LoadBalancers {
		for _, id := range c.snapshot.LoadBalancers[i].SecurityGroups {
			if id == r.Group.ID {
				return false
			}
		}
	}
	for ref := range callers.Source.Services.All() {
		for _, id := range c.groupsOf(ref) {
			if id == r.Group.ID {
				return true
			}
		}
	}
	return false
}

// appendStep adds a step, unless the same one is there.
func appendStep(all []Step, s Step) []Step {
	o := opening{steps: all}
	o.add(s)
	return o.steps
}
