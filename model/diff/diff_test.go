package diff_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/diff"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

func TestMain(m *testing.M) {
	thorough.Draw(20)
	m.Run()
}

func between(before, after *model.Snapshot) *diff.Document {
	return diff.Between(rule.Analyze(before), rule.Analyze(after))
}

// behind are the sentences of facts, by their IDs.
func behind(t *testing.T, d *diff.Document, ids []string) []string {
	t.Helper()
	var out []string
	for _, id := range ids {
		at := slices.IndexFunc(d.Facts, func(f diff.Fact) bool { return f.ID == id })
		if at < 0 {
			t.Fatalf("no fact %s", id)
		}
		out = append(out, d.Facts[at].Sentence())
	}
	return out
}

// The article: the override without the rule breaks the callers, and the rule repairs them.
func TestTheFactsBehindTheArticle(t *testing.T) {
	t.Parallel()
	type change struct {
		path      string
		direction diff.Direction
		because   []string
	}
	override := "prod/sample-ecs-app: serviceConnectConfiguration.services[app].ingressPortOverride not set → 8080"
	opened := "ingress rule tcp 8080 from sg-client-service of sg-sample-ecs-app added"
	closed := "ingress rule tcp 80 from sg-client-service of sg-sample-ecs-app removed"
	for name, test := range map[string]struct {
		before, after *model.Snapshot
		want          []change
	}{
		"nothing": {modeltest.Article(0, 80), modeltest.Article(0, 80), nil},
		"(a) to (b)": {modeltest.Article(0, 80), modeltest.Article(8080, 80), []change{
			{"health check of main-alb → sample-ecs-app:80", diff.Better, []string{override}},
			{"main-alb :80 → sample-ecs-app:80", diff.Better, []string{override}},
			{"client-service → app.ns:80", diff.Worse, []string{override}},
		}},
		"(b) to (c)": {modeltest.Article(8080, 80), modeltest.Article(8080, 8080), []change{
			{"client-service → app.ns:80", diff.Better, []string{opened}},
		}},
		"(a) to (c)": {modeltest.Article(0, 80), modeltest.Article(8080, 8080), []change{
			{"health check of main-alb → sample-ecs-app:80", diff.Better, []string{override, closed}},
			{"main-alb :80 → sample-ecs-app:80", diff.Better, []string{override, closed}},
			{"client-service → app.ns:80", diff.Neither, []string{override, closed, opened}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := between(test.before, test.after)
			if len(d.Paths) != len(test.want) || d.Empty() != (len(test.want) == 0) {
				t.Fatalf("%d paths, want %d: %+v", len(d.Paths), len(test.want), d.Paths)
			}
			for i, want := range test.want {
				p := &d.Paths[i]
				if because := behind(t, d, p.Facts); p.Name != want.path || p.Direction != want.direction ||
					!slices.Equal(because, want.because) {
					t.Errorf("%s, %s: %q\nwant %+v", p.Name, p.Direction, because, want)
				}
			}
		})
	}
}

func TestFindingsAreNewAndGone(t *testing.T) {
	t.Parallel()
	d := between(modeltest.Article(0, 80), modeltest.Article(8080, 80))
	codes := func(all []diff.Finding) string {
		var out []string
		for _, f := range all {
			out = append(out, f.Code)
		}
		return strings.Join(out, " ")
	}
	if got := codes(d.Findings.New); got != "NET201" {
		t.Errorf("new: %s", got)
	}
	if got := codes(d.Findings.Gone); got != "HOP101 CFG314 HOP106" {
		t.Errorf("gone: %s", got)
	}
	if !d.Worsened(rule.Error) || between(modeltest.Article(8080, 80), modeltest.Article(8080, 8080)).Worsened(rule.Info) {
		t.Error("a new error is worse, and one that is gone is not")
	}
}

func TestCallersThatComeAndGoAreNamed(t *testing.T) {
	t.Parallel()
	two := modeltest.Called([]string{"tcp 8080"}, "web", "cart").Snapshot()
	three := modeltest.Called([]string{"tcp 8080"}, "web", "orders", "cart").Snapshot()
	d := between(two, three)
	gained := 0
	for _, p := range d.Paths {
		if c := p.CallersGained; c != nil {
			gained += c.Count
			if c.Services[0].Service != "orders" {
				t.Errorf("%s gained %v", p.Name, c.Services)
			}
		}
	}
	if gained != 1 {
		t.Errorf("%d callers came", gained)
	}
}

// edits are changes of a snapshot of which any path may depend.
var edits = map[string]func(*rapid.T, *model.Snapshot){
	"group rules": func(t *rapid.T, s *model.Snapshot) {
		g := &s.SecurityGroups[rapid.IntRange(0, len(s.SecurityGroups)-1).Draw(t, "group")]
		g.Ingress = nil
	},
	"egress": func(t *rapid.T, s *model.Snapshot) {
		s.SecurityGroups[rapid.IntRange(0, len(s.SecurityGroups)-1).Draw(t, "group")].Egress = nil
	},
	"override": func(_ *rapid.T, s *model.Snapshot) {
		for i := range s.Services {
			d := s.Services[i].Primary()
			if d == nil || d.ServiceConnect == nil {
				continue
			}
			for j := range d.ServiceConnect.Services {
				d.ServiceConnect.Services[j].IngressPortOverride = 15000 + j
			}
		}
	},
	"no block": func(_ *rapid.T, s *model.Snapshot) {
		for i := range s.Services {
			if d := s.Services[i].Primary(); d != nil {
				d.ServiceConnect = nil
			}
		}
	},
	"no service":        func(_ *rapid.T, s *model.Snapshot) { s.Services = s.Services[1:] },
	"no listener rules": func(_ *rapid.T, s *model.Snapshot) { s.ListenerRules = nil },
	"no entries": func(_ *rapid.T, s *model.Snapshot) {
		for i := range s.NetworkACLs {
			s.NetworkACLs[i].Entries = nil
		}
	},
	"denied": func(t *rapid.T, s *model.Snapshot) {
		modeltest.Deny(s, rapid.SampledFrom([]model.Action{
			model.DescribeSecurityGroups, model.DescribeTaskDefinition, model.DescribeTargetGroups, model.DescribeNetworkAcls,
		}).Draw(t, "action"))
	},
}

func copied(t *rapid.T, s *model.Snapshot) *model.Snapshot {
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	out := &model.Snapshot{}
	if err := json.Unmarshal(b, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Verdicts follow from facts: whatever changes, each path that differs has a fact that does.
func TestEveryChangeHasAFactBehindIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := copied(t, modeltest.Draw(t))
		after := copied(t, before)
		names := make([]string, 0, len(edits))
		for name := range edits {
			names = append(names, name)
		}
		slices.Sort(names)
		name := rapid.SampledFrom(names).Draw(t, "edit")
		edits[name](t, after)
		d := between(before, after)
		for _, p := range d.Paths {
			if len(p.Facts) == 0 && p.Unread == "" {
				t.Fatalf("%s: %s %s has no fact behind it: %+v → %+v", name, p.Name, p.Change, p.Before, p.After)
			}
		}
		if again := between(before, copied(t, before)); !again.Empty() || len(again.Facts) > 0 {
			t.Fatalf("a snapshot differs from its copy: %+v", again)
		}
	})
}

func TestADocumentHasNoNull(t *testing.T) {
	t.Parallel()
	for _, after := range []*model.Snapshot{modeltest.Article(0, 80), modeltest.Article(8080, 80), {}} {
		b, err := json.Marshal(between(modeltest.Article(0, 80), after))
		if err != nil || strings.Contains(string(b), "null") {
			t.Errorf("%v: %s", err, b)
		}
	}
}

func TestFactsOfHealthAreBehindAPath(t *testing.T) {
	t.Parallel()
	d := between(modeltest.Article(10080, 10080), modeltest.UnhealthyArticle())
	for _, p := range d.Paths {
		if p.After.Verdict != reach.Broken {
			continue
		}
		want := "target group sample-tg: health 1 healthy → 2 unhealthy (Target.Timeout)"
		if because := behind(t, d, p.Facts); !slices.Contains(because, want) {
			t.Errorf("%s: %q", p.Name, because)
		}
		return
	}
	t.Error("no path broke")
}
