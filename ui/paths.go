package ui

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/change"
	"hopscope/model/reach"
	"hopscope/model/words"
	"hopscope/ui/canvas"
	"hopscope/ui/diagram"
	"hopscope/ui/theme"
)

// pathsPane is the paths of the selected service, each a headline and a diagram.
// Health checks, callers that are kept out, and everything where there are many
// paths, are folded into their headlines until they are selected.
type pathsPane struct {
	service *service
	paths   []*reach.Path
	// calls are the paths of which the service is a caller, listed below its own; more is
	// set where these are not all.
	calls []*reach.Path
	more  bool
	// path and hop are what is selected: a path, or behind them a call.
	path, hop int
	// callsTop is the row of the first call.
	callsTop int
	blocks   []block
	// top is the first row in sight.
	top   int
	width int
	rows  int
	theme theme.Theme
}

// block is a path with its place among the rows of the pane.
type block struct {
	path    *reach.Path
	diagram *diagram.Diagram
	y, rows int
}

// manyPaths is the number of paths above which only the selected one is drawn.
const manyPaths = 12

// Columns of the pane: headlines start behind selection and state, diagrams are
// a little further in.
const (
	headlineColumn = 3
	diagramColumn  = 2
)

// show takes the paths of a service, and those that it calls on. The selection stays on
// its path, or on what became of it.
func (p *pathsPane) show(v *inventory, s *service) {
	same := s != nil && p.service != nil && s.ref == p.service.ref
	old, called, hop := p.selected(), p.call(), p.hop
	p.service, p.paths, p.calls, p.more = s, nil, nil, false
	if s != nil {
		p.paths = s.paths
		p.calls, p.more = v.callsOf(s.ref)
	}
	p.path, p.top = worst(p.paths), 0
	if same && old != nil {
		if i := successor(p.paths, old); i >= 0 {
			p.path = i
		}
	}
	if same && called != nil {
		if i := successor(p.calls, called); i >= 0 {
			p.path = len(p.paths) + i
		}
	}
	p.hop = p.tellingHop()
	if same {
		p.hop = min(hop, max(p.hops()-1, 0))
	}
	p.blocks = nil
}

// count is the number of paths and calls.
func (p *pathsPane) count() int { return len(p.paths) + len(p.calls) }

// worst is the position of the first path that needs a look most.
func worst(paths []*reach.Path) int {
	at := 0
	for i, path := range paths {
		if lookRank(path) > lookRank(paths[at]) {
			at = i
		}
	}
	return at
}

// selected is the selected path into the service, nil when there is none.
func (p *pathsPane) selected() *reach.Path {
	if p.path >= len(p.paths) {
		return nil
	}
	return p.paths[p.path]
}

// call is the selected call, nil when none is.
func (p *pathsPane) call() *reach.Path {
	if i := p.path - len(p.paths); i >= 0 && i < len(p.calls) {
		return p.calls[i]
	}
	return nil
}

// shown is the path or the call that is selected.
func (p *pathsPane) shown() *reach.Path { return cmp.Or(p.selected(), p.call()) }

func (p *pathsPane) hops() int {
	if path := p.shown(); path != nil {
		return len(path.Hops())
	}
	return 0
}

// tellingHop is the hop that says most about the selected path: the worst one,
// or else the one into the task, which is the last that the network decides about.
func (p *pathsPane) tellingHop() int {
	path := p.shown()
	if path == nil {
		return 0
	}
	best, worst := 0, 0
	hops := path.Hops()
	for i := range hops {
		h := &hops[i]
		rank := int(theme.OfAccess(h.Access)) * 2
		if h.FromNode != reach.NodeCallerApp && h.FromNode != reach.NodeAgent {
			rank++
		}
		if rank >= worst {
			best, worst = i, rank
		}
	}
	return best
}

// selectPath selects a path by its position, or the nearest one there is.
func (p *pathsPane) selectPath(i int) {
	i = max(min(i, p.count()-1), 0)
	if i == p.path {
		return
	}
	p.path = i
	p.hop = p.tellingHop()
	p.fold(true)
}

// find selects a path by its identity.
func (p *pathsPane) find(id string) {
	if i := p.position(id); i >= 0 {
		p.path = i
		p.hop = p.tellingHop()
	}
}

// position is where a path is, -1 when it is not there.
func (p *pathsPane) position(id string) int {
	return slices.IndexFunc(p.paths, func(path *reach.Path) bool { return path.ID == id })
}

// successor is where among paths one of an earlier analysis is, -1 when its place is
// gone. Its ID changes with its callers: then it is the path at its place that has one
// of them, or else any path at its place.
func successor(paths []*reach.Path, old *reach.Path) int {
	for _, is := range []func(*reach.Path) bool{
		func(path *reach.Path) bool { return path.ID == old.ID },
		func(path *reach.Path) bool { return path.Place == old.Place && change.Same(old, path) },
		func(path *reach.Path) bool { return change.Same(old, path) },
		func(path *reach.Path) bool { return path.Place == old.Place },
	} {
		if i := slices.IndexFunc(paths, is); i >= 0 {
			return i
		}
	}
	return -1
}

func (p *pathsPane) selectHop(i int) { p.hop = max(min(i, p.hops()-1), 0) }

// arrange lays the paths out for a size.
func (p *pathsPane) arrange(size image.Point, focused bool, t theme.Theme) {
	if size.X != p.width || p.blocks == nil {
		p.width = size.X
		p.blocks = make([]block, len(p.paths))
		for i, path := range p.paths {
			p.blocks[i].path = path
		}
	}
	p.rows, p.theme = size.Y, t
	p.fold(focused)
}

// foldable tells whether a path is folded while it is not selected.
func (p *pathsPane) foldable(path *reach.Path) bool {
	if len(p.blocks) > manyPaths {
		return true
	}
	return path.Source.Kind == reach.SourceHealthCheck || path.Verdict == reach.Closed
}

// fold places the blocks one below the other and scrolls the selected one into
// sight.
func (p *pathsPane) fold(focused bool) {
	y := 0
	for i := range p.blocks {
		b := &p.blocks[i]
		b.y, b.rows = y, 1
		open := !p.foldable(b.path) || focused && i == p.path
		if open && b.diagram == nil {
			b.diagram = diagram.New(b.path, diagram.Options{Theme: p.theme, Width: p.width - diagramColumn})
		}
		if open {
			b.rows += b.diagram.Size().Y + 1
		}
		y += b.rows
	}
	if len(p.blocks) == 0 {
		const belowNothing = 2
		y = belowNothing
	}
	if p.callsTop = y + 1; len(p.calls) > 0 {
		y = p.callsTop + len(p.calls) + rowIf(p.more)
	}
	p.scroll(y)
}

func (p *pathsPane) scroll(total int) {
	if p.path >= p.count() || p.rows <= 0 {
		p.top = 0
		return
	}
	from, to := p.callsTop+p.path-len(p.blocks), p.callsTop+p.path-len(p.blocks)+1
	if p.path < len(p.blocks) {
		b := &p.blocks[p.path]
		from, to = b.y, b.y+b.rows-1
	}
	p.top = max(p.top, to-p.rows)
	p.top = min(p.top, from)
	p.top = max(min(p.top, total-p.rows), 0)
}

// draw draws the blocks in sight.
func (p *pathsPane) draw(c canvas.Canvas, t theme.Theme, focused bool) {
	size := c.Size()
	p.drawCalls(c, t, focused)
	if len(p.blocks) == 0 && p.top == 0 {
		c.TextIn(headlineColumn, 0, size.X-headlineColumn, p.nothing(size.X-headlineColumn), t.Dim)
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.y+b.rows <= p.top || b.y >= p.top+size.Y {
			continue
		}
		area := c.In(image.Rect(0, b.y-p.top, size.X, b.y-p.top+b.rows))
		hop := -1
		if focused && i == p.path {
			hop = p.hop
		}
		b.draw(area, t, i == p.path, focused, hop)
	}
	if last := p.end(); last > p.top+size.Y {
		c.Text(size.X-2, size.Y-1, "↓", t.Dim)
	}
	if p.top > 0 {
		c.Text(size.X-2, 0, "↑", t.Dim)
	}
}

// end is the row behind the last one that says something.
func (p *pathsPane) end() int {
	switch n := len(p.blocks); {
	case len(p.calls) > 0:
		return p.callsTop + len(p.calls) + rowIf(p.more)
	case n > 0:
		return p.blocks[n-1].y + p.blocks[n-1].rows - 1
	}
	return 0
}

// drawCalls lists, below the paths, whom the service calls.
func (p *pathsPane) drawCalls(c canvas.Canvas, t theme.Theme, focused bool) {
	if len(p.calls) == 0 {
		return
	}
	size := c.Size()
	if y := p.callsTop - 1 - p.top; y >= 0 {
		c.TextIn(1, y, size.X-2, p.callsHeading(), t.Dim)
	}
	for y := max(p.callsTop-p.top, 0); y < size.Y; y++ {
		i := y + p.top - p.callsTop
		if i >= len(p.calls) {
			if i == len(p.calls) && p.more {
				c.TextIn(headlineColumn, y, size.X-headlineColumn, "and more: o lists by name", t.Dim)
			}
			return
		}
		p.drawCall(c.In(image.Rect(0, y, size.X, y+1)), p.calls[i], t, len(p.paths)+i == p.path, focused)
	}
}

func (p *pathsPane) callsHeading() string {
	broken := 0
	for _, path := range p.calls {
		if path.Observed() == reach.Broken {
			broken++
		}
	}
	heading := "may call " + words.Count(len(p.calls), "endpoint")
	if p.more {
		heading = fmt.Sprintf("may call more than %d endpoints", len(p.calls))
	}
	if broken > 0 {
		heading += fmt.Sprintf(", %d broken", broken)
	}
	return heading
}

func (p *pathsPane) drawCall(c canvas.Canvas, path *reach.Path, t theme.Theme, selected, focused bool) {
	width, state := c.Size().X, theme.OfVerdict(path.Observed())
	style := t.Text
	if state == theme.Calm {
		style = t.Dim
	}
	if selected {
		drawSelection(c, 0, t, focused)
		if focused {
			style = t.Strong
		}
	}
	c.Text(1, 0, state.Glyph(), t.State(state))
	target := words.Target(path)
	x := c.TextIn(headlineColumn, 0, width-headlineColumn, "calls to ", style)
	x = c.TextIn(x, 0, width-x, target, style)
	x = c.TextIn(x, 0, width-x, ": ", style)
	x = c.TextIn(x, 0, width-x, words.Verdict(path), style)
	if !strings.HasPrefix(target, path.Target.Service) {
		x = c.TextIn(x, 0, width-x, ", at ", t.Dim)
		c.TextIn(x, 0, width-x, path.Target.Service, t.Dim)
	}
}

// nothing says why there are no paths.
func (p *pathsPane) nothing(width int) string {
	switch {
	case p.service == nil:
		return ""
	case !p.service.loaded:
		return "loading this service"
	}
	const short, why = "no path leads to this service", ": no load balancer, no Service Connect endpoint"
	if len(short+why) > width {
		return short
	}
	return short + why
}

func (b *block) draw(c canvas.Canvas, t theme.Theme, selected, focused bool, hop int) {
	width := c.Size().X
	state := theme.OfVerdict(b.path.Observed())
	title := t.Text
	if state == theme.Calm {
		title = t.Dim
	}
	if selected && focused {
		title = t.Strong
	}
	if selected {
		drawSelection(c, 0, t, focused)
	}
	c.Text(1, 0, state.Glyph(), t.State(state))
	name := words.Path(b.path)
	verdict := b.verdictWithin(width - headlineColumn - 3 - min(text.Width(name), leastName))
	c.TextRight(width-1, 0, verdict, t.State(state))
	c.TextIn(headlineColumn, 0, width-headlineColumn-text.Width(verdict)-3, name, title)
	if b.rows > 1 {
		b.diagram.Draw(c.In(image.Rect(diagramColumn, 1, width, b.rows)), hop)
	}
}

// leastName is what a headline leaves of a path's name to what is said of its targets.
const leastName = 16

// verdictWithin is the verdict on the path, with the health of its targets where not
// all are healthy: in full, or how many are, as there is room.
func (b *block) verdictWithin(width int) string {
	verdict := words.Verdict(b.path)
	targets := words.UnhealthyTargets(b.path.Health)
	if targets == "" {
		return verdict
	}
	for _, said := range []string{targets, words.HealthyTargets(b.path.Health)} {
		if full := said + " · " + verdict; text.Width(full) <= width {
			return full
		}
	}
	return verdict
}

// clickAt selects the path at a point, and the hop if there is one.
func (p *pathsPane) clickAt(at image.Point) bool {
	at.Y += p.top
	for i := range p.blocks {
		b := &p.blocks[i]
		if at.Y < b.y || at.Y >= b.y+b.rows {
			continue
		}
		hop, ok := noHop, false
		if b.rows > 1 && at.Y > b.y {
			hop, ok = b.diagram.HopAt(at.Sub(image.Pt(diagramColumn, b.y+1)))
		}
		p.selectPath(i)
		if ok {
			p.selectHop(hop)
		}
		return true
	}
	if i := at.Y - p.callsTop; i >= 0 && i < len(p.calls) {
		p.selectPath(len(p.paths) + i)
		return true
	}
	return false
}

// noHop stands for no hop of a path.
const noHop = -1
