package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
	"hopscope/model/journal"
)

// liveService is a service as it is at the moment.
type liveService struct {
	service *ecstypes.Service
	// primary is its PRIMARY deployment, nil where another controller makes the
	// deployments; block is that one's, byte for byte.
	primary *ecstypes.Deployment
	block   string
	// blocks are those of all deployments, by their ids.
	blocks map[string]string
	// at is when AWS answered, by its clock; zero where that is not known.
	at time.Time
}

// read reads the entry's service.
func (r *run) read(ctx context.Context) (*liveService, error) {
	var raw rawReply
	out, err := r.reads.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &r.entry.ClusterARN, Services: []string{r.entry.ServiceARN},
	}, raw.keep)
	if err != nil {
		return nil, r.cannotRead(ctx, model.DescribeServices, err)
	}
	name := r.entry.Plan.Service
	if err := r.checkDescribed(out); err != nil {
		return nil, err
	}
	live := newLiveService(&out.Services[0])
	live.at, _ = awsmiddleware.GetServerTime(out.ResultMetadata)
	if live.blocks, err = blocksOf(raw.body); err != nil {
		return nil, r.cannotRead(ctx, model.DescribeServices, err)
	}
	live.block = live.blocks[live.deployment()]
	if !utf8.ValidString(live.block) {
		return nil, cannot(nil,
			fmt.Sprintf("the Service Connect block of %s is not UTF-8, so that the journal cannot keep it", name),
			"change it by hand")
	}
	return live, nil
}

// checkDescribed tells a service that is there from one that is gone. An answer that
// says neither, or is about another service, is none.
func (r *run) checkDescribed(out *ecs.DescribeServicesOutput) error {
	name := r.entry.Plan.Service
	missing := func(f ecstypes.Failure) bool { return awssdk.ToString(f.Reason) == "MISSING" }
	gone := func(how ...error) error {
		return cannot(errors.Join(append(how, errGone)...),
			fmt.Sprintf("the service %s is gone", name), "refresh, and plan again")
	}
	if len(out.Services) == 0 && slices.ContainsFunc(out.Failures, missing) {
		return gone()
	}
	unsaid := cannot(errNotSaid,
		fmt.Sprintf("%s does not say how the service %s is", model.DescribeServices, name), "try again")
	if len(out.Services) == 0 || awssdk.ToString(out.Services[0].ServiceName) != name.Service {
		return unsaid
	}
	switch awssdk.ToString(out.Services[0].Status) {
	case "ACTIVE":
		return nil
	case "DRAINING":
		if out.Services[0].RunningCount > 0 {
			return gone(errStopping)
		}
		return gone()
	case "INACTIVE":
		return gone()
	}
	return unsaid
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

// deployments are the ids of all that are listed.
func (l *liveService) deployments() []string {
	ids := make([]string, len(l.service.Deployments))
	for i := range ids {
		ids[i] = awssdk.ToString(l.service.Deployments[i].Id)
	}
	return ids
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

// readRules reads the rules of security groups, and refuses groups of others.
func (r *run) readRules(ctx context.Context, ids []string) ([]journal.GroupRules, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := r.reads.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{
		GroupIds: ids, // with a filter an empty answer would be the only sign of a group that is gone
	})
	switch {
	case aws.IsAbsent(err):
		return nil, cannot(errors.Join(errGone, err), "a security group is gone ("+aws.Answer(err)+")",
			"refresh, and plan again")
	case err != nil:
		return nil, r.cannotRead(ctx, model.DescribeSecurityGroups, err)
	}
	var rules []journal.GroupRules
	for _, id := range ids {
		i := slices.IndexFunc(out.SecurityGroups,
			func(g ec2types.SecurityGroup) bool { return awssdk.ToString(g.GroupId) == id })
		if i < 0 {
			return nil, cannot(errNotSaid,
				fmt.Sprintf("%s does not say which rules security group %s has", model.DescribeSecurityGroups, id), "try again")
		}
		g := convert.SecurityGroup(&out.SecurityGroups[i])
		if g.Owner != "" && r.entry.Account != "" && g.Owner != r.entry.Account {
			return nil, cannot(nil, fmt.Sprintf("security group %s belongs to account %s", id, g.Owner),
				"ask its owner for the rule")
		}
		rules = append(rules, journal.GroupRules{Group: id, Ingress: g.Ingress, Egress: g.Egress})
	}
	return rules, nil
}

// sameTraffic compares what EC2 compares of two rules: all but the description.
func sameTraffic(a, b *model.SecurityGroupRule) bool {
	if a.Protocol != b.Protocol || a.CIDR != b.CIDR || a.PrefixList != b.PrefixList {
		return false
	}
	if a.Protocol != model.AllProtocols && (a.FromPort != b.FromPort || a.ToPort != b.ToPort) {
		return false
	}
	if a.Group == nil || b.Group == nil {
		return a.Group == b.Group
	}
	return a.Group.ID == b.Group.ID
}

// findRule reads a group and finds the rule there that admits the same, or nil.
func (r *run) findRule(
	ctx context.Context, action model.Action, group string, rule *model.SecurityGroupRule,
) (*model.SecurityGroupRule, error) {
	groups, err := r.readRules(ctx, []string{group})
	if err != nil {
		return nil, err
	}
	rules := groups[0].Ingress
	if isEgress(action) {
		rules = groups[0].Egress
	}
	i := slices.IndexFunc(rules, func(o model.SecurityGroupRule) bool { return sameTraffic(&o, rule) })
	if i < 0 {
		return nil, nil //nolint:nilnil // absence is an answer here
	}
	return &rules[i], nil
}

// lookTwice finds a rule like that of a step. A call that may still be on its way gets
// a second look, unless the first shows that it has arrived.
func (r *run) lookTwice(
	ctx context.Context, i int, like *model.SecurityGroupRule, arrived func(*model.SecurityGroupRule) bool,
) (*model.SecurityGroupRule, error) {
	step := &r.entry.Plan.Steps[i]
	var rule *model.SecurityGroupRule
	for _, wait := range r.looks() {
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
		var err error
		if rule, err = r.findRule(ctx, model.Action(step.Kind), step.Group, like); err != nil || arrived(rule) {
			return rule, err
		}
	}
	return rule, nil
}

// isOurs tells whether the PRIMARY deployment is the one that the update made, or
// has the block that it sent.
func (r *run) isOurs(l *liveService) bool {
	if l.primary == nil {
		return false
	}
	if out := r.entry.Rollout; out != nil && out.Deployment == l.deployment() {
		return true
	}
	if l.deployment() == r.entry.Before.Deployment {
		return false
	}
	if r.entry.AfterBlock == "" { // a new deployment of what was there
		return !awssdk.ToTime(l.primary.CreatedAt).Before(r.entry.Began())
	}
	return sameBlock(l.block, r.entry.AfterBlock)
}
