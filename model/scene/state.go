package scene

import (
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// State is how well something is, in the few degrees that a glance can tell
// apart. States are ordered: a worse one is greater.
type State int

// The states, best first.
const (
	// None: there is nothing to judge.
	None State = iota
	// Calm: refused on purpose, no fault.
	Calm
	// Good: works as it should.
	Good
	// Unknown: a fact is missing.
	Unknown
	// Warn: works, but not as it should.
	Warn
	// Bad: does not work.
	Bad

	states
)

// Glyph is the sign of the state, one cell wide.
func (s State) Glyph() string {
	return [states]string{None: "·", Calm: "○", Good: "●", Unknown: "?", Warn: "▲", Bad: "✗"}[s]
}

// Name is the state in one word, for places that name it.
func (s State) Name() string {
	return [states]string{None: "none", Calm: "calm", Good: "good", Unknown: "unknown", Warn: "warn", Bad: "bad"}[s]
}

// OfVerdict is the state of a path with a verdict.
func OfVerdict(v reach.Verdict) State {
	switch v {
	case reach.OK, reach.Needed:
		return Good
	case reach.Closed:
		return Calm
	case reach.UnnecessaryHop, reach.Risk:
		return Warn
	case reach.Broken:
		return Bad
	case reach.Unknown:
	}
	return Unknown
}

// OfAccess is the state of a hop.
func OfAccess(a reach.Access) State {
	switch a {
	case reach.Allowed:
		return Good
	case reach.Blocked:
		return Bad
	case reach.AccessUnknown:
	}
	return Unknown
}

// OfSeverity is the state of a finding. Info is not a fault.
func OfSeverity(s rule.Severity) State {
	switch s {
	case rule.Error:
		return Bad
	case rule.Warning:
		return Warn
	case rule.Info:
	}
	return Calm
}
