package ui

import (
	"strings"

	"hopscope/model/reach"
	"hopscope/ui/diagram"
	"hopscope/ui/theme"
)

// prose writes the paragraphs that screens are made of, in the styles of a theme.
type prose struct{ theme.Theme }

func (e prose) heading(text string) paragraph {
	return paragraph{text: text, style: e.Strong}
}

func (e prose) fact(label, text string) paragraph {
	return paragraph{lead: label + " ", leadStyle: e.Dim, text: text, indent: 4}
}

var blank = paragraph{}

func (e prose) evidence(margin string, all []reach.Evidence) []paragraph {
	var out []paragraph
	for _, ev := range all {
		out = append(out, e.fact(margin+"from "+ev.From+":", ev.Fact))
	}
	return out
}

// sentences are an error as paragraphs, whole.
func (e prose) sentences(text string) []paragraph {
	var out []paragraph
	for sentence := range strings.SplitSeq(text, "\n") {
		p := paragraph{lead: "  ", text: sentence}
		if len(out) == 0 {
			p.lead, p.leadStyle = theme.Bad.Glyph()+" ", e.State(theme.Bad)
		}
		out = append(out, p)
	}
	return out
}

// script is code, with its comments in the background.
func (e prose) script(text string) []paragraph {
	var out []paragraph
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		p := paragraph{text: l, code: true, leadStyle: e.Dim}
		if trimmed := strings.TrimSpace(l); strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") {
			p.style = e.Dim
		}
		out = append(out, p)
	}
	return out
}

// unified is a unified diff: a sign and a colour in front of each line. Its head,
// which names files, is left out.
func (e prose) unified(text string) []paragraph {
	var out []paragraph
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(l, "--- ") || strings.HasPrefix(l, "+++ ") || strings.HasPrefix(l, "@@") {
			continue
		}
		p := paragraph{text: "  " + l, code: true, style: e.Dim, leadStyle: e.Dim}
		switch {
		case strings.HasPrefix(l, "+"):
			p.style = e.State(theme.Good)
		case strings.HasPrefix(l, "-"):
			p.style = e.State(theme.Bad)
		}
		out = append(out, p)
	}
	return out
}

// copyWidth is the width of diagrams on the clipboard.
const copyWidth = 100

// drawing is a path, drawn.
func (e prose) drawing(p *reach.Path, width int) paragraph {
	return drawing(p, diagram.Options{Theme: e.Theme, Width: width})
}

func drawing(p *reach.Path, o diagram.Options) paragraph {
	return paragraph{figures: []figure{{diagram.New(p, o), 0}}, text: diagram.Text(p, copyWidth)}
}
