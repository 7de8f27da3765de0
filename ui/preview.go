package ui

import (
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

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
	// texts hold what is new, wholes the whole block, where a dialect tells them apart.
	texts, wholes map[dialect.Dialect]dialectText
	// diffs are what the plan changes.
	diffs    []dialect.Diff
	diffsErr error
}

// dialectText is a plan in a dialect, or why it cannot be written in it.
type dialectText struct {
	text string
	err  error
}

// newPreview works out what a plan would do.
func newPreview(v *inventory, about model.Ref, p *fix.Plan) *preview {
	out := &preview{id: p.ID, texts: map[dialect.Dialect]dialectText{}, wholes: map[dialect.Dialect]dialectText{}}
	for _, step := range stepsNow(p.Steps) {
		out.byHand = out.byHand || step.Kind == fix.ByHand
		out.tried = out.tried || step.Kind != fix.ByHand
	}
	out.pairs, out.err = becoming(v, about, p)
	out.diffs, out.diffsErr = dialect.Diffs(p, v.Analysis)
	for _, d := range dialect.All(p.Owner) {
		text, err := dialect.Text(p, v.Analysis, d)
		out.texts[d] = dialectText{text, err}
		if d.HasWhole() {
			text, err := dialect.Whole(p, v.Analysis, d)
			out.wholes[d] = dialectText{text, err}
		}
	}
	return out
}

// becoming are the paths into a service now and when a plan was carried out. A plan
// that changes another service has that one's paths as well, as far as they change.
func becoming(v *inventory, about model.Ref, p *fix.Plan) ([]pair, error) {
	after, err := planner.After(v.Analysis, p.Service, stepsNow(p.Steps))
	if err != nil {
		return nil, err
	}
	pairs := pairsAfter(v, after, about, p.Paths)
	if p.Service != about {
		there := pairsAfter(v, after, p.Service, p.Paths)
		pairs = append(pairs, slices.DeleteFunc(there, func(p pair) bool { return !p.Changed() })...)
	}
	return pairs, nil
}

// pairsAfter are the paths into a service now and after some steps.
func pairsAfter(v *inventory, after *rule.WhatIf, ref model.Ref, planned []string) []pair {
	return pairUp(v.Into(ref), after.Service(ref).Paths, planned)
}

// stepsNow are the steps that are not left for later.
func stepsNow(steps []fix.Step) []fix.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s fix.Step) bool { return s.Later })
}
