package ui

import (
	"image"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/sahilm/fuzzy"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/ui/canvas"
	"hopscope/ui/list"
	"hopscope/ui/theme"
)

// servicesPane is the list on the left.
type servicesPane struct {
	inventory *inventory
	list      list.List[row]
	filter    filter
	found     found
	// selected is the service that the selection follows once the user has
	// moved; before that it is the first row, whichever that is.
	selected model.Ref
	moved    bool
}

// row is a service in the list, and the letters of it that the filter found.
type row struct {
	service *service
	matched []int
}

func newServicesPane() servicesPane { return servicesPane{filter: newFilter()} }

// show takes a new inventory.
func (p *servicesPane) show(v *inventory) {
	p.inventory = v
	p.refilter()
}

// refilter makes the rows again, after a change of filter or inventory.
func (p *servicesPane) refilter() {
	p.list.SetItems(p.matching())
	if !p.moved || !p.find(p.selected) {
		p.list.Select(0)
	}
}

// matching are the rows that the filter leaves, the best match first.
func (p *servicesPane) matching() []row {
	if p.inventory == nil {
		return nil
	}
	query := p.filter.query()
	if query == "" {
		p.found = found{}
		all := make([]row, len(p.inventory.services))
		for i := range all {
			all[i].service = &p.inventory.services[i]
		}
		return all
	}
	p.found = p.found.narrowed(p.inventory, query)
	return p.found.rows
}

// found is what a query found. What a longer query finds is among it, so that
// typing on does not search everything again.
type found struct {
	inventory *inventory
	query     string
	rows      []row
}

func (f found) narrowed(v *inventory, query string) found {
	var source fuzzy.Source = names(v.services)
	at := func(i int) *service { return &v.services[i] }
	if f.inventory == v && f.query != "" && strings.HasPrefix(query, f.query) {
		source = rows(f.rows)
		at = func(i int) *service { return f.rows[i].service }
	}
	matches := fuzzy.FindFrom(query, source)
	out := make([]row, len(matches))
	for i, m := range matches {
		out[i] = row{service: at(m.Index), matched: m.MatchedIndexes}
	}
	return found{inventory: v, query: query, rows: out}
}

// names are services in the form that the filter searches, rows are those that it
// has already found.
type (
	names []service
	rows  []row
)

func (n names) String(i int) string { return n[i].name() }
func (n names) Len() int            { return len(n) }

func (r rows) String(i int) string { return r[i].service.name() }
func (r rows) Len() int            { return len(r) }

// current is the selected service, nil when there is none.
func (p *servicesPane) current() *service {
	r, ok := p.list.Selected()
	if !ok {
		return nil
	}
	return r.service
}

// choose makes the row at the cursor the user's choice.
func (p *servicesPane) choose() {
	if s := p.current(); s != nil {
		p.selected, p.moved = s.ref, true
	}
}

// find selects a service by its identity.
func (p *servicesPane) find(ref model.Ref) bool {
	return p.list.Find(func(r row) bool { return r.service.ref == ref })
}

// prompting tells whether the line of the filter is shown.
func (p *servicesPane) prompting() bool { return p.filter.open || p.filter.query() != "" }

// draw draws the list.
func (p *servicesPane) draw(c canvas.Canvas, t theme.Theme, focused bool) {
	if p.list.Len() == 0 {
		text := "no services"
		if p.filter.query() != "" {
			text = "no match"
		}
		c.Text(2, 0, text, t.Dim)
		return
	}
	p.list.Draw(c, func(c canvas.Canvas, r row, selected bool) { drawService(c, r, t, selected, focused) })
}

// drawTitle names the selected service and what it runs on.
func (p *servicesPane) drawTitle(c canvas.Canvas, t theme.Theme) {
	s := p.current()
	if s == nil {
		return
	}
	width := c.Size().X
	facts := text.Elide(s.facts, width*2/3)
	c.TextRight(width-1, 0, facts, t.Dim)
	room := width - text.Width(facts) - 4
	x := c.TextIn(1, 0, room, s.ref.Service, t.Strong)
	if s.cluster != "" {
		c.TextIn(x, 0, room-x, " · "+s.cluster, t.Dim)
	}
}

// drawService draws a row: the selection, the state, the name, the tasks.
func drawService(c canvas.Canvas, r row, t theme.Theme, selected, focused bool) {
	s, width := r.service, c.Size().X
	name := t.Text
	if !s.loaded {
		name = t.Dim
	}
	if selected {
		drawSelection(c, 0, t, focused)
		name = t.Strong
	}
	c.Text(1, 0, s.state.Glyph(), t.State(s.state))
	right := width - 1
	if s.tasks != "" {
		c.TextRight(right, 0, s.tasks, t.Dim)
		right -= text.Width(s.tasks) + 1
	}
	at := image.Rect(3, 0, right, 1)
	drawMatched(c, at, s.ref.Service, r.matched, name, t.Match)
	const least = 4
	if x := at.Min.X + text.Width(s.ref.Service) + 1; s.cluster != "" && right-x >= least {
		c.TextIn(x, 0, right-x, s.cluster, t.Dim)
	}
}

// drawSelection draws the sign of the selected row.
func drawSelection(c canvas.Canvas, y int, t theme.Theme, focused bool) {
	style := t.Dim
	if focused {
		style = t.Accent
	}
	c.Text(0, y, "▍", style)
}

// drawMatched draws a name with the letters that a filter found marked.
func drawMatched(c canvas.Canvas, at image.Rectangle, name string, matched []int, style, match uv.Style) {
	c.TextIn(at.Min.X, at.Min.Y, at.Dx(), name, style)
	shown := text.Elide(name, at.Dx())
	for _, i := range matched {
		if i < len(shown) && i < len(name) && shown[i] == name[i] && name[i] < 0x80 {
			c.Text(at.Min.X+text.Width(name[:i]), at.Min.Y, name[i:i+1], match)
		}
	}
}
