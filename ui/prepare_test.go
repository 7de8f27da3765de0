package ui

import (
	"strings"
	"testing"

	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/reach"
)

// What is confirmed promises to look at paths only where there are any, and asks
// for nothing now that belongs to the steps for later.
func TestWhatIsConfirmedPromisesWhatIsDone(t *testing.T) {
	t.Parallel()
	const look, none = "see whether the paths are as planned", "no path is left to see by whether it worked"
	p := fix.Plan{
		Steps: []fix.Step{
			{Kind: fix.UpdateService, Title: "remove the endpoint"},
			{Kind: fix.RevokeIngress, Title: "close", Later: true},
		},
		Checks: []fix.Note{{Title: "No service calls it"}, {Title: "No service has the group", Later: true}},
	}
	said := func() string { return plainText(planText{}.willApply(&journal.Entry{Plan: p})) }
	if text := said(); !strings.Contains(text, "then wait for the rollout, read everything again; "+none) ||
		strings.Contains(text, look) {
		t.Errorf("without a path: %s", text)
	}
	if text := said(); !strings.Contains(text, "No service calls it") ||
		strings.Contains(text, "No service has the group") {
		t.Errorf("the checks are not those to make first: %s", text)
	}
	p.Wanted = []fix.Expectation{{Source: reach.SourceLoadBalancer, From: "alb"}}
	if text := said(); !strings.Contains(text, "then wait for the rollout, read everything again, and "+look) ||
		strings.Contains(text, none) {
		t.Errorf("with a path: %s", text)
	}
}

// The answer yes is for the risks too, and for what was chosen and is taken away.
func TestWhatIsConfirmedNamesItsRisks(t *testing.T) {
	t.Parallel()
	p := fix.Plan{
		Downtime: true, Among: "the caller of app:80", Removes: []string{"the endpoint app"},
		Risks: []fix.Note{{Title: "Tasks are replaced"}, {Title: fix.DowntimeTitle, Detail: "ECS stops all tasks first."}},
	}
	said := plainText(planText{}.willApply(&journal.Entry{Plan: p}))
	for _, want := range []string{
		"Tasks are replaced", "The deployment is downtime. ECS stops all tasks first.",
		"one of several for the caller of app:80", "the endpoint app",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %s", want, said)
		}
	}
}
