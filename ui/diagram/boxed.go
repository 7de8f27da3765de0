package diagram

import (
	"image"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model/reach"
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
	*parts
	form
	d *Diagram
	// edge is the column behind the last box.
	edge int
}

// boxed lays the path out as boxes.
func (x *parts) boxed(t theme.Theme, f form) *Diagram {
	pl := &plan{parts: x, form: f, d: &Diagram{theme: t, wires: wires{}}}
	pl.lead()
	for i, source := range x.sources {
		pl.source(source)
		if i < len(x.sources)-1 {
			pl.gap(source.hop, pl.width(source.hop), x.stateOf(source.hop))
		}
	}
	pl.task()
	return pl.d
}

// lead adds the way from the clients to the load balancer, whose box has the port.
// Where there is little room it is an arrow, as long as clients get through.
func (pl *plan) lead() {
	hop, width := pl.entryHop, minGap
	switch {
	case pl.entry == "" || hop == noHop && !pl.full:
		return
	case pl.full || pl.closed(hop):
		pl.box(part{text: pl.entry}, theme.Faded(pl.d.theme.Text))
	default:
		width = shortLead
	}
	switch {
	case pl.closed(hop):
		pl.gap(hop, pl.width(hop), pl.stateOf(hop))
		return
	case hop == noHop:
		pl.wire(pl.edge, pl.edge+width, hop, theme.None)
	default:
		pl.wire(pl.edge, pl.edge+width, hop, pl.stateOf(hop))
	}
	pl.edge += width
}

// shortLead is the length of an arrow that comes from nowhere.
const shortLead = 2

// box adds a box of a source.
func (pl *plan) box(p part, titleStyle uv.Style) image.Rectangle {
	width := max(text.Width(p.text), text.Width(p.title)) + framing
	at := image.Rect(pl.edge, 0, pl.edge+width, sourceRows)
	pl.d.boxes = append(pl.d.boxes, box{
		at: at, frame: canvas.Rounded, style: pl.d.theme.Line, title: p.title, text: p.text, titleStyle: titleStyle,
	})
	pl.edge = at.Max.X
	return at
}

// source adds the box of a source; a caller's has its app and agent inside.
func (pl *plan) source(p part) {
	p.title = short(p.title, pl.caller)
	if pl.callerHop == noHop {
		pl.box(p, pl.d.theme.Text)
		return
	}
	p.text = "app ──▶ " + p.text
	if !pl.full {
		p.text = "app─▶agent"
	}
	at := pl.box(p, pl.d.theme.Text)
	from := at.Min.X + 2 + len("app")
	if pl.full {
		from++
	}
	arrow := 3
	if !pl.full {
		arrow = 2
	}
	pl.wire(from, from+arrow, pl.callerHop, pl.stateOf(pl.callerHop))
}

// width is the length of the wire of a hop: room for its port and, in the full
// form, for the word on it.
func (pl *plan) width(hop int) int {
	width := max(minGap, text.Width(pl.port(hop))+pl.margin)
	if word := pl.word(hop); pl.full && word != "" {
		width = max(width, text.Width(word)+pl.margin)
	}
	return width
}

func (pl *plan) port(hop int) string {
	if hop == noHop {
		return ""
	}
	if t := pl.target; hop == pl.into && t.WirePortEnd > 0 {
		return portText(t.WirePort, t.WirePortEnd)
	}
	return portText(pl.hops[hop].Port, 0)
}

// word says in words what the sign on a wire says.
func (pl *plan) word(hop int) string {
	switch {
	case pl.broken(hop) && pl.verdict == reach.Closed:
		return "closed"
	case pl.broken(hop):
		return "blocked"
	case pl.unjudged(hop):
		return "unknown"
	}
	return ""
}

// gap adds the wire of a hop between two boxes.
func (pl *plan) gap(hop, width int, state theme.State) {
	pl.wire(pl.edge, pl.edge+width, hop, state)
	pl.annotate(hop, width, state)
	pl.edge += width
}

// annotate writes the port above a wire and the word below it.
func (pl *plan) annotate(hop, width int, state theme.State) {
	centre := func(y int, s string, style uv.Style) {
		x := pl.edge + (width-text.Width(s))/2
		pl.d.texts = append(pl.d.texts, label{at: image.Pt(x, y), text: s, style: style})
	}
	if port := pl.port(hop); port != "" {
		centre(wireRow-1, port, pl.d.theme.State(max(state, theme.Calm)))
	}
	if word := pl.word(hop); pl.full && word != "" {
		centre(wireRow+1, word, pl.d.theme.State(state))
	}
}

// wire draws a hop from one column to another; the last cell is the arrow head.
// A hop that is refused has a cross instead, and arrives nowhere.
func (pl *plan) wire(from, to, hop int, state theme.State) {
	sign, head, stroke := "", "▶", ""
	switch {
	case pl.broken(hop):
		sign, head, stroke = "×", "╌", "╌"
	case pl.unjudged(hop):
		sign, stroke = "?", "╌"
	}
	for x := from; x < to; x++ {
		cell := wire{arms: left | right, sign: stroke, state: state, hop: hop}
		switch {
		case x == to-1:
			cell.sign = head
		case x == from+(to-from-1)/2 && sign != "":
			cell.sign = sign
		}
		pl.d.wires.add(image.Pt(x, wireRow), cell)
	}
	pl.d.spans = append(pl.d.spans, span{from: from, to: to, hop: hop})
}
