package dialect

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// lines writes what is new: calls of the group constructs, and lines of the service's
// serviceConnectConfiguration.
func (t cdkStack) lines() error {
	if err := t.checkReferences(); err != nil {
		return err
	}
	t.heading()
	opens := t.steps((*fix.Step).Opens)
	if len(opens) > 0 {
		t.importOnce(importEC2)
		t.declareGroups(opens)
	}
	var rules []string
	for _, s := range opens {
		rules = append(rules, t.writeCall(s))
	}
	if len(opens) > 0 && t.after != nil {
		t.comment("", "NEW: the ports are open before the deployment begins.")
		for _, rule := range unrepeated(rules) {
			t.line("service.node.addDependency(%s);", rule)
		}
	}
	if t.after != nil {
		if t.needsDuration() {
			t.importOnce(importDuration)
		}
		t.changes("In the serviceConnectConfiguration of "+t.service.Name+" (of an ALB pattern: the argument of "+
			"service.enableServiceConnect)", cdkSkeleton, cdkSkeleton)
	}
	t.rest(cdkRevoked)
	return nil
}

// cdkSkeleton writes the entries at their places in the properties of the service.
func cdkSkeleton(side template) {
	t := cdkStack{side}
	t.line("serviceConnectConfiguration: {")
	t.line("  services: [")
	for i := range t.entries {
		t.writeEntry(&t.entries[i])
	}
	t.line("  ],")
	t.line("},")
}

// cdkImported is how a stack gets a group that it did not make. The test that compiles
// the text makes code of these comments.
const cdkImported = "const %s = ec2.SecurityGroup.fromSecurityGroupId(this, '%s', %s%s);"

// declareGroups says which constants stand for which groups.
func (t cdkStack) declareGroups(opens []*fix.Step) {
	t.line("")
	t.comment("", "These stand for the constructs that your code has for the groups. For a group that another stack "+
		"makes:")
	for _, id := range t.groupsOf(opens) {
		name, isNew := t.groupConstant(id)
		if isNew {
			options := ""
			if slices.ContainsFunc(opens, func(s *fix.Step) bool { return s.IsEgress() && s.Group == id }) {
				options = ", { allowAllOutbound: false }" // otherwise the construct leaves the rule out
			}
			t.line(t.mark+cdkImported+"%s", name, strings.ToUpper(name[:1])+name[1:], tsText(id), options,
				t.groupRemark(" // ", id))
		}
	}
	if t.after != nil {
		t.comment("", "Where services have groups of their own, service.connections.allowFrom(client, port) does the same.")
	}
}

// groupsOf are the groups that steps change, and those that they name as the other side.
func (t cdkStack) groupsOf(opens []*fix.Step) []string {
	var out []string
	for _, s := range opens {
		out = append(out, s.Group)
		if s.Rule.Group != nil && !t.foreign(s.Rule.Group) {
			out = append(out, s.Rule.Group.ID)
		}
	}
	return unrepeated(out)
}

// groupConstant is the constant that stands for a group, and whether it is new in the
// document: by its id in the code, where the tags tell, otherwise by its name.
func (t cdkStack) groupConstant(id string) (name string, isNew bool) {
	key := "group " + id
	if have, there := t.rules[key]; there {
		return camel(have), false
	}
	own := words(t.groupName(id))
	if len(own) > 1 && own[0] == "sg" {
		own = own[1:] // it stands behind the rest
	}
	if g, missing := t.ix.SecurityGroup(id); missing == nil {
		if construct := fix.OwnerByTags(g.Tags).Construct; construct != "" {
			own = strings.FieldsFunc(construct, func(r rune) bool { return !strings.ContainsRune(letters, r) })
		}
	}
	if last := strings.ToLower(strings.Join(own, "")); !strings.HasSuffix(last, "sg") &&
		!strings.HasSuffix(last, "securitygroup") {
		own = append(own, "sg")
	}
	t.rules[key] = t.unique(own)
	return camel(t.rules[key]), true
}

// letters are what an identifier is made of.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// writeCall writes a rule as a call of its group, and returns the construct that holds
// it.
func (t cdkStack) writeCall(s *fix.Step) string {
	r := s.Rule
	port := cdkPort(r)
	if port == "" { // for which the construct has no word
		return t.writeRule(s)
	}
	group, _ := t.groupConstant(s.Group)
	if _, isNew := t.newRule(s); !isNew {
		return group
	}
	call := "addIngressRule"
	if s.IsEgress() {
		call = "addEgressRule"
	}
	description := ""
	if r.Description != "" {
		description = ", " + tsText(r.Description)
	}
	t.line("%s.%s(%s, %s%s);", group, call, t.cdkPeer(r), port, description)
	return group
}

// cdkPeer is the other side of a rule.
func (t cdkStack) cdkPeer(r *model.SecurityGroupRule) string {
	switch {
	case r.Group != nil && t.foreign(r.Group):
		return fmt.Sprintf("ec2.Peer.securityGroupId(%s, %s)", tsText(r.Group.ID), tsText(r.Group.Account))
	case r.Group != nil:
		name, _ := t.groupConstant(r.Group.ID)
		return name
	case r.PrefixList != "":
		return "ec2.Peer.prefixList(" + tsText(r.PrefixList) + ")"
	case r.CIDR.Addr().Is4():
		return "ec2.Peer.ipv4(" + tsText(r.CIDR.String()) + ")"
	}
	return "ec2.Peer.ipv6(" + tsText(r.CIDR.String()) + ")"
}

// cdkPort is what a rule admits; "" where the construct has no name for it.
func cdkPort(r *model.SecurityGroupRule) string {
	switch {
	case r.Protocol == model.AllProtocols:
		return "ec2.Port.allTraffic()"
	case r.Protocol != "tcp" && r.Protocol != "udp":
		return ""
	case r.FromPort == r.ToPort:
		return fmt.Sprintf("ec2.Port.%s(%d)", r.Protocol, r.FromPort)
	}
	return fmt.Sprintf("ec2.Port.%sRange(%d, %d)", r.Protocol, r.FromPort, r.ToPort)
}

// unrepeated are texts without those that were there before.
func unrepeated(all []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			out = append(out, text.Clean(s))
		}
	}
	return out
}
