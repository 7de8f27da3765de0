package dialect

import (
	"fmt"

	"hopscope/model/fix"
)

// lines writes what is new: rules as resources, and lines of the service's resource or
// module.
func (t tfConfiguration) lines() error {
	t.heading()
	opens := t.steps((*fix.Step).Opens)
	var addresses []string
	for _, s := range opens {
		addresses = append(addresses, t.writeRule(s))
	}
	if t.after != nil {
		resource := func(rules []string) func(template) {
			return func(side template) { tfConfiguration{side}.skeleton(rules) }
		}
		t.changes(fmt.Sprintf("In the aws_ecs_service of %s", t.service.Name), resource(nil), resource(addresses))
		t.changes("Or, where the service is one of terraform-aws-modules/ecs (version 6), in its module", tfModule,
			tfModule)
	}
	if len(opens) > 0 {
		t.otherRules(opens, addresses)
	}
	t.rest(tfRevoked)
	return nil
}

// skeleton writes the entries at their places in the resource of the service.
func (t tfConfiguration) skeleton(rules []string) {
	t.line("  service_connect_configuration {")
	for i := range t.entries {
		t.writeEntry(&t.entries[i])
	}
	t.line("  }")
	t.line("  depends_on = [")
	for _, rule := range rules {
		t.line("    %s,", rule)
	}
	t.line("  ]")
}

// tfModule writes the entries at their places in the arguments of the module.
func tfModule(side template) {
	t := tfConfiguration{side}
	t.line("  service_connect_configuration = {")
	t.line("    service = [")
	for i := range t.entries {
		t.writeModuleEntry(&t.entries[i])
	}
	t.line("    ]")
	t.line("  }")
}

// writeModuleEntry writes an entry as an object of the module's argument, whose members
// are the arguments of the resource's block.
func (t tfConfiguration) writeModuleEntry(e *entry) {
	const indent = "        "
	s := &e.after
	t.line("      {")
	t.line(indent+"port_name = %s", hclText(s.PortName))
	if s.DiscoveryName != "" {
		t.line(indent+"discovery_name = %s", hclText(s.DiscoveryName))
	}
	if s.IngressPortOverride != 0 {
		t.line(indent+"ingress_port_override = %d", s.IngressPortOverride)
	}
	if len(s.ClientAliases) > 0 { // the module takes one
		dns := ""
		if a := s.ClientAliases[0]; a.DNSName != "" {
			dns = ", dns_name = " + hclText(a.DNSName)
		}
		t.line(indent+"client_alias = { port = %d%s }", s.ClientAliases[0].Port, dns)
	}
	if timeouts := e.timeouts("idle_timeout_seconds", "per_request_timeout_seconds"); len(timeouts) > 0 {
		t.line(indent + "timeout = {")
		for _, m := range timeouts {
			t.line(indent+"  %s = %d", m.name, m.seconds)
		}
		t.line(indent + "}")
	}
	if s.TLS != nil {
		t.line(indent+"tls = { issuer_cert_authority = { aws_pca_authority_arn = %s } }", hclText(s.TLS.IssuerARN))
	}
	t.line("      },")
}

// otherRules says what else the rules may have to be written as: a group whose rules are
// of several kinds of resource loses some at every apply.
func (t tfConfiguration) otherRules(opens []*fix.Step, addresses []string) {
	t.line("")
	t.comment("", "One kind of resource for all rules of a group: where yours are aws_security_group_rule, or stand in "+
		"aws_security_group as ingress and egress blocks, write these rules so as well, and not as the resources above: "+
		"Terraform removes rules that it does not find among the blocks. A group of terraform-aws-modules/ecs takes "+
		"their arguments in security_group_ingress_rules and security_group_egress_rules.")
	t.comment("", "A rule that is there already, such as one that hopscope added, is imported (Terraform 1.5; in the "+
		"place of ID its id, sgr-…):")
	for i, address := range unrepeated(addresses) {
		t.line("%simport {", t.mark)
		t.line("%s  to = %s", t.mark, address)
		t.line("%s  id = \"ID\"", t.mark)
		t.line("%s}", t.mark)
		if i == len(unrepeated(addresses))-1 {
			t.verbatim("", t.aws("ec2", "describe-security-group-rules", "--filters", "Name=group-id,Values="+opens[i].Group,
				"--query", "SecurityGroupRules[].[SecurityGroupRuleId,IsEgress,IpProtocol,FromPort,ToPort,Description]",
				"--output", "text"))
		}
	}
}
