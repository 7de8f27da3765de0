package ui

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// wish is what a sheet is opened for.
type wish struct {
	ref model.Ref
	// code and path are the finding and the path that the reader looked at: their
	// plans come first. "" for none.
	code, path string
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

// plan makes the plans of a wish in a command.
func (a *App) plan(serial int, w wish) tea.Cmd {
	v := a.inventory
	return func() tea.Msg {
		plans, err := w.plans(v)
		return plannedMsg{serial: serial, inventory: v, plans: plans, err: err}
	}
}

func (w *wish) plans(v *inventory) ([]fix.Plan, error) {
	if w.steps != nil {
		plan, err := fix.Suppose(v.snapshot, v.report, w.ref, w.steps)
		return []fix.Plan{plan}, err
	}
	plans, err := fix.PlansFor(v.snapshot, v.report, w.ref)
	if err != nil {
		return nil, err
	}
	if len(w.together) > 0 {
		plan, err := w.combine(v, plans)
		return []fix.Plan{plan}, err
	}
	slices.SortStableFunc(plans, func(a, b fix.Plan) int { return cmp.Compare(w.distance(&a), w.distance(&b)) })
	return plans, nil
}

// combine makes one plan of those that were ticked.
func (w *wish) combine(v *inventory, plans []fix.Plan) (fix.Plan, error) {
	var ticked []fix.Plan
	for _, id := range w.together {
		if i := slices.IndexFunc(plans, func(p fix.Plan) bool { return p.ID == id }); i >= 0 {
			ticked = append(ticked, plans[i])
		}
	}
	if len(ticked) < len(w.together) {
		return fix.Plan{}, fmt.Errorf("%s no longer wanted: what was found has changed", counted(len(w.together)-len(ticked), "plan"))
	}
	return fix.Combine(v.snapshot, v.report, ticked)
}

// distance is how far a plan is from what the reader looked at.
func (w *wish) distance(p *fix.Plan) int {
	path := w.path != "" && slices.Contains(p.Paths, w.path)
	code := w.code != "" && slices.Contains(p.Codes, w.code)
	switch {
	case path && (code || w.code == ""), code && w.path == "":
		return 0
	case code:
		return 1
	case path:
		return 2
	}
	return 3
}

// preview is what a plan would do, and its texts.
type preview struct {
	id string
	// pairs are the paths into the service, now and afterwards.
	pairs []pair
	// err says why that could not be found out.
	err error
	// byHand is set when some steps are for a person, tried when others are not:
	// what those come to cannot be tried.
	byHand, tried bool
	texts         map[fix.Dialect]dialectText
	// diffs are what the plan changes.
	diffs    []fix.Diff
	diffsErr error
}

// dialectText is a plan in a dialect, or why it cannot be written in it.
type dialectText struct {
	text string
	err  error
}

// preview works out what a plan would do, in a command: judging a large account
// takes longer than a key press may.
func (a *App) preview(serial int, v *inventory, about model.Ref, p fix.Plan) tea.Cmd {
	judge := a.o.Analyze
	return func() tea.Msg {
		out := &preview{id: p.ID, texts: map[fix.Dialect]dialectText{}}
		for _, step := range soon(p.Steps) {
			out.byHand = out.byHand || step.Kind == fix.ByHand
			out.tried = out.tried || step.Kind != fix.ByHand
		}
		out.pairs, out.err = becoming(v, about, &p, judge)
		out.diffs, out.diffsErr = p.Diffs(v.snapshot)
		for _, d := range fix.Dialects(p.Owner) {
			text, err := p.Text(v.snapshot, d)
			out.texts[d] = dialectText{text, err}
		}
		return previewedMsg{serial: serial, preview: out}
	}
}

// becoming are the paths into a service now and when a plan was carried out. A plan
// that changes another service has that one's paths as well, as far as they change.
func becoming(v *inventory, about model.Ref, p *fix.Plan, judge func(*model.Snapshot) *rule.Report) ([]pair, error) {
	if p.Service == about {
		then, err := fix.Preview(v.snapshot, v.report, about, soon(p.Steps))
		if err != nil {
			return nil, err
		}
		return pairUp(pathsTo(v.paths, about), pathsTo(then.Paths, about), p.Paths), nil
	}
	after, err := fix.Outcome(v.snapshot, p.Service, soon(p.Steps))
	if err != nil {
		return nil, err
	}
	then := judge(after)
	pairs := pairUp(pathsTo(v.paths, about), pathsTo(then.Paths, about), p.Paths)
	there := pairUp(pathsTo(v.paths, p.Service), pathsTo(then.Paths, p.Service), p.Paths)
	return append(pairs, slices.DeleteFunc(there, func(p pair) bool { return !p.changed() })...), nil
}

// soon are the steps that are not left for later.
func soon(steps []fix.Step) []fix.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s fix.Step) bool { return s.Later })
}

// pathsTo are the paths into a service.
func pathsTo(all []reach.Path, ref model.Ref) []*reach.Path {
	var out []*reach.Path
	for i := range all {
		if all[i].Target.Ref() == ref {
			out = append(out, &all[i])
		}
	}
	return out
}

// pair is a path now and afterwards; one of the two may be nil.
type pair struct {
	now, after *reach.Path
	// meant is set for the paths that a plan is about.
	meant bool
}

// path is the one that there is. Where callers join others or part, it is the one
// with fewer of them: that is whom the pair is about.
func (p *pair) path() *reach.Path {
	switch {
	case p.now == nil, p.after != nil && p.after.Source.Services.Len() < p.now.Source.Services.Len():
		return p.after
	}
	return p.now
}

// changed tells whether the two differ in what matters.
func (p *pair) changed() bool {
	if p.now == nil || p.after == nil {
		return true
	}
	return p.now.Via != p.after.Via || p.now.Access != p.after.Access || p.now.Verdict != p.after.Verdict || p.now.Target.WirePort != p.after.Target.WirePort
}

// rank orders pairs: what is meant, what changes, the rest.
func (p *pair) rank() int {
	switch {
	case p.meant:
		return 0
	case p.changed():
		return 1
	}
	return 2
}

// pairUp finds for each path what becomes of it. Paths of Service Connect change
// their IDs with their outcome, and callers with one outcome share a path: there a
// caller stands for them, and a path may be what becomes of two, or two of one.
func pairUp(now, after []*reach.Path, meant []string) []pair {
	taken := map[*reach.Path]bool{}
	find := func(all []*reach.Path, match func(*reach.Path) bool) *reach.Path {
		if i := slices.IndexFunc(all, match); i >= 0 {
			return all[i]
		}
		return nil
	}
	out := make([]pair, len(now))
	for i, p := range now {
		then := find(after, func(o *reach.Path) bool { return o.ID == p.ID })
		if then == nil {
			then = find(after, func(o *reach.Path) bool { return !taken[o] && samePlace(p, o) })
		}
		if then == nil {
			then = find(after, func(o *reach.Path) bool { return samePlace(p, o) })
		}
		taken[then] = true
		out[i] = pair{now: p, after: then, meant: slices.Contains(meant, p.ID)}
	}
	for _, p := range after {
		if !taken[p] {
			before := find(now, func(o *reach.Path) bool { return samePlace(p, o) })
			out = append(out, pair{now: before, after: p, meant: before != nil && slices.Contains(meant, before.ID)})
		}
	}
	slices.SortStableFunc(out, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(groupRank(a.path()), groupRank(b.path())),
			cmp.Compare(kindRank(a.path()), kindRank(b.path())))
	})
	return out
}

// samePlace tells whether one path is what becomes of the other: its first caller is
// among the other's.
func samePlace(a, b *reach.Path) bool {
	x, y := &a.Source, &b.Source
	if x.Kind != y.Kind || x.Name != y.Name || x.ListenerPort != y.ListenerPort || x.Rule != y.Rule || x.TargetGroup != y.TargetGroup ||
		x.Endpoint != y.Endpoint || a.Target.ContainerPort != b.Target.ContainerPort {
		return false
	}
	if x.Services.Len() == 0 || y.Services.Len() == 0 {
		return x.Services.Len() == y.Services.Len()
	}
	return y.Services.Contains(x.Services.First(1)[0])
}

// same tells whether two plans do the same, for the same reasons.
func same(a, b *fix.Plan) bool { return reflect.DeepEqual(a, b) }
