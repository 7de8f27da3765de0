package diagram

import (
	"image"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model/scene"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// Measures of the drawing, in cells.
const (
	// wireRow is the row that requests travel on.
	wireRow = 1
	// sourceRows is the height of a source's box.
	sourceRows = 3
	// framing is what a box adds to the width of its text.
	framing = 4
	// minGap is the shortest wire between boxes.
	minGap = 5
	// innerGap is the wire from agent to app.
	innerGap = 3
	// shortCaller limits the names of callers where there is little room.
	shortCaller = 12
)

// form is how much a drawing shows.
type form struct {
	// full drawings have the entry, the caller's app apart from its agent, and
	// words on wires.
	full bool
	// caller limits the names of callers.
	caller int
	// margin is the space around the port on a wire.
	margin int
}

// forms are the forms of a drawing, the widest first.
var forms = [...]form{{full: true, caller: 32, margin: 2}, {caller: shortCaller, margin: 2}, {caller: 10}}

// plan is a drawing in the making. Boxes are added from left to right.
type plan struct {
	*scene.Scene
	form
	d *Diagram
	// edge is the column behind the last box.
	edge int
}

// boxed lays the scene out as boxes.
func boxed(s *scene.Scene, t theme.Theme, f form) *Diagram {
	pl := &plan{Scene: s, form: f, d: &Diagram{theme: t, wires: wires{}}}
	pl.lead()
	for i := range s.Sources {
		pl.source(&s.Sources[i])
		if i < len(s.Sources)-1 {
			pl.gap(&s.Sources[i].Out)
		}
	}
	pl.task()
	return pl.d
}

// lead adds the way from the clients to the load balancer, whose box has the port.
// Where there is little room it is an arrow, as long as clients get through.
func (pl *plan) lead() {
	width := minGap
	switch {
	case pl.Entry == "" || !pl.Lead.Exists() && !pl.full:
		return
	case pl.full || pl.Lead.Closed():
		pl.box("", pl.Entry, theme.Faded(pl.d.theme.Text))
	default:
		width = shortLead
	}
	if pl.Lead.Closed() {
		pl.gap(&pl.Lead)
		return
	}
	pl.wire(pl.edge, pl.edge+width, &pl.Lead)
	pl.edge += width
}

// shortLead is the length of an arrow that comes from nowhere.
const shortLead = 2

// box adds a box of a source.
func (pl *plan) box(title, label string, titleStyle uv.Style) image.Rectangle {
	width := max(text.Width(label), text.Width(title)) + framing
	at := image.Rect(pl.edge, 0, pl.edge+width, sourceRows)
	pl.d.boxes = append(pl.d.boxes, box{
		at: at, frame: canvas.Rounded, style: pl.d.theme.Line, title: title, text: label, titleStyle: titleStyle,
	})
	pl.edge = at.Max.X
	return at
}

// source adds the box of a source; a caller's has its app and agent inside.
func (pl *plan) source(s *scene.Source) {
	title := ""
	if s.Calls {
		title = text.Elide(s.Name, pl.caller)
	}
	if !s.Inner.Exists() {
		pl.box(title, s.Text, pl.d.theme.Text)
		return
	}
	label := "app ──▶ " + s.Text
	if !pl.full {
		label = "app─▶agent"
	}
	at := pl.box(title, label, pl.d.theme.Text)
	from := at.Min.X + 2 + len("app")
	if pl.full {
		from++
	}
	arrow := 3
	if !pl.full {
		arrow = 2
	}
	pl.wire(from, from+arrow, &s.Inner)
}

// width is the length of a wire: room for its port and, in the full form, for the
// word on it.
func (pl *plan) width(w *scene.Wire) int {
	width := max(minGap, text.Width(w.Port)+pl.margin)
	if pl.full && w.Word != "" {
		width = max(width, text.Width(w.Word)+pl.margin)
	}
	return width
}

// gap adds a wire between two boxes.
func (pl *plan) gap(w *scene.Wire) {
	width := pl.width(w)
	pl.wire(pl.edge, pl.edge+width, w)
	pl.annotate(w, width)
	pl.edge += width
}

// annotate writes the port above a wire and the word below it.
func (pl *plan) annotate(w *scene.Wire, width int) {
	centre := func(y int, s string, style uv.Style) {
		x := pl.edge + (width-text.Width(s))/2
		pl.d.texts = append(pl.d.texts, label{at: image.Pt(x, y), text: s, style: style})
	}
	if w.Port != "" {
		centre(wireRow-1, w.Port, pl.d.theme.State(max(w.State, theme.Calm)))
	}
	if pl.full && w.Word != "" {
		centre(wireRow+1, w.Word, pl.d.theme.State(w.State))
	}
}

// wire draws a wire from one column to another; the last cell is the arrow head.
// A hop that is refused has a cross instead, and arrives nowhere.
func (pl *plan) wire(from, to int, w *scene.Wire) {
	sign, head, stroke := "", "▶", ""
	switch w.Mark {
	case scene.Refused:
		sign, head, stroke = "×", "╌", "╌"
	case scene.Unjudged:
		sign, stroke = "?", "╌"
	case scene.Passes:
	}
	for x := from; x < to; x++ {
		cell := wire{arms: left | right, sign: stroke, state: w.State, hop: w.Hop}
		switch {
		case x == to-1:
			cell.sign = head
		case x == from+(to-from-1)/2 && sign != "":
			cell.sign = sign
		}
		pl.d.wires.add(image.Pt(x, wireRow), cell)
	}
	pl.d.spans = append(pl.d.spans, span{from: from, to: to, hop: w.Hop})
}
