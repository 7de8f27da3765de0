package ui

import (
	"cmp"
	"slices"

	"hopscope/model/change"
	"hopscope/model/reach"
)

// pair is a path now and when a plan was carried out; one of the two may be nil.
type pair struct {
	change.Pair
	// meant is set for the paths that a plan is about.
	meant bool
}

// rank orders pairs: what is meant, what changes, the rest.
func (p *pair) rank() int {
	switch {
	case p.meant:
		return 0
	case p.Changed():
		return 1
	}
	return 2
}

// pairUp finds for each path what becomes of it, and puts first what a plan is about,
// then what changes.
func pairUp(now, after []*reach.Path, meant []string) []pair {
	matched := change.Paths(now, after)
	out := make([]pair, len(matched))
	for i, p := range matched {
		out[i] = pair{p, p.Before != nil && slices.Contains(meant, p.Before.ID)}
	}
	slices.SortStableFunc(out, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(groupRank(a.Path()), groupRank(b.Path())),
			cmp.Compare(kindRank(a.Path()), kindRank(b.Path())))
	})
	return out
}
