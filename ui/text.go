package ui

import (
	"image"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
	"hopscope/ui/diagram"
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
	// code is verbatim text whose long lines go on in the next row.
	code bool
	// figures are drawn in place of the text, which stands for them on the
	// clipboard.
	figures []figure
}

// figure is a diagram among text, and the column that it begins in.
type figure struct {
	diagram *diagram.Diagram
	column  int
}

// line is a row of wrapped text.
type line struct {
	lead      string
	leadStyle uv.Style
	indent    int
	text      string
	style     uv.Style
	// figures are those that the row is a part of: row number row of each.
	figures []figure
	row     int
}

// wrapped lays paragraphs out.
func wrapped(paragraphs []paragraph, width int) []line {
	var out []line
	for i := range paragraphs {
		p := &paragraphs[i]
		switch {
		case len(p.figures) > 0:
			out = append(out, p.drawn()...)
			continue
		case p.code:
			out = append(out, p.broken(width)...)
			continue
		case p.verbatim:
			for text := range strings.SplitSeq(p.text, "\n") {
				out = append(out, line{text: text, style: p.style})
			}
			continue
		}
		out = append(out, p.wrap(width)...)
	}
	return out
}

// drawn is the rows of figures.
func (p *paragraph) drawn() []line {
	rows := 0
	for _, f := range p.figures {
		rows = max(rows, f.diagram.Size().Y)
	}
	out := make([]line, rows)
	for y := range out {
		out[y] = line{figures: p.figures, row: y}
	}
	return out
}

// goesOn is in front of a row that continues a line of code.
const goesOn = "↪ "

// broken lays code out: what does not fit into a row goes on in the next.
func (p *paragraph) broken(width int) []line {
	var out []line
	for code := range strings.SplitSeq(text.CleanLines(p.text), "\n") {
		first, rest := text.Cut(code, width)
		out = append(out, line{text: first, style: p.style})
		for rest != "" {
			sign := text.Width(goesOn)
			first, rest = text.Cut(rest, max(width-sign, 1))
			out = append(out, line{lead: goesOn, leadStyle: p.leadStyle, indent: sign, text: first, style: p.style})
		}
	}
	return out
}

// wrap lays a paragraph out: the first line behind its lead, the others behind
// the indent.
func (p *paragraph) wrap(width int) []line {
	lead, indent := text.Width(p.lead), p.indent
	if indent == 0 {
		indent = min(lead, width/3)
	}
	texts := text.Hang(p.text, max(width-lead, 1), max(width-indent, 1))
	out := make([]line, len(texts))
	for i, row := range texts {
		out[i] = line{indent: indent, text: row, style: p.style}
	}
	out[0].lead, out[0].leadStyle, out[0].indent = p.lead, p.leadStyle, lead
	return out
}

func (l *line) draw(c canvas.Canvas, y int) {
	width := c.Size().X
	for _, f := range l.figures {
		row := c.In(image.Rect(f.column, y, width, y+1))
		f.diagram.Draw(row.In(image.Rect(0, -l.row, width-f.column, f.diagram.Size().Y-l.row)), noHop)
	}
	c.TextIn(0, y, width, l.lead, l.leadStyle)
	c.TextIn(l.indent, y, width-l.indent, l.text, l.style)
}

// plainText is paragraphs as text for the clipboard, one line each.
func plainText(paragraphs []paragraph) string {
	var b strings.Builder
	for i := range paragraphs {
		p := &paragraphs[i]
		content := text.Clean(p.lead + p.text)
		if p.verbatim || p.code || len(p.figures) > 0 {
			content = text.CleanLines(p.text)
		}
		b.WriteString(strings.TrimRight(content, " "))
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
