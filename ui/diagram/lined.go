package diagram

import (
	"image"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model/reach"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// word is a piece of the form of one line: a part, or the arrow of a hop.
type word struct {
	text  string
	style uv.Style
	hop   int
}

// lined lays the path out as one line: ALB :80 ─▶ agent :80 ─▶ app :80.
func (x *parts) lined(t theme.Theme) *Diagram {
	d := &Diagram{theme: t}
	switch {
	case x.closed(x.entryHop):
		d.say(x.entry, t.Text)
		x.arrow(d, x.entryHop)
	case x.entryHop != noHop:
		d.append(word{text: "─▶ ", style: t.State(x.stateOf(x.entryHop)), hop: x.entryHop})
	}
	for _, source := range x.sources {
		name := source.text
		if source.title != "" {
			name = short(source.title, shortCaller)
		}
		d.say(name, t.Text)
		if x.callerHop != noHop {
			x.arrow(d, x.callerHop)
			d.say("agent", t.Text)
		}
		x.arrow(d, source.hop)
	}
	switch x.via {
	case reach.ViaAgent:
		d.say(x.agent, t.Text)
		x.arrow(d, x.agentHop)
		d.say(x.app, t.Text)
	case reach.ViaDirect:
		d.say(x.app, t.Text)
		if x.agent != "" {
			d.say("  past "+x.agent, t.Dim)
		}
	default:
		d.say("agent ?", t.State(theme.Unknown))
		x.arrow(d, noHop)
		d.say(x.app, t.Text)
	}
	return d
}

// say appends text to the line.
func (d *Diagram) say(text string, style uv.Style) {
	d.append(word{text: text, style: style, hop: noHop})
}

func (d *Diagram) append(w word) {
	d.line = append(d.line, w)
	from := d.size.X
	d.size = image.Pt(from+text.Width(w.text), 1)
	if w.hop != noHop {
		d.spans = append(d.spans, span{from: from, to: d.size.X, hop: w.hop})
	}
}

// arrow appends the sign of a hop.
func (x *parts) arrow(d *Diagram, hop int) {
	sign := " ─▶ "
	switch {
	case x.broken(hop):
		sign = " ╌×╌ "
	case x.unjudged(hop):
		sign = " ╌?╌ "
	}
	d.append(word{text: sign, style: d.theme.State(x.stateOf(hop)), hop: hop})
}

func (d *Diagram) drawLine(c canvas.Canvas, selected int) {
	x := 0
	for _, w := range d.line {
		style := w.style
		if w.hop != noHop && w.hop == selected {
			style = theme.Selected(style)
		}
		x = c.Text(x, 0, w.text, style)
	}
	if width := c.Size().X; x > width && width > 0 {
		c.Set(width-1, 0, "…", d.theme.Dim)
	}
}
