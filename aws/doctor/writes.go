package doctor

import (
	"context"
	"fmt"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"hopscope/aws"
	"hopscope/model"
)

// noDryRunError says why an action cannot be tried without doing it.
type noDryRunError struct{ reason string }

func (e *noDryRunError) Error() string { return e.reason }

// The answers of EC2 to a dry run of a call that would be allowed. It looks at rules
// after permissions, if at all.
const (
	codeDryRun    = "DryRunOperation"
	codeDuplicate = "InvalidPermission.Duplicate"
	codeAbsent    = "InvalidPermission.NotFound"
)

// writeTrials are the trials of what changes an account: dry runs. Each is chosen so
// that an endpoint that carries it out all the same changes nothing: a rule is to be
// added that is there, or to be taken away that is not.
func (e *examination) writeTrials() []trial {
	return []trial{
		{aws.UpdateService, func(context.Context) error {
			return &noDryRunError{"Amazon ECS has no dry run: only an update of a service shows whether it is allowed"}
		}},
		{aws.AuthorizeIngress, func(ctx context.Context) error {
			return e.addAgain(ctx, ingress, func(ctx context.Context, group *string, rule []ec2types.IpPermission) error {
				_, err := e.writes.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
					GroupId: group, IpPermissions: rule, DryRun: awssdk.Bool(true),
				})
				return err
			})
		}},
		{aws.AuthorizeEgress, func(ctx context.Context) error {
			return e.addAgain(ctx, egress, func(ctx context.Context, group *string, rule []ec2types.IpPermission) error {
				_, err := e.writes.EC2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
					GroupId: group, IpPermissions: rule, DryRun: awssdk.Bool(true),
				})
				return err
			})
		}},
		{aws.RevokeIngress, func(ctx context.Context) error {
			return e.removeNone(ctx, ingress, func(ctx context.Context, group *string, rule []ec2types.IpPermission) error {
				_, err := e.writes.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{
					GroupId: group, IpPermissions: rule, DryRun: awssdk.Bool(true),
				})
				return err
			})
		}},
		{aws.RevokeEgress, func(ctx context.Context) error {
			return e.removeNone(ctx, egress, func(ctx context.Context, group *string, rule []ec2types.IpPermission) error {
				_, err := e.writes.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{
					GroupId: group, IpPermissions: rule, DryRun: awssdk.Bool(true),
				})
				return err
			})
		}},
	}
}

// dryRun sends a change as a dry run.
type dryRun func(ctx context.Context, group *string, rule []ec2types.IpPermission) error

func ingress(g *ec2types.SecurityGroup) []ec2types.IpPermission { return g.IpPermissions }

func egress(g *ec2types.SecurityGroup) []ec2types.IpPermission { return g.IpPermissionsEgress }

// addAgain asks to add a rule that its group has.
func (e *examination) addAgain(
	ctx context.Context, rules func(*ec2types.SecurityGroup) []ec2types.IpPermission, send dryRun,
) error {
	groups := e.ownGroups()
	for i := range groups {
		g := &groups[i]
		for _, rule := range rules(g) {
			if !hasPeer(&rule) {
				continue
			}
			return judge(send(ctx, g.GroupId, []ec2types.IpPermission{rule}))
		}
	}
	return &nothingError{"security group with such a rule", model.DescribeSecurityGroups}
}

// hasPeer tells whether a permission names anything that it admits.
func hasPeer(p *ec2types.IpPermission) bool {
	return len(p.IpRanges)+len(p.Ipv6Ranges)+len(p.PrefixListIds)+len(p.UserIdGroupPairs) > 0
}

// nowhere is an address that is for documentation alone (RFC 5737), on a port that
// nothing uses.
const (
	nowhere     = "192.0.2.1/32"
	nowherePort = 1
)

// removeNone asks to take away a rule that its group does not have.
func (e *examination) removeNone(
	ctx context.Context, rules func(*ec2types.SecurityGroup) []ec2types.IpPermission, send dryRun,
) error {
	groups := e.ownGroups()
	for i := range groups {
		g := &groups[i]
		if slices.ContainsFunc(rules(g), namesNowhere) {
			continue
		}
		return judge(send(ctx, g.GroupId, []ec2types.IpPermission{{
			IpProtocol: awssdk.String("tcp"), FromPort: awssdk.Int32(nowherePort), ToPort: awssdk.Int32(nowherePort),
			IpRanges: []ec2types.IpRange{{CidrIp: awssdk.String(nowhere)}},
		}}))
	}
	return &nothingError{"security group", model.DescribeSecurityGroups}
}

func namesNowhere(p ec2types.IpPermission) bool {
	return slices.ContainsFunc(p.IpRanges, func(r ec2types.IpRange) bool { return awssdk.ToString(r.CidrIp) == nowhere })
}

// judge reads the answer to a dry run. A success is none: the endpoint knows no dry runs.
func judge(err error) error {
	switch aws.ErrorCode(err) {
	case codeDryRun, codeDuplicate, codeAbsent:
		return nil
	}
	if err == nil {
		return &noDryRunError{fmt.Sprintf(
			"the endpoint answered a dry run with success and not with %s: it may know none. Nothing was changed: what it "+
				"was asked for was so before", codeDryRun)}
	}
	return err
}
