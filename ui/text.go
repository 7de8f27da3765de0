package ui

import (
	"strings"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/ui/canvas"
)

// paragraph is text that is wrapped to the width there is.
type paragraph struct {
	// lead is in front of the first line: a glyph, a code, a label.
	lead      string
	leadStyle uv.Style
	text      string
	style     uv.Style
	// indent is for the lines after the first.
	indent int
	// verbatim text is several lines that are not wrapped.
	verbatim bool
}

// line is a row of wrapped text.
type line struct {
	lead      string
	leadStyle uv.Style
	indent    int
	text      string
	style     uv.Style
}

// wrapped lays paragraphs out.
func wrapped(paragraphs []paragraph, width int) []line {
	var out []line
	for i := range paragraphs {
		p := &paragraphs[i]
		if p.verbatim {
			for text := range strings.SplitSeq(p.text, "\n") {
				out = append(out, line{text: text, style: p.style})
			}
			continue
		}
		out = append(out, p.wrap(width)...)
	}
	return out
}

// wrap lays a paragraph out: the first line behind its lead, the others behind
// the indent.
func (p *paragraph) wrap(width int) []line {
	lead, indent := canvas.Width(p.lead), p.indent
	if indent == 0 {
		indent = min(lead, width/3)
	}
	texts := canvas.Wrap(p.text, max(width-lead, 1))
	if len(texts) > 1 && lead != indent {
		rest := canvas.Wrap(strings.Join(texts[1:], " "), max(width-indent, 1))
		texts = append(texts[:1:1], rest...)
	}
	out := make([]line, len(texts))
	for i, text := range texts {
		out[i] = line{indent: indent, text: text, style: p.style}
	}
	out[0].lead, out[0].leadStyle, out[0].indent = p.lead, p.leadStyle, lead
	return out
}

func (l *line) draw(c canvas.Canvas, y int) {
	width := c.Size().X
	c.TextIn(0, y, width, l.lead, l.leadStyle)
	c.TextIn(l.indent, y, width-l.indent, l.text, l.style)
}

// plainText is paragraphs as text for the clipboard, one line each.
func plainText(paragraphs []paragraph) string {
	var b strings.Builder
	for i := range paragraphs {
		p := &paragraphs[i]
		text := canvas.Clean(p.lead + p.text)
		if p.verbatim {
			text = canvas.CleanText(p.text)
		}
		b.WriteString(strings.TrimRight(text, " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// pager is text of which a part is in sight.
type pager struct {
	paragraphs []paragraph
	lines      []line
	top        int
	height     int
}

// fit lays the text out for a size.
func (p *pager) fit(width, height int) {
	p.lines = wrapped(p.paragraphs, width)
	p.height = height
	p.scroll(0)
}

// scroll moves by some lines, up if negative.
func (p *pager) scroll(by int) {
	p.top = max(min(p.top+by, len(p.lines)-p.height), 0)
}

// more is the number of lines below those in sight.
func (p *pager) more() int { return max(len(p.lines)-p.top-p.height, 0) }

func (p *pager) draw(c canvas.Canvas) {
	for y := range min(p.height, len(p.lines)-p.top) {
		p.lines[p.top+y].draw(c, y)
	}
}
