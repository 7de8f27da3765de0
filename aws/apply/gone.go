package apply

import (
	"context"
	"errors"
	"fmt"

	"hopscope/model/fix"
	"hopscope/model/journal"
)

// One answer that a service is gone is not believed: DescribeServices is consistent in the
// end only, and callers would be cut off for it. The rules go when several answers agree,
// and none after them says otherwise.

// errStopping tells that a service is being deleted, while tasks of it still run.
var errStopping = errors.New("its tasks still run")

// readSurely reads the entry's service. It is gone where several looks agree on that, and
// none of its tasks runs: those need the rules.
func (r *rollback) readSurely(ctx context.Context) (*liveService, error) {
	for n := 1; ; n++ {
		live, err := r.read(ctx)
		switch {
		case !errors.Is(err, errGone):
			r.gone = false
			return live, err
		case n < comparisons && !r.gone:
		case errors.Is(err, errStopping):
			return nil, cannot(errNotSaid,
				fmt.Sprintf("%s is being deleted, and tasks of it still run, which need the rules", r.entry.Plan.Service),
				"go on when they are gone")
		default:
			r.gone = true
			return nil, err
		}
		if err := pause(ctx, r.options.Recheck); err != nil {
			return nil, err
		}
	}
}

// checkStillGone looks at a service that was gone once more, right before its rules go.
func (r *rollback) checkStillGone(ctx context.Context) error {
	_, err := r.readSurely(ctx)
	switch {
	case err == nil:
		return cannot(journal.ErrChangedSince,
			fmt.Sprintf("%s was said to be gone, and is there: no rule is taken away from it", r.entry.Plan.Service), "")
	case errors.Is(err, errGone):
		return nil
	}
	return err
}

// updateStands is the step of the update where that was taken for undone, as the service was
// said to be gone, and the service is there with the deployment that the update made.
func (r *rollback) updateStands(live *liveService) []int {
	e := r.entry
	if e.AfterBlock == "" || e.Rollout == nil || e.Rollout.Deployment != live.deployment() ||
		!sameBlock(live.block, e.AfterBlock) || sameBlock(live.block, e.Before.Replaced()) {
		return nil
	}
	for i := range e.Steps {
		if e.Plan.Steps[i].Kind == fix.UpdateService && e.Steps[i].State == journal.Undone {
			return []int{i}
		}
	}
	return nil
}
