package apply

import (
	"context"
	"errors"
	"fmt"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/journal"
)

// writer carries out the steps of a plan: each call is in the journal before it is
// sent, and is never sent again when its answer is lost.
type writer struct {
	*run

	preflight preflight
	watcher   *watcher
}

func newWriter(r *run) *writer {
	return &writer{run: r, preflight: preflight{r}, watcher: &watcher{run: r}}
}

// carryOut carries out a step of the plan.
func (r *writer) carryOut(ctx context.Context, i int) error {
	step := &r.entry.Plan.Steps[i]
	switch action := model.Action(step.Kind); action {
	case aws.AuthorizeIngress, aws.AuthorizeEgress:
		return r.authorize(ctx, i)
	case aws.RevokeIngress, aws.RevokeEgress:
		return r.revoke(ctx, i)
	case aws.UpdateService:
		return r.update(ctx, i)
	default:
		return fmt.Errorf("hopscope does not know how to carry out %q", step.Kind)
	}
}

// refused notes that AWS refused the call of a step, and says why.
func (r *writer) refused(i int, err error) error {
	if saved := r.ended(i, journal.Refused, err); saved != nil {
		return saved
	}
	step := &r.entry.Plan.Steps[i]
	reason, next := r.reasonOf(model.Action(step.Kind), step, err)
	return cannot(err, reason, next)
}

// lost notes that it is not known what became of the call of a step.
func (r *writer) lost(i int, err error) error {
	if saved := r.ended(i, journal.Begun, err); saved != nil {
		return saved
	}
	kind := r.entry.Plan.Steps[i].Kind
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return cannot(err,
		fmt.Sprintf("no answer came to %s (%s): it is not known whether it was carried out", kind, aws.Cause(err)),
		"wait a minute before the next step")
}

// rehearse asks AWS by dry runs whether every change of a security group would be
// allowed, so that a missing permission shows before anything is changed.
func (r *writer) rehearse(ctx context.Context) error {
	for i := range r.entry.Plan.Steps {
		step := &r.entry.Plan.Steps[i]
		if step.Group == "" || isLater(step) {
			continue
		}
		_, err := r.send(ctx,
			ruleChange{action: model.Action(step.Kind), group: step.Group, rule: marked(r.entry.ID, step.Rule)}, true)
		switch aws.ErrorCode(err) {
		case codeDryRun, codeDuplicate, codeRuleAbsent:
			continue
		}
		if err == nil {
			return cannot(nil, fmt.Sprintf("the endpoint carries %s out although it was asked not to", step.Kind),
				"look at security group "+step.Group)
		}
		if ctx.Err() != nil {
			return cannot(context.Cause(ctx), "interrupted; nothing was changed", "apply the plan again")
		}
		reason, next := r.reasonOf(model.Action(step.Kind), step, err)
		return cannot(err, "nothing was changed: "+reason, next)
	}
	return nil
}
