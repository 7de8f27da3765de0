package change

import (
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// Same tells whether two paths of two analyses have their place and a caller in
// common. While a service is deployed, a path into all of its deployments is the
// same as a path into one of them.
func Same(a, b *reach.Path) bool {
	if a.Place.InDeployment("") != b.Place.InDeployment("") {
		return false
	}
	if a.Source.Services == nil || b.Source.Services == nil {
		return a.Place == b.Place || a.Target.Deployment == "" || b.Target.Deployment == ""
	}
	return len(CommonCallers(a, b)) > 0
}

// At are the paths of a caller at a place; the caller is zero where the source is no
// service. Where the deployment of the place is gone, they are those into the primary one.
func At(paths []*reach.Path, place reach.Place, caller model.Ref) []*reach.Path {
	var out []*reach.Path
	for _, p := range paths {
		if called := p.Source.Services; (called == nil) == (caller == model.Ref{}) &&
			(called == nil || called.Contains(caller)) &&
			slices.Contains(p.Places(), place) {
			out = append(out, p)
		}
	}
	if len(out) == 0 && place.Deployment != "" {
		return At(paths, place.InDeployment(""), caller)
	}
	return out
}

// CommonCallers are the services that call on both paths.
func CommonCallers(a, b *reach.Path) []model.Ref {
	few, many := a.Source.Services, b.Source.Services
	if few.Len() > many.Len() {
		few, many = many, few
	}
	var out []model.Ref
	for ref := range few.All() {
		if many.Contains(ref) {
			out = append(out, ref)
		}
	}
	return out
}

// Pair is a path before and after; one of the two may be nil.
type Pair struct{ Before, After *reach.Path }

// Path is the one that there is. Where callers join others or part, it is the one
// with fewer of them: that is whom the pair is about.
func (p *Pair) Path() *reach.Path {
	switch {
	case p.Before == nil, p.After != nil && p.After.Source.Services.Len() < p.Before.Source.Services.Len():
		return p.After
	}
	return p.Before
}

// Changed tells whether the two differ in way, port, access or verdict.
func (p *Pair) Changed() bool {
	b, a := p.Before, p.After
	return b == nil || a == nil ||
		b.Via != a.Via || b.Access != a.Access || b.Verdict != a.Verdict || b.Target.WirePort != a.Target.WirePort
}

// Paths finds what becomes of each path, in the order of the paths before; what is
// new comes last. Callers that meet the same share a path, so that a path may be
// what becomes of two, and two what becomes of one.
func Paths(before, after []*reach.Path) []Pair {
	taken := map[*reach.Path]bool{}
	out := make([]Pair, len(before))
	for i, p := range before {
		out[i] = Pair{p, successor(p, after, taken)}
		taken[out[i].After] = true
	}
	for _, p := range after {
		if !taken[p] {
			out = append(out, Pair{find(before, func(o *reach.Path) bool { return firstAmong(p, o) }), p})
		}
	}
	return out
}

// successor is what becomes of a path: that of the same ID, or else one that nothing
// else became yet.
func successor(p *reach.Path, after []*reach.Path, taken map[*reach.Path]bool) *reach.Path {
	for _, match := range []func(*reach.Path) bool{
		func(o *reach.Path) bool { return o.ID == p.ID },
		func(o *reach.Path) bool { return !taken[o] && firstAmong(p, o) },
		func(o *reach.Path) bool { return firstAmong(p, o) },
	} {
		if then := find(after, match); then != nil {
			return then
		}
	}
	return nil
}

func find(all []*reach.Path, match func(*reach.Path) bool) *reach.Path {
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i]
	}
	return nil
}

// firstAmong tells whether two paths have their place in common, and the first
// caller of the one is among those of the other: callers that part are found once.
func firstAmong(p, o *reach.Path) bool {
	if p.Place.InDeployment("") != o.Place.InDeployment("") {
		return false
	}
	callers, others := p.Source.Services, o.Source.Services
	if callers.Len() == 0 || others.Len() == 0 {
		return callers.Len() == others.Len()
	}
	return others.Contains(callers.First(1)[0])
}
