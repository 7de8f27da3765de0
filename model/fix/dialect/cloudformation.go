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

// cfnHead opens the resources.
func cfnHead(d *document) string {
	if d.resources == 0 {
		return ""
	}
	return "Resources:\n"
}

// checkReferences refuses names in which CloudFormation reads other people's secrets
// into the text.
func (t template) checkReferences() error {
	for _, name := range t.quotedNames() {
		if strings.Contains(name, "{{resolve:") {
			return fmt.Errorf("the name %s is a dynamic reference to CloudFormation: no template is written with it",
				named(name))
		}
	}
	return nil
}

// whole writes the plan with the whole Service Connect block.
func (t cfnTemplate) whole() error {
	if err := t.checkReferences(); err != nil {
		return err
	}
	t.header("CloudFormation", "template")
	ids := t.writeRules()
	if t.after != nil {
		t.writeService(ids)
	}
	t.rest(cfnRevoked)
	return nil
}

var cfnRevoked = revokeWords{
	ingress: "the AWS::EC2::SecurityGroupIngress resource, or the entry of SecurityGroupIngress in the group's " +
		"AWS::EC2::SecurityGroup",
	egress: "the AWS::EC2::SecurityGroupEgress resource, or the entry of SecurityGroupEgress in the group's " +
		"AWS::EC2::SecurityGroup",
}

// writeRules writes the rules that the plan adds and returns their logical ids.
func (t cfnTemplate) writeRules() []string {
	var ids []string
	for _, s := range t.steps((*fix.Step).Opens) {
		ids = append(ids, t.writeRule(s))
	}
	return ids
}

// writeRule writes a security group rule and returns its logical id.
func (t cfnTemplate) writeRule(s *fix.Step) string {
	name, isNew := t.newRule(s)
	id := pascal(name)
	if !isNew {
		return id
	}
	t.resources++
	t.line("")
	t.comment("  ", "NEW: %s", s.Title)
	t.line("  %s:", id)
	t.writeRuleResource(s)
	return id
}

// writeRuleResource writes the resource of a rule, under a key that stands two columns in.
func (t cfnTemplate) writeRuleResource(s *fix.Step) {
	kind := "Ingress"
	if s.IsEgress() {
		kind = "Egress"
	}
	t.line("    Type: AWS::EC2::SecurityGroup%s", kind)
	t.line("    Properties:")
	for _, p := range t.ruleProperties(s, yamlText, t.groupID, " # ") {
		t.line("      %s: %s%s", p.name, p.value, p.remark)
	}
}

// writeService writes the service with its Service Connect block.
func (t cfnTemplate) writeService(rules []string) {
	t.line("")
	id, known := t.serviceID()
	if !known {
		t.comment("  ", "%s stands for the logical id that %s has in your template.", id, t.service.Name)
	}
	t.resources++
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

// groupID is the id of a group, as an attribute of its resource where the group's tags
// say that the stack of the service has it.
func (t cfnTemplate) groupID(id string) string {
	if g, missing := t.ix.SecurityGroup(id); missing == nil {
		o := fix.OwnerByTags(g.Tags)
		if o.Stack != "" && o.Stack == t.plan.Owner.Stack && logicalID.MatchString(o.LogicalID) {
			return "!GetAtt " + o.LogicalID + ".GroupId"
		}
	}
	return yamlText(id)
}

// serviceID is the logical id of the service, and whether its tags give it.
func (t cfnTemplate) serviceID() (id string, known bool) {
	id = t.plan.Owner.LogicalID
	if logicalID.MatchString(id) && !t.names[strings.ToLower(id)] {
		t.names[strings.ToLower(id)] = true
		return id, true
	}
	return pascal(t.unique(words(t.service.Name))), false
}

// lines writes what is new: resources of their own, and lines of the service's.
func (t cfnTemplate) lines() error {
	if err := t.checkReferences(); err != nil {
		return err
	}
	t.heading()
	ids := t.writeRules()
	if t.after != nil {
		id, _ := t.serviceID()
		t.changes(fmt.Sprintf("In %s, the AWS::ECS::Service of %s", yamlText(id), t.service.Name),
			func(side template) { cfnTemplate{side}.skeleton(nil) },
			func(side template) { cfnTemplate{side}.skeleton(ids) })
	}
	t.rest(cfnRevoked)
	return nil
}

// skeleton writes the entries at their places in the resource of the service.
func (t cfnTemplate) skeleton(rules []string) {
	t.line("    DependsOn:")
	for _, id := range rules {
		t.line("      - %s", id)
	}
	t.line("    Properties:")
	t.line("      ServiceConnectConfiguration:")
	t.line("        Services:")
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
	timeouts := e.timeouts("IdleTimeoutSeconds", "PerRequestTimeoutSeconds")
	if len(timeouts) > 0 {
		t.line(indent + "Timeout:")
	}
	for _, m := range timeouts {
		t.line(indent+"  %s: %d%s", m.name, m.seconds, newMark(" # ", m.changed))
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
