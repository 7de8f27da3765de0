package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"hopscope/aws"
	"hopscope/model/journal"
)

// update updates the service once more after everything was read: the last look is
// right before the call, as UpdateService has no way to say "only if".
func (r *writer) update(ctx context.Context, i int) error {
	live, err := r.read(ctx)
	if err != nil {
		return err
	}
	if err := r.preflight.checkService(live); err != nil {
		return err
	}
	if err := r.preflight.checkSame(live); err != nil {
		return err
	}
	r.watcher.expect(live)
	block := r.entry.AfterBlock
	if err := r.begin(i, aws.UpdateService, r.updateCommand(block, block == "")); err != nil {
		return err
	}
	live, err = r.sendUpdate(ctx, block, block == "")
	if err == nil && (live.primary == nil || live.deployment() == r.watcher.previous) {
		err = aws.ErrNoContent // no new deployment in the answer: another look has to tell
	}
	switch aws.FateOf(err) {
	case aws.CarriedOut:
		r.entry.Rollout = rolloutOf(live)
		return r.ended(i, journal.Done, nil)
	case aws.NotCarriedOut:
		return r.refused(i, err)
	case aws.UnknownFate:
	}
	return r.lookForUpdate(ctx, i, err)
}

// sendUpdate sends a Service Connect block, "" for none; force starts a deployment
// also where nothing changes. It returns the service as the update left it.
func (r *writer) sendUpdate(ctx context.Context, block string, force bool) (*liveService, error) {
	in := &ecs.UpdateServiceInput{Cluster: &r.entry.ClusterARN, Service: &r.entry.ServiceARN, ForceNewDeployment: force}
	var options []func(*ecs.Options)
	if block != "" {
		options = append(options, rawBlock{block}.send)
	}
	out, err := r.writes.ECS.UpdateService(ctx, in, options...)
	if err != nil {
		return nil, err
	}
	if out.Service == nil {
		return nil, aws.ErrNoContent
	}
	return newLiveService(out.Service), nil
}

// lookForUpdate finds out whether an update arrived whose reply was lost: it did if
// there is another PRIMARY deployment, with the block that was sent. It is not sent
// again, whatever is found.
func (r *writer) lookForUpdate(ctx context.Context, i int, lost error) error {
	for _, wait := range r.looks() {
		if err := pause(ctx, wait); err != nil {
			break
		}
		live, err := r.read(ctx)
		if err != nil {
			break // the step stays begun: a rollback looks again
		}
		if r.isOurs(live) {
			r.entry.Rollout = rolloutOf(live)
			return r.ended(i, journal.Done, nil)
		}
		if live.deployment() != r.entry.Before.Deployment {
			saved := r.ended(i, journal.Begun, lost)
			refused := cannot(lost,
				fmt.Sprintf("no answer came to ecs:UpdateService, and another deployment of %s was made (%s)",
					r.entry.Plan.Service, aws.Printable(live.deployment())),
				"look at the service before the next step")
			return errors.Join(refused, saved)
		}
	}
	return r.lost(i, lost)
}
