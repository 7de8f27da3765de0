package reach

import (
	"slices"
	"strconv"

	"hopscope/model"
)

// CallerGroup is a set of services that call as one: what decides about their
// requests is the same for all of them.
type CallerGroup struct {
	// ID is g1, g2 …, in the order in which paths first refer to the groups.
	ID string
	// Services are sorted, and shared with the paths: do not change them.
	Services []model.Ref
}

// CallerGroups describe the callers of paths in a size that is linear in services
// and rules. A namespace of n services has n endpoints with up to n-1 callers each;
// but these are few groups for each endpoint, less a few exceptions.
type CallerGroups struct {
	groups []CallerGroup
	// whole are the IDs of the groups that callers join as a whole, listed those of
	// sets that several paths have, or that no group describes.
	whole  map[*shape]string
	listed map[digest]string
	plans  map[digest]*callerList
}

// callerList is a set of callers that may become a group of its own.
type callerList struct {
	// paths is how many paths have the set, or have it less their own target.
	paths int
	// size is the length of the list, and saved what all these paths need not say if
	// it is written.
	size, saved int
	// needed is set when no group describes the callers of one of the paths.
	needed bool
}

// GroupCallers divides the callers of paths into groups.
func GroupCallers(paths []Path) *CallerGroups {
	g := &CallerGroups{whole: map[*shape]string{}, listed: map[digest]string{}, plans: map[digest]*callerList{}}
	for i := range paths {
		if c := paths[i].Source.Services; c.Len() > 0 {
			g.plan(c.digest)
			g.plan(c.digest + digestOf(paths[i].Target.Ref(), ""))
		}
	}
	for i := range paths {
		if p := &paths[i]; p.Source.Services.Len() > 0 {
			g.weigh(p)
		}
	}
	for i := range paths {
		g.Of(&paths[i])
	}
	return g
}

// All are the groups that paths refer to.
func (g *CallerGroups) All() []CallerGroup { return g.groups }

func (g *CallerGroups) plan(d digest) {
	if g.plans[d] == nil {
		g.plans[d] = &callerList{}
	}
	g.plans[d].paths++
}

// list is the list that would describe the callers of a path: theirs, or that with
// the target, which does not call itself.
func (g *CallerGroups) list(p *Path) (key digest, withTarget bool) {
	key = p.Source.Services.digest
	with := key + digestOf(p.Target.Ref(), "")
	if g.plans[with].paths > g.plans[key].paths && !p.Source.Services.Contains(p.Target.Ref()) {
		return with, true
	}
	return key, false
}

// weigh adds up what a list would cost, and what it would save.
func (g *CallerGroups) weigh(p *Path) {
	c := p.Source.Services
	key, withTarget := g.list(p)
	plan := g.plans[key]
	plan.size = c.Len()
	if withTarget {
		plan.size++
		plan.saved--
	}
	plan.saved += len(c.skip) + len(c.extra)
	plan.needed = plan.needed || len(c.shapes) == 0
}

// Of are the groups whose members call on a path, and the members that do not.
func (g *CallerGroups) Of(p *Path) (ids []string, except []model.Ref) {
	c := p.Source.Services
	if c.Len() == 0 {
		return nil, nil
	}
	key, withTarget := g.list(p)
	if plan := g.plans[key]; plan.needed || plan.size < plan.saved {
		if withTarget {
			except = []model.Ref{p.Target.Ref()}
		}
		return []string{g.writeList(key, c, except)}, except
	}
	for _, sh := range c.shapes {
		ids = append(ids, g.writeWhole(sh))
	}
	if len(c.extra) > 0 {
		ids = append(ids, g.writeList(digestOfAll(c.extra), &Callers{base: c.extra}, nil))
	}
	for _, at := range c.skip {
		except = append(except, c.base[at])
	}
	return ids, except
}

func (g *CallerGroups) writeWhole(sh *shape) string {
	id, known := g.whole[sh]
	if !known {
		id = g.add(sh.refs)
		g.whole[sh] = id
	}
	return id
}

// writeList makes a group of callers and what they are short of.
func (g *CallerGroups) writeList(key digest, c *Callers, and []model.Ref) string {
	id, known := g.listed[key]
	if !known {
		refs := c.base
		if len(c.skip) > 0 || len(and) > 0 {
			refs = append(c.First(c.Len()), and...)
			slices.SortFunc(refs, model.Ref.Compare)
		}
		id = g.add(refs)
		g.listed[key] = id
	}
	return id
}

func (g *CallerGroups) add(refs []model.Ref) string {
	id := "g" + strconv.Itoa(len(g.groups)+1)
	g.groups = append(g.groups, CallerGroup{ID: id, Services: refs})
	return id
}
