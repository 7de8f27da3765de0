package ui

import (
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// stop is a place on the way that the user went: a service, and perhaps a path.
type stop struct {
	ref   model.Ref
	path  *reach.Path
	focus pane
}

// trail is the way that the user went by name, from service to service. The zero value is
// before the first step.
type trail struct {
	stops []stop
	at    int
}

// longestTrail is how many steps can be taken back.
const longestTrail = 100

// leave takes a step from where the user is to another service. What was ahead is forgotten.
func (t *trail) leave(from, to stop) {
	if from.ref == to.ref {
		return
	}
	if len(t.stops) == 0 {
		t.stops = []stop{{}}
	}
	t.stops[t.at] = from
	t.stops = append(t.stops[:t.at+1], to)
	if len(t.stops) > longestTrail {
		t.stops = slices.Clone(t.stops[1:])
	}
	t.at = len(t.stops) - 1
}

// step goes back or forward from where the user is.
func (t *trail) step(from stop, by int) (to stop, ok bool) {
	if next := t.at + by; next < 0 || next >= len(t.stops) {
		return stop{}, false
	}
	t.stops[t.at] = from
	t.at += by
	return t.stops[t.at], true
}

// behind are the services that the way led through, the last one first.
func (t *trail) behind() []model.Ref {
	var out []model.Ref
	for i := t.at - 1; i >= 0 && i < len(t.stops); i-- {
		out = append(out, t.stops[i].ref)
	}
	return out
}
