package ui

import (
	"cmp"
	"image"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
	"hopscope/ui/list"
	"hopscope/ui/search"
)

// paletteScreen finds everything by its name: what there is, and what can be done on the
// screen that it was opened on.
type paletteScreen struct {
	input input
	query search.Query
	own   []*place
	list  list.List[*place]
	// among says what own are, where these are all there is to choose from.
	among string
}

func paletteAction() action {
	return action{
		id: "palette", keys: []string{":", "ctrl+k"}, key: ":", name: "go to",
		help: "go to a service, load balancer, group, port, finding, action", run: do(openPalette),
	}
}

func openPalette(a *App) {
	s := &paletteScreen{input: newInput("")}
	s.own = actionPlaces(a.top().actions())
	s.search(a)
	a.open(s)
}

// actionPlaces are the actions of a screen that a name can be given for. Those that move a
// cursor are none.
func actionPlaces(all []action) []*place {
	seen := map[string]bool{}
	var out []*place
	for _, act := range slices.Concat(all, globalActions()) {
		if act.key == "" && act.id != "help" || act.id == "palette" || moves(act.id) || seen[act.id] {
			continue
		}
		seen[act.id] = true
		p := newPlace(actionPlace, strings.ReplaceAll(act.id, "-", " "), act.name+" "+act.help)
		p.action = &act
		out = append(out, &p)
	}
	return out
}

// moves tells whether an action only moves a cursor.
func moves(id string) bool {
	return slices.Contains([]string{
		"down", "up", "page-down", "page-up", "first", "last", "next-hop", "previous-hop", "interrupt", "pane", "close",
	}, id)
}

// search finds what was typed.
func (s *paletteScreen) search(a *App) {
	s.query = search.Parse(s.input.Value())
	own := search.Ranked(s.query, s.own, mostPlaces)
	// An action that is called so comes before all there is, one whose text has the words
	// behind it.
	named, typed := 0, search.Fold(strings.TrimSpace(s.input.Value()))
	for named < len(own) && strings.HasPrefix(own[named].folded, typed) {
		named++
	}
	var there []*place
	if a.inventory != nil && s.among == "" {
		there = search.Ranked(s.query, a.inventory.placesOf(), mostPlaces)
	}
	s.list.SetItems(slices.Concat(own[:named], there, own[named:]))
	s.list.Select(0)
}

// mostPlaces is how many places the palette shows: what is not among them takes another
// letter.
const mostPlaces = 400

func (s *paletteScreen) refresh(a *App) {
	at := s.list.Cursor()
	s.search(a)
	s.list.Select(at)
}

func (s *paletteScreen) actions() []action {
	move := func(by func() int) func(*App) tea.Cmd { return do(func(*App) { s.list.Move(by()) }) }
	return []action{
		{id: "go", keys: []string{"enter"}, key: "enter", name: "go", help: "go there, or do it", run: s.enter},
		{
			id: "down", keys: []string{"down", "ctrl+n", "tab"}, key: "↑↓", name: "move", help: "next and previous",
			run: move(func() int { return 1 }),
		},
		{id: "up", keys: []string{"up", "ctrl+p", "shift+tab"}, run: move(func() int { return -1 })},
		{id: "page-down", keys: []string{"pgdown"}, run: move(func() int { return s.list.Page() })},
		{id: "page-up", keys: []string{"pgup"}, run: move(func() int { return -s.list.Page() })},
		{id: "back", keys: []string{"esc"}, key: "esc", name: "back", help: "go back", run: do((*App).back)},
		interruptAction(),
	}
}

// enter does what is selected. What was typed and is nothing does nothing.
func (s *paletteScreen) enter(a *App) tea.Cmd {
	p, ok := s.list.Selected()
	if !ok {
		return a.say("nothing is called " + text.Elide(text.Clean(s.input.Value()), longestKey) + " · esc back")
	}
	a.back()
	switch p.kind {
	case actionPlace:
		return p.action.press(a)
	case findingPlace:
		a.toMain()
		return a.main.goTo(a, p.finding)
	default:
		p.visit(a)
	}
	return nil
}

func (s *paletteScreen) typed(a *App, msg tea.Msg) tea.Cmd {
	before := s.input.Value()
	cmd := s.input.typed(msg)
	if s.input.Value() != before {
		s.search(a)
	}
	return cmd
}

func (s *paletteScreen) fit(_ *App, size image.Point) { s.list.SetHeight(size.Y - paletteHead) }

// paletteHead is the rows over the list: the title and what is typed.
const paletteHead = 2

func (s *paletteScreen) draw(a *App, f frameDrawing) {
	c := f.In(f.layout.body)
	size := c.Size()
	drawPageTitle(a, c, cmp.Or(s.among, "go to"), 0)
	at := placeWords(s.list.Cursor(), s.list.Len())
	c.TextRight(size.X-1, 1, at, a.theme.Dim)
	x := c.Text(1, 1, ": ", a.theme.Accent)
	line := c.In(image.Rect(0, 1, size.X-text.Width(at)-2, 2))
	*f.cursor = s.input.draw(line, x, a.theme).Add(f.layout.body.Min).Add(image.Pt(0, 1))
	if s.input.Value() == "" {
		c.TextIn(x+1, 1, size.X-x-text.Width(at)-4, "a name, or "+strings.Join(search.Fields(), ": ")+":", a.theme.Dim)
	}
	if s.list.Len() == 0 {
		c.Text(nameColumn, paletteHead, "no match", a.theme.Dim)
		return
	}
	rows := c.In(image.Rect(0, paletteHead, size.X, size.Y))
	s.list.Draw(rows.In(image.Rect(0, 0, size.X-1, size.Y)), func(c canvas.Canvas, p *place, selected bool) {
		s.drawPlace(a, c, p, selected)
	})
	drawScrollBar(rows, window{s.list.Top(), s.list.Height(), s.list.Len()}, a.theme)
}

func (s *paletteScreen) drawPlace(a *App, c canvas.Canvas, p *place, selected bool) {
	const kindWidth = 8
	width, style := c.Size().X, a.theme.Text
	if selected {
		drawSelection(c, 0, a.theme, true)
		style = a.theme.Strong
	}
	switch p.kind {
	case actionPlace:
		c.Text(1, 0, "›", a.theme.Accent)
	case servicePlace, balancerPlace, portPlace, findingPlace, callerPlace, callPlace:
		c.Text(1, 0, p.state.Glyph(), a.theme.State(p.state))
	case groupPlace, clusterPlace:
	}
	x := c.Text(nameColumn, 0, p.kind.String(), a.theme.Dim)
	x = max(x, nameColumn+kindWidth)
	room := max(width/2-x, width-x-40)
	whole := cut{{From: 0, To: len(p.name)}}
	if text.Width(p.name) > room {
		whole = cuts([]string{p.name}, room)[0]
	}
	whole.draw(c, x, room, p.name, s.query.Marks(p.folded), style, a.theme.Match)
	const nameWidth, keyWidth = 16, 6
	x += max(min(text.Width(p.name), room)+2, nameWidth)
	if p.kind == actionPlace {
		x += max(c.Text(x, 0, p.action.key, a.theme.Key)+2-x, keyWidth)
	}
	c.TextIn(x, 0, width-x, p.detail(a), a.theme.Dim)
}

func (s *paletteScreen) clicked(a *App, _, y int) {
	if i, ok := s.list.RowAt(y - a.layout().body.Min.Y - paletteHead); ok {
		s.list.Select(i)
	}
}

func (s *paletteScreen) wheeled(_ *App, _, _, by int) { s.list.Move(by * wheelLines) }

// only shows the services that a query leaves.
func (m *mainScreen) only(a *App, query string) {
	a.toMain()
	m.services.filter = newFilter()
	m.services.filter.input.SetValue(query)
	m.services.filter.input.CursorEnd()
	m.focus = servicesFocus
	m.services.moved = false
	m.services.refilter()
	m.services.choose()
	m.follow(a)
}

// toMain closes the screens on top of the main one.
func (a *App) toMain() {
	a.screens = a.screens[:1]
	a.arrange()
}
