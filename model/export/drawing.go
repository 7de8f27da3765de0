package export

import (
	"strconv"

	g "maragu.dev/gomponents"

	"hopscope/internal/text"
	"hopscope/model/reach"
	"hopscope/model/scene"
)

// Measures of a drawing, in pixels.
const (
	// cellTenths is the width of a character, in tenths.
	cellTenths = 78
	// wireY is the height that requests travel at.
	wireY = 52
	// boxTop and boxHeight are those of a box on the wire.
	boxTop, boxHeight = 33, 38
	// frameTop and frameBottom are those of a box with boxes inside.
	frameTop, frameBottom = 6, 84
	// padding is the space around the text of a box, and around the boxes in a frame.
	padding = 12
	// minWire is the shortest wire between boxes, innerWire the one inside a task.
	minWire, innerWire = 56, 36
	// aside is how far below the wire an agent is that requests do not meet.
	aside = 40
	// labelWidth limits names on boxes, in characters.
	labelWidth = 34
)

// drawing is a scene with places. Boxes are added from left to right.
type drawing struct {
	// frames are behind the wires, and boxes and wires are in front.
	frames, front []g.Node
	// x is the column behind the last box.
	x, height int
}

// draw gives the parts of a scene their places.
func draw(s *scene.Scene) *drawing {
	d := &drawing{height: frameBottom + 2, x: 1}
	if s.Entry != "" {
		d.box(boxTop, s.Entry, "box faded")
		d.gap(&s.Lead)
	}
	for i := range s.Sources {
		d.source(&s.Sources[i])
		if i < len(s.Sources)-1 {
			d.gap(&s.Sources[i].Out)
		}
	}
	d.task(s)
	return d
}

// width is that of the drawing.
func (d *drawing) width() int { return d.x + 1 }

// source adds a load balancer, or the task of a caller.
func (d *drawing) source(s *scene.Source) {
	switch {
	case !s.Calls && s.Name == "":
		d.box(boxTop, s.Text, "box")
		return
	case !s.Calls:
		d.named(s.Name, s.Text)
		return
	}
	from := d.x
	d.x += padding
	if s.Inner.Exists() {
		d.box(boxTop, "app", "box")
		d.wire(d.x, d.x+innerWire, &s.Inner)
		d.x += innerWire
	}
	d.box(boxTop, s.Text, "box")
	d.frame(from, s.Name, frameBottom)
}

// named adds a box with a name above its text.
func (d *drawing) named(name, label string) {
	name = text.Elide(name, labelWidth)
	width := max(cells(name), cells(label)) + 2*padding
	middle := d.x + width/2
	d.front = append(d.front, rect(d.x, frameTop+14, width, frameBottom-frameTop-14, "box"),
		centred(middle, wireY-7, name, "name"), centred(middle, wireY+15, label, "label"))
	d.x += width
}

// box adds a box of one line.
func (d *drawing) box(y int, label, class string) {
	width := cells(label) + 2*padding
	d.front = append(d.front, rect(d.x, y, width, boxHeight, class),
		centred(d.x+width/2, y+boxHeight/2+5, label, "label "+class))
	d.x += width
}

// frame adds the frame around the boxes that were added since a column.
func (d *drawing) frame(from int, title string, bottom int) {
	title = text.Elide(title, labelWidth)
	d.x = max(d.x+padding, from+cells(title)+2*padding)
	d.frames = append(d.frames, rect(from, frameTop, d.x-from, bottom-frameTop, "frame"),
		g.El("text", number("x", from+padding), number("y", frameTop+17), class("name start"), said(title)))
}

// gap adds a wire between two boxes, with room for its port and the word on it.
func (d *drawing) gap(w *scene.Wire) {
	to := d.x + d.room(w)
	d.wire(d.x, to, w)
	d.x = to
}

func (d *drawing) room(w *scene.Wire) int {
	return max(minWire, cells(w.Port)+2*padding, cells(w.Word)+2*padding)
}

// wire draws a wire from one column to another: with a head where requests arrive, with a
// cross where they are refused, with a question mark where that is not known.
func (d *drawing) wire(from, to int, w *scene.Wire) {
	d.stroke(from, to, w)
	d.annotate((from+to)/2, w)
}

func (d *drawing) stroke(from, to int, w *scene.Wire) {
	state, middle := w.State.Name(), (from+to)/2
	kind := "wire "
	if w.Mark != scene.Passes {
		kind = "wire broken "
	}
	d.front = append(d.front, g.El("line", number("x1", from), number("y1", wireY), number("x2", to),
		number("y2", wireY), class(kind+state)))
	if w.Mark != scene.Refused {
		head := "M" + strconv.Itoa(to) + " " + strconv.Itoa(wireY) + "l-9 -5v10z"
		d.front = append(d.front, g.El("path", g.Attr("d", head), class("head "+state)))
	}
	if w.Mark != scene.Passes {
		sign := map[scene.Mark]string{scene.Refused: "×", scene.Unjudged: "?"}[w.Mark]
		d.front = append(d.front, g.El("circle", number("cx", middle), number("cy", wireY), number("r", 9),
			class("mark "+state)), centred(middle, wireY+5, sign, "sign "+state))
	}
}

// annotate writes the port above a wire and the word below it.
func (d *drawing) annotate(middle int, w *scene.Wire) {
	if w.Port != "" {
		d.front = append(d.front, centred(middle, wireY-13, w.Port, "port"))
	}
	if w.Word != "" {
		d.front = append(d.front, centred(middle, wireY+24, w.Word, "word "+w.State.Name()))
	}
}

// task adds the wire into the task, and the task with what is in it: an agent that
// requests cross is on the wire, one that they pass below it.
func (d *drawing) task(s *scene.Scene) {
	t, into, wireFrom := &s.Task, s.Into(), d.x
	from := d.x + d.room(into)
	d.x = from + padding
	arrives, bottom := d.x, frameBottom
	switch {
	case t.Via == reach.ViaAgent:
		class := "box"
		if t.Needless {
			class = "box warn"
		}
		d.box(boxTop, t.Agent, class)
		d.inner(&t.Inner)
	case t.Via == reach.ViaDirect && t.Agent != "":
		d.box(boxTop+aside, t.Agent, "box faded")
		d.x += padding
		arrives, bottom = d.x, frameBottom+aside
	case t.Via == reach.ViaDirect:
	default:
		d.box(boxTop, "agent ?", "box unknown")
		d.inner(&scene.Wire{Hop: scene.NoHop, Mark: scene.Unjudged, State: scene.Unknown})
	}
	d.box(boxTop, t.App, "box")
	title := t.Label
	if t.Service != "" {
		title += " of " + t.Service
	}
	d.frame(from, title, bottom)
	if into.Mark == scene.Refused {
		arrives = from
	}
	d.stroke(wireFrom, arrives, into)
	d.annotate((wireFrom+from)/2, into)
	d.height = bottom + 2
}

// inner adds the wire between agent and app.
func (d *drawing) inner(w *scene.Wire) {
	d.stroke(d.x, d.x+innerWire, w)
	d.x += innerWire
}

// cells is the width of a text, in pixels.
func cells(s string) int { return (text.Width(s)*cellTenths + 9) / 10 }

func number(name string, n int) g.Node { return g.Attr(name, strconv.Itoa(n)) }

func class(names string) g.Node { return g.Attr("class", names) }

// said is untrusted text, safe in HTML and in SVG.
func said(s string) g.Node { return g.Text(text.Clean(s)) }

func rect(x, y, width, height int, kind string) g.Node {
	return g.El("rect", number("x", x), number("y", y), number("width", width), number("height", height),
		number("rx", 6), class(kind))
}

// centred is a line of text around a column.
func centred(x, y int, s, kind string) g.Node {
	return g.El("text", number("x", x), number("y", y), class(kind), said(s))
}
