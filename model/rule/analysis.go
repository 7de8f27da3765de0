package rule

import (
	"sort"
	"sync"

	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/reach"
)

// Analysis is everything that hopscope concludes from a snapshot: its paths with
// their verdicts, and what the rules found. It is made once ([Analyze]) and does not
// change; planner, screen, report and verification all take it.
type Analysis struct {
	Snapshot *model.Snapshot
	Index    *model.Index
	// Paths are sorted by the service that they lead to.
	Paths []*reach.Path
	// Findings are sorted: the worst first.
	Findings []*Finding

	deriver   *reach.Deriver
	account   *accountFacts
	catalogue []Rule
	// notChecked is made when it is asked for first; nil before the rules have run.
	notChecked func() []NotChecked
	// about is made when it is asked for first.
	aboutOnce sync.Once
	about     map[model.Ref][]*Finding
}

// Analyze derives the paths of a snapshot and runs every rule over them. It is
// pure: equal snapshots give equal analyses.
func Analyze(s *model.Snapshot) *Analysis {
	a := derived(s)
	a.judge()
	return a
}

// derived is an analysis whose paths no rule has judged yet.
func derived(s *model.Snapshot) *Analysis {
	a := &Analysis{Snapshot: s, Index: model.NewIndex(s), catalogue: Catalogue()}
	for i := range a.catalogue {
		a.catalogue[i].alone, a.catalogue[i].at = []string{a.catalogue[i].Code}, int32(i)
	}
	a.deriver = reach.NewDeriver(a.Index)
	a.Paths = a.deriver.Paths()
	a.account = newAccountFacts(a.Index, a.Paths)
	return a
}

// Into are the paths into a service.
func (a *Analysis) Into(ref model.Ref) []*reach.Path {
	first, end := into(a.Paths, ref)
	return a.Paths[first:end:end]
}

// into is where the paths into a service are.
func into(all []*reach.Path, ref model.Ref) (first, end int) {
	first = sort.Search(len(all), func(i int) bool { return all[i].Target.Ref().Compare(ref) >= 0 })
	end = first
	for end < len(all) && all[end].Target.Ref() == ref {
		end++
	}
	return first, end
}

// About are the findings about a service, the worst first.
func (a *Analysis) About(ref model.Ref) []*Finding {
	a.aboutOnce.Do(func() {
		a.about = map[model.Ref][]*Finding{}
		for _, f := range a.Findings {
			a.about[f.Ref()] = append(a.about[f.Ref()], f)
		}
	})
	return a.about[ref]
}

// Proofs are what counts say about the ways of load balancers, by the IDs of paths; nil
// where nothing was measured.
func (a *Analysis) Proofs() map[string]observe.Proof { return a.account.Proofs }

// SeenCalling are the callers of a Service Connect path that metrics saw in the last three
// hours, in order; known is false where they would not show any.
func (a *Analysis) SeenCalling(p *reach.Path) (seen []model.Ref, known bool) {
	traffic, offer := a.account.traffic, p.Facts.Offer
	if p.Source.Kind != reach.SourceServiceConnect || offer == nil || traffic == nil ||
		!traffic.Publishes(reach.AppProtocol(p.Facts.TaskDefinition, offer)) {
		return nil, false
	}
	for _, ref := range a.account.Calls[offer.Name()] {
		if p.Source.Services.Contains(ref) {
			seen = append(seen, ref)
		}
	}
	return sortedOnce(seen), true
}

// Holders are who has which security group.
func (a *Analysis) Holders() reach.Holders { return a.deriver.Holders() }

// WhatIf is the analysis of services one at a time, as it would be after changes of
// the snapshot. Each has a memory of its own: several goroutines may ask one analysis
// for theirs.
func (a *Analysis) WhatIf() *WhatIf {
	return &WhatIf{
		ix: a.Index, deriver: a.deriver.Fork(), account: func() *accountFacts { return a.account },
		catalogue: a.catalogue, analyzed: a.Paths,
	}
}

// Deriver is what derives the paths: it answers about callers and ports of which the
// configuration says nothing. Each call gives one with a memory of its own.
func (a *Analysis) Deriver() *reach.Deriver { return a.deriver.Fork() }
