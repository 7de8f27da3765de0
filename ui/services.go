package ui

import (
	"image"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/ui/canvas"
	"hopscope/ui/list"
	"hopscope/ui/search"
	"hopscope/ui/theme"
)

// servicesPane is the list on the left.
type servicesPane struct {
	inventory *inventory
	list      list.List[*service]
	filter    filter
	// query is that of the filter.
	query search.Query
	// labels are how the names are cut for a width.
	labels labels
	// selected is the service that the selection follows once the user has
	// moved; before that it is the first row, whichever that is.
	selected model.Ref
	moved    bool
}

// labels are how the names of an inventory are cut to a width. They are the same
// whatever the filter leaves, so that names do not change while it is typed.
type labels struct {
	inventory *inventory
	width     int
	cuts      []cut
}

func newServicesPane() servicesPane { return servicesPane{filter: newFilter()} }

// show takes a new inventory.
func (p *servicesPane) show(v *inventory) {
	p.inventory = v
	p.refilter()
}

// refilter makes the rows again, after a change of filter or inventory. Rows stay in
// their order; while the filter is typed the best match is selected.
func (p *servicesPane) refilter() {
	p.query = search.Parse(p.filter.query())
	var best int
	var rows []*service
	switch {
	case p.inventory == nil:
	case p.query.Empty():
		rows = p.inventory.rows
	default:
		rows, best = search.Filter(p.query, p.inventory.rows)
	}
	p.list.SetItems(rows)
	if p.filter.open && !p.query.Empty() || !p.moved || !p.find(p.selected) {
		p.list.Select(best)
	}
}

// fit fits the list to its size.
func (p *servicesPane) fit(size image.Point) {
	p.list.SetHeight(size.Y)
	l := &p.labels
	if width := size.X - nameColumn - p.rightColumns(); p.inventory != l.inventory || width != l.width {
		*l = labels{inventory: p.inventory, width: width}
		if p.inventory != nil && width > 0 {
			l.cuts = cuts(p.inventory.labels, width)
		}
	}
}

// nameColumn is where names begin: behind selection, state and mark.
const nameColumn = 3

// rightColumns is what tasks and the scroll bar take of a row.
func (p *servicesPane) rightColumns() int {
	if p.inventory == nil {
		return 0
	}
	const spaceAndBar = 2
	return p.inventory.tasksWidth + spaceAndBar
}

// current is the selected service, nil when there is none.
func (p *servicesPane) current() *service {
	s, _ := p.list.Selected()
	return s
}

// choose makes the row at the cursor the user's choice.
func (p *servicesPane) choose() {
	if s := p.current(); s != nil {
		p.selected, p.moved = s.ref, true
	}
}

// find selects a service by its identity.
func (p *servicesPane) find(ref model.Ref) bool {
	return p.list.Find(func(s *service) bool { return s.ref == ref })
}

// manyServices is the number of services from which on a list is more to search than to
// read.
const manyServices = 30

// prompting tells whether the line of the filter is shown: where there is much to
// search, always.
func (p *servicesPane) prompting() bool {
	return p.filter.open || p.filter.query() != "" || p.inventory != nil && len(p.inventory.rows) >= manyServices
}

// drawPrompt draws the filter and where the selection is, and returns where the cursor is.
func (p *servicesPane) drawPrompt(c canvas.Canvas, t theme.Theme) image.Point {
	width := c.Size().X
	place := placeWords(p.list.Cursor(), p.list.Len())
	c.TextRight(width-1, 0, place, t.Dim)
	return p.filter.draw(c.In(image.Rect(0, 0, width-text.Width(place)-2, 1)), t)
}

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
	size := c.Size()
	rows := c.In(image.Rect(0, 0, size.X-1, size.Y))
	p.list.Draw(rows, func(c canvas.Canvas, s *service, selected bool) { p.drawService(c, s, t, selected, focused) })
	drawScrollBar(c, window{p.list.Top(), size.Y, p.list.Len()}, t)
}

// drawService draws a row: the selection, the state, the name, the tasks.
func (p *servicesPane) drawService(c canvas.Canvas, s *service, t theme.Theme, selected, focused bool) {
	width := c.Size().X
	name := t.Text
	if !s.loaded {
		name = t.Dim
	}
	if selected {
		drawSelection(c, 0, t, focused)
		name = t.Strong
	}
	c.Text(1, 0, s.state.Glyph(), t.State(s.state))
	c.TextRight(width, 0, s.tasks, t.Dim)
	room := width - nameColumn - p.inventory.tasksWidth - 1
	label := s.label()
	var shown cut
	if s.at < len(p.labels.cuts) {
		shown = p.labels.cuts[s.at]
	}
	marks := p.query.Marks(search.Fold(label))
	shown.showing(room, marks).draw(c, nameColumn, room, label, marks, name, t.Match)
	const least = 4
	if x := nameColumn + text.Width(label) + 1; s.cluster != "" && !s.twin && nameColumn+room-x >= least {
		c.TextIn(x, 0, nameColumn+room-x, s.cluster, t.Dim)
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
