package ui

import (
	"cmp"
	"fmt"
	"image"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/model/words"
	"hopscope/ui/canvas"
	"hopscope/ui/list"
	"hopscope/ui/theme"
)

// findingsScreen lists all findings, then what could not be read and the rules
// that were not checked for it.
type findingsScreen struct {
	list list.List[findingRow]
	// detail explains the selected row, below the list.
	detail pager
}

// findingRow is a row of the screen; one of its members is set.
type findingRow struct {
	finding    *rule.Finding
	gap        *model.Gap
	notChecked *rule.NotChecked
}

func openFindings(a *App) {
	s := &findingsScreen{}
	s.load(a)
	s.list.Select(a.main.finding.at)
	a.open(s)
}

// same tells whether a row of a later inventory is about the same.
func (r *findingRow) same(o *findingRow) bool {
	switch {
	case r.finding != nil && o.finding != nil:
		return r.finding.Key() == o.finding.Key()
	case r.gap != nil && o.gap != nil:
		return r.gap.Action == o.gap.Action && r.gap.Resource == o.gap.Resource
	case r.notChecked != nil && o.notChecked != nil:
		return *r.notChecked == *o.notChecked
	}
	return false
}

// load takes the rows of the present inventory. The selection stays on its row.
func (s *findingsScreen) load(a *App) {
	old, selected := s.list.Selected()
	v := a.inventory
	var rows []findingRow
	for _, f := range v.Findings {
		rows = append(rows, findingRow{finding: f})
	}
	for i := range v.gaps {
		rows = append(rows, findingRow{gap: &v.gaps[i]})
	}
	for i, all := 0, v.NotChecked(); i < len(all); i++ {
		rows = append(rows, findingRow{notChecked: &all[i]})
	}
	s.list.SetItems(rows)
	if selected {
		s.list.Find(func(r findingRow) bool { return r.same(&old) })
	}
}

func (s *findingsScreen) actions() []action {
	by := func(rows func() int) func(*App) tea.Cmd {
		return do(func(a *App) { s.list.Move(rows()); a.arrange() })
	}
	one := func(sign int) func() int { return func() int { return sign } }
	page := func(sign int) func() int { return func() int { return sign * s.list.Page() } }
	all := func(sign int) func() int { return func() int { return sign * s.list.Len() } }
	return []action{
		{id: "down", keys: []string{"down", "j"}, key: "↑↓ jk", name: "move", help: "next and previous", run: by(one(1))},
		{id: "up", keys: []string{"up", "k"}, run: by(one(-1))},
		{id: "page-down", keys: []string{"pgdown", "ctrl+d"}, key: "pgup pgdn", help: "a page down, up", run: by(page(1))},
		{id: "page-up", keys: []string{"pgup", "ctrl+u"}, run: by(page(-1))},
		{id: "first", keys: []string{"g", "home"}, key: "g G", help: "first, last", run: by(all(-1))},
		{id: "last", keys: []string{"G", "end"}, run: by(all(1))},
		{
			id: "go-to", keys: []string{"enter"}, key: "enter", name: "go to",
			help: "go to the path of the finding", run: s.enter, off: s.noPlace,
		},
		{
			id: "fix", keys: []string{"f"}, key: "f", name: "fix", help: "the plans for the finding",
			run: s.fix, off: s.cannotFix,
		},
		{id: "copy", keys: []string{"y"}, key: "y", name: "copy", help: "copy the finding", run: s.copy, off: s.empty},
		{id: "back", keys: []string{"esc", "q", "F"}, key: "esc", name: "back", help: "go back", run: do((*App).back)},
		interruptAction(),
	}
}

func (s *findingsScreen) empty(*App) string {
	if s.list.Len() == 0 {
		return "nothing to copy"
	}
	return ""
}

func (s *findingsScreen) noPlace(a *App) string {
	e, ok := s.list.Selected()
	if !ok || e.finding == nil || a.inventory.service(e.finding.Ref()) == nil {
		return "this is not about one service"
	}
	return ""
}

func (s *findingsScreen) enter(a *App) tea.Cmd {
	a.back()
	return a.main.goTo(a, s.list.Cursor()) // findings are the first rows
}

// cannotFix says why there is no sheet for the findingRow.
func (s *findingsScreen) cannotFix(a *App) string {
	if why := s.noPlace(a); why != "" {
		return why + ": there is nothing to apply"
	}
	e, _ := s.list.Selected()
	return nothingToFix(a, e.finding.Ref())
}

func (s *findingsScreen) fix(a *App) tea.Cmd {
	e, _ := s.list.Selected()
	return openSheet(a, sheetFor{ref: e.finding.Ref(), code: e.finding.Code, path: first(e.finding.Paths)})
}

func (s *findingsScreen) copy(a *App) tea.Cmd { return a.copyFrom("finding", plainText(s.explain(a))) }

// explain is everything about the selected row.
func (s *findingsScreen) explain(a *App) []paragraph {
	e, ok := s.list.Selected()
	x := prose{a.theme}
	switch {
	case !ok:
		return nil
	case e.gap != nil:
		return x.gap(e.gap)
	case e.notChecked != nil:
		return []paragraph{{text: fmt.Sprintf("%s needs %s, which was not read.", e.notChecked.Code,
			e.notChecked.Needs)}}
	}
	return x.findingInFull(e.finding, a.inventory)
}

// subject is the service that the selected row is about.
func (s *findingsScreen) subject(*App) (ref model.Ref) {
	if e, ok := s.list.Selected(); ok && e.finding != nil {
		ref = e.finding.Ref()
	}
	return ref
}

func (s *findingsScreen) refresh(a *App) { s.load(a) }

func (s *findingsScreen) fit(a *App, size image.Point) {
	listed := s.listRows(size.Y)
	s.list.SetHeight(listed)
	s.detail = pager{paragraphs: s.explain(a)}
	if e, ok := s.list.Selected(); ok && e.finding != nil && s.titleFits(e, size.X) {
		s.detail.paragraphs = s.detail.paragraphs[1:] // the row has said it
	}
	s.detail.fit(size.X-pageMargin, size.Y-listed-2)
}

// titleFits tells whether the row of a finding has room for its title.
func (s *findingsScreen) titleFits(e findingRow, width int) bool {
	_, code, where, title := findingRowWords(e)
	const gaps = 3 + 2 + 2 + 1
	return gaps+text.Width(code)+min(text.Width(where), whereRoom(width))+text.Width(title) <= width
}

// whereRoom is the room for the service of a finding.
func whereRoom(width int) int { return max(min(width/3, 40), 10) }

// listRows gives the list half of the screen, or less when it is short.
func (s *findingsScreen) listRows(height int) int {
	return max(min(s.list.Len(), (height-2)/2), 1)
}

func (s *findingsScreen) draw(a *App, f frameDrawing) {
	c := f.In(f.layout.body)
	size := c.Size()
	_, below := s.list.Hidden()
	title := fmt.Sprintf("%s, %s, %d not checked", words.Count(len(a.inventory.Findings), "finding"),
		words.Count(len(a.inventory.gaps), "gap"), len(a.inventory.NotChecked()))
	drawPageTitle(a, c, title, below)
	if s.list.Len() == 0 {
		c.Text(2, 2, theme.Good.Glyph()+" nothing found, and nothing left out", a.theme.State(theme.Good))
		return
	}
	listed := s.listRows(size.Y)
	s.list.Draw(c.In(image.Rect(0, 1, size.X, 1+listed)), func(c canvas.Canvas, e findingRow, selected bool) {
		s.drawRow(a, c, e, selected)
	})
	c.Fill(image.Rect(0, 1+listed, size.X, 2+listed), "─", a.theme.Line)
	s.detail.draw(c.In(image.Rect(pageMargin/2, 2+listed, size.X-pageMargin/2, size.Y)))
}

func (s *findingsScreen) drawRow(a *App, c canvas.Canvas, e findingRow, selected bool) {
	state, code, where, title := findingRowWords(e)
	style := a.theme.Text
	if selected {
		drawSelection(c, 0, a.theme, true)
		style = a.theme.Strong
	}
	c.Text(1, 0, state.Glyph(), a.theme.State(state))
	x := c.Text(3, 0, code, a.theme.State(state)) + 2
	width := c.Size().X
	if where != "" {
		room := whereRoom(width)
		c.TextIn(x, 0, room, where, style)
		x += min(text.Width(where), room) + 2
	}
	c.TextIn(x, 0, width-x-1, title, a.theme.Text)
}

// findingRowWords are the columns of a row.
func findingRowWords(e findingRow) (state theme.State, code, where, text string) {
	switch {
	case e.gap != nil:
		return theme.Unknown, "gap", string(e.gap.Action), cmp.Or(e.gap.Effect, string(e.gap.State))
	case e.notChecked != nil:
		n := e.notChecked
		return theme.Unknown, n.Code, n.Service, fmt.Sprintf("not checked: needs %s", n.Needs)
	}
	f := e.finding
	return theme.OfSeverity(f.Severity), f.Code, cmp.Or(f.Service, cmp.Or(f.Cluster, "the account")), f.Title()
}

func (s *findingsScreen) clicked(a *App, _, y int) {
	if i, ok := s.list.RowAt(y - a.layout().body.Min.Y - 1); ok {
		s.list.Select(i)
		a.arrange()
	}
}

func (s *findingsScreen) wheeled(a *App, _, _, by int) {
	s.list.Move(by * wheelLines)
	a.arrange()
}
