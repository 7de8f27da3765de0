package simulator

import (
	"strconv"
	"strings"
)

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

func (nw *network) subnetFamily() family[*subnet, ec2Subnet] {
	return family[*subnet, ec2Subnet]{
		set: "subnetSet", ids: "SubnetId", notFound: "InvalidSubnetID.NotFound", noun: "subnet ID",
		all: func() []*subnet { return nw.subnets },
		id:  func(s *subnet) string { return s.id },
		filters: func(s *subnet) filters {
			return filters{"subnet-id": {s.id}, "vpc-id": {s.vpc.id}, "availability-zone": {s.zoneName}}
		},
		show: nw.describeSubnet,
	}
}

func (nw *network) describeSubnet(s *subnet) ec2Subnet {
	d := ec2Subnet{
		ID: s.id, ARN: nw.arn("ec2", "subnet/"+s.id), State: "available", OwnerID: nw.id, VPC: s.vpc.id, CIDR: s.CIDR,
		AvailableAddresses: 4091, Zone: s.zoneName, Tags: nameTag(s.Name),
	}
	if s.IPv6CIDR != "" {
		d.IPv6.Items = ipv6Blocks([]string{s.IPv6CIDR}, "subnet-cidr-assoc")
	}
	return d
}

func (nw *network) vpcFamily() family[*vpc, ec2VPC] {
	return family[*vpc, ec2VPC]{
		set: "vpcSet", ids: "VpcId", notFound: "InvalidVpcID.NotFound", noun: "vpc ID",
		all: func() []*vpc { return nw.vpcs },
		id:  func(v *vpc) string { return v.id },
		filters: func(v *vpc) filters {
			return filters{"vpc-id": {v.id}, "cidr": {v.CIDRs[0]}}
		},
		show: nw.describeVPC,
	}
}

func (nw *network) describeVPC(v *vpc) ec2VPC {
	d := ec2VPC{
		ID: v.id, OwnerID: nw.id, State: "available", CIDR: v.CIDRs[0], Tenancy: "default", Tags: nameTag(v.Name),
		IPv6: items[ec2IPv6Block]{ipv6Blocks(v.IPv6CIDRs, "vpc-cidr-assoc")},
	}
	for _, block := range v.CIDRs {
		d.CIDRs.Items = append(d.CIDRs.Items, ec2IPv4Block{
			CIDR: block, ID: "vpc-cidr-assoc-" + hash(17, v.id, block), State: "associated",
		})
	}
	return d
}

func ipv6Blocks(cidrs []string, prefix string) []ec2IPv6Block {
	var blocks []ec2IPv6Block
	for _, c := range cidrs {
		blocks = append(blocks, ec2IPv6Block{CIDR: c, ID: prefix + "-" + hash(17, c), State: "associated"})
	}
	return blocks
}

func (nw *network) aclFamily() family[*networkACL, ec2NetworkACL] {
	return family[*networkACL, ec2NetworkACL]{
		set: "networkAclSet", ids: "NetworkAclId", notFound: "InvalidNetworkAclID.NotFound", noun: "networkAcl ID",
		all: func() []*networkACL { return nw.acls },
		id:  func(n *networkACL) string { return n.id },
		filters: func(n *networkACL) filters {
			return filters{
				"network-acl-id": {n.id}, "vpc-id": {n.vpc.id}, "default": {strconv.FormatBool(n.isDefault)},
			}
		},
		show: nw.describeACL,
	}
}

func (nw *network) describeACL(n *networkACL) ec2NetworkACL {
	d := ec2NetworkACL{ID: n.id, VPC: n.vpc.id, OwnerID: nw.id, Default: n.isDefault, Tags: nameTag(n.Name)}
	for _, e := range n.Entries {
		d.Entries.Items = append(d.Entries.Items, aclEntry(e))
	}
	for _, egress := range []bool{true, false} { // ACLs deny what no entry matches
		d.Entries.Items = append(d.Entries.Items, ec2ACLEntry{
			Number: 32767, Protocol: allProtocols, Action: "deny", Egress: egress, CIDR: "0.0.0.0/0",
		})
	}
	for _, s := range nw.subnets {
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

func (nw *network) prefixListFamily() family[*prefixList, ec2PrefixList] {
	return family[*prefixList, ec2PrefixList]{
		set: "prefixListSet", ids: "PrefixListId", notFound: "InvalidPrefixListID.NotFound", noun: "prefix list ID",
		least: 1, most: 100,
		all: func() []*prefixList { return nw.prefixLists },
		id:  func(l *prefixList) string { return l.id },
		filters: func(l *prefixList) filters {
			return filters{"prefix-list-id": {l.id}, "prefix-list-name": {l.Name}, "owner-id": {l.Owner}}
		},
		show: nw.describePrefixList,
	}
}

func (nw *network) describePrefixList(l *prefixList) ec2PrefixList {
	d := ec2PrefixList{
		ID: l.id, AddressFamily: "IPv4", State: "create-complete", ARN: nw.arn("ec2", "prefix-list/"+l.id),
		Name: l.Name, MaxEntries: max(len(l.Entries), 1), Version: l.Version, OwnerID: l.Owner,
	}
	if len(l.Entries) > 0 && strings.Contains(l.Entries[0], ":") {
		d.AddressFamily = "IPv6"
	}
	if l.Owner == "AWS" { // AWS's own lists have neither a version nor a size
		d.MaxEntries, d.Version = 0, 0
	}
	return d
}

type ec2PrefixEntry struct {
	CIDR string `xml:"cidr"`
}

type prefixListEntriesReply struct {
	Entries   items[ec2PrefixEntry] `xml:"entrySet"`
	NextToken string                `xml:"nextToken,omitempty"`
}

func (nw *network) prefixListEntries(p params) (*prefixListEntriesReply, error) {
	id := p.get("PrefixListId")
	list := nw.prefixList(id)
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
