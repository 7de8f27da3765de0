package doctor

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"hopscope/model"
)

// fewest is the smallest page of EC2's listings.
const fewest = 5

// networkTrials are the trials of Amazon EC2 that read.
func (e *examination) networkTrials() []trial {
	few := awssdk.Int32(fewest)
	return []trial{
		{model.DescribeSubnets, func(ctx context.Context) error {
			_, err := e.session.EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{MaxResults: few})
			return err
		}},
		{model.DescribeVpcs, func(ctx context.Context) error {
			_, err := e.session.EC2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{MaxResults: few})
			return err
		}},
		{model.DescribeNetworkAcls, func(ctx context.Context) error {
			_, err := e.session.EC2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{MaxResults: few})
			return err
		}},
		{model.DescribeSecurityGroups, e.describeSecurityGroups},
		{model.DescribeManagedPrefixLists, e.describePrefixLists},
		{model.GetPrefixListEntries, e.getPrefixListEntries},
		{model.DescribeInstances, func(ctx context.Context) error {
			_, err := e.session.EC2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{MaxResults: few})
			return err
		}},
		{model.DescribeNetworkInterfaces, func(ctx context.Context) error {
			_, err := e.session.EC2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{MaxResults: few})
			return err
		}},
	}
}

// describeSecurityGroups keeps a page of groups: the dry runs need some with rules.
func (e *examination) describeSecurityGroups(ctx context.Context) error {
	const some = 100
	out, err := e.session.EC2.DescribeSecurityGroups(ctx,
		&ec2.DescribeSecurityGroupsInput{MaxResults: awssdk.Int32(some)})
	if err == nil {
		e.found.groups = out.SecurityGroups
	}
	return err
}

// ownGroups are the groups of the account itself: in a shared VPC others are listed, and
// their owner alone changes them.
func (e *examination) ownGroups() []ec2types.SecurityGroup {
	account := e.found.account()
	return slices.DeleteFunc(slices.Clone(e.found.groups), func(g ec2types.SecurityGroup) bool {
		return g.GroupId == nil || account != "" && awssdk.ToString(g.OwnerId) != account
	})
}

func (e *examination) describePrefixLists(ctx context.Context) error {
	out, err := e.session.EC2.DescribeManagedPrefixLists(ctx,
		&ec2.DescribeManagedPrefixListsInput{MaxResults: awssdk.Int32(1)})
	if err == nil && len(out.PrefixLists) > 0 {
		e.found.prefixList = awssdk.ToString(out.PrefixLists[0].PrefixListId)
	}
	return err
}

func (e *examination) getPrefixListEntries(ctx context.Context) error {
	if e.found.prefixList == "" {
		return &nothingError{"prefix list", model.DescribeManagedPrefixLists}
	}
	_, err := e.session.EC2.GetManagedPrefixListEntries(ctx,
		&ec2.GetManagedPrefixListEntriesInput{PrefixListId: &e.found.prefixList, MaxResults: awssdk.Int32(1)})
	return err
}
