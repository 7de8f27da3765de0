package ui

import (
	"strings"

	"hopscope/model/fix"
	"hopscope/ui/theme"
)

// unified is a unified diff: a sign and a colour in front of each line. Its head,
// which names files, is left out.
func (e explainer) unified(text string) []paragraph {
	var out []paragraph
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(l, "--- ") || strings.HasPrefix(l, "+++ ") {
			continue
		}
		p := paragraph{text: "  " + l, code: true, style: e.Dim, leadStyle: e.Dim}
		switch {
		case strings.HasPrefix(l, "@@"):
			continue
		case strings.HasPrefix(l, "+"):
			p.style = e.State(theme.Good)
		case strings.HasPrefix(l, "-"):
			p.style = e.State(theme.Bad)
		}
		out = append(out, p)
	}
	return out
}

// diffs are what a plan changes, thing by thing.
func (e explainer) diffs(all []fix.Diff) []paragraph {
	var out []paragraph
	for i := range all {
		d := &all[i]
		title := d.Title
		if d.Later {
			title += ", later"
		}
		out = append(out, blank, e.heading(title))
		if d.Unified == "" {
			out = append(out, paragraph{lead: "  ", text: "nothing changes", style: e.Dim})
			continue
		}
		out = append(out, e.unified(d.Unified)...)
		if d.Note != "" {
			out = append(out, paragraph{lead: "  ", text: d.Note, style: e.Dim})
		}
	}
	return out
}
