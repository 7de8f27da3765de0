package report

import (
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// elements are those of a member of a report's JSON.
func elements[T any](r *Report, name string) []T {
	var out []T
	for _, m := range r.Members() {
		if m.Name != name {
			continue
		}
		for e := range m.Elements {
			out = append(out, e.(T))
		}
	}
	return out
}

// What a path or a finding leaves out is said by its finding or its cause.
func TestNothingIsLostThatIsSaidOnce(t *testing.T) {
	t.Parallel()
	moved := 0
	for _, s := range []*model.Snapshot{
		modeltest.Article(0, 80), modeltest.Article(8080, 80), modeltest.Article(8080, 80, 8080), modeltest.Fleet(1, 60),
	} {
		r := New(rule.Analyze(s), nil)
		written := map[string]Finding{}
		for _, f := range elements[Finding](r, "findings") {
			written[f.Key] = f
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			said := written[f.Key].Evidence
			if f.CausedBy != nil {
				moved += len(f.Evidence) - len(said)
				said = slices.Concat(said, written[f.CausedBy.Key].Evidence)
			}
			if left := without(f.Evidence, said); len(left) > 0 {
				t.Errorf("%s lost %v", f.Key, left)
			}
		}
		told := r.toldBy()
		for i, p := range elements[Path](r, "paths") {
			of := told[p.ID]
			for j, hop := range r.Paths[i].Hops() {
				moved += lost(t, &hop, &p.Hops[j], of)
			}
			why := r.Paths[i].ViaWhy()
			says := func(f *Finding) bool { return strings.Contains(f.Detail, why) }
			if p.ViaWhy != why && p.Source.Kind != reach.SourceServiceConnect && !slices.ContainsFunc(of, says) {
				t.Errorf("%s lost %q", p.ID, why)
			}
		}
	}
	if moved == 0 {
		t.Error("nothing is said once: this test holds nothing")
	}
}

// lost compares a hop with what is written of it, and counts what its findings say instead.
func lost(t *testing.T, hop, written *reach.Hop, told []*Finding) int {
	t.Helper()
	if written.Why != hop.Why && hop.Port != 0 && hop.FromNode != reach.NodeAgent {
		t.Errorf("%s → %s lost %q", hop.From, hop.To, hop.Why)
	}
	if hop.Access == reach.Allowed {
		return 0
	}
	said := written.Evidence
	for _, f := range told {
		said = slices.Concat(said, f.Evidence)
	}
	if left := without(hop.Evidence, said); len(left) > 0 {
		t.Errorf("%s → %s lost %v", hop.From, hop.To, left)
	}
	return len(hop.Evidence) - len(written.Evidence)
}
