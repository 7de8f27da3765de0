package planner

import (
	"hopscope/model/fix"
	"hopscope/model/rule"
)

// adviseMeasuringAgain finds out why configuration and counts disagree.
func adviseMeasuringAgain(c *situation, f *rule.Finding) []*fix.Plan {
	if len(f.Paths) == 0 {
		return nil
	}
	plan := advice(c, "measure-again", f.Paths[0].Target.Container, "Find out which way the requests to "+c.service.Name+
		" go, and deploy it again if they go another one than configured", f.Detail(),
		byHand("See since when the deployment is over, and wait until ten minutes after",
			c.describe("services[0].deployments[].[status,rolloutState,updatedAt]")),
		byHand("Measure again", "hopscope check --measure"),
		byHand("If the counts still contradict, deploy the service as it is: its tasks are then those of the configuration",
			c.ofService("update-service", "--force-new-deployment")))
	plan.Undo = "Measuring changes nothing, and a new deployment starts the same tasks."
	return onlyPlan(plan)
}
