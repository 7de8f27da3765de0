package dialect

import (
	"slices"
	"strings"

	"hopscope/model/fix"
)

// copilotPatches is a plan as patches of the template that AWS Copilot makes of a
// service's manifest: copilot/SERVICE/overrides/cfn.patches.yml
// (aws.github.io/copilot-cli/docs/developing/overrides/yamlpatch). Copilot's manifest
// has no member for an override, and its template names the service Service
// (templates/workloads/partials/cf/service-base-properties.yml in aws/copilot-cli).
type copilotPatches struct{ template }

func (t copilotPatches) lines() error {
	if err := t.checkReferences(); err != nil {
		return err
	}
	t.heading()
	t.comment("", "For copilot/SERVICE/overrides/cfn.patches.yml (copilot svc override --tool yamlpatch makes it).")
	names := map[*fix.Step][]string{}
	opens := slices.DeleteFunc(t.steps((*fix.Step).Opens), func(s *fix.Step) bool {
		name, isNew := t.newRule(s)
		names[s] = name
		return !isNew
	})
	ops := t.patch("/Resources/Service/Properties/ServiceConnectConfiguration", cfnPatch())
	if len(opens) > 0 && len(ops) > 0 {
		t.comment("", "1. These rules alone first, and copilot svc deploy: in one deployment CloudFormation may replace the "+
			"tasks before it adds the rules.")
	}
	for _, s := range opens {
		t.line("- op: add")
		t.line("  path: /Resources/%s", pascal(names[s]))
		t.line("  value:")
		cfnTemplate(t).writeRuleResource(s)
	}
	if len(opens) > 0 && len(ops) > 0 {
		t.comment("", "2. Then this as well, and copilot svc deploy once more.")
	}
	for _, op := range ops {
		if op.op == "test" { // which the tool does not know
			t.comment("", "The entry at %s has to be the one whose PortName is %s.",
				strings.TrimSuffix(strings.TrimPrefix(op.path, "/Resources/Service/Properties/ServiceConnectConfiguration/"),
					"/PortName"), op.value)
			continue
		}
		t.line("- op: %s", op.op)
		t.line("  path: %s", op.path)
		if op.value != "" {
			t.line("  value: %s", op.value)
		}
	}
	t.rest(cfnRevoked)
	return nil
}
