package ui

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"
)

// click does what the place under the mouse is for: keys in the footer are
// pressed, the rest belongs to the screen.
func click(a *App, msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft {
		return nil
	}
	l := a.layout()
	if image.Pt(msg.X, msg.Y).In(l.footer) {
		return clickFooter(a, msg.X)
	}
	if image.Pt(msg.X, msg.Y).In(l.activity) {
		if _, asking := a.top().(*confirmScreen); !asking {
			openActivity(a)
		}
		return nil
	}
	if s, ok := a.top().(clicker); ok && !l.small {
		s.clicked(a, msg.X, msg.Y)
	}
	return nil
}

func clickFooter(a *App, x int) tea.Cmd {
	if _, ok := a.top().(prompter); ok || a.status.text != "" {
		return nil
	}
	for _, k := range footerKeys(a.top().actions(), a.size.X) {
		if x < k.x || x >= k.end {
			continue
		}
		return k.action.press(a)
	}
	return nil
}

func wheel(a *App, msg tea.MouseWheelMsg) {
	by := map[tea.MouseButton]int{tea.MouseWheelUp: -1, tea.MouseWheelDown: 1}[msg.Button]
	if s, ok := a.top().(clicker); ok && by != 0 && !a.layout().small {
		s.wheeled(a, msg.X, msg.Y, by)
	}
}

// wheelEvery is how often the wheel is listened to: once a frame.
const wheelEvery = time.Second / 60

// Filter is for [tea.WithFilter]. A mouse sends hundreds of events a second, and
// each would be an update and a view: moves and releases are dropped, and wheel
// events beyond one a frame. clock may be nil.
func Filter(clock func() time.Time) func(tea.Model, tea.Msg) tea.Msg {
	var last time.Time
	return func(_ tea.Model, msg tea.Msg) tea.Msg {
		switch msg.(type) {
		case tea.MouseMotionMsg, tea.MouseReleaseMsg:
			return nil
		case tea.MouseWheelMsg:
			if clock == nil {
				return msg
			}
			now := clock()
			if now.Sub(last) < wheelEvery {
				return nil
			}
			last = now
		}
		return msg
	}
}
