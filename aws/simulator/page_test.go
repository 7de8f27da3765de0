package simulator

import (
	"errors"
	"slices"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"
)

func Test_pages_hold_every_element_once_and_in_order(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOf(rapid.Int()).Draw(t, "all")
		size := rapid.IntRange(1, 20).Draw(t, "size")
		var got []int
		for token, pages := "", 0; ; pages++ {
			page, next, ok := paginate(all, token, size)
			if !ok || len(page) > size || pages > len(all) {
				t.Fatalf("page %d with token %q: %v %v", pages, token, page, ok)
			}
			got = append(got, page...)
			if token = next; token == "" {
				break
			}
		}
		if !slices.Equal(got, all) {
			t.Fatalf("pages of %d hold %v, want %v", size, got, all)
		}
	})
}

func FuzzPageToken(f *testing.F) {
	f.Add("")
	f.Add(sealToken(7))
	f.Add("cGFnZTotMQ")
	f.Fuzz(func(t *testing.T, token string) {
		all := []int{1, 2, 3}
		page, next, ok := paginate(all, token, 2)
		if !ok && (page != nil || next != "") {
			t.Errorf("a refused token gives %v and %q", page, next)
		}
	})
}

func Test_the_pages_of_each_service_add_up(t *testing.T) {
	w := load(t, "shop")
	b := newBench(t, w)
	for _, c := range []struct {
		name string
		want int
		read func() (n, most int, err error)
	}{
		{"ListServices", 12, func() (n, most int, err error) {
			p := ecs.NewListServicesPaginator(b.ecs, &ecs.ListServicesInput{Cluster: awssdk.String("shop")})
			for p.HasMorePages() && err == nil {
				var out *ecs.ListServicesOutput
				if out, err = p.NextPage(t.Context()); err == nil {
					n, most = n+len(out.ServiceArns), max(most, len(out.ServiceArns))
				}
			}
			return n, most, err
		}},
		{"DescribeTargetGroups", len(w.TargetGroups), func() (n, most int, err error) {
			p := elb.NewDescribeTargetGroupsPaginator(b.elb, &elb.DescribeTargetGroupsInput{PageSize: awssdk.Int32(10)})
			for p.HasMorePages() && err == nil {
				var out *elb.DescribeTargetGroupsOutput
				if out, err = p.NextPage(t.Context()); err == nil {
					n, most = n+len(out.TargetGroups), max(most, len(out.TargetGroups))
				}
			}
			return n, most, err
		}},
		{"DescribeSecurityGroups", len(w.SecurityGroups) + 1, func() (n, most int, err error) {
			p := ec2.NewDescribeSecurityGroupsPaginator(b.ec2, &ec2.DescribeSecurityGroupsInput{MaxResults: awssdk.Int32(10)})
			for p.HasMorePages() && err == nil {
				var out *ec2.DescribeSecurityGroupsOutput
				if out, err = p.NextPage(t.Context()); err == nil {
					n, most = n+len(out.SecurityGroups), max(most, len(out.SecurityGroups))
				}
			}
			return n, most, err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, most, err := c.read()
			if err != nil || n != c.want || most != 10 {
				t.Errorf("%d elements in pages of at most %d (%v), want %d in pages of 10", n, most, err, c.want)
			}
		})
	}
}

func Test_limits_and_errors_are_those_of_AWS(t *testing.T) {
	b := newBench(t, load(t, "article"))
	ctx := t.Context()
	many := func(n int) []string { return slices.Repeat([]string{"x"}, n) }
	for _, c := range []struct {
		name, code string
		call       func() error
	}{
		{"an unknown cluster", "ClusterNotFoundException", func() error {
			_, err := b.ecs.ListServices(ctx, &ecs.ListServicesInput{Cluster: awssdk.String("nowhere")})
			return err
		}},
		{"eleven services", "InvalidParameterException", func() error {
			_, err := b.ecs.DescribeServices(
				ctx, &ecs.DescribeServicesInput{Cluster: awssdk.String("sample-cluster"), Services: many(11)},
			)
			return err
		}},
		{"pages of 101 services", "InvalidParameterException", func() error {
			_, err := b.ecs.ListServices(
				ctx, &ecs.ListServicesInput{Cluster: awssdk.String("sample-cluster"), MaxResults: awssdk.Int32(101)},
			)
			return err
		}},
		{"a token that no page has", "InvalidParameterException", func() error {
			_, err := b.ecs.ListClusters(ctx, &ecs.ListClustersInput{NextToken: awssdk.String("1")})
			return err
		}},
		{"an unknown task definition", "ClientException", func() error {
			_, err := b.ecs.DescribeTaskDefinition(
				ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: awssdk.String("nothing:1")},
			)
			return err
		}},
		{"an unknown service", "ServiceNotFoundException", func() error {
			_, err := b.ecs.UpdateService(
				ctx, &ecs.UpdateServiceInput{Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("absent")},
			)
			return err
		}},
		{"an unknown namespace", "NamespaceNotFoundException", func() error {
			_, err := b.ecs.ListServicesByNamespace(ctx, &ecs.ListServicesByNamespaceInput{Namespace: awssdk.String("nowhere")})
			return err
		}},
		{"21 target groups", "ValidationError", func() error {
			_, err := b.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: many(21)})
			return err
		}},
		{"an unknown target group", "TargetGroupNotFound", func() error {
			_, err := b.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: many(1)})
			return err
		}},
		{"pages of 401 load balancers", "ValidationError", func() error {
			_, err := b.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{PageSize: awssdk.Int32(401)})
			return err
		}},
		{"listeners of nothing", "ValidationError", func() error {
			_, err := b.elb.DescribeListeners(ctx, &elb.DescribeListenersInput{})
			return err
		}},
		{"rules of an unknown listener", "ListenerNotFound", func() error {
			_, err := b.elb.DescribeRules(ctx, &elb.DescribeRulesInput{ListenerArn: awssdk.String("x")})
			return err
		}},
		{"the health of an unknown target group", "TargetGroupNotFound", func() error {
			_, err := b.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: awssdk.String("x")})
			return err
		}},
		{"an unknown security group by id", "InvalidGroup.NotFound", func() error {
			_, err := b.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-1"}})
			return err
		}},
		{"201 filter values", "FilterLimitExceeded", func() error {
			_, err := b.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{
				Filters: []ec2types.Filter{{Name: awssdk.String("group-id"), Values: many(201)}},
			})
			return err
		}},
		{"a filter that does not exist", "InvalidParameterValue", func() error {
			_, err := b.ec2.DescribeSubnets(
				ctx, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: awssdk.String("colour"), Values: many(1)}}},
			)
			return err
		}},
		{"pages of four security groups", "InvalidParameterValue", func() error {
			_, err := b.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{MaxResults: awssdk.Int32(4)})
			return err
		}},
		{"pages of 101 prefix lists", "InvalidParameterValue", func() error {
			_, err := b.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{MaxResults: awssdk.Int32(101)})
			return err
		}},
		{"an unknown prefix list", "InvalidPrefixListID.NotFound", func() error {
			_, err := b.ec2.GetManagedPrefixListEntries(
				ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: awssdk.String("pl-1")},
			)
			return err
		}},
		{"interfaces by id and in pages", "InvalidParameterCombination", func() error {
			_, err := b.ec2.DescribeNetworkInterfaces(
				ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: many(1), MaxResults: awssdk.Int32(10)},
			)
			return err
		}},
		{"pages of 101 namespaces", "InvalidInput", func() error {
			_, err := b.sd.ListNamespaces(ctx, &servicediscovery.ListNamespacesInput{MaxResults: awssdk.Int32(101)})
			return err
		}},
		{"an operation of ECS that is not simulated", "UnknownOperationException", func() error {
			_, err := b.ecs.ListAccountSettings(ctx, &ecs.ListAccountSettingsInput{})
			return err
		}},
		{"an operation of EC2 that is not simulated", "InvalidAction", func() error {
			_, err := b.ec2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
			return err
		}},
		{"an operation of ELB that is not simulated", "InvalidAction", func() error {
			_, err := b.elb.DescribeSSLPolicies(ctx, &elb.DescribeSSLPoliciesInput{})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) { requireCode(t, c.call(), c.code) })
	}
}

// requireCode checks that an error is AWS's and has the code.
func requireCode(t *testing.T, err error, code string) smithy.APIError {
	t.Helper()
	var ae smithy.APIError
	if !errors.As(err, &ae) || ae.ErrorCode() != code {
		t.Fatalf("the error is %v, want %s", err, code)
	}
	return ae
}

func Test_a_filter_leaves_out_what_is_gone_instead_of_failing(t *testing.T) {
	b := newBench(t, load(t, "article"))
	out, err := b.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{
		Filters: []ec2types.Filter{{Name: awssdk.String("group-id"), Values: []string{b.group(t, "main-alb"), "sg-gone"}}},
	})
	if err != nil || len(out.SecurityGroups) != 1 {
		t.Errorf("%v, %v", out, err)
	}
}
