package planner

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"hopscope/model/fix"
	"hopscope/model/rule"
)

// Combine makes one plan of several for one service: one deployment, not many. What
// opens the way to callers, and what is expected, is derived again for all of it. The
// error says which of the plans contradict each other.
func Combine(report *rule.Analysis, plans []fix.Plan) (fix.Plan, error) {
	switch len(plans) {
	case 0:
		return fix.Plan{}, errors.New("no plans to combine")
	case 1:
		return plans[0], nil
	}
	ref := plans[0].Service
	for i := range plans {
		if plans[i].Service != ref {
			return fix.Plan{}, fmt.Errorf("%q is about %s, and %q about %s: a plan has one service", plans[0].Title, ref,
				plans[i].Title, plans[i].Service)
		}
	}
	plans = slices.Clone(plans)
	slices.SortStableFunc(plans, func(a, b fix.Plan) int { return strings.Compare(a.ID, b.ID) })
	if err := contradicting(plans); err != nil {
		return fix.Plan{}, err
	}
	v := newAccount(report)
	c := v.look(v.present, ref)
	if c.service == nil {
		return fix.Plan{}, fmt.Errorf("service %s is not in the snapshot", ref)
	}
	return combine(c, plans)
}

func combine(c *situation, plans []fix.Plan) (fix.Plan, error) {
	plan := c.plan(fix.Combined, "", "")
	var steps []fix.Step
	var names []string
	for i := range plans {
		p := &plans[i]
		names = append(names, strings.Replace(p.ID, "/"+c.service.Ref().String(), "", 1))
		steps = append(steps, purpose(p)...)
		if p.Kind != fix.OpenPort || !updates(plans) {
			// That a plan only opens ports is not true of the two together.
			if !strings.Contains(plan.Why, p.Why) {
				plan.Why = strings.TrimSpace(plan.Why + " " + p.Why)
			}
		}
		plan.Codes, plan.Findings = append(plan.Codes, p.Codes...), append(plan.Findings, p.Findings...)
		plan.Paths = append(plan.Paths, p.Paths...)
		plan.Checks, plan.Risks = append(plan.Checks, p.Checks...), append(plan.Risks, p.Risks...)
	}
	plan.ID += ":" + strings.Join(names, "+")
	plan.Codes, plan.Findings, plan.Paths = sortedOnce(plan.Codes), sortedOnce(plan.Findings), sortedOnce(plan.Paths)
	steps, spared, err := spare(c, apart(c, steps))
	if err == nil {
		err = assemble(c, plan, steps)
	}
	if err != nil {
		return fix.Plan{}, fmt.Errorf("combine plans for %s: %w", c.service.Ref(), err)
	}
	for i := range spared {
		plan.Why += fmt.Sprintf(" Left out, as nothing needs it once the agent has moved: %s.", spared[i].Title)
	}
	plan.Title = titleOf(c.service.Name, plan.Steps)
	for i := range plans {
		if plan.Refusal == nil {
			plan.Refusal = plans[i].Refusal
		}
	}
	return *plan, nil
}

// spare takes out the rules that the plans would add for the port where the agent was,
// and that nothing needs where it goes: they would stay for good.
func spare(c *situation, steps []fix.Step) (rest, spared []fix.Step, err error) {
	var edits []fix.Edit
	for i := range steps {
		edits = append(edits, steps[i].Edits...)
	}
	moved := portsMoved(c, edits)
	if len(moved) == 0 {
		return steps, nil, nil
	}
	parts, err := sortSteps(c, steps)
	if err != nil {
		return nil, nil, err
	}
	o, err := keepOpen(c, append(slices.Clone(parts.opening), parts.update), c.note())
	if err != nil {
		return nil, nil, err
	}
	added := slices.Concat(o.steps, parts.opening)
	for i := range steps {
		s := &steps[i]
		if !s.Opens() || s.Rule.FromPort != s.Rule.ToPort || !slices.Contains(moved, s.Rule.FromPort) {
			rest = append(rest, *s)
			continue
		}
		next, err := c.after(append(slices.Clone(added), parts.update))
		if err != nil {
			return nil, nil, err
		}
		needless, err := isSafe(next, *s.Opposite())
		if err != nil {
			return nil, nil, err
		}
		if !needless {
			rest = append(rest, *s)
			continue
		}
		spared = append(spared, *s)
		added = slices.DeleteFunc(added, func(o fix.Step) bool { return o.Same(s) })
	}
	if len(spared) > 0 {
		// Whom a spared rule was for is let in where the agent goes.
		rest = append(slices.Clone(o.steps), rest...)
	}
	return rest, spared, nil
}

// updates tells whether a plan among these replaces tasks.
func updates(plans []fix.Plan) bool {
	return slices.ContainsFunc(plans, func(p fix.Plan) bool { return p.Deploys() })
}

// purpose are the steps of a plan that are its purpose: for a plan that updates the
// service the rules are derived again, and those for later with them.
func purpose(p *fix.Plan) []fix.Step {
	if !p.Deploys() || p.Kind == fix.WhatIf {
		return p.Steps
	}
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s fix.Step) bool { return s.Opens() || s.Later })
}

// apart gives edits that chose one port for two entries a port each: the plans were
// made without knowing of each other.
func apart(c *situation, steps []fix.Step) []fix.Step {
	steps = slices.Clone(steps)
	chosen := map[int]fix.Edit{}
	for i := range steps {
		steps[i].Edits = slices.Clone(steps[i].Edits)
		for j, e := range steps[i].Edits {
			if e.Kind != fix.EditOverride || e.Port == 0 {
				continue
			}
			if other, taken := chosen[e.Port]; taken && other.Index != e.Index {
				var all []int
				for port := range chosen {
					all = append(all, port)
				}
				if n := freeOverride(c, c.portNamed(e.PortName), all...); n.port != 0 {
					e.Port = n.port
				}
			}
			chosen[e.Port] = e
			steps[i].Edits[j] = e
		}
	}
	return steps
}

// contradicting names two plans that cannot both be carried out.
func contradicting(plans []fix.Plan) error {
	for i := range plans {
		for j := range i {
			a, b := &plans[j], &plans[i]
			for _, x := range a.Edits() {
				for _, y := range b.Edits() {
					if x.Same(&y) {
						continue
					}
					if err := contradiction([]fix.Edit{x, y}); err != nil {
						return fmt.Errorf("%q and %q contradict each other: %s, or %s", a.Title, b.Title, x.Title(), y.Title())
					}
				}
			}
			if err := opposed(a, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// opposed tells of a rule that one plan adds and the other takes away.
func opposed(a, b *fix.Plan) error {
	for i := range a.Steps {
		for j := range b.Steps {
			x, y := &a.Steps[i], &b.Steps[j]
			if x.Later || y.Later || x.Group != y.Group || !x.ChangesGroup() || !y.ChangesGroup() ||
				!fix.SameRule(x.Rule, y.Rule) {
				continue
			}
			if x.Kind != y.Kind && x.IsIngress() == y.IsIngress() {
				return fmt.Errorf("%q and %q contradict each other: %s, or %s", a.Title, b.Title, x.Title, y.Title)
			}
		}
	}
	return nil
}

func sortedOnce(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}
