package simulator

import (
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

func Test_every_region_has_the_prefix_lists_of_VPC_Lattice(t *testing.T) {
	w := load(t, "article")
	w.Region = "eu-central-1"
	b := newBench(t, w)
	for name, want := range map[string]string{
		"com.amazonaws.eu-central-1.vpc-lattice":      "169.254.171.0/24 IPv4 AWS",
		"com.amazonaws.eu-central-1.ipv6.vpc-lattice": "fd00:ec2:80::/64 IPv6 AWS",
	} {
		lists, err := b.ec2.DescribeManagedPrefixLists(t.Context(), &ec2.DescribeManagedPrefixListsInput{
			Filters: []ec2types.Filter{{Name: awssdk.String("prefix-list-name"), Values: []string{name}}},
		})
		if err != nil || len(lists.PrefixLists) != 1 {
			t.Fatalf("%s: %v, %v", name, lists, err)
		}
		l := lists.PrefixLists[0]
		entries, err := b.ec2.GetManagedPrefixListEntries(
			t.Context(), &ec2.GetManagedPrefixListEntriesInput{PrefixListId: l.PrefixListId},
		)
		if err != nil {
			t.Fatal(err)
		}
		if got := *entries.Entries[0].Cidr + " " + *l.AddressFamily + " " + *l.OwnerId; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func Test_a_deployment_names_the_target_groups_of_VPC_Lattice(t *testing.T) {
	b := newBench(t, parse(t, `{
	 "securityGroups": [{"name": "web", "ingress": [{"ports": 80,
	  "prefixList": "com.amazonaws.ap-northeast-1.vpc-lattice"}]}],
	 "taskDefinitions": [{"family": "web", "containers": [{"name": "web", "portMappings": [{"name": "http",
	  "containerPort": 80}]}]}],
	 "services": [{"name": "web", "securityGroups": ["web"], "vpcLattice": [{"portName": "http",
	  "targetGroup": "web"}]}]}`))
	out, err := b.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Services: []string{"web"}})
	if err != nil {
		t.Fatal(err)
	}
	l := out.Services[0].Deployments[0].VpcLatticeConfigurations
	if len(l) != 1 || *l[0].PortName != "http" || !strings.HasPrefix(
		*l[0].TargetGroupArn, "arn:aws:vpc-lattice:ap-northeast-1:123456789012:targetgroup/tg-",
	) {
		t.Errorf("the configurations are %+v", l)
	}
	groups, err := b.ec2.DescribeSecurityGroups(
		t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{b.group(t, "web")}},
	)
	if err != nil {
		t.Fatal(err)
	}
	if p := groups.SecurityGroups[0].IpPermissions[0].PrefixListIds; len(p) != 1 || !strings.HasPrefix(
		*p[0].PrefixListId, "pl-",
	) {
		t.Errorf("the rule admits %+v", p)
	}
}
