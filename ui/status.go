package ui

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
)

// statusTime is how long a message stays in the footer.
const statusTime = 4 * time.Second

// status is a passing message in the footer.
type status struct {
	text   string
	serial int
}

// say shows a message for a while.
func (s *status) say(text string, c *clock) tea.Cmd {
	s.text = text
	s.serial++
	return c.after(statusTime, statusEndedMsg{s.serial})
}

// end removes a message, unless a newer one took its place.
func (s *status) end(msg statusEndedMsg) {
	if msg.serial == s.serial {
		s.text = ""
	}
}

// prompter is a screen whose input is in the footer.
type prompter interface {
	drawPrompt(a *App, c canvas.Canvas, cursor *image.Point)
}

// drawFooter draws the status, an input, or the keys of the top screen.
func drawFooter(a *App, c canvas.Canvas, cursor *image.Point) {
	if p, ok := a.top().(prompter); ok {
		p.drawPrompt(a, c, cursor)
		return
	}
	if a.status.text != "" {
		c.TextIn(1, 0, c.Size().X-2, a.status.text, a.theme.Strong)
		return
	}
	for _, k := range footerKeys(a.top().actions(), c.Size().X) {
		x := c.Text(k.x, 0, k.action.key, a.theme.Key)
		c.Text(x+1, 0, k.action.name, a.theme.Dim)
	}
}

// footerKey is an action that has a place in the footer.
type footerKey struct {
	action action
	x, end int
}

// footerKeys places the actions that fit. The last two, help and quit on most
// screens, always do.
func footerKeys(actions []action, width int) []footerKey {
	const space, last = 2, 2
	var named []footerKey
	for _, act := range actions {
		if act.name != "" {
			named = append(named, footerKey{action: act, end: text.Width(act.key) + 1 + text.Width(act.name)})
		}
	}
	total := func() int {
		sum := 1
		for _, k := range named {
			sum += k.end + space
		}
		return sum - space
	}
	for len(named) > last && total() > width-1 {
		cut := len(named) - last - 1
		named = append(named[:cut], named[cut+1:]...)
	}
	x := 1
	for i := range named {
		named[i].x = x
		x += named[i].end
		named[i].end = x
		x += space
	}
	return named
}
