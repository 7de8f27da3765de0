package ui

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// sheetFor is what a sheet is opened for.
type sheetFor struct {
	ref model.Ref
	// code and path are the finding and the path that the reader looked at: their
	// plans come first. "" and nil for none. The path may be of an earlier inventory.
	code string
	path *reach.Path
	// together are the IDs of plans that become one deployment.
	together []string
	// steps are those of a what-if, which become a plan.
	steps []fix.Step
}

// planned are the plans of an inventory.
type planned struct {
	inventory *inventory
	plans     []fix.Plan
	err       error
}

// plans makes the plans, or takes those for the service that were made already.
func (w *sheetFor) plans(v *inventory, made []fix.Plan) (plans []fix.Plan, err error) {
	if w.steps != nil {
		plan, err := planner.WhatIf(v.Analysis, w.ref, w.steps)
		return []fix.Plan{plan}, err
	}
	if plans = slices.Clone(made); len(made) == 0 {
		if plans, err = planner.PlansFor(v.Analysis, w.ref); err != nil {
			return nil, err
		}
	}
	if len(w.together) > 0 {
		plan, err := w.combine(v, plans)
		return []fix.Plan{plan}, err
	}
	path := w.pathNow(v)
	slices.SortStableFunc(plans, func(a, b fix.Plan) int {
		return cmp.Compare(w.distance(&a, path), w.distance(&b, path))
	})
	return plans, nil
}

// combine makes one plan of those that were ticked.
func (w *sheetFor) combine(v *inventory, plans []fix.Plan) (fix.Plan, error) {
	var ticked []fix.Plan
	for _, id := range w.together {
		if i := slices.IndexFunc(plans, func(p fix.Plan) bool { return p.ID == id }); i >= 0 {
			ticked = append(ticked, plans[i])
		}
	}
	if len(ticked) < len(w.together) {
		return fix.Plan{}, fmt.Errorf("%s no longer wanted: what was found has changed",
			words.Count(len(w.together)-len(ticked), "plan"))
	}
	return planner.Combine(v.Analysis, ticked)
}

// pathNow is the ID in an inventory of the path that the reader looked at, "" for none.
func (w *sheetFor) pathNow(v *inventory) string {
	if w.path == nil {
		return ""
	}
	paths := v.Into(w.ref)
	if i := successor(paths, w.path); i >= 0 {
		return paths[i].ID
	}
	return ""
}

// distance is how far a plan is from what the reader looked at, whose path has an ID.
func (w *sheetFor) distance(p *fix.Plan, id string) int {
	path := id != "" && slices.Contains(p.Paths, id)
	code := w.code != "" && slices.Contains(p.Codes, w.code)
	switch {
	case path && (code || w.code == ""), code && w.path == nil:
		return 0
	case code:
		return 1
	case path:
		return 2
	}
	return 3
}

// sheet are the plans for something, and the one at hand.
type sheet struct {
	about sheetFor
	// serial numbers the making of plans, previews that of what they would do.
	serial, previews int
	// shown are the plans that the reader sees, newer those of a later inventory
	// that differ in the plan at hand: they are not swapped unasked.
	shown, newer *planned
	// at is the position of the plan at hand.
	at int
	// preview is what the plan at hand would do, nil until that is worked out.
	preview *preview
}

// make makes the plans of the present inventory, in a command.
func (s *sheet) make(a *App) tea.Cmd {
	s.serial = a.serials.next()
	serial, w, v := s.serial, s.about, a.inventory
	made := v.remedies.plans[w.ref]
	return func() tea.Msg {
		plans, err := w.plans(v, made)
		return plannedMsg{serial: serial, planned: &planned{inventory: v, plans: plans, err: err}}
	}
}

// take takes plans. Those of a later inventory replace what the reader sees only if
// the plan at hand is the same.
func (s *sheet) take(a *App, fresh *planned) tea.Cmd {
	old := s.plan()
	if old == nil {
		s.shown, s.newer, s.at, s.preview = fresh, nil, 0, nil
		return s.look(a)
	}
	i := slices.IndexFunc(fresh.plans, func(p fix.Plan) bool { return reflect.DeepEqual(&p, old) })
	if i < 0 || fresh.err != nil {
		s.newer = fresh
		return nil
	}
	s.shown, s.newer, s.at = fresh, nil, i
	return s.look(a)
}

// takeNewer takes the newer plans, as the reader asked to.
func (s *sheet) takeNewer(a *App) tea.Cmd {
	fresh, id := s.newer, s.plan().ID
	s.shown, s.newer, s.preview = fresh, nil, nil
	s.at = max(slices.IndexFunc(fresh.plans, func(p fix.Plan) bool { return p.ID == id }), 0)
	return s.look(a)
}

// choose takes another of the plans.
func (s *sheet) choose(a *App, i int) tea.Cmd {
	s.at, s.preview = i, nil
	return s.look(a)
}

// look works out what the plan at hand would do, in a command: analysing a large
// account takes longer than a key press may.
func (s *sheet) look(a *App) tea.Cmd {
	p := s.plan()
	if p == nil {
		return nil
	}
	s.previews = a.serials.next()
	serial, v, about, plan := s.previews, s.shown.inventory, s.about.ref, *p
	return func() tea.Msg {
		return previewedMsg{serial: serial, preview: newPreview(v, about, &plan)}
	}
}

// plan is the plan at hand, nil when there is none.
func (s *sheet) plan() *fix.Plan {
	if s.shown == nil || s.shown.err != nil || s.at >= len(s.shown.plans) {
		return nil
	}
	return &s.shown.plans[s.at]
}

// alternatives tells whether there is another plan than the one at hand.
func (s *sheet) alternatives() bool { return s.plan() != nil && len(s.shown.plans) > 1 }

// service is what the plans are for, as it was when they were made.
func (s *sheet) service() *service { return s.shown.inventory.service(s.about.ref) }
