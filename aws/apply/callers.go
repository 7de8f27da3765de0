package apply

import (
	"context"
	"slices"
	"strings"
	"time"

	"hopscope/aws/convert"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// pathsOf are the paths on which requests arrived before: those that the entry noted, or
// those of what others had deployed by the update, where that is what a rollback restores.
func (r *rollback) pathsOf(a *rule.Analysis, overtaken bool) []fix.Expectation {
	if noted := r.entry.Before.Paths; noted != nil && !overtaken {
		return noted
	}
	return r.pathsBefore(a)
}

// pathsBefore are the paths that there would be with block and rules of before: for
// entries that did not note them.
func (r *rollback) pathsBefore(a *rule.Analysis) []fix.Expectation {
	service := r.serviceBefore(a)
	if service == nil {
		return nil
	}
	var groups []*model.SecurityGroup
	for i := range r.entry.Before.Rules {
		was := &r.entry.Before.Rules[i]
		if g, _ := a.Index.SecurityGroup(was.Group); g != nil {
			next := *g
			next.Ingress, next.Egress = was.Ingress, was.Egress
			groups = append(groups, &next)
		}
	}
	return planner.PresentIn(a, service, groups)
}

// serviceBefore is the service with the block of before; nil where it is gone, or the
// block is of no form that is known.
func (r *rollback) serviceBefore(a *rule.Analysis) *model.Service {
	s := a.Index.Service(r.entry.Plan.Service)
	if s == nil || s.Primary() == nil {
		return nil
	}
	if r.entry.AfterBlock == "" {
		return s
	}
	sc, err := convert.ServiceConnectOf([]byte(r.entry.Before.Replaced()))
	if err != nil {
		return nil
	}
	return fix.Deployed(s, sc, a.Snapshot.CollectedAt)
}

// guardPatience is how long a rollback waits for the account before it sends something.
const guardPatience = 30 * time.Second

// checkCallers refuses a rollback after which callers would be refused that were
// admitted before, and are now: another program or user took away what had admitted
// them. Where the account cannot be read in time nothing speaks against it: an outage may
// be waiting for the rollback, and the comparison afterwards tells.
func (r *rollback) checkCallers(ctx context.Context, way wayBack) error {
	if way != sendBlock && !slices.ContainsFunc(r.entry.Steps, func(s journal.Step) bool { return isOpen(&s) }) {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, guardPatience)
	defer cancel()
	s, err := r.readAll(bounded)
	if err != nil {
		return ctx.Err()
	}
	a := rule.Analyze(s)
	service := r.serviceBefore(a)
	if service == nil {
		return nil // it is compared afterwards
	}
	groups := r.groupsAfter(a)
	after := a.WhatIf().With(service, groups).Paths(service.Ref())
	was := r.pathsOf(a, r.entry.Before.Overtaken != nil)
	present, then := a.Into(service.Ref()), after
	var refused []string
	for i := range was {
		e := &was[i]
		has := func(paths []*reach.Path, access reach.Access) bool {
			at, _ := e.At(paths, service.Ref(), a.Index)
			return slices.ContainsFunc(at, func(p *reach.Path) bool { return p.Access == access })
		}
		if has(present, reach.Allowed) && !has(then, reach.Allowed) && has(then, reach.Blocked) {
			refused = append(refused, pathWords(e))
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return r.wouldRefuse(refused, groups)
}

// wouldRefuse says whom a rollback would cut off, and which rules are missing.
func (r *rollback) wouldRefuse(refused []string, groups []*model.SecurityGroup) error {
	var gone []string
	next := "see which rule or ACL admitted it before, and put that back first"
	for i := range r.entry.Before.Rules {
		was := &r.entry.Before.Rules[i]
		at := slices.IndexFunc(groups, func(g *model.SecurityGroup) bool { return g.ID == was.Group })
		if at < 0 {
			continue
		}
		for _, d := range rulesDiffer(was, &journal.GroupRules{
			Group: was.Group, Ingress: groups[at].Ingress, Egress: groups[at].Egress,
		}) {
			if strings.HasSuffix(d, " is gone") {
				gone = append(gone, d)
				next = "put it back first"
			}
		}
	}
	if r.entry.RollbackCommand() != "" {
		next += ", or pass --allow-blocked to take it back all the same"
	}
	return cannot(journal.ErrChangedSince,
		strings.Join(append([]string{"nothing was taken back, since requests would be refused that arrive now: " +
			strings.Join(shortened(refused, "paths"), ", ")}, gone...), "; "), next)
}

// groupsAfter are the groups as the rollback would leave them.
func (r *rollback) groupsAfter(a *rule.Analysis) []*model.SecurityGroup {
	changed := map[string]*model.SecurityGroup{}
	for i := range r.entry.Before.Rules {
		id := r.entry.Before.Rules[i].Group
		if g, _ := a.Index.SecurityGroup(id); g != nil {
			changed[id] = g
		}
	}
	for i := range r.entry.Steps {
		s, step := &r.entry.Steps[i], r.entry.Plan.Steps[i]
		g := changed[step.Group]
		if g == nil || !isOpen(s) || !r.willChange(g, i) {
			continue
		}
		step.Kind = fix.StepKind(opposite(model.Action(step.Kind)))
		if s.Removed != nil {
			step.Rule = s.Removed
		}
		changed[step.Group] = fix.ChangeGroup(g, &step)
	}
	var out []*model.SecurityGroup
	for _, g := range changed {
		out = append(out, g)
	}
	return out
}

// willChange tells whether the rollback changes a group for a step: a rule of another
// program in place of the entry's stays.
func (r *rollback) willChange(g *model.SecurityGroup, i int) bool {
	action, rule := model.Action(r.entry.Plan.Steps[i].Kind), r.entry.Plan.Steps[i].Rule
	if removes(action) {
		return r.entry.Steps[i].Removed != nil
	}
	return slices.ContainsFunc(rulesFor(&journal.GroupRules{Ingress: g.Ingress, Egress: g.Egress}, action),
		func(o model.SecurityGroupRule) bool { return sameTraffic(&o, rule) && r.mayBeOurs(i, &o) })
}
