package change

import "hopscope/model/rule"

// Findings are what became of findings.
type Findings struct {
	// Gone are there no more, Kept are there still (as they are after), New were not
	// there before.
	Gone, Kept, New []*rule.Finding
}

// OfFindings compares findings by their keys, and keeps their order.
func OfFindings(before, after []*rule.Finding) Findings {
	var out Findings
	was, is := keys(before), keys(after)
	for _, f := range before {
		if !is[f.Key()] {
			out.Gone = append(out.Gone, f)
		}
	}
	for _, f := range after {
		if was[f.Key()] {
			out.Kept = append(out.Kept, f)
		} else {
			out.New = append(out.New, f)
		}
	}
	return out
}

func keys(all []*rule.Finding) map[string]bool {
	out := make(map[string]bool, len(all))
	for _, f := range all {
		out[f.Key()] = true
	}
	return out
}
