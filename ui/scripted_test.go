package ui

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
)

// scriptedBlock is the article's Service Connect block as AWS gives it, with a member that
// hopscope does not know.
const scriptedBlock = `{"enabled":true,"namespace":"ns",` +
	`"services":[{"portName":"app","clientAliases":[{"port":80}],"x-new":{"kept":true}}]}`

// ScriptedApplier plays scripts in place of an account.
type ScriptedApplier struct {
	// PrepareErr is the answer of Prepare; ApplyErr that of Apply, behind its
	// last frame.
	PrepareErr, ApplyErr error
	// MeasureErr is the answer of Measure.
	MeasureErr error
	// PrepareTime is how long Prepare takes; FrameTime is the time between
	// frames.
	PrepareTime, FrameTime time.Duration
	// Endpoint is where the account is; "" is in the demo.
	Endpoint string
	// Frames are the records of Apply, after the prepared one; workingFrames when nil.
	Frames func(prepared *journal.Entry) []*journal.Entry
	// Ended is called when a task has ended, with its name.
	Ended func(task string)

	mu    sync.Mutex
	calls []string
	last  *journal.Entry
}

// Calls are the methods that were called, in order.
func (f *ScriptedApplier) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Changing are the calls that may change something: all but Prepare.
func (f *ScriptedApplier) Changing() []string {
	return slices.DeleteFunc(f.Calls(), func(call string) bool { return call == "prepare" })
}

func (f *ScriptedApplier) called(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
}

// Prepare gives an entry with the article's block.
func (f *ScriptedApplier) Prepare(ctx context.Context, p *fix.Plan) (*journal.Entry, error) {
	f.called("prepare")
	if err := pauseFor(ctx, f.PrepareTime); err != nil {
		return nil, err
	}
	if f.PrepareErr != nil {
		return nil, f.PrepareErr
	}
	e := preparedEntry(p)
	e.Endpoint = f.Endpoint
	return e, nil
}

// preparedEntry is what is there before a plan is applied.
func preparedEntry(p *fix.Plan) *journal.Entry {
	e := &journal.Entry{
		Schema: journal.SchemaV1, ID: "20261122-090000-a1b2", State: journal.Prepared, CreatedAt: modeltest.Time,
		Origin:  "simulator:article",
		Account: p.Account, Region: p.Region, ClusterARN: "arn:aws:ecs:::cluster/" + p.Service.Cluster, Plan: *p,
		Steps: make([]journal.Step, len(p.Steps)),
	}
	for i := range e.Steps {
		e.Steps[i].State = journal.Pending
	}
	if edits := p.Edits(); len(edits) > 0 {
		e.Before.Block = scriptedBlock
		if after, err := fix.Patch([]byte(scriptedBlock), edits); err == nil {
			e.AfterBlock = string(after)
		}
	}
	return e
}

// Apply plays the frames.
func (f *ScriptedApplier) Apply(ctx context.Context, prepared *journal.Entry,
	progress func(*journal.Entry),
) (*journal.Entry, error) {
	f.called("apply")
	frames := workingFrames
	if f.Frames != nil {
		frames = f.Frames
	}
	last, err := f.play(ctx, "apply", frames(prepared), progress)
	if err == nil {
		err = f.ApplyErr
	}
	return last, err
}

// Tidy carries out the steps that are for later.
func (f *ScriptedApplier) Tidy(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	f.called("tidy " + id)
	e := *f.last
	e.Steps = slices.Clone(e.Steps)
	for i := range e.Steps {
		if e.Steps[i].State == journal.Skipped {
			e.Steps[i].State = journal.Done
			e.Calls = append(slices.Clip(e.Calls), stepCall(&e, i))
		}
	}
	return f.play(ctx, "tidy", []*journal.Entry{&e}, progress)
}

// Measure counts what the article tells of: the requests of the load balancer cross
// the agent before, and none of them after.
func (f *ScriptedApplier) Measure(ctx context.Context, id string, _ func(*journal.Entry)) (*journal.Entry, error) {
	f.called("measure " + id)
	if err := pauseFor(ctx, f.FrameTime); err != nil {
		return f.last, err
	}
	if f.MeasureErr != nil {
		return f.last, f.MeasureErr
	}
	e := *f.last
	at := e.CreatedAt
	e.Measured = &journal.Measured{
		Endpoint: "app", LoadBalancer: "main-alb",
		Before: journal.Requests{
			From: at.Add(-10 * time.Minute), Minutes: 10, LoadBalancer: 930, Agents: 1240,
			Callers: 310,
		},
		After: journal.Requests{From: at.Add(time.Minute), Minutes: 1, LoadBalancer: 930, Agents: 310, Callers: 310},
	}
	f.last = &e
	return f.last, nil
}

// Compare finds all as it was.
func (f *ScriptedApplier) Compare(_ context.Context, id string, _ func(*journal.Entry)) (*journal.Entry, error) {
	f.called("compare " + id)
	return f.last, nil
}

// RollbackAnyway is Rollback.
func (f *ScriptedApplier) RollbackAnyway(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry,
	error,
) {
	return f.Rollback(ctx, id, progress)
}

// Rollback takes everything back.
func (f *ScriptedApplier) Rollback(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry,
	error,
) {
	f.called("rollback " + id)
	begun := *f.last
	begun.State, begun.Message = journal.RollingBack, ""
	end := begun
	end.Steps, end.State = slices.Clone(begun.Steps), journal.RolledBack
	end.Message, end.Unmet, end.UpdatedAt = "", nil, modeltest.Time.Add(6*time.Minute)
	for i := range end.Steps {
		if end.Steps[i].State == journal.Done || end.Steps[i].State == journal.Begun {
			end.Steps[i].State = journal.Undone
		}
	}
	end.Calls = append(slices.Clip(end.Calls), journal.Call{
		Time: modeltest.Time.Add(5 * time.Minute), Action: "ecs:UpdateService",
		Command: "aws ecs update-service --cluster prod --service sample-ecs-app --service-connect-configuration '" +
			scriptedBlock + "'",
	})
	return f.play(ctx, "rollback", []*journal.Entry{&begun, &end}, progress)
}

// play reports frames, with time between them. Ended early it fails, as the real
// one does.
func (f *ScriptedApplier) play(ctx context.Context, task string, frames []*journal.Entry,
	progress func(*journal.Entry),
) (*journal.Entry, error) {
	for _, e := range frames {
		f.last = e
		if progress != nil {
			progress(e)
		}
		if err := pauseFor(ctx, f.FrameTime); err != nil {
			stopped := *e
			stopped.State, stopped.Message = journal.Failed, "it was stopped"
			f.last = &stopped
			return f.last, err
		}
	}
	if f.Ended != nil {
		f.Ended(task)
	}
	return f.last, nil
}

func pauseFor(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stepCall is the mutating call of a step.
func stepCall(e *journal.Entry, i int) journal.Call {
	step := &e.Plan.Steps[i]
	command := "aws ecs update-service --cluster prod --service " + e.Plan.Service.Service +
		" --service-connect-configuration '" + e.AfterBlock + "'"
	if step.Rule != nil {
		verb := "authorize-security-group-ingress"
		if step.Kind == fix.RevokeIngress {
			verb = "revoke-security-group-ingress"
		}
		command = fmt.Sprintf("aws ec2 %s --group-id %s --protocol tcp --port %d --source-group %s", verb,
			step.Group, step.Rule.FromPort, step.Rule.Peer())
	}
	return journal.Call{
		Time:   modeltest.Time.Add(time.Duration(i+1) * time.Second),
		Action: model.Action(step.Kind), Command: command,
	}
}

// workingFrames are the records of an activity that works: the steps, a rollout of two
// tasks, the verification.
func workingFrames(prepared *journal.Entry) []*journal.Entry {
	var out []*journal.Entry
	e := *prepared
	frame := func(change func(e *journal.Entry)) {
		e.Steps = slices.Clone(e.Steps)
		e.Calls = slices.Clone(e.Calls)
		change(&e)
		snapshot := e
		out = append(out, &snapshot)
	}
	for i := range prepared.Plan.Steps {
		if prepared.Plan.Steps[i].Later {
			frame(func(e *journal.Entry) { e.Steps[i].State = journal.Skipped })
			continue
		}
		frame(func(e *journal.Entry) { e.State, e.Steps[i].State = journal.Applying, journal.Begun })
		frame(func(e *journal.Entry) {
			e.Steps[i].State = journal.Done
			e.Calls = append(e.Calls, stepCall(e, i))
		})
	}
	for running := range 3 {
		frame(func(e *journal.Entry) {
			e.State = journal.RollingOut
			e.Rollout = &journal.Rollout{
				Deployment: "ecs-svc/2", State: "IN_PROGRESS", Desired: 2, Running: running, Pending: 2 - running,
				Old: 2 - running,
				Events: []journal.Event{
					{
						Time:    modeltest.Time.Add(time.Minute),
						Message: fmt.Sprintf("(service sample-ecs-app) has started %d tasks: (task 0a1b).", running+1),
					},
					{
						Time:    modeltest.Time.Add(30 * time.Second),
						Message: "(service sample-ecs-app) registered 1 targets in (target-group sample-tg)",
					},
				},
			}
		})
	}
	frame(func(e *journal.Entry) {
		done := *e.Rollout
		done.State = "COMPLETED"
		e.Rollout, e.State = &done, journal.Verifying
	})
	frame(func(e *journal.Entry) { e.State = journal.Applied })
	return out
}

// FailingFrames are the records of an activity whose deployment fails.
func FailingFrames(prepared *journal.Entry) []*journal.Entry {
	frames := workingFrames(prepared)
	e := *frames[len(frames)-4]
	failed := *e.Rollout
	failed.State, failed.Failed, failed.Running = "FAILED", 3, 0
	failed.Reason = "ECS deployment circuit breaker: tasks failed to start."
	e.Rollout, e.State = &failed, journal.Failed
	e.Message = "the deployment ecs-svc/2 failed, and ECS put the old one back; look at the stopped tasks with " +
		"aws ecs describe-tasks"
	return append(frames[:len(frames)-4:len(frames)-4], &e)
}

// UnverifiedFrames are the records of an activity whose paths are not as planned.
func UnverifiedFrames(prepared *journal.Entry) []*journal.Entry {
	frames := workingFrames(prepared)
	e := *frames[len(frames)-1]
	e.State, e.Message = journal.Unverified, "the paths are not what the plan wanted"
	e.Unmet = e.Plan.Wanted[:1]
	return append(frames[:len(frames)-1:len(frames)-1], &e)
}
