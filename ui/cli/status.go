package cli

import (
	"slices"

	"hopscope/model"
	"hopscope/model/assert"
	"hopscope/model/export"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// Status is the exit status of the program.
type Status int

// The exit statuses, whatever the command and the format.
const (
	// Clean: done, and nothing found at or above the threshold.
	Clean Status = 0
	// Found: findings at or above the threshold of --fail-on.
	Found Status = 1
	// CannotCheck: usage, credentials, an unreadable file, an interruption:
	// there is no answer. It is never mistaken for Clean.
	CannotCheck Status = 2
)

// policy says which reports make a check fail.
type policy struct {
	failOn choice
	strict bool
}

// never is the value of --fail-on that no finding reaches.
const never = "never"

func newPolicy() *policy {
	return &policy{failOn: choice{
		value:   string(rule.Error),
		allowed: []string{string(rule.Error), string(rule.Warning), string(rule.Info), never},
	}}
}

// status judges a report. A gap, or a path that cannot be judged, leaves it Clean
// or Found unless the policy is strict: it is unknown in the report, not fine. Only where
// it comes of a call that failed is there no answer.
func (p *policy) status(r *report.Report) Status {
	if p.strict && (!r.Complete || len(r.Gaps) > 0 || export.Unknown(r) > 0) {
		return CannotCheck
	}
	least := p.least()
	for i := range r.Findings {
		if r.Findings[i].Fails(least) {
			return Found
		}
	}
	is := func(v assert.Verdict) bool {
		return slices.ContainsFunc(r.Assertions, func(o assert.Outcome) bool { return o.Verdict == v })
	}
	switch {
	case is(assert.Broken):
		return Found
	case undecided(r), is(assert.Unknown), is(assert.NoMatch):
		return CannotCheck
	}
	return Clean
}

// least is the severity from which on findings fail a check, "" for none.
func (p *policy) least() rule.Severity {
	if p.failOn.value == never {
		return ""
	}
	return rule.Severity(p.failOn.value)
}

// undecided tells whether a path or a rule has no answer for a call that failed: the
// credentials ended, the network did not answer, AWS throttled. What IAM refuses, or AWS
// does not have, fails another time too.
func undecided(r *report.Report) bool {
	lacks := func(m model.Missing) bool { return m.State == model.Failed }
	return slices.ContainsFunc(r.NotChecked, func(n rule.NotChecked) bool { return n.Failed }) ||
		slices.ContainsFunc(r.Paths, func(p *reach.Path) bool {
			return p.Verdict == reach.Unknown && slices.ContainsFunc(p.Missing, lacks)
		})
}
