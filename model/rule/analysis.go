package rule

import (
	"cmp"
	"maps"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// Analysis judges one service at a time, of a snapshot or of what would become of
// it: what [Analyze] says of the service, without the cost of all others. It is not
// for use by several goroutines.
type Analysis struct {
	snapshot  *model.Snapshot
	ix        *model.Index
	deriver   *reach.Deriver
	estate    *estate
	catalogue []Rule
}

// NewAnalysis prepares to judge the services of a snapshot. The paths are those that
// [Analyze] found in it; nil derives them again.
func NewAnalysis(s *model.Snapshot, paths []reach.Path) *Analysis {
	a := &Analysis{snapshot: s, ix: model.NewIndex(s), catalogue: Catalogue()}
	a.deriver = reach.NewDeriver(a.ix)
	if paths == nil {
		paths = a.deriver.Paths()
	}
	a.estate = newEstate(a.ix, paths)
	return a
}

// Index is the index of what is judged, changes included.
func (a *Analysis) Index() *model.Index { return a.ix }

// Paths derives the paths into one service. No rule has judged them yet.
func (a *Analysis) Paths(ref model.Ref) []reach.Path { return a.deriver.Into(ref) }

// Of is the report about one service alone.
func (a *Analysis) Of(ref model.Ref) *Report { return a.Judge(ref, a.Paths(ref)) }

// Judge is the report about one service, whose paths are those of [Analysis.Paths]:
// they get their verdicts.
func (a *Analysis) Judge(ref model.Ref, paths []reach.Path) *Report {
	r := newReport(a.snapshot, paths)
	service := a.ix.Service(ref)
	if service == nil {
		return r
	}
	c := Case{estate: a.estate, Index: a.ix, Service: service, Running: running(service)}
	for i := range r.Paths {
		c.Siblings = append(c.Siblings, &r.Paths[i])
	}
	var out result
	for i := range a.catalogue {
		out.run(&a.catalogue[i], &c)
	}
	r.Findings = append(r.Findings, out.findings...)
	r.NotChecked = append(r.NotChecked, out.notChecked...)
	r.settle()
	return r
}

// With judges a snapshot in which a service has another primary deployment and
// security groups have other rules, at a cost that does not grow with the snapshot.
// whole makes that snapshot, for changes on which more depends than that; service
// may be nil.
func (a *Analysis) With(service *model.Service, groups []*model.SecurityGroup, whole func() *model.Snapshot) *Analysis {
	before := map[string]*model.SecurityGroup{}
	for _, g := range groups {
		if old, missing := a.ix.SecurityGroup(g.ID); missing == nil {
			before[g.ID] = old
		}
	}
	ix := a.ix.With(service, groups...)
	deriver, ok := a.deriver.With(ix, service, before)
	if !ok {
		return NewAnalysis(whole(), nil)
	}
	next := &Analysis{snapshot: a.snapshot, ix: ix, deriver: deriver, estate: a.estate, catalogue: a.catalogue}
	if service != nil {
		next.estate = a.estate.with(a.ix.Service(service.Ref()), service, ix)
	}
	return next
}

// with is the estate with a service in the place of what it was.
func (e *estate) with(old, now *model.Service, ix *model.Index) *estate {
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
func (n *community) with(old, now *model.Service) *community {
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
