package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

type authorizeReply struct {
	Return bool           `xml:"return"`
	Rules  items[ec2Rule] `xml:"securityGroupRuleSet"`
}

func (a *groupAPI) authorizeIngress(p params) (*authorizeReply, error) { return a.authorize(p, false) }

func (a *groupAPI) authorizeEgress(p params) (*authorizeReply, error) { return a.authorize(p, true) }

// authorize adds rules, all or none.
func (a *groupAPI) authorize(p params, egress bool) (*authorizeReply, error) {
	g, err := a.groupOfCall(p)
	if err != nil {
		return nil, err
	}
	rules, err := a.rulesOfCall(p, g, egress)
	if err != nil {
		return nil, err
	}
	if p.bool("DryRun") {
		return nil, errDryRun()
	}
	for i, r := range rules {
		same := func(o *groupRule) bool { return o.key() == r.key() }
		if slices.ContainsFunc(g.rules, same) || slices.ContainsFunc(rules[:i], same) {
			return nil, refuse("InvalidPermission.Duplicate", "the specified rule %q already exists", r.describedByAWS())
		}
	}
	if a.groups.full(slices.Concat(g.rules, rules), egress) {
		return nil, refuse(
			"RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.",
		)
	}
	reply := &authorizeReply{Return: true}
	for _, r := range rules {
		r.since = a.clock.now
		a.groups.append(g, r)
		reply.Rules.Items = append(reply.Rules.Items, a.describeRule(g, r))
	}
	return reply, nil
}

type revokeReply struct {
	Return  bool                  `xml:"return"`
	Revoked items[ec2RevokedRule] `xml:"revokedSecurityGroupRuleSet"`
}

type ec2RevokedRule struct {
	ec2RuleText
	Group string `xml:"referencedGroupId,omitempty"`
}

func (a *groupAPI) revokeIngress(p params) (*revokeReply, error) { return a.revoke(p, false) }

func (a *groupAPI) revokeEgress(p params) (*revokeReply, error) { return a.revoke(p, true) }

// revoke removes rules by id or by what they say, all or none.
func (a *groupAPI) revoke(p params, egress bool) (*revokeReply, error) {
	g, err := a.groupOfCall(p)
	if err != nil {
		return nil, err
	}
	gone, err := a.rulesToRevoke(p, g, egress)
	if err != nil {
		return nil, err
	}
	if p.bool("DryRun") {
		return nil, errDryRun()
	}
	for _, r := range gone {
		r.until = a.clock.now
	}
	g.revoked = append(g.revoked, gone...)
	g.rules = slices.DeleteFunc(g.rules, func(r *groupRule) bool { return slices.Contains(gone, r) })
	reply := &revokeReply{Return: true}
	for _, r := range gone {
		d := a.describeRule(g, r)
		out := ec2RevokedRule{ec2RuleText: d.ec2RuleText}
		if d.Group != nil {
			out.Group = d.Group.GroupID
		}
		reply.Revoked.Items = append(reply.Revoked.Items, out)
	}
	return reply, nil
}

func (a *groupAPI) rulesToRevoke(p params, g *securityGroup, egress bool) ([]*groupRule, error) {
	var gone []*groupRule
	for _, id := range p.list("SecurityGroupRuleId") {
		i := slices.IndexFunc(g.rules, func(r *groupRule) bool { return r.id == id && r.egress == egress })
		if i < 0 {
			return nil, refuse("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
		}
		gone = append(gone, g.rules[i])
	}
	if len(gone) > 0 {
		return gone, nil
	}
	rules, err := a.rulesOfCall(p, g, egress)
	if err != nil {
		return nil, err
	}
	for _, want := range rules {
		i := slices.IndexFunc(g.rules, func(r *groupRule) bool { return r.key() == want.key() })
		if i < 0 {
			return nil, refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		gone = append(gone, g.rules[i])
	}
	return gone, nil
}

func errDryRun() *apiError {
	return &apiError{
		status: http.StatusPreconditionFailed, code: "DryRunOperation",
		message: "Request would have succeeded, but DryRun flag is set.",
	}
}

// groupOfCall is the group that a call is about.
func (a *groupAPI) groupOfCall(p params) (*securityGroup, error) {
	id := p.get("GroupId")
	if id == "" {
		return nil, refuse("MissingParameter", "The request must contain the parameter groupId")
	}
	if g := a.groups.find(id); g != nil {
		return g, nil
	}
	return nil, refuse("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
}

// rulesOfCall reads IpPermissions, or the flat form that the API had first.
func (a *groupAPI) rulesOfCall(p params, g *securityGroup, egress bool) ([]*groupRule, error) {
	permissions := p.structures("IpPermissions")
	if len(permissions) == 0 && p.has("IpProtocol") {
		flat := params{}
		for key, values := range p {
			flat[key] = values
		}
		flat["IpRanges.1.CidrIp"] = p["CidrIp"]
		permissions = []params{flat}
	}
	var rules []*groupRule
	for _, permission := range permissions {
		some, err := a.rulesOfPermission(permission, g, egress)
		if err != nil {
			return nil, err
		}
		rules = append(rules, some...)
	}
	if len(rules) == 0 {
		return nil, refuse("MissingParameter", "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.")
	}
	return rules, nil
}

// rulesOfPermission splits a permission into rules of one peer each.
func (a *groupAPI) rulesOfPermission(p params, g *securityGroup, egress bool) ([]*groupRule, error) {
	protocol, ports, err := portsOfPermission(p)
	if err != nil {
		return nil, err
	}
	var rules []*groupRule
	add := func(peer params) *groupRule {
		r := &groupRule{egress: egress, protocol: protocol, ports: ports, description: peer.get("Description")}
		rules = append(rules, r)
		return r
	}
	for _, peer := range p.structures("IpRanges") {
		add(peer).cidr = peer.get("CidrIp")
	}
	for _, peer := range p.structures("Ipv6Ranges") {
		add(peer).cidr = peer.get("CidrIpv6")
	}
	for _, peer := range p.structures("PrefixListIds") {
		add(peer).prefixList = peer.get("PrefixListId")
	}
	for _, peer := range p.structures("Groups") {
		add(peer).group = &groupReference{
			id: peer.get("GroupId"), account: cmp.Or(peer.get("UserId"), a.id), vpc: peer.get("VpcId"),
		}
	}
	for _, r := range rules {
		if err := a.checkPeer(r, g); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

func portsOfPermission(p params) (protocol string, ports *PortRange, err error) {
	protocol = protocolName(p.get("IpProtocol"))
	if protocol == allProtocols {
		return protocol, nil, nil
	}
	from, fromErr := p.number("FromPort", -1)
	to, toErr := p.number("ToPort", -1)
	if protocol == "" || fromErr != nil || toErr != nil {
		return "", nil, refuse("InvalidParameterValue", "Invalid value for ipProtocol or portRange.")
	}
	if (protocol == "tcp" || protocol == "udp") && (from < 0 || to > maxPort || from > to) {
		return "", nil, refuse(
			"InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
		)
	}
	return protocol, &PortRange{From: from, To: to}, nil
}

// checkPeer refuses sources that do not exist or are malformed.
func (a *groupAPI) checkPeer(r *groupRule, g *securityGroup) error {
	switch {
	case r.group != nil:
		own := r.group.account == a.id && (r.group.vpc == "" || r.group.vpc == g.vpc.id)
		if own && a.groups.find(r.group.id) == nil {
			return refuse("InvalidGroup.NotFound", "The security group '%s' does not exist", r.group.id)
		}
	case r.prefixList != "":
		if a.network.prefixList(r.prefixList) == nil {
			return refuse("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", r.prefixList)
		}
	default:
		block, err := netip.ParsePrefix(r.cidr)
		if err != nil {
			return refuse("InvalidParameterValue", "CIDR block %s is malformed", r.cidr)
		}
		r.cidr = block.Masked().String() // AWS stores the network's address
	}
	return nil
}

// describedByAWS is the rule in the words of the Duplicate error.
func (r *groupRule) describedByAWS() string {
	peer := cmp.Or(r.cidr, r.prefixList)
	if r.group != nil {
		peer = r.group.id
	}
	from, to := -1, -1
	if r.ports != nil {
		from, to = r.ports.From, r.ports.To
	}
	protocol := strings.ToUpper(r.protocol)
	if r.protocol == allProtocols {
		protocol = "ALL"
	}
	return fmt.Sprintf(
		"peer: %s, %s, from port: %s, to port: %s, ALLOW", peer, protocol, strconv.Itoa(from), strconv.Itoa(to),
	)
}
