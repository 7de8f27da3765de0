package ui

import (
	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/ui/theme"
)

// finding is a finding in one line.
func (e prose) finding(f *rule.Finding) paragraph { return e.titled(f, f.Title()) }

func (e prose) titled(f *rule.Finding, title string) paragraph {
	s := theme.OfSeverity(f.Severity)
	return paragraph{
		lead: s.Glyph() + " " + f.Code + " ", leadStyle: e.State(s), text: title, style: e.Strong,
		indent: 2,
	}
}

// firstStep is what to do about a finding: the first step of its first plan. It comes
// before everything else: at night a reader gets no further.
func (e prose) firstStep(f *rule.Finding, v *inventory) []paragraph {
	switch p := v.remedies.repairing(f); {
	case p != nil && len(p.Steps) > 0:
		return []paragraph{e.fact("  first step", p.Steps[0].Title)}
	case v.final && !v.remedies.known(f.Ref()):
		return []paragraph{e.fact("  first step", "…")} // it is being worked out, and has its place
	}
	return nil
}

// findingInFull is everything a finding says.
func (e prose) findingInFull(f *rule.Finding, v *inventory) []paragraph {
	said := f.Text()
	out := append([]paragraph{e.titled(f, said.Title)}, e.firstStep(f, v)...)
	if said.Detail != "" {
		out = append(out, paragraph{lead: "  ", text: said.Detail})
	}
	if f.Confidence != "" && f.Confidence != rule.High {
		out = append(out, e.fact("  confidence", string(f.Confidence)))
	}
	if f.CausedBy != nil {
		out = append(out, e.fact("  follows from", f.CausedBy.Code))
	}
	out = append(out, e.evidence("  ", said.Evidence)...)
	if p := v.remedies.repairing(f); p != nil {
		out = append(append(out, e.fact("  plan", p.Title)), planText{e}.steps(p)...)
	}
	return out
}

// gap says what could not be read, what that blinds, and what to do.
func (e prose) gap(g *model.Gap) []paragraph {
	out := []paragraph{{
		lead: theme.Unknown.Glyph() + " " + string(g.Action) + " ", leadStyle: e.State(theme.Unknown),
		text: string(g.State), style: e.Strong,
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
