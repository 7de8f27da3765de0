package ui

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"hopscope/model/fix/planner"
	"hopscope/ui/theme"
)

// whatIfScreen is where a change is tried: the form, and what would follow.
type whatIfScreen struct {
	form whatIfForm
	// serial numbers what is worked out; trying is set while that goes on, again
	// when more was typed since.
	serial        int
	trying, again bool
	result        *whatIfResult
	results       pager
}

func openWhatIf(a *App) tea.Cmd {
	s := &whatIfScreen{form: whatIfForm{whatIf: newWhatIf(a.inventory, a.main.services.current())}}
	cmd := s.try(a)
	a.open(s)
	return cmd
}

// cannotTry says why there is nothing to try.
func cannotTry(a *App) string {
	switch {
	case a.inventory == nil:
		return "nothing is loaded yet"
	case a.main.services.current() == nil:
		return "no service is selected"
	case !a.inventory.final:
		return "still reading: wait a moment"
	}
	w := newWhatIf(a.inventory, a.main.services.current())
	if len(w.endpoints) == 0 && len(w.groups) == 0 {
		return "nothing to try: " + w.ref.Service +
			" has no Service Connect endpoint, and its security groups are not known"
	}
	return ""
}

func (s *whatIfScreen) actions() []action {
	move := func(by int) func(*App) tea.Cmd { return do(func(a *App) { s.form.move(by); a.arrange() }) }
	scroll := func(by int) func(*App) tea.Cmd {
		return do(func(*App) { s.results.scroll(by * max(s.results.height-1, 1)) })
	}
	return []action{
		{
			id: "down", keys: []string{"down", "j"}, key: "↑↓", name: "move", help: "next and previous field (also j k)",
			run: move(1),
		},
		{id: "up", keys: []string{"up", "k"}, run: move(-1)},
		{
			id: "tick", keys: []string{"space", " ", "enter"}, key: "space", name: "tick",
			help: "tick or untick; on a port, type it", run: s.toggle,
		},
		{
			id: "add-rule", keys: []string{"+"}, key: "+", name: "rule", help: "add a rule to the service's security group",
			run: s.openRule, off: s.noGroup,
		},
		{
			id: "fix", keys: []string{"f"}, key: "f", name: "fix", help: "make a plan of what is tried", run: s.fix,
			off: s.cannotFix,
		},
		{id: "reset", keys: []string{"r"}, key: "r", name: "reset", help: "everything as it is", run: s.reset},
		{
			id: "page-down", keys: []string{"pgdown", "ctrl+d"}, key: "pgup pgdn", help: "scroll what would follow",
			run: scroll(1),
		},
		{id: "page-up", keys: []string{"pgup", "ctrl+u"}, run: scroll(-1)},
		helpAction(), backAction(), interruptAction(),
	}
}

// typed edits a port.
func (s *whatIfScreen) typed(a *App, msg tea.Msg) tea.Cmd {
	changed, why := s.form.typed(msg)
	switch {
	case why != "":
		return a.say(why)
	case changed:
		return s.changed(a)
	}
	return nil
}

func (s *whatIfScreen) toggle(a *App) tea.Cmd {
	switch s.form.field().kind {
	case overrideField:
		return a.say("type the port; backspace deletes; empty is no override")
	case addField:
		return s.openRule(a)
	case removedField, tlsField, allRemovedField, ruleField, addedField:
		s.form.toggle()
		return s.changed(a)
	}
	return nil
}

// changed works out what follows from what is on the form now.
func (s *whatIfScreen) changed(a *App) tea.Cmd { return a.arranged(s.try(a)) }

// try works out, in a command, what would follow. One is worked out at a time;
// what was typed meanwhile is next.
func (s *whatIfScreen) try(a *App) tea.Cmd {
	if s.trying {
		s.again = true
		return nil
	}
	s.trying, s.serial = true, a.serials.next()
	serial, v, w := s.serial, a.inventory, s.form.clone()
	var free map[int]int
	if s.result != nil {
		free = s.result.free
	}
	return func() tea.Msg {
		r := newWhatIfResult(v, &w)
		if r.free = free; free == nil {
			r.free = planner.FreePorts(v.Analysis, w.ref)
		}
		return whatIfMsg{serial: serial, result: r}
	}
}

// receive takes what would follow.
func (s *whatIfScreen) receive(a *App, msg tea.Msg) (cmd tea.Cmd, taken bool) {
	answer, ok := msg.(whatIfMsg)
	if !ok || answer.serial != s.serial {
		return nil, false
	}
	s.trying = false
	if s.again {
		// What was typed meanwhile is what counts.
		s.again = false
		return s.try(a), true
	}
	s.result = answer.result
	return nil, true
}

// renew tries the same on a new inventory.
func (s *whatIfScreen) renew(a *App) tea.Cmd { return s.try(a) }

func (s *whatIfScreen) noGroup(*App) string {
	if len(s.form.groups) == 0 {
		return "the security groups of this service are not known"
	}
	return ""
}

func (s *whatIfScreen) reset(a *App) tea.Cmd {
	svc := a.inventory.service(s.form.ref)
	if svc == nil {
		return a.say("the service is gone")
	}
	s.form.whatIf = newWhatIf(a.inventory, svc)
	s.form.move(0)
	return s.changed(a)
}

func (s *whatIfScreen) cannotFix(*App) string {
	if !s.form.changed() {
		return "nothing is tried yet: change something first"
	}
	return s.form.wrong()
}

func (s *whatIfScreen) fix(a *App) tea.Cmd {
	return openSheet(a, sheetFor{ref: s.form.ref, steps: s.form.steps()})
}

// free are ports that an override may have, by the position of the endpoint; nil
// until that is worked out.
func (s *whatIfScreen) free() map[int]int {
	if s.result == nil {
		return nil
	}
	return s.result.free
}

// Widths of the form where it is beside what follows.
const (
	besideWidth = 100
	formColumns = 48
)

// parts divides the body: the form, and what would follow.
func (s *whatIfScreen) parts(size image.Point) (form, results image.Rectangle) {
	all := image.Rect(0, 1, size.X, size.Y)
	if size.X >= besideWidth {
		form, results = cutLeft(all, formColumns)
		results.Min.X += 2
		results.Max.X--
		return form, results
	}
	form, results = cutTop(all, min(len(s.form.lines(nil)), (size.Y-1)/2))
	results.Min.Y++
	results.Min.X += pageMargin / 2
	results.Max.X -= pageMargin / 2
	return form, results
}

func (s *whatIfScreen) fit(a *App, size image.Point) {
	form, results := s.parts(size)
	s.form.fit(form.Dy())
	top := s.results.top
	text := whatIfText{changeText{prose{a.theme}}}
	s.results = pager{paragraphs: text.follows(&s.form.whatIf, s.result, s.trying, results.Dx())}
	s.results.fit(results.Dx(), results.Dy())
	s.results.scroll(top)
}

func (s *whatIfScreen) draw(a *App, f frameDrawing) {
	c := f.In(f.layout.body)
	size := c.Size()
	drawPageTitle(a, c, theme.Warn.Glyph()+" what if: nothing is sent · "+s.form.ref.Service, s.results.more())
	form, results := s.parts(size)
	s.form.draw(c.In(form), a.theme, s.free())
	if size.X >= besideWidth {
		c.Fill(image.Rect(form.Max.X, 1, form.Max.X+1, size.Y), "│", a.theme.Line)
	} else {
		c.Fill(image.Rect(0, form.Max.Y, size.X, form.Max.Y+1), "─", a.theme.Line)
	}
	s.results.draw(c.In(results))
	if at, ok := s.form.caret(); ok {
		*f.cursor = at.Add(form.Min).Add(f.layout.body.Min)
	}
}

func (s *whatIfScreen) clicked(a *App, x, y int) {
	form, _ := s.parts(a.layout().body.Size())
	if at := image.Pt(x, y).Sub(a.layout().body.Min); at.In(form) {
		s.form.clicked(at.Y - form.Min.Y)
		a.arrange()
	}
}

func (s *whatIfScreen) wheeled(_ *App, _, _, by int) { s.results.scroll(by * wheelLines) }
