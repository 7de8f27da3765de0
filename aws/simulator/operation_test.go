package simulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	sdtypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"
	"github.com/google/go-cmp/cmp"
)

// facts are what one operation of each kind says about the shop, in a few words.
func (b *bench) facts(t *testing.T) map[string]func() (string, error) {
	t.Helper()
	ctx, shop := t.Context(), awssdk.String("shop")
	tasks, err := b.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: shop, ServiceName: awssdk.String("web")})
	if err != nil {
		t.Fatal(err)
	}
	balancers, err := b.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{"internal-alb"}})
	if err != nil {
		t.Fatal(err)
	}
	internal := balancers.LoadBalancers[0]
	return map[string]func() (string, error){
		"ListClusters: 2": func() (string, error) {
			out, err := b.ecs.ListClusters(ctx, &ecs.ListClustersInput{})
			return say(err, func() any { return len(out.ClusterArns) })
		},
		"DescribeClusters: 12 shop MISSING": func() (string, error) {
			out, err := b.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{"shop", "none"}})
			return say(err, func() any {
				c := out.Clusters[0]
				ns := b.resources.cloudMap.namespace(*c.ServiceConnectDefaults.Namespace)
				return fmt.Sprint(c.ActiveServicesCount, " ", ns.Name, " ", *out.Failures[0].Reason)
			})
		},
		"ListServices: 4": func() (string, error) {
			out, err := b.ecs.ListServices(ctx, &ecs.ListServicesInput{Cluster: awssdk.String("backoffice")})
			return say(err, func() any { return len(out.ServiceArns) })
		},
		"ListServicesByNamespace: 12": func() (string, error) {
			out, err := b.ecs.ListServicesByNamespace(
				ctx, &ecs.ListServicesByNamespaceInput{Namespace: shop, MaxResults: awssdk.Int32(100)},
			)
			return say(err, func() any { return len(out.ServiceArns) })
		},
		"DescribeServices: FARGATE_SPOT [] storefront": func() (string, error) {
			out, err := b.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
				Cluster: shop, Services: []string{"recommendations", "web"}, Include: []ecstypes.ServiceField{
					ecstypes.ServiceFieldTags,
				},
			})
			return say(err, func() any {
				s := out.Services[0]
				return fmt.Sprint(
					*s.CapacityProviderStrategy[0].CapacityProvider, " [", s.LaunchType, "] ", *out.Services[1].Tags[0].Value,
				)
			})
		},
		"UpdateService: 30": func() (string, error) {
			out, err := b.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{
				Cluster: shop, Service: awssdk.String("web"), HealthCheckGracePeriodSeconds: awssdk.Int32(30),
			})
			return say(err, func() any { return *out.Service.HealthCheckGracePeriodSeconds })
		},
		"ListTaskDefinitions: 15": func() (string, error) {
			out, err := b.ecs.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{})
			return say(err, func() any { return len(out.TaskDefinitionArns) })
		},
		"DescribeTaskDefinition: 41 SESSION_KEY": func() (string, error) {
			out, err := b.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: awssdk.String("web")})
			return say(err, func() any {
				return fmt.Sprint(out.TaskDefinition.Revision, " ", *out.TaskDefinition.ContainerDefinitions[0].Environment[0].Name)
			})
		},
		"ListGatewayRoutes: http ACTIVE": func() (string, error) {
			out, err := b.ecs.ListGatewayRoutes(ctx, &ecs.ListGatewayRoutesInput{Cluster: shop})
			return say(err, func() any {
				return fmt.Sprint(*out.GatewayRoutes[0].ServiceContainerPortName, " ", out.GatewayRoutes[0].Status)
			})
		},
		"ListTasks: 25": func() (string, error) {
			out, err := b.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: shop})
			return say(err, func() any { return len(out.TaskArns) })
		},
		"DescribeTasks: ServiceConnect": func() (string, error) {
			out, err := b.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: shop, Tasks: tasks.TaskArns})
			return say(err, func() any { return *out.Tasks[2].Attachments[1].Type })
		},
		"DescribeContainerInstances: 1 MISSING": func() (string, error) {
			list, err := b.ecs.ListContainerInstances(
				ctx, &ecs.ListContainerInstancesInput{Cluster: awssdk.String("backoffice")},
			)
			if err != nil {
				return "", err
			}
			out, err := b.ecs.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
				Cluster: awssdk.String("backoffice"), ContainerInstances: append(list.ContainerInstanceArns[:1], "gone"),
			})
			return say(err, func() any {
				return fmt.Sprint(out.ContainerInstances[0].RunningTasksCount, " ", *out.Failures[0].Reason)
			})
		},
		"DescribeInstances: batch-instances": func() (string, error) {
			out, err := b.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{})
			return say(err, func() any { return *out.Reservations[1].Instances[0].SecurityGroups[0].GroupName })
		},
		"DescribeServiceRevisions: MISSING": func() (string, error) {
			out, err := b.ecs.DescribeServiceRevisions(
				ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{"arn:x"}},
			)
			return say(err, func() any { return *out.Failures[0].Reason })
		},
		"ListServiceDeployments: SUCCESSFUL": func() (string, error) {
			out, err := b.ecs.ListServiceDeployments(
				ctx, &ecs.ListServiceDeploymentsInput{Cluster: shop, Service: awssdk.String("cart")},
			)
			return say(err, func() any { return out.ServiceDeployments[0].Status })
		},
		"DescribeServiceDeployments: MISSING": func() (string, error) {
			out, err := b.ecs.DescribeServiceDeployments(
				ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{"arn:x"}},
			)
			return say(err, func() any { return *out.Failures[0].Reason })
		},
		"DescribeSubnets: 4": func() (string, error) {
			out, err := b.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
			return say(err, func() any { return len(out.Subnets) })
		},
		"DescribeVpcs: 2001:db8:1234::/56": func() (string, error) {
			out, err := b.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			return say(err, func() any { return *out.Vpcs[0].Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock })
		},
		"DescribeNetworkAcls: 90 deny 6 7070": func() (string, error) {
			out, err := b.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{})
			return say(err, func() any {
				e := out.NetworkAcls[1].Entries[0]
				return fmt.Sprint(*e.RuleNumber, " ", e.RuleAction, " ", *e.Protocol, " ", *e.PortRange.From)
			})
		},
		"DescribeManagedPrefixLists: AWS": func() (string, error) {
			out, err := b.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{})
			return say(err, func() any { return *out.PrefixLists[0].OwnerId })
		},
		"GetManagedPrefixListEntries: 130.176.0.0/16": func() (string, error) {
			out, err := b.ec2.GetManagedPrefixListEntries(
				ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: awssdk.String("pl-58a04531")},
			)
			return say(err, func() any { return *out.Entries[0].Cidr })
		},
		"DescribeNetworkInterfaces: 39": func() (string, error) {
			out, err := b.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{})
			return say(err, func() any { return len(out.NetworkInterfaces) })
		},
		"DescribeListeners: fixed-response": func() (string, error) {
			out, err := b.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: internal.LoadBalancerArn})
			return say(err, func() any { return out.Listeners[0].DefaultActions[0].Type })
		},
		"DescribeRules: 10 90 X-Team default": func() (string, error) {
			out, err := b.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: internal.LoadBalancerArn})
			if err != nil {
				return "", err
			}
			rules, err := b.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: out.Listeners[0].ListenerArn})
			return say(err, func() any {
				r := rules.Rules
				return fmt.Sprint(*r[0].Priority, " ", *r[0].Actions[0].ForwardConfig.TargetGroups[0].Weight, " ",
					*r[3].Conditions[1].HttpHeaderConfig.HttpHeaderName, " ", *r[5].Priority)
			})
		},
		"DescribeTargetGroups: 6": func() (string, error) {
			out, err := b.elb.DescribeTargetGroups(
				ctx, &elb.DescribeTargetGroupsInput{LoadBalancerArn: internal.LoadBalancerArn},
			)
			return say(err, func() any { return len(out.TargetGroups) })
		},
		"DescribeTargetHealth: 4": func() (string, error) {
			out, err := b.elb.DescribeTargetHealth(
				ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: awssdk.String(b.resources.balancing.targetGroupARN("catalog"))},
			)
			return say(err, func() any { return len(out.TargetHealthDescriptions) })
		},
		"DescribeTags: 0": func() (string, error) {
			out, err := b.elb.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: []string{*internal.LoadBalancerArn}})
			return say(err, func() any { return len(out.TagDescriptions[0].Tags) })
		},
		"DescribeTargetGroupAttributes: true": func() (string, error) {
			out, err := b.elb.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{
				TargetGroupArn: awssdk.String(b.resources.balancing.targetGroupARN("search-transport")),
			})
			return say(err, func() any {
				for _, attribute := range out.Attributes {
					if *attribute.Key == "preserve_client_ip.enabled" {
						return *attribute.Value
					}
				}
				return "missing"
			})
		},
		"DescribeLoadBalancerAttributes: idle_timeout.timeout_seconds": func() (string, error) {
			out, err := b.elb.DescribeLoadBalancerAttributes(
				ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: internal.LoadBalancerArn},
			)
			return say(err, func() any { return *out.Attributes[3].Key })
		},
		"ListNamespaces: shop.internal-fm7n2k": func() (string, error) {
			out, err := b.sd.ListNamespaces(ctx, &servicediscovery.ListNamespacesInput{
				Filters: []sdtypes.NamespaceFilter{{Name: sdtypes.NamespaceFilterNameType, Values: []string{"DNS_PRIVATE"}}},
			})
			return say(err, func() any { return *out.Namespaces[0].Properties.HttpProperties.HttpName })
		},
		"ListMetrics: 1": func() (string, error) {
			var out listMetricsReply
			b.metrics(t, "ListMetrics", object{"MetricName": "RequestCount", "Dimensions": []object{
				{"Name": "DiscoveryName", "Value": "cart"}, {"Name": "ServiceName"},
			}}, &out)
			return fmt.Sprint(len(out.Metrics)), nil
		},
		"DescribeAlarms: few-requests OK LessThanThreshold": func() (string, error) {
			var out describeAlarmsReply
			b.metrics(t, "DescribeAlarms", object{"AlarmNames": []string{"few-requests", "gone"}}, &out)
			if len(out.Metric) != 1 {
				return fmt.Sprint(out), nil
			}
			return strings.Join([]string{out.Metric[0].Name, out.Metric[0].State, out.Metric[0].Comparison}, " "), nil
		},
		"GetMetricData: 1500": func() (string, error) {
			return b.last(t, 1, metricsECS, "RequestCount", "Sum", "DiscoveryName", "cart"), nil
		},
		"ListServices: batch ledger warehouse": func() (string, error) {
			out, err := b.sd.ListServices(ctx, &servicediscovery.ListServicesInput{
				Filters: []sdtypes.ServiceFilter{
					{Name: sdtypes.ServiceFilterNameNamespaceId, Values: []string{b.resources.cloudMap.namespace("shop.internal").ID}},
				},
			})
			return say(err, func() any {
				var names []string
				for _, s := range out.Services {
					names = append(names, *s.Name)
				}
				slices.Sort(names)
				return strings.Join(names, " ")
			})
		},
	}
}

func say(err error, fact func() any) (string, error) {
	if err != nil {
		return "", err
	}
	return fmt.Sprint(fact()), nil
}

func Test_every_operation_answers_the_SDK(t *testing.T) {
	w := load(t, "shop")
	w.Alarms = []Alarm{{Name: "few-requests", Namespace: metricsECS, Metric: "RequestCount"}}
	w.GatewayRoutes = []GatewayRoute{{Gateway: "edge", Service: "promo", PortName: "http"}}
	b := newBench(t, w)
	for name, fact := range b.facts(t) {
		operation, want, _ := strings.Cut(name, ": ")
		if got, err := fact(); err != nil || got != want {
			t.Errorf("%s says %q, %v, want %q", operation, got, err, want)
		}
	}
	b.writeRules(t)
	if err := b.identity(t); err != nil {
		t.Error(err)
	}
	called := map[string]bool{}
	for _, c := range b.Calls() {
		if c.Error != "" {
			t.Errorf("%s: %s", c.Action, c.Error)
		}
		called[c.Action] = true
	}
	for _, op := range b.operations {
		if !called[op.action()] {
			t.Errorf("%s was not called", op.action())
		}
	}
}

// writeRules calls the operations on security group rules once each.
func (b *bench) writeRules(t *testing.T) {
	t.Helper()
	id := b.group(t, "inventory")
	peer := tcp(1, fromGroup(id))
	_, err1 := b.ec2.AuthorizeSecurityGroupIngress(
		t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: peer},
	)
	_, err2 := b.ec2.RevokeSecurityGroupIngress(
		t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: peer},
	)
	_, err3 := b.ec2.AuthorizeSecurityGroupEgress(
		t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: peer},
	)
	_, err4 := b.ec2.RevokeSecurityGroupEgress(
		t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: peer},
	)
	_, err5 := b.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{})
	_, err6 := b.ec2.DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{})
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Error(err)
	}
}

// identity calls STS by hand: hopscope has no client for it.
func (b *bench) identity(t *testing.T) error {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://sts.amazonaws.com/", strings.NewReader(
		"Action=GetCallerIdentity&Version=2011-06-15",
	))
	if err != nil {
		return err
	}
	resp, err := b.RoundTrip(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if !strings.Contains(string(body), "<GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:") {
		return fmt.Errorf("STS answers %s, %w", body, err)
	}
	return err
}

func Test_calls_are_logged_with_what_matters_of_them(t *testing.T) {
	b := newBench(t, load(t, "article"))
	id := b.group(t, "client-service")
	if _, err := b.ec2.AuthorizeSecurityGroupIngress(
		t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(8080, fromGroup(id))},
	); err != nil {
		t.Fatal(err)
	}
	_, err := b.ecs.DescribeServices(
		t.Context(), &ecs.DescribeServicesInput{Cluster: awssdk.String("nowhere"), Services: []string{"a", "b"}},
	)
	requireCode(t, err, "ClusterNotFoundException")
	want := []Call{
		{
			Time: b.now, Service: "ec2", Operation: "AuthorizeSecurityGroupIngress",
			Action: "ec2:AuthorizeSecurityGroupIngress", Mutating: true, Params: map[string]string{
				"GroupId": id, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "8080",
				"IpPermissions.1.ToPort": "8080", "IpPermissions.1.Groups.1.GroupId": id,
			},
		},
		{
			Time: b.now, Service: "ecs", Operation: "DescribeServices", Action: "ecs:DescribeServices",
			Error: "ClusterNotFoundException", Params: map[string]string{
				"cluster": "nowhere", "services": `["a","b"]`,
			},
		},
	}
	if diff := cmp.Diff(want, b.Calls()); diff != "" {
		t.Error(diff)
	}
}
