package diagram

import (
	"image"

	"hopscope/model/scene"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// arms is the set of directions in which a line leaves a cell.
type arms uint8

const (
	up arms = 1 << iota
	down
	left
	right
)

// lines maps merged arms to one box-drawing character.
var lines = [...]string{
	up: "╵", down: "╷", left: "╴", right: "╶",
	up | down: "│", left | right: "─",
	up | right: "╰", down | right: "╭", up | left: "╯", down | left: "╮",
	up | down | right: "├", up | down | left: "┤",
	left | right | up: "┴", left | right | down: "┬",
	up | down | left | right: "┼",
}

// noHop is the hop of cells that belong to none.
const noHop = scene.NoHop

// wire is one cell of a line.
type wire struct {
	arms arms
	// sign replaces the line: an arrow head, or a mark on a hop.
	sign  string
	state theme.State
	hop   int
}

// wires are the cells of all lines, by position. Lines that share a cell merge,
// and the worst of their states is the one that shows, whatever their order.
type wires map[image.Point]wire

func (w wires) add(p image.Point, n wire) {
	old, ok := w[p]
	if !ok {
		w[p] = n
		return
	}
	worse := old
	if n.state > old.state || old.hop == noHop {
		worse = n
	}
	worse.arms = old.arms | n.arms
	if worse.sign == "" {
		worse.sign = n.sign
	}
	w[p] = worse
}

// draw draws the cells; those of the selected hop stand out.
func (w wires) draw(c canvas.Canvas, t theme.Theme, selected int) {
	for p, cell := range w {
		glyph := cell.sign
		if glyph == "" {
			glyph = lines[cell.arms]
		}
		style := t.Line
		if cell.hop != noHop {
			style = t.State(cell.state)
		}
		if cell.hop != noHop && cell.hop == selected {
			style = theme.Selected(style)
		}
		c.Set(p.X, p.Y, glyph, style)
	}
}
