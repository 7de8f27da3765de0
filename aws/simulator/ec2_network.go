package simulator

import (
	"strconv"
	"strings"
)

// networkAPI answers the calls of EC2 about VPCs and what stands in them.
type networkAPI struct{ network *network }

// The shapes of EC2 (API version 2016-11-15).
type (
	ec2SecurityGroup struct {
		OwnerID     string               `xml:"ownerId"`
		ID          string               `xml:"groupId"`
		Name        string               `xml:"groupName"`
		Description string               `xml:"groupDescription"`
		VPC         string               `xml:"vpcId"`
		Ingress     items[ec2Permission] `xml:"ipPermissions"`
		Egress      items[ec2Permission] `xml:"ipPermissionsEgress"`
		Tags        items[tagEC2]        `xml:"tagSet"`
		ARN         string               `xml:"securityGroupArn"`
	}
	ec2Permission struct {
		Protocol    string               `xml:"ipProtocol"`
		FromPort    *int                 `xml:"fromPort"`
		ToPort      *int                 `xml:"toPort"`
		Groups      items[ec2GroupPair]  `xml:"groups"`
		IPRanges    items[ec2IPRange]    `xml:"ipRanges"`
		IPv6Ranges  items[ec2IPv6Range]  `xml:"ipv6Ranges"`
		PrefixLists items[ec2PrefixPeer] `xml:"prefixListIds"`
	}
	ec2GroupPair struct {
		UserID        string `xml:"userId"`
		GroupID       string `xml:"groupId"`
		VPC           string `xml:"vpcId,omitempty"`
		PeeringStatus string `xml:"peeringStatus,omitempty"`
		Description   string `xml:"description,omitempty"`
	}
	ec2IPRange struct {
		CIDR        string `xml:"cidrIp"`
		Description string `xml:"description,omitempty"`
	}
	ec2IPv6Range struct {
		CIDR        string `xml:"cidrIpv6"`
		Description string `xml:"description,omitempty"`
	}
	ec2PrefixPeer struct {
		ID          string `xml:"prefixListId"`
		Description string `xml:"description,omitempty"`
	}
	ec2Subnet struct {
		ID                 string              `xml:"subnetId"`
		ARN                string              `xml:"subnetArn"`
		State              string              `xml:"state"`
		OwnerID            string              `xml:"ownerId"`
		VPC                string              `xml:"vpcId"`
		CIDR               string              `xml:"cidrBlock,omitempty"`
		IPv6               items[ec2IPv6Block] `xml:"ipv6CidrBlockAssociationSet"`
		AvailableAddresses int                 `xml:"availableIpAddressCount"`
		Zone               string              `xml:"availabilityZone"`
		Tags               items[tagEC2]       `xml:"tagSet"`
	}
	ec2IPv6Block struct {
		CIDR  string `xml:"ipv6CidrBlock"`
		ID    string `xml:"associationId"`
		State string `xml:"ipv6CidrBlockState>state"`
	}
	ec2IPv4Block struct {
		CIDR  string `xml:"cidrBlock"`
		ID    string `xml:"associationId"`
		State string `xml:"cidrBlockState>state"`
	}
	ec2VPC struct {
		ID      string              `xml:"vpcId"`
		OwnerID string              `xml:"ownerId"`
		State   string              `xml:"state"`
		CIDR    string              `xml:"cidrBlock"`
		CIDRs   items[ec2IPv4Block] `xml:"cidrBlockAssociationSet"`
		IPv6    items[ec2IPv6Block] `xml:"ipv6CidrBlockAssociationSet"`
		Tenancy string              `xml:"instanceTenancy"`
		Default bool                `xml:"isDefault"`
		Tags    items[tagEC2]       `xml:"tagSet"`
	}
	ec2NetworkACL struct {
		ID           string                   `xml:"networkAclId"`
		VPC          string                   `xml:"vpcId"`
		OwnerID      string                   `xml:"ownerId"`
		Default      bool                     `xml:"default"`
		Entries      items[ec2ACLEntry]       `xml:"entrySet"`
		Associations items[ec2ACLAssociation] `xml:"associationSet"`
		Tags         items[tagEC2]            `xml:"tagSet"`
	}
	ec2ACLEntry struct {
		Number   int           `xml:"ruleNumber"`
		Protocol string        `xml:"protocol"`
		Action   string        `xml:"ruleAction"`
		Egress   bool          `xml:"egress"`
		CIDR     string        `xml:"cidrBlock,omitempty"`
		IPv6CIDR string        `xml:"ipv6CidrBlock,omitempty"`
		Ports    *ec2PortRange `xml:"portRange"`
	}
	ec2PortRange struct {
		From int `xml:"from"`
		To   int `xml:"to"`
	}
	ec2ACLAssociation struct {
		ID     string `xml:"networkAclAssociationId"`
		ACL    string `xml:"networkAclId"`
		Subnet string `xml:"subnetId"`
	}
	ec2PrefixList struct {
		ID            string        `xml:"prefixListId"`
		AddressFamily string        `xml:"addressFamily"`
		State         string        `xml:"state"`
		ARN           string        `xml:"prefixListArn"`
		Name          string        `xml:"prefixListName"`
		MaxEntries    int           `xml:"maxEntries,omitempty"`
		Version       int           `xml:"version,omitempty"`
		Tags          items[tagEC2] `xml:"tagSet"`
		OwnerID       string        `xml:"ownerId"`
	}
)

type describeSubnetsReply struct {
	Subnets   items[ec2Subnet] `xml:"subnetSet"`
	NextToken string           `xml:"nextToken,omitempty"`
}

func (a *networkAPI) describeSubnets(p params) (*describeSubnetsReply, error) {
	found, err := selection(p, a.network.subnets, "SubnetId", "InvalidSubnetID.NotFound", "subnet ID",
		func(s *subnet) map[string][]string {
			return map[string][]string{"subnet-id": {s.id}, "vpc-id": {s.vpc.id}, "availability-zone": {s.zoneName}}
		},
		func(s *subnet) string { return s.id })
	if err != nil {
		return nil, err
	}
	page, next, err := pageEC2(found, p, 5, 1000)
	if err != nil {
		return nil, err
	}
	reply := &describeSubnetsReply{NextToken: next}
	for _, s := range page {
		d := ec2Subnet{
			ID: s.id, ARN: a.network.arn("ec2", "subnet/"+s.id),
			State: "available", OwnerID: a.network.id, VPC: s.vpc.id, CIDR: s.CIDR,
			AvailableAddresses: 4091, Zone: s.zoneName, Tags: nameTag(s.Name),
		}
		if s.IPv6CIDR != "" {
			d.IPv6.Items = ipv6Blocks([]string{s.IPv6CIDR}, "subnet-cidr-assoc")
		}
		reply.Subnets.Items = append(reply.Subnets.Items, d)
	}
	return reply, nil
}

type describeVpcsReply struct {
	VPCs      items[ec2VPC] `xml:"vpcSet"`
	NextToken string        `xml:"nextToken,omitempty"`
}

func (a *networkAPI) describeVPCs(p params) (*describeVpcsReply, error) {
	found, err := selection(p, a.network.vpcs, "VpcId", "InvalidVpcID.NotFound", "vpc ID",
		func(v *vpc) map[string][]string { return map[string][]string{"vpc-id": {v.id}, "cidr": {v.CIDRs[0]}} },
		func(v *vpc) string { return v.id })
	if err != nil {
		return nil, err
	}
	page, next, err := pageEC2(found, p, 5, 1000)
	if err != nil {
		return nil, err
	}
	reply := &describeVpcsReply{NextToken: next}
	for _, v := range page {
		d := ec2VPC{
			ID: v.id, OwnerID: a.network.id, State: "available", CIDR: v.CIDRs[0], Tenancy: "default", Tags: nameTag(v.Name),
			IPv6: items[ec2IPv6Block]{ipv6Blocks(v.IPv6CIDRs, "vpc-cidr-assoc")},
		}
		for _, block := range v.CIDRs {
			d.CIDRs.Items = append(
				d.CIDRs.Items, ec2IPv4Block{CIDR: block, ID: "vpc-cidr-assoc-" + hash(17, v.id, block), State: "associated"},
			)
		}
		reply.VPCs.Items = append(reply.VPCs.Items, d)
	}
	return reply, nil
}

func ipv6Blocks(cidrs []string, prefix string) []ec2IPv6Block {
	var blocks []ec2IPv6Block
	for _, c := range cidrs {
		blocks = append(blocks, ec2IPv6Block{CIDR: c, ID: prefix + "-" + hash(17, c), State: "associated"})
	}
	return blocks
}

type describeNetworkAclsReply struct {
	ACLs      items[ec2NetworkACL] `xml:"networkAclSet"`
	NextToken string               `xml:"nextToken,omitempty"`
}

func (a *networkAPI) describeACLs(p params) (*describeNetworkAclsReply, error) {
	found, err := selection(p, a.network.acls, "NetworkAclId", "InvalidNetworkAclID.NotFound", "networkAcl ID",
		func(n *networkACL) map[string][]string {
			return map[string][]string{
				"network-acl-id": {n.id}, "vpc-id": {n.vpc.id}, "default": {strconv.FormatBool(n.isDefault)},
			}
		},
		func(n *networkACL) string { return n.id })
	if err != nil {
		return nil, err
	}
	page, next, err := pageEC2(found, p, 5, 1000)
	if err != nil {
		return nil, err
	}
	reply := &describeNetworkAclsReply{NextToken: next}
	for _, n := range page {
		reply.ACLs.Items = append(reply.ACLs.Items, a.describeACL(n))
	}
	return reply, nil
}

func (a *networkAPI) describeACL(n *networkACL) ec2NetworkACL {
	d := ec2NetworkACL{ID: n.id, VPC: n.vpc.id, OwnerID: a.network.id, Default: n.isDefault, Tags: nameTag(n.Name)}
	for _, e := range n.Entries {
		d.Entries.Items = append(d.Entries.Items, aclEntry(e))
	}
	for _, egress := range []bool{true, false} { // ACLs deny what no entry matches
		d.Entries.Items = append(d.Entries.Items, ec2ACLEntry{
			Number: 32767, Protocol: allProtocols, Action: "deny", Egress: egress, CIDR: "0.0.0.0/0",
		})
	}
	for _, s := range a.network.subnets {
		if s.acl == n {
			d.Associations.Items = append(d.Associations.Items, ec2ACLAssociation{
				ID: "aclassoc-" + hash(17, n.id, s.id), ACL: n.id, Subnet: s.id,
			})
		}
	}
	return d
}

func aclEntry(e NetworkACLEntry) ec2ACLEntry {
	d := ec2ACLEntry{Number: e.Number, Action: e.Action, Egress: e.Egress, CIDR: e.CIDR}
	if strings.Contains(e.CIDR, ":") {
		d.CIDR, d.IPv6CIDR = "", e.CIDR
	}
	given := e.Ports != PortRange{}
	switch {
	case e.Protocol == "tcp", e.Protocol == "" && given:
		d.Protocol = "6"
	case e.Protocol == "udp":
		d.Protocol = "17"
	case e.Protocol == "":
		d.Protocol = allProtocols
	default:
		d.Protocol = e.Protocol
	}
	if d.Protocol == "6" || d.Protocol == "17" {
		d.Ports = &ec2PortRange{From: e.Ports.From, To: e.Ports.To}
		if !given {
			d.Ports.To = maxPort
		}
	}
	return d
}

type describePrefixListsReply struct {
	PrefixLists items[ec2PrefixList] `xml:"prefixListSet"`
	NextToken   string               `xml:"nextToken,omitempty"`
}

func (a *networkAPI) describePrefixLists(p params) (*describePrefixListsReply, error) {
	found, err := selection(p, a.network.prefixLists, "PrefixListId", "InvalidPrefixListID.NotFound", "prefix list ID",
		func(l *prefixList) map[string][]string {
			return map[string][]string{"prefix-list-id": {l.id}, "prefix-list-name": {l.Name}, "owner-id": {l.Owner}}
		},
		func(l *prefixList) string { return l.id })
	if err != nil {
		return nil, err
	}
	page, next, err := pageEC2(found, p, 1, 100)
	if err != nil {
		return nil, err
	}
	reply := &describePrefixListsReply{NextToken: next}
	for _, l := range page {
		d := ec2PrefixList{
			ID: l.id, AddressFamily: "IPv4", State: "create-complete", ARN: a.network.arn("ec2", "prefix-list/"+l.id),
			Name: l.Name, MaxEntries: max(len(l.Entries), 1), Version: l.Version, OwnerID: l.Owner,
		}
		if len(l.Entries) > 0 && strings.Contains(l.Entries[0], ":") {
			d.AddressFamily = "IPv6"
		}
		if l.Owner == "AWS" { // AWS's own lists have neither a version nor a size
			d.MaxEntries, d.Version = 0, 0
		}
		reply.PrefixLists.Items = append(reply.PrefixLists.Items, d)
	}
	return reply, nil
}

type ec2PrefixEntry struct {
	CIDR string `xml:"cidr"`
}

type prefixListEntriesReply struct {
	Entries   items[ec2PrefixEntry] `xml:"entrySet"`
	NextToken string                `xml:"nextToken,omitempty"`
}

func (a *networkAPI) prefixListEntries(p params) (*prefixListEntriesReply, error) {
	id := p.get("PrefixListId")
	list := find(a.network.prefixLists, func(l *prefixList) bool { return l.id == id })
	if list == nil {
		return nil, refuse("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist.", id)
	}
	page, next, err := pageEC2(list.Entries, p, 1, 100)
	if err != nil {
		return nil, err
	}
	reply := &prefixListEntriesReply{NextToken: next}
	for _, cidr := range page {
		reply.Entries.Items = append(reply.Entries.Items, ec2PrefixEntry{CIDR: cidr})
	}
	return reply, nil
}

func nameTag(name string) items[tagEC2] {
	return tagsEC2(map[string]string{"Name": name})
}

func tagsEC2(tags map[string]string) items[tagEC2] {
	var out items[tagEC2]
	for _, key := range sortedKeys(tags) {
		out.Items = append(out.Items, tagEC2{Key: key, Value: tags[key]})
	}
	return out
}
