package ui

import (
	"fmt"
	"image"

	tea "charm.land/bubbletea/v2"

	"hopscope/ui/canvas"
)

const (
	// pageMargin is the space left and right of the text of a page.
	pageMargin = 4
	// wheelLines is how far a notch of the wheel scrolls.
	wheelLines = 3
)

// fitter is a screen that lays itself out for the size of the body.
type fitter interface {
	fit(a *App, size image.Point)
}

// refresher is a screen that keeps something of the inventory. It is told of a new
// one before anything is laid out again.
type refresher interface {
	refresh(a *App)
}

// follower is a screen that works something out of the inventory, in a command. It
// does so again for a new one.
type follower interface {
	renew(a *App) tea.Cmd
}

// receiver is a screen that asks for something in a command, and takes the answer. It
// tells whether a message was one.
type receiver interface {
	receive(a *App, msg tea.Msg) (cmd tea.Cmd, taken bool)
}

// drawPage draws a screen that is text: a line with its name, then the text.
func drawPage(a *App, f frameDrawing, p *pager, name string) {
	c := f.In(f.layout.body)
	drawPageTitle(a, c, name, p.more())
	size := c.Size()
	p.draw(c.In(image.Rect(pageMargin/2, 1, size.X-pageMargin/2, size.Y)))
}

func drawPageTitle(a *App, c canvas.Canvas, name string, more int) {
	width := c.Size().X
	c.Fill(image.Rect(0, 0, width, 1), "─", a.theme.Line)
	c.Text(1, 0, " "+name+" ", a.theme.Accent)
	if more > 0 {
		c.TextRight(width-2, 0, fmt.Sprintf(" ↓ %d more ", more), a.theme.Dim)
	}
}
