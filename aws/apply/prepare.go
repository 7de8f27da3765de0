package apply

import (
	"context"
	"fmt"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// Prepare reads what a plan changes as it is now, and refuses what hopscope must not
// do; see ui.Applier.
func (a *Applier) Prepare(ctx context.Context, p *fix.Plan) (*journal.Entry, error) {
	if err := a.checkPlan(p); err != nil {
		return nil, err
	}
	now := a.account.Now().UTC()
	e := &journal.Entry{
		Schema: journal.SchemaV1, State: journal.Prepared, Masked: true, CreatedAt: now, UpdatedAt: now,
		Origin: a.account.Origin(), Endpoint: aws.RedactedURL(a.account.Endpoint()), Profile: a.account.Profile(),
		Region: a.account.Region(),
		// The names do until the first reply has told the ARNs.
		ClusterARN: p.Service.Cluster, ServiceARN: p.Service.Service, Plan: *p,
	}
	r := preflight{a.newRun(e, nil)}
	defer a.count(r.run)
	live, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	e.ClusterARN, e.ServiceARN = awssdk.ToString(live.service.ClusterArn), awssdk.ToString(live.service.ServiceArn)
	e.Account = model.ARNAccount(e.ServiceARN)
	if err := r.checkService(live); err != nil {
		return nil, err
	}
	if err := r.takeBlock(live); err != nil {
		return nil, err
	}
	if err := r.checkAlarms(ctx, live); err != nil {
		return nil, err
	}
	if e.Before.Rules, err = r.readRules(ctx, groupsOf(p)); err != nil {
		return nil, err
	}
	for i := range p.Steps {
		state := journal.Pending
		if isLater(&p.Steps[i]) {
			state = journal.Skipped
		}
		e.Steps = append(e.Steps, journal.Step{State: state})
	}
	if e.ID, err = a.newID(p.Service); err != nil {
		return nil, fmt.Errorf("name the entry of the journal: %w", err)
	}
	return e, nil
}

// checkPlan refuses what can be refused without reading anything.
func (a *Applier) checkPlan(p *fix.Plan) error {
	switch {
	case p.Refusal != nil:
		return cannot(nil, p.Refusal.Reason, p.Refusal.Instead)
	case !p.Appliable():
		return cannot(nil, "this plan has steps for a person", "carry it out by hand, or from one of its texts")
	case p.Region != "" && p.Region != a.account.Region():
		return cannot(nil, fmt.Sprintf("the plan is for %s, and this is %s", p.Region, a.account.Region()),
			"pass --region "+p.Region)
	case updates(p) > 1:
		return cannot(nil, "the plan updates the service more than once", "combine its steps into one update")
	}
	return nil
}

// updates counts the updates of the service in a plan.
func updates(p *fix.Plan) int {
	n := 0
	for i := range p.Steps {
		if p.Steps[i].Kind == fix.UpdateService {
			n++
		}
	}
	return n
}

// groupsOf are the security groups that a plan changes.
func groupsOf(p *fix.Plan) []string {
	var ids []string
	for i := range p.Steps {
		if g := p.Steps[i].Group; g != "" && !slices.Contains(ids, g) {
			ids = append(ids, g)
		}
	}
	return ids
}
