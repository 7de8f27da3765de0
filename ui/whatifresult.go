package ui

import (
	"cmp"
	"slices"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// whatIfResult is what would follow from a what-if.
type whatIfResult struct {
	pairs []pair
	// findings are what would become of those about the service.
	findings change.Findings
	// elsewhere are services other than this one with paths that would change,
	// elsewherePaths counts these.
	elsewhere      []model.Ref
	elsewherePaths int
	// free are ports that an override may have, by the position of the endpoint.
	free map[int]int
	err  error
}

func newWhatIfResult(v *inventory, u *whatIf) *whatIfResult {
	after, err := planner.After(v.Analysis, u.ref, u.steps())
	if err != nil {
		return &whatIfResult{err: err}
	}
	judged := after.Service(u.ref)
	t := &whatIfResult{pairs: pairUp(v.Into(u.ref), judged.Paths, nil)}
	t.findings = change.OfFindings(v.About(u.ref), judged.Findings)
	t.compareOthers(v.Analysis, after, u.ref)
	return t
}

// compareOthers counts the paths of other services that would change: a group may
// be shared.
func (t *whatIfResult) compareOthers(now *rule.Analysis, after *rule.WhatIf, ref model.Ref) {
	for i := range now.Snapshot.Services {
		other := now.Snapshot.Services[i].Ref()
		if other == ref {
			continue
		}
		changed := 0
		for _, p := range change.Paths(now.Into(other), after.Paths(other)) {
			if p.Changed() {
				changed++
			}
		}
		if t.elsewherePaths += changed; changed > 0 {
			t.elsewhere = append(t.elsewhere, other)
		}
	}
	slices.SortFunc(t.elsewhere, func(a, b model.Ref) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Cluster, b.Cluster))
	})
}

// words name a path among those of the service: its source, and where it leads if
// that is not the same for all.
func (t *whatIfResult) words(p *pair) string {
	port := t.pairs[0].Path().Target.ContainerPort
	for i := range t.pairs {
		if t.pairs[i].Path().Target.ContainerPort != port {
			return words.Path(p.Path())
		}
	}
	return words.Way(p.Path())
}
