package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// unlistedRevision is INF509: docs/aws.md, Deployments.
func unlistedRevision() Rule {
	return Rule{
		Code: "INF509", Title: "Tasks of a revision that no deployment tells of still run", Severity: Warning,
		Needs: []model.Action{model.ListClusters, model.ListServices, model.DescribeServices},
		check: checkUnlistedRevision,
		Doc: Doc{
			What: "More service revisions have running tasks than the service lists deployments with tasks.",
			Why: "Requests and calls meet the tasks of every revision. How those of the unlisted one are configured is not in the answer of AWS that hopscope reads, " +
				"so that the ways into the service are unknown: some of its tasks may handle requests differently, or not at all.",
			Detection: "services[].currentServiceRevisions[] with runningTaskCount above 0 are counted, and so are deployments[] with runningCount above 0. " +
				"A deployment that counts as successful early (EarlySuccessCriteria) may leave the old tasks running.",
			FalsePositive: "The counts were taken while the last old task stopped.",
			Fix:           "Look again when the old tasks are gone; stop them if they stay.",
			Source:        "API reference, Service.currentServiceRevisions; docs/aws.md, Deployments.",
		},
	}
}

func checkUnlistedRevision(c *Case) []Finding {
	if len(c.Running) == 0 {
		return nil // the controller is another one: task sets tell
	}
	listed := 0
	for _, d := range c.Running {
		if d.RunningCount > 0 {
			listed++
		}
	}
	var running []reach.Evidence
	for _, r := range c.Service.CurrentRevisions {
		if r.RunningCount > 0 {
			running = append(running, reach.Evidence{
				Fact: fmt.Sprintf("currentServiceRevisions: %s, runningTaskCount = %d", model.ARNName(r.ARN), r.RunningCount), From: string(model.DescribeServices),
			})
		}
	}
	if len(running) <= listed {
		return nil
	}
	return []Finding{{
		Paths: append([]*reach.Path(nil), c.Siblings...), verdict: reach.Unknown, Confidence: Medium,
		missing: &model.Missing{
			What: "configuration of the tasks of " + c.Service.Name + " that belong to no listed deployment", Resource: c.Service.ARN,
			Action: model.DescribeServiceRevisions, State: model.NotRead,
		},
		title: fmt.Sprintf("%s has running tasks of %s, and of %d in its deployments", c.Service.Name, revisionCount(len(running)), listed),
		detail: fmt.Sprintf("Tasks of %d service revisions of %s run, but its deployments tell of %d. Requests meet them all, and how the tasks of the others are configured was not read: the ways into %s are unknown until they are gone.",
			len(running), c.Service.Name, listed, c.Service.Name),
		evidence: running,
	}}
}

func revisionCount(n int) string {
	if n == 1 {
		return "1 revision"
	}
	return fmt.Sprintf("%d revisions", n)
}
