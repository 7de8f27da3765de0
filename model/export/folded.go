package export

import "hopscope/model/rule"

// Folded is a finding together with those that follow from it.
type Folded struct {
	*rule.Finding
	Consequences []*rule.Finding
}

// Fold puts every finding under its root cause and keeps the report's order
// otherwise. A finding whose cause is not in the report stands for itself.
func Fold(findings []rule.Finding) []Folded {
	roots := make(map[rule.Cause]int)
	var out []Folded
	for i := range findings {
		if f := &findings[i]; f.CausedBy == nil {
			roots[rule.Cause{Code: f.Code, Path: f.Path}] = len(out)
			out = append(out, Folded{Finding: f})
		}
	}
	for i := range findings {
		f := &findings[i]
		if f.CausedBy == nil {
			continue
		}
		if root, ok := roots[*f.CausedBy]; ok {
			out[root].Consequences = append(out[root].Consequences, f)
		} else {
			out = append(out, Folded{Finding: f})
		}
	}
	return out
}
