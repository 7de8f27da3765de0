package diagram

import (
	"image"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model/reach"
	"hopscope/model/scene"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// word is a piece of the form of one line: a part, or the arrow of a hop.
type word struct {
	text  string
	style uv.Style
	hop   int
}

// lined lays the scene out as one line: ALB :80 ─▶ agent :80 ─▶ app :80.
func lined(s *scene.Scene, t theme.Theme) *Diagram {
	d := &Diagram{theme: t}
	switch {
	case s.Lead.Closed():
		d.say(s.Entry, t.Text)
		d.arrow(&s.Lead)
	case s.Lead.Exists():
		d.append(word{text: "─▶ ", style: t.State(s.Lead.State), hop: s.Lead.Hop})
	}
	for i := range s.Sources {
		source := &s.Sources[i]
		name := source.Text
		if source.Calls {
			name = text.Elide(source.Name, shortCaller)
		}
		d.say(name, t.Text)
		if source.Inner.Exists() {
			d.arrow(&source.Inner)
			d.say("agent", t.Text)
		}
		d.arrow(&source.Out)
	}
	switch s.Task.Via {
	case reach.ViaAgent:
		d.say(s.Task.Agent, t.Text)
		d.arrow(&s.Task.Inner)
		d.say(s.Task.App, t.Text)
	case reach.ViaDirect:
		d.say(s.Task.App, t.Text)
		if s.Task.Agent != "" {
			d.say("  past "+s.Task.Agent, t.Dim)
		}
	default:
		d.say("agent ?", t.State(theme.Unknown))
		d.arrow(&s.Task.Inner)
		d.say(s.Task.App, t.Text)
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

// arrow appends the sign of a wire.
func (d *Diagram) arrow(w *scene.Wire) {
	sign := " ─▶ "
	switch w.Mark {
	case scene.Refused:
		sign = " ╌×╌ "
	case scene.Unjudged:
		sign = " ╌?╌ "
	case scene.Passes:
	}
	d.append(word{text: sign, style: d.theme.State(w.State), hop: w.Hop})
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
