package planner

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// manyUsers is how many services may share a group of which a rule is removed or added: each
// of them is looked at.
const manyUsers = 20

// leftovers are the rules that nothing needs once the agent has moved: they admit
// Service Connect callers on the port where it was. They go last, when the old tasks
// are gone, and only where they are about that port alone, and no path that hopscope
// knows uses them. next is what would be.
func leftovers(c *situation, next *situation, containerPort int) ([]fix.Step, error) {
	var named []fix.Step
	for _, old := range c.callers(containerPort) {
		if (old.Access == reach.Allowed || old.Facts.Intended) && old.Target.WirePortEnd == 0 {
			named = appendCallersRules(next, named, old, old.Target.WirePort)
		}
	}
	needless, err := needlessOf(next, named)
	for i := range needless {
		needless[i].Later = true
	}
	return needless, err
}

// appendCallersRules adds steps that revoke the rules which admit the callers of a path on
// a port, if no path is known whose callers connect to it.
func appendCallersRules(c *situation, all []fix.Step, callers *reach.Path, port int) []fix.Step {
	if slices.ContainsFunc(c.used(port), func(p *reach.Path) bool { return p.Source.Services.Len() > 0 }) {
		return all
	}
	return appendRevokes(c, all, "Service Connect callers do not need it", func(r *model.SecurityGroupRule) bool {
		return namesCaller(c, r, callers, port)
	})
}

// appendRevokes adds steps that revoke the rules of the tasks' groups which something is
// true of.
func appendRevokes(c *situation, all []fix.Step, why string, is func(*model.SecurityGroupRule) bool) []fix.Step {
	for _, id := range reach.TaskGroups(c.ix, c.service) {
		g := c.group(id)
		if g == nil {
			continue
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if r.Group == nil || !is(r) {
				continue
			}
			all = appendStep(all, fix.Step{
				Kind: fix.RevokeIngress, Group: id, Rule: r,
				Title: fmt.Sprintf("Remove the rule for %s from %s of %s: %s",
					r.Ports(), c.ix.GroupLabel(r.Group.ID), c.ix.GroupLabel(id), why),
			})
		}
	}
	return all
}

// used are the paths that connect to a port of the service, or are meant to: where the
// source's own egress refuses them, the rule that admits them is not to blame.
func (c *situation) used(port int) []*reach.Path {
	return slices.DeleteFunc(slices.Clone(c.paths), func(p *reach.Path) bool {
		return p.Target.WirePort != port || p.Access == reach.Blocked && !p.Facts.Intended
	})
}

// namesCaller tells whether a rule is about one port alone and names a group of the
// callers.
func namesCaller(c *situation, r *model.SecurityGroupRule, callers *reach.Path, port int) bool {
	if r.FromPort != port || r.ToPort != port || !model.CoversProtocol(r.Protocol, "tcp") ||
		r.Protocol == model.AllProtocols {
		return false
	}
	return slices.ContainsFunc(c.holders.Services(r.Group.ID), callers.Source.Services.Contains)
}

// needlessOf are those of some steps that no known path needs the rules of. One world
// without all of these tells of most: what nothing needs together, nothing needs alone.
// Otherwise each is tried beside those that can go, so that of two rules which admit one
// source the second stays.
func needlessOf(c *situation, steps []fix.Step) ([]fix.Step, error) {
	if len(steps) > 1 {
		if all, err := isSafe(c, steps...); all || err != nil {
			return steps, err
		}
	}
	var needless []fix.Step
	for i := range steps {
		next := append(slices.Clip(needless), steps[i])
		safe, err := isSafe(c, next...)
		if err != nil {
			return nil, err
		}
		if safe {
			needless = next
		}
	}
	return needless, nil
}

// isSafe tells whether no known path is refused when rules are removed: neither into
// this service nor into another one that the rules lead to.
func isSafe(c *situation, steps ...fix.Step) (bool, error) {
	var users []model.Ref
	for i := range steps {
		s := &steps[i]
		behind := c.behind(s)
		if len(behind) > manyUsers || s.Kind == fix.RevokeIngress && len(c.holders.LoadBalancers(s.Group)) > 0 {
			return false, nil
		}
		users = append(users, behind...)
	}
	world, err := c.worldAfter(steps)
	if err != nil {
		return false, err
	}
	for _, ref := range once(users) {
		before, after := c.neighbour(ref), c.look(world, ref)
		for _, p := range after.paths {
			if p.Access == reach.Allowed {
				continue
			}
			if slices.ContainsFunc(before.paths, func(b *reach.Path) bool { return narrows(steps, b, p) && change.Same(b, p) }) {
				return false, nil
			}
		}
	}
	return true, nil
}

// narrows tells whether a path is admitted less far without the rules of steps than with
// them: refused now, or refused at more places, where its callers are meant to call and a
// rule is missing on their own side.
func narrows(steps []fix.Step, before, after *reach.Path) bool {
	ports := portsOf(before)
	about := slices.ContainsFunc(steps, func(s fix.Step) bool {
		r := s.Rule
		return r == nil || r.Protocol == model.AllProtocols || r.FromPort <= ports.last && ports.first <= r.ToPort
	})
	return before.Access != after.Access || before.Facts.Intended && about && !before.SameOutcome(after)
}

// neighbour is the situation of a service in the same world.
func (c *situation) neighbour(ref model.Ref) *situation {
	if ref == c.service.Ref() {
		return c
	}
	return c.look(c.world, ref)
}

// planLeftover repairs RSK402: the rule that an override has left over is revoked.
func planLeftover(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	var named []fix.Step
	port := 0
	for _, p := range c.pathsOf(f) {
		port = p.Target.ContainerPort
		named = appendCallersRules(c, named, p, port)
	}
	steps, err := needlessOf(c, named)
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return adviseLeftover(c, f, port), nil
	}
	plan := c.plan(fix.CloseSideDoor, fmt.Sprint(port),
		fmt.Sprintf("Close port %d of %s to the Service Connect callers, who use the agent's port", port, c.service.Name))
	plan.Checks = []fix.Note{sourceFirst(c, port)}
	plan.Why = "The rule is left over from before the override. No path that hopscope knows needs it, and it leads past " +
		"the agent."
	return onePlan(finishRevoke(c, plan, steps, port))
}

// sourceFirst is what to look at before the rule goes that lets callers in where the agent
// was: it is what they need when the override is put back.
func sourceFirst(c *situation, port int) fix.Note {
	where := strings.TrimSuffix(fix.UnknownOwner, ".") + " first."
	if o := fix.OwnerOf(c.service); o.Tool != fix.UnknownTool {
		where = fmt.Sprintf("The service seems to belong to %s (%s): change it there first.", o.Name(), o.Evidence)
	}
	return fix.Note{
		Title: "The source that the service is deployed from has the override",
		Detail: fmt.Sprintf("%s A deployment without the override puts the agent back on port %d, and without this rule "+
			"every Service Connect caller is refused there.", where, port),
	}
}

// planOpenOverride repairs INF503: the agent's port is closed to the load balancer,
// which does not use it.
func planOpenOverride(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	var named []fix.Step
	n := 0
	for _, p := range c.pathsOf(f) {
		offer, lb := p.Facts.Interception.Offer, p.Facts.LoadBalancer
		if offer == nil || lb == nil {
			continue
		}
		n = offer.IngressPortOverride
		named = appendRevokes(c, named, lb.Name+" does not use it", func(r *model.SecurityGroupRule) bool {
			return r.FromPort == n && r.ToPort == n && slices.Contains(lb.SecurityGroups, r.Group.ID)
		})
	}
	steps, err := needlessOf(c, named)
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return adviseLeftover(c, f, n), nil
	}
	plan := c.plan(fix.CloseSideDoor, fmt.Sprint(n),
		fmt.Sprintf("Close the agent's port %d of %s to the load balancer, which does not use it", n, c.service.Name))
	plan.Why = "The load balancer connects to the container port, whose rule stays. No path that hopscope knows needs " +
		"this one."
	return onePlan(finishRevoke(c, plan, steps))
}

// finishRevoke completes a plan that only takes rules away.
func finishRevoke(c *situation, plan *fix.Plan, steps []fix.Step, ports ...int) (*fix.Plan, error) {
	plan.Steps = steps
	for i := range steps {
		plan.Checks = append(plan.Checks, groupChecks(c, &steps[i])...)
	}
	plan.Undo = undoRules
	return finish(c, plan, opening{}, ports...)
}

// groupChecks are what to look at before a rule is removed: who else has the groups
// of both sides, which hopscope cannot see.
func groupChecks(c *situation, s *fix.Step) []fix.Note {
	notes := []fix.Note{{
		Title: fmt.Sprintf("Nothing but ECS services has the group %s", c.ix.GroupLabel(s.Group)),
		Detail: fmt.Sprintf("hopscope knows %s. Other instances, functions and databases with the group lose the rule too.",
			c.usersOf(s.Group)),
		Command: c.interfacesOf(s.Group),
	}}
	if s.Rule != nil && s.Rule.Group != nil {
		id := s.Rule.Group.ID
		notes = append(notes, fix.Note{
			Title: fmt.Sprintf("Nothing else with the group %s uses %s", c.ix.GroupLabel(id), s.Rule.Ports()),
			Detail: fmt.Sprintf("hopscope knows %s. Tasks that were run by hand, functions and instances with the group are "+
				"refused as well.", c.usersOf(id)),
			Command: c.interfacesOf(id),
		})
	}
	return notes
}

func (c *situation) interfacesOf(group string) string {
	if known, asked := c.interfaces[group]; asked {
		return known
	}
	c.interfaces[group] = c.aws("ec2", "describe-network-interfaces", "--filters", "Name=group-id,Values="+group,
		"--query", "NetworkInterfaces[].[NetworkInterfaceId,InterfaceType,Description]", "--output", "text")
	return c.interfaces[group]
}

// usersOf names who is known to have a group.
func (c *situation) usersOf(group string) string {
	var names []string
	for _, ref := range c.holders.Services(group) {
		names = append(names, ref.Service)
	}
	names = append(names, c.holders.LoadBalancers(group)...)
	switch {
	case len(names) == 0:
		return "no service that has it"
	case len(names) > 3:
		return fmt.Sprintf("%s, %s and %d more who have it", names[0], names[1], len(names)-2)
	}
	return fmt.Sprintf("only %s", list(names))
}
