package ui

import (
	"fmt"
	"image"
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/rule"
)

// mainScreen is services on the left, paths on the right, the explanation below. It
// is at the bottom of the stack and knows what is selected.
type mainScreen struct {
	services servicesPane
	paths    pathsPane
	focus    pane
	// finding is the one that n and N start from.
	finding findingCursor
	// trail is the way that the user went by name.
	trail trail
	// wider is by how many columns the list is wider than it would be.
	wider int
	// own are its actions, made once: every key looks through them.
	own []action
}

// findingCursor is a place among the findings that survives a refresh. The zero value
// is before the first.
type findingCursor struct {
	// key names the finding, "" for none; at is its position, or where it was before a
	// refresh took it away.
	key string
	at  int
}

// move takes the cursor to where its finding is now.
func (c *findingCursor) move(all []*rule.Finding) {
	if c.key == "" {
		return
	}
	at := slices.IndexFunc(all, func(f *rule.Finding) bool { return f.Key() == c.key })
	if at < 0 {
		c.key = ""
		return
	}
	c.at = at
}

// next is the position of the next of n findings, or of the previous one. Where the
// finding of the cursor is gone the next one has its place.
func (c *findingCursor) next(n, by int) int {
	at := c.at
	if c.key == "" && by > 0 {
		at--
	}
	return (min(at, n) + by + n) % n
}

func newMainScreen() *mainScreen {
	return &mainScreen{services: newServicesPane(), own: mainActions()}
}

func (m *mainScreen) actions() []action { return m.own }

// mainActions are what the keys of the main screen do, in the order of the help.
func mainActions() []action {
	return slices.Concat(selectionActions(), measureActions(""), accountActions())
}

// selectionActions are about what is selected: a service, a path, a hop.
func selectionActions() []action {
	return []action{
		{
			id: "down", keys: []string{"down", "j"}, key: "↑↓", name: "move",
			help: "next and previous service or path (also j k)", run: onMain(1, (*mainScreen).move),
		},
		{id: "up", keys: []string{"up", "k"}, run: onMain(-1, (*mainScreen).move)},
		{
			id: "open", keys: []string{"enter"}, key: "enter", name: "open",
			help: "go to the paths; there: explain the path in full", run: do(openSelected), off: nothingToOpen,
		},
		{
			id: "fix", keys: []string{"f"}, key: "f", name: "fix",
			help: "the plans for the service, the selected path's first: read, copy, apply, undo", run: openFix,
			off: cannotFix,
		},
		{
			id: "filter", keys: []string{"/"}, key: "/", name: "filter",
			help: "filter: name state: port: sg: lb: cluster: code:, ! is not; esc clears",
			run:  do(openFilter), off: nothingLoaded,
		},
		paletteAction(),
		{
			id: "follow", keys: []string{"o"}, key: "o", name: "follow",
			help: "go to a caller, or to what is called; of several, choose", run: do(follow), off: nowhereToGo,
		},
		securityAction(),
		{
			id: "go-back", keys: []string{"["}, key: "[ ]", name: "", help: "back and forward on the way that you went",
			run: step(-1),
		},
		{id: "go-forward", keys: []string{"]"}, run: step(1)},
		{
			id: "what-if", keys: []string{"w"}, key: "w", name: "what if",
			help: "try a port, a rule, client only, TLS: nothing is sent", run: openWhatIf, off: cannotTry,
		},
		{
			id: "next-finding", keys: []string{"n"}, key: "n N", name: "finding", help: "next and previous finding",
			run: func(a *App) tea.Cmd { return a.main.jump(a, 1) }, off: noFindings,
		},
		{
			id: "previous-finding", keys: []string{"N"},
			run: func(a *App) tea.Cmd { return a.main.jump(a, -1) }, off: noFindings,
		},
		{
			id: "pane", keys: []string{"tab", "shift+tab"}, key: "tab", name: "pane", help: "other pane: services or paths",
			run: do(switchPane), off: noPaths,
		},
		{
			id: "next-hop", keys: []string{"right", "l"}, key: "←→", name: "hop",
			help: "next and previous hop of the path (also h l)", run: onMain(1, (*mainScreen).moveHop), off: noPaths,
		},
		{id: "previous-hop", keys: []string{"left", "h"}, run: onMain(-1, (*mainScreen).moveHop)},
	}
}

// accountActions are about everything that was read, and about the program.
func accountActions() []action {
	return []action{
		{
			id: "findings", keys: []string{"F"}, key: "F", name: "findings",
			help: "all findings, gaps and rules that were not checked", run: do(openFindings), off: nothingLoaded,
		},
		{
			id: "copy", keys: []string{"y"}, key: "y", name: "copy", help: "copy the explanation of the path",
			run: copyExplanation, off: nothingToOpen,
		},
		{
			id: "export", keys: []string{"e"}, key: "e", name: "export", help: "save the snapshot to a file",
			run: do(openExport), off: cannotSave,
		},
		logAction(),
		{
			id: "activity", keys: []string{"A"}, key: "A", help: "what is being applied, or was last", run: do(openActivity),
			off: neverApplied,
		},
		{
			id: "refresh", keys: []string{"r"}, key: "r", name: "refresh",
			help: "read everything again; what is shown stays until then", run: refresh,
		},
		{
			id: "page-down", keys: []string{"pgdown", "ctrl+d"}, key: "pgup pgdn", help: "a page down, up",
			run: onMain(1, (*mainScreen).page),
		},
		{id: "page-up", keys: []string{"pgup", "ctrl+u"}, run: onMain(-1, (*mainScreen).page)},
		{id: "first", keys: []string{"g", "home"}, key: "g G", help: "first, last", run: onMain(-1, (*mainScreen).end)},
		{id: "last", keys: []string{"G", "end"}, run: onMain(1, (*mainScreen).end)},
		{id: "wider", keys: []string{"+", "="}, key: "+ _", help: "wider and narrower list", run: widen(widenStep)},
		{id: "narrower", keys: []string{"_", "-"}, run: widen(-widenStep)},
		{
			id: "back", keys: []string{"esc"}, key: "esc", help: "back: to the services, then out of the filter",
			run: do(escape),
		},
		{id: "help", keys: []string{"?"}, key: "?", name: "help", help: "this help", run: do(openHelp)},
		quitAction(),
	}
}

// onMain is the run of an action that moves something on the main screen.
func onMain(by int, move func(*mainScreen, *App, int)) func(*App) tea.Cmd {
	return do(func(a *App) { move(a.main, a, by) })
}

// Reasons why an action of the main screen has no use now.
func nothingLoaded(a *App) string {
	if a.inventory == nil {
		return "nothing is loaded yet"
	}
	return ""
}

func noPaths(a *App) string {
	switch {
	case a.inventory == nil:
		return "nothing is loaded yet"
	case a.main.services.current() == nil:
		return "no service is selected"
	case a.main.paths.count() == 0:
		return "no path leads to this service, and it calls none"
	}
	return ""
}

// nothingToOpen: findings about a service, and who connects to it, can be read although
// no path leads to it.
func nothingToOpen(a *App) string {
	why := noPaths(a)
	if why == "" || a.inventory == nil {
		return why
	}
	s := a.main.services.current()
	if s != nil && (len(s.findings) > 0 || len(a.inventory.Deriver().TaskPortsOf(s.ref)) > 0) {
		return ""
	}
	return why
}

func noFindings(a *App) string {
	switch {
	case a.inventory == nil:
		return "nothing is loaded yet"
	case len(a.inventory.Findings) == 0:
		return "no findings"
	}
	return ""
}

// show takes a new inventory. The selection stays on its service.
func (m *mainScreen) show(a *App, v *inventory) {
	m.finding.move(v.Findings)
	m.services.show(v)
	m.follow(a)
}

// follow shows the paths of the selected service.
func (m *mainScreen) follow(a *App) {
	m.paths.show(m.services.inventory, m.services.current())
	if m.paths.count() == 0 {
		m.focus = servicesFocus
	}
	a.arrange()
}

// arrange fits the panes to a layout.
func (m *mainScreen) arrange(a *App, l *layout) {
	m.services.fit(l.list.Size())
	m.paths.arrange(l.paths.Size(), m.focus == pathsFocus, a.theme)
}

// move moves the selection of the pane that has the focus.
func (m *mainScreen) move(a *App, by int) {
	if m.focus == pathsFocus {
		m.paths.selectPath(m.paths.path + by)
		return
	}
	m.moveService(a, by)
}

func (m *mainScreen) moveService(a *App, by int) {
	m.services.list.Move(by)
	m.services.choose()
	m.follow(a)
}

// moveHop goes to the next hop, and into the paths if need be.
func (m *mainScreen) moveHop(a *App, by int) {
	switch {
	case m.focus != pathsFocus && by > 0:
		m.setFocus(a, pathsFocus)
	case m.focus != pathsFocus:
	case by < 0 && m.paths.hop <= 0:
		m.setFocus(a, servicesFocus)
	default:
		m.paths.selectHop(m.paths.hop + by)
	}
}

func (m *mainScreen) page(a *App, by int) {
	if m.focus == pathsFocus {
		const paths = 3
		m.move(a, by*paths)
		return
	}
	m.moveService(a, by*m.services.list.Page())
}

// end goes to the first or the last.
func (m *mainScreen) end(a *App, by int) {
	if m.focus == pathsFocus {
		m.move(a, by*m.paths.count())
		return
	}
	m.moveService(a, by*m.services.list.Len())
}

func (m *mainScreen) setFocus(a *App, p pane) {
	m.focus = p
	a.arrange()
}

func switchPane(a *App) {
	if a.main.focus == pathsFocus {
		a.main.setFocus(a, servicesFocus)
		return
	}
	openSelected(a)
}

// openSelected goes one step closer to what is selected.
func openSelected(a *App) {
	if m := a.main; m.focus == servicesFocus {
		m.services.choose()
		if m.paths.count() > 0 {
			m.setFocus(a, pathsFocus)
			return
		}
	}
	if call := a.main.paths.call(); call != nil {
		a.main.visit(a, call.Target.Ref(), call)
		return
	}
	openExplanation(a)
}

// escape goes one step back.
func escape(a *App) {
	switch m := a.main; {
	case m.focus == pathsFocus:
		m.setFocus(a, servicesFocus)
	case m.services.filter.query() != "":
		clearFilter(a)
	}
}

// jump goes to the next or previous finding.
func (m *mainScreen) jump(a *App, by int) tea.Cmd {
	return m.goTo(a, m.finding.next(len(a.inventory.Findings), by))
}

// goTo selects the service and the path of a finding.
func (m *mainScreen) goTo(a *App, finding int) tea.Cmd {
	f := a.inventory.Findings[finding]
	m.finding = findingCursor{f.Key(), finding}
	m.leave(a, stop{ref: f.Ref()})
	status := a.say(fmt.Sprintf("finding %d of %d: %s %s", finding+1, len(a.inventory.Findings), f.Code, f.Title()))
	if !m.selectService(a, f.Ref()) {
		return status
	}
	if len(m.paths.paths) > 0 && f.Path() != "" {
		m.paths.find(f.Path())
		m.setFocus(a, pathsFocus)
	}
	return status
}

// selectService selects a service, and clears the filter if that hides it. It tells
// whether the service exists.
func (m *mainScreen) selectService(a *App, ref model.Ref) bool {
	if a.inventory.service(ref) == nil {
		return false
	}
	if !m.services.find(ref) {
		clearFilter(a)
		m.services.find(ref)
	}
	m.services.choose()
	m.follow(a)
	return true
}

// refresh reads everything again.
func refresh(a *App) tea.Cmd {
	if a.loading.active {
		return a.say("still reading; what is shown changes when it is done")
	}
	cmd := a.loading.start()
	a.arrange()
	return cmd
}

func (m *mainScreen) draw(a *App, f frameDrawing) {
	l := f.layout
	if a.inventory == nil {
		f.In(l.body).Text(2, 1, a.header().waiting(), a.theme.Dim)
		return
	}
	if l.prompt.Dy() > 0 {
		at := m.services.drawPrompt(f.In(l.prompt), a.theme).Add(l.prompt.Min)
		if m.services.filter.open {
			*f.cursor = at
		}
	}
	if !l.list.Empty() {
		m.services.draw(f.In(l.list), a.theme, m.focus == servicesFocus)
	}
	f.Fill(l.divider, "│", a.theme.Line)
	if !l.title.Empty() {
		m.drawTitle(f.In(l.title), a.theme)
		m.paths.draw(f.In(l.paths), a.theme, m.focus == pathsFocus)
	}
	if !l.explain.Empty() {
		f.Fill(l.rule, "─", a.theme.Line)
		x := m.explanation(a)
		x.drawRule(f.In(l.rule))
		x.draw(f.In(l.explain))
	}
}

// subject is the service whose findings are shown: the selected one, or of a call the one
// that it leads to.
func (m *mainScreen) subject(*App) (ref model.Ref) {
	if call := m.paths.call(); call != nil && m.focus == pathsFocus {
		return call.Target.Ref()
	}
	if s := m.services.current(); s != nil {
		ref = s.ref
	}
	return ref
}

// explanation is what there is to say about the selection.
func (m *mainScreen) explanation(a *App) explanation {
	x := explanation{
		prose: prose{a.theme}, inventory: a.inventory, service: m.services.current(),
		path: m.paths.selected(), hop: noHop, measurements: &a.measurements,
	}
	if call := m.paths.call(); call != nil && m.focus == pathsFocus {
		// A call is judged, explained and repaired where it leads.
		x.path = call
		if callee := a.inventory.service(call.Target.Ref()); callee != nil {
			x.service = callee
		}
	}
	if m.focus == pathsFocus {
		x.onPath = true
		if x.path != nil && m.paths.hop < len(x.path.Hops()) {
			x.hop = m.paths.hop
		}
	}
	return x
}

func (m *mainScreen) clicked(a *App, x, y int) {
	at, l := image.Pt(x, y), a.layout()
	switch {
	case at.In(l.list):
		if i, ok := m.services.list.RowAt(y - l.list.Min.Y); ok {
			m.services.list.Select(i)
			m.services.choose()
			m.focus = servicesFocus
			m.follow(a)
		}
	case at.In(l.paths):
		if m.paths.clickAt(at.Sub(l.paths.Min)) {
			m.setFocus(a, pathsFocus)
		}
	}
}

func (m *mainScreen) wheeled(a *App, x, y, by int) {
	at, l := image.Pt(x, y), a.layout()
	switch {
	case at.In(l.list):
		const rows = 3
		m.moveService(a, by*rows)
	case at.In(l.paths) && m.paths.count() > 0:
		m.setFocus(a, pathsFocus)
		m.move(a, by)
	}
}
