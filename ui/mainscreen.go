package ui

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
)

// mainScreen is services on the left, paths on the right, the explanation below.
// Its state is in the panes.
type mainScreen struct{}

func (mainScreen) actions() []action {
	return []action{
		{keys: []string{"down", "j"}, key: "↑↓", name: "move", help: "next and previous service or path (also j k)", run: do(func(a *App) { a.move(1) })},
		{keys: []string{"up", "k"}, run: do(func(a *App) { a.move(-1) })},
		{keys: []string{"enter"}, key: "enter", name: "open", help: "go to the paths; there: explain the path in full", run: do((*App).enter), off: nothingToOpen},
		{keys: []string{"f"}, key: "f", name: "fix", help: "the plans for the service, the selected path's first: read, copy, apply, undo", run: openFix, off: cannotFix},
		{keys: []string{"w"}, key: "w", name: "what if", help: "try a port, a rule, client only, TLS: nothing is sent", run: openWhatIf, off: cannotTry},
		{keys: []string{"n"}, key: "n N", name: "finding", help: "next and previous finding", run: func(a *App) tea.Cmd { return a.jump(1) }, off: noFindings},
		{keys: []string{"N"}, run: func(a *App) tea.Cmd { return a.jump(-1) }, off: noFindings},
		{keys: []string{"/"}, key: "/", name: "filter", help: "filter the services by name; esc clears", run: do(openFilter), off: noPicture},
		{keys: []string{"tab", "shift+tab"}, key: "tab", name: "pane", help: "other pane: services or paths", run: do((*App).switchPane), off: noPaths},
		{keys: []string{"right", "l"}, key: "←→", name: "hop", help: "next and previous hop of the path (also h l)", run: do(func(a *App) { a.moveHop(1) }), off: noPaths},
		{keys: []string{"left", "h"}, run: do(func(a *App) { a.moveHop(-1) })},
		{keys: []string{"F"}, key: "F", name: "findings", help: "all findings, gaps and rules that were not checked", run: do(openFindings), off: noPicture},
		{keys: []string{"y"}, key: "y", name: "copy", help: "copy the explanation of the path", run: copyExplanation, off: nothingToOpen},
		{keys: []string{"e"}, key: "e", name: "export", help: "save the snapshot to a file", run: do(openExport), off: cannotSave},
		logAction(),
		{keys: []string{"A"}, key: "A", help: "what is being applied, or was last", run: do(openApplication), off: neverApplied},
		{keys: []string{"r"}, key: "r", name: "refresh", help: "read everything again; the picture stays until then", run: refresh},
		{keys: []string{"pgdown", "ctrl+d"}, key: "pgup pgdn", help: "a page down, up", run: do(func(a *App) { a.page(1) })},
		{keys: []string{"pgup", "ctrl+u"}, run: do(func(a *App) { a.page(-1) })},
		{keys: []string{"g", "home"}, key: "g G", help: "first, last", run: do(func(a *App) { a.end(-1) })},
		{keys: []string{"G", "end"}, run: do(func(a *App) { a.end(1) })},
		{keys: []string{"esc"}, key: "esc", help: "back: to the services, then out of the filter", run: do((*App).escape)},
		{keys: []string{"?"}, key: "?", name: "help", help: "this help", run: do(openHelp)},
		quitAction(),
	}
}

// Reasons why an action of the main screen has no use now.
func noPicture(a *App) string {
	if a.inventory == nil {
		return "nothing is loaded yet"
	}
	return ""
}

func noPaths(a *App) string {
	switch {
	case a.inventory == nil:
		return "nothing is loaded yet"
	case a.services.current() == nil:
		return "no service is selected"
	case len(a.paths.paths) == 0:
		return "no path leads to this service"
	}
	return ""
}

// nothingToOpen: findings about a service can be read although no path leads to
// it.
func nothingToOpen(a *App) string {
	if why := noPaths(a); why != "" && (a.inventory == nil || a.services.current() == nil || len(a.services.current().findings) == 0) {
		return why
	}
	return ""
}

func noFindings(a *App) string {
	switch {
	case a.inventory == nil:
		return "nothing is loaded yet"
	case len(a.inventory.findings) == 0:
		return "no findings"
	}
	return ""
}

// move moves the selection of the pane that has the focus.
func (a *App) move(by int) {
	if a.focus == pathsFocus {
		a.paths.selectPath(a.paths.path + by)
		return
	}
	a.moveService(by)
}

func (a *App) moveService(by int) {
	a.services.list.Move(by)
	a.services.choose()
	a.follow()
}

// moveHop goes to the next hop, and into the paths if need be.
func (a *App) moveHop(by int) {
	if a.focus != pathsFocus {
		if by > 0 {
			a.setFocus(pathsFocus)
		}
		return
	}
	if by < 0 && a.paths.hop <= 0 {
		a.setFocus(servicesFocus)
		return
	}
	a.paths.selectHop(a.paths.hop + by)
}

func (a *App) page(by int) {
	if a.focus == pathsFocus {
		const paths = 3
		a.move(by * paths)
		return
	}
	a.moveService(by * a.services.list.Page())
}

// end goes to the first or the last.
func (a *App) end(by int) {
	if a.focus == pathsFocus {
		a.move(by * len(a.paths.paths))
		return
	}
	a.moveService(by * a.services.list.Len())
}

func (a *App) setFocus(p pane) {
	a.focus = p
	a.arrange()
}

func (a *App) switchPane() {
	if a.focus == pathsFocus {
		a.setFocus(servicesFocus)
		return
	}
	a.enter()
}

// enter goes one step closer to what is selected.
func (a *App) enter() {
	if a.focus == servicesFocus {
		a.services.choose()
		if len(a.paths.paths) > 0 {
			a.setFocus(pathsFocus)
			return
		}
	}
	openExplanation(a)
}

// escape goes one step back.
func (a *App) escape() {
	switch {
	case a.focus == pathsFocus:
		a.setFocus(servicesFocus)
	case a.services.filter.query() != "":
		clearFilter(a)
	}
}

// follow shows the paths of the selected service.
func (a *App) follow() {
	s := a.services.current()
	a.paths.show(s)
	if len(a.paths.paths) == 0 {
		a.focus = servicesFocus
	}
	a.arrange()
}

// jump goes to the next or previous finding.
func (a *App) jump(by int) tea.Cmd {
	n := len(a.inventory.findings)
	switch {
	case a.finding < 0 && by < 0:
		a.finding = n - 1
	default:
		a.finding = (a.finding + by + n) % n
	}
	return a.goTo(a.finding)
}

// refresh reads everything again.
func refresh(a *App) tea.Cmd {
	if a.loading.active {
		return a.say("still reading; the picture changes when it is done")
	}
	cmd := a.loading.start()
	a.arrange()
	return cmd
}

func (mainScreen) draw(a *App, f frameDrawing) {
	l := f.layout
	if a.inventory == nil {
		f.In(l.body).Text(2, 1, a.waiting(), a.theme.Dim)
		return
	}
	if l.prompt.Dy() > 0 {
		at := a.drawFilter(f.In(l.prompt)).Add(l.prompt.Min)
		if a.services.filter.open {
			*f.cursor = at
		}
	}
	if !l.list.Empty() {
		a.services.draw(f.In(l.list), a.theme, a.focus == servicesFocus)
	}
	f.Fill(l.divider, "│", a.theme.Line)
	if !l.title.Empty() {
		a.drawTitle(f.In(l.title))
		a.paths.draw(f.In(l.paths), a.theme, a.focus == pathsFocus)
	}
	if !l.explain.Empty() {
		f.Fill(l.rule, "─", a.theme.Line)
		a.drawRule(f.In(l.rule))
		a.drawExplanation(f.In(l.explain))
	}
}

// drawTitle names the selected service and what it runs on.
func (a *App) drawTitle(c canvas.Canvas) {
	s := a.services.current()
	if s == nil {
		return
	}
	width := c.Size().X
	facts := text.Elide(s.facts, width*2/3)
	c.TextRight(width-1, 0, facts, a.theme.Dim)
	room := width - text.Width(facts) - 4
	x := c.TextIn(1, 0, room, s.ref.Service, a.theme.Strong)
	if s.cluster != "" {
		c.TextIn(x, 0, room-x, " · "+s.cluster, a.theme.Dim)
	}
}

func (mainScreen) clicked(a *App, x, y int) {
	at, l := image.Pt(x, y), a.layout()
	switch {
	case at.In(l.list):
		if i, ok := a.services.list.RowAt(y - l.list.Min.Y); ok {
			a.services.list.Select(i)
			a.services.choose()
			a.focus = servicesFocus
			a.follow()
		}
	case at.In(l.paths):
		if a.paths.clickAt(at.Sub(l.paths.Min)) {
			a.setFocus(pathsFocus)
		}
	}
}

func (mainScreen) wheeled(a *App, x, y, by int) {
	at, l := image.Pt(x, y), a.layout()
	switch {
	case at.In(l.list):
		const rows = 3
		a.moveService(by * rows)
	case at.In(l.paths) && len(a.paths.paths) > 0:
		a.setFocus(pathsFocus)
		a.move(by)
	}
}
