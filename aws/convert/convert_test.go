package convert

import (
	"net/netip"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hopscope/model"
)

// compare fails the test if two values differ.
func compare(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func str(s string) *string { return &s }

func TestConditionsJoinBothWaysOfWritingThem(t *testing.T) {
	for _, test := range []struct {
		name string
		in   elbtypes.RuleCondition
		want model.RuleCondition
	}{
		{
			"plain values",
			elbtypes.RuleCondition{Field: str("path-pattern"), Values: []string{"/a", "/b"}},
			model.RuleCondition{Field: "path-pattern", Values: []string{"/a", "/b"}},
		},
		{
			"both, with the same values",
			elbtypes.RuleCondition{
				Field: str("host-header"), Values: []string{"x.example"},
				HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: []string{"x.example"}},
			},
			model.RuleCondition{Field: "host-header", Values: []string{"x.example"}},
		},
		{
			"regular expressions, in both places",
			elbtypes.RuleCondition{
				Field: str("path-pattern"), RegexValues: []string{"^/v[0-9]+"},
				PathPatternConfig: &elbtypes.PathPatternConditionConfig{RegexValues: []string{"^/v[0-9]+"}},
			},
			model.RuleCondition{Field: "path-pattern", Values: []string{"regex:^/v[0-9]+"}},
		},
		{
			"a header",
			elbtypes.RuleCondition{
				Field: str("http-header"),
				HttpHeaderConfig: &elbtypes.HttpHeaderConditionConfig{
					HttpHeaderName: str("X-Canary"),
					Values:         []string{"1", "yes"},
				},
			},
			model.RuleCondition{Field: "http-header", Name: "X-Canary", Values: []string{"1", "yes"}},
		},
		{
			"query strings, one without a key",
			elbtypes.RuleCondition{
				Field: str("query-string"),
				QueryStringConfig: &elbtypes.QueryStringConditionConfig{Values: []elbtypes.QueryStringKeyValuePair{
					{Key: str("version"), Value: str("2")}, {Value: str("*beta*")},
				}},
			},
			model.RuleCondition{Field: "query-string", Values: []string{"version=2", "*beta*"}},
		},
		{
			"methods",
			elbtypes.RuleCondition{
				Field:                   str("http-request-method"),
				HttpRequestMethodConfig: &elbtypes.HttpRequestMethodConditionConfig{Values: []string{"GET"}},
			},
			model.RuleCondition{Field: "http-request-method", Values: []string{"GET"}},
		},
		{
			"source addresses",
			elbtypes.RuleCondition{
				Field: str("source-ip"), SourceIpConfig: &elbtypes.SourceIpConditionConfig{Values: []string{"192.0.2.0/24"}},
			},
			model.RuleCondition{Field: "source-ip", Values: []string{"192.0.2.0/24"}},
		},
		{
			"an address family, on a network load balancer",
			elbtypes.RuleCondition{
				Field: str("source-ip"), SourceIpConfig: &elbtypes.SourceIpConditionConfig{IpAddressType: "ipv6"},
			},
			model.RuleCondition{Field: "source-ip", Values: []string{"ipv6"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) { compare(t, test.want, toCondition(&test.in)) })
	}
}

func TestActionsKeepTheirOrderAndWeights(t *testing.T) {
	got := toActions([]elbtypes.Action{
		{
			Type: elbtypes.ActionTypeEnumForward, Order: awssdk.Int32(2), ForwardConfig: &elbtypes.ForwardActionConfig{
				TargetGroups: []elbtypes.TargetGroupTuple{
					{TargetGroupArn: str("blue"), Weight: awssdk.Int32(0)}, {TargetGroupArn: str("green"), Weight: awssdk.Int32(100)},
				},
			},
		},
		{Type: elbtypes.ActionTypeEnumAuthenticateOidc, Order: awssdk.Int32(1)},
	})
	compare(t, []model.ListenerAction{
		{Type: "authenticate-oidc", Order: 1},
		{Type: "forward", Order: 2, Forward: []model.WeightedTargetGroup{
			{TargetGroupARN: "blue", Weight: 0}, {TargetGroupARN: "green", Weight: 100},
		}},
	}, got)
	for name, single := range map[string]elbtypes.Action{
		"short": {Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: str("one")},
		"without": {
			Type: elbtypes.ActionTypeEnumForward,
			ForwardConfig: &elbtypes.ForwardActionConfig{
				TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: str("one")}},
			},
		},
		"both": {
			Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: str("one"),
			ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{{
				TargetGroupArn: str("one"),
				Weight:         awssdk.Int32(1),
			}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, []model.WeightedTargetGroup{{TargetGroupARN: "one", Weight: 1}}, toForward(&single))
		})
	}
}

func TestPermissionsBecomeOneRuleAPeer(t *testing.T) {
	group := ec2types.SecurityGroup{
		GroupId: str("sg-1"), GroupName: str("web"), VpcId: str("vpc-1"), OwnerId: str("111"),
		IpPermissions: []ec2types.IpPermission{{
			IpProtocol: str("tcp"), FromPort: awssdk.Int32(80), ToPort: awssdk.Int32(81),
			IpRanges: []ec2types.IpRange{
				{CidrIp: str("10.0.0.0/8"), Description: str("inside")},
				{CidrIp: str("not an address")},
			},
			Ipv6Ranges:    []ec2types.Ipv6Range{{CidrIpv6: str("2001:db8::/32")}},
			PrefixListIds: []ec2types.PrefixListId{{PrefixListId: str("pl-1")}},
			UserIdGroupPairs: []ec2types.UserIdGroupPair{
				{GroupId: str("sg-2"), UserId: str("111"), Description: str("callers")},
				{GroupId: str("sg-3"), UserId: str("222"), VpcId: str("vpc-2"), PeeringStatus: str("active")},
			},
		}},
		IpPermissionsEgress: []ec2types.IpPermission{{
			IpProtocol: str("-1"), IpRanges: []ec2types.IpRange{{CidrIp: str("0.0.0.0/0")}},
		}},
		Tags: []ec2types.Tag{{Key: str("team"), Value: str("shop")}},
	}
	rule := func(change func(*model.SecurityGroupRule)) model.SecurityGroupRule {
		r := model.SecurityGroupRule{Protocol: "tcp", FromPort: 80, ToPort: 81}
		change(&r)
		return r
	}
	compare(t, model.SecurityGroup{
		ID: "sg-1", Name: "web", VPC: "vpc-1", Owner: "111", Tags: map[string]string{"team": "shop"},
		Ingress: []model.SecurityGroupRule{
			rule(func(r *model.SecurityGroupRule) {
				r.CIDR, r.Description = netip.MustParsePrefix("10.0.0.0/8"), "inside"
			}),
			rule(func(r *model.SecurityGroupRule) { r.CIDR = netip.MustParsePrefix("2001:db8::/32") }),
			rule(func(r *model.SecurityGroupRule) { r.PrefixList = "pl-1" }),
			rule(func(r *model.SecurityGroupRule) {
				r.Group, r.Description = &model.GroupReference{ID: "sg-2"}, "callers"
			}),
			rule(func(r *model.SecurityGroupRule) {
				r.Group = &model.GroupReference{ID: "sg-3", Account: "222", VPC: "vpc-2", PeeringStatus: "active"}
			}),
		},
		Egress: []model.SecurityGroupRule{{Protocol: "-1", CIDR: netip.MustParsePrefix("0.0.0.0/0")}},
	}, SecurityGroup(&group))
}

func TestNetworkACLsAreOrderedAsTheyAreTried(t *testing.T) {
	entry := func(number int32, egress bool, action ec2types.RuleAction, cidr, cidr6 *string) ec2types.NetworkAclEntry {
		return ec2types.NetworkAclEntry{
			RuleNumber: &number, Egress: &egress, RuleAction: action, CidrBlock: cidr, Ipv6CidrBlock: cidr6,
			Protocol: str("6"), PortRange: &ec2types.PortRange{From: awssdk.Int32(1), To: awssdk.Int32(9)},
		}
	}
	got := NetworkACL(&ec2types.NetworkAcl{
		NetworkAclId: str("acl-1"), VpcId: str("vpc-1"), IsDefault: awssdk.Bool(true),
		Associations: []ec2types.NetworkAclAssociation{{SubnetId: str("subnet-2")}, {SubnetId: str("subnet-1")}},
		Entries: []ec2types.NetworkAclEntry{
			entry(100, true, ec2types.RuleActionAllow, str("0.0.0.0/0"), nil),
			entry(200, false, ec2types.RuleActionDeny, nil, str("::/0")),
			entry(100, false, ec2types.RuleActionAllow, str("10.0.0.0/8"), nil),
		},
	})
	row := func(number int, egress, allow bool, cidr string) model.NetworkACLEntry {
		return model.NetworkACLEntry{
			Number: number, Egress: egress, Allow: allow, Protocol: "6", CIDR: netip.MustParsePrefix(cidr), FromPort: 1,
			ToPort: 9,
		}
	}
	compare(t, model.NetworkACL{
		ID: "acl-1", VPC: "vpc-1", Default: true, Subnets: []string{"subnet-1", "subnet-2"},
		Entries: []model.NetworkACLEntry{
			row(100, false, true, "10.0.0.0/8"), row(200, false, false, "::/0"), row(100, true, true, "0.0.0.0/0"),
		},
	}, got)
}

func TestVPCsKeepTheirSecondaryBlocksAndOnlyThoseInForce(t *testing.T) {
	gone := &ec2types.VpcCidrBlockState{State: ec2types.VpcCidrBlockStateCodeDisassociated}
	got := VPC(&ec2types.Vpc{
		VpcId: str("vpc-1"), CidrBlock: str("10.0.0.0/16"),
		CidrBlockAssociationSet: []ec2types.VpcCidrBlockAssociation{
			{CidrBlock: str("10.0.0.0/16")},
			{CidrBlock: str("100.64.0.0/16")},
			{CidrBlock: str("10.9.0.0/16"), CidrBlockState: gone},
		},
		Ipv6CidrBlockAssociationSet: []ec2types.VpcIpv6CidrBlockAssociation{{Ipv6CidrBlock: str("2001:db8::/56")}},
	})
	compare(t, model.VPC{ID: "vpc-1", CIDRs: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("100.64.0.0/16"), netip.MustParsePrefix("2001:db8::/56"),
	}}, got)
}

func TestDeploymentsPutThePrimaryFirstAndKeepUnsetApartFromZero(t *testing.T) {
	at := func(hour int) *time.Time {
		when := time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC)
		return &when
	}
	network := &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
		Subnets: []string{"subnet-1"}, AssignPublicIp: ecstypes.AssignPublicIpEnabled,
	}}
	got := Service(&ecstypes.Service{
		ServiceArn: str("arn:aws:ecs:eu-west-1:111:service/prod/web"), ServiceName: str("web"), NetworkConfiguration: network,
		Deployments: []ecstypes.Deployment{
			{Id: str("1"), Status: str("ACTIVE"), CreatedAt: at(1)},
			{Id: str("2"), Status: str("ACTIVE"), CreatedAt: at(2)},
			{
				Id: str("3"), Status: str("PRIMARY"), CreatedAt: at(3),
				ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{
					Enabled: true, Namespace: str("shop"),
					Services: []ecstypes.ServiceConnectService{{
						PortName: str("http"), IngressPortOverride: awssdk.Int32(0),
						Timeout: &ecstypes.TimeoutConfiguration{PerRequestTimeoutSeconds: awssdk.Int32(0)},
						Tls:     &ecstypes.ServiceConnectTlsConfiguration{},
					}},
				},
			},
		},
	})
	if got.DeploymentController != "ECS" || !got.Loaded {
		t.Errorf("the service is %+v", got)
	}
	var order []string
	for _, d := range got.Deployments {
		order = append(order, d.ID)
	}
	compare(t, []string{"3", "2", "1"}, order)
	zero := 0
	compare(t, model.ServiceConnectService{
		PortName: "http", Timeout: &model.Timeout{PerRequestSeconds: &zero}, TLS: &model.TLS{},
	}, got.Primary().ServiceConnect.Services[0])
	compare(t, &model.Network{Subnets: []string{"subnet-1"}, AssignPublicIP: true}, got.Primary().Network)
	if got.Deployments[1].Network != nil {
		t.Error("an older deployment was given the service's network configuration")
	}
}

func TestTaskDefinitionsKeepCPUAndMemory(t *testing.T) {
	got := TaskDefinition(&ecstypes.TaskDefinition{
		Cpu: str("1024"), Memory: str("3072"),
		ContainerDefinitions: []ecstypes.ContainerDefinition{
			{Name: str("limit"), Cpu: 256, Memory: awssdk.Int32(512), MemoryReservation: awssdk.Int32(128)},
			{Name: str("reservation"), MemoryReservation: awssdk.Int32(64)},
			{Name: str("neither")},
		},
	})
	compare(t, model.TaskDefinition{
		CPU: 1024, Memory: 3072,
		Containers: []model.Container{
			{Name: "limit", Essential: true, CPU: 256, Memory: 512},
			{Name: "reservation", Essential: true, Memory: 64},
			{Name: "neither", Essential: true},
		},
	}, got)
	if got := TaskDefinition(&ecstypes.TaskDefinition{}); got.CPU != 0 || got.Memory != 0 {
		t.Errorf("a task without limits has %d and %d", got.CPU, got.Memory)
	}
}

func TestServicesNameTheirCurrentRevisions(t *testing.T) {
	got := Service(&ecstypes.Service{CurrentServiceRevisions: []ecstypes.ServiceCurrentRevisionSummary{
		{Arn: str("blue"), RunningTaskCount: 2, RequestedTaskCount: 3}, {Arn: str("green")},
	}})
	compare(t, []model.CurrentRevision{{ARN: "blue", RunningCount: 2}, {ARN: "green"}}, got.CurrentRevisions)
}
