package apply

import (
	"fmt"

	"hopscope/aws"
)

// noteOverwritten keeps a deployment that others made between the last look of a rollback
// and its update: UpdateService has no way to say "only if".
func (r *rollback) noteOverwritten(before, after *liveService) {
	if o := after.overtook(before.deployments(), r.entry.Before.Replaced()); o != nil {
		r.entry.Overwritten = o
	}
}

// overwritten names the deployment that the update of a rollback replaced unseen, as long as
// the service has that update's.
func (r *rollback) overwritten(live *liveService) []string {
	e := r.entry
	o := e.Overwritten
	if o == nil || e.Rollout == nil || e.Rollout.Deployment != live.deployment() {
		return nil
	}
	out := fmt.Sprintf("another program or user deployed %s (%s) right before the update of the rollback",
		e.Plan.Service, aws.Printable(o.Deployment))
	switch {
	case sameBlock(o.Block, e.AfterBlock):
		out += ": its Service Connect block was that of the plan, and what else it changed stays"
	case o.Block == "":
		out += ", which replaced what that had made of the Service Connect block: it had none"
	default:
		out += ", which replaced its Service Connect block: the journal keeps that one"
	}
	return []string{out}
}
