package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/journal"
)

// The answers of EC2 that are told apart.
const (
	codeDuplicate    = "InvalidPermission.Duplicate"
	codeRuleAbsent   = "InvalidPermission.NotFound"
	codeRuleIDAbsent = "InvalidSecurityGroupRuleId.NotFound"
	codeGroupAbsent  = "InvalidGroup.NotFound"
	codeDryRun       = "DryRunOperation"
	codeRuleLimit    = "RulesPerSecurityGroupLimitExceeded"
)

// errNothingRevoked is an answer that EC2 words as a success: no rule was like the one
// that was to go.
var errNothingRevoked = &smithy.GenericAPIError{Code: codeRuleAbsent, Message: "no rule of the group is like this one"}

// ruleChange is a call that adds a rule to a security group, or takes one away.
type ruleChange struct {
	action model.Action
	group  string
	rule   *model.SecurityGroupRule
	// id names the rule to take away; "" names it by what it says.
	id string
}

// isEgress tells the direction of the rules that an action changes.
func isEgress(a model.Action) bool { return a == aws.AuthorizeEgress || a == aws.RevokeEgress }

// adds and removes tell what an action does with a rule.
func adds(a model.Action) bool { return a == aws.AuthorizeIngress || a == aws.AuthorizeEgress }

func removes(a model.Action) bool { return a == aws.RevokeIngress || a == aws.RevokeEgress }

// opposite is the action that takes an action back.
func opposite(a model.Action) model.Action {
	return map[model.Action]model.Action{
		aws.AuthorizeIngress: aws.RevokeIngress, aws.RevokeIngress: aws.AuthorizeIngress,
		aws.AuthorizeEgress: aws.RevokeEgress, aws.RevokeEgress: aws.AuthorizeEgress,
	}[a]
}

// send sends a change, or asks whether it would be allowed. It returns the ids of
// the rules that were made.
func (r *writer) send(ctx context.Context, c ruleChange, dryRun bool) ([]string, error) {
	var permissions []ec2types.IpPermission
	var ids []string
	if c.id != "" {
		ids = []string{c.id}
	} else {
		permissions = []ec2types.IpPermission{toPermission(c.rule)}
	}
	dry := awssdk.Bool(dryRun)
	switch c.action {
	case aws.AuthorizeIngress:
		out, err := r.writes.EC2.AuthorizeSecurityGroupIngress(ctx,
			&ec2.AuthorizeSecurityGroupIngressInput{GroupId: &c.group, IpPermissions: permissions, DryRun: dry})
		if err != nil {
			return nil, err
		}
		return added(out.Return, out.SecurityGroupRules)
	case aws.AuthorizeEgress:
		out, err := r.writes.EC2.AuthorizeSecurityGroupEgress(ctx,
			&ec2.AuthorizeSecurityGroupEgressInput{GroupId: &c.group, IpPermissions: permissions, DryRun: dry})
		if err != nil {
			return nil, err
		}
		return added(out.Return, out.SecurityGroupRules)
	case aws.RevokeIngress:
		out, err := r.writes.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{
			GroupId: &c.group, IpPermissions: permissions, SecurityGroupRuleIds: ids, DryRun: dry,
		})
		if err != nil {
			return nil, err
		}
		return nil, removed(out.Return, out.UnknownIpPermissions)
	case aws.RevokeEgress:
		out, err := r.writes.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{
			GroupId: &c.group, IpPermissions: permissions, SecurityGroupRuleIds: ids, DryRun: dry,
		})
		if err != nil {
			return nil, err
		}
		return nil, removed(out.Return, out.UnknownIpPermissions)
	default:
		return nil, fmt.Errorf("%s does not change a security group", c.action)
	}
}

// errNotSaid is an answer that does not say what became of the call: nothing is known
// then, and the account has to be looked at.
var errNotSaid = errors.New("the answer does not say that it was carried out")

// added are the ids of the rules that an answer says were made.
func added(done *bool, rules []ec2types.SecurityGroupRule) ([]string, error) {
	ids := ruleIDs(rules)
	if !awssdk.ToBool(done) || len(ids) == 0 {
		return nil, errNotSaid
	}
	return ids, nil
}

// removed tells whether an answer says that rules were taken away.
func removed(done *bool, unknown []ec2types.IpPermission) error {
	switch {
	case len(unknown) > 0:
		return errNothingRevoked
	case !awssdk.ToBool(done):
		return errNotSaid
	}
	return nil
}

func ruleIDs(all []ec2types.SecurityGroupRule) []string {
	var ids []string
	for i := range all {
		if id := awssdk.ToString(all[i].SecurityGroupRuleId); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// toPermission is a rule as EC2 takes it, the description included.
func toPermission(r *model.SecurityGroupRule) ec2types.IpPermission {
	p := ec2types.IpPermission{IpProtocol: &r.Protocol}
	if r.Protocol != model.AllProtocols {
		//nolint:gosec // ports came from AWS or the planner
		p.FromPort, p.ToPort = awssdk.Int32(int32(r.FromPort)), awssdk.Int32(int32(r.ToPort))
	}
	var description *string
	if r.Description != "" {
		description = &r.Description
	}
	switch {
	case r.Group != nil:
		u := ec2types.UserIdGroupPair{GroupId: &r.Group.ID, Description: description}
		if r.Group.Account != "" {
			u.UserId = &r.Group.Account
		}
		if r.Group.VPC != "" {
			u.VpcId = &r.Group.VPC
		}
		p.UserIdGroupPairs = []ec2types.UserIdGroupPair{u}
	case r.PrefixList != "":
		p.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: &r.PrefixList, Description: description}}
	case r.CIDR.Addr().Is4():
		p.IpRanges = []ec2types.IpRange{{CidrIp: awssdk.String(r.CIDR.String()), Description: description}}
	default:
		p.Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: awssdk.String(r.CIDR.String()), Description: description}}
	}
	return p
}

// maxDescription and descriptionLetters are EC2's limits of a rule's description.
const (
	maxDescription     = 255
	descriptionLetters = " ._-:/()#,@[]+=&;{}!$*"
)

// mark begins the description of every rule that an entry makes: a rollback knows
// them by it, also where the program ended before the journal had their ids.
func mark(id string) string { return "hopscope " + id + ": " }

// marked is a rule of the plan with the description that it is made with.
func marked(id string, rule *model.SecurityGroupRule) *model.SecurityGroupRule {
	out := *rule
	description := mark(id) + strings.TrimPrefix(rule.Description, "hopscope: ")
	description = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune(descriptionLetters, c):
			return c
		}
		return '-'
	}, description)
	out.Description = strings.TrimRight(description[:min(len(description), maxDescription)], " ")
	return &out
}

// isMarked tells whether a rule was made for an entry.
func isMarked(id string, rule *model.SecurityGroupRule) bool {
	return strings.HasPrefix(rule.Description+" ", mark(id))
}

// authorize adds the rule of a step to its group.
func (r *writer) authorize(ctx context.Context, i int) error {
	step := &r.entry.Plan.Steps[i]
	action := model.Action(step.Kind)
	change := ruleChange{action: action, group: step.Group, rule: marked(r.entry.ID, step.Rule)}
	if err := r.begin(i, action, r.ruleCommand(change)); err != nil {
		return err
	}
	ids, err := r.send(ctx, change, false)
	switch {
	case err == nil:
		r.entry.Steps[i].RuleIDs = ids
		return r.ended(i, journal.Done, nil)
	case aws.ErrorCode(err) == codeDuplicate:
		// A proxy that sends a call twice has the second one answered.
		if rule, lookErr := r.findRule(ctx, action, step.Group, step.Rule); lookErr == nil && rule != nil &&
			isMarked(r.entry.ID, rule) {
			return r.ended(i, journal.Done, err)
		}
		return r.ended(i, journal.Found, err)
	case aws.FateOf(err) == aws.NotCarriedOut:
		return r.refused(i, err)
	}
	// The reply is lost. The rule is there, marked with the entry, or it is not.
	there := func(o *model.SecurityGroupRule) bool { return o != nil && isMarked(r.entry.ID, o) }
	return r.lookForRule(ctx, i, err, there)
}

// revoke takes the rule of a step away, and keeps all that it said.
func (r *writer) revoke(ctx context.Context, i int) error {
	step := &r.entry.Plan.Steps[i]
	action := model.Action(step.Kind)
	rule, err := r.findRule(ctx, action, step.Group, step.Rule)
	if err != nil {
		return err
	}
	if rule == nil {
		if r.entry.Steps[i].State == journal.Begun {
			r.entry.Steps[i].State = journal.Done // an earlier try took it away
		} else {
			r.entry.Steps[i].State = journal.Found
		}
		return r.save()
	}
	r.entry.Steps[i].Removed = rule
	change := ruleChange{action: action, group: step.Group, rule: rule}
	if err := r.begin(i, action, r.ruleCommand(change)); err != nil {
		return err
	}
	_, err = r.send(ctx, change, false)
	switch {
	case err == nil:
		return r.ended(i, journal.Done, nil)
	case aws.ErrorCode(err) == codeRuleAbsent, aws.ErrorCode(err) == codeRuleIDAbsent:
		// It was there a moment ago, and another program was quicker, or a proxy sent the
		// call twice: it is not known to be ours, and a rollback names it.
		return r.ended(i, journal.Found, err)
	case aws.FateOf(err) == aws.NotCarriedOut:
		return r.refused(i, err)
	}
	return r.lookForRule(ctx, i, err, func(o *model.SecurityGroupRule) bool { return o == nil })
}

// lookForRule finds out what became of a change whose reply was lost, in two looks.
func (r *writer) lookForRule(ctx context.Context, i int, lost error, done func(*model.SecurityGroupRule) bool) error {
	step := &r.entry.Plan.Steps[i]
	for _, wait := range r.looks() {
		if err := pause(ctx, wait); err != nil {
			break
		}
		rule, err := r.findRule(ctx, model.Action(step.Kind), step.Group, step.Rule)
		if err != nil {
			break // the step stays begun: a rollback looks again
		}
		if done(rule) {
			return r.ended(i, journal.Done, nil)
		}
	}
	return r.lost(i, lost)
}
