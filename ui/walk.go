package ui

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// visit goes to a service, and to a path of it. The way there can be taken back.
func (m *mainScreen) visit(a *App, ref model.Ref, path *reach.Path) {
	a.toMain()
	m.leave(a, stop{ref: ref, path: path})
	m.arrive(a, stop{ref: ref, path: path})
}

// leave notes the way from where the user is to a service that exists.
func (m *mainScreen) leave(a *App, to stop) {
	if from := m.here(); from.ref != (model.Ref{}) && a.inventory.service(to.ref) != nil {
		m.trail.leave(from, to)
	}
}

// here is where the user is.
func (m *mainScreen) here() stop {
	s := stop{path: m.paths.shown(), focus: m.focus}
	if svc := m.services.current(); svc != nil {
		s.ref = svc.ref
	}
	return s
}

// arrive selects what a stop names.
func (m *mainScreen) arrive(a *App, at stop) {
	if !m.selectService(a, at.ref) {
		return
	}
	focus := at.focus
	if at.path != nil && m.paths.findAny(at.path) && focus == servicesFocus {
		focus = pathsFocus
	}
	if m.paths.count() == 0 {
		focus = servicesFocus
	}
	m.setFocus(a, focus)
}

// findAny selects a path into the service or a call of it, or what became of it.
func (p *pathsPane) findAny(path *reach.Path) bool {
	i := successor(p.paths, path)
	if i < 0 {
		if i = successor(p.calls, path); i < 0 {
			return false
		}
		i += len(p.paths)
	}
	p.path = i
	p.hop = p.tellingHop()
	return true
}

// step is the run of the keys that go back and forward.
func step(by int) func(*App) tea.Cmd {
	return func(a *App) tea.Cmd {
		to, ok := a.main.trail.step(a.main.here(), by)
		switch {
		case a.inventory == nil || !ok && by > 0:
			return a.say("no way ahead: ] undoes [")
		case !ok:
			return a.say("this is where you began")
		}
		if a.inventory.service(to.ref) == nil {
			return a.say(to.ref.Service + " is gone")
		}
		a.main.arrive(a, to)
		return nil
	}
}

// nowhereToGo says why o has no use.
func nowhereToGo(a *App) string {
	if a.inventory == nil || a.main.services.current() == nil {
		return cmp.Or(nothingLoaded(a), "no service is selected")
	}
	if len(neighbours(a)) == 0 {
		return "nothing is known to call this, and it calls nothing"
	}
	return ""
}

// follow goes to the one neighbour of what is selected, or lists them.
func follow(a *App) {
	all := neighbours(a)
	if len(all) == 1 {
		all[0].visit(a)
		return
	}
	s := &paletteScreen{
		input: newInput(""), own: all, among: "callers and calls of " + a.main.services.current().ref.Service,
	}
	s.search(a)
	a.open(s)
}

// neighbours are who calls what is selected, and whom it calls: of a call where it leads,
// of a path its callers, of a service both.
func neighbours(a *App) []*place {
	m := a.main
	if m.focus == pathsFocus {
		if call := m.paths.call(); call != nil {
			return []*place{calledPlace(call)}
		}
		if path := m.paths.selected(); path != nil {
			return callerPlaces(nil, path)
		}
	}
	var out []*place
	for _, path := range m.paths.paths {
		out = callerPlaces(out, path)
	}
	for _, call := range m.paths.calls {
		out = append(out, calledPlace(call))
	}
	return out
}

// mostNeighbours is how many callers of a path are listed.
const mostNeighbours = 400

// callerPlaces adds what sends the requests of a path, each once.
func callerPlaces(to []*place, path *reach.Path) []*place {
	add := func(p place) {
		same := func(o *place) bool { return o.kind == p.kind && o.name == p.name && o.ref == p.ref }
		if !slices.ContainsFunc(to, same) {
			p.path, p.state = path, theme.OfVerdict(path.Observed())
			to = append(to, &p)
		}
	}
	if path.Source.Services == nil {
		if path.Source.Kind == reach.SourceLoadBalancer && path.Source.Name != "" {
			p := newPlace(balancerPlace, path.Source.Name, "")
			p.value = p.folded
			add(p)
		}
		return to
	}
	for _, ref := range path.Source.Services.First(mostNeighbours) {
		p := newPlace(callerPlace, ref.Service, ref.Cluster)
		p.ref = ref
		add(p)
	}
	return to
}

func calledPlace(path *reach.Path) *place {
	p := newPlace(callPlace, path.Target.Service, words.Target(path))
	p.ref, p.path, p.state = path.Target.Ref(), path, theme.OfVerdict(path.Observed())
	return &p
}

// widenStep is by how many columns a key makes the list wider.
const widenStep = 6

// widen is the run of the keys that change the width of the list.
func widen(by int) func(*App) tea.Cmd {
	return do(func(a *App) {
		before := a.layout().list.Dx()
		a.main.wider += by
		if a.layout().list.Dx() == before {
			a.main.wider -= by // it is as wide, or as narrow, as it can be
		}
		a.arrange()
	})
}

// drawTitle names the selected service and what it runs on, behind the way that led there.
func (m *mainScreen) drawTitle(c canvas.Canvas, t theme.Theme) {
	s := m.services.current()
	if s == nil {
		return
	}
	width := c.Size().X
	facts := text.Elide(s.facts, width*2/3)
	if len(m.trail.behind()) > 0 {
		facts = text.Elide(s.facts, width/3)
	}
	c.TextRight(width-1, 0, facts, t.Dim)
	room := width - text.Width(facts) - 4
	x := c.TextIn(1, 0, room, m.crumbs(room-text.Width(s.ref.Service)-1), t.Dim)
	x = c.TextIn(x, 0, room-x, s.ref.Service, t.Strong)
	if s.cluster != "" {
		c.TextIn(x, 0, room-x, " · "+s.cluster, t.Dim)
	}
}

// crumbs are the services that the way led through, as many of the last ones as fit.
func (m *mainScreen) crumbs(room int) string {
	const most = 4
	crumbs := ""
	for i, ref := range m.trail.behind() {
		longer := ref.Service + " › " + crumbs
		if i == most || text.Width(longer) > room {
			break
		}
		crumbs = longer
	}
	return crumbs
}
