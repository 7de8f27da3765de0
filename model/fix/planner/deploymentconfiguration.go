package planner

import (
	"fmt"

	"hopscope/model/fix"
)

// configuredRisks are what the service's own deploymentConfiguration makes of a deployment.
func configuredRisks(c *situation) []fix.Note {
	r := c.service.DeploymentConfiguration
	if r == nil {
		return nil
	}
	var out []fix.Note
	if low, high := r.MinimumHealthyPercent, r.MaximumPercent; low != nil && high != nil && *low == 0 && *high <= 100 {
		out = append(out, fix.Note{
			Title: "The deployment is downtime",
			Detail: fmt.Sprintf("minimumHealthyPercent is 0 and maximumPercent %d: ECS stops all tasks of %s before it starts "+
				"new ones. With 100 and 200 it starts them first.", *high, c.service.Name),
			Command: c.ofService("update-service", "--deployment-configuration",
				"minimumHealthyPercent=100,maximumPercent=200"),
		})
	}
	if len(r.Alarms) > 0 {
		what := "stops the deployment"
		if r.AlarmRollback {
			what = "takes the change back"
		}
		out = append(out, fix.Note{
			Title: "Alarms watch the deployment",
			Detail: fmt.Sprintf("ECS %s when one of %s fires. The agent's RequestCount may fall when others than Service "+
				"Connect callers go past it: an alarm on few requests then fires. One that fires already is not watched.", what,
				list(r.Alarms)),
			Command: c.aws(append([]string{"cloudwatch", "describe-alarms", "--alarm-names"}, r.Alarms...)...),
		})
	}
	return out
}
