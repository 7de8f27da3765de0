package rule

import (
	"cmp"
	"maps"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// WhatIf judges one service at a time, of a snapshot or of what would become of it:
// what [Analyze] says of the service, without the cost of all others. It is not for
// use by several goroutines.
type WhatIf struct {
	snapshot  *model.Snapshot
	ix        *model.Index
	deriver   *reach.Deriver
	account   *accountFacts
	catalogue []Rule
}

// Service is an analysis of one service alone.
type Service struct {
	// Paths are those into the service.
	Paths []reach.Path
	// Findings are sorted: the worst first.
	Findings   []Finding
	NotChecked []NotChecked
}

// Index is the index of what is judged, changes included.
func (w *WhatIf) Index() *model.Index { return w.ix }

// Paths derives the paths into one service. No rule has judged them yet.
func (w *WhatIf) Paths(ref model.Ref) []reach.Path { return w.deriver.Into(ref) }

// Service is the analysis of one service.
func (w *WhatIf) Service(ref model.Ref) *Service { return w.Judge(ref, w.Paths(ref)) }

// Judge is what the rules say about one service, whose paths are those of
// [WhatIf.Paths]: they get their verdicts.
func (w *WhatIf) Judge(ref model.Ref, paths []reach.Path) *Service {
	service := w.ix.Service(ref)
	if service == nil {
		return &Service{Paths: paths}
	}
	c := Case{accountFacts: w.account, Index: w.ix, Service: service, Running: running(service), Siblings: reach.Pointers(paths)}
	var out result
	for i := range w.catalogue {
		out.run(&w.catalogue[i], &c)
	}
	j := &Service{Paths: paths}
	j.Findings, j.NotChecked = settled(paths, out.findings, out.notChecked)
	return j
}

// With judges a snapshot in which a service has another primary deployment and
// security groups have other rules, at a cost that does not grow with the snapshot.
// whole makes that snapshot, for changes on which more depends than that; service
// may be nil.
func (w *WhatIf) With(service *model.Service, groups []*model.SecurityGroup, whole func() *model.Snapshot) *WhatIf {
	before := map[string]*model.SecurityGroup{}
	for _, g := range groups {
		if old, missing := w.ix.SecurityGroup(g.ID); missing == nil {
			before[g.ID] = old
		}
	}
	ix := w.ix.With(service, groups...)
	deriver, ok := w.deriver.With(ix, service, before)
	if !ok {
		return derived(whole()).WhatIf()
	}
	next := &WhatIf{snapshot: w.snapshot, ix: ix, deriver: deriver, account: w.account, catalogue: w.catalogue}
	if service != nil {
		next.account = w.account.with(w.ix.Service(service.Ref()), service, ix)
	}
	return next
}

// with is the account with a service in the place of what it was.
func (e *accountFacts) with(old, now *model.Service, ix *model.Index) *accountFacts {
	next := *e
	before, after := old.Primary(), now.Primary()
	if before == nil || after == nil || !before.ServiceConnect.Active() {
		return &next
	}
	key, _ := ix.NamespaceOf(now, after.ServiceConnect)
	if n := e.Namespaces[key.Key]; n != nil {
		next.Namespaces = maps.Clone(e.Namespaces)
		next.Namespaces[key.Key] = n.with(old, now)
		next.Offering += rank(next.Namespaces[key.Key].offers) - rank(n.offers)
	}
	if gone := endpointsLost(before.ServiceConnect, after.ServiceConnect); len(gone) > 0 {
		next.Endpoints = maps.Clone(e.Endpoints)
		lost := func(o offer) bool { return o.ref == now.Ref() && gone[o.portName] }
		for name, offers := range e.Endpoints {
			if slices.ContainsFunc(offers, lost) {
				next.Endpoints[name] = slices.DeleteFunc(slices.Clone(offers), lost)
			}
		}
	}
	return &next
}

func rank(is bool) int {
	if is {
		return 1
	}
	return 0
}

// endpointsLost are the port names of endpoints that a block no longer has.
func endpointsLost(before, after *model.ServiceConnect) map[string]bool {
	lost := map[string]bool{}
	for i := range before.Services {
		name := before.Services[i].PortName
		if !slices.ContainsFunc(after.Services, func(s model.ServiceConnectService) bool { return s.PortName == name }) {
			lost[name] = true
		}
	}
	return lost
}

// with is the namespace with a service in the place of what it was.
func (n *namespaceMembers) with(old, now *model.Service) *namespaceMembers {
	next := *n
	next.members = swapped(n.members, old, now)
	next.offers = len(now.Primary().ServiceConnect.Services) > 0 || slices.ContainsFunc(next.members, func(s *model.Service) bool {
		p := s.Primary()
		return p != nil && p.ServiceConnect.Active() && len(p.ServiceConnect.Services) > 0
	})
	next.byAge = swapped(n.byAge, old, now)
	if old.Primary().CreatedAt.Equal(now.Primary().CreatedAt) {
		return &next
	}
	next.byAge = slices.DeleteFunc(next.byAge, func(s *model.Service) bool { return s == now })
	at, _ := slices.BinarySearchFunc(next.byAge, now, func(a, b *model.Service) int {
		return cmp.Or(a.Primary().CreatedAt.Compare(b.Primary().CreatedAt), a.Ref().Compare(b.Ref()))
	})
	next.byAge = slices.Insert(next.byAge, at, now)
	return &next
}

// swapped is a list with a service in the place of another one.
func swapped(all []*model.Service, old, now *model.Service) []*model.Service {
	all = slices.Clone(all)
	if i := slices.Index(all, old); i >= 0 {
		all[i] = now
	}
	return all
}
