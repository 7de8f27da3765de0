package planner

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// deploys notes in a plan what a deployment of its service does.
func deploys(c *situation, plan *fix.Plan) {
	plan.Downtime = c.service.StopsAllFirst()
	plan.Risks = slices.Concat(plan.Risks, configuredRisks(c), zoneRisks(c))
}

// configuredRisks are what the service's own deploymentConfiguration makes of a deployment.
func configuredRisks(c *situation) []fix.Note {
	r := c.service.DeploymentConfiguration
	if r == nil {
		return nil
	}
	var out []fix.Note
	if c.service.StopsAllFirst() {
		out = append(out, fix.Note{
			Title: fix.DowntimeTitle,
			Detail: fmt.Sprintf("minimumHealthyPercent is 0 and maximumPercent %d%s: ECS stops all tasks of %s before it "+
				"starts new ones. With 100 and 200 it starts them first.", *r.MaximumPercent, rounded(c.service, *r.MaximumPercent),
				c.service.Name),
			Command: c.ofService("update-service", "--deployment-configuration",
				"minimumHealthyPercent=100,maximumPercent=200"),
		})
	}
	if b := r.CircuitBreaker; b != nil && !b.Rollback {
		out = append(out, breakerRisk(c, b))
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
	if r.BakeTimeMinutes > 0 {
		out = append(out, fix.Note{
			Title: fmt.Sprintf("The deployment bakes for %s", words.Count(r.BakeTimeMinutes, "minute")),
			Detail: "It is in progress until then, also once all tasks run: nothing else can be deployed, and alarms still " +
				"take it back.",
		})
	}
	return out
}

// rounded says what a maximum above 100 percent comes to where it allows no more tasks.
func rounded(s *model.Service, percent int) string {
	if percent <= 100 {
		return ""
	}
	return fmt.Sprintf(", which ECS rounds down to %s", words.Count(s.DesiredCount, "task"))
}

// breakerRisk is for a service that does not go back by itself when new tasks fail.
func breakerRisk(c *situation, b *model.CircuitBreaker) fix.Note {
	note := fix.Note{
		Title: "No circuit breaker",
		Detail: "deploymentCircuitBreaker is off: where new tasks do not start, ECS tries again for hours, and does not go " +
			"back by itself.",
		Command: c.ofService("update-service", "--deployment-configuration",
			"deploymentCircuitBreaker={enable=true,rollback=true}"),
	}
	if b.Enabled {
		note.Title = "The circuit breaker does not roll back"
		note.Detail = "deploymentCircuitBreaker stops a deployment whose tasks fail, and leaves the service with what runs " +
			"then."
	}
	return note
}

// zoneRisks say that a deployment may change more than what the plan is about.
func zoneRisks(c *situation) []fix.Note {
	p := c.service.Primary()
	if c.block() == nil || p.CreatedAt.IsZero() || !p.CreatedAt.Before(rule.ZoneRoutingSince) {
		return nil
	}
	return []fix.Note{{
		Title: "Zone-aware routing may begin",
		Detail: fmt.Sprintf("The present deployment of %s is from before %s: with the new one, its agents prefer endpoints "+
			"in their own zone, where there are two a zone at least. Latency before and after is then no measure of the plan.",
			c.service.Name, rule.ZoneRoutingSince.Format(time.DateOnly)),
	}}
}
