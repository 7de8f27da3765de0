// Package doctor tries the actions that hopscope needs in an account, each once, and
// changes nothing.
package doctor

import (
	"context"
	"errors"
	"fmt"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/model"
	"hopscope/model/doctor"
	"hopscope/model/words"
)

// Doctor tries the actions for a source.
type Doctor struct{ source *collect.Source }

// New makes a doctor for what a source reads.
func New(s *collect.Source) *Doctor { return &Doctor{source: s} }

// examination is one round of trials.
type examination struct {
	source  *collect.Source
	account *aws.Account
	session *aws.Session
	// writes is for dry runs: an attempt each, as a call that changes something gets.
	writes *aws.Session
	found  found
	trials map[model.Action]doctor.Trial
	heard  heard
}

// trial is how an action is tried. An error that is a [nothingError] says that there
// is nothing to try it on.
type trial struct {
	action model.Action
	try    func(context.Context) error
}

// nothingError says that there is nothing to try an action on.
type nothingError struct {
	// what there is none of: "service".
	what string
	// from is the action that would have named it.
	from model.Action
}

func (e *nothingError) Error() string { return "no " + e.what }

// Examine tries every action. What cannot be tried since the credentials ended, or since
// nothing answers, is in the document. The error is a [model.CannotCheckError] when there
// is no cluster of the name.
func (d *Doctor) Examine(ctx context.Context) (*doctor.Document, error) {
	account := d.source.Account()
	session := account.NewSession()
	e := &examination{
		source: d.source, account: account, session: session, writes: session.ForWrites(),
		trials: make(map[model.Action]doctor.Trial), heard: newHeard(),
	}
	for _, t := range e.all() {
		err := e.heard.whyNot(t.action)
		if err == nil {
			err = t.try(ctx)
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("try %s: %w", t.action, context.Cause(ctx))
		}
		if err := e.record(t.action, err); err != nil {
			return nil, err
		}
	}
	return e.document(), nil
}

// all are the trials, in an order in which each finds what later ones ask about.
func (e *examination) all() []trial {
	var all []trial
	for _, some := range [][]trial{
		e.ecsTrials(), e.balancingTrials(), e.networkTrials(), e.discoveryTrials(), e.metricTrials(), e.writeTrials(),
	} {
		all = append(all, some...)
	}
	return all
}

// record judges how a trial ended. The error says that there is nothing to try others on.
func (e *examination) record(action model.Action, err error) error {
	t := doctor.Trial{Action: action, State: doctor.Works, Use: useOf(action), Optional: aws.OperationOf(action).Optional}
	var nothing *nothingError
	var noDryRun *noDryRunError
	var silent *silentError
	var cannot *model.CannotCheckError
	switch {
	case err == nil:
		e.heard.answer(action)
	case errors.As(err, &silent):
		t.State, t.Message = doctor.NotTried, err.Error()
	case errors.As(err, &nothing):
		t.State, t.Message = doctor.NotTried, e.whyNothing(nothing)
	case errors.As(err, &cannot):
		return err
	case errors.As(err, &noDryRun):
		t.State, t.Message = doctor.NotTried, err.Error()
	default:
		f := e.account.Classify(action, err)
		t.State, t.Code, t.Message = stateOf(f), f.Code, f.Sentence
		e.heard.failure(action, t.State, f, aws.ErrorCode(err) != "")
	}
	if t.State == doctor.Works {
		t.Code, t.Message = "", ""
	} else {
		t.Effect = aws.OperationOf(action).Effect
	}
	e.trials[action] = t
	return nil
}

// stateOf is the state of a trial that ended in a failure. What AWS says not to exist,
// it was allowed to say.
func stateOf(f aws.Failure) doctor.State {
	switch {
	case f.Foreign:
		return doctor.Failed
	case f.State == model.Denied:
		return doctor.Denied
	case f.State == model.Unsupported:
		return doctor.Unsupported
	case f.State == model.Absent:
		return doctor.Works
	default:
		return doctor.Failed
	}
}

// whyNothing says why there is nothing to try an action on: the action that would name
// it does not work, or there is none.
func (e *examination) whyNothing(n *nothingError) string {
	switch e.trials[n.from].State {
	case doctor.Denied, doctor.Unsupported:
		return fmt.Sprintf("no %s is known without %s: allow that, and try again", n.what, n.from)
	case doctor.Failed:
		return fmt.Sprintf("could not try: no %s is known without %s, which failed", n.what, n.from)
	case doctor.Works, doctor.NotTried:
	}
	return fmt.Sprintf("there is no %s to ask about", n.what)
}

func useOf(a model.Action) doctor.Use {
	if aws.OperationOf(a).Use == aws.Applying {
		return doctor.Applying
	}
	return doctor.Reading
}

// document gathers the trials by the table of operations.
func (e *examination) document() *doctor.Document {
	d := &doctor.Document{
		Schema:   doctor.SchemaV1,
		Scope:    model.Scope{Account: e.found.account(), Region: e.account.Region()},
		Policies: doctor.Policies{Read: e.policy(aws.Reading), Apply: e.policy(aws.Applying)},
		Notes:    e.notes(),
	}
	for _, arn := range e.found.clusters {
		d.Scope.Clusters = append(d.Scope.Clusters, aws.Printable(model.ARNName(arn)))
	}
	for _, use := range []aws.Use{aws.Reading, aws.Applying} {
		for _, a := range aws.ActionsFor(use) {
			d.Trials = append(d.Trials, e.trials[a])
		}
	}
	d.Judge(model.DescribeServices)
	return d
}

func (e *examination) notes() []string {
	roles := "applying to a service whose Service Connect block names a role (TLS) needs iam:PassRole for that role, " +
		"which hopscope cannot try; "
	if n := len(e.passedRoles()); n > 0 {
		roles += fmt.Sprintf("the policy has %s, of the services that were looked at: add those of others",
			words.Count(n, "role"))
	} else {
		roles += "none of the services that were looked at names one"
	}
	return append([]string{
		"each action was tried once, on the first resource that was found; a policy may treat another one differently",
		roles,
	}, e.account.OwnEndpoints()...)
}
