package ui

import (
	"image"
	"io"

	"hopscope/model"
	"hopscope/ui/canvas"
)

// Picture writes the first screen that an explorer with these options shows of a
// snapshot, as SVG. Nothing is collected: Source may be nil.
func Picture(w io.Writer, o Options, s *model.Snapshot, size image.Point) error {
	a := New(o)
	a.resize(size)
	v := newInventory(s, a.o.Analyze(s))
	v.final = true
	a.show(v)
	c := canvas.New(size.X, size.Y)
	a.draw(c)
	return c.WriteSVG(w, a.windowTitle())
}
