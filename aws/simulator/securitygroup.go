package simulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type securityGroup struct {
	SecurityGroup
	id      string
	vpc     *vpc
	rules   []*groupRule
	revoked []*groupRule // what the metrics of the past follow from
}

// groupRule is a security group rule: one source or destination.
type groupRule struct {
	id          string
	egress      bool
	protocol    string
	ports       *PortRange // nil for all protocols
	cidr        string
	prefixList  string
	group       *groupReference
	description string
	since       time.Time // zero: always
	until       time.Time // zero: not revoked
}

type groupReference struct {
	id, account, vpc, peeringStatus string
}

const allProtocols = "-1"

// defaultGroup is the name of the group that every VPC has.
const defaultGroup = "default"

// groupName is how a world refers to a group: by name, and in the case of the
// default groups by VPC as well.
type groupName struct {
	name string
	in   *vpc
}

func nameOfGroup(name string, in *vpc) groupName {
	if name != defaultGroup {
		in = nil
	}
	return groupName{name: name, in: in}
}

// ruleBook is the security groups with their rules, past ones included.
type ruleBook struct {
	account
	network *network
	all     []*securityGroup
	byID    map[string]*securityGroup
	byName  map[groupName]*securityGroup
	ruleIDs int // rules made so far
}

// newRuleBook makes the groups and then their rules, which refer to them.
func newRuleBook(a account, nw *network, w *World) *ruleBook {
	b := &ruleBook{account: a, network: nw, byID: map[string]*securityGroup{}, byName: map[groupName]*securityGroup{}}
	for _, g := range w.SecurityGroups {
		in := b.network.vpcNamed(g.VPC)
		b.add(&securityGroup{SecurityGroup: g, id: b.resourceID("sg", g.ID, in.Name, g.Name), vpc: in})
	}
	for _, v := range b.network.vpcs {
		if b.named(defaultGroup, v) == nil {
			b.add(&securityGroup{
				SecurityGroup: SecurityGroup{
					Name: defaultGroup, Note: "default VPC security group", Ingress: []SecurityGroupRule{{Group: defaultGroup}},
				},
				id: b.resourceID("sg", "", v.Name, defaultGroup), vpc: v,
			})
		}
	}
	for _, g := range b.all {
		for _, r := range g.Ingress {
			b.addRule(g, r, false)
		}
		egress := g.Egress
		if egress == nil {
			egress = []SecurityGroupRule{{CIDR: "0.0.0.0/0"}}
			if len(g.vpc.IPv6CIDRs) > 0 {
				egress = append(egress, SecurityGroupRule{CIDR: "::/0"})
			}
		}
		for _, r := range egress {
			b.addRule(g, r, true)
		}
	}
	return b
}

func (b *ruleBook) add(g *securityGroup) {
	b.all = append(b.all, g)
	b.byID[g.id] = g
	b.byName[nameOfGroup(g.Name, g.vpc)] = g
}

func (b *ruleBook) addRule(g *securityGroup, r SecurityGroupRule, egress bool) {
	rule := &groupRule{egress: egress, protocol: protocolName(r.Protocol), cidr: r.CIDR, description: r.Note}
	if rule.protocol == "" {
		rule.protocol = "tcp"
		if r.Ports == (PortRange{}) {
			rule.protocol = allProtocols
		}
	}
	if rule.protocol != allProtocols {
		ports := r.Ports
		if ports == (PortRange{}) && (rule.protocol == "tcp" || rule.protocol == "udp") {
			ports = PortRange{From: 0, To: maxPort}
		} else if ports == (PortRange{}) {
			ports = PortRange{From: -1, To: -1} // every ICMP type
		}
		rule.ports = &ports
	}
	if r.PrefixList != "" {
		rule.prefixList = b.network.prefixListID(r.PrefixList)
	}
	if r.Group != "" {
		rule.group = b.reference(g, r)
	}
	b.append(g, rule)
}

// protocolName is the name of a protocol that EC2 also takes as a number.
func protocolName(protocol string) string {
	names := map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
	return cmp.Or(names[protocol], protocol)
}

// append gives the rule an id and adds it to the group.
func (b *ruleBook) append(g *securityGroup, rule *groupRule) {
	b.ruleIDs++
	rule.id = b.resourceID("sgr", "", g.id, rule.key(), strconv.Itoa(b.ruleIDs))
	g.rules = append(g.rules, rule)
}

func (b *ruleBook) reference(g *securityGroup, r SecurityGroupRule) *groupReference {
	ref := &groupReference{id: r.Group, account: cmp.Or(r.Account, b.id), vpc: r.PeerVPC, peeringStatus: r.PeeringStatus}
	if r.Account == "" {
		if named := b.named(r.Group, g.vpc); named != nil {
			ref.id = named.id
		} else if !strings.HasPrefix(r.Group, "sg-") {
			ref.id = b.resourceID("sg", "", g.vpc.Name, r.Group)
		}
	}
	return ref
}

// key is equal for rules that AWS calls duplicates of each other: the
// description does not count.
func (r *groupRule) key() string {
	parts := []string{"in", r.protocol, "", r.cidr, r.prefixList, ""}
	if r.egress {
		parts[0] = "out"
	}
	if r.ports != nil {
		text, _ := r.ports.MarshalJSON() // a range always has a text
		parts[2] = string(text)
	}
	if r.group != nil {
		parts[5] = r.group.id
	}
	return strings.Join(parts, " ")
}

// rulesAt are the rules that were in force at a time.
func (g *securityGroup) rulesAt(at time.Time) []*groupRule {
	if len(g.revoked) == 0 && !slices.ContainsFunc(g.rules, func(r *groupRule) bool { return r.since.After(at) }) {
		return g.rules
	}
	var all []*groupRule
	for _, r := range slices.Concat(g.rules, g.revoked) {
		if !r.since.After(at) && (r.until.IsZero() || r.until.After(at)) {
			all = append(all, r)
		}
	}
	return all
}

// named finds a group by name, or nil.
func (b *ruleBook) named(name string, in *vpc) *securityGroup {
	return b.byName[nameOfGroup(name, in)]
}

// ids resolves names of groups.
func (b *ruleBook) ids(names []string, in *vpc) []string {
	ids := make([]string, 0, len(names))
	for _, name := range names {
		if g := b.named(name, in); g != nil {
			ids = append(ids, g.id)
		} else {
			ids = append(ids, b.resourceID("sg", "", in.Name, name))
		}
	}
	return ids
}

// find finds a group by id, or nil.
func (b *ruleBook) find(id string) *securityGroup { return b.byID[id] }

// effective are the groups of a network interface: the default group of the
// VPC when none is named.
func (b *ruleBook) effective(ids []string, in *vpc) []*securityGroup {
	if len(ids) == 0 {
		return []*securityGroup{b.named(defaultGroup, in)}
	}
	var groups []*securityGroup
	for _, id := range ids {
		if g := b.find(id); g != nil {
			groups = append(groups, g)
		}
	}
	return groups
}

// maxRules is the default quota of rules of one direction in a security group.
const maxRules = 60

// full tells whether rules of one direction are more than the quota. AWS counts
// those for IPv4 and for IPv6 apart; a rule for a group counts as both, and one for a
// prefix list as many as that has entries.
func (b *ruleBook) full(rules []*groupRule, egress bool) bool {
	v4, v6 := 0, 0
	for _, r := range rules {
		if r.egress != egress {
			continue
		}
		n := 1
		if l := b.network.prefixList(r.prefixList); r.prefixList != "" && l != nil {
			n = len(l.Entries)
		}
		if !strings.Contains(r.cidr, ":") {
			v4 += n
		}
		if r.cidr == "" || strings.Contains(r.cidr, ":") {
			v6 += n
		}
	}
	return max(v4, v6) > maxRules
}
