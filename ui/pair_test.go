package ui

import (
	"fmt"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// calls is a path of some callers, with an ID and a verdict of its own.
func calls(id string, v reach.Verdict, names ...string) *reach.Path {
	refs := make([]model.Ref, len(names))
	for i, name := range names {
		refs[i] = model.Ref{Cluster: "prod", Service: name}
	}
	return &reach.Path{ID: id, Verdict: v, Source: reach.Source{
		Kind:     reach.SourceServiceConnect,
		Services: reach.NewCallers(refs), Endpoint: "app.ns:80",
	}}
}

func TestAPathIsFoundAgainAlsoWhereItsCallersJoinOthersOrPart(t *testing.T) {
	cases := map[string]struct {
		now, after []*reach.Path
		// want are pairs of IDs, "-" for none.
		want []string
	}{
		"the same": {
			[]*reach.Path{calls("a", reach.Needed, "web")},
			[]*reach.Path{calls("a", reach.Broken, "web")},
			[]string{"a a"},
		},
		"another id": {
			[]*reach.Path{calls("a", reach.Needed, "web")},
			[]*reach.Path{calls("b", reach.Broken, "web")},
			[]string{"a b"},
		},
		"joined": {
			[]*reach.Path{calls("a", reach.Needed, "cart"), calls("b", reach.Broken, "web")},
			[]*reach.Path{calls("a", reach.Needed, "cart", "web")},
			[]string{"b a", "a a"},
		},
		"parted": {
			[]*reach.Path{calls("a", reach.Needed, "cart", "web")},
			[]*reach.Path{calls("a", reach.Needed, "cart"), calls("b", reach.Broken, "web")},
			[]string{"a b", "a a"},
		},
		"gone and new": {
			[]*reach.Path{calls("a", reach.Needed, "cart")},
			[]*reach.Path{calls("b", reach.Needed, "web")},
			[]string{"a -", "- b"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range pairUp(c.now, c.after, nil) {
				now, after := "-", "-"
				if p.Before != nil {
					now = p.Before.ID
				}
				if p.After != nil {
					after = p.After.ID
				}
				got = append(got, now+" "+after)
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}
		})
	}
}

func TestFindingsAreListedWorstFirst(t *testing.T) {
	s := modeltest.Article(0, 80)
	v := newInventory(rule.Analyze(s))
	got := worstFirst(v.service(model.Ref{Cluster: "prod", Service: "sample-ecs-app"}),
		[]string{"A1", "HOP106", "HOP101"})
	if want := "[HOP101 HOP106 A1]"; want != fmt.Sprint(got) {
		t.Errorf("got %v, want %s", got, want)
	}
}
