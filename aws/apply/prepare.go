package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
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
		Schema: journal.SchemaV1, State: journal.Prepared, CreatedAt: now, UpdatedAt: now,
		Origin: a.account.Origin(), Endpoint: a.account.Endpoint(), Region: a.account.Region(),
		// The names do until the first reply has told the ARNs.
		ClusterARN: p.Service.Cluster, ServiceARN: p.Service.Service, Plan: *p,
	}
	r := a.newApplication(e, nil)
	defer r.end()
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
		return cannot(nil, fmt.Sprintf("the plan is for %s, and this is %s", p.Region, a.account.Region()), "pass --region "+p.Region)
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

// liveService is a service as it is at the moment.
type liveService struct {
	service *ecstypes.Service
	// primary is its PRIMARY deployment, nil where another controller makes the
	// deployments; block is that one's, byte for byte.
	primary *ecstypes.Deployment
	block   string
}

// read reads the entry's service.
func (r *application) read(ctx context.Context) (*liveService, error) {
	var raw rawReply
	out, err := r.reads.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &r.entry.ClusterARN, Services: []string{r.entry.ServiceARN},
	}, raw.keep)
	if err != nil {
		return nil, r.cannotRead(ctx, model.DescribeServices, err)
	}
	name := r.entry.Plan.Service
	if len(out.Services) == 0 || awssdk.ToString(out.Services[0].Status) != "ACTIVE" {
		return nil, cannot(errGone, fmt.Sprintf("the service %s is gone", name), "refresh, and plan again")
	}
	live := newLiveService(&out.Services[0])
	if live.block, err = primaryBlock(raw.body); err != nil {
		return nil, r.cannotRead(ctx, model.DescribeServices, err)
	}
	if !utf8.ValidString(live.block) {
		return nil, cannot(nil, fmt.Sprintf("the Service Connect block of %s is not UTF-8, so that the journal cannot keep it", name), "change it by hand")
	}
	return live, nil
}

func newLiveService(s *ecstypes.Service) *liveService {
	live := &liveService{service: s}
	for i := range s.Deployments {
		if awssdk.ToString(s.Deployments[i].Status) == model.PrimaryDeployment {
			live.primary = &s.Deployments[i]
		}
	}
	return live
}

// deployment is the id of the PRIMARY deployment, "" when there is none.
func (l *liveService) deployment() string {
	if l.primary == nil {
		return ""
	}
	return awssdk.ToString(l.primary.Id)
}

// failed tells whether ECS has given the PRIMARY deployment up.
func (l *liveService) failed() bool {
	return l.primary != nil && l.primary.RolloutState == ecstypes.DeploymentRolloutStateFailed
}

// standing counts the deployments that have tasks, or will have: an INACTIVE one, which
// was replaced or given up, may be listed for a while.
func (l *liveService) standing() int {
	s := model.Service{Deployments: convert.Deployments(l.service)}
	return s.Standing()
}

// inProgress tells whether tasks are being replaced.
func (l *liveService) inProgress() bool {
	return l.standing() > 1 || l.primary != nil && l.primary.RolloutState == ecstypes.DeploymentRolloutStateInProgress
}

// checkService refuses services that UpdateService cannot, or must not, change
// (docs/aws.md, Deployments).
func (r *application) checkService(l *liveService) error {
	p := &r.entry.Plan
	name := p.Service.String()
	if p.Account != "" && p.Account != r.entry.Account {
		return cannot(nil, fmt.Sprintf("the plan is for account %s, and these credentials are for %s", p.Account, r.entry.Account), "pass the --profile of that account")
	}
	if l.service.ResourceManagementType == ecstypes.ResourceManagementTypeEcs {
		return cannot(nil, name+" is an Express service, whose load balancer and groups ECS manages", "use aws ecs update-express-gateway-service")
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
		return cannot(nil, fmt.Sprintf("deployments of %s are made by %s, and UpdateService cannot change its configuration", name, controller),
			"change it where its deployments are made")
	case l.inProgress() && l.failed():
		return cannot(nil, "the last deployment of "+name+" failed, and old tasks run beside it", "deploy what works, refresh, and plan again")
	case l.inProgress():
		return cannot(nil, "a deployment of "+name+" is in progress", "wait until it has finished, refresh, and plan again")
	case l.primary == nil:
		return cannot(nil, name+" has no deployment", "refresh, and plan again")
	}
	return nil
}

// takeBlock keeps the block as it is, and makes the one to send.
func (r *application) takeBlock(l *liveService) error {
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
		return r.changed(fix.ErrBlockChanged)
	}
	if e.Plan.Block != nil && !sameModel(convert.ServiceConnect(l.primary.ServiceConnectConfiguration), e.Plan.Block) {
		return r.changed(fix.ErrBlockChanged)
	}
	after, err := fix.Patch([]byte(l.block), edits)
	if err != nil {
		return r.changed(err)
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

// changed refuses a plan that was made for something else.
func (r *application) changed(err error) error {
	return cannot(err, fmt.Sprintf("the Service Connect block of %s is no longer what the plan was made for", r.entry.Plan.Service),
		"refresh, and plan again")
}

// readRules reads the rules of security groups, and refuses groups of others.
func (r *application) readRules(ctx context.Context, ids []string) ([]journal.GroupRules, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := r.reads.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{
		Filters: []ec2types.Filter{{Name: awssdk.String("group-id"), Values: ids}},
	})
	if err != nil {
		return nil, r.cannotRead(ctx, model.DescribeSecurityGroups, err)
	}
	var rules []journal.GroupRules
	for _, id := range ids {
		i := slices.IndexFunc(out.SecurityGroups, func(g ec2types.SecurityGroup) bool { return awssdk.ToString(g.GroupId) == id })
		if i < 0 {
			return nil, cannot(errGone, fmt.Sprintf("the security group %s is gone", id), "refresh, and plan again")
		}
		g := convert.SecurityGroup(&out.SecurityGroups[i])
		if g.Owner != "" && r.entry.Account != "" && g.Owner != r.entry.Account {
			return nil, cannot(nil, fmt.Sprintf("security group %s belongs to account %s", id, g.Owner), "ask its owner for the rule")
		}
		rules = append(rules, journal.GroupRules{Group: id, Ingress: g.Ingress, Egress: g.Egress})
	}
	return rules, nil
}

// checkUnchanged reads the service and its groups again, and refuses what has
// changed since the entry was prepared.
func (r *application) checkUnchanged(ctx context.Context) error {
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
	_, err = r.readRules(ctx, groupsOf(&r.entry.Plan))
	return err
}

// checkSame refuses a service whose block or deployment is not the one that was
// prepared.
func (r *application) checkSame(l *liveService) error {
	before := &r.entry.Before
	switch {
	case updates(&r.entry.Plan) == 0:
		return nil
	case before.Block != "" && !sameBlock(l.block, before.Block):
		return r.changed(fix.ErrBlockChanged)
	case l.deployment() != before.Deployment:
		return cannot(fix.ErrBlockChanged, fmt.Sprintf("%s was deployed since the plan was prepared (%s)", r.entry.Plan.Service, aws.Printable(l.deployment())),
			"refresh, and plan again")
	}
	return nil
}
