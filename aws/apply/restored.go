package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
// not be compared, and for calls of the rollback that left no trace: their steps are
// done, so that the next rollback takes them back again.
func (r *rollback) differences(ctx context.Context) ([]string, error) {
	var differs []string
	var lost []int
	for n := range comparisons {
		if n > 0 {
			if err := pause(ctx, r.options.Recheck); err != nil {
				return nil, err
			}
		}
		var err error
		if differs, lost, err = r.compare(ctx); err != nil {
			return nil, err
		}
		if len(lost) == 0 && len(differs) == 0 {
			break
		}
	}
	if len(lost) > 0 {
		return nil, r.doAgain(lost)
	}
	paths, err := r.pathsDiffer(ctx)
	if err != nil || len(paths) == 0 || len(differs) > 0 {
		return slices.Concat(differs, paths), err
	}
	return r.lookAgain(ctx)
}

// lookAgain looks a second time at paths that differ, while rules and block did not: the
// first answers may have been too old, or others have changed a rule in between.
func (r *rollback) lookAgain(ctx context.Context) ([]string, error) {
	if err := pause(ctx, r.options.Recheck); err != nil {
		return nil, err
	}
	paths, err := r.pathsDiffer(ctx)
	if err != nil {
		return nil, err
	}
	differs, lost, err := r.compare(ctx)
	if err == nil && len(lost) > 0 {
		err = r.doAgain(lost)
	}
	return slices.Concat(differs, paths), err
}

// compare compares rules and block once. lost are the steps that a call of ours took
// back, as it was answered, without an effect to be seen.
func (r *rollback) compare(ctx context.Context) (differs []string, lost []int, err error) {
	for _, before := range r.entry.Before.Rules {
		now, err := r.readRules(ctx, []string{before.Group})
		switch {
		case errors.Is(err, errGone):
			differs = append(differs, "security group "+before.Group+" is gone")
			continue
		case err != nil:
			return nil, nil, err
		}
		lost = append(lost, r.withoutTrace(&now[0])...)
		differs = append(differs, rulesDiffer(&before, &now[0])...)
	}
	block, err := r.blockDiffers(ctx)
	return append(differs, block...), lost, err
}

// withoutTrace are the steps that the rollback took back, and that a group shows as they
// were before it. Nothing is noted: the answer may be older than the last call.
func (r *rollback) withoutTrace(now *journal.GroupRules) []int {
	var lost []int
	for i := range r.entry.Steps {
		s, step := &r.entry.Steps[i], &r.entry.Plan.Steps[i]
		if s.State != journal.Undone || step.Group != now.Group {
			continue
		}
		action := model.Action(step.Kind)
		rules := rulesFor(now, action)
		at := slices.IndexFunc(rules, func(o model.SecurityGroupRule) bool { return sameTraffic(&o, step.Rule) })
		if adds(action) && at >= 0 && r.mayBeOurs(i, &rules[at]) || removes(action) && at < 0 && s.Removed != nil {
			lost = append(lost, i)
		}
	}
	return lost
}

// doAgain notes that steps are still to be taken back, and says which.
func (r *rollback) doAgain(lost []int) error {
	var all []string
	for _, i := range lost {
		step := &r.entry.Plan.Steps[i]
		text := "the rule for %s that was to come back to security group %s is not there"
		if adds(model.Action(step.Kind)) {
			text = "the rule for %s that was to go from security group %s is there"
		}
		r.entry.Steps[i].State = journal.Done
		all = append(all, fmt.Sprintf(text, step.Rule.Ports(), step.Group))
	}
	return cannot(errNotSaid, strings.Join(all, "; "), "")
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

// pathsDiffer names the paths on which requests arrived before, and that are not as good
// as they were.
func (r *rollback) pathsDiffer(ctx context.Context) ([]string, error) {
	s, err := r.readAll(ctx)
	if err != nil {
		reason, next := explain(err)
		return nil, cannot(err, "everything was sent, but whether requests arrive as before is not known: "+reason, next)
	}
	ref := r.entry.Plan.Service
	a := rule.Analyze(s)
	if a.Index.Service(ref) == nil {
		return nil, nil // that is said of the service
	}
	was := r.entry.Before.Paths
	if was == nil {
		was = r.pathsBefore(a)
	}
	paths := reach.Pointers(a.Into(ref))
	var out []string
	for i := range was {
		e := &was[i]
		if e.Caller != (model.Ref{}) && a.Index.Service(e.Caller) == nil && !s.Scope.AllClusters {
			continue // it was read with more clusters
		}
		now := change.At(paths, e.Place, e.Caller)
		if !slices.ContainsFunc(now, func(p *reach.Path) bool { return len(worse(e, p)) == 0 }) {
			out = append(out, pathWords(e)+" "+nowWords(e, now))
		}
	}
	slices.Sort(out) // a path of several places reads the same
	return shortened(slices.Compact(out)), nil
}

// worse is what is worse on a path than it was, and as it is now. A change that serves
// requests better is no damage.
func worse(was *fix.Expectation, p *reach.Path) []string {
	var out []string
	if was.Access != "" && p.Access != was.Access {
		out = append(out, fmt.Sprintf("%s (was %s)", p.Access, was.Access))
	}
	if was.Verdict != "" && p.Verdict.Rank() > was.Verdict.Rank() {
		out = append(out, fmt.Sprintf("%s (was %s)", p.Verdict, was.Verdict))
	}
	if p.Via != was.Via {
		out = append(out, fmt.Sprintf("%s (was %s)", p.Via, was.Via))
	}
	return out
}

// nowWords say what a path is that was as expected.
func nowWords(was *fix.Expectation, now []*reach.Path) string {
	if len(now) == 0 {
		return "is gone"
	}
	return "is now " + strings.Join(worse(was, now[0]), ", ")
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
	if removes(action) {
		return r.entry.Steps[i].Removed != nil
	}
	return slices.ContainsFunc(rulesFor(&journal.GroupRules{Ingress: g.Ingress, Egress: g.Egress}, action),
		func(o model.SecurityGroupRule) bool { return sameTraffic(&o, rule) && r.mayBeOurs(i, &o) })
}
