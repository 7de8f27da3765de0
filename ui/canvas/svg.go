package canvas

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"hopscope/internal/text"
)

// Measures of a cell and of the margin in the SVG, in pixels. Cells are as high as
// the glyphs of box-drawing lines, so that these join.
const (
	cellWidth, cellHeight, fontSize = 8.4, 16, 14
	margin                          = 12
)

// Colours of the SVG: a dark terminal, and what it shows the 16 colours of ANSI
// as.
const (
	paper, ink = "#16181d", "#d7dae0"
)

var palette = map[ansi.BasicColor]string{
	ansi.Black: "#16181d", ansi.Red: "#f0717b", ansi.Green: "#8cc570", ansi.Yellow: "#e5c07b",
	ansi.Blue: "#6cb2f2", ansi.Magenta: "#cf8ef4", ansi.Cyan: "#5fc9d3", ansi.White: "#d7dae0",
	ansi.BrightBlack: "#7f848e", ansi.BrightRed: "#ff8b94", ansi.BrightGreen: "#a5e08a", ansi.BrightYellow: "#ffd68a",
	ansi.BrightBlue: "#8cc8ff", ansi.BrightMagenta: "#e0a8ff", ansi.BrightCyan: "#7fe3ec", ansi.BrightWhite: "#ffffff",
}

// WriteSVG writes the canvas as SVG. The title is for readers who do not
// see it.
func (c Canvas) WriteSVG(w io.Writer, title string) error {
	out := &svgWriter{Writer: bufio.NewWriter(w)}
	width, height := float64(c.size.X)*cellWidth+2*margin, c.size.Y*cellHeight+2*margin
	out.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d" role="img">`+"\n",
		width, height, width, height)
	out.printf("<title>%s</title>\n", escaped(title))
	out.printf(`<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper)
	out.printf(`<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"`+
		` font-size="%d" fill="%s">`+"\n", fontSize, ink)
	for y := range c.size.Y {
		out.row(c, y)
	}
	out.printf("</g>\n</svg>\n")
	if out.err != nil {
		return fmt.Errorf("write SVG: %w", out.err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// svgWriter keeps the first error, so that the drawing need not look at it.
type svgWriter struct {
	*bufio.Writer
	err error
}

func (w *svgWriter) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.Writer, format, args...)
	}
}

// row writes the runs of cells of one style.
func (w *svgWriter) row(c Canvas, y int) {
	for x := 0; x < c.size.X; {
		style := c.cellAt(x, y).Style
		text, from := "", x
		for x < c.size.X {
			cell := c.cellAt(x, y)
			if !cell.Style.Equal(&style) {
				break
			}
			text += cell.Content
			x += max(cell.Width, 1)
		}
		w.run(from, x, y, text, style)
	}
}

func (c Canvas) cellAt(x, y int) *uv.Cell {
	if cell := c.cells.CellAt(x+c.origin.X, y+c.origin.Y); cell != nil {
		return cell
	}
	return &uv.EmptyCell
}

// run writes text of one style.
func (w *svgWriter) run(from, to, y int, text string, style uv.Style) {
	fg, bg := colour(style.Fg, ink), colour(style.Bg, "")
	if style.Attrs&uv.AttrReverse != 0 {
		fg, bg = cmp.Or(bg, paper), fg
	}
	x, width := float64(from)*cellWidth+margin, float64(to-from)*cellWidth
	if bg != "" {
		w.printf(`<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, y*cellHeight+margin, width,
			cellHeight, bg)
	}
	attrs := ""
	if fg != ink {
		attrs += fmt.Sprintf(` fill="%s"`, fg)
	}
	if style.Attrs&uv.AttrBold != 0 {
		attrs += ` font-weight="bold"`
	}
	if style.Attrs&uv.AttrFaint != 0 {
		attrs += ` opacity="0.6"`
	}
	for _, part := range parts(text) {
		w.text(from+part.column, y, part.text, attrs)
	}
}

// text writes a piece of text. Its length is given, so that columns stay columns
// in any font.
func (w *svgWriter) text(column, y int, s, attrs string) {
	const baseline = 13
	w.printf(`<text x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
		float64(column)*cellWidth+margin, y*cellHeight+margin+baseline, float64(text.Width(s))*cellWidth, attrs,
		escaped(s))
}

// part is a piece of a text, and the column that it begins in.
type part struct {
	column int
	text   string
}

// parts divides a text where there is more than one space in a row: what shows
// viewers may make one of them.
func parts(s string) []part {
	var out []part
	column := 0
	for s != "" {
		trimmed := strings.TrimLeft(s, " ")
		column += len(s) - len(trimmed)
		word, rest, more := strings.Cut(trimmed, "  ")
		if word != "" {
			out = append(out, part{column, word})
		}
		column += text.Width(word)
		if s = rest; more {
			s = "  " + rest
		}
	}
	for i := range out {
		out[i].text = strings.TrimRight(out[i].text, " ")
	}
	return out
}

func colour(c color.Color, none string) string {
	if basic, ok := c.(ansi.BasicColor); ok {
		return palette[basic]
	}
	return none
}

// escaped is text as XML holds it.
func escaped(s string) string {
	var b strings.Builder
	// Writing to memory does not fail.
	_ = xml.EscapeText(&b, []byte(text.Clean(s)))
	return b.String()
}
