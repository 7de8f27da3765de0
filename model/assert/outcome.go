package assert

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/rule"
)

// Verdict says whether an assertion holds.
type Verdict string

// The verdicts.
const (
	Holds  Verdict = "holds"
	Broken Verdict = "broken"
	// Unknown: a fact is missing.
	Unknown Verdict = "unknown"
	// NoMatch: a name of it has nothing in the snapshot, so that it says nothing.
	NoMatch Verdict = "no-match"
)

// Outcome is what became of an assertion.
type Outcome struct {
	Assertion string  `json:"assertion"`
	File      string  `json:"file,omitempty"`
	Line      int     `json:"line,omitempty"`
	Column    int     `json:"column,omitempty"`
	Verdict   Verdict `json:"verdict"`
	// Reasons say why it does not hold, or is not known to, the first ones of many.
	Reasons []Reason `json:"reasons,omitempty"`
	// More is how many reasons there are besides.
	More int `json:"more,omitempty"`
}

// Reason is a way on which an assertion does not hold.
type Reason struct {
	// Path is the ID of the path, absent where no path of the report is meant.
	Path string `json:"path,omitempty"`
	// Way names source and target, Hop the leg of it that breaks the assertion.
	Way string `json:"way,omitempty"`
	Hop string `json:"hop,omitempty"`
	Why string `json:"why"`
}

// String is the reason in one line.
func (r *Reason) String() string {
	text := r.Why
	if r.Hop != "" {
		text = r.Hop + ": " + text
	}
	if r.Way != "" {
		text = r.Way + ": " + text
	}
	return text
}

// shownReasons is how many reasons an outcome has room for.
const shownReasons = 5

// Check says of each assertion whether it holds. file names where they stand.
func Check(a *rule.Analysis, file string, all []Assertion) []Outcome {
	out := make([]Outcome, len(all))
	for i := range all {
		out[i] = check(a, &all[i])
		out[i].File = file
	}
	return out
}

func check(a *rule.Analysis, as *Assertion) Outcome {
	j := &judge{a: a, as: as, seen: map[Reason]bool{}}
	err := j.judge()
	out := Outcome{Assertion: as.Text, Line: as.Line, Column: as.Column, Verdict: Holds}
	switch {
	case err != nil:
		out.Verdict, out.Reasons = NoMatch, []Reason{{Why: err.Error()}}
		return out
	case len(j.broken) > 0:
		out.Verdict, out.Reasons = Broken, j.broken
	case len(j.unknown) > 0:
		out.Verdict, out.Reasons = Unknown, j.unknown
	}
	if more := len(out.Reasons) - shownReasons; more > 0 {
		out.Reasons, out.More = out.Reasons[:shownReasons], more
	}
	return out
}

// judge gathers what is against an assertion.
type judge struct {
	a  *rule.Analysis
	as *Assertion

	broken, unknown []Reason
	seen            map[Reason]bool
}

func (j *judge) fails(r Reason) {
	if !j.seen[r] {
		j.seen[r] = true
		j.broken = append(j.broken, r)
	}
}

func (j *judge) lacks(r Reason) {
	if !j.seen[r] {
		j.seen[r] = true
		j.unknown = append(j.unknown, r)
	}
}

// lacksAny notes that readings of a kind have gaps, where they have: what is not there may
// have been.
func (j *judge) lacksAny(way string, actions ...model.Action) {
	for i := range j.a.Snapshot.Gaps {
		if g := &j.a.Snapshot.Gaps[i]; slices.Contains(actions, g.Action) {
			j.lacks(Reason{Way: way, Why: fmt.Sprintf("%s: %s", g.Action, g.State)})
		}
	}
}

func (j *judge) judge() error {
	switch {
	case j.as.only != nil:
		return j.onlyFrom()
	case j.as.blocked:
		return j.isBlocked()
	}
	return j.arrives()
}
