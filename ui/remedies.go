package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// remedies are the plans for the services of an inventory, as far as a screen showed
// one of their findings. The planner is their only author: check, export and fix say
// the same.
type remedies struct {
	plans map[model.Ref][]fix.Plan
	// making is set while those of a service are being made. One is at a time: of the
	// services that are passed by quickly only the last one counts.
	making bool
}

// known tells whether the plans for a service were made.
func (r *remedies) known(ref model.Ref) bool {
	_, ok := r.plans[ref]
	return ok
}

// take takes the plans for a service.
func (r *remedies) take(ref model.Ref, plans []fix.Plan) {
	if r.plans == nil {
		r.plans = map[model.Ref][]fix.Plan{}
	}
	r.plans[ref], r.making = plans, false
}

// repairing is the first plan that repairs a finding, nil where there is none or it is not
// known yet.
func (r *remedies) repairing(f *rule.Finding) *fix.Plan {
	plans := r.plans[f.Ref()]
	i := slices.IndexFunc(plans, func(p fix.Plan) bool { return repairs(&p, f) })
	if i < 0 {
		return nil
	}
	return &plans[i]
}

// repairs tells whether a plan repairs a finding.
func repairs(p *fix.Plan, f *rule.Finding) bool {
	return slices.Contains(p.Findings, f.Key())
}

// remediesMsg brings the plans for a service.
type remediesMsg struct {
	inventory *inventory
	ref       model.Ref
	plans     []fix.Plan
}

// makeRemedies makes the plans for the service whose findings are on screen, in a
// command, unless they are known.
func makeRemedies(a *App) tea.Cmd {
	v := a.inventory
	if v == nil || !v.final || v.remedies.making {
		return nil
	}
	var ref model.Ref
	if s, ok := a.top().(interface{ subject(*App) model.Ref }); ok {
		ref = s.subject(a)
	} else {
		ref = a.main.subject(a)
	}
	if v.remedies.known(ref) || v.nothingFound(ref) {
		return nil
	}
	v.remedies.making = true
	return func() tea.Msg {
		plans, _ := planner.PlansFor(v.Analysis, ref) // why there are none is on the sheet
		return remediesMsg{inventory: v, ref: ref, plans: plans}
	}
}
