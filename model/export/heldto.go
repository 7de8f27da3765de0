package export

import (
	"io"
	"slices"

	"hopscope/model"
	"hopscope/model/assert"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// Assertions writes what holds on the paths of a document, as a start for hopscope check
// --assert.
func Assertions(w io.Writer, d *Document) error {
	a := rule.Analyze(&model.Snapshot{})
	if d.Index != nil {
		a = rule.Analyze(d.Index.Snapshot)
	}
	return assert.Write(w, a, d.Paths)
}

// assertions lists what must hold: what does not comes first.
func (m *markdown) assertions() {
	if m.r.Assertions == nil {
		return
	}
	m.printf("## Assertions\n\n")
	for _, o := range ByVerdict(m.r.Assertions) {
		m.printf("- **%s** %s", prose(string(o.Verdict)), code(o.Assertion))
		if o.Line > 0 {
			m.printf(" (%s:%d)", prose(o.File), o.Line)
		}
		m.printf("\n")
		for i := range o.Reasons {
			m.printf("  - %s\n", prose(o.Reasons[i].String()))
		}
		if o.More > 0 {
			m.printf("  - and %d more\n", o.More)
		}
	}
	m.printf("\n")
}

// ByVerdict are outcomes in the order of what has to be done: broken, without a match, unknown,
// and those that hold.
func ByVerdict(all []assert.Outcome) []assert.Outcome {
	order := []assert.Verdict{assert.Broken, assert.NoMatch, assert.Unknown, assert.Holds}
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b assert.Outcome) int {
		return slices.Index(order, a.Verdict) - slices.Index(order, b.Verdict)
	})
	return out
}

// accepted lists what a baseline accepts, and its entries that accept nothing.
func (m *markdown) accepted() {
	if m.r.Baseline == nil {
		return
	}
	m.printf("## Accepted\n\n")
	if m.r.Accepted() == 0 {
		m.printf("None.\n")
	}
	for i := range m.r.Findings {
		if f := &m.r.Findings[i]; f.Accepted != nil {
			m.printf("- %s %s %s: %s — %s\n", prose(f.Code), f.Severity, code(f.Ref().String()), prose(f.Title),
				prose(AcceptanceText(f.Accepted)))
		}
	}
	for _, kind := range IdleKinds(m.r.Baseline) {
		for _, e := range kind.Entries {
			m.printf("- entry of line %d, %s: %s — %s\n", e.Line, kind.Name, code(e.Key), prose(e.Reason))
		}
	}
	m.printf("\n")
}

// AcceptanceText is why a finding was accepted, and until when.
func AcceptanceText(a *report.Acceptance) string {
	if a.Expires == "" {
		return a.Reason
	}
	return a.Reason + ", until " + a.Expires
}
