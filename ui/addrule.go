package ui

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
)

// ruleScreen is the what-if while a rule is typed: a port, and where from.
type ruleScreen struct {
	*whatIfScreen
	text input
	// source is the position of the source that was offered last.
	source int
	wrong  string
}

// openRule starts to type a rule, with a port and a source that make sense.
func (s *whatIfScreen) openRule(a *App) tea.Cmd {
	u := &s.form
	port := ""
	for i := range u.endpoints {
		e := &u.endpoints[i]
		if port = e.typed; port != "" {
			break
		}
	}
	r := &ruleScreen{whatIfScreen: s, text: newInput("")}
	r.offer(port, first(u.sources))
	a.open(r)
	return nil
}

// offer proposes a rule. Where its port is missing, the next keys are the port.
func (s *ruleScreen) offer(port, source string) {
	s.text.SetValue(port + " " + source)
	s.text.CursorEnd()
	if port == "" {
		s.text.CursorStart()
	}
}

func (s *ruleScreen) actions() []action {
	return []action{
		{id: "add", keys: []string{"enter"}, key: "enter", name: "add", help: "add the rule", run: s.add},
		{
			id: "next-source", keys: []string{"down", "tab"}, key: "↑↓", name: "source",
			help: "other groups of callers and load balancers", run: do(func(*App) { s.other(1) }), off: s.noSource,
		},
		{
			id: "previous-source", keys: []string{"up", "shift+tab"}, run: do(func(*App) { s.other(-1) }), off: s.noSource,
		},
		{id: "back", keys: []string{"esc"}, key: "esc", name: "back", help: "go back", run: do((*App).back)},
		interruptAction(),
	}
}

func (s *ruleScreen) noSource(*App) string {
	if len(s.form.sources) == 0 {
		return "no group of a caller or load balancer is known: type a range such as 10.0.0.0/16"
	}
	return ""
}

// other puts the next known source, or the previous one, in the place of the one that is
// there.
func (s *ruleScreen) other(by int) {
	sources := s.form.sources
	s.source = (s.source + by + len(sources)) % len(sources)
	port, _, _ := strings.Cut(strings.TrimSpace(s.text.Value())+" ", " ")
	if strings.HasPrefix(port, "sg-") {
		port = ""
	}
	s.offer(port, sources[s.source])
	s.wrong = ""
}

func (s *ruleScreen) add(a *App) tea.Cmd {
	if err := s.form.add(s.text.Value()); err != nil {
		s.wrong = err.Error()
		return nil
	}
	a.back()
	return s.changed(a)
}

func (s *ruleScreen) typed(_ *App, msg tea.Msg) tea.Cmd {
	s.wrong = ""
	return s.text.typed(msg)
}

func (s *ruleScreen) clicked(*App, int, int) {}

func (s *ruleScreen) wheeled(*App, int, int, int) {}

// drawPrompt draws the rule that is being typed, in the footer.
func (s *ruleScreen) drawPrompt(a *App, c canvas.Canvas, cursor *image.Point) {
	x := c.Text(1, 0, "admit tcp: ", a.theme.Accent)
	width := c.Size().X
	hint, style := "enter add  ↑↓ source  esc back", a.theme.Dim
	if s.wrong != "" {
		hint, style = s.wrong, a.theme.Banner
	}
	at := s.text.draw(c.In(image.Rect(0, 0, width, 1)), x, a.theme)
	if from := x + text.Width(s.text.Value()) + 3; width-from > 12 {
		c.TextIn(from, 0, width-from-1, hint, style)
	}
	*cursor = at.Add(a.layout().footer.Min)
}
