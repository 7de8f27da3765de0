package export

import "hopscope/model/report"

// Folded is a finding together with those that follow from it.
type Folded struct {
	*report.Finding
	Consequences []*report.Finding
}

// Fold puts every finding under its root cause and keeps the report's order
// otherwise. A finding whose cause is not in the report stands for itself. One that says
// the same of another service, whose root names that service, is left out.
func Fold(findings []report.Finding) []Folded {
	roots := make(map[string]int)
	var out []Folded
	for i := range findings {
		if f := &findings[i]; f.CausedBy == nil {
			roots[f.Key] = len(out)
			out = append(out, Folded{Finding: f})
		}
	}
	for i := range findings {
		f := &findings[i]
		if f.CausedBy == nil {
			continue
		}
		root, ok := roots[f.CausedBy.Key]
		switch {
		case ok && out[root].Accepted != nil && f.Accepted == nil: // it was not accepted with its cause
			out = append(out, Folded{Finding: f})
		case ok && f.Code == out[root].Code && f.Ref() != out[root].Ref():
		case ok:
			out[root].Consequences = append(out[root].Consequences, f)
		default:
			out = append(out, Folded{Finding: f})
		}
	}
	return out
}
