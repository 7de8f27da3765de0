package dialect

import (
	"fmt"
	"slices"

	"hopscope/internal/text"
	"hopscope/model/fix"
)

// cdk is the plan as a part of a CDK stack in TypeScript.
func (t *draft) cdk() (string, error) {
	p := &page{mark: "// "}
	t.iacHeader(p, "CloudFormation", "stack (inside its constructor; the imports go to the top of the file)")
	rules := t.steps((*fix.Step).Opens)
	if len(rules) > 0 {
		p.line("")
		p.line("import * as ec2 from 'aws-cdk-lib/aws-ec2';")
	}
	if t.after != nil {
		if len(rules) == 0 {
			p.line("")
		}
		p.line("import * as ecs from 'aws-cdk-lib/aws-ecs';")
	}
	if t.needsDuration() {
		p.line("import { Duration } from 'aws-cdk-lib';")
	}
	var constants []string
	for _, s := range rules {
		constants = append(constants, t.cdkRule(p, s))
	}
	if t.after != nil {
		t.cdkService(p, constants)
	}
	t.iacRest(p, revokeWords{
		ingress: "the CfnSecurityGroupIngress, or the call of addIngressRule, connections.allowFrom or connections.allowTo " +
			"that makes the rule",
		egress: "the CfnSecurityGroupEgress, or the call of addEgressRule, connections.allowFrom or connections.allowTo " +
			"that makes the rule",
	})
	return p.String(), nil
}

func (t *draft) needsDuration() bool {
	return slices.ContainsFunc(t.kept(), func(e entry) bool {
		idle, perRequest := e.timeouts()
		return idle != nil || perRequest != nil
	})
}

// cdkRule writes a security group rule and returns the constant that holds it.
func (t *draft) cdkRule(p *page, s *fix.Step) string {
	name := t.ruleName(s)
	kind, prefix := "Ingress", "source"
	if s.IsEgress() {
		kind, prefix = "Egress", "destination"
	}
	r := s.Rule
	p.line("")
	p.comment("", "NEW: %s", s.Title)
	constant := ""
	if t.after != nil { // which the service depends on
		constant = "const " + camel(name) + " = "
	}
	p.line("%snew ec2.CfnSecurityGroup%s(this, '%s', {", constant, kind, pascal(name))
	p.line("  groupId: %s,%s", tsText(s.Group), t.groupRemark(" // ", s.Group))
	p.line("  ipProtocol: %s,", tsText(r.Protocol))
	if hasPorts(r.Protocol) {
		p.line("  fromPort: %d,", r.FromPort)
		p.line("  toPort: %d,", r.ToPort)
	}
	switch {
	case r.Group != nil:
		p.line("  %sSecurityGroupId: %s,%s", prefix, tsText(r.Group.ID), t.groupRemark(" // ", r.Group.ID))
		if r.Group.Account != "" && r.Group.Account != t.plan.Account && !s.IsEgress() {
			p.line("  sourceSecurityGroupOwnerId: %s,", tsText(r.Group.Account))
		}
	case r.PrefixList != "":
		p.line("  %sPrefixListId: %s,", prefix, tsText(r.PrefixList))
	case r.CIDR.Addr().Is4():
		p.line("  cidrIp: %s,", tsText(r.CIDR.String()))
	default:
		p.line("  cidrIpv6: %s,", tsText(r.CIDR.String()))
	}
	if r.Description != "" {
		p.line("  description: %s,", tsText(r.Description))
	}
	p.line("});")
	return camel(name)
}

// cdkService writes the properties of Service Connect, and that the rules come
// first.
func (t *draft) cdkService(p *page, rules []string) {
	p.line("")
	p.comment("", "%s", keptMembers)
	p.line("const serviceConnectConfiguration: ecs.ServiceConnectProps = {")
	if t.after.Namespace != "" {
		p.line("  namespace: %s, // or the reference that your stack has", tsText(t.after.Namespace))
	}
	if len(t.kept()) > 0 {
		p.line("  services: [")
	}
	for i := range t.entries {
		t.cdkEntry(p, &t.entries[i])
	}
	if len(t.kept()) > 0 {
		p.line("  ],")
	}
	p.line("};")
	p.line("")
	p.comment("", "The service is the one that your stack has, with all its other properties as they are:")
	p.line(cdkServiceMark)
	if aliases := t.cdkAliases(p); aliases || len(rules) > 0 {
		p.line("")
	}
	if len(rules) > 0 {
		p.comment("", "NEW: the ports are open before the deployment begins.")
	}
	for _, rule := range rules {
		p.line("service.node.addDependency(%s);", rule)
	}
}

// cdkServiceMark is where the stack makes its service. The test that compiles the
// text puts one there.
const cdkServiceMark = "// const service = new ecs.FargateService(this, …, { …, serviceConnectConfiguration });"

func (t *draft) cdkEntry(p *page, e *entry) {
	const indent = "      "
	if e.removed {
		p.comment("    ", "REMOVED: the entry with portMappingName %s (%s). Delete it.", e.before.PortName, e.before.Name())
		return
	}
	s := &e.after
	p.line("    {")
	p.line(indent+"portMappingName: %s,", tsText(s.PortName))
	if s.DiscoveryName != "" {
		p.line(indent+"discoveryName: %s,", tsText(s.DiscoveryName))
	}
	if len(s.ClientAliases) > 0 {
		a := s.ClientAliases[0]
		if a.DNSName != "" {
			p.line(indent+"dnsName: %s,", tsText(a.DNSName))
		}
		p.line(indent+"port: %d,", a.Port)
	}
	if s.IngressPortOverride != 0 {
		p.line(indent+"ingressPortOverride: %d,%s", s.IngressPortOverride, newMark(" // ", e.overrideChanged()))
	}
	idle, perRequest := e.timeouts()
	if idle != nil {
		p.line(indent+"idleTimeout: Duration.seconds(%d),%s", idle.seconds, newMark(" // ", idle.changed))
	}
	if perRequest != nil {
		p.line(indent+"perRequestTimeout: Duration.seconds(%d),%s", perRequest.seconds, newMark(" // ", perRequest.changed))
	}
	if s.TLS != nil {
		p.line(indent+"tls: { // kmsKey and role stay as they are%s", newMark("; ", e.tlsChanged()))
		p.line(indent+"  awsPcaAuthorityArn: %s,", tsText(s.TLS.IssuerARN))
		p.line(indent + "},")
	}
	for _, name := range e.gone("ingressPortOverride", "idleTimeout", "perRequestTimeout", "tls") {
		p.comment(indent, "REMOVED: %s. Delete it.", name)
	}
	p.line("    },")
}

// cdkAliases writes the client aliases behind the first of an entry, for which the
// construct has no property.
func (t *draft) cdkAliases(p *page) bool {
	some := false
	for i, e := range t.kept() {
		if len(e.after.ClientAliases) < 2 {
			continue
		}
		if !some {
			p.line("")
			p.comment("", "The construct takes one client alias for each entry. Several need an override, which your stack "+
				"may have already:")
			p.line("const cfnService = service.node.findChild('Service') as ecs.CfnService;")
			some = true
		}
		p.line("cfnService.addPropertyOverride('ServiceConnectConfiguration.Services.%d.ClientAliases', [", i)
		for _, a := range e.after.ClientAliases {
			dns := ""
			if a.DNSName != "" {
				dns = fmt.Sprintf(", DnsName: %s", tsText(a.DNSName))
			}
			p.line("  { Port: %d%s },", a.Port, dns)
		}
		p.line("]);")
	}
	return some
}

// tsText is a string in TypeScript.
func tsText(s string) string { return quoted(s, '\'', text.Escape) }
