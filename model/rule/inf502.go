package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// nothingRuns is INF502: row 58 of docs/decision-table.md.
func nothingRuns() Rule {
	return Rule{
		Code: "INF502", Title: "No task of the service runs", Severity: Info,
		Needs: []model.Action{model.ListClusters, model.ListServices, model.DescribeServices},
		check: checkNothingRuns,
		Doc: Doc{
			What: "Paths lead to a service of which no task runs.",
			Why: "Service Connect callers and load balancers answer 503 whatever is admitted. Of a service that is scaled to " +
				"zero the verdicts say what would become of requests if there were tasks.",
			Detection: "services[].runningCount is 0. It is an error when desiredCount is not, and the paths are broken: the " +
				"service wants tasks and has none. While its deployment is in progress and tasks are pending it is a warning.",
			FalsePositive: "The service is scaled to zero on purpose, or just starting.",
			Fix: "Scale the service up, or see why its tasks stop: the service's events and the " +
				"stopped tasks' reasons.",
			Source: "API reference, Service.desiredCount and runningCount.",
		},
	}
}

func checkNothingRuns(c *Case) {
	s := c.Service
	if s.RunningCount > 0 || len(c.Siblings) == 0 {
		return
	}
	f := Finding{Paths: c.Siblings, text: func(*Finding) Text { return nothingRunsText(s) }}
	if s.DesiredCount > 0 {
		f.Severity = Error
		if p := s.Primary(); s.PendingCount > 0 && p != nil && p.RolloutState == "IN_PROGRESS" {
			f.Severity = Warning
		}
	}
	c.report(f)
}

func nothingRunsText(s *model.Service) Text {
	answer := "Service Connect callers and load balancers have no target and answer 503. The verdicts on its paths " +
		"say what would become of requests if tasks ran."
	if s.DesiredCount > 0 {
		answer = "Service Connect callers and load balancers have no target and answer 503, whatever is admitted."
	}
	t := Text{
		Title:  fmt.Sprintf("No task of %s runs: its callers get 503", s.Name),
		Detail: fmt.Sprintf("%s is scaled to zero. %s", s.Name, answer),
		Evidence: []reach.Evidence{fact(model.DescribeServices, "runningCount = 0, desiredCount = %d, pendingCount = %d",
			s.DesiredCount, s.PendingCount)},
	}
	if n := s.DesiredCount; n > 0 {
		t.Title = fmt.Sprintf("%s wants tasks (%d), and none runs: its callers get 503", s.Name, n)
		t.Detail = fmt.Sprintf("desiredCount of %s is %d, and no task runs (%d pending). %s", s.Name, n,
			s.PendingCount, answer)
	}
	return t
}
