package dialect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hopscope/model/fix"
)

// cloudFormation is the plan as a part of a CloudFormation template, in YAML.
func (t *draft) cloudFormation() (string, error) {
	for _, name := range t.quotedNames() {
		// CloudFormation reads other people's secrets into such a text.
		if strings.Contains(name, "{{resolve:") {
			return "", fmt.Errorf("the name %s is a dynamic reference to CloudFormation: no template is written with it",
				named(name))
		}
	}
	p := &page{mark: "# "}
	t.iacHeader(p, "CloudFormation", "template")
	rules := t.steps((*fix.Step).Opens)
	ids := make([]string, 0, len(rules))
	if len(rules) > 0 || t.after != nil {
		p.line("Resources:")
	}
	for _, s := range rules {
		ids = append(ids, t.cfnRule(p, s))
	}
	if t.after != nil {
		t.cfnService(p, ids)
	}
	t.iacRest(p, revokeWords{
		ingress: "the AWS::EC2::SecurityGroupIngress resource, or the entry of SecurityGroupIngress in the group's " +
			"AWS::EC2::SecurityGroup",
		egress: "the AWS::EC2::SecurityGroupEgress resource, or the entry of SecurityGroupEgress in the group's " +
			"AWS::EC2::SecurityGroup",
	})
	return p.String(), nil
}

// cfnRule writes a security group rule and returns its logical id.
func (t *draft) cfnRule(p *page, s *fix.Step) string {
	id := pascal(t.ruleName(s))
	kind, prefix := "Ingress", "Source"
	if s.IsEgress() {
		kind, prefix = "Egress", "Destination"
	}
	r := s.Rule
	p.line("")
	p.comment("  ", "NEW: %s", s.Title)
	p.line("  %s:", id)
	p.line("    Type: AWS::EC2::SecurityGroup%s", kind)
	p.line("    Properties:")
	p.line("      GroupId: %s%s", yamlText(s.Group), t.groupRemark(" # ", s.Group))
	p.line("      IpProtocol: %s", yamlText(r.Protocol))
	if hasPorts(r.Protocol) {
		p.line("      FromPort: %d", r.FromPort)
		p.line("      ToPort: %d", r.ToPort)
	}
	switch {
	case r.Group != nil:
		p.line("      %sSecurityGroupId: %s%s", prefix, yamlText(r.Group.ID), t.groupRemark(" # ", r.Group.ID))
		if r.Group.Account != "" && r.Group.Account != t.plan.Account && !s.IsEgress() {
			p.line("      SourceSecurityGroupOwnerId: %s", yamlText(r.Group.Account))
		}
	case r.PrefixList != "":
		p.line("      %sPrefixListId: %s", prefix, yamlText(r.PrefixList))
	case r.CIDR.Addr().Is4():
		p.line("      CidrIp: %s", yamlText(r.CIDR.String()))
	default:
		p.line("      CidrIpv6: %s", yamlText(r.CIDR.String()))
	}
	if r.Description != "" {
		p.line("      Description: %s", yamlText(r.Description))
	}
	return id
}

// cfnService writes the service with its Service Connect block.
func (t *draft) cfnService(p *page, rules []string) {
	id := t.plan.Owner.LogicalID
	p.line("")
	if !logicalID.MatchString(id) || t.names[strings.ToLower(id)] {
		id = pascal(t.unique(words(t.service.Name)))
		p.comment("  ", "%s stands for the logical id that %s has in your template.", id, t.service.Name)
	}
	p.line("  %s:", yamlText(id))
	p.line("    Type: AWS::ECS::Service")
	if len(rules) > 0 {
		p.line("    DependsOn: # NEW, next to what is there: the ports are open before the deployment begins")
		for _, rule := range rules {
			p.line("      - %s", rule)
		}
	}
	p.line("    Properties:")
	p.comment("      ", "All other properties stay as they are in your template.")
	p.line("      ServiceConnectConfiguration:")
	p.comment("        ", "%s", keptMembers)
	p.line("        Enabled: %t", t.after.Enabled)
	if t.after.Namespace != "" {
		p.line("        Namespace: %s%s", yamlText(t.after.Namespace), " # or the reference that your template has")
	}
	if len(t.kept()) > 0 {
		p.line("        Services:")
	}
	for i := range t.entries {
		t.cfnEntry(p, &t.entries[i])
	}
}

func (t *draft) cfnEntry(p *page, e *entry) {
	const indent = "            "
	if e.removed {
		p.comment("          ", "REMOVED: the entry with PortName %s (%s). Delete it.", e.before.PortName, e.before.Name())
		return
	}
	s := &e.after
	p.line("          - PortName: %s", yamlText(s.PortName))
	if s.DiscoveryName != "" {
		p.line(indent+"DiscoveryName: %s", yamlText(s.DiscoveryName))
	}
	if len(s.ClientAliases) > 0 {
		p.line(indent + "ClientAliases:")
	}
	for _, a := range s.ClientAliases {
		p.line(indent+"  - Port: %d", a.Port)
		if a.DNSName != "" {
			p.line(indent+"    DnsName: %s", yamlText(a.DNSName))
		}
	}
	if s.IngressPortOverride != 0 {
		p.line(indent+"IngressPortOverride: %d%s", s.IngressPortOverride, newMark(" # ", e.overrideChanged()))
	}
	if idle, perRequest := e.timeouts(); idle != nil || perRequest != nil {
		p.line(indent + "Timeout:")
		if idle != nil {
			p.line(indent+"  IdleTimeoutSeconds: %d%s", idle.seconds, newMark(" # ", idle.changed))
		}
		if perRequest != nil {
			p.line(indent+"  PerRequestTimeoutSeconds: %d%s", perRequest.seconds, newMark(" # ", perRequest.changed))
		}
	}
	if s.TLS != nil {
		p.line(indent+"Tls: # KmsKey and RoleArn stay as they are%s", newMark("; ", e.tlsChanged()))
		p.line(indent + "  IssuerCertificateAuthority:")
		p.line(indent+"    AwsPcaAuthorityArn: %s", yamlText(s.TLS.IssuerARN))
	}
	for _, name := range e.gone("IngressPortOverride", "Timeout.IdleTimeoutSeconds", "Timeout.PerRequestTimeoutSeconds",
		"Tls") {
		p.comment(indent, "REMOVED: %s. Delete it.", name)
	}
}

// logicalID is what CloudFormation takes for one.
var logicalID = regexp.MustCompile(`^[a-zA-Z0-9]{1,255}$`)

// yamlText is a scalar that every YAML reader takes for this text: bare where no
// version of YAML sees anything else in it.
func yamlText(s string) string {
	if bareYAML.MatchString(s) && !slices.Contains(yamlWords, strings.ToLower(s)) {
		return s
	}
	return quoted(s, '"', escapedLong)
}

var bareYAML = regexp.MustCompile(`^[a-zA-Z][-_.a-zA-Z0-9]*$`)

// yamlWords are texts that some version of YAML takes for something else.
var yamlWords = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
