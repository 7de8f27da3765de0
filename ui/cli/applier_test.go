package cli_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
)

// applier goes through the steps of a plan in the journal, and nowhere else. Its
// behaviour is a word: "changed", "refused", "unverified", "interrupted", "gone",
// "forbidden" and "stubborn" are what can happen to a plan, "overtaken" and "blocking" to a rollback,
// "reopened" to one that is compared again, "crossed" and "unmeasured" to a measurement.
type applier struct {
	store     journal.Store
	behaviour string
}

func (a *applier) Prepare(_ context.Context, p *fix.Plan) (*journal.Entry, error) {
	switch a.behaviour {
	case "changed":
		return nil, fmt.Errorf("%w: the console set \x1b[31mit", fix.ErrBlockChanged)
	case "gone":
		return nil, &model.CannotCheckError{Reason: "the credentials have expired", Next: "run aws sso login"}
	}
	e := &journal.Entry{
		Schema: journal.SchemaV1, ID: "20221122-090000-" + p.Service.Service, State: journal.Prepared,
		CreatedAt: modeltest.Time, UpdatedAt: modeltest.Time,
		Account: p.Account, Region: "ap-northeast-1", ClusterARN: "arn:c", ServiceARN: "arn:s", Plan: *p,
		Steps: make([]journal.Step, len(p.Steps)),
	}
	for i := range e.Steps {
		e.Steps[i].State = journal.Pending
	}
	if len(p.Edits()) > 0 {
		e.Before.Block, e.AfterBlock = `{"enabled":true}`, `{"enabled":true,"services":[]}`
	}
	return e, nil
}

func (a *applier) Apply(ctx context.Context, e *journal.Entry, progress func(*journal.Entry)) (*journal.Entry, error) {
	e = e.Clone()
	if a.behaviour == "forbidden" { // as dry runs find out
		return e, &model.CannotCheckError{
			Reason: "ec2:AuthorizeSecurityGroupIngress is not allowed",
			Next:   "add it to the policy",
		}
	}
	e.State = journal.Applying
	if err := a.store.Create(e); err != nil {
		return nil, err
	}
	save := func() {
		if err := a.store.Save(e); err != nil {
			panic(err)
		}
		progress(e.Clone())
	}
	for i := range e.Steps {
		step := &e.Steps[i]
		if e.Plan.Steps[i].Later {
			step.State = journal.Skipped
			continue
		}
		step.State = journal.Begun
		save()
		e.Calls = append(e.Calls, journal.Call{
			Time: modeltest.Time, Action: model.Action(e.Plan.Steps[i].Kind),
			Command: "aws " + string(e.Plan.Steps[i].Kind),
		})
		if a.behaviour == "refused" && e.Plan.Steps[i].Kind == fix.UpdateService {
			step.State, step.Error = journal.Refused, "AccessDenied"
			e.Calls[len(e.Calls)-1].Error = "AccessDenied"
			e.State, e.Message = journal.Failed, "ecs:UpdateService was refused; allow it, or roll back"
			save()
			return e, errors.New("ecs:UpdateService is not allowed; add it to the policy")
		}
		step.State = journal.Done
		save()
	}
	e.State = journal.RollingOut
	e.Rollout = &journal.Rollout{Deployment: "d", State: "IN_PROGRESS", Desired: 2, Old: 2}
	save()
	if a.behaviour == "interrupted" {
		<-ctx.Done()
		e.State, e.Message = journal.Failed, "the wait was interrupted"
		save()
		return e, ctx.Err()
	}
	rollout := *e.Rollout
	rollout.State, rollout.Running, rollout.Old = "COMPLETED", 2, 0
	rollout.Events = []journal.Event{{Message: "reached a \x1b[31msteady state"}, {Message: "has started 2 tasks"}}
	e.Rollout = &rollout
	e.State = journal.Verifying
	save()
	e.State = journal.Applied
	if a.behaviour == "unverified" {
		e.State, e.Message, e.Unmet = journal.Unverified, "one path is not what it should be", e.Plan.Wanted[:1]
	}
	save()
	return e, nil
}

func (a *applier) Tidy(_ context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	e, err := a.store.Load(id)
	if err != nil {
		return nil, err
	}
	for i := range e.Steps {
		if e.Plan.Steps[i].Later {
			e.Steps[i].State = journal.Done
		}
	}
	progress(e)
	return e, a.store.Save(e)
}

func (a *applier) Measure(_ context.Context, id string, _ func(*journal.Entry)) (*journal.Entry, error) {
	e, err := a.store.Load(id)
	if err != nil {
		return nil, err
	}
	switch m := measured(); a.behaviour {
	case "unmeasured":
		return e, &model.CannotCheckError{
			Reason: "cloudwatch:GetMetricData is not allowed",
			Next:   "add it to the policy",
		}
	case "crossed":
		m.After = m.Before
		e.Measured = m
	default:
		e.Measured = m
	}
	return e, a.store.Save(e)
}

// measured is what CloudWatch says when all is well.
func measured() *journal.Measured {
	at := time.Date(2022, 11, 22, 8, 50, 0, 0, time.UTC)
	return &journal.Measured{
		Endpoint: "app", LoadBalancer: "main-alb",
		Before: journal.Requests{From: at, Minutes: 10, LoadBalancer: 930, Agents: 1240, Callers: 310},
		After: journal.Requests{
			From: at.Add(11 * time.Minute), Minutes: 1, LoadBalancer: 930, Agents: 310,
			Callers: 310,
		},
	}
}

// Compare sends nothing; where the behaviour is "reopened", another program was quicker.
func (a *applier) Compare(_ context.Context, id string, _ func(*journal.Entry)) (*journal.Entry, error) {
	e, err := a.store.Load(id)
	if err != nil {
		return nil, err
	}
	switch e.Message = ""; a.behaviour {
	case "reopened":
		return e, &model.CannotCheckError{
			Reason: "entry " + id + " is not rolled back any more", Err: journal.ErrChangedSince,
		}
	case "overtaken":
		e.Message = "left as it is: the rule for tcp 10080"
	}
	return e, a.store.Save(e)
}

func (a *applier) RollbackAnyway(
	ctx context.Context, id string, progress func(*journal.Entry),
) (*journal.Entry, error) {
	if a.behaviour == "blocking" {
		a.behaviour = ""
	}
	return a.Rollback(ctx, id, progress)
}

func (a *applier) Rollback(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	e, err := a.store.Load(id)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return e, ctx.Err()
	}
	if a.behaviour == "blocking" {
		return e, &model.CannotCheckError{
			Reason: "requests would be refused that arrive now", Next: "put the rule back first", Err: journal.ErrChangedSince,
		}
	}
	e.State = journal.RollingBack
	progress(e.Clone())
	for i := range e.Steps {
		if e.Steps[i].State == journal.Done {
			e.Steps[i].State = journal.Undone
			e.Calls = append(e.Calls, journal.Call{Command: "aws undo"})
		}
	}
	switch e.State, e.Message = journal.RolledBack, ""; a.behaviour {
	case "stubborn":
		e.State, e.Message = journal.Failed, "the deployment that takes it back failed"
	case "overtaken":
		e.Message = "left as it is: the rule for tcp 10080"
	}
	progress(e.Clone())
	return e, a.store.Save(e)
}
