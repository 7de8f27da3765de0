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
	run, unlock, err := a.resume(id, progress)
	if err != nil {
		return nil, err
	}
	defer unlock()
	defer a.count(run)
	r := &tidying{run: run, writer: newWriter(run), verifier: verifier{run}, dependents: dependents{run}}
	return r.entry, r.tidy(ctx)
}

// tidying carries out what an applied plan left for later.
type tidying struct {
	*run

	writer     *writer
	verifier   verifier
	dependents dependents
}

// tidy carries the steps out that are left.
func (r *tidying) tidy(ctx context.Context) error {
	if r.entry.State != journal.Applied {
		return cannot(nil, fmt.Sprintf("the plan is %s, and only an applied one is tidied up after", r.entry.State),
			"see `hopscope journal "+r.entry.ID+"`")
	}
	if err := r.checkOurs(ctx); err != nil {
		return err
	}
	sent := false
	for i := range r.entry.Steps {
		s := &r.entry.Steps[i]
		if !r.isLeft(i) {
			continue
		}
		if err := r.dependents.checkUnneeded(ctx, i); err != nil {
			return r.failTidy(err)
		}
		s.Error = ""
		if err := r.writer.carryOut(ctx, i); err != nil {
			return r.failTidy(err)
		}
		sent = true
	}
	if !sent {
		return nil
	}
	return r.verifier.verify(ctx)
}

// isLeft tells whether a step was left for later and is not carried out yet.
func (r *tidying) isLeft(i int) bool {
	step, state := &r.entry.Plan.Steps[i], r.entry.Steps[i].State
	return step.Later && step.Kind != fix.ByHand &&
		(state == journal.Skipped || state == journal.Pending || state == journal.Begun || state == journal.Refused)
}

// checkOurs refuses a service that is not as the plan left it.
func (r *tidying) checkOurs(ctx context.Context) error {
	if updates(&r.entry.Plan) == 0 {
		return nil
	}
	live, err := r.read(ctx)
	switch {
	case err != nil:
		return err
	case r.entry.AfterBlock != "" && !sameBlock(live.block, r.entry.AfterBlock):
		return blockChanged(r.entry.Plan.Service, fix.ErrBlockChanged)
	case live.inProgress():
		return cannot(nil, fmt.Sprintf("a deployment of %s is in progress", r.entry.Plan.Service),
			"wait until it has finished, and try again")
	}
	return nil
}

// failTidy says why a step for later was not carried out.
func (r *tidying) failTidy(err error) error {
	reason, next := explain(err)
	out := cannot(err, "the plan stays applied, but what it left over is not removed: "+reason, next)
	r.entry.Message = out.Error()
	if saved := r.save(); saved != nil {
		return saved
	}
	return out
}
