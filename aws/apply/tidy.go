package apply

import (
	"context"
	"fmt"

	"hopscope/model/fix"
	"hopscope/model/journal"
)

// Tidy carries out the steps that an applied plan left for later; see ui.Applier. It
// looks again whether the service still is as the plan left it: what the plan made
// superfluous may be needed again. So may each rule by another service that has the
// group: who needs it is derived again before it goes. Afterwards the paths are verified once more. Where
// it fails the entry stays Applied, and Tidy can be tried again.
func (a *Applier) Tidy(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	r, unlock, err := a.resume(id, progress)
	if err != nil {
		return nil, err
	}
	defer unlock()
	defer r.end()
	if r.entry.State != journal.Applied {
		return r.entry, cannot(nil, fmt.Sprintf("the plan is %s, and only an applied one is tidied up after", r.entry.State), "see `hopscope journal "+id+"`")
	}
	if err := r.checkOurs(ctx); err != nil {
		return r.entry, err
	}
	sent := false
	for i := range r.entry.Steps {
		s := &r.entry.Steps[i]
		if !r.isLeft(i) {
			continue
		}
		if err := r.checkUnneeded(ctx, i); err != nil {
			return r.entry, r.failTidy(err)
		}
		s.Error = ""
		if err := r.carryOut(ctx, i); err != nil {
			return r.entry, r.failTidy(err)
		}
		sent = true
	}
	if !sent {
		return r.entry, nil
	}
	return r.entry, r.verify(ctx)
}

// isLeft tells whether a step was left for later and is not carried out yet.
func (r *application) isLeft(i int) bool {
	step, state := &r.entry.Plan.Steps[i], r.entry.Steps[i].State
	return step.Later && step.Kind != fix.ByHand &&
		(state == journal.Skipped || state == journal.Pending || state == journal.Begun || state == journal.Refused)
}

// checkOurs refuses a service that is not as the plan left it.
func (r *application) checkOurs(ctx context.Context) error {
	if updates(&r.entry.Plan) == 0 {
		return nil
	}
	live, err := r.read(ctx)
	switch {
	case err != nil:
		return err
	case r.entry.AfterBlock != "" && !sameBlock(live.block, r.entry.AfterBlock):
		return r.changed(fix.ErrBlockChanged)
	case live.inProgress():
		return cannot(nil, fmt.Sprintf("a deployment of %s is in progress", r.entry.Plan.Service), "wait until it has finished, and try again")
	}
	return nil
}

// failTidy says why a step for later was not carried out.
func (r *application) failTidy(err error) error {
	reason, next := r.explain(err)
	out := cannot(err, "the plan stays applied, but what it left over is not removed: "+reason, next)
	r.entry.Message = out.Error()
	if saved := r.save(); saved != nil {
		return saved
	}
	return out
}
