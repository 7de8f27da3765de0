package dialect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hopscope/model/fix"
)

// cfnTemplate is a plan as a part of a CloudFormation template, in YAML.
type cfnTemplate struct{ template }

func (t cfnTemplate) text() (string, error) {
	for _, name := range t.quotedNames() {
		// CloudFormation reads other people's secrets into such a text.
		if strings.Contains(name, "{{resolve:") {
			return "", fmt.Errorf("the name %s is a dynamic reference to CloudFormation: no template is written with it",
				named(name))
		}
	}
	t.header("CloudFormation", "template")
	rules := t.steps((*fix.Step).Opens)
	ids := make([]string, 0, len(rules))
	if len(rules) > 0 || t.after != nil {
		t.line("Resources:")
	}
	for _, s := range rules {
		ids = append(ids, t.writeRule(s))
	}
	if t.after != nil {
		t.writeService(ids)
	}
	t.rest(revokeWords{
		ingress: "the AWS::EC2::SecurityGroupIngress resource, or the entry of SecurityGroupIngress in the group's " +
			"AWS::EC2::SecurityGroup",
		egress: "the AWS::EC2::SecurityGroupEgress resource, or the entry of SecurityGroupEgress in the group's " +
			"AWS::EC2::SecurityGroup",
	})
	return t.String(), nil
}

// writeRule writes a security group rule and returns its logical id.
func (t cfnTemplate) writeRule(s *fix.Step) string {
	id := pascal(t.ruleName(s))
	kind := "Ingress"
	if s.IsEgress() {
		kind = "Egress"
	}
	t.line("")
	t.comment("  ", "NEW: %s", s.Title)
	t.line("  %s:", id)
	t.line("    Type: AWS::EC2::SecurityGroup%s", kind)
	t.line("    Properties:")
	for _, p := range t.ruleProperties(s, yamlText, " # ") {
		t.line("      %s: %s%s", p.name, p.value, p.remark)
	}
	return id
}

// writeService writes the service with its Service Connect block.
func (t cfnTemplate) writeService(rules []string) {
	id := t.plan.Owner.LogicalID
	t.line("")
	if !logicalID.MatchString(id) || t.names[strings.ToLower(id)] {
		id = pascal(t.unique(words(t.service.Name)))
		t.comment("  ", "%s stands for the logical id that %s has in your template.", id, t.service.Name)
	}
	t.line("  %s:", yamlText(id))
	t.line("    Type: AWS::ECS::Service")
	if len(rules) > 0 {
		t.line("    DependsOn: # NEW, next to what is there: the ports are open before the deployment begins")
		for _, rule := range rules {
			t.line("      - %s", rule)
		}
	}
	t.line("    Properties:")
	t.comment("      ", "All other properties stay as they are in your template.")
	t.line("      ServiceConnectConfiguration:")
	t.comment("        ", "%s", keptMembers)
	t.line("        Enabled: %t", t.after.Enabled)
	if t.after.Namespace != "" {
		t.line("        Namespace: %s%s", yamlText(t.after.Namespace), " # or the reference that your template has")
	}
	if len(t.kept()) > 0 {
		t.line("        Services:")
	}
	for i := range t.entries {
		t.writeEntry(&t.entries[i])
	}
}

func (t cfnTemplate) writeEntry(e *entry) {
	const indent = "            "
	if e.removed {
		t.comment("          ", "REMOVED: the entry with PortName %s (%s). Delete it.", e.before.PortName, e.before.Name())
		return
	}
	s := &e.after
	t.line("          - PortName: %s", yamlText(s.PortName))
	if s.DiscoveryName != "" {
		t.line(indent+"DiscoveryName: %s", yamlText(s.DiscoveryName))
	}
	if len(s.ClientAliases) > 0 {
		t.line(indent + "ClientAliases:")
	}
	for _, a := range s.ClientAliases {
		t.line(indent+"  - Port: %d", a.Port)
		if a.DNSName != "" {
			t.line(indent+"    DnsName: %s", yamlText(a.DNSName))
		}
	}
	if s.IngressPortOverride != 0 {
		t.line(indent+"IngressPortOverride: %d%s", s.IngressPortOverride, newMark(" # ", e.overrideChanged()))
	}
	if idle, perRequest := e.timeouts(); idle != nil || perRequest != nil {
		t.line(indent + "Timeout:")
		if idle != nil {
			t.line(indent+"  IdleTimeoutSeconds: %d%s", idle.seconds, newMark(" # ", idle.changed))
		}
		if perRequest != nil {
			t.line(indent+"  PerRequestTimeoutSeconds: %d%s", perRequest.seconds, newMark(" # ", perRequest.changed))
		}
	}
	if s.TLS != nil {
		t.line(indent+"Tls: # KmsKey and RoleArn stay as they are%s", newMark("; ", e.tlsChanged()))
		t.line(indent + "  IssuerCertificateAuthority:")
		t.line(indent+"    AwsPcaAuthorityArn: %s", yamlText(s.TLS.IssuerARN))
	}
	for _, name := range e.gone("IngressPortOverride", "Timeout.IdleTimeoutSeconds", "Timeout.PerRequestTimeoutSeconds",
		"Tls") {
		t.comment(indent, "REMOVED: %s. Delete it.", name)
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
