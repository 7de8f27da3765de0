package convert

import (
	"cmp"
	"net/netip"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"hopscope/model"
)

// AppendCIDR adds a block. AWS writes blocks in canonical form; text that is none
// is left out, since it can admit nothing.
func AppendCIDR(all []netip.Prefix, text *string) []netip.Prefix {
	prefix, err := netip.ParsePrefix(awssdk.ToString(text))
	if err != nil {
		return all
	}
	return append(all, prefix)
}

// Subnet is a subnet with the blocks that are associated with it.
func Subnet(s *ec2types.Subnet) model.Subnet {
	row := model.Subnet{
		ID:               awssdk.ToString(s.SubnetId),
		VPC:              awssdk.ToString(s.VpcId),
		AvailabilityZone: awssdk.ToString(s.AvailabilityZone),
		CIDRs:            AppendCIDR(nil, s.CidrBlock),
	}
	for _, a := range s.Ipv6CidrBlockAssociationSet {
		if a.Ipv6CidrBlockState == nil || a.Ipv6CidrBlockState.State == ec2types.SubnetCidrBlockStateCodeAssociated {
			row.CIDRs = AppendCIDR(row.CIDRs, a.Ipv6CidrBlock)
		}
	}
	return row
}

// VPC takes the primary block and those that were associated later.
func VPC(v *ec2types.Vpc) model.VPC {
	row := model.VPC{ID: awssdk.ToString(v.VpcId), CIDRs: AppendCIDR(nil, v.CidrBlock)}
	for _, a := range v.CidrBlockAssociationSet {
		if awssdk.ToString(a.CidrBlock) == awssdk.ToString(v.CidrBlock) {
			continue
		}
		if a.CidrBlockState == nil || a.CidrBlockState.State == ec2types.VpcCidrBlockStateCodeAssociated {
			row.CIDRs = AppendCIDR(row.CIDRs, a.CidrBlock)
		}
	}
	for _, a := range v.Ipv6CidrBlockAssociationSet {
		if a.Ipv6CidrBlockState == nil || a.Ipv6CidrBlockState.State == ec2types.VpcCidrBlockStateCodeAssociated {
			row.CIDRs = AppendCIDR(row.CIDRs, a.Ipv6CidrBlock)
		}
	}
	return row
}

// SecurityGroup is a group with one rule for each peer: AWS folds rules of the same
// ports into one.
func SecurityGroup(g *ec2types.SecurityGroup) model.SecurityGroup {
	row := model.SecurityGroup{
		ID:      awssdk.ToString(g.GroupId),
		Name:    awssdk.ToString(g.GroupName),
		VPC:     awssdk.ToString(g.VpcId),
		Owner:   awssdk.ToString(g.OwnerId),
		Ingress: toSecurityGroupRules(g, g.IpPermissions),
		Egress:  toSecurityGroupRules(g, g.IpPermissionsEgress),
	}
	for _, tag := range g.Tags {
		if row.Tags == nil {
			row.Tags = make(map[string]string, len(g.Tags))
		}
		row.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
	}
	return row
}

// toSecurityGroupRules gives each peer of a permission a rule of its own.
func toSecurityGroupRules(g *ec2types.SecurityGroup, all []ec2types.IpPermission) []model.SecurityGroupRule {
	var rows []model.SecurityGroupRule
	for i := range all {
		p := &all[i]
		add := func(description *string, peer func(*model.SecurityGroupRule) bool) {
			row := model.SecurityGroupRule{
				Protocol:    awssdk.ToString(p.IpProtocol),
				FromPort:    int(awssdk.ToInt32(p.FromPort)),
				ToPort:      int(awssdk.ToInt32(p.ToPort)),
				Description: awssdk.ToString(description),
			}
			if peer(&row) {
				rows = append(rows, row)
			}
		}
		for _, r := range p.IpRanges {
			add(r.Description, cidrPeer(r.CidrIp))
		}
		for _, r := range p.Ipv6Ranges {
			add(r.Description, cidrPeer(r.CidrIpv6))
		}
		for _, l := range p.PrefixListIds {
			add(l.Description, func(row *model.SecurityGroupRule) bool {
				row.PrefixList = awssdk.ToString(l.PrefixListId)
				return row.PrefixList != ""
			})
		}
		for _, u := range p.UserIdGroupPairs {
			add(u.Description, func(row *model.SecurityGroupRule) bool {
				row.Group = toGroupReference(g, u)
				return row.Group.ID != ""
			})
		}
	}
	return rows
}

func cidrPeer(text *string) func(*model.SecurityGroupRule) bool {
	return func(row *model.SecurityGroupRule) bool {
		blocks := AppendCIDR(nil, text)
		if len(blocks) == 0 {
			return false
		}
		row.CIDR = blocks[0]
		return true
	}
}

// toGroupReference names account and VPC only where they are others than the
// group's own.
func toGroupReference(g *ec2types.SecurityGroup, u ec2types.UserIdGroupPair) *model.GroupReference {
	ref := &model.GroupReference{
		ID:            awssdk.ToString(u.GroupId),
		PeeringStatus: awssdk.ToString(u.PeeringStatus),
	}
	if account := awssdk.ToString(u.UserId); account != awssdk.ToString(g.OwnerId) {
		ref.Account = account
	}
	if vpc := awssdk.ToString(u.VpcId); vpc != awssdk.ToString(g.VpcId) {
		ref.VPC = vpc
	}
	return ref
}

// NetworkACL is a network ACL, its entries in the order in which they are tried.
func NetworkACL(a *ec2types.NetworkAcl) model.NetworkACL {
	row := model.NetworkACL{
		ID:      awssdk.ToString(a.NetworkAclId),
		VPC:     awssdk.ToString(a.VpcId),
		Default: awssdk.ToBool(a.IsDefault),
	}
	for _, s := range a.Associations {
		row.Subnets = append(row.Subnets, awssdk.ToString(s.SubnetId))
	}
	slices.Sort(row.Subnets)
	for i := range a.Entries {
		if entry, ok := toNetworkACLEntry(&a.Entries[i]); ok {
			row.Entries = append(row.Entries, entry)
		}
	}
	slices.SortStableFunc(row.Entries, compareEntries)
	return row
}

// compareEntries orders entries as the ACL tries them, ingress first.
func compareEntries(a, b model.NetworkACLEntry) int {
	if a.Egress != b.Egress {
		if b.Egress {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.Number, b.Number)
}

// toNetworkACLEntry reads an entry. It reports false for one without an address
// block, which matches nothing.
func toNetworkACLEntry(e *ec2types.NetworkAclEntry) (model.NetworkACLEntry, bool) {
	blocks := AppendCIDR(AppendCIDR(nil, e.CidrBlock), e.Ipv6CidrBlock)
	if len(blocks) == 0 {
		return model.NetworkACLEntry{}, false
	}
	row := model.NetworkACLEntry{
		Number:   int(awssdk.ToInt32(e.RuleNumber)),
		Egress:   awssdk.ToBool(e.Egress),
		Allow:    e.RuleAction == ec2types.RuleActionAllow,
		Protocol: awssdk.ToString(e.Protocol),
		CIDR:     blocks[0],
	}
	if e.PortRange != nil {
		row.FromPort = int(awssdk.ToInt32(e.PortRange.From))
		row.ToPort = int(awssdk.ToInt32(e.PortRange.To))
	}
	return row, true
}

// PrefixList is a prefix list without its entries, which are a call of their own.
func PrefixList(l *ec2types.ManagedPrefixList) model.PrefixList {
	return model.PrefixList{
		ID:      awssdk.ToString(l.PrefixListId),
		Name:    awssdk.ToString(l.PrefixListName),
		Owner:   awssdk.ToString(l.OwnerId),
		Version: awssdk.ToInt64(l.Version),
	}
}

// NetworkInterface is an interface with its private addresses.
func NetworkInterface(n *ec2types.NetworkInterface) model.NetworkInterface {
	row := model.NetworkInterface{
		ID:          awssdk.ToString(n.NetworkInterfaceId),
		VPC:         awssdk.ToString(n.VpcId),
		Subnet:      awssdk.ToString(n.SubnetId),
		Type:        string(n.InterfaceType),
		Description: awssdk.ToString(n.Description),
		Addresses:   appendAddress(nil, n.PrivateIpAddress),
	}
	for _, g := range n.Groups {
		row.SecurityGroups = append(row.SecurityGroups, awssdk.ToString(g.GroupId))
	}
	slices.Sort(row.SecurityGroups)
	for _, a := range n.PrivateIpAddresses {
		row.Addresses = appendAddress(row.Addresses, a.PrivateIpAddress)
	}
	for _, a := range n.Ipv6Addresses {
		row.Addresses = appendAddress(row.Addresses, a.Ipv6Address)
	}
	if n.Attachment != nil {
		row.Instance = awssdk.ToString(n.Attachment.InstanceId)
	}
	return row
}
