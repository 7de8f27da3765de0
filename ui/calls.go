package ui

import (
	"cmp"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/ui/theme"
)

// callable are the paths that services call on, by the namespace of their endpoint; those
// by service discovery, which knows none, under "". Each list begins with what is broken.
type callable map[string][]*reach.Path

func newCallable(paths []*reach.Path) callable {
	c := callable{}
	for _, p := range paths {
		if p.Source.Services.Len() > 0 {
			c[p.Facts.Namespace] = append(c[p.Facts.Namespace], p)
		}
	}
	for _, in := range c {
		slices.SortStableFunc(in, func(a, b *reach.Path) int {
			return cmp.Or(cmp.Compare(callRank(b), callRank(a)), cmp.Compare(a.Target.Service, b.Target.Service))
		})
	}
	return c
}

// callRank puts broken calls first, and last what is refused on purpose.
func callRank(p *reach.Path) theme.State {
	if p.Verdict == reach.Closed {
		return -1
	}
	return lookRank(p)
}

// mostCalls is how many calls of a service are shown. In a namespace of thousands every
// service may call every other one: a list of that says nothing.
const mostCalls = 100

// callsOf are the paths of which a service is a caller, the broken ones first, and whether
// there are more.
func (v *inventory) callsOf(ref model.Ref) (calls []*reach.Path, more bool) {
	for _, namespace := range v.namespacesOf(ref) {
		for _, p := range v.callable[namespace] {
			if !p.Source.Services.Contains(ref) {
				continue
			}
			if len(calls) == mostCalls {
				return calls, true
			}
			if calls == nil {
				calls = make([]*reach.Path, 0, mostCalls)
			}
			calls = append(calls, p)
		}
	}
	return calls, false
}

// namespacesOf are the keys of the namespaces whose endpoints the tasks of a service may
// call, and that of service discovery.
func (v *inventory) namespacesOf(ref model.Ref) []string {
	var out []string
	if s := v.Index.Service(ref); s != nil {
		for i := range s.Deployments {
			sc := s.Deployments[i].ServiceConnect
			if sc == nil {
				continue
			}
			if ns, _ := v.Index.NamespaceOf(s, sc); !slices.Contains(out, ns.Key) {
				out = append(out, ns.Key)
			}
		}
	}
	return append(out, "")
}
