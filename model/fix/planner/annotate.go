package planner

import (
	"slices"

	"hopscope/model/fix"
	"hopscope/model/rule"
)

// Annotate writes the plans into the findings of a report that they repair, in
// place of the steps for a person that rules give. A finding without a plan keeps
// those.
func Annotate(report *rule.Report, plans []fix.Plan) {
	byPath, byService := map[string][]int{}, map[string][]int{}
	for i := range plans {
		for _, id := range plans[i].Paths {
			byPath[id] = append(byPath[id], i)
		}
		byService[plans[i].Service.String()] = append(byService[plans[i].Service.String()], i)
	}
	for i := range report.Findings {
		f := &report.Findings[i]
		var at []int
		ids := pathIDs(f)
		for _, id := range ids {
			at = append(at, byPath[id]...)
		}
		if len(ids) == 0 {
			at = byService[f.Ref().String()]
		}
		at = slices.Clone(at)
		slices.Sort(at)
		var fixes []rule.Fix
		for _, n := range slices.Compact(at) {
			if p := &plans[n]; slices.Contains(p.Codes, f.Code) && (len(ids) > 0 || len(p.Paths) == 0 || p.Service == f.Ref()) {
				fixes = append(fixes, asFix(p))
			}
		}
		if len(fixes) > 0 {
			f.Fixes = fixes
		}
	}
}

// asFix is the plan as a report shows it.
func asFix(p *fix.Plan) rule.Fix {
	fix := rule.Fix{ID: p.FixID(), Title: p.Title, Appliable: p.Appliable(), Steps: []string{}}
	for i := range p.Steps {
		title := p.Steps[i].Title
		if p.Steps[i].Later {
			title = "Later: " + title
		}
		fix.Steps = append(fix.Steps, title)
	}
	return fix
}
