package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// A rollback sends what the journal holds. Whether everything is then as it was depends
// on what others did meanwhile: a rule that admitted callers before may be gone.

// comparisons is how often an account is compared with the entry: an answer may be older
// than the last call.
const comparisons = 3

// errNotCompared tells that whether everything is as it was before is not known.
var errNotCompared = errors.New("not compared")

// notCompared says why something could not be compared, and what differs of the rest.
func notCompared(err error, what string, differs []string) error {
	reason, next := explain(err)
	reason = what + " is not known: " + reason
	if len(differs) > 0 {
		reason += "; " + notAsBefore + strings.Join(differs, "; ")
	}
	return cannot(errors.Join(errNotCompared, err), reason, next)
}

// lookOnce compares an entry that is rolled back with what is there now, and sends
// nothing. Where that cannot be told, what was found before stands, for its moment.
func (r *rollback) lookOnce(ctx context.Context) error {
	r.over = true
	if err := r.checkAccount(ctx); err != nil {
		return err
	}
	differs, err := r.differences(ctx)
	switch {
	case err != nil && slices.ContainsFunc(r.entry.Steps, func(s journal.Step) bool { return isOpen(&s) }):
		return r.failRollback(journal.Failed, err) // steps are open again
	case err != nil:
		return err
	}
	all, _, err := r.journal.List()
	if err != nil {
		return err
	}
	if o := r.newer(all); o != nil && len(differs) > 0 {
		differs = append(differs, "the newer entry "+o.ID+" stands")
	}
	return r.rolledBack(differs)
}

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
	if len(differs) == 0 && (len(paths) > 0 || isUnread(err)) || len(r.unsettled) > 0 {
		return r.lookAgain(ctx)
	}
	return r.concluded(differs, paths, err)
}

// concluded are all differences; where paths could not be compared, the error has them.
func (r *rollback) concluded(differs, paths []string, err error) ([]string, error) {
	all := slices.Concat(differs, paths)
	if err != nil {
		return nil, notCompared(err, "whether requests arrive as before", all)
	}
	return all, nil
}

// lookAgain looks a second time at paths that differ, while rules and block did not: the
// first answers may have been too old, or others have changed a rule in between. Targets
// are given the time that they get after an apply.
func (r *rollback) lookAgain(ctx context.Context) ([]string, error) {
	if err := pause(ctx, r.options.Recheck); err != nil {
		return nil, err
	}
	if len(r.unsettled) > 0 {
		settling := verifier{r.run}
		if err := settling.settle(ctx, r.unsettled, r.snapshot); err != nil {
			return nil, err
		}
	}
	paths, unread := r.pathsDiffer(ctx)
	differs, lost, err := r.compare(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(lost) > 0:
		return nil, r.doAgain(lost)
	}
	return r.concluded(differs, paths, unread)
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
			return nil, nil, notCompared(err, "whether everything is as it was before", differs)
		}
		lost = append(lost, r.withoutTrace(&now[0])...)
		differs = append(differs, rulesDiffer(&before, &now[0])...)
	}
	live, err := r.readSurely(ctx)
	switch {
	case errors.Is(err, errGone):
		return append(differs, "the service is gone"), lost, nil
	case err != nil:
		return nil, nil, notCompared(err, "whether everything is as it was before", differs)
	}
	differs = slices.Concat(differs, r.blockDiffers(live), r.overwritten(live))
	return differs, append(lost, r.updateStands(live)...), nil
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
		switch {
		case r.over && (!adds(action) || at < 0 || !isMarked(r.entry.ID, &rules[at])): // as others left it
		case adds(action) && at >= 0 && r.mayBeOurs(i, &rules[at]), removes(action) && at < 0 && s.Removed != nil:
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
		r.entry.Steps[i].State, r.entry.Steps[i].Left = journal.Done, ""
		if step.Kind == fix.UpdateService {
			all = append(all, fmt.Sprintf(
				"the service was said to be gone, and is there, with the deployment of this entry (%s)",
				aws.Printable(r.entry.Rollout.Deployment)))
			continue
		}
		text := "the rule for %s that was to come back to security group %s is not there"
		if adds(model.Action(step.Kind)) {
			text = "the rule for %s that was to go from security group %s is there"
		}
		all = append(all, fmt.Sprintf(text, step.Rule.Ports(), step.Group))
	}
	why := errNotSaid
	if r.over {
		why = journal.ErrChangedSince
	}
	return cannot(why, strings.Join(all, "; "), "")
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

// blockDiffers tells whether the service has the Service Connect block of before where the
// entry changed that.
func (r *rollback) blockDiffers(live *liveService) []string {
	switch {
	case r.entry.AfterBlock == "", sameBlock(live.block, r.entry.Before.Block):
		return nil
	case r.entry.Before.Overtaken != nil && sameBlock(live.block, r.entry.Before.Replaced()):
		return []string{fmt.Sprintf(
			"the Service Connect block is that of deployment %s, which was made right before the update",
			aws.Printable(r.entry.Before.Overtaken.Deployment))}
	}
	return []string{fmt.Sprintf("the service has another Service Connect block (deployment %s)",
		aws.Printable(live.deployment()))}
}
