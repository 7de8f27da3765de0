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
