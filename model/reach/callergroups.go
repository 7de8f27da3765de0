package reach

import (
	"maps"
	"slices"
	"strconv"

	"hopscope/model"
)

// CallerGroup is a set of services that call as one: what decides about their
// requests is the same for all of them.
type CallerGroup struct {
	// ID is g1, g2 …, in the order of the groups' first services.
	ID string
	// Services are sorted.
	Services []model.Ref
}

// CallerGroups partition the callers of paths: each is in one group.
//
// A namespace of n services has n endpoints with up to n-1 callers each; but these are
// few groups for each endpoint, less a few exceptions. No partition makes that true of
// every path: where each endpoint admits three callers of its own, groups that are fine
// enough for the admitted ones are n for each path of the refused ones. So a path may
// name callers besides, and a group is divided only where that makes the whole smaller.
// That keeps the size linear in services and rules.
type CallerGroups struct {
	groups []CallerGroup
	// number is the place of a caller's group in groups.
	number map[model.Ref]int
	// within are the groups that shapes consist of.
	within map[*shape][]int
}

// CallerUnion describes the callers of a path: the members of groups less some, and
// others besides.
type CallerUnion struct {
	Groups       []string
	Except, Also []model.Ref
}

// nameWeight is how many references to groups are about as long as a caller's name.
const nameWeight = 8

// grouped is a caller while the groups are looked for. Sets of paths are digests.
type grouped struct {
	// joined are the paths that it is on as all of a shape are, joins is their number.
	joined digest
	joins  int
	// named are the paths that name it apart from its shape, and own those into the
	// service itself that name others: it might be named there too, if it could call itself.
	named, own digest
	names      int
	// calls is on how many paths it calls.
	calls int
}

// groupKey is what the members of a group have in common.
type groupKey struct{ joined, named digest }

// GroupCallers divides the callers of paths into groups.
func GroupCallers(paths []*Path) *CallerGroups {
	callers, shapes := groupedCallers(paths)
	members := map[groupKey][]model.Ref{}
	for ref, key := range groupKeys(callers) {
		members[key] = append(members[key], ref)
	}
	all := slices.Collect(maps.Values(members))
	for _, refs := range all {
		slices.SortFunc(refs, model.Ref.Compare)
	}
	slices.SortFunc(all, func(a, b []model.Ref) int { return a[0].Compare(b[0]) })
	g := &CallerGroups{number: make(map[model.Ref]int, len(callers)), within: make(map[*shape][]int, len(shapes))}
	for i, refs := range all {
		g.groups = append(g.groups, CallerGroup{ID: "g" + strconv.Itoa(i+1), Services: refs})
		for _, ref := range refs {
			g.number[ref] = i
		}
	}
	for _, sh := range shapes {
		in := map[int]bool{}
		for _, ref := range sh.refs {
			if i, calls := g.number[ref]; calls {
				in[i] = true
			}
		}
		g.within[sh] = slices.Collect(maps.Keys(in))
	}
	return g
}

// groupedCallers are all services that call, or that would if they were not the target,
// and the shapes that paths join.
func groupedCallers(paths []*Path) (map[model.Ref]*grouped, []*shape) {
	all := map[model.Ref]*grouped{}
	at := func(ref model.Ref) *grouped {
		if all[ref] == nil {
			all[ref] = &grouped{}
		}
		return all[ref]
	}
	joins := map[*shape]*grouped{}
	for i := range paths {
		c, target, id := paths[i].Source.Services, paths[i].Target.Ref(), mixed(uint64(i)+1)
		if c.Len() == 0 {
			continue
		}
		for _, sh := range c.shapes {
			if joins[sh] == nil {
				joins[sh] = &grouped{}
			}
			joins[sh].joined, joins[sh].joins = joins[sh].joined+id, joins[sh].joins+1
		}
		names := false
		name := func(ref model.Ref, calls int) {
			caller := at(ref)
			caller.calls += calls
			if ref != target {
				names, caller.named, caller.names = true, caller.named+id, caller.names+1
			}
		}
		for _, ref := range c.extra {
			name(ref, 1)
		}
		for _, skip := range c.skip {
			name(c.base[skip], -1)
		}
		if names {
			at(target).own += id
		}
	}
	for sh, j := range joins {
		for _, ref := range sh.refs {
			caller := at(ref)
			caller.joined, caller.joins, caller.calls = caller.joined+j.joined, caller.joins+j.joins, caller.calls+j.joins
		}
	}
	return all, slices.Collect(maps.Keys(joins))
}

// groupKeys are the keys of the groups of all that call. Those that paths name alike are
// a group of their own if naming them each time takes more than the reference to
// one more group on all paths that the rest is on.
func groupKeys(callers map[model.Ref]*grouped) map[model.Ref]groupKey {
	alike, names := map[groupKey]int{}, map[groupKey]int{}
	for _, c := range callers {
		alike[groupKey{c.joined, c.named + c.own}]++
	}
	keys := make(map[model.Ref]groupKey, len(callers))
	for ref, c := range callers {
		if c.calls == 0 {
			continue
		}
		key := groupKey{c.joined, c.named}
		if with := (groupKey{c.joined, c.named + c.own}); c.names > 0 && alike[with] > 1 {
			key = with
		}
		keys[ref] = key
		names[key] += c.names
	}
	for ref, key := range keys {
		if nameWeight*names[key] <= callers[ref].joins {
			keys[ref] = groupKey{joined: key.joined}
		}
	}
	return keys
}

// All are the groups, each with a caller at least.
func (g *CallerGroups) All() []CallerGroup { return g.groups }

// Of describes the callers of a path.
func (g *CallerGroups) Of(p *Path) CallerUnion {
	var out CallerUnion
	c := p.Source.Services
	if c.Len() == 0 {
		return out
	}
	members, joined := map[int]int{}, map[int]bool{}
	for _, sh := range c.shapes {
		for _, i := range g.within[sh] {
			members[i], joined[i] = len(g.groups[i].Services), true
		}
	}
	skip := make([]model.Ref, len(c.skip))
	for i, at := range c.skip {
		skip[i] = c.base[at]
	}
	g.count(members, c.extra, 1)
	g.count(members, skip, -1)
	for _, i := range slices.Sorted(maps.Keys(members)) {
		n, all := members[i], g.groups[i].Services
		whole := 2*n > len(all)
		among := all // twice as many as are named, at most
		switch {
		case whole && joined[i]:
			among = skip
		case !whole && !joined[i]:
			among = c.extra
		}
		if whole {
			out.Groups = append(out.Groups, g.groups[i].ID)
			out.Except = g.appendMembers(out.Except, i, among, func(ref model.Ref) bool { return !c.Contains(ref) })
		} else {
			out.Also = g.appendMembers(out.Also, i, among, c.Contains)
		}
	}
	slices.SortFunc(out.Except, model.Ref.Compare)
	slices.SortFunc(out.Also, model.Ref.Compare)
	return out
}

// count adds to the number of members that call.
func (g *CallerGroups) count(members map[int]int, refs []model.Ref, n int) {
	for _, ref := range refs {
		if i, calls := g.number[ref]; calls {
			members[i] += n
		}
	}
}

// appendMembers appends those of the refs that are in a group.
func (g *CallerGroups) appendMembers(
	to []model.Ref, group int, refs []model.Ref, which func(model.Ref) bool,
) []model.Ref {
	for _, ref := range refs {
		if i, calls := g.number[ref]; calls && i == group && which(ref) {
			to = append(to, ref)
		}
	}
	return to
}
