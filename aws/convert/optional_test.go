package convert

import (
	"net/netip"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	cloudmaptypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"hopscope/model"
)

func TestRevisionsKeepTheWaysInThatECSManages(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	got := ServiceRevision(&ecstypes.ServiceRevision{
		ServiceRevisionArn: str("revision"), ServiceArn: str("service"), TaskDefinition: str("web:3"), CreatedAt: &at,
		ResolvedConfiguration: &ecstypes.ResolvedConfiguration{LoadBalancers: []ecstypes.ServiceRevisionLoadBalancer{
			{TargetGroupArn: str("green"), ProductionListenerRule: str("rule")},
		}},
		GatewayConnectors: []ecstypes.GatewayConnector{
			{PortName: str("http"), HealthCheck: &ecstypes.GatewayConnectorHealthCheck{HealthCheckPort: awssdk.Int32(9000)}},
			{PortName: str("grpc")},
		},
		EcsManagedResources: &ecstypes.ECSManagedResources{
			GatewayConnections: []ecstypes.GatewayConnection{
				{
					GatewayRouteArn: str("route"), GatewayArn: str("gateway"), PortName: str("http"),
					AccessType: ecstypes.AccessTypePrivate, Status: "ACTIVE",
					Resources: &ecstypes.GatewayConnectionResourcesMemberHostSharedAlb{Value: []ecstypes.GatewayConnectionAlbResources{
						{
							LoadBalancerArn: str("lb"), ListenerArn: str("listener"), ListenerRuleArn: str("lrule"),
							TargetGroupArn: str("tg"), AlternateTargetGroupArn: str("tg-2"),
						},
						{LoadBalancerArn: str("lb-2")},
					}},
				},
				{PortName: str("new"), Resources: &ecstypes.UnknownUnionMember{Tag: "hostOther"}},
				{PortName: str("none")},
			},
			IngressPaths: []ecstypes.ManagedIngressPath{
				{
					AccessType: ecstypes.AccessTypePublic, LoadBalancer: &ecstypes.ManagedLoadBalancer{Arn: str("lb-3")},
					Listener:     &ecstypes.ManagedListener{Arn: str("listener-3")},
					Rule:         &ecstypes.ManagedListenerRule{Arn: str("lrule-3")},
					TargetGroups: []ecstypes.ManagedTargetGroup{{Arn: str("tg-3"), Port: 8080, HealthCheckPort: 8081}},
				},
				{},
			},
		},
	})
	compare(t, model.ServiceRevision{
		ARN: "revision", ServiceARN: "service", TaskDefinition: "web:3", CreatedAt: at,
		LoadBalancers:     []model.ResolvedLoadBalancer{{TargetGroupARN: "green", ProductionListenerRule: "rule"}},
		GatewayConnectors: []model.GatewayConnector{{PortName: "http", HealthCheckPort: 9000}, {PortName: "grpc"}},
		GatewayConnections: []model.GatewayConnection{
			{
				RouteARN: "route", GatewayARN: "gateway", PortName: "http", AccessType: "PRIVATE", Status: "ACTIVE",
				LoadBalancerARN: "lb", ListenerARN: "listener", ListenerRuleARN: "lrule",
				TargetGroupARN: "tg", AlternateTargetGroupARN: "tg-2",
			},
			{
				RouteARN: "route", GatewayARN: "gateway", PortName: "http", AccessType: "PRIVATE", Status: "ACTIVE",
				LoadBalancerARN: "lb-2",
			},
			{PortName: "new"},
			{PortName: "none"},
		},
		IngressPaths: []model.IngressPath{
			{
				AccessType: "PUBLIC", LoadBalancerARN: "lb-3", ListenerARN: "listener-3", ListenerRuleARN: "lrule-3",
				TargetGroups: []model.ManagedTargetGroup{{ARN: "tg-3", Port: 8080, HealthCheckPort: 8081}},
			},
			{},
		},
	}, got)
	compare(t, []model.ARN{"green", "tg", "tg-2", "", "", "", "", "", "", "tg-3"}, got.TargetGroupARNs())
}

// What a task was run with in place of its definition's may hold secrets.
func TestStandaloneTasksKeepWhereTheyRunAndNotWhatTheyWereRunWith(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	pair := func(name, value string) ecstypes.KeyValuePair {
		return ecstypes.KeyValuePair{Name: &name, Value: &value}
	}
	got := StandaloneTask(&ecstypes.Task{
		TaskArn: str("task"), Group: str("family:report"), StartedBy: str("nightly"), LastStatus: str("STOPPED"),
		TaskDefinitionArn: str("arn:aws:ecs:eu-west-1:123456789012:task-definition/report:3"),
		LaunchType:        ecstypes.LaunchTypeFargate, StoppedAt: &at,
		Overrides: &ecstypes.TaskOverride{ContainerOverrides: []ecstypes.ContainerOverride{{
			Command: []string{"canary"}, Environment: []ecstypes.KeyValuePair{pair("TOKEN", "canary")},
		}}},
		Attachments: []ecstypes.Attachment{{Details: []ecstypes.KeyValuePair{
			pair("subnetId", "subnet-1"), pair("networkInterfaceId", "eni-1"), pair("privateIPv4Address", "10.0.0.7"),
		}}},
	})
	if len(got.Addresses) != 1 || got.Addresses[0] != netip.MustParseAddr("10.0.0.7") {
		t.Errorf("the addresses are %v", got.Addresses)
	}
	got.Addresses = nil
	compare(t, model.StandaloneTask{
		Task: model.Task{
			ARN: "task", StartedBy: "nightly",
			TaskDefinition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/report:3",
		},
		Group: "family:report", Status: "STOPPED", LaunchType: "FARGATE", Subnet: "subnet-1", NetworkInterface: "eni-1",
		StoppedAt: at,
	}, got)
	if got.Family() != "report" {
		t.Errorf("the family is %q", got.Family())
	}
}

func TestTasksKeepAddressesAndBindings(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	pair := func(name, value string) ecstypes.KeyValuePair {
		return ecstypes.KeyValuePair{Name: &name, Value: &value}
	}
	got := Task(&ecstypes.Task{
		TaskArn: str("task"), StartedBy: str("ecs-svc/1"), TaskDefinitionArn: str("web:1"),
		ContainerInstanceArn: str("instance"),
		CreatedAt:            &at,
		Attachments: []ecstypes.Attachment{
			{Type: str("ElasticNetworkInterface"), Details: []ecstypes.KeyValuePair{
				pair("subnetId", "subnet-1"), pair("privateIPv4Address", "10.0.0.7"), pair("privateDnsName", "ip-10-0-0-7"),
			}},
			{Type: str("ServiceConnect"), Details: []ecstypes.KeyValuePair{pair("ContainerName", "ecs-service-connect-x")}},
		},
		Containers: []ecstypes.Container{
			{
				Name: str("app"), HealthStatus: ecstypes.HealthStatusHealthy,
				NetworkInterfaces: []ecstypes.NetworkInterface{{
					PrivateIpv4Address: str("10.0.0.7"),
					Ipv6Address:        str("2001:db8::7"),
				}},
				NetworkBindings: []ecstypes.NetworkBinding{
					{BindIP: str("0.0.0.0"), ContainerPort: awssdk.Int32(80), HostPort: awssdk.Int32(32768), Protocol: "tcp"},
					{BindIP: str("::"), ContainerPort: awssdk.Int32(80), HostPort: awssdk.Int32(32768), Protocol: "tcp"},
					{ContainerPortRange: str("9000-9002"), HostPortRange: str("33000-33002"), Protocol: "udp"},
					{ContainerPortRange: str("nonsense"), HostPortRange: str("1-2")},
				},
			},
			{Name: str("ecs-service-connect-x")},
		},
	})
	if diff := []netip.Addr{
		netip.MustParseAddr("10.0.0.7"),
		netip.MustParseAddr("2001:db8::7"),
	}; len(got.Addresses) != 2 ||
		got.Addresses[0] != diff[0] || got.Addresses[1] != diff[1] {
		t.Errorf("addresses are %v, want %v", got.Addresses, diff)
	}
	got.Addresses = nil
	compare(t, model.Task{
		ARN: "task", StartedBy: "ecs-svc/1", TaskDefinition: "web:1", ContainerInstance: "instance", CreatedAt: at,
		Containers: []model.TaskContainer{
			{Name: "app", HealthStatus: "HEALTHY", Bindings: []model.NetworkBinding{
				{ContainerPort: 80, HostPort: 32768, Protocol: "tcp"},
				{ContainerPort: 9000, HostPort: 33000, Protocol: "udp"},
				{ContainerPort: 9001, HostPort: 33001, Protocol: "udp"},
				{ContainerPort: 9002, HostPort: 33002, Protocol: "udp"},
			}},
			{Name: "ecs-service-connect-x"},
		},
	}, got)
}

func TestInstancesKeepTheInterfaceThatTasksShare(t *testing.T) {
	number := awssdk.Int32
	face := func(index *int32, card *int32, subnet string, groups ...string) ec2types.InstanceNetworkInterface {
		i := ec2types.InstanceNetworkInterface{
			SubnetId: &subnet, PrivateIpAddress: str("10.0.0.1"),
			PrivateIpAddresses: []ec2types.InstancePrivateIpAddress{
				{PrivateIpAddress: str("10.0.0.1")},
				{PrivateIpAddress: str("10.0.0.2")},
			},
			Ipv6Addresses: []ec2types.InstanceIpv6Address{{Ipv6Address: str("2001:db8::1")}},
			Attachment:    &ec2types.InstanceNetworkInterfaceAttachment{DeviceIndex: index, NetworkCardIndex: card},
		}
		for _, g := range groups {
			i.Groups = append(i.Groups, ec2types.GroupIdentifier{GroupId: &g})
		}
		return i
	}
	public := face(number(0), nil, "first")
	public.Association = &ec2types.InstanceNetworkInterfaceAssociation{PublicIp: str("192.0.2.1")}
	for name, test := range map[string]struct {
		in   []ec2types.InstanceNetworkInterface
		want *model.Network
	}{
		"the first of several": {
			[]ec2types.InstanceNetworkInterface{
				face(number(1), number(0), "second", "sg-9"),
				face(number(0), number(0), "first", "sg-2", "sg-1"),
			},
			&model.Network{Subnets: []string{"first"}, SecurityGroups: []string{"sg-1", "sg-2"}},
		},
		"another card": {
			[]ec2types.InstanceNetworkInterface{face(number(0), number(1), "second"), face(number(0), number(0), "first")},
			&model.Network{Subnets: []string{"first"}},
		},
		"a public address": {
			[]ec2types.InstanceNetworkInterface{public},
			&model.Network{Subnets: []string{"first"}, AssignPublicIP: true},
		},
		"the only one": {
			[]ec2types.InstanceNetworkInterface{face(nil, nil, "first")},
			&model.Network{Subnets: []string{"first"}},
		},
		"none":          {nil, nil},
		"unknown which": {[]ec2types.InstanceNetworkInterface{face(nil, nil, "a"), face(nil, nil, "b")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			network, addresses := Interface(&ec2types.Instance{NetworkInterfaces: test.in})
			compare(t, test.want, network)
			want := []netip.Addr{
				netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"),
				netip.MustParseAddr("2001:db8::1"),
			}
			if network != nil &&
				(len(addresses) != 3 || addresses[0] != want[0] || addresses[1] != want[1] || addresses[2] != want[2]) {
				t.Errorf("addresses are %v, want %v", addresses, want)
			}
		})
	}
	compare(t, model.ContainerInstance{
		ARN: "ci", InstanceID: "i-1", Status: "DRAINING", CapacityProvider: "spot", AgentVersion: "1.99.0",
	}, ContainerInstance(&ecstypes.ContainerInstance{
		ContainerInstanceArn: str("ci"), Ec2InstanceId: str("i-1"), Status: str("DRAINING"),
		CapacityProviderName: str("spot"),
		VersionInfo:          &ecstypes.VersionInfo{AgentVersion: str("1.99.0")},
	}))
}

func TestTargetsAreSortedAndKeepTheReasonOfTheirState(t *testing.T) {
	target := func(id string, port int32) *elbtypes.TargetDescription {
		return &elbtypes.TargetDescription{Id: &id, Port: &port}
	}
	compare(t, []model.Target{
		{ID: "10.0.0.1", Port: 80, State: "healthy"},
		{
			ID: "10.0.0.1", Port: 8080, Zone: "eu-west-1a",
			State: "unhealthy", Reason: "Target.Timeout", Description: "Request timed out",
		},
		{ID: "arn:lambda"},
	}, Targets([]elbtypes.TargetHealthDescription{
		{Target: &elbtypes.TargetDescription{Id: str("arn:lambda")}},
		{
			Target: &elbtypes.TargetDescription{
				Id: str("10.0.0.1"), Port: awssdk.Int32(8080), AvailabilityZone: str("eu-west-1a"),
			},
			TargetHealth: &elbtypes.TargetHealth{
				State: "unhealthy", Reason: "Target.Timeout", Description: str("Request timed out"),
			},
		},
		{Target: target("10.0.0.1", 80), TargetHealth: &elbtypes.TargetHealth{State: "healthy"}},
	}))
	if got := Targets(nil); got == nil || len(got) > 0 {
		t.Errorf("no targets are %v: a group that was read and is empty must not look unread", got)
	}
}

func TestAttributesOfLoadBalancing(t *testing.T) {
	compare(t, &model.TargetGroupAttributes{ProxyProtocolV2: true}, TargetGroupAttributes([]elbtypes.TargetGroupAttribute{
		{Key: str("proxy_protocol_v2.enabled"), Value: str("true")},
		{Key: str("preserve_client_ip.enabled"), Value: str("false")},
	}))
	compare(t, &model.TargetGroupAttributes{PreserveClientIP: true}, TargetGroupAttributes([]elbtypes.TargetGroupAttribute{
		{Key: str("deregistration_delay.timeout_seconds"), Value: str("300")},
		{Key: str("preserve_client_ip.enabled"), Value: str("true")},
	}))
	compare(t, &model.LoadBalancerAttributes{IdleTimeoutSeconds: 4000},
		LoadBalancerAttributes([]elbtypes.LoadBalancerAttribute{
			{Key: str("idle_timeout.timeout_seconds"), Value: str("4000")},
			{Key: str("deletion_protection.enabled"), Value: str("true")},
		}))
	compare(t, &model.LoadBalancerAttributes{}, LoadBalancerAttributes(nil))
}

func TestTrafficNamesEachCallerOfAnEndpointOnce(t *testing.T) {
	series := func(pairs ...string) metrictypes.Metric {
		var m metrictypes.Metric
		for i := 0; i < len(pairs); i += 2 {
			m.Dimensions = append(m.Dimensions, metrictypes.Dimension{Name: &pairs[i], Value: &pairs[i+1]})
		}
		return m
	}
	compare(t, &model.Traffic{Metric: "TargetProcessedBytes", Edges: []model.TrafficEdge{
		{Caller: model.Ref{Cluster: "prod", Service: "shop"}, DiscoveryName: "stock"},
		{Caller: model.Ref{Cluster: "prod", Service: "web"}, DiscoveryName: "orders"},
		{Caller: model.Ref{Cluster: "prod", Service: "web"}, DiscoveryName: "stock"},
	}}, Traffic([]metrictypes.Metric{
		series("TargetDiscoveryName", "stock", "ServiceName", "web", "ClusterName", "prod"),
		series("ClusterName", "prod", "TargetDiscoveryName", "orders", "ServiceName", "web"),
		series("TargetDiscoveryName", "stock"), // the sum of all callers
		series("TargetDiscoveryName", "stock", "ServiceName", "shop", "ClusterName", "prod"),
		series("TargetDiscoveryName", "stock", "ServiceName", "web", "ClusterName", "prod"),
		series("DiscoveryName", "web", "ServiceName", "web", "ClusterName", "prod"),
	}))
	if got := Traffic(nil); got == nil || got.Edges == nil {
		t.Error("no traffic must not look unread")
	}
}

func TestCloudMapServicesKeepTheirAge(t *testing.T) {
	at := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	compare(t, model.DiscoveryService{ID: "srv-1", ARN: "arn", Name: "web", CreatedAt: at},
		DiscoveryService(&cloudmaptypes.ServiceSummary{Id: str("srv-1"), Arn: str("arn"), Name: str("web"), CreateDate: &at}))
}

func TestNetworkInterfacesKeepTheirGroupsAndPrivateAddresses(t *testing.T) {
	got := NetworkInterface(&ec2types.NetworkInterface{
		NetworkInterfaceId: str("eni-1"), VpcId: str("vpc-1"), SubnetId: str("subnet-1"), Description: str("a host"),
		InterfaceType: ec2types.NetworkInterfaceTypeInterface, PrivateIpAddress: str("10.0.0.7"),
		Groups:             []ec2types.GroupIdentifier{{GroupId: str("sg-2")}, {GroupId: str("sg-1")}},
		PrivateIpAddresses: []ec2types.NetworkInterfacePrivateIpAddress{{PrivateIpAddress: str("10.0.0.7")}},
		Ipv6Addresses:      []ec2types.NetworkInterfaceIpv6Address{{Ipv6Address: str("2001:db8::7")}},
		Attachment:         &ec2types.NetworkInterfaceAttachment{InstanceId: str("i-1")},
	})
	want := []netip.Addr{netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("2001:db8::7")}
	if len(got.Addresses) != 2 ||
		got.Addresses[0] != want[0] || got.Addresses[1] != want[1] {
		t.Errorf("the addresses are %v", got.Addresses)
	}
	got.Addresses = nil
	compare(t, model.NetworkInterface{
		ID: "eni-1", VPC: "vpc-1", Subnet: "subnet-1", SecurityGroups: []string{"sg-1", "sg-2"}, Type: "interface",
		Description: "a host", Instance: "i-1",
	}, got)
	compare(t, model.NetworkInterface{}, NetworkInterface(&ec2types.NetworkInterface{}))
}
