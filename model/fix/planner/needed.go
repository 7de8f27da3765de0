package planner

import (
	"errors"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// ErrStillNeeded tells of a rule that stays because a source is admitted by it.
var ErrStillNeeded = errors.New("the rule is still needed")

// Unneeded tells whether the rule of a step, which was made to be carried out later,
// can still go: whether no path that the analysis knows is refused without it.
func Unneeded(a *rule.Analysis, service model.Ref, step *fix.Step) (bool, error) {
	v := newAccount(a)
	c := v.look(v.present, service)
	if c.service == nil || c.group(step.Group) == nil {
		return false, nil
	}
	return isSafe(c, *step)
}

// Dependents are, for each of some steps that revoke rules, the other services that
// came to need the rule: they were deployed since a moment, and callers who are
// admitted to them, or perhaps are, would not be known to be. What such a service needs counts as kept when
// the steps behind it are judged. A service that was not deployed since is as it was
// when the rules were made: it did without them.
func Dependents(a *rule.Analysis, service model.Ref, since time.Time, revoke []fix.Step) ([][]model.Ref, error) {
	v := newAccount(a)
	c := &situation{
		account: v, world: v.present, ix: v.analysis.Index,
		service: &model.Service{Cluster: service.Cluster, Name: service.Service},
	}
	needed := make([][]model.Ref, len(revoke))
	var gone []fix.Step
	for i := range revoke {
		if c.group(revoke[i].Group) == nil { // a group that is gone admits no source
			continue
		}
		next := append(slices.Clip(gone), revoke[i])
		world, err := c.worldAfter(next)
		if err != nil {
			return nil, err
		}
		for _, ref := range v.behind(&revoke[i]) {
			if p := c.ix.Service(ref).Primary(); ref == service || p == nil || !p.CreatedAt.After(since) {
				continue
			}
			if v.refused(ref, c.look(world, ref)) {
				needed[i] = append(needed[i], ref)
			}
		}
		if len(needed[i]) == 0 {
			gone = next
		}
	}
	return needed, nil
}

// behind are the services that a rule leads to.
func (v *account) behind(s *fix.Step) []model.Ref {
	switch {
	case s.Kind == fix.RevokeIngress:
		return v.holders.Services(s.Group)
	case s.Rule != nil && s.Rule.Group != nil:
		return v.holders.Services(s.Rule.Group.ID)
	}
	var all []model.Ref // a rule for addresses may lead to any of them
	for i := range v.snapshot.Services {
		all = append(all, v.snapshot.Services[i].Ref())
	}
	return all
}

// refused tells whether a source that is admitted to a service, as far as that is known,
// is not in what would be.
func (v *account) refused(ref model.Ref, after *situation) bool {
	before := v.look(v.present, ref)
	return slices.ContainsFunc(after.paths, func(p *reach.Path) bool {
		return p.Access != reach.Allowed && slices.ContainsFunc(before.paths, func(b *reach.Path) bool {
			return b.Access != reach.Blocked && change.Same(b, p)
		})
	})
}
