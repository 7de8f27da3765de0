package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/journal"
	"hopscope/model/words"
)

// shownEvents bounds the events that an entry keeps.
const shownEvents = 20

// rolloutOf is the rollout of the PRIMARY deployment.
func (r *run) rolloutOf(l *liveService) *journal.Rollout {
	if l.primary == nil {
		return nil
	}
	d := l.primary
	out := &journal.Rollout{
		Deployment: awssdk.ToString(d.Id), State: string(d.RolloutState),
		Reason:  r.said(awssdk.ToString(d.RolloutStateReason)),
		Desired: int(d.DesiredCount), Running: int(d.RunningCount), Pending: int(d.PendingCount), Failed: int(d.FailedTasks),
	}
	for i := range l.service.Deployments {
		if o := &l.service.Deployments[i]; o != d {
			out.Old += int(o.RunningCount)
		}
	}
	// AWS's clock tells which events came after the update; ours may differ.
	since := awssdk.ToTime(d.CreatedAt)
	for _, e := range l.service.Events {
		if at := awssdk.ToTime(e.CreatedAt); !at.Before(since) && len(out.Events) < shownEvents {
			out.Events = append(out.Events, journal.Event{Time: at, Message: r.said(awssdk.ToString(e.Message))})
		}
	}
	return out
}

// watcher waits for the rollout of a deployment.
type watcher struct {
	*run

	// previous is the PRIMARY deployment before the update that is watched.
	previous string
	// patience is how long the rollout may take.
	patience time.Duration
}

// expect notes the service as it is before an update.
func (r *watcher) expect(l *liveService) {
	r.previous, r.patience = l.deployment(), r.patienceFor(l)
}

// patienceFor is how long the rollout of a service may take: deployments that shift
// traffic bit by bit, or let it bake, take longer on purpose.
func (r *watcher) patienceFor(l *liveService) time.Duration {
	const progressive = 4
	c := l.service.DeploymentConfiguration
	if c == nil {
		return r.options.Patience
	}
	bake := time.Duration(awssdk.ToInt32(c.BakeTimeInMinutes)) * time.Minute
	if c.Strategy != "" && c.Strategy != ecstypes.DeploymentStrategyRolling {
		return progressive*r.options.Patience + bake
	}
	return r.options.Patience + bake
}

// watch waits for the rollout of the entry's deployment: until its tasks have
// replaced all others. The entry shows how far it is.
func (r *watcher) watch(ctx context.Context) error {
	began := r.account.Now()
	deadline := began.Add(r.patience)
	for wait := r.options.Poll; ; wait = min(wait*3/2, r.options.MaxPoll) {
		if err := pause(ctx, wait); err != nil {
			return err
		}
		over, err := r.poll(ctx, r.account.Now().Sub(began) < staleness)
		switch {
		case err != nil && !isTransient(err):
			return err
		case err == nil && over:
			return r.save()
		}
		if !r.account.Now().Before(deadline) {
			if err != nil {
				return err
			}
			return cannot(nil,
				fmt.Sprintf("the deployment of %s is still in progress after %s (%d of %d new tasks run, %d failed)",
					r.entry.Plan.Service, r.patience, r.entry.Rollout.Running, r.entry.Rollout.Desired, r.entry.Rollout.Failed),
				"look at its events; it goes on without hopscope")
		}
	}
}

// transientError marks a failure to read that may pass, while nothing has to be
// done.
type transientError struct{ error }

func (e transientError) Unwrap() error { return e.error }

func isTransient(err error) bool {
	var t transientError
	return errors.As(err, &t)
}

// staleness is how long after an update DescribeServices may still show the service
// as it was: its answers are consistent in the end only.
const staleness = time.Minute

// poll reads how far the rollout is, and tells whether it is over. early tells that
// an answer may be older than the update.
func (r *watcher) poll(ctx context.Context, early bool) (over bool, err error) {
	live, err := r.read(ctx)
	if err != nil {
		if f := r.account.Classify(model.DescribeServices, err); ctx.Err() == nil && f.Transient && !errors.Is(err, errGone) {
			return false, transientError{err}
		}
		return false, err
	}
	if live.deployment() != r.entry.Rollout.Deployment {
		if early && r.isStale(live) {
			return false, nil
		}
		return false, r.replaced(live)
	}
	r.entry.Rollout = r.rolloutOf(live)
	r.show()
	switch live.primary.RolloutState {
	case ecstypes.DeploymentRolloutStateFailed:
		return false, r.rolloutFailed(r.entry.Rollout)
	case ecstypes.DeploymentRolloutStateInProgress:
		return false, nil
	case ecstypes.DeploymentRolloutStateCompleted:
		return live.standing() == 1, nil
	}
	// Not every service tells a state: all new tasks run then, and no others.
	out := r.entry.Rollout
	return live.standing() == 1 && out.Running >= out.Desired, nil
}

// isStale tells whether an answer may be from before the update: it knows nothing of
// the deployment that the update made.
func (r *watcher) isStale(l *liveService) bool {
	return l.deployment() == r.previous && !slices.ContainsFunc(l.service.Deployments, func(d ecstypes.Deployment) bool {
		return awssdk.ToString(d.Id) == r.entry.Rollout.Deployment
	}) && l.primary != nil && !strings.Contains(awssdk.ToString(l.primary.RolloutStateReason), rollingBack)
}

// rollingBack is in the reason of a deployment that ECS makes when another one failed.
const rollingBack = "rolling back"

// rolloutFailed says that the deployment failed.
func (r *watcher) rolloutFailed(out *journal.Rollout) error {
	return cannot(nil, fmt.Sprintf("the deployment of %s failed (%s; %d tasks failed)", r.entry.Plan.Service,
		strings.TrimRight(cmp.Or(out.Reason, "ECS gives no reason"), "."), out.Failed),
		"look at the events and logs of the tasks that failed")
}

// replaced says what became of a deployment that is not PRIMARY any more: ECS went
// back to the last one that worked, or another program or user deployed.
func (r *watcher) replaced(live *liveService) error {
	out := r.entry.Rollout
	i := slices.IndexFunc(live.service.Deployments,
		func(d ecstypes.Deployment) bool { return awssdk.ToString(d.Id) == out.Deployment })
	failed, reason := false, ""
	if live.primary != nil {
		reason = r.said(awssdk.ToString(live.primary.RolloutStateReason))
	}
	count := ""
	switch {
	case i >= 0:
	case out.Failed > 0:
		count = "; " + words.Count(out.Failed, "task") + " had failed when it was last listed"
	case strings.Contains(reason, "circuit breaker"):
		count = "; how many of its tasks failed is not listed any more"
	}
	if i >= 0 {
		d := &live.service.Deployments[i]
		failed = d.RolloutState == ecstypes.DeploymentRolloutStateFailed
		out.State, out.Reason = string(d.RolloutState), r.said(awssdk.ToString(d.RolloutStateReason))
		out.Running, out.Pending, out.Failed = int(d.RunningCount), int(d.PendingCount), int(d.FailedTasks)
		count = "; " + words.Count(out.Failed, "task") + " failed"
	}
	if failed || strings.Contains(reason, rollingBack) {
		out.State = string(ecstypes.DeploymentRolloutStateFailed)
		return cannot(nil,
			fmt.Sprintf("the deployment of %s failed, and ECS is going back to the one before (%s%s)",
				r.entry.Plan.Service, strings.TrimRight(cmp.Or(reason, out.Reason), "."), count),
			"look at the events and logs of the tasks that failed")
	}
	return cannot(nil, fmt.Sprintf("%s was deployed again meanwhile: %s took the place of %s", r.entry.Plan.Service,
		aws.Printable(live.deployment()), aws.Printable(out.Deployment)), "find out what for, then refresh and plan again")
}
