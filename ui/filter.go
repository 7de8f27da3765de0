package ui

import (
	"image"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// input is a line that is being typed. Editing is bubbles'; drawing is ours,
// because the line is part of a canvas.
type input struct{ textinput.Model }

func newInput(text string) input {
	m := textinput.New()
	m.SetValue(text)
	m.CursorEnd()
	// The terminal pastes; the program does not look into the clipboard.
	m.KeyMap.Paste.SetEnabled(false)
	m.SetVirtualCursor(false)
	m.Focus()
	return input{m}
}

func (in *input) typed(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	in.Model, cmd = in.Update(msg)
	return cmd
}

// draw draws the text and returns where the cursor is. Of text that is too long
// the part before the cursor is shown.
func (in *input) draw(c canvas.Canvas, x int, t theme.Theme) image.Point {
	runes := []rune(in.Value())
	before := string(runes[:min(in.Position(), len(runes))])
	room := c.Size().X - x - 1
	hidden := max(text.Width(before)-room, 0)
	view := c.In(image.Rect(x, 0, x+max(room, 0)+1, 1))
	view.Text(-hidden, 0, in.Value(), t.Strong)
	return image.Pt(x+text.Width(before)-hidden, 0)
}

// filter narrows the list of services down.
type filter struct {
	input input
	// open is set while the user types.
	open bool
}

func newFilter() filter { return filter{input: newInput("")} }

func (f *filter) query() string { return f.input.Value() }

// filterScreen is the main screen while the filter is typed.
type filterScreen struct{ *mainScreen }

func (filterScreen) actions() []action {
	return []action{
		{id: "keep", keys: []string{"enter"}, key: "enter", name: "keep", help: "keep the filter", run: do(closeFilter)},
		{id: "clear", keys: []string{"esc"}, key: "esc", name: "clear", help: "clear the filter", run: do(clearFilter)},
		{
			id: "down", keys: []string{"down", "ctrl+n"}, key: "↑↓", name: "move", help: "next and previous match",
			run: do(func(a *App) { a.main.moveService(a, 1) }),
		},
		{id: "up", keys: []string{"up", "ctrl+p"}, run: do(func(a *App) { a.main.moveService(a, -1) })},
		interruptAction(),
	}
}

func (s filterScreen) typed(a *App, msg tea.Msg) tea.Cmd {
	before := s.services.filter.query()
	cmd := s.services.filter.input.typed(msg)
	if s.services.filter.query() != before {
		s.services.refilter()
		s.services.choose()
		s.follow(a)
	}
	return cmd
}

func openFilter(a *App) {
	a.main.services.filter.open = true
	a.main.focus = servicesFocus
	a.open(filterScreen{a.main})
}

func closeFilter(a *App) {
	a.main.services.filter.open = false
	a.main.services.choose()
	a.back()
}

// clearFilter shows all services again; the selection stays on its service.
func clearFilter(a *App) {
	a.main.services.filter = newFilter()
	a.main.services.refilter()
	a.main.follow(a)
	if _, typing := a.top().(filterScreen); typing {
		a.back()
		return
	}
	a.arrange()
}

// draw draws the line of the filter and returns where the cursor is.
func (f *filter) draw(c canvas.Canvas, t theme.Theme) image.Point {
	if c.Size().Y == 0 {
		return image.Point{}
	}
	x := c.Text(1, 0, "/ ", t.Accent)
	return f.input.draw(c, x, t)
}
