package dialect

import (
	"hopscope/internal/text"
	"hopscope/model/fix"
)

// ecspressoDefinition is a plan as a change of the service definition that ecspresso
// deploys, which has the API's form, in JSON or Jsonnet (README.md of kayac/ecspresso):
// the lines, and the same as a JSON patch.
type ecspressoDefinition struct{ template }

func (t ecspressoDefinition) lines() error {
	t.heading()
	opens := t.steps((*fix.Step).Opens)
	if len(opens) > 0 {
		t.comment("", "ecspresso has no security groups: make these rules first, where they are described.")
	}
	for _, s := range opens {
		command, err := t.authorize(s)
		if err != nil {
			return err
		}
		t.comment("", "%s", sentence(s.Title))
		t.verbatim("", command)
	}
	if t.after != nil {
		t.changes("In the service definition (ecs-service-def.json or .jsonnet)", ecspressoSkeleton, ecspressoSkeleton)
		t.comment("", "As a JSON patch; ecspresso diff shows it before ecspresso deploy:")
		ops := t.patch("/serviceConnectConfiguration", apiPatch())
		t.line("[")
		for i, op := range ops {
			value, comma := "", ","
			if op.value != "" {
				value = `, "value": ` + op.value
			}
			if i == len(ops)-1 {
				comma = ""
			}
			t.line(`  {"op": %q, "path": %q%s}%s`, op.op, op.path, value, comma)
		}
		t.line("]")
	}
	t.rest(revokeWords{ingress: "in the source of the group", egress: "in the source of the group"})
	return nil
}

// ecspressoSkeleton writes the entries at their places in the service definition. What
// a plan changes stands in front, where it moves no comma.
func ecspressoSkeleton(t template) {
	t.line(`  "serviceConnectConfiguration": {`)
	t.line(`    "services": [`)
	for i := range t.entries {
		s := &t.entries[i].after
		t.line("      {")
		const indent = "        "
		t.line(indent+`"portName": %s,`, jsonText(s.PortName))
		if s.IngressPortOverride != 0 {
			t.line(indent+`"ingressPortOverride": %d,`, s.IngressPortOverride)
		}
		if timeouts := t.entries[i].timeouts("idleTimeoutSeconds", "perRequestTimeoutSeconds"); len(timeouts) > 0 {
			t.line(indent+`"timeout": %s,`, timeoutJSON(timeouts))
		}
		if s.TLS != nil {
			t.line(indent+`"tls": {"issuerCertificateAuthority": {"awsPcaAuthorityArn": %s}},`, jsonText(s.TLS.IssuerARN))
		}
		t.line(indent+`"discoveryName": %s`, jsonText(s.Name()))
		t.line("      },")
	}
	t.line("    ]")
	t.line("  }")
}

// jsonText is a string in JSON.
func jsonText(s string) string { return quoted(s, '"', text.Escape) }
