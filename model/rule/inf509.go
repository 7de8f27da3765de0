package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// unlistedRevision is INF509: docs/aws.md, Deployments.
func unlistedRevision() Rule {
	return Rule{
		Code: "INF509", Title: "Tasks of a revision that no deployment tells of still run", Severity: Warning,
		Needs: []model.Action{model.ListClusters, model.ListServices, model.DescribeServices},
		check: checkUnlistedRevision,
		Doc: Doc{
			What: "More service revisions have running tasks than the service lists deployments with tasks.",
			Why: "Requests and calls meet the tasks of every revision. How those of the unlisted one are configured is not in " +
				"the answer of AWS that hopscope reads, so that the ways into the service are unknown: some of its tasks may " +
				"handle requests differently, or not at all.",
			Detection: "services[].currentServiceRevisions[] with runningTaskCount above 0 are counted, and so are " +
				"deployments[] with runningCount above 0. A deployment that counts as successful early (EarlySuccessCriteria) " +
				"may leave the old tasks running.",
			FalsePositive: "The counts were taken while the last old task stopped.",
			Fix:           "Look again when the old tasks are gone; stop them if they stay.",
			Source:        "API reference, Service.currentServiceRevisions; docs/aws.md, Deployments.",
		},
	}
}

func checkUnlistedRevision(c *Case) {
	s := c.Service
	if len(c.Running) == 0 {
		return // the controller is another one: task sets tell
	}
	listed := 0
	for _, d := range c.Running {
		if d.RunningCount > 0 {
			listed++
		}
	}
	var run []model.CurrentRevision
	for _, r := range s.CurrentRevisions {
		if r.RunningCount > 0 {
			run = append(run, r)
		}
	}
	if len(run) <= listed {
		return
	}
	c.report(Finding{
		Paths: c.Siblings, verdict: reach.Unknown, Confidence: Medium,
		missing: &model.Missing{
			What: "configuration of the tasks of " + s.Name + " that belong to no listed deployment", Resource: s.ARN,
			Action: model.DescribeServiceRevisions, State: model.NotRead,
		},
		text: func(f *Finding) Text { return unlistedText(f, run, listed) },
	})
}

func unlistedText(f *Finding, run []model.CurrentRevision, listed int) Text {
	evidence := make([]reach.Evidence, len(run))
	for i, r := range run {
		evidence[i] = fact(model.DescribeServices, "currentServiceRevisions: %s, runningTaskCount = %d",
			model.ARNName(r.ARN), r.RunningCount)
	}
	return Text{
		Title: fmt.Sprintf("%s has running tasks of %s, and of %d in its deployments",
			f.Service, words.Count(len(run), "revision"), listed),
		Detail: fmt.Sprintf("Tasks of %d service revisions of %s run, but its deployments tell of %d. Requests meet them "+
			"all, and how the tasks of the others are configured was not read: the ways into %s are unknown until they are "+
			"gone.", len(run), f.Service, listed, f.Service),
		Evidence: evidence,
	}
}
