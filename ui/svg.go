package ui

import (
	"image"
	"io"

	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/ui/canvas"
)

// WriteSVG writes the first frame that an explorer with these options shows of a
// snapshot. Nothing is collected: Source may be nil.
func WriteSVG(w io.Writer, o Options, s *model.Snapshot, size image.Point) error {
	a := New(o)
	a.size = size
	v := newInventory(rule.Analyze(s))
	v.final = true
	a.show(v)
	if cmd := makeRemedies(a); cmd != nil {
		a.Update(cmd())
	}
	c := canvas.New(size.X, size.Y)
	a.draw(c)
	return c.WriteSVG(w, a.header().title())
}
