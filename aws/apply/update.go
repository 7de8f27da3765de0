package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/journal"
)

// update updates the service once more after everything was read: the last look is
// right before the call, as UpdateService has no way to say "only if".
func (r *writer) update(ctx context.Context, i int) error {
	if err := r.confirmRules(ctx, i); err != nil {
		return err
	}
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
	r.entry.Before.Deployments = live.deployments()
	block := r.entry.AfterBlock
	if err := r.begin(i, aws.UpdateService, r.updateCommand(block, block == "")); err != nil {
		return err
	}
	live, err = r.sendUpdate(ctx, block, block == "")
	if err == nil && (live.primary == nil || live.deployment() == r.watcher.previous) {
		err = errNotSaid // no new deployment in the answer: another look has to tell
	}
	switch aws.FateOf(err) {
	case aws.CarriedOut:
		r.noteOvertaken(live)
		r.entry.Rollout = r.rolloutOf(live)
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
	var raw rawReply
	options := []func(*ecs.Options){raw.keep}
	if block != "" {
		options = append(options, rawBlock{block}.send)
	}
	out, err := r.writes.ECS.UpdateService(ctx, in, options...)
	if err != nil {
		return nil, r.masked(err)
	}
	if out.Service == nil || awssdk.ToString(out.Service.ServiceArn) != r.entry.ServiceARN {
		return nil, errNotSaid
	}
	live := newLiveService(out.Service)
	live.blocks, err = blocksOf(raw.body)
	live.block = live.blocks[live.deployment()]
	return live, err
}

// confirmRules looks whether the rules that were added before the update are there: it
// would lead callers to a closed port without them.
func (r *writer) confirmRules(ctx context.Context, update int) error {
	for i := range update {
		step, state := &r.entry.Plan.Steps[i], r.entry.Steps[i].State
		action := model.Action(step.Kind)
		if !adds(action) || state != journal.Done && state != journal.Found {
			continue
		}
		rule, err := r.lookTwice(ctx, i, step.Rule, func(o *model.SecurityGroupRule) bool { return o != nil })
		if err != nil {
			return err
		}
		if rule == nil {
			return cannot(errNotSaid,
				fmt.Sprintf("security group %s has no rule for %s, although %s was answered: the service is not updated without it",
					step.Group, step.Rule.Ports(), action), "see whether another program took it away")
		}
	}
	return nil
}

// noteOvertaken keeps what an update of ours replaced without knowing of it: a
// deployment that was not there at the last look, made before ours. A service whose
// PRIMARY deployment is not known to be ours tells nothing of it.
func (r *run) noteOvertaken(l *liveService) {
	e := r.entry
	ours := e.Rollout == nil || e.Rollout.Deployment == l.deployment()
	if e.AfterBlock == "" || e.Before.Deployments == nil || e.Before.Overtaken != nil || l.primary == nil || !ours {
		return
	}
	e.Before.Overtaken = l.overtook(e.Before.Deployments, e.AfterBlock)
}

// overtook is the newest deployment that the PRIMARY one replaced, and that was not known
// when its block was sent; nil where there is none.
func (l *liveService) overtook(known []string, block string) *journal.Overtaken {
	var newest *ecstypes.Deployment
	for i := range l.service.Deployments {
		d := &l.service.Deployments[i]
		id := awssdk.ToString(d.Id)
		later := awssdk.ToTime(d.CreatedAt).After(awssdk.ToTime(l.primary.CreatedAt))
		double := sameBlock(l.blocks[id], block) // as a proxy makes it that sends a call twice
		if id == l.deployment() || later || double || slices.Contains(known, id) {
			continue
		}
		if newest == nil || awssdk.ToTime(d.CreatedAt).After(awssdk.ToTime(newest.CreatedAt)) {
			newest = d
		}
	}
	if newest == nil {
		return nil
	}
	id := awssdk.ToString(newest.Id)
	return &journal.Overtaken{Deployment: id, Block: l.blocks[id]}
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
			r.noteOvertaken(live)
			r.entry.Rollout = r.rolloutOf(live)
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
