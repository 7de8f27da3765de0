package ui

import (
	"cmp"
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/ui/canvas"
)

// armTime is how long a question has to be on screen before yes is an answer: keys
// that were pressed before it came do not answer it.
const armTime = 600 * time.Millisecond

// confirmScreen asks before something is changed. y is yes; enter is no answer, as
// it is pressed without reading.
type confirmScreen struct {
	pager
	serial int
	title  string
	// about is the service whose findings are repaired.
	about model.Ref
	// where names what is changed: account, region, cluster, service.
	where []paragraph
	// text is what yes does, at full length.
	text func(e prose, width int) []paragraph
	// question is the last line, and yes the word for it in the footer.
	question, yes string
	// busy says what has to end before there is anything to answer.
	busy string
	// failure says why there is nothing to say yes to.
	failure string
	// begun is when what it is busy with began.
	begun time.Time
	armed bool
	// accept carries it out. left is called when the screen is left without.
	accept func(a *App) tea.Cmd
	left   func()
}

// ask opens a question.
func ask(a *App, s *confirmScreen) tea.Cmd {
	s.serial = a.serials.next()
	a.open(s)
	return s.arm(a)
}

// arm lets yes be an answer in a moment.
func (s *confirmScreen) arm(a *App) tea.Cmd { return a.clock.after(armTime, armedMsg{s.serial}) }

// receive takes what was prepared, and the end of the moment in which yes is no
// answer.
func (s *confirmScreen) receive(a *App, msg tea.Msg) (cmd tea.Cmd, taken bool) {
	switch msg := msg.(type) {
	case armedMsg:
		taken = msg.serial == s.serial
		s.armed = s.armed || taken
	case preparedMsg:
		if taken = msg.serial == s.serial; taken {
			cmd = s.prepared(a, msg)
		}
	}
	return cmd, taken
}

func (s *confirmScreen) actions() []action {
	yes, named := cmp.Or(s.yes, "yes"), ""
	if s.failure == "" && s.busy == "" {
		named = yes
	}
	return append([]action{
		{
			id: "yes", keys: []string{"y"}, key: "y", name: named, help: yes + ", as it is written above", run: s.confirm,
			off: s.notYet,
		},
		{
			id: "no", keys: []string{"n", "esc", "q"}, key: "n esc", name: "back", help: "go back; nothing is changed",
			run: do(s.leave),
		},
		{id: "enter", keys: []string{"enter"}, run: func(a *App) tea.Cmd { return a.say(s.how()) }},
		interruptAction(),
	}, scrollActions(func(*App) *pager { return &s.pager })...)
}

// how says which keys answer.
func (s *confirmScreen) how() string {
	if s.failure != "" {
		return "there is nothing to say yes to: n goes back"
	}
	return "enter is no answer: y is yes, n is no"
}

// notYet says why yes is no answer now.
func (s *confirmScreen) notYet(*App) string {
	switch {
	case s.failure != "":
		return "there is nothing to say yes to: n goes back"
	case s.busy != "":
		return "wait: " + s.busy
	case !s.armed:
		return "read first: y works in a moment"
	}
	return ""
}

func (s *confirmScreen) confirm(a *App) tea.Cmd {
	a.back()
	return s.accept(a)
}

func (s *confirmScreen) leave(a *App) {
	if s.left != nil {
		s.left()
	}
	a.back()
}

func (s *confirmScreen) fit(a *App, size image.Point) {
	e, width := prose{a.theme}, size.X-pageMargin
	top := s.top
	switch {
	case s.failure != "":
		s.paragraphs = e.sentences(s.failure)
	case s.busy != "":
		s.paragraphs = []paragraph{{text: s.busy + a.clock.elapsed(s.begun), style: e.Accent}}
	default:
		s.paragraphs = s.text(e, width)
	}
	s.pager.fit(width, size.Y-2-len(wrapped(s.where, width)))
	s.top = top
	s.scroll(0)
}

func (s *confirmScreen) draw(a *App, f frameDrawing) {
	c := f.In(f.layout.body)
	size := c.Size()
	drawPageTitle(a, c, s.title, s.more())
	inner := c.In(image.Rect(pageMargin/2, 1, size.X-pageMargin/2, size.Y-1))
	where := wrapped(s.where, size.X-pageMargin)
	for y := range where {
		where[y].draw(inner, y)
	}
	s.pager.draw(inner.In(image.Rect(0, len(where), inner.Size().X, inner.Size().Y)))
	s.drawQuestion(a, c.In(image.Rect(0, size.Y-1, size.X, size.Y)))
}

// drawQuestion draws the last line, which is in sight whatever the text.
func (s *confirmScreen) drawQuestion(a *App, c canvas.Canvas) {
	width := c.Size().X
	switch {
	case s.failure != "":
		c.TextIn(1, 0, width-2, "nothing was changed · n back", a.theme.Strong)
		return
	case s.busy != "":
		c.TextIn(1, 0, width-2, "nothing is changed yet · n back", a.theme.Dim)
		return
	}
	keys := "y yes   n no"
	style := a.theme.Key
	if !s.armed {
		style = a.theme.Dim
	}
	c.TextRight(width-1, 0, keys, style)
	c.TextIn(1, 0, width-text.Width(keys)-4, s.question, a.theme.Banner)
}

func (s *confirmScreen) clicked(*App, int, int) {}

func (s *confirmScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }
