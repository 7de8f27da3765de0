package fix

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// opening is what lets the sources of paths through: rules to add, and what no rule
// of ours can repair.
type opening struct {
	steps    []Step
	blockers []Note
}

// add adds a step, unless an earlier one does the same.
func (o *opening) add(s Step) {
	if !slices.ContainsFunc(o.steps, func(e Step) bool { return e.Kind == s.Kind && e.Group == s.Group && sameRule(e.Rule, s.Rule) }) {
		o.steps = append(o.steps, s)
	}
}

// openFor finds what refuses the last hop of a path and the rules that would let it
// pass.
func (c *context) openFor(o *opening, p *reach.Path, note string) {
	ports := portSpan{p.Target.WirePort, max(p.Target.WirePort, p.Target.WirePortEnd)}
	hop := lastCrossing(p)
	if hop == nil || p.Facts.GroupToOpenID == "" {
		o.blockers = append(o.blockers, Note{
			Title:  "The group to open is not known",
			Detail: fmt.Sprintf("The security groups of %s were not read, so that no rule can be planned.", c.service.Name),
		})
		return
	}
	target := p.Facts.GroupToOpenID
	for _, check := range hop.Checks {
		if check.Access != reach.Blocked {
			continue
		}
		switch check.Kind {
		case reach.CheckTargetIngress:
			for _, source := range c.sourcesOf(p) {
				o.add(openIngress(c.ix, target, ports, source, note))
			}
		case reach.CheckSourceEgress:
			for _, source := range c.sourcesOf(p) {
				if source.group != "" {
					o.add(openEgress(c.ix, source.group, ports, peer{group: target}, note))
				}
			}
		case reach.CheckNetworkACL:
			o.blockers = append(o.blockers, Note{
				Title: "A network ACL refuses the traffic",
				Detail: check.Why + ". Network ACLs are shared by whole subnets: hopscope does not change them. Let the request pass, and its " +
					"answer to the ephemeral ports.",
				Command: "aws ec2 describe-network-acls --network-acl-ids " + check.Resource,
			})
		case reach.CheckRouting:
		}
	}
}

// lastCrossing is the hop into the task, where groups and ACLs are asked.
func lastCrossing(p *reach.Path) *reach.Hop {
	for i := len(p.Hops) - 1; i >= 0; i-- {
		if len(p.Hops[i].Checks) > 0 {
			return &p.Hops[i]
		}
	}
	return nil
}

// keepOpen finds the rules without which callers that are admitted now would be
// refused once the steps were carried out: the outcome is derived, and what it
// refuses is opened, until nothing more is.
func (c *context) keepOpen(steps []Step, containerPort int, note string) (opening, error) {
	var o opening
	admitted := map[string]bool{}
	for _, p := range c.callersOf(containerPort) {
		if p.Access == reach.Allowed || p.Facts.Meant {
			for ref := range p.Source.Services.All() {
				admitted[ref.String()] = true
			}
		}
	}
	const rounds = 3 // the second opens what the first could not see, the third finds nothing
	for range rounds {
		after, err := Outcome(c.snapshot, c.service.Ref(), slices.Concat(o.steps, steps))
		if err != nil {
			return o, err
		}
		next := c.on(after)
		known := len(o.steps)
		o.blockers = nil
		for _, p := range next.callersOf(containerPort) {
			if p.Access == reach.Blocked {
				next.openFor(&o, restrict(p, admitted), note)
			}
		}
		if len(o.steps) == known {
			break
		}
	}
	return o, nil
}

// on is the context of the same service in another snapshot.
func (c *context) on(s *model.Snapshot) *context {
	next := *c
	next.snapshot, next.ix = s, model.NewIndex(s)
	next.service = next.ix.Service(c.service.Ref())
	next.paths = pathsInto(reach.Paths(next.ix), c.service.Ref())
	return &next
}

func pathsInto(all []reach.Path, ref model.Ref) []*reach.Path {
	var out []*reach.Path
	for i := range all {
		if all[i].Target.Ref() == ref {
			out = append(out, &all[i])
		}
	}
	return out
}

// restrict is a path with those of its callers that are in a set.
func restrict(p *reach.Path, to map[string]bool) *reach.Path {
	var refs []model.Ref
	for ref := range p.Source.Services.All() {
		if to[ref.String()] {
			refs = append(refs, ref)
		}
	}
	only := *p
	only.Source.Services = reach.NewCallers(refs)
	return &only
}
