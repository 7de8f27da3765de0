package ui

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/ui/theme"
)

// finding is a finding in one line.
func (e prose) finding(f *rule.Finding) paragraph {
	s := theme.OfSeverity(f.Severity)
	return paragraph{lead: s.Glyph() + " " + f.Code + " ", leadStyle: e.State(s), text: f.Title, style: e.Strong, indent: 2}
}

// firstStep is what to do about a finding. It comes before everything else: at
// night nobody reads to the end.
func (e prose) firstStep(f *rule.Finding) []paragraph {
	if len(f.Fixes) == 0 || len(f.Fixes[0].Steps) == 0 {
		return nil
	}
	return []paragraph{e.fact("  first step", f.Fixes[0].Steps[0])}
}

// findingInFull is everything a finding says.
func (e prose) findingInFull(f *rule.Finding) []paragraph {
	out := append([]paragraph{e.finding(f)}, e.firstStep(f)...)
	if f.Detail != "" {
		out = append(out, paragraph{lead: "  ", text: f.Detail})
	}
	if f.Confidence != "" && f.Confidence != rule.High {
		out = append(out, e.fact("  confidence", string(f.Confidence)))
	}
	if f.CausedBy != nil {
		out = append(out, e.fact("  follows from", f.CausedBy.Code))
	}
	out = append(out, e.evidence("  ", f.Evidence)...)
	for i := range f.Fixes {
		out = append(out, e.fact("  fix", f.Fixes[i].Title))
		for n, step := range f.Fixes[i].Steps {
			out = append(out, paragraph{lead: fmt.Sprintf("    %d. ", n+1), leadStyle: e.Dim, text: step})
		}
	}
	return out
}

// gap says what could not be read, what that blinds, and what to do.
func (e prose) gap(g *model.Gap) []paragraph {
	out := []paragraph{{
		lead: theme.Unknown.Glyph() + " " + string(g.Action) + " ", leadStyle: e.State(theme.Unknown), text: string(g.State), style: e.Strong,
	}}
	facts := []struct{ label, text string }{
		{"for:", g.Resource}, {"AWS says:", g.Error}, {"effect:", g.Effect}, {"next:", g.Message},
	}
	for _, f := range facts {
		if f.text != "" {
			out = append(out, e.fact("  "+f.label, f.text))
		}
	}
	return out
}
