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
	// planned is set for the paths that a plan is about.
	planned bool
}

// rank orders pairs: what a plan is about, what changes, the rest.
func (p *pair) rank() int {
	switch {
	case p.planned:
		return 0
	case p.Changed():
		return 1
	}
	return 2
}

// pairUp finds for each path what becomes of it, and puts first what a plan is about,
// then what changes.
func pairUp(now, after []*reach.Path, planned []string) []pair {
	matched := change.Paths(now, after)
	out := make([]pair, len(matched))
	for i, p := range matched {
		out[i] = pair{p, p.Before != nil && slices.Contains(planned, p.Before.ID)}
	}
	slices.SortStableFunc(out, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(groupRank(a.Path()), groupRank(b.Path())),
			cmp.Compare(kindRank(a.Path()), kindRank(b.Path())))
	})
	return out
}
