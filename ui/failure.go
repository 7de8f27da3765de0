package ui

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"hopscope/ui/theme"
)

// failureScreen is there when nothing could be read at all: one sentence, which
// ends with the next step.
type failureScreen struct{ reason string }

func (*failureScreen) actions() []action {
	return []action{
		{id: "retry", keys: []string{"r", "enter"}, key: "r", name: "try again", help: "read again", run: retry},
		quitAction(),
	}
}

// retry starts over.
func retry(a *App) tea.Cmd {
	a.screens = []screen{a.main}
	return a.loading.start()
}

func (s *failureScreen) draw(a *App, f frameDrawing) {
	e := prose{a.theme}
	lines := wrapped([]paragraph{
		{
			lead: theme.Bad.Glyph() + " ", leadStyle: e.State(theme.Bad), text: "hopscope cannot show anything:",
			style: e.Strong,
		},
		blank,
		{lead: "  ", text: s.reason},
	}, f.layout.body.Dx()-2*pageMargin)
	c := f.In(f.layout.body)
	body := c.In(image.Rect(pageMargin, 2, c.Size().X-pageMargin, c.Size().Y))
	for y := range lines {
		lines[y].draw(body, y)
	}
}

func (*failureScreen) clicked(*App, int, int) {}

func (*failureScreen) wheeled(*App, int, int, int) {}
