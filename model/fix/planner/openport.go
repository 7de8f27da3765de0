package planner

import (
	"cmp"
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/reach"
)

// opening is what lets the sources of paths through: rules to add, and what no rule
// of ours can repair.
type opening struct {
	steps    []fix.Step
	blockers []fix.Note
	// ranges are the addresses that the callers are admitted by now: their rules are
	// repeated where a rule for each caller would be too many.
	ranges []peer
	// after is what would be once everything is opened, if that was derived.
	after *situation
}

// add adds a step, unless an earlier one does the same.
func (o *opening) add(s fix.Step) { o.steps = appendStep(o.steps, s) }

// appendStep adds a step, unless an earlier one does the same.
func appendStep(all []fix.Step, s fix.Step) []fix.Step {
	if slices.ContainsFunc(all, func(e fix.Step) bool { return e.Same(&s) }) {
		return all
	}
	return append(all, s)
}

// block notes what no rule of ours can repair, once.
func (o *opening) block(n fix.Note) {
	if !slices.Contains(o.blockers, n) {
		o.blockers = append(o.blockers, n)
	}
}

// refusal is why a plan with these blockers is not carried out, nil without any.
func (o *opening) refusal() *fix.Refusal {
	if len(o.blockers) == 0 {
		return nil
	}
	return &fix.Refusal{Reason: o.blockers[0].Title, Instead: o.blockers[0].Detail}
}

// lacking is a blocker: a fact without which no rule can be planned.
func (o *opening) lacking(what string, m *model.Missing) {
	o.block(fix.Note{
		Title:  fmt.Sprintf("%s: it is not known %s", m.String(), what),
		Detail: fmt.Sprintf("Allow %s for hopscope, refresh, and plan again.", m.Action),
	})
}

// openFor finds what refuses a path, and the rules that would let it pass.
func openFor(c *situation, o *opening, p *reach.Path, note string) {
	hop := blockedHop(p)
	if hop == nil {
		return
	}
	if hop.ToNode == reach.NodeLoadBalancer {
		o.block(fix.Note{
			Title: "One load balancer refuses the other",
			Detail: "hopscope plans rules for tasks and their callers only. By hand, let it pass: " +
				cmp.Or(hop.Needed, hop.Why) + ".",
		})
		return
	}
	targets, missing := groupsToOpen(c, p)
	if missing != nil {
		o.lacking("which group of "+c.service.Name+" to open", missing)
		return
	}
	sources, missing := sourcesOf(c, p)
	if missing != nil {
		o.lacking("which groups its callers have", missing)
		return
	}
	ports := portsOf(p)
	for _, check := range hop.Checks {
		if check.Access == reach.Blocked {
			openCheck(c, o, check, ports, targets, sources, note)
		}
	}
}

// openCheck adds the rules for one place that refuses.
func openCheck(
	c *situation, o *opening, check reach.Check, ports portSpan, targets []string, sources []peer, note string,
) {
	switch check.Kind {
	case reach.CheckTargetIngress:
		for _, target := range targets {
			open := func(from []peer) []fix.Step {
				var steps []fix.Step
				for _, source := range from {
					steps = append(steps, openIngress(c.ix, target, ports, source, note))
				}
				return steps
			}
			steps := open(sources)
			if len(o.ranges) > 0 && c.rulesOver(target, fix.AuthorizeIngress, steps) > 0 {
				steps = open(o.ranges)
			}
			for _, s := range steps {
				o.add(s)
			}
		}
	case reach.CheckSourceEgress:
		for _, source := range sources {
			for _, target := range targets {
				if source.group != "" {
					o.add(openEgress(c.ix, source.group, ports, peer{group: target}, note))
				}
			}
		}
	case reach.CheckNetworkACL:
		o.block(fix.Note{
			Title: "A network ACL refuses the traffic",
			Detail: check.Why + ". Network ACLs are shared by whole subnets: hopscope does not change them. Let the request " +
				"pass, and its answer to the ephemeral ports.",
			Command: c.aws("ec2", "describe-network-acls", "--network-acl-ids", check.Resource),
		})
	case reach.CheckRouting:
	}
}

// blockedHop is the first hop behind the source that something refuses, nil if none is.
func blockedHop(p *reach.Path) *reach.Hop {
	hops := p.Hops()
	for i := range hops {
		if h := &hops[i]; h.Access == reach.Blocked && len(h.Checks) > 0 && h.FromNode != reach.NodeClients {
			return h
		}
	}
	return nil
}

// openingRounds bounds how often what is still refused is opened: the second round
// opens what the first could not see, the third finds nothing.
const openingRounds = 3

// keepOpen finds the rules without which callers that are admitted to the service
// now, or by rules among the steps, would be refused once the steps were carried out: the
// outcome is derived, and what it refuses is opened, until nothing more is.
func keepOpen(c *situation, steps []fix.Step, note string) (opening, error) {
	var o opening
	before, err := c.admitting(steps)
	if err != nil {
		return o, err
	}
	for range openingRounds {
		next, err := c.after(slices.Concat(o.steps, steps))
		if err != nil {
			return o, err
		}
		known := len(o.steps)
		o.blockers = nil
		for _, p := range next.callers(0) {
			keepCallers(before, &o, next, p, note)
		}
		if len(o.steps) == known {
			o.after = next
			break
		}
	}
	if movesEndpoint(steps) {
		unknownCallers(c, &o)
	}
	return o, nil
}

// admitting is the situation as the rules that steps add make it.
func (c *situation) admitting(steps []fix.Step) (*situation, error) {
	opens := slices.DeleteFunc(slices.Clone(steps), func(s fix.Step) bool { return !s.Opens() })
	if len(opens) == 0 {
		return c, nil
	}
	return c.after(opens)
}

// movesEndpoint tells whether steps move or remove what callers connect to.
func movesEndpoint(steps []fix.Step) bool {
	return slices.ContainsFunc(steps, func(s fix.Step) bool {
		return slices.ContainsFunc(s.Edits, func(e fix.Edit) bool {
			return e.Kind == fix.EditOverride ||
				e.Kind == fix.EditRemoveEndpoint
		})
	})
}

// elsewhereChecks are what to look at before an endpoint moves, while there are
// clusters that hopscope was not asked to read.
func elsewhereChecks(c *situation, steps []fix.Step) []fix.Note {
	if !movesEndpoint(steps) || c.snapshot.Scope.AllClusters {
		return nil
	}
	return []fix.Note{{
		Title: "No service of another cluster calls it",
		Detail: fmt.Sprintf("hopscope read the clusters %s. A namespace may have services of others: their groups are not "+
			"among those that are opened. "+
			"Compare with what AWS lists, or plan again without --cluster.", list(c.snapshot.Scope.Clusters)),
		Command: c.aws("ecs", "list-services-by-namespace", "--namespace", c.namespace()),
	}}
}

// whoCalls are the actions without which there may be callers that are not known.
var whoCalls = []model.Action{model.ListClusters, model.ListServices, model.DescribeServices, model.ListNamespaces}

// unknownCallers notes that there may be callers which were not read: the port that
// they use now would be gone, and nothing opened for them.
func unknownCallers(c *situation, o *opening) {
	if len(c.callers(0)) == 0 {
		return
	}
	for i := range c.snapshot.Gaps {
		if g := &c.snapshot.Gaps[i]; slices.Contains(whoCalls, g.Action) && !c.knowsMembers() {
			o.block(unlisted(c, g))
			return
		}
	}
	for _, p := range c.callers(0) {
		if len(p.Missing) > 0 {
			o.lacking("who calls "+p.Source.Endpoint, &p.Missing[0])
			return
		}
	}
}

// knowsMembers tells whether every service of the namespace was read, so that what was
// not read elsewhere is no caller: AWS listed them, in whatever cluster they are. Of
// another account's namespace it lists this account's only.
func (c *situation) knowsMembers() bool {
	sc := c.block()
	if sc == nil {
		return false
	}
	key, missing := c.ix.NamespaceOf(c.service, sc)
	if missing != nil {
		return false
	}
	members, missing := c.ix.NamespaceMembers(key.Key)
	if missing != nil {
		return false
	}
	ours := slices.ContainsFunc(c.snapshot.Namespaces, func(n model.Namespace) bool {
		return n.ARN == key.Key && cmp.Or(n.Owner, model.ARNAccount(n.ARN)) == c.snapshot.Scope.Account
	})
	read := map[model.ARN]bool{}
	for i := range c.snapshot.Services {
		if s := &c.snapshot.Services[i]; s.Loaded {
			read[s.ARN] = true
		}
	}
	return ours && !slices.ContainsFunc(members, func(arn model.ARN) bool { return !read[arn] })
}

// unlisted says what a gap leaves unknown. Any cluster may have callers: a namespace
// is one of the region.
func unlisted(c *situation, g *model.Gap) fix.Note {
	at := "did not answer"
	if g.Resource != "" {
		at += " for " + model.ARNName(g.Resource)
	}
	next := fmt.Sprintf("Allow %s for hopscope, refresh, and plan again.", g.Action)
	if g.State == model.Loading {
		next = "Wait until everything is loaded, and plan again."
	}
	return fix.Note{
		Title: fmt.Sprintf("%s %s: there may be callers of %s that are not known", g.Action, at, c.service.Name),
		Detail: "The services of a namespace may be in any cluster of the region, and the port that they connect to would " +
			"move or be gone. No rule would admit them to the new one. " + next,
	}
}

// keepCallers opens a path of what would be for those of its callers that are
// admitted now, or meant to be.
func keepCallers(c *situation, o *opening, next *situation, p *reach.Path, note string) {
	if p.Access == reach.Allowed {
		return
	}
	for _, now := range c.callers(p.Target.ContainerPort) {
		// A caller that is refused, and was meant to call, is let in where the endpoint moves
		// to; where it stays is another plan's matter.
		if now.Access == reach.Blocked && (!now.Facts.Intended || now.Target.WirePort == p.Target.WirePort) {
			continue
		}
		only := common(p, now)
		switch {
		case only == nil:
		case now.Access == reach.AccessUnknown || p.Access == reach.AccessUnknown:
			m := firstMissing(p, now)
			if m.What == "" {
				o.block(fix.Note{
					Title:  "Whether callers of " + p.Source.Endpoint + " are admitted is not known",
					Detail: "See what is missing on the path, refresh, and plan again.",
				})
				break
			}
			o.lacking("whether the callers of "+p.Source.Endpoint+" would still reach it", &m)
		default:
			o.ranges = rangesAt(c, now.Target.WirePort)
			openFor(next, o, only, note)
			o.ranges = nil
		}
	}
}

// firstMissing is the first fact that one of the paths lacks.
func firstMissing(paths ...*reach.Path) model.Missing {
	for _, p := range paths {
		if len(p.Missing) > 0 {
			return p.Missing[0]
		}
	}
	return model.Missing{}
}

// common is a path with those of its callers that another one has too; nil if there
// are none.
func common(p, with *reach.Path) *reach.Path {
	refs := change.CommonCallers(p, with)
	if len(refs) == 0 {
		return nil
	}
	only := *p
	only.Source.Services = reach.NewCallers(refs)
	return &only
}
