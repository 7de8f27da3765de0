package ui

import (
	"cmp"
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// whatIfResult is what would follow from a what-if.
type whatIfResult struct {
	pairs []pair
	// gone and fresh are findings about the service that would go and come, kept
	// those that would stay.
	gone, fresh, kept []*rule.Finding
	// elsewhere are services other than this one with paths that would change,
	// elsewherePaths counts these.
	elsewhere      []model.Ref
	elsewherePaths int
	// free are ports that an override may have, by the position of the endpoint.
	free map[int]int
	err  error
}

// freePorts are the ports that fix would take for overrides.
func freePorts(v *inventory, ref model.Ref) map[int]int {
	out := map[int]int{}
	knobs := planner.KnobsOf(v.snapshot, v.report, ref)
	for i := range knobs.Endpoints {
		if e := &knobs.Endpoints[i]; e.Suggested != 0 {
			out[e.Index] = e.Suggested
		}
	}
	return out
}

func newWhatIfResult(v *inventory, u *whatIf) *whatIfResult {
	after, err := fix.Outcome(v.snapshot, u.ref, u.steps())
	if err != nil {
		return &whatIfResult{err: err}
	}
	report := rule.Analyze(after)
	t := &whatIfResult{pairs: pairUp(pathsTo(v.paths, u.ref), pathsTo(report.Paths, u.ref), nil)}
	t.compareFindings(findingsAbout(v.report, u.ref), findingsAbout(report, u.ref))
	t.compareOthers(v.report, report, u.ref)
	return t
}

func findingsAbout(r *rule.Analysis, ref model.Ref) []*rule.Finding {
	var out []*rule.Finding
	for i := range r.Findings {
		if r.Findings[i].Ref() == ref {
			out = append(out, &r.Findings[i])
		}
	}
	return out
}

func (t *whatIfResult) compareFindings(now, after []*rule.Finding) {
	has := func(all []*rule.Finding, f *rule.Finding) bool {
		return slices.ContainsFunc(all, func(o *rule.Finding) bool { return o.Key() == f.Key() })
	}
	for _, f := range now {
		if !has(after, f) {
			t.gone = append(t.gone, f)
		}
	}
	for _, f := range after {
		if has(now, f) {
			t.kept = append(t.kept, f)
		} else {
			t.fresh = append(t.fresh, f)
		}
	}
}

// look is what is compared of a path.
type look struct {
	via     reach.Via
	access  reach.Access
	verdict reach.Verdict
}

// compareOthers counts the paths of other services that would change: a group may
// be shared.
func (t *whatIfResult) compareOthers(now, after *rule.Analysis, ref model.Ref) {
	looks := make(map[string]look, len(now.Paths))
	for i := range now.Paths {
		if p := &now.Paths[i]; p.Target.Ref() != ref {
			looks[p.ID] = look{p.Via, p.Access, p.Verdict}
		}
	}
	seen := map[model.Ref]bool{}
	for i := range after.Paths {
		p := &after.Paths[i]
		if p.Target.Ref() == ref || looks[p.ID] == (look{p.Via, p.Access, p.Verdict}) {
			continue
		}
		t.elsewherePaths++
		if !seen[p.Target.Ref()] {
			seen[p.Target.Ref()] = true
			t.elsewhere = append(t.elsewhere, p.Target.Ref())
		}
	}
	slices.SortFunc(t.elsewhere, func(a, b model.Ref) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Cluster, b.Cluster))
	})
}

// words name a path among those of the service: its source, and where it leads if
// that is not the same for all.
func (t *whatIfResult) words(p *pair) string {
	port := t.pairs[0].path().Target.ContainerPort
	for i := range t.pairs {
		if t.pairs[i].path().Target.ContainerPort != port {
			return words.Path(p.path())
		}
	}
	return words.Way(p.path())
}
