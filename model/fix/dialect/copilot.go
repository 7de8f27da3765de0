package dialect

import "hopscope/model/fix"

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
	for _, s := range t.steps((*fix.Step).Opens) {
		name, isNew := t.newRule(s)
		if !isNew {
			continue
		}
		t.line("- op: add")
		t.line("  path: /Resources/%s", pascal(name))
		t.line("  value:")
		cfnTemplate(t).writeRuleResource(s)
	}
	const block = "/Resources/Service/Properties/ServiceConnectConfiguration"
	for _, op := range t.patch(block, cfnPatch()) {
		t.line("- op: %s", op.op)
		t.line("  path: %s", op.path)
		if op.value != "" {
			t.line("  value: %s", op.value)
		}
	}
	t.rest(cfnRevoked)
	return nil
}
