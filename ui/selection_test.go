package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// pathOf is a path of callers to an endpoint, at the place of that endpoint.
func pathOf(endpoint, id string, v reach.Verdict, callers ...string) *reach.Path {
	p := calls(id, v, callers...)
	p.Source.Endpoint = endpoint
	p.Target = reach.Target{Cluster: "prod", Service: "sam"}
	p.Place = reach.Place{
		Kind: reach.SourceServiceConnect, Endpoint: endpoint, Cluster: "prod", Service: "sam",
		Container: "app", ContainerPort: 80,
	}
	return p
}

// IDs name the callers, who join others and part when what they meet changes.
func TestTheSelectedPathStaysSelectedWhenItsCallersChange(t *testing.T) {
	// The first path is the worst one: the one that is selected where nothing is known.
	worst := pathOf("a.ns:80", "worst", reach.Broken, "cron")
	cases := map[string]struct{ before, after *reach.Path }{
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
			show := func(paths ...*reach.Path) {
				s := serviceNames("sam", "cron", "cart", "web")
				v := newInventory(&rule.Analysis{Snapshot: s, Index: model.NewIndex(s), Paths: paths})
				p.show(v, v.service(model.Ref{Cluster: "prod", Service: "sam"}))
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

// refused are services behind load balancers that do not reach them.
func refused(names ...string) *inventory {
	b := modeltest.New()
	for _, name := range names {
		b = b.Group("sg-"+name).ALB("alb-"+name, 80, "tg-"+name).Service(name, modeltest.Port("http", 80, "http"),
			modeltest.Behind("tg-"+name, 80))
	}
	v := newInventory(rule.Analyze(b.Snapshot()))
	v.final = true
	return v
}

// lastFinding is the position of the last finding about a service.
func lastFinding(v *inventory, service string) int {
	at := -1
	for i := range v.Findings {
		if v.Findings[i].Service == service {
			at = i
		}
	}
	return at
}

func TestTheNextFindingIsThatAfterTheOneThatWasShownBeforeARefresh(t *testing.T) {
	for name, after := range map[string][]string{
		"one more before it": {"a", "b", "c", "d"}, "one less before it": {"c", "d"}, "itself is gone": {"b", "d"},
	} {
		t.Run(name, func(t *testing.T) {
			a := appWith(nil, 120, 40)
			a.Update(analyzedMsg{inventory: refused("b", "c", "d")})
			for range lastFinding(a.inventory, "c") + 1 {
				press(a, "n")
			}
			a.Update(analyzedMsg{inventory: refused(after...)})
			press(a, "n")
			next := slices.IndexFunc(a.inventory.Findings, func(f *rule.Finding) bool { return f.Service == "d" })
			want := fmt.Sprintf("finding %d of %d: ", next+1, len(a.inventory.Findings))
			if !strings.Contains(a.status.text, want) {
				t.Errorf("it says %q, not %q", a.status.text, want)
			}
			press(a, "N")
			before := max(lastFinding(a.inventory, "c"), lastFinding(a.inventory, "b"))
			if want := fmt.Sprintf("finding %d of ", before+1); !strings.Contains(a.status.text, want) {
				t.Errorf("back it says %q, not %q", a.status.text, want)
			}
		})
	}
}

func TestTheSelectedFindingStaysSelectedInTheListWhenAnotherComes(t *testing.T) {
	a := appWith(nil, 120, 40)
	a.Update(analyzedMsg{inventory: refused("b", "c")})
	press(a, "F")
	for range lastFinding(a.inventory, "c") {
		press(a, "j")
	}
	key := a.inventory.Findings[lastFinding(a.inventory, "c")].Key()
	a.Update(analyzedMsg{inventory: refused("a", "b", "c")})
	press(a, "enter")
	at := slices.IndexFunc(a.inventory.Findings, func(f *rule.Finding) bool { return f.Key() == key })
	if want := fmt.Sprintf("finding %d of ", at+1); !strings.Contains(a.status.text, want) {
		t.Errorf("it says %q, not %q", a.status.text, want)
	}
}

// The plans for the path that the reader looked at are the first ones, also where its
// callers, and with them its ID, have changed meanwhile.
func TestTheFirstPlansAreThoseForThePathAtItsPlace(t *testing.T) {
	endpoints := func(callers ...string) *inventory {
		b := modeltest.New().Group("sg-both").Service("both", modeltest.Port("web", 80, "http"),
			modeltest.Port("api", 90, "http"),
			modeltest.Offer("web", 0, 80), modeltest.Offer("api", 0, 90))
		for _, name := range callers {
			b = b.Group("sg-"+name).Service(name, modeltest.Client())
		}
		return newInventory(rule.Analyze(b.Snapshot()))
	}
	ref := model.Ref{Cluster: "prod", Service: "both"}
	before, after := endpoints("x"), endpoints("a", "x")
	for _, path := range before.Into(ref) {
		w := sheetFor{ref: ref, path: path}
		plans, err := w.plans(after, nil)
		if err != nil || len(plans) == 0 {
			t.Fatalf("%d plans, %v", len(plans), err)
		}
		if !slices.ContainsFunc(after.Into(ref), func(p *reach.Path) bool {
			return p.Place == w.path.Place && p.ID != w.path.ID && slices.Contains(plans[0].Paths, p.ID)
		}) {
			t.Errorf("the first plan for %s is about %v", w.path.Place, plans[0].Paths)
		}
	}
}

// noted is a source that notes what the user looks at.
type noted struct {
	noSource

	looks []string
}

func (n *noted) LookAt(service model.Ref) { n.looks = append(n.looks, service.Service) }

func TestTheSourceIsToldWhichServiceIsSelected(t *testing.T) {
	source := &noted{}
	a := New(Options{Source: source})
	a.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	a.Update(analyzedMsg{inventory: refused("a", "b", "c")})
	press(a, "j", "j", "tab", "j", "tab", "k", "down")
	if got := strings.Join(source.looks, " "); got != "a b c b c" {
		t.Errorf("it was told of %s", got)
	}
}
