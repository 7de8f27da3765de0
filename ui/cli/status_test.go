package cli

import (
	"testing"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

func TestUndecidedForACallThatFailedIsNoAnswer(t *testing.T) {
	const action = model.DescribeRules
	for name, test := range map[string]struct {
		state   model.GapState
		path    reach.Verdict
		skipped bool
		failOn  string
		// elsewhere is the state of another gap of the same action.
		elsewhere model.GapState
		found     bool
		want      Status
	}{
		"a path for a failure":           {state: model.Failed, path: reach.Unknown, want: CannotCheck},
		"a rule for a failure":           {state: model.Failed, path: reach.OK, skipped: true, want: CannotCheck},
		"a failure that decides nothing": {state: model.Failed, path: reach.OK, want: Clean},
		"whatever makes the check fail":  {state: model.Failed, path: reach.Unknown, failOn: never, want: CannotCheck},
		"a finding all the same":         {state: model.Failed, path: reach.Unknown, found: true, want: Found},
		"denied":                         {state: model.Denied, path: reach.Unknown, skipped: true, want: Clean},
		"denied, and failed elsewhere": {
			state: model.Denied, path: reach.Unknown, skipped: true, elsewhere: model.Failed, want: Clean,
		},
		"a list that is empty":             {state: model.Absent, path: reach.Unknown, skipped: true, want: Clean},
		"an operation that is not known":   {state: model.Unsupported, path: reach.Unknown, skipped: true, want: Clean},
		"not read by this version":         {state: model.NotRead, path: reach.Unknown, skipped: true, want: Clean},
		"everything is known":              {path: reach.OK, want: Clean},
		"another way of being undecidable": {path: reach.Unknown, want: Clean},
	} {
		t.Run(name, func(t *testing.T) {
			r := &report.Report{Paths: []*reach.Path{{Verdict: test.path}}}
			if test.state != "" {
				r.Gaps = []model.Gap{{Action: action, State: test.state}}
				r.Paths[0].Missing = []model.Missing{{Action: action, State: test.state}}
			}
			if test.elsewhere != "" {
				r.Gaps = append(r.Gaps, model.Gap{Action: action, Resource: "other", State: test.elsewhere})
			}
			if test.skipped {
				r.NotChecked = []rule.NotChecked{{Code: "NET202", Needs: action, Failed: test.state == model.Failed}}
			}
			if test.found {
				r.Findings = []report.Finding{{Severity: rule.Error}}
			}
			p := newPolicy()
			if test.failOn != "" {
				p.failOn.value = test.failOn
			}
			if got := p.status(r); got != test.want {
				t.Errorf("exit status %d, want %d", got, test.want)
			}
		})
	}
}
