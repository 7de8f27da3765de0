package change_test

import (
	"slices"
	"testing"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

func into(a *rule.Analysis, service string) []*reach.Path {
	var out []*reach.Path
	for _, p := range a.Paths {
		if p.Target.Service == service {
			out = append(out, p)
		}
	}
	return out
}

// The article: each path is found again in every act, whatever becomes of it.
func TestAPathIsFoundAgainWhateverBecomesOfIt(t *testing.T) {
	t.Parallel()
	acts := []*rule.Analysis{
		rule.Analyze(modeltest.Article(0, 80)), rule.Analyze(modeltest.Article(8080, 80)),
		rule.Analyze(modeltest.Article(8080, 8080)),
	}
	for i, before := range acts {
		for j, after := range acts {
			pairs := change.Paths(into(before, "sample-ecs-app"), into(after, "sample-ecs-app"))
			if len(pairs) != 3 {
				t.Fatalf("act %d to %d: %d pairs, want 3", i, j, len(pairs))
			}
			for _, p := range pairs {
				if p.Before == nil || p.After == nil || p.Before.Place != p.After.Place || !change.Same(p.Before, p.After) {
					t.Errorf("act %d to %d: %+v", i, j, p)
				} else if p.Changed() != (p.Before.Via != p.After.Via || p.Before.Access != p.After.Access ||
					p.Before.Verdict != p.After.Verdict || p.Before.Target.WirePort != p.After.Target.WirePort) {
					t.Errorf("act %d to %d: changed is %t", i, j, p.Changed())
				}
			}
		}
	}
}

func TestFindingsAreComparedByTheirKeys(t *testing.T) {
	t.Parallel()
	ref := model.Ref{Cluster: "prod", Service: "sample-ecs-app"}
	hop, lost := rule.Analyze(modeltest.Article(0, 80)), rule.Analyze(modeltest.Article(8080, 80))
	codes := func(all []*rule.Finding) []string {
		var out []string
		for _, f := range all {
			out = append(out, f.Code)
		}
		return out
	}
	c := change.OfFindings(hop.About(ref), lost.About(ref))
	if got := codes(c.Gone); !slices.Equal(got, []string{"HOP101", "CFG314", "HOP106"}) {
		t.Errorf("gone: %v", got)
	}
	if got := codes(c.New); !slices.Equal(got, []string{"NET201"}) {
		t.Errorf("new: %v", got)
	}
	if c = change.OfFindings(hop.About(ref), hop.About(ref)); len(c.Gone)+len(c.New) > 0 || len(c.Kept) != 3 {
		t.Errorf("of itself: %+v", c)
	}
}
