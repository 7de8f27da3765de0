package report

import "hopscope/model/rule"

// Acceptance says that a finding was accepted by an entry of a baseline: it is shown, and a
// check does not fail for it.
type Acceptance struct {
	Reason string `json:"reason"`
	// Expires is the last day on which it counts, absent for no end.
	Expires string `json:"expires,omitempty"`
	// Line is the entry's in its file.
	Line int `json:"line,omitempty"`
}

// Baseline is what a baseline has besides the findings that it accepts.
type Baseline struct {
	File string `json:"file"`
	// Expired are entries whose day has passed, Outgrown those whose finding is more severe
	// than what was accepted: their findings count. Unused are those that no finding has.
	Expired  []IdleEntry `json:"expired"`
	Outgrown []IdleEntry `json:"outgrown"`
	Unused   []IdleEntry `json:"unused"`
}

// IdleEntry is an entry of a baseline that accepts nothing.
type IdleEntry struct {
	Key     string `json:"key"`
	Reason  string `json:"reason"`
	Line    int    `json:"line,omitempty"`
	Expires string `json:"expires,omitempty"`
}

// Accepted counts the findings that a baseline accepts.
func (r *Report) Accepted() int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Accepted != nil {
			n++
		}
	}
	return n
}

// complete is the baseline without null.
func (b *Baseline) complete() Baseline {
	return Baseline{File: b.File, Expired: notNil(b.Expired), Outgrown: notNil(b.Outgrown), Unused: notNil(b.Unused)}
}

// Fails tells whether a check fails for the finding, where it does from a severity on; "" is
// none.
func (f *Finding) Fails(least rule.Severity) bool {
	return f.Accepted == nil && least != "" && f.Severity.Rank() >= least.Rank()
}
