package diagram

import (
	"image"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/model/reach"
	"hopscope/model/scene"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// Options say how to lay a diagram out.
type Options struct {
	Theme theme.Theme
	// Width is the space there is, in cells.
	Width int
	// Line asks for the form of one line, whatever the space.
	Line bool
}

// Diagram is a path that has been laid out.
type Diagram struct {
	theme theme.Theme
	size  image.Point
	boxes []box
	texts []label
	wires wires
	spans []span
	line  []word
}

// box is a framed part.
type box struct {
	at    image.Rectangle
	frame canvas.Frame
	style uv.Style
	// title is in the upper side, text in the first row inside.
	title, text string
	titleStyle  uv.Style
	// mark is a sign in the lower side.
	mark      string
	markStyle uv.Style
}

// label is text outside of boxes.
type label struct {
	at    image.Point
	text  string
	style uv.Style
}

// span is the columns of a hop, for the mouse.
type span struct {
	from, to int
	hop      int
}

// New lays a path out in the fullest form that fits.
func New(p *reach.Path, o Options) *Diagram {
	s := scene.New(p)
	if !o.Line {
		for _, f := range forms {
			if d := boxed(&s, o.Theme, f); d.size.X <= o.Width {
				return d
			}
		}
	}
	return lined(&s, o.Theme)
}

// Size is the width and height in cells.
func (d *Diagram) Size() image.Point { return d.size }

// HopAt is the hop at a point; false where there is none.
func (d *Diagram) HopAt(p image.Point) (hop int, ok bool) {
	for _, s := range d.spans {
		if p.X >= s.from && p.X < s.to {
			return s.hop, s.hop != noHop
		}
	}
	return noHop, false
}

// Draw draws the diagram. The selected hop stands out; -1 selects none.
func (d *Diagram) Draw(c canvas.Canvas, selected int) {
	if len(d.line) > 0 {
		d.drawLine(c, selected)
		return
	}
	for i := range d.boxes {
		d.boxes[i].draw(c)
	}
	d.wires.draw(c, d.theme, selected)
	for _, l := range d.texts {
		c.Text(l.at.X, l.at.Y, l.text, l.style)
	}
}

func (b *box) draw(c canvas.Canvas) {
	c.Box(b.at, b.frame, b.style)
	if b.title != "" {
		c.Text(b.at.Min.X+1, b.at.Min.Y, " "+b.title+" ", b.titleStyle)
	}
	c.Text(b.at.Min.X+2, b.at.Min.Y+1, b.text, b.titleStyle)
	if b.mark != "" {
		c.Text(b.at.Min.X+b.at.Dx()/2-1, b.at.Max.Y-1, " "+b.mark+" ", b.markStyle)
	}
}

// Text draws a path without styles: for reports, and for pages that show what
// the screen shows. Lines are at most width cells long, if that is possible at
// all.
func Text(p *reach.Path, width int) string {
	d := New(p, Options{Theme: theme.Default(), Width: width})
	c := canvas.New(min(d.size.X, max(width, 1)), d.size.Y)
	d.Draw(c, noHop)
	return c.Plain()
}
