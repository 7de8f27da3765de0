package dialect

import (
	"fmt"
	"strings"

	"hopscope/model/fix"
)

// tfConfiguration is a plan as a part of a Terraform configuration, in HCL.
type tfConfiguration struct{ template }

// whole writes the plan with the whole Service Connect block.
func (t tfConfiguration) whole() error {
	t.header("Terraform", "configuration")
	var addresses []string
	rules := t.steps((*fix.Step).Opens)
	if len(rules) > 0 {
		t.comment("", "A group whose aws_security_group has its rules inside, as ingress and egress blocks, gets them "+
			"there: Terraform removes what it does not "+
			"find among them.")
	}
	for _, s := range rules {
		addresses = append(addresses, t.writeRule(s))
	}
	if t.after != nil {
		t.writeService(addresses)
	}
	t.rest(tfRevoked)
	return nil
}

var tfRevoked = revokeWords{
	ingress: "the aws_vpc_security_group_ingress_rule, the aws_security_group_rule, or the ingress block in the " +
		"group's aws_security_group",
	egress: "the aws_vpc_security_group_egress_rule, the aws_security_group_rule, or the egress block in the group's " +
		"aws_security_group",
}

// attributes are written with their equal signs under each other, as terraform fmt
// writes them.
type attributes [][2]string

func (a *attributes) add(name, value string) { *a = append(*a, [2]string{name, value}) }

func (a attributes) write(p *page, indent string) {
	longest := 0
	for _, one := range a {
		if !p.plain { // there, a new name would move the others
			longest = max(longest, len(one[0]))
		}
	}
	for _, one := range a {
		p.line("%s%-*s = %s", indent, longest, one[0], one[1])
	}
}

// writeRule writes a security group rule and returns its address.
func (t tfConfiguration) writeRule(s *fix.Step) string {
	kind := "aws_vpc_security_group_" + direction(s) + "_rule"
	words, isNew := t.newRule(s)
	name := snake(words)
	if !isNew {
		return kind + "." + name
	}
	t.line("")
	t.comment("", "NEW: %s", s.Title)
	t.line("resource %q %q {", kind, name)
	t.ruleAttributes(s).write(t.page, "  ")
	t.line("}")
	return kind + "." + name
}

// ruleAttributes are those of a rule's resource.
func (t tfConfiguration) ruleAttributes(s *fix.Step) attributes {
	r := s.Rule
	var a attributes
	a.add("security_group_id", hclText(s.Group)+t.groupRemark(" # ", s.Group))
	switch {
	case r.Group != nil:
		id := r.Group.ID
		if t.foreign(r.Group) {
			id = r.Group.Account + "/" + id
		}
		a.add("referenced_security_group_id", hclText(id)+t.groupRemark(" # ", r.Group.ID))
	case r.PrefixList != "":
		a.add("prefix_list_id", hclText(r.PrefixList))
	case r.CIDR.Addr().Is4():
		a.add("cidr_ipv4", hclText(r.CIDR.String()))
	default:
		a.add("cidr_ipv6", hclText(r.CIDR.String()))
	}
	a.add("ip_protocol", hclText(r.Protocol))
	if hasPorts(r.Protocol) {
		a.add("from_port", fmt.Sprint(r.FromPort))
		a.add("to_port", fmt.Sprint(r.ToPort))
	}
	if r.Description != "" {
		a.add("description", hclText(r.Description))
	}
	return a
}

// writeService writes the service with its Service Connect block.
func (t tfConfiguration) writeService(rules []string) {
	name := snake(words(t.service.Name))
	t.line("")
	t.comment("", "%s stands for the name that %s has in your configuration.", name, t.service.Name)
	t.line("resource \"aws_ecs_service\" %q {", name)
	t.comment("  ", "All other arguments stay as they are in your configuration.")
	t.line("")
	t.line("  service_connect_configuration {")
	t.comment("    ", "%s", keptMembers)
	a := attributes{{"enabled", fmt.Sprint(t.after.Enabled)}}
	if t.after.Namespace != "" {
		a.add("namespace", hclText(t.after.Namespace)+" # or the reference that your configuration has")
	}
	a.write(t.page, "    ")
	for i := range t.entries {
		t.line("")
		t.writeEntry(&t.entries[i])
	}
	t.line("  }")
	if len(rules) > 0 {
		t.line("")
		t.comment("  ", "NEW, next to what is there: the ports are open before the deployment begins.")
		t.line("  depends_on = [")
		for _, rule := range rules {
			t.line("    %s,", rule)
		}
		t.line("  ]")
	}
	t.line("}")
}

func (t tfConfiguration) writeEntry(e *entry) {
	const indent = "      "
	if e.removed {
		t.comment("    ", "REMOVED: the service block with port_name %s (%s). Delete it.", e.before.PortName, e.before.Name())
		return
	}
	s := &e.after
	t.line("    service {")
	a := attributes{{"port_name", hclText(s.PortName)}}
	if s.DiscoveryName != "" {
		a.add("discovery_name", hclText(s.DiscoveryName))
	}
	if s.IngressPortOverride != 0 {
		a.add("ingress_port_override", fmt.Sprint(s.IngressPortOverride)+newMark(" # ", e.overrideChanged()))
	}
	a.write(t.page, indent)
	for _, alias := range s.ClientAliases {
		t.line("")
		t.line(indent + "client_alias {")
		a := attributes{{"port", fmt.Sprint(alias.Port)}}
		if alias.DNSName != "" {
			a.add("dns_name", hclText(alias.DNSName))
		}
		a.write(t.page, indent+"  ")
		t.line(indent + "}")
	}
	t.writeTimeout(indent, e)
	if s.TLS != nil {
		t.line("")
		t.line(indent+"tls { # kms_key and role_arn stay as they are%s", newMark("; ", e.tlsChanged()))
		t.line(indent + "  issuer_cert_authority {")
		t.line(indent+"    aws_pca_authority_arn = %s", hclText(s.TLS.IssuerARN))
		t.line(indent + "  }")
		t.line(indent + "}")
	}
	for _, name := range e.gone("ingress_port_override", "idle_timeout_seconds", "per_request_timeout_seconds",
		"the tls block") {
		t.comment(indent, "REMOVED: %s. Delete it.", name)
	}
	t.line("    }")
}

func (t tfConfiguration) writeTimeout(indent string, e *entry) {
	var a attributes
	for _, m := range e.timeouts("idle_timeout_seconds", "per_request_timeout_seconds") {
		a.add(m.name, fmt.Sprint(m.seconds)+newMark(" # ", m.changed))
	}
	if len(a) == 0 {
		return
	}
	t.line("")
	t.line(indent + "timeout {")
	a.write(t.page, indent+"  ")
	t.line(indent + "}")
}

// hclText is a string in HCL. ${ and %{ would open a template: their first character
// is written as an escape where it stands in front of a brace.
func hclText(s string) string {
	text := quoted(s, '"', escapedLong)
	return strings.NewReplacer("${", `\u0024{`, "%{", `\u0025{`).Replace(text)
}
