package theme_test

import (
	"testing"

	"hopscope/internal/text"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/ui/theme"
)

func TestEveryStateHasAGlyphOfItsOwnOfWidthOne(t *testing.T) {
	seen := map[string]theme.State{}
	for s := theme.None; s <= theme.Bad; s++ {
		g := s.Glyph()
		if text.Width(g) != 1 {
			t.Errorf("%q of state %d is not one cell wide", g, s)
		}
		if other, ok := seen[g]; ok {
			t.Errorf("states %d and %d share %q", other, s, g)
		}
		seen[g] = s
	}
}

func TestVerdictsAccessAndSeveritiesHaveStates(t *testing.T) {
	verdicts := map[reach.Verdict]theme.State{
		reach.OK: theme.Good, reach.Needed: theme.Good, reach.Closed: theme.Calm, reach.UnnecessaryHop: theme.Warn,
		reach.Risk: theme.Warn, reach.Broken: theme.Bad, reach.Unknown: theme.Unknown, "": theme.Unknown,
		"new": theme.Unknown,
	}
	for v, want := range verdicts {
		if got := theme.OfVerdict(v); got != want {
			t.Errorf("verdict %q: state %d, want %d", v, got, want)
		}
	}
	accesses := map[reach.Access]theme.State{
		reach.Allowed: theme.Good, reach.Blocked: theme.Bad, reach.AccessUnknown: theme.Unknown, "": theme.Unknown,
	}
	for a, want := range accesses {
		if got := theme.OfAccess(a); got != want {
			t.Errorf("access %q: state %d, want %d", a, got, want)
		}
	}
	severities := map[rule.Severity]theme.State{rule.Error: theme.Bad, rule.Warning: theme.Warn, rule.Info: theme.Calm}
	for s, want := range severities {
		if got := theme.OfSeverity(s); got != want {
			t.Errorf("severity %q: state %d, want %d", s, got, want)
		}
	}
}
