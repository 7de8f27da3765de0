package planner

import (
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
)

// Two findings may need the same rules, of which one is then gone for certain, and
// the other not: the plan for the first does not promise to repair the second.
func TestARefusedPlanIsNotOneThatIsCarriedOut(t *testing.T) {
	ref := model.Ref{Cluster: "prod", Service: "web"}
	steps := []fix.Step{{
		Kind: fix.AuthorizeIngress, Group: "sg-web",
		Rule: &model.SecurityGroupRule{Protocol: "tcp", FromPort: 80, ToPort: 80},
	}}
	sure := &fix.Plan{
		ID: "open-port/prod/web:80/alb", Kind: fix.OpenPort, Service: ref, Steps: steps,
		Codes: []string{"NET202"},
	}
	unsure := &fix.Plan{
		ID: "open-port/prod/web:80/nlb", Kind: fix.OpenPort, Service: ref, Steps: steps,
		Refusal: &fix.Refusal{Reason: "whether nlb then arrives is not known"},
	}
	for name, order := range map[string][]*fix.Plan{
		"the sure one first": {sure, unsure},
		"the sure one last":  {unsure, sure},
	} {
		var all []fix.Plan
		for _, p := range order {
			own := *p
			code := "NET202"
			if p == unsure {
				code = "NET203"
			}
			all = addPlan(all, &own, &rule.Finding{Code: code})
		}
		if len(all) != 2 || len(all[0].Codes) != 1 || len(all[1].Codes) != 1 {
			t.Errorf("%s: the plans are %+v", name, all)
		}
	}
}
