package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// A rollback sends what the journal holds. Whether everything is then as it was depends
// on what others did meanwhile: a rule that admitted callers before may be gone.

// comparisons is how often an account is compared with the entry: an answer may be older
// than the last call.
const comparisons = 3

// differences names what is not as it was before the entry. The error is for what could
// not be compared, and for calls of the rollback that left no trace.
func (r *rollback) differences(ctx context.Context) (differs []string, err error) {
	for n := range comparisons {
		if n > 0 {
			if err := pause(ctx, r.options.Recheck); err != nil {
				return nil, err
			}
		}
		var lost error
		differs, lost, err = r.compare(ctx)
		switch {
		case err != nil:
			return nil, err
		case lost == nil && len(differs) == 0:
			return nil, nil
		case lost != nil && n == comparisons-1:
			return nil, lost
		}
	}
	return differs, nil
}

// compare compares rules, block and paths once. lost tells of a call of ours that was
// answered, and has no effect to be seen.
func (r *rollback) compare(ctx context.Context) (differs []string, lost, err error) {
	for _, before := range r.entry.Before.Rules {
		now, err := r.readRules(ctx, []string{before.Group})
		switch {
		case errors.Is(err, errGone):
			differs = append(differs, "security group "+before.Group+" is gone")
			continue
		case err != nil:
			return nil, nil, err
		}
		lost = errors.Join(lost, r.checkTrace(&now[0]))
		differs = append(differs, rulesDiffer(&before, &now[0])...)
	}
	if lost != nil {
		return differs, lost, nil
	}
	block, err := r.blockDiffers(ctx)
	if err != nil {
		return nil, nil, err
	}
	paths, err := r.pathsDiffer(ctx)
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat(differs, block, paths), nil, nil
}

// checkTrace looks for what the rollback did to a group. What cannot be seen is done
// again by the next one.
func (r *rollback) checkTrace(now *journal.GroupRules) error {
	for i := range r.entry.Steps {
		s, step := &r.entry.Steps[i], &r.entry.Plan.Steps[i]
		if s.State != journal.Undone || step.Group != now.Group {
			continue
		}
		action := model.Action(step.Kind)
		like := func(o model.SecurityGroupRule) bool { return sameTraffic(&o, step.Rule) }
		at := slices.IndexFunc(rulesFor(now, action), like)
		switch {
		case (action == aws.AuthorizeIngress || action == aws.AuthorizeEgress) && at >= 0 &&
			isMarked(r.entry.ID, &rulesFor(now, action)[at]):
			s.State = journal.Done
			return cannot(errNotSaid, fmt.Sprintf("the rule for %s that was to go from security group %s is there",
				step.Rule.Ports(), step.Group), "")
		case (action == aws.RevokeIngress || action == aws.RevokeEgress) && at < 0 && s.Removed != nil:
			s.State = journal.Done
			return cannot(errNotSaid, fmt.Sprintf("the rule for %s that was to come back to security group %s is not there",
				step.Rule.Ports(), step.Group), "")
		}
	}
	return nil
}

// rulesFor are the rules of the direction that an action changes.
func rulesFor(g *journal.GroupRules, action model.Action) []model.SecurityGroupRule {
	if isEgress(action) {
		return g.Egress
	}
	return g.Ingress
}

// rulesDiffer names the rules that a group lost, got, or has with another description.
func rulesDiffer(before, now *journal.GroupRules) []string {
	var out []string
	for _, rules := range []struct{ was, is []model.SecurityGroupRule }{
		{before.Ingress, now.Ingress}, {before.Egress, now.Egress},
	} {
		for i := range rules.was {
			at := slices.IndexFunc(rules.is, func(o model.SecurityGroupRule) bool { return sameTraffic(&o, &rules.was[i]) })
			switch {
			case at < 0:
				out = append(out, ruleWords(&rules.was[i], before.Group)+" is gone")
			case rules.is[at].Description != rules.was[i].Description:
				out = append(out, ruleWords(&rules.was[i], before.Group)+" has another description")
			}
		}
		for i := range rules.is {
			if !slices.ContainsFunc(rules.was, func(o model.SecurityGroupRule) bool { return sameTraffic(&o, &rules.is[i]) }) {
				out = append(out, ruleWords(&rules.is[i], before.Group)+" was added")
			}
		}
	}
	return out
}

// ruleWords name a rule.
func ruleWords(r *model.SecurityGroupRule, group string) string {
	peer := r.PrefixList
	switch {
	case r.Group != nil:
		peer = r.Group.ID
	case r.CIDR.IsValid():
		peer = r.CIDR.String()
	}
	return fmt.Sprintf("the rule of security group %s for %s and %s", aws.Printable(group), r.Ports(), aws.Printable(peer))
}

// blockDiffers tells whether the service has another Service Connect block than before.
func (r *rollback) blockDiffers(ctx context.Context) ([]string, error) {
	if updates(&r.entry.Plan) == 0 {
		return nil, nil
	}
	live, err := r.read(ctx)
	switch {
	case errors.Is(err, errGone):
		return []string{"the service is gone"}, nil
	case err != nil:
		return nil, err
	case r.entry.AfterBlock != "" && !sameBlock(live.block, r.entry.Before.Replaced()):
		return []string{fmt.Sprintf("the service has another Service Connect block (deployment %s)",
			aws.Printable(live.deployment()))}, nil
	case r.entry.AfterBlock != "" && r.entry.Before.Overtaken != nil &&
		!sameBlock(live.block, r.entry.Before.Block):
		return []string{fmt.Sprintf(
			"the Service Connect block is that of deployment %s, which was made right before the update",
			aws.Printable(r.entry.Before.Overtaken.Deployment))}, nil
	}
	return nil, nil
}

// pathsDiffer names the paths on which requests arrived before, and that are not as they
// were.
func (r *rollback) pathsDiffer(ctx context.Context) ([]string, error) {
	s, err := r.source.Collect(ctx, nil)
	if err != nil {
		reason, next := explain(err)
		return nil, cannot(err, "everything was sent, but whether requests arrive as before is not known: "+reason, next)
	}
	was := fix.Plan{Service: r.entry.Plan.Service, Wanted: r.entry.Before.Paths}
	a := rule.Analyze(s)
	if a.Index.Service(was.Service) == nil {
		return nil, nil // that is said of the service
	}
	if was.Wanted == nil {
		was.Wanted = r.pathsBefore(a)
	}
	var out []string
	for _, e := range was.Unmet(a) {
		out = append(out, pathWords(&e)+" is no longer "+string(e.Verdict))
	}
	return shortened(out), nil
}

// mostNamed bounds how many paths a message names.
const mostNamed = 5

func shortened(all []string) []string {
	if len(all) <= mostNamed {
		return all
	}
	return append(slices.Clip(all[:mostNamed]), fmt.Sprintf("and %d more paths are not as they were", len(all)-mostNamed))
}

func pathWords(e *fix.Expectation) string {
	return fmt.Sprintf("the path of %s to port %d", aws.Printable(e.From), e.ContainerPort)
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

// checkCallers refuses a rollback after which callers would be refused that were
// admitted before, and are now: another program or user took away what had admitted
// them. Where the account cannot be read nothing speaks against it.
func (r *rollback) checkCallers(ctx context.Context, way wayBack) error {
	if way != sendBlock && !slices.ContainsFunc(r.entry.Steps, func(s journal.Step) bool { return isOpen(&s) }) {
		return nil
	}
	s, err := r.source.Collect(ctx, nil)
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
	was := r.entry.Before.Paths
	if was == nil || r.entry.Before.Overtaken != nil { // or the paths of what others had deployed by then
		was = r.pathsBefore(a)
	}
	present, then := reach.Pointers(a.Into(service.Ref())), reach.Pointers(after)
	var refused []string
	for i := range was {
		e := &was[i]
		if hasAccess(present, e, reach.Allowed) && !hasAccess(then, e, reach.Allowed) && hasAccess(then, e, reach.Blocked) {
			refused = append(refused, pathWords(e))
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return r.wouldRefuse(refused, groups)
}

// hasAccess tells whether one of the paths that an expectation is about has an access.
func hasAccess(paths []*reach.Path, e *fix.Expectation, access reach.Access) bool {
	return slices.ContainsFunc(change.At(paths, e.Place, e.Caller), func(p *reach.Path) bool { return p.Access == access })
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
	return cannot(journal.ErrChangedSince,
		strings.Join(append([]string{"nothing was taken back, since requests would be refused that arrive now: " +
			strings.Join(shortened(refused), ", ")}, gone...), "; "), next)
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
	if action == aws.RevokeIngress || action == aws.RevokeEgress {
		return r.entry.Steps[i].Removed != nil
	}
	return slices.ContainsFunc(rulesFor(&journal.GroupRules{Ingress: g.Ingress, Egress: g.Egress}, action),
		func(o model.SecurityGroupRule) bool { return sameTraffic(&o, rule) && isMarked(r.entry.ID, &o) })
}
