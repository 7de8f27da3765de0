package cli

import (
	"fmt"
	"slices"

	"hopscope/model/assert"
	"hopscope/model/export"
	"hopscope/model/report"
	"hopscope/ui/theme"
)

// assertions lists what must hold: what does not comes first.
func (p *humanPage) assertions() {
	if p.report.Assertions == nil {
		return
	}
	p.printf("%s\n", p.strong("Assertions"))
	for _, o := range export.ByVerdict(p.report.Assertions) {
		state := map[assert.Verdict]theme.State{
			assert.Broken: theme.Bad, assert.NoMatch: theme.Bad, assert.Unknown: theme.Unknown, assert.Holds: theme.Good,
		}[o.Verdict]
		p.wrapped(2, p.state(state, fmt.Sprintf("%s %-8s", state.Glyph(), o.Verdict))+" ",
			fmt.Sprintf("%s (%s:%d)", o.Assertion, o.File, o.Line))
		for i := range o.Reasons {
			p.wrapped(4, label("because", i), o.Reasons[i].String())
		}
		if o.More > 0 {
			p.wrapped(4, label("because", 1), fmt.Sprintf("and %d more", o.More))
		}
	}
	p.printf("\n")
}

// accepted lists what a baseline accepts, and its entries that accept nothing.
func (p *humanPage) accepted() {
	if p.report.Baseline == nil {
		return
	}
	idle := export.IdleKinds(p.report.Baseline)
	accepted := func(f report.Finding) bool { return f.Accepted != nil }
	if len(idle) == 0 && !slices.ContainsFunc(p.report.Findings, accepted) {
		return
	}
	p.printf("%s\n", p.strong("Accepted by "+p.report.Baseline.File))
	for i := range p.report.Findings {
		if f := &p.report.Findings[i]; f.Accepted != nil {
			p.wrapped(2, p.state(theme.Calm, theme.Calm.Glyph())+" ", fmt.Sprintf("%s %s  %s: %s (%s)", f.Code, f.Severity,
				f.Ref(), f.Title, export.AcceptanceText(f.Accepted)))
		}
	}
	for _, kind := range idle {
		for _, e := range kind.Entries {
			p.wrapped(2, p.state(theme.Warn, theme.Warn.Glyph())+" ",
				fmt.Sprintf("line %d, %s: %s (%s)", e.Line, kind.Name, e.Key, e.Reason))
		}
	}
	p.printf("\n")
}
