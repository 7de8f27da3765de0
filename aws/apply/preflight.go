package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
	"hopscope/model/fix"
)

// preflight reads what a plan changes, and refuses what hopscope must not do.
type preflight struct{ *run }

// checkService refuses services that UpdateService cannot, or must not, change
// (docs/aws.md, Deployments).
func (r *preflight) checkService(l *liveService) error {
	p := &r.entry.Plan
	name := p.Service.String()
	if p.Account != "" && p.Account != r.entry.Account {
		return cannot(nil, fmt.Sprintf("the plan is for account %s, and these credentials are for %s", p.Account,
			r.entry.Account), "pass the --profile of that account")
	}
	if l.service.ResourceManagementType == ecstypes.ResourceManagementTypeEcs {
		return cannot(nil, name+" is an Express service, whose load balancer and groups ECS manages",
			"use aws ecs update-express-gateway-service")
	}
	if updates(p) == 0 {
		return nil
	}
	controller := ecstypes.DeploymentControllerTypeEcs
	if c := l.service.DeploymentController; c != nil && c.Type != "" {
		controller = c.Type
	}
	switch {
	case controller != ecstypes.DeploymentControllerTypeEcs:
		return cannot(nil,
			fmt.Sprintf("deployments of %s are made by %s, and UpdateService cannot change its configuration", name, controller),
			"change it where its deployments are made")
	case l.inProgress() && l.failed():
		return cannot(nil, "the last deployment of "+name+" failed, and old tasks run beside it",
			"deploy what works, refresh, and plan again")
	case l.inProgress():
		return cannot(nil, "a deployment of "+name+" is in progress", "wait until it has finished, refresh, and plan again")
	case l.primary == nil:
		return cannot(nil, name+" has no deployment", "refresh, and plan again")
	}
	return checkDeployment(p, l)
}

// checkDeployment refuses a service whose deployments are carried out in another way than
// the plan says.
func checkDeployment(p *fix.Plan, l *liveService) error {
	now := convert.Service(l.service)
	switch {
	case now.StopsAllFirst() && !p.Downtime:
		return cannot(fix.ErrBlockChanged, fmt.Sprintf("the deployment of %s would be downtime now (ECS stops all its tasks "+
			"before it starts new ones), which the plan does not say", p.Service), "refresh, and plan again")
	case p.Deployment != nil && !reflect.DeepEqual(p.Deployment, now.DeploymentConfiguration):
		return cannot(fix.ErrBlockChanged, fmt.Sprintf("the deploymentConfiguration of %s is no longer what the plan was "+
			"made for", p.Service), "refresh, and plan again")
	}
	return nil
}

// takeBlock keeps the block as it is, and makes the one to send.
func (r *preflight) takeBlock(l *liveService) error {
	e := r.entry
	if updates(&e.Plan) == 0 {
		return nil
	}
	e.Before.Deployment = l.deployment()
	edits := e.Plan.Edits()
	if len(edits) == 0 {
		return nil
	}
	if l.block == "" {
		return blockChanged(r.entry.Plan.Service, fix.ErrBlockChanged)
	}
	if e.Plan.Block != nil && !sameModel(convert.ServiceConnect(l.primary.ServiceConnectConfiguration), e.Plan.Block) {
		return blockChanged(r.entry.Plan.Service, fix.ErrBlockChanged)
	}
	after, err := fix.Patch([]byte(l.block), edits)
	if err != nil {
		return blockChanged(r.entry.Plan.Service, err)
	}
	e.Before.Block, e.AfterBlock = l.block, string(after)
	return nil
}

// sameModel tells whether two blocks are the same as far as the model knows them.
func sameModel(a, b *model.ServiceConnect) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && sameBlock(string(x), string(y))
}

// blockChanged refuses a plan that was made for another block.
func blockChanged(service model.Ref, err error) error {
	return cannot(err, fmt.Sprintf("the Service Connect block of %s is no longer what the plan was made for", service),
		"refresh, and plan again")
}

// checkUnchanged reads the service and its groups again, and refuses what has
// changed since the entry was prepared.
func (r *preflight) checkUnchanged(ctx context.Context) error {
	live, err := r.read(ctx)
	if err != nil {
		return err
	}
	if awssdk.ToString(live.service.ServiceArn) != r.entry.ServiceARN {
		return cannot(nil, "these credentials see another service than the one that was prepared", "prepare the plan again")
	}
	if err := r.checkService(live); err != nil {
		return err
	}
	if err := r.checkSame(live); err != nil {
		return err
	}
	if err := r.checkAlarms(ctx, live); err != nil {
		return err
	}
	r.entry.Before.At = live.at.UTC()
	r.entry.Before.Rules, err = r.readRules(ctx, groupsOf(&r.entry.Plan))
	return err
}

// checkSame refuses a service whose block or deployment is not the one that was
// prepared.
func (r *preflight) checkSame(l *liveService) error {
	before := &r.entry.Before
	switch {
	case updates(&r.entry.Plan) == 0:
		return nil
	case before.Block != "" && !sameBlock(l.block, before.Block):
		return blockChanged(r.entry.Plan.Service, fix.ErrBlockChanged)
	case l.deployment() != before.Deployment:
		return cannot(fix.ErrBlockChanged,
			fmt.Sprintf("%s was deployed since the plan was prepared (%s)", r.entry.Plan.Service, aws.Printable(l.deployment())),
			"refresh, and plan again")
	}
	return nil
}
