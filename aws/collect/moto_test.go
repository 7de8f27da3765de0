package collect_test

import (
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/model"
)

// fillMoto makes the article's case in moto: a server behind a load balancer and
// in Service Connect.
func fillMoto(t *testing.T, url string) {
	t.Helper()
	config := awssdk.Config{
		Region: "eu-west-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("FAKE", "fake", ""),
	}
	ctx := t.Context()
	network, balancing := ec2.NewFromConfig(config), elb.NewFromConfig(config)
	found := awstest.Must[*ec2.DescribeSubnetsOutput](t)(network.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{}))
	subnets := found.Subnets
	vpc := subnets[0].VpcId
	group := awstest.Must[*ec2.CreateSecurityGroupOutput](t)(network.CreateSecurityGroup(
		ctx, &ec2.CreateSecurityGroupInput{
			GroupName: awssdk.String("web"), Description: awssdk.String("web"), VpcId: vpc,
		})).GroupId
	list := awstest.Must[*ec2.CreateManagedPrefixListOutput](t)(network.CreateManagedPrefixList(ctx,
		&ec2.CreateManagedPrefixListInput{
			PrefixListName: awssdk.String("office"), AddressFamily: awssdk.String("IPv4"), MaxEntries: awssdk.Int32(5),
			Entries: []ec2types.AddPrefixListEntry{{Cidr: awssdk.String("192.0.2.0/24")}},
		})).PrefixList.PrefixListId
	awstest.Must[*ec2.AuthorizeSecurityGroupIngressOutput](t)(network.AuthorizeSecurityGroupIngress(ctx,
		&ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: awssdk.String("tcp"), FromPort: awssdk.Int32(80), ToPort: awssdk.Int32(80),
			UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: group}},
			PrefixListIds:    []ec2types.PrefixListId{{PrefixListId: list}},
		}}}))
	balancer := awstest.Must[*elb.CreateLoadBalancerOutput](t)(balancing.CreateLoadBalancer(
		ctx, &elb.CreateLoadBalancerInput{
			Name: awssdk.String("main-alb"), Subnets: []string{*subnets[0].SubnetId, *subnets[1].SubnetId},
			SecurityGroups: []string{*group}, Scheme: elbtypes.LoadBalancerSchemeEnumInternal,
		})).LoadBalancers[0].LoadBalancerArn
	target := awstest.Must[*elb.CreateTargetGroupOutput](t)(balancing.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: awssdk.String("web"), Protocol: elbtypes.ProtocolEnumHttp, Port: awssdk.Int32(80), VpcId: vpc,
		TargetType: elbtypes.TargetTypeEnumIp,
	})).TargetGroups[0].TargetGroupArn
	awstest.Must[*elb.CreateListenerOutput](t)(balancing.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: balancer, Port: awssdk.Int32(80), Protocol: elbtypes.ProtocolEnumHttp,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: target}},
	}))
	cloudMap := servicediscovery.NewFromConfig(config)
	awstest.Must[*servicediscovery.CreateHttpNamespaceOutput](t)(cloudMap.CreateHttpNamespace(ctx,
		&servicediscovery.CreateHttpNamespaceInput{Name: awssdk.String("shop")}))
	fillMotoECS(t, ecs.NewFromConfig(config), []string{*subnets[0].SubnetId}, *group, target)
}

func fillMotoECS(t *testing.T, client *ecs.Client, subnets []string, group string, target *string) {
	t.Helper()
	ctx := t.Context()
	awstest.Must[*ecs.CreateClusterOutput](t)(client.CreateCluster(ctx,
		&ecs.CreateClusterInput{ClusterName: awssdk.String("prod")}))
	awstest.Must[*ecs.RegisterTaskDefinitionOutput](t)(client.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: awssdk.String("web"), NetworkMode: ecstypes.NetworkModeAwsvpc,
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: awssdk.String("app"), Image: awssdk.String("web"), Memory: awssdk.Int32(128),
			PortMappings: []ecstypes.PortMapping{{
				Name: awssdk.String("http"), ContainerPort: awssdk.Int32(80), AppProtocol: ecstypes.ApplicationProtocolHttp,
			}},
		}},
	}))
	awstest.Must[*ecs.CreateServiceOutput](t)(client.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: awssdk.String("prod"), ServiceName: awssdk.String("web"), TaskDefinition: awssdk.String("web:1"),
		DesiredCount: awssdk.Int32(1), LaunchType: ecstypes.LaunchTypeFargate,
		LoadBalancers: []ecstypes.LoadBalancer{{
			TargetGroupArn: target, ContainerName: awssdk.String("app"), ContainerPort: awssdk.Int32(80),
		}},
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: subnets, SecurityGroups: []string{group},
		}},
		ServiceConnectConfiguration: &ecstypes.ServiceConnectConfiguration{
			Enabled: true, Namespace: awssdk.String("shop"),
			Services: []ecstypes.ServiceConnectService{{
				PortName: awssdk.String("http"), ClientAliases: []ecstypes.ServiceConnectClientAlias{{Port: awssdk.Int32(80)}},
			}},
		},
	}))
}

// Moto is an AWS that others wrote. It has no service gateways.
func TestMotoIsReadWithAGapForWhatItLacks(t *testing.T) {
	url := awstest.StartMoto(t)
	fillMoto(t, url)
	awstest.Environment(t, awstest.FakeKeys())
	a := newSource(t, collect.Options{}, aws.Options{EndpointURL: url}, nil)
	s := read(t, a)
	awstest.Environment(t, awstest.FakeKeys())
	t.Setenv("AWS_ENDPOINT_URL", url)
	b := newSource(t, collect.Options{Clusters: []string{"pr*"}}, aws.Options{}, nil)
	if again := read(t, b); again.Origin != url || again.Counts != s.Counts {
		t.Errorf("by the environment: origin %q, counts %+v", again.Origin, again.Counts)
	}
	if s.Origin != url || s.Scope.Region != "eu-west-1" {
		t.Errorf("origin %q, scope %+v", s.Origin, s.Scope)
	}
	one := model.Count{Listed: 1, Loaded: 1}
	if s.Counts != (model.Counts{Services: one, TaskDefinitions: one, TargetGroups: one, LoadBalancers: one}) {
		t.Errorf("counts are %+v", s.Counts)
	}
	for _, g := range s.Gaps {
		// Its load balancers have no network interfaces, which those of AWS have.
		if g.Error == collect.Filtered && g.Action == model.DescribeNetworkInterfaces {
			continue
		}
		if g.Action != model.ListGatewayRoutes || g.State != model.Unsupported {
			t.Errorf("the gap is %+v", g)
		}
	}
	if len(s.Gaps) != 2 || s.Complete || s.Stats.Calls[model.ListGatewayRoutes] != 1 {
		t.Errorf("gaps %+v, complete %t, calls %v", s.Gaps, s.Complete, s.Stats.Calls)
	}
	ix := model.NewIndex(s)
	web := ix.Service(model.Ref{Cluster: "prod", Service: "web"}).Primary()
	if key, missing := ix.Namespace(web.ServiceConnect.Namespace); missing != nil || key.Name != "shop" {
		t.Errorf("namespace %v, missing %v", key, missing)
	}
	group, missing := ix.SecurityGroup(web.Network.SecurityGroups[0])
	if missing != nil || len(group.Ingress) != 2 {
		t.Fatalf("group %+v, missing %v", group, missing)
	}
	for _, rule := range group.Ingress {
		if rule.PrefixList == "" {
			continue
		}
		if list, missing := ix.PrefixList(rule.PrefixList); missing != nil || len(list.Entries) != 1 {
			t.Errorf("prefix list %+v, missing %v", list, missing)
		}
	}
}
