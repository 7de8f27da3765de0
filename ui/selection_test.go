package ui

import (
	"testing"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// pathOf is a path of callers to an endpoint, at the place of that endpoint.
func pathOf(endpoint, id string, v reach.Verdict, callers ...string) reach.Path {
	p := *calls(id, v, callers...)
	p.Source.Endpoint = endpoint
	p.Target = reach.Target{Cluster: "prod", Service: "sam"}
	p.Place = reach.Place{
		Kind: reach.SourceServiceConnect, Endpoint: endpoint, Cluster: "prod", Service: "sam", Container: "app", ContainerPort: 80,
	}
	return p
}

// IDs name the callers, who join others and part when what they meet changes.
func TestTheSelectedPathStaysSelectedWhenItsCallersChange(t *testing.T) {
	// The first path is the worst one: the one that is selected where nothing is known.
	worst := pathOf("a.ns:80", "worst", reach.Broken, "cron")
	cases := map[string]struct{ before, after reach.Path }{
		"another outcome": {
			pathOf("b.ns:80", "b", reach.Needed, "web"), pathOf("b.ns:80", "b'", reach.Closed, "web"),
		},
		"a caller more": {
			pathOf("b.ns:80", "b", reach.Needed, "web"), pathOf("b.ns:80", "b'", reach.Needed, "cart", "web"),
		},
		"the first caller less": {
			pathOf("b.ns:80", "b", reach.Needed, "cart", "web"), pathOf("b.ns:80", "b'", reach.Needed, "web"),
		},
		"no caller left": {
			pathOf("b.ns:80", "b", reach.Needed, "web"), pathOf("b.ns:80", "b'", reach.Unknown),
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var p pathsPane
			show := func(paths ...reach.Path) {
				s := serviceNames("sam", "cron", "cart", "web")
				v := newInventory(&rule.Analysis{Snapshot: s, Index: model.NewIndex(s), Paths: paths})
				p.show(v.service(model.Ref{Cluster: "prod", Service: "sam"}))
			}
			show(worst, c.before)
			p.find(c.before.ID)
			show(worst, c.after)
			if got := p.selected(); got == nil || got.ID != c.after.ID {
				t.Errorf("selected %+v, want %s", got, c.after.ID)
			}
		})
	}
}
