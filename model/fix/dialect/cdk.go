package dialect

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/fix"
)

// cdkStack is a plan as a part of a CDK stack in TypeScript.
type cdkStack struct{ template }

// The modules that the text takes names from.
const (
	importEC2      = "import * as ec2 from 'aws-cdk-lib/aws-ec2';"
	importECS      = "import * as ecs from 'aws-cdk-lib/aws-ecs';"
	importDuration = "import { Duration } from 'aws-cdk-lib';"
)

// cdkHead are the imports.
func cdkHead(d *document) string {
	if len(d.imports) == 0 {
		return ""
	}
	return strings.Join(d.imports, "\n") + "\n\n"
}

// whole writes the plan with the whole Service Connect block.
func (t cdkStack) whole() error {
	if err := t.checkReferences(); err != nil {
		return err
	}
	t.header("CloudFormation", "stack (inside its constructor; the imports go to the top of the file)")
	rules := t.steps((*fix.Step).Opens)
	if len(rules) > 0 {
		t.importOnce(importEC2)
	}
	if t.after != nil {
		t.importOnce(importECS)
	}
	if t.needsDuration() {
		t.importOnce(importDuration)
	}
	var constants []string
	for _, s := range rules {
		constants = append(constants, t.writeRule(s))
	}
	if t.after != nil {
		t.writeService(constants)
	}
	t.rest(cdkRevoked)
	return nil
}

var cdkRevoked = revokeWords{
	ingress: "the CfnSecurityGroupIngress, or the call of addIngressRule, connections.allowFrom or connections.allowTo " +
		"that makes the rule",
	egress: "the CfnSecurityGroupEgress, or the call of addEgressRule, connections.allowFrom or connections.allowTo " +
		"that makes the rule",
}

func (t cdkStack) needsDuration() bool {
	return slices.ContainsFunc(t.kept(), func(e entry) bool { return len(e.timeouts("", "")) > 0 })
}

// writeRule writes a security group rule and returns the constant that holds it.
func (t cdkStack) writeRule(s *fix.Step) string {
	name, isNew := t.newRule(s)
	if !isNew {
		return camel(name)
	}
	kind := "Ingress"
	if s.IsEgress() {
		kind = "Egress"
	}
	t.line("")
	t.comment("", "NEW: %s", s.Title)
	constant := ""
	if t.after != nil { // which the service depends on
		constant = "const " + camel(name) + " = "
	}
	t.line("%snew ec2.CfnSecurityGroup%s(this, '%s', {", constant, kind, pascal(name))
	for _, p := range t.ruleProperties(s, tsText, tsText, " // ") {
		t.line("  %s%s: %s,%s", strings.ToLower(p.name[:1]), p.name[1:], p.value, p.remark)
	}
	t.line("});")
	return camel(name)
}

// writeService writes the properties of Service Connect, and that the rules come
// first.
func (t cdkStack) writeService(rules []string) {
	t.line("")
	t.comment("", "%s", keptMembers)
	t.line("const serviceConnectConfiguration: ecs.ServiceConnectProps = {")
	if t.after.Namespace != "" {
		t.line("  namespace: %s, // or the reference that your stack has", tsText(t.after.Namespace))
	}
	if len(t.kept()) > 0 {
		t.line("  services: [")
	}
	for i := range t.entries {
		t.writeEntry(&t.entries[i])
	}
	if len(t.kept()) > 0 {
		t.line("  ],")
	}
	t.line("};")
	t.line("")
	t.comment("", "The service is the one that your stack has, with all its other properties as they are:")
	t.line(cdkServiceMark)
	if aliases := t.writeAliases(); aliases || len(rules) > 0 {
		t.line("")
	}
	if len(rules) > 0 {
		t.comment("", "NEW: the ports are open before the deployment begins.")
	}
	for _, rule := range rules {
		t.line("service.node.addDependency(%s);", rule)
	}
}

// cdkServiceMark is where the stack makes its service. The test that compiles the
// text puts one there.
const cdkServiceMark = "// const service = new ecs.FargateService(this, …, { …, serviceConnectConfiguration });"

func (t cdkStack) writeEntry(e *entry) {
	const indent = "      "
	if e.removed {
		t.comment("    ", "REMOVED: the entry with portMappingName %s (%s). Delete it.", e.before.PortName, e.before.Name())
		return
	}
	s := &e.after
	t.line("    {")
	t.line(indent+"portMappingName: %s,", tsText(s.PortName))
	if s.DiscoveryName != "" {
		t.line(indent+"discoveryName: %s,", tsText(s.DiscoveryName))
	}
	if len(s.ClientAliases) > 0 {
		a := s.ClientAliases[0]
		if a.DNSName != "" {
			t.line(indent+"dnsName: %s,", tsText(a.DNSName))
		}
		t.line(indent+"port: %d,", a.Port)
	}
	if s.IngressPortOverride != 0 {
		t.line(indent+"ingressPortOverride: %d,%s", s.IngressPortOverride, newMark(" // ", e.overrideChanged()))
	}
	for _, m := range e.timeouts("idleTimeout", "perRequestTimeout") {
		t.line(indent+"%s: Duration.seconds(%d),%s", m.name, m.seconds, newMark(" // ", m.changed))
	}
	if s.TLS != nil {
		t.line(indent+"tls: { // kmsKey and role stay as they are%s", newMark("; ", e.tlsChanged()))
		t.line(indent+"  awsPcaAuthorityArn: %s,", tsText(s.TLS.IssuerARN))
		t.line(indent + "},")
	}
	for _, name := range e.gone("ingressPortOverride", "idleTimeout", "perRequestTimeout", "tls") {
		t.comment(indent, "REMOVED: %s. Delete it.", name)
	}
	t.line("    },")
}

// writeAliases writes the client aliases behind the first of an entry, for which the
// construct has no property.
func (t cdkStack) writeAliases() bool {
	some := false
	for i, e := range t.kept() {
		if len(e.after.ClientAliases) < 2 {
			continue
		}
		if !some {
			t.line("")
			t.comment("", "The construct takes one client alias for each entry. Several need an override, which your stack "+
				"may have already:")
			t.line("const cfnService = service.node.findChild('Service') as ecs.CfnService;")
			some = true
		}
		t.line("cfnService.addPropertyOverride('ServiceConnectConfiguration.Services.%d.ClientAliases', [", i)
		for _, a := range e.after.ClientAliases {
			dns := ""
			if a.DNSName != "" {
				dns = fmt.Sprintf(", DnsName: %s", tsText(a.DNSName))
			}
			t.line("  { Port: %d%s },", a.Port, dns)
		}
		t.line("]);")
	}
	return some
}

// tsText is a string in TypeScript.
func tsText(s string) string { return quoted(s, '\'', text.Escape) }
