package report_test

import (
	"slices"
	"testing"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

func TestAReportOfAServiceHasItsPathsAndWhatWasFoundThere(t *testing.T) {
	t.Parallel()
	whole := report.New(rule.Analyze(shop(t)), nil)
	paths, findings := 0, 0
	for i := range whole.Paths {
		ref := whole.Paths[i].Target.Ref()
		if i > 0 && whole.Paths[i-1].Target.Ref() == ref {
			continue
		}
		part := whole.Narrowed(report.Part{Name: "it", Has: func(r model.Ref) bool { return r == ref }})
		for _, p := range part.Paths {
			if p.Target.Ref() != ref {
				t.Errorf("the report of %s has the path %s", ref, p.ID)
			}
		}
		paths += len(part.Paths)
		for _, f := range part.Findings {
			if f.Ref() == ref {
				findings++
			}
		}
		if part.Part != "it" || whole.Part != "" || len(part.Gaps) != len(whole.Gaps) {
			t.Errorf("%s: the part is called %q, the whole %q, of %d gaps %d are left", ref, part.Part, whole.Part,
				len(whole.Gaps), len(part.Gaps))
		}
	}
	without := func(f report.Finding) bool {
		return !slices.ContainsFunc(whole.Paths, func(p *reach.Path) bool { return p.Target.Ref() == f.Ref() })
	}
	if want := len(whole.Findings) - len(slices.Collect(filter(whole.Findings, without))); paths != len(whole.Paths) ||
		findings != want {
		t.Errorf("together %d of %d paths and %d of %d findings", paths, len(whole.Paths), findings, want)
	}
}

func filter(all []report.Finding, keep func(report.Finding) bool) func(func(report.Finding) bool) {
	return func(yield func(report.Finding) bool) {
		for _, f := range all {
			if keep(f) && !yield(f) {
				return
			}
		}
	}
}

func TestAReportOfAPathHasTheFindingsOnIt(t *testing.T) {
	t.Parallel()
	whole := report.New(rule.Analyze(shop(t)), nil)
	for _, p := range whole.Paths {
		part := whole.Narrowed(report.Part{Has: func(model.Ref) bool { return true }, Paths: []string{p.ID}})
		var codes []string
		for _, f := range part.Findings {
			codes = append(codes, f.Code)
		}
		slices.Sort(codes)
		if want := p.Findings; len(part.Paths) != 1 || !slices.Equal(slices.Compact(codes), want) {
			t.Errorf("%s: %d paths, and the findings %v, want %v", p.ID, len(part.Paths), codes, want)
		}
	}
}
