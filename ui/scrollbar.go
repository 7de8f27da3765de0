package ui

import (
	"fmt"

	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// window is a part of a list that is in sight.
type window struct{ top, height, total int }

// clipped tells whether something is out of sight.
func (w window) clipped() bool { return w.total > w.height }

// thumb is where the part in sight is on a bar of the window's height.
func (w window) thumb() (from, to int) {
	size := max(w.height*w.height/w.total, 1)
	from = w.top * (w.height - size) / max(w.total-w.height, 1)
	return from, from + size
}

// drawScrollBar draws a bar in the last column of a list that does not fit.
func drawScrollBar(c canvas.Canvas, w window, t theme.Theme) {
	if !w.clipped() || w.height < 1 {
		return
	}
	from, to := w.thumb()
	x := c.Size().X - 1
	for y := range w.height {
		if y >= from && y < to {
			c.Text(x, y, "┃", t.Accent)
			continue
		}
		c.Text(x, y, "│", t.Dim)
	}
}

// placeWords is where a cursor is in a list: "17/1000".
func placeWords(cursor, total int) string {
	if total == 0 {
		return "0/0"
	}
	return fmt.Sprintf("%d/%d", cursor+1, total)
}
