package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"
)

func tcp(port int32, peers types.IpPermission) []types.IpPermission {
	peers.IpProtocol, peers.FromPort, peers.ToPort = awssdk.String("tcp"), &port, &port
	return []types.IpPermission{peers}
}

func fromGroup(id string) types.IpPermission {
	return types.IpPermission{UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &id}}}
}

// ingress is what a group admits, one peer a line.
func (b *bench) ingress(t *testing.T, id string) []string {
	t.Helper()
	out, err := b.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range out.SecurityGroups[0].IpPermissions {
		head := fmt.Sprintf("%s %d-%d ", *p.IpProtocol, awssdk.ToInt32(p.FromPort), awssdk.ToInt32(p.ToPort))
		for _, x := range p.UserIdGroupPairs {
			lines = append(lines, head+*x.GroupId)
		}
		for _, x := range p.IpRanges {
			lines = append(lines, head+*x.CidrIp)
		}
		for _, x := range p.Ipv6Ranges {
			lines = append(lines, head+*x.CidrIpv6)
		}
		for _, x := range p.PrefixListIds {
			lines = append(lines, head+*x.PrefixListId)
		}
	}
	return lines
}

func Test_rules_that_are_authorized_are_read_back_and_can_be_revoked_by_id(t *testing.T) {
	b := newBench(t, load(t, "shop"))
	id := b.group(t, "inventory")
	client := b.group(t, "shop-tasks")
	peers := fromGroup(client)
	peers.IpRanges = []types.IpRange{{CidrIp: awssdk.String("10.1.2.3/16"), Description: awssdk.String("office")}}
	peers.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: awssdk.String("2001:db8::/32")}}
	peers.PrefixListIds = []types.PrefixListId{{PrefixListId: awssdk.String("pl-58a04531")}}
	out, err := b.ec2.AuthorizeSecurityGroupIngress(
		t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(9090, peers)},
	)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range out.SecurityGroupRules {
		ids = append(ids, *r.SecurityGroupRuleId)
	}
	if slices.Sort(ids); len(slices.Compact(slices.Clone(ids))) != 4 {
		t.Errorf("the rules have the ids %q", ids)
	}
	want := []string{
		"tcp 9090-9090 " + client, "tcp 9090-9090 10.1.0.0/16", "tcp 9090-9090 2001:db8::/32", "tcp 9090-9090 pl-58a04531",
	}
	if diff := cmp.Diff(want, b.ingress(t, id)); diff != "" {
		t.Error(diff)
	}
	rules, err := b.ec2.DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{
		Filters: []types.Filter{{Name: awssdk.String("group-id"), Values: []string{id}}},
	})
	if err != nil || len(rules.SecurityGroupRules) != 6 {
		t.Errorf("four rules in and two out are read as %d, %v", len(rules.SecurityGroupRules), err)
	}
	revoked, err := b.ec2.RevokeSecurityGroupIngress(
		t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: ids},
	)
	if err != nil || len(revoked.RevokedSecurityGroupRules) != 4 || b.ingress(t, id) != nil {
		t.Errorf("revoked %v, left %v, %v", revoked, b.ingress(t, id), err)
	}
}

func Test_writes_to_security_groups_fail_as_in_AWS(t *testing.T) {
	b := newBench(t, load(t, "article"))
	id, client := b.group(t, "sample-ecs-app"), b.group(t, "client-service")
	authorize := func(in ec2.AuthorizeSecurityGroupIngressInput) func() error {
		return func() error {
			_, err := b.ec2.AuthorizeSecurityGroupIngress(t.Context(), &in)
			return err
		}
	}
	revoke := func(in ec2.RevokeSecurityGroupIngressInput) func() error {
		return func() error {
			_, err := b.ec2.RevokeSecurityGroupIngress(t.Context(), &in)
			return err
		}
	}
	var sixty types.IpPermission
	for i := range 59 {
		sixty.IpRanges = append(sixty.IpRanges, types.IpRange{CidrIp: awssdk.String(fmt.Sprintf("10.0.%d.0/24", i))})
	}
	yes := awssdk.Bool(true)
	for _, c := range []struct {
		name, code, message string
		call                func() error
	}{
		{"a dry run", "DryRunOperation", "would have succeeded", authorize(
			ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, DryRun: yes, IpPermissions: tcp(8080, fromGroup(client))},
		)},
		{"a dry run of a revocation", "DryRunOperation", "would have succeeded", revoke(
			ec2.RevokeSecurityGroupIngressInput{GroupId: &id, DryRun: yes, IpPermissions: tcp(80, fromGroup(client))},
		)},
		{
			"a duplicate", "InvalidPermission.Duplicate", "peer: " + client + ", TCP, from port: 80, to port: 80, ALLOW",
			authorize(
				ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(80, fromGroup(client))},
			),
		},
		{"an unknown group", "InvalidGroup.NotFound", "sg-1", authorize(
			ec2.AuthorizeSecurityGroupIngressInput{GroupId: awssdk.String("sg-1"), IpPermissions: tcp(80, fromGroup(client))},
		)},
		{"an unknown source", "InvalidGroup.NotFound", "sg-2", authorize(
			ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(80, fromGroup("sg-2"))},
		)},
		{
			"a malformed block", "InvalidParameterValue", "10.0.0.0/99", authorize(
				ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(
					80, types.IpPermission{IpRanges: []types.IpRange{{CidrIp: awssdk.String("10.0.0.0/99")}}},
				)},
			),
		},
		{"nothing at all", "MissingParameter", "", authorize(ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id})},
		{"61 rules", "RulesPerSecurityGroupLimitExceeded", "", authorize(
			ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(81, sixty)},
		)},
		{"the revocation of a rule that is not there", "InvalidPermission.NotFound", "", revoke(
			ec2.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(8080, fromGroup(client))},
		)},
		{"the revocation of an unknown id", "InvalidSecurityGroupRuleId.NotFound", "sgr-1", revoke(
			ec2.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: []string{"sgr-1"}},
		)},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := b.ingress(t, id)
			if ae := requireCode(t, c.call(), c.code); !strings.Contains(ae.ErrorMessage(), c.message) {
				t.Errorf("the message is %q, want %q in it", ae.ErrorMessage(), c.message)
			}
			if diff := cmp.Diff(before, b.ingress(t, id)); diff != "" {
				t.Errorf("a refused write changed the group: %s", diff)
			}
		})
	}
}

func Test_egress_is_written_apart_from_ingress(t *testing.T) {
	b := newBench(t, load(t, "shop"))
	id, peer := b.group(t, "recommendations"), b.group(t, "catalog")
	if _, err := b.ec2.AuthorizeSecurityGroupEgress(
		t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: tcp(8080, fromGroup(peer))},
	); err != nil {
		t.Fatal(err)
	}
	out, err := b.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	if g := out.SecurityGroups[0]; len(g.IpPermissions) != 0 || len(g.IpPermissionsEgress) != 2 || len(
		g.IpPermissionsEgress[1].UserIdGroupPairs,
	) != 2 {
		t.Errorf("the group is %+v", g)
	}
	if _, err := b.ec2.RevokeSecurityGroupEgress(
		t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: tcp(8080, fromGroup(peer))},
	); err != nil {
		t.Error(err)
	}
}

func Test_target_health_tells_what_the_security_groups_let_through(t *testing.T) {
	b := newBench(t, load(t, "shop"))
	health := func(name string) string {
		t.Helper()
		out, err := b.elb.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{
			TargetGroupArn: awssdk.String(b.resources.balancing.targetGroupARN(name)),
		})
		if err != nil {
			t.Fatal(err)
		}
		var states []string
		for _, d := range out.TargetHealthDescriptions {
			states = append(states, strings.TrimSpace(fmt.Sprintf("%s %s", d.TargetHealth.State, d.TargetHealth.Reason)))
		}
		slices.Sort(states)
		return strings.Join(slices.Compact(states), ", ")
	}
	for name, want := range map[string]string{
		"web": "healthy", "catalog": "healthy", "search-transport": "healthy", "batch": "healthy", "promo-blue": "healthy",
		"promo-green": "",
		"reports":     "unhealthy Target.Timeout", "admin": "unhealthy Target.Timeout",
	} {
		if got := health(name); got != want {
			t.Errorf("the targets of %s are %q, want %q", name, got, want)
		}
	}
	id := b.group(t, "reports")
	if _, err := b.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &id, IpPermissions: tcp(5000, fromGroup(b.group(t, "internal-alb"))),
	}); err != nil {
		t.Fatal(err)
	}
	if got := health("reports"); got != "healthy" {
		t.Errorf("with the group open the targets are %s", got)
	}
}
