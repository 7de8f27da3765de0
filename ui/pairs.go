package ui

import (
	"cmp"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// pathsTo are the paths into a service.
func pathsTo(all []reach.Path, ref model.Ref) []*reach.Path {
	var out []*reach.Path
	for i := range all {
		if all[i].Target.Ref() == ref {
			out = append(out, &all[i])
		}
	}
	return out
}

// pair is a path now and afterwards; one of the two may be nil.
type pair struct {
	now, after *reach.Path
	// meant is set for the paths that a plan is about.
	meant bool
}

// path is the one that there is. Where callers join others or part, it is the one
// with fewer of them: that is whom the pair is about.
func (p *pair) path() *reach.Path {
	switch {
	case p.now == nil, p.after != nil && p.after.Source.Services.Len() < p.now.Source.Services.Len():
		return p.after
	}
	return p.now
}

// changed tells whether the two differ in what matters.
func (p *pair) changed() bool {
	if p.now == nil || p.after == nil {
		return true
	}
	return p.now.Via != p.after.Via || p.now.Access != p.after.Access || p.now.Verdict != p.after.Verdict || p.now.Target.WirePort != p.after.Target.WirePort
}

// rank orders pairs: what is meant, what changes, the rest.
func (p *pair) rank() int {
	switch {
	case p.meant:
		return 0
	case p.changed():
		return 1
	}
	return 2
}

// pairUp finds for each path what becomes of it. Paths of Service Connect change
// their IDs with their outcome, and callers with one outcome share a path: there a
// caller stands for them, and a path may be what becomes of two, or two of one.
func pairUp(now, after []*reach.Path, meant []string) []pair {
	taken := map[*reach.Path]bool{}
	find := func(all []*reach.Path, match func(*reach.Path) bool) *reach.Path {
		if i := slices.IndexFunc(all, match); i >= 0 {
			return all[i]
		}
		return nil
	}
	out := make([]pair, len(now))
	for i, p := range now {
		then := find(after, func(o *reach.Path) bool { return o.ID == p.ID })
		if then == nil {
			then = find(after, func(o *reach.Path) bool { return !taken[o] && samePlace(p, o) })
		}
		if then == nil {
			then = find(after, func(o *reach.Path) bool { return samePlace(p, o) })
		}
		taken[then] = true
		out[i] = pair{now: p, after: then, meant: slices.Contains(meant, p.ID)}
	}
	for _, p := range after {
		if !taken[p] {
			before := find(now, func(o *reach.Path) bool { return samePlace(p, o) })
			out = append(out, pair{now: before, after: p, meant: before != nil && slices.Contains(meant, before.ID)})
		}
	}
	slices.SortStableFunc(out, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(groupRank(a.path()), groupRank(b.path())),
			cmp.Compare(kindRank(a.path()), kindRank(b.path())))
	})
	return out
}

// samePlace tells whether one path is what becomes of the other: its first caller is
// among the other's.
func samePlace(a, b *reach.Path) bool {
	x, y := &a.Source, &b.Source
	if x.Kind != y.Kind || x.Name != y.Name || x.ListenerPort != y.ListenerPort || x.Rule != y.Rule || x.TargetGroup != y.TargetGroup ||
		x.Endpoint != y.Endpoint || a.Target.ContainerPort != b.Target.ContainerPort {
		return false
	}
	if x.Services.Len() == 0 || y.Services.Len() == 0 {
		return x.Services.Len() == y.Services.Len()
	}
	return y.Services.Contains(x.Services.First(1)[0])
}
