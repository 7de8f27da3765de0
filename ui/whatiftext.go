package ui

import (
	"fmt"
	"strings"

	"hopscope/model"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// whatIfText writes about what would follow from a what-if.
type whatIfText struct{ changeText }

// follows is what would follow, now → then.
func (e whatIfText) follows(w *whatIf, t *whatIfResult, trying bool, width int) []paragraph {
	if why := w.wrong(); why != "" {
		return e.sentences(why)
	}
	switch {
	case t == nil:
		return []paragraph{{text: "working it out", style: e.Dim}}
	case t.err != nil:
		return append(e.sentences(t.err.Error()), e.fact("next:", "r starts from what is there now"))
	}
	var out []paragraph
	if trying {
		out = append(out, paragraph{text: "working it out; this is from before", style: e.Dim})
	}
	if !w.changed() {
		out = append(out, paragraph{text: "This is how it is. Type a port, untick a rule: what would follow is " +
			"shown here.", style: e.Dim})
	}
	out = append(out, e.comes(t)...)
	for i := range t.pairs {
		out = append(out, e.becomesOf(&t.pairs[i], t.words(&t.pairs[i])))
	}
	out = append(out, e.goes(t)...)
	if w.changed() && len(t.findings.New)+len(t.findings.Gone) == 0 {
		out = append(out, paragraph{
			lead: theme.Good.Glyph() + " ", leadStyle: e.State(theme.Good),
			text: "no finding comes or goes",
		})
	}
	for _, f := range t.findings.Kept {
		out = append(out, paragraph{lead: "  stays: " + f.Code + " ", leadStyle: e.Dim, text: f.Title(), indent: 2})
	}
	return append(out, e.inDetail(t, width)...)
}

// comes are the findings that would come, and what would change elsewhere.
func (e whatIfText) comes(t *whatIfResult) []paragraph {
	var out []paragraph
	for _, f := range t.findings.New {
		state := theme.OfSeverity(f.Severity)
		out = append(out, paragraph{
			lead: "+ " + state.Glyph() + " " + f.Code + " ", leadStyle: e.State(state),
			text: f.Title(), indent: 2,
		})
	}
	if n := t.elsewherePaths; n > 0 {
		verb := "changes"
		if n > 1 {
			verb = "change"
		}
		out = append(out, paragraph{
			lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn), indent: 2,
			text: fmt.Sprintf("%s of other services %s: %s", words.Count(n, "path"), verb, someOf(t.elsewhere)),
		})
	}
	return out
}

// goes are the findings that would go.
func (e whatIfText) goes(t *whatIfResult) []paragraph {
	var out []paragraph
	for _, f := range t.findings.Gone {
		out = append(out, paragraph{
			lead: "- gone: " + f.Code + " ", leadStyle: e.State(theme.Good),
			text: f.Title(), indent: 2,
		})
	}
	return out
}

// someOf names a few services.
func someOf(all []model.Ref) string {
	const most = 5
	var names []string
	for _, ref := range all[:min(len(all), most)] {
		names = append(names, ref.Service)
	}
	if more := len(all) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// inDetail are the drawings of what would change, and what new errors say.
func (e whatIfText) inDetail(t *whatIfResult, width int) []paragraph {
	var out []paragraph
	for i := range t.pairs {
		p := &t.pairs[i]
		if p.After != nil && i < mostTried {
			out = append(out, blank, paragraph{text: words.Path(p.After) + thenMark(p), style: e.Strong},
				e.drawing(p.After, width))
		}
	}
	for _, f := range t.findings.New {
		if f.Detail() != "" {
			state := theme.OfSeverity(f.Severity)
			out = append(out, blank, paragraph{
				lead: f.Code + " ", leadStyle: e.State(state), text: f.Detail(),
				indent: 2,
			})
		}
	}
	return out
}

// thenMark is behind the names of paths that would be different.
func thenMark(p *pair) string {
	if p.Changed() {
		return ", then"
	}
	return ""
}

// mostTried is the number of paths that are drawn.
const mostTried = 6
