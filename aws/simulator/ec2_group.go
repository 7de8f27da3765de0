package simulator

import (
	"cmp"
	"strconv"
	"strings"
)

// groupAPI answers the calls of EC2 about security groups and their rules.
type groupAPI struct {
	account
	clock   *clock
	network *network
	groups  *ruleBook
}

func (a *groupAPI) family() family[*securityGroup, ec2SecurityGroup] {
	return family[*securityGroup, ec2SecurityGroup]{
		set: "securityGroupInfo", ids: "GroupId", notFound: "InvalidGroup.NotFound", noun: "security group",
		all: func() []*securityGroup { return a.groups.all },
		id:  func(g *securityGroup) string { return g.id },
		filters: func(g *securityGroup) filters {
			return filters{"group-id": {g.id}, "vpc-id": {g.vpc.id}, "group-name": {g.Name}, "owner-id": {a.id}}
		},
		show: func(g *securityGroup) ec2SecurityGroup {
			return ec2SecurityGroup{
				OwnerID: a.id, ID: g.id, Name: g.Name, Description: describedAs(g), VPC: g.vpc.id,
				Ingress: permissions(g.rules, false), Egress: permissions(g.rules, true),
				Tags: tagsEC2(g.Tags), ARN: a.securityGroupARN(g.id),
			}
		},
	}
}

// describedAs is the description, which AWS requires.
func describedAs(g *securityGroup) string { return cmp.Or(g.Note, g.Name) }

// permissions groups rules by protocol and ports, as AWS does.
func permissions(rules []*groupRule, egress bool) items[ec2Permission] {
	var out items[ec2Permission]
	index := map[string]int{}
	for _, r := range rules {
		if r.egress != egress {
			continue
		}
		key := r.protocol
		if r.ports != nil {
			key += " " + strconv.Itoa(r.ports.From) + "-" + strconv.Itoa(r.ports.To)
		}
		i, seen := index[key]
		if !seen {
			i = len(out.Items)
			index[key] = i
			p := ec2Permission{Protocol: r.protocol}
			if r.ports != nil {
				p.FromPort, p.ToPort = &r.ports.From, &r.ports.To
			}
			out.Items = append(out.Items, p)
		}
		out.Items[i].add(r)
	}
	return out
}

func (p *ec2Permission) add(r *groupRule) {
	switch {
	case r.group != nil:
		p.Groups.Items = append(p.Groups.Items, ec2GroupPair{
			UserID: r.group.account, GroupID: r.group.id, VPC: r.group.vpc, PeeringStatus: r.group.peeringStatus,
			Description: r.description,
		})
	case r.prefixList != "":
		p.PrefixLists.Items = append(p.PrefixLists.Items, ec2PrefixPeer{ID: r.prefixList, Description: r.description})
	case strings.Contains(r.cidr, ":"):
		p.IPv6Ranges.Items = append(p.IPv6Ranges.Items, ec2IPv6Range{CIDR: r.cidr, Description: r.description})
	default:
		p.IPRanges.Items = append(p.IPRanges.Items, ec2IPRange{CIDR: r.cidr, Description: r.description})
	}
}

// ec2RuleText is what AWS tells of a rule alike, whether it is there or was revoked.
type ec2RuleText struct {
	ID         string `xml:"securityGroupRuleId"`
	GroupID    string `xml:"groupId"`
	Egress     bool   `xml:"isEgress"`
	Protocol   string `xml:"ipProtocol"`
	FromPort   int    `xml:"fromPort"`
	ToPort     int    `xml:"toPort"`
	CIDR       string `xml:"cidrIpv4,omitempty"`
	IPv6CIDR   string `xml:"cidrIpv6,omitempty"`
	PrefixList string `xml:"prefixListId,omitempty"`
}

type ec2Rule struct {
	ec2RuleText
	OwnerID     string              `xml:"groupOwnerId"`
	Group       *ec2ReferencedGroup `xml:"referencedGroupInfo"`
	Description string              `xml:"description,omitempty"`
	Tags        items[tagEC2]       `xml:"tagSet"`
	ARN         string              `xml:"securityGroupRuleArn"`
}

type ec2ReferencedGroup struct {
	GroupID       string `xml:"groupId"`
	UserID        string `xml:"userId"`
	VPC           string `xml:"vpcId,omitempty"`
	PeeringStatus string `xml:"peeringStatus,omitempty"`
}

func (a *groupAPI) ruleFamily() family[ec2Rule, ec2Rule] {
	return family[ec2Rule, ec2Rule]{
		set: "securityGroupRuleSet", ids: "SecurityGroupRuleId", notFound: "InvalidSecurityGroupRuleId.NotFound",
		noun: "security group rule ID",
		all: func() []ec2Rule {
			var all []ec2Rule
			for _, g := range a.groups.all {
				for _, r := range g.rules {
					all = append(all, a.describeRule(g, r))
				}
			}
			return all
		},
		id: func(r ec2Rule) string { return r.ID },
		filters: func(r ec2Rule) filters {
			return filters{"group-id": {r.GroupID}, "security-group-rule-id": {r.ID}}
		},
		show: func(r ec2Rule) ec2Rule { return r },
	}
}

func (a *groupAPI) describeRule(g *securityGroup, r *groupRule) ec2Rule {
	d := ec2Rule{
		ec2RuleText: ec2RuleText{
			ID: r.id, GroupID: g.id, Egress: r.egress, Protocol: r.protocol, FromPort: -1, ToPort: -1,
			CIDR: r.cidr, PrefixList: r.prefixList,
		},
		OwnerID: a.id, Description: r.description, ARN: a.arn("ec2", "security-group-rule/"+r.id),
	}
	if r.ports != nil {
		d.FromPort, d.ToPort = r.ports.From, r.ports.To
	}
	if strings.Contains(r.cidr, ":") {
		d.CIDR, d.IPv6CIDR = "", r.cidr
	}
	if r.group != nil {
		d.Group = &ec2ReferencedGroup{
			GroupID: r.group.id, UserID: r.group.account, VPC: r.group.vpc, PeeringStatus: r.group.peeringStatus,
		}
	}
	return d
}
