package planner

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// WhatIf is the plan that carries out what the user tried on a service: steps of
// their own, together with the rules that keep callers admitted, and with the
// checks, risks and expectations of any plan. [After] shows what the steps alone
// would do. The plan is refused, with the reason, where its outcome would be broken.
func WhatIf(report *rule.Analysis, ref model.Ref, steps []fix.Step) (fix.Plan, error) {
	v := newAccount(report)
	c := v.look(v.present, ref)
	if c.service == nil {
		return fix.Plan{}, fmt.Errorf("service %s is not in the snapshot", ref)
	}
	plan := c.plan(fix.WhatIf, "", "")
	plan.Why = "It is what you tried, with the rules in front of it that keep callers admitted."
	if err := assemble(c, plan, steps); err != nil {
		return fix.Plan{}, fmt.Errorf("suppose a change of %s: %w", ref, err)
	}
	plan.Title = titleOf(c.service.Name, plan.Steps)
	return *plan, nil
}

// assemble puts the steps of a plan in order and completes it: rules that are added,
// those of keepOpen among them; one update with all edits; rules that are taken
// away; and what is left for later.
func assemble(c *situation, plan *fix.Plan, steps []fix.Step) error {
	parts, err := sortSteps(c, steps)
	if err != nil {
		return err
	}
	var o opening
	if parts.update.Kind != "" {
		if o, err = keepOpen(c, append(slices.Clone(parts.opening), parts.update), c.note()); err != nil {
			return err
		}
	}
	for _, s := range slices.Concat(o.steps, parts.opening) {
		plan.Steps = appendStep(plan.Steps, s)
	}
	if parts.update.Kind != "" {
		plan.Steps = append(plan.Steps, parts.update)
		plan.Checks = slices.Concat(plan.Checks, editChecks(c, parts.update.Edits), elsewhereChecks(c, plan.Steps))
		plan.Risks = append(plan.Risks, editRisks(c, parts.update.Edits)...)
	}
	for i := range parts.closing {
		plan.Steps = appendStep(plan.Steps, parts.closing[i])
		plan.Checks = append(plan.Checks, groupChecks(c, &parts.closing[i])...)
	}
	if ports := portsMoved(c, parts.update.Edits); len(ports) > 0 {
		next, err := c.after(plan.Steps)
		if err != nil {
			return err
		}
		for _, port := range ports {
			needless, err := leftovers(c, next, port)
			if err != nil {
				return err
			}
			parts.later = append(parts.later, needless...)
		}
	}
	for _, s := range slices.Concat(parts.byHand, parts.later) {
		plan.Steps = appendStep(plan.Steps, s)
	}
	o.after = nil // it is without what is taken away
	plan.Undo = undoOf(plan.Steps)
	if _, err := finish(c, plan, o); err != nil {
		return err
	}
	plan.Checks, plan.Risks = once(plan.Checks), once(plan.Risks)
	if plan.Refusal == nil {
		plan.Refusal, err = harmOfGroups(c, plan.Steps)
	}
	return err
}

// parts are the steps of a plan by when they are carried out.
type parts struct {
	opening       []fix.Step
	update        fix.Step
	closing       []fix.Step
	byHand, later []fix.Step
}

// sortSteps sorts steps, and makes one update of several.
func sortSteps(c *situation, steps []fix.Step) (parts, error) {
	var p parts
	for _, s := range steps {
		switch {
		case s.Later:
			p.later = append(p.later, s)
		case s.Opens():
			p.opening = append(p.opening, titled(c, s))
		case s.ChangesGroup():
			p.closing = append(p.closing, titled(c, s))
		case s.Kind == fix.ByHand:
			p.byHand = append(p.byHand, s)
		default:
			p.update.Kind = fix.UpdateService
			p.update.ForceNewDeployment = p.update.ForceNewDeployment || s.ForceNewDeployment
			for _, e := range s.Edits {
				if !slices.ContainsFunc(p.update.Edits, func(o fix.Edit) bool { return o.Same(&e) }) {
					p.update.Edits = append(p.update.Edits, e)
				}
			}
		}
	}
	if p.update.Kind == "" {
		return p, nil
	}
	if err := contradiction(p.update.Edits); err != nil {
		return p, err
	}
	if len(p.update.Edits) == 0 {
		p.update.Title = fmt.Sprintf("Make a new deployment of %s as it is", c.service.Name)
		return p, nil
	}
	force := p.update.ForceNewDeployment
	p.update = c.update(p.update.Edits)
	p.update.ForceNewDeployment = force
	return p, nil
}

// titled is a step of the user's own with a title.
func titled(c *situation, s fix.Step) fix.Step {
	if s.Title != "" || s.Rule == nil {
		return s
	}
	label := s.Rule.Peer()
	if s.Rule.Group != nil {
		label = c.ix.GroupLabel(s.Rule.Group.ID)
	}
	group := c.ix.GroupLabel(s.Group)
	switch s.Kind {
	case fix.AuthorizeIngress:
		s.Title = fmt.Sprintf("Admit %s from %s to %s", s.Rule.Ports(), label, group)
	case fix.AuthorizeEgress:
		s.Title = fmt.Sprintf("Let %s out of %s to %s", s.Rule.Ports(), group, label)
	case fix.RevokeIngress:
		s.Title = fmt.Sprintf("Remove the rule for %s from %s of %s", s.Rule.Ports(), label, group)
	case fix.RevokeEgress:
		s.Title = fmt.Sprintf("Remove the egress rule for %s to %s of %s", s.Rule.Ports(), label, group)
	case fix.UpdateService, fix.ByHand:
	}
	return s
}

// contradiction says which edits cannot both be carried out.
func contradiction(edits []fix.Edit) error {
	for i, a := range edits {
		for _, b := range edits[:i] {
			if a.Index != b.Index {
				continue
			}
			if a.Kind == b.Kind || a.Kind == fix.EditRemoveEndpoint || b.Kind == fix.EditRemoveEndpoint {
				return fmt.Errorf("%s and %s contradict each other", b.Title(), a.Title())
			}
		}
	}
	return nil
}

// portsMoved are the container ports of the endpoints that edits move or remove.
func portsMoved(c *situation, edits []fix.Edit) []int {
	var out []int
	for _, e := range edits {
		if port := c.portNamed(e.PortName); port != 0 && (e.Kind == fix.EditOverride || e.Kind == fix.EditRemoveEndpoint) &&
			!slices.Contains(out, port) {
			out = append(out, port)
		}
	}
	return out
}

// editChecks and editRisks are those of any plan with such edits.
func editChecks(c *situation, edits []fix.Edit) []fix.Note {
	var out []fix.Note
	for _, port := range portsFreed(c, edits) {
		out = append(out, directChecks(c, port)...)
	}
	return out
}

func editRisks(c *situation, edits []fix.Edit) []fix.Note {
	var out []fix.Note
	for _, port := range portsFreed(c, edits) {
		out = append(out, directRisks(c, port)...)
	}
	for _, e := range edits {
		if e.Kind == fix.EditRemoveEndpoint {
			out = append(out, fix.Note{
				Title:  "The endpoint is gone for all callers",
				Detail: fmt.Sprintf("Callers of %s keep its name until they are deployed again, and it leads nowhere.", e.PortName),
			})
		}
	}
	return append(out, rolloutRisks(c)...)
}

// portsFreed are the container ports that the agent leaves to the app, where others
// than Service Connect callers connect.
func portsFreed(c *situation, edits []fix.Edit) []int {
	return slices.DeleteFunc(portsMoved(c, edits), func(port int) bool {
		direct := slices.ContainsFunc(edits, func(e fix.Edit) bool {
			return c.portNamed(e.PortName) == port && (e.Kind == fix.EditRemoveEndpoint || e.Port != 0)
		})
		return !direct || !c.behindLoadBalancer(port)
	})
}

func undoOf(steps []fix.Step) string {
	updates := slices.ContainsFunc(steps, func(s fix.Step) bool { return s.Kind == fix.UpdateService })
	groups := slices.ContainsFunc(steps, func(s fix.Step) bool { return s.ChangesGroup() && !s.Later })
	switch {
	case updates && groups:
		return undoBoth
	case updates:
		return undoUpdate
	case groups:
		return undoRules
	}
	return ""
}

// once is a list without repetitions, in order.
func once[T comparable](all []T) []T {
	var out []T
	for _, n := range all {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// harmOfGroups says who would be cut off by the rules that steps take away, into
// this service or another one.
func harmOfGroups(c *situation, steps []fix.Step) (*fix.Refusal, error) {
	var refs []model.Ref
	for _, s := range now(steps) {
		switch {
		case s.Kind == fix.RevokeEgress: // every task with the group may call any service
			for i := range c.snapshot.Services {
				refs = append(refs, c.snapshot.Services[i].Ref())
			}
		case s.Kind == fix.RevokeIngress && len(c.holders.LoadBalancers(s.Group)) > 0:
			return &fix.Refusal{
				Reason: fmt.Sprintf("%s is the group of %s too, whose clients hopscope does not know", c.ix.GroupLabel(s.Group),
					list(c.holders.LoadBalancers(s.Group))),
				Instead: "remove the rule by hand, when you have seen that no client needs it",
			}, nil
		case s.Kind == fix.RevokeIngress:
			refs = append(refs, c.holders.Services(s.Group)...)
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	world, err := c.worldAfter(now(steps))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(refs, model.Ref.Compare)
	for _, ref := range slices.Compact(refs) {
		if r := harm(c.neighbour(ref), c.look(world, ref)); r != nil {
			return r, nil
		}
	}
	return nil, nil
}

// titleOf says what steps do, in one line.
func titleOf(service string, steps []fix.Step) string {
	did := rulesOf(steps)
	for i := range steps {
		for j := range steps[i].Edits {
			did = append(did, steps[i].Edits[j].Title())
		}
		if steps[i].ForceNewDeployment && len(steps[i].Edits) == 0 {
			did = append(did, "deploy it again")
		}
	}
	if len(did) == 0 {
		return "Nothing is changed"
	}
	return fmt.Sprintf("%s: %s", service, strings.Join(did, ", "))
}

// manyRules is how many rules of a plan are counted in its title, and not named.
const manyRules = 4

// rulesOf are what steps do to rules now, in the words of a title.
func rulesOf(steps []fix.Step) []string {
	var out []string
	for i := range steps {
		s := &steps[i]
		if !s.ChangesGroup() || s.Later {
			continue
		}
		verb := "remove the rule for"
		if s.Opens() {
			verb = "admit"
		}
		if did := verb + " " + s.Rule.Ports(); !slices.Contains(out, did) {
			out = append(out, did)
		}
	}
	if len(out) >= manyRules {
		return []string{"change " + words.Count(len(out), "rule") + " of its groups"}
	}
	return out
}

// After judges the services as they would be once steps of a plan for a service were
// carried out: what [rule.Analyze] says of the [fix.Outcome], without the cost of the
// services that are not asked about.
func After(report *rule.Analysis, ref model.Ref, steps []fix.Step) (*rule.WhatIf, error) {
	v := newAccount(report)
	c := v.look(v.present, ref)
	if c.service == nil {
		return nil, fmt.Errorf("service %s is not in the snapshot", ref)
	}
	return c.worldAfter(steps)
}
