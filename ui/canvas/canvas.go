package canvas

import (
	"image"
	"strings"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"hopscope/internal/text"
)

// Canvas is a window onto a grid of cells. Coordinates are relative to its
// origin; what falls outside of it is not drawn. The zero value draws nothing.
type Canvas struct {
	cells *uv.Buffer
	// origin is where 0,0 is in the grid, clip what may be drawn of it.
	origin image.Point
	clip   image.Rectangle
	size   image.Point
}

// New makes a grid and a canvas that covers it.
func New(width, height int) Canvas {
	width, height = max(width, 0), max(height, 0)
	return Canvas{
		cells: uv.NewBuffer(width, height),
		clip:  image.Rect(0, 0, width, height),
		size:  image.Pt(width, height),
	}
}

// Size is the width and height in cells.
func (c Canvas) Size() image.Point { return c.size }

// In is the part of the canvas inside a rectangle, with its own origin. The
// rectangle may lie partly outside, which is how content is scrolled.
func (c Canvas) In(r image.Rectangle) Canvas {
	at := r.Add(c.origin)
	return Canvas{cells: c.cells, origin: at.Min, clip: at.Intersect(c.clip), size: r.Size()}
}

// Clear empties the canvas.
func (c Canvas) Clear() {
	if c.clip.Empty() {
		return
	}
	if c.clip != c.cells.Bounds() {
		c.cells.ClearArea(c.clip)
		return
	}
	// A whole grid, once a frame: no wide cell can be cut in half.
	first := c.cells.Lines[0]
	for x := range first {
		first[x] = uv.EmptyCell
	}
	for _, line := range c.cells.Lines[1:] {
		copy(line, first)
	}
}

// Set draws one glyph of width 1.
func (c Canvas) Set(x, y int, glyph string, style uv.Style) {
	c.cell(x, y, glyph, 1, style)
}

func (c Canvas) cell(x, y int, glyph string, width int, style uv.Style) {
	at := image.Pt(x, y).Add(c.origin)
	if !at.In(c.clip) || at.X+width > c.clip.Max.X {
		return
	}
	// Wide cells and their placeholders need the buffer's care; the others,
	// nearly all, are plain assignments.
	line := c.cells.Lines[at.Y]
	if width == 1 && line[at.X].Width == 1 {
		line[at.X] = uv.Cell{Content: glyph, Width: 1, Style: style}
		return
	}
	line.Set(at.X, &uv.Cell{Content: glyph, Width: width, Style: style})
}

// Text draws a line of text and returns the column behind it.
func (c Canvas) Text(x, y int, s string, style uv.Style) int {
	s = text.Clean(s)
	for len(s) > 0 {
		if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
			c.cell(x, y, s[:1], 1, style)
			s, x = s[1:], x+1
			continue
		}
		cluster, width := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		if width > 0 {
			c.cell(x, y, cluster, width, style)
		}
		s, x = s[len(cluster):], x+width
	}
	return x
}

// TextIn draws text into a field of some width, cut with an ellipsis if it is
// longer, and returns the column behind the text.
func (c Canvas) TextIn(x, y, width int, s string, style uv.Style) int {
	return c.Text(x, y, text.Elide(s, width), style)
}

// TextRight draws text that ends before column right.
func (c Canvas) TextRight(right, y int, s string, style uv.Style) {
	c.Text(right-text.Width(s), y, s, style)
}

// Fill draws one glyph over a whole rectangle.
func (c Canvas) Fill(r image.Rectangle, glyph string, style uv.Style) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c.Set(x, y, glyph, style)
		}
	}
}

// Frame is the set of glyphs of a box: corners from the top left clockwise, then
// the horizontal and the vertical side.
type Frame [6]string

// The frames in use: rounded for things, square for what contains them.
var (
	Rounded = Frame{"╭", "╮", "╯", "╰", "─", "│"}
	Square  = Frame{"┌", "┐", "┘", "└", "─", "│"}
)

// Box draws a frame along the inside of a rectangle.
func (c Canvas) Box(r image.Rectangle, f Frame, style uv.Style) {
	right, bottom := r.Max.X-1, r.Max.Y-1
	for x := r.Min.X + 1; x < right; x++ {
		c.Set(x, r.Min.Y, f[4], style)
		c.Set(x, bottom, f[4], style)
	}
	for y := r.Min.Y + 1; y < bottom; y++ {
		c.Set(r.Min.X, y, f[5], style)
		c.Set(right, y, f[5], style)
	}
	c.Set(r.Min.X, r.Min.Y, f[0], style)
	c.Set(right, r.Min.Y, f[1], style)
	c.Set(right, bottom, f[2], style)
	c.Set(r.Min.X, bottom, f[3], style)
}

// Render is the canvas with its styles as escape sequences, one line a row,
// without the blanks at the end of lines.
func (c Canvas) Render() string {
	var b strings.Builder
	for y := c.clip.Min.Y; y < c.clip.Max.Y; y++ {
		if y > c.clip.Min.Y {
			b.WriteByte('\n')
		}
		renderLine(&b, c.cells.Lines[y][c.clip.Min.X:c.clip.Max.X])
	}
	return b.String()
}

func renderLine(b *strings.Builder, line uv.Line) {
	for len(line) > 0 && line[len(line)-1] == uv.EmptyCell {
		line = line[:len(line)-1]
	}
	var pen, none uv.Style
	for i := range line {
		cell := &line[i]
		if cell.Width == 0 {
			continue
		}
		if cell.Style != pen {
			b.WriteString(cell.Style.Diff(&pen))
			pen = cell.Style
		}
		b.WriteString(cell.Content)
	}
	if pen != none {
		b.WriteString(ansi.ResetStyle)
	}
}

// Plain is the canvas as text without styles, and without the spaces at the end
// of its lines.
func (c Canvas) Plain() string {
	var b strings.Builder
	for y := c.clip.Min.Y; y < c.clip.Max.Y; y++ {
		if y > c.clip.Min.Y {
			b.WriteByte('\n')
		}
		var line strings.Builder
		for x := c.clip.Min.X; x < c.clip.Max.X; x++ {
			if cell := c.cells.CellAt(x, y); cell.Width > 0 {
				line.WriteString(cell.Content)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
	}
	return b.String()
}
