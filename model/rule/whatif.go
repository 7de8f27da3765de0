package rule

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"hopscope/model"
	"hopscope/model/reach"
)

// WhatIf judges one service at a time, of a snapshot or of what would become of it:
// what [Analyze] says of the service, without the cost of all others. It is not for
// use by several goroutines.
type WhatIf struct {
	ix      *model.Index
	deriver *reach.Deriver
	// account is called by the first rule that runs: many a world is looked at for its
	// paths alone.
	account   func() *accountFacts
	catalogue []Rule
	// analyzed are the paths of the snapshot that the analysis was made of.
	analyzed []*reach.Path
}

// Service is an analysis of one service alone.
type Service struct {
	// Paths are those into the service.
	Paths []*reach.Path
	// Findings are sorted: the worst first.
	Findings []*Finding
}

// Index is the index of what is judged, changes included.
func (w *WhatIf) Index() *model.Index { return w.ix }

// Paths derives the paths into one service. No rule has judged them yet.
func (w *WhatIf) Paths(ref model.Ref) []*reach.Path { return w.deriver.Into(ref) }

// Service is the analysis of one service.
func (w *WhatIf) Service(ref model.Ref) *Service { return w.Judge(ref, w.Paths(ref)) }

// Judge is what the rules say about one service, whose paths are those of
// [WhatIf.Paths]: they get their verdicts.
func (w *WhatIf) Judge(ref model.Ref, paths []*reach.Path) *Service {
	service := w.ix.Service(ref)
	if service == nil {
		return &Service{Paths: paths}
	}
	c := Case{
		accountFacts: w.account(), Index: w.ix, Service: service, Running: running(service),
		Siblings: paths,
	}
	var out result
	for i := range w.catalogue {
		out.run(&w.catalogue[i], &c)
	}
	return &Service{Paths: paths, Findings: settled(paths, out)}
}

// With judges a snapshot in which a service has other deployments and security groups
// have other rules, as [reach.Deriver.With] takes them. service may be nil.
func (w *WhatIf) With(service *model.Service, groups []*model.SecurityGroup) *WhatIf {
	before := map[string]*model.SecurityGroup{}
	for _, g := range groups {
		if old, missing := w.ix.SecurityGroup(g.ID); missing == nil {
			before[g.ID] = old
		}
	}
	next := *w
	next.ix = w.ix.With(service, groups...)
	next.deriver = w.deriver.With(next.ix, service, before)
	if service != nil {
		next.account = sync.OnceValue(func() *accountFacts { return next.accountAfter(w, service) })
	}
	return &next
}

// accountAfter are the facts of an account in which a service is not what it was before.
func (w *WhatIf) accountAfter(before *WhatIf, service *model.Service) *accountFacts {
	ref := service.Ref()
	old := before.ix.Service(ref)
	facts := before.account().with(old, service, w.ix)
	if endpoints(old) != endpoints(service) {
		w.follow(facts, ref, before.Paths(ref), w.Paths(ref))
	}
	return facts
}

// endpoints counts the endpoints of all running deployments of a service.
func endpoints(s *model.Service) int {
	n := 0
	for _, d := range running(s) {
		if n++; d.ServiceConnect.Active() {
			n += len(d.ServiceConnect.Services)
		}
	}
	return n
}

// with is the account with a service in the place of what it was, less what follows
// from its paths.
func (e *accountFacts) with(old, now *model.Service, ix *model.Index) *accountFacts {
	next := *e
	next.Namespaces, next.Ambiguous = maps.Clone(e.Namespaces), maps.Clone(e.Ambiguous)
	kept := memberships(ix, now)
	for key, was := range memberships(ix, old) {
		n, is := e.Namespaces[key.Key], kept[key]
		changed := n.with(old, now, is.deployments > 0)
		changed.offering += is.offering - was.offering
		next.Offering += rank(changed.offering > 0) - rank(n.offering > 0)
		if next.Namespaces[key.Key] = changed; changed.count == 0 {
			delete(next.Namespaces, key.Key)
		}
		if was.ambiguous && !is.ambiguous {
			next.Ambiguous[key.Name] = slices.DeleteFunc(slices.Clone(e.Ambiguous[key.Name]), func(ref model.Ref) bool {
				return ref == now.Ref()
			})
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

// membership is what a service is in a namespace.
type membership struct {
	// deployments are its running ones there, offering those with an endpoint.
	deployments, offering int
	// ambiguous is set when several namespaces have the name.
	ambiguous bool
}

func memberships(ix *model.Index, s *model.Service) map[model.NamespaceKey]membership {
	out := map[model.NamespaceKey]membership{}
	for _, d := range running(s) {
		if !d.ServiceConnect.Active() {
			continue
		}
		key, missing := ix.NamespaceOf(s, d.ServiceConnect)
		m := out[key]
		m.deployments++
		m.offering += rank(len(d.ServiceConnect.Services) > 0)
		m.ambiguous = missing != nil && missing.State == model.Ambiguous
		out[key] = m
	}
	return out
}

// follow notes in the account's facts what follows from the paths into a service:
// endpoints that it no longer offers, and, where other listeners lead to it, at which
// service a forward that leads nowhere is reported.
func (w *WhatIf) follow(e *accountFacts, ref model.Ref, before, after []*reach.Path) {
	e.Endpoints = e.Endpoints.less(namedOffers(before, nameOf), namedOffers(after, nameOf))
	e.Published = e.Published.less(namedOffers(before, publishedName), namedOffers(after, publishedName))
	if maps.Equal(listenersOf(before), listenersOf(after)) {
		return
	}
	first, end := into(w.analyzed, ref)
	e.Idle = idleForwards(w.ix, slices.Concat(w.analyzed[:first], after, w.analyzed[end:]))
}

// listenersOf are the listeners that paths come from.
func listenersOf(paths []*reach.Path) map[*model.Listener]bool {
	out := map[*model.Listener]bool{}
	for i := range paths {
		if f := &paths[i].Facts; paths[i].Source.Kind == reach.SourceLoadBalancer && f.Listener != nil {
			out[f.Listener] = true
		}
	}
	return out
}

// with is the namespace with a service in the place of what it was, or without it if it
// is no member any more. Most worlds are not asked for the lists, which are long.
func (n *namespaceMembers) with(old, now *model.Service, member bool) *namespaceMembers {
	next := *n
	gone := func(s *model.Service) bool { return s == old }
	if !member {
		less := func(all func() []*model.Service) func() []*model.Service {
			return sync.OnceValue(func() []*model.Service { return slices.DeleteFunc(slices.Clone(all()), gone) })
		}
		next.members, next.byAge, next.count = less(n.members), less(n.byAge), n.count-1
		return &next
	}
	next.members = sync.OnceValue(func() []*model.Service { return swapped(n.members(), old, now) })
	next.byAge = sync.OnceValue(func() []*model.Service {
		p := now.Primary()
		if old.Primary().CreatedAt.Equal(p.CreatedAt) {
			return swapped(n.byAge(), old, now)
		}
		byAge := slices.DeleteFunc(slices.Clone(n.byAge()), gone)
		if !p.ServiceConnect.Active() {
			return byAge
		}
		at, _ := slices.BinarySearchFunc(byAge, now, func(a, b *model.Service) int {
			return cmp.Or(a.Primary().CreatedAt.Compare(b.Primary().CreatedAt), a.Ref().Compare(b.Ref()))
		})
		return slices.Insert(byAge, at, now)
	})
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
