package ui

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// frame remembers what is on screen. Bubble Tea asks for the view after every
// message, most of which change nothing.
type frame struct {
	stale  bool
	view   tea.View
	canvas canvas.Canvas
}

// frameDrawing is what screens draw into.
type frameDrawing struct {
	canvas.Canvas
	layout layout
	theme  theme.Theme
	// cursor is where the input's cursor is, set by the screen that has one.
	cursor *image.Point
}

// View draws the screen, or gives the last one when nothing changed.
func (a *App) View() tea.View {
	defer a.reportPanic("drawing")
	if !a.frame.stale && a.frame.view.Content != "" {
		return a.frame.view
	}
	if a.frame.canvas.Size() != a.size {
		a.frame.canvas = canvas.New(a.size.X, a.size.Y)
	}
	c := a.frame.canvas
	c.Clear()
	cursor := a.draw(c)
	v := tea.NewView(c.Render())
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = a.header().title()
	v.ProgressBar = a.loading.progressBar()
	if x := a.activities.changing(); x != nil {
		v.ProgressBar = x.progressBar()
	}
	if cursor != nil {
		v.Cursor = tea.NewCursor(cursor.X, cursor.Y)
	}
	a.frame.view, a.frame.stale = v, false
	return v
}

// draw draws everything and returns where the cursor is, nil for nowhere.
func (a *App) draw(c canvas.Canvas) *image.Point {
	l := a.layout()
	if l.small {
		c.TextIn(0, 0, c.Size().X, "terminal too small (60×16 needed)", a.theme.Banner)
		return nil
	}
	var at image.Point
	f := frameDrawing{Canvas: c, layout: l, theme: a.theme, cursor: &at}
	h := a.header()
	h.draw(c.In(l.header))
	h.drawBanner(c.In(l.banner))
	drawActivity(c.In(l.activity), a.newsworthy(), prose{a.theme}, a.clock)
	a.top().draw(a, f)
	drawFooter(a, c.In(l.footer), f.cursor)
	if at == (image.Point{}) {
		return nil
	}
	return &at
}
