package theme

import (
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/scene"
)

// State is how well something is; see [scene.State], whose states these are.
type State = scene.State

// The states, best first.
const (
	None    = scene.None
	Calm    = scene.Calm
	Good    = scene.Good
	Unknown = scene.Unknown
	Warn    = scene.Warn
	Bad     = scene.Bad

	states = Bad + 1
)

// OfVerdict is the state of a path with a verdict.
func OfVerdict(v reach.Verdict) State { return scene.OfVerdict(v) }

// OfAccess is the state of a hop.
func OfAccess(a reach.Access) State { return scene.OfAccess(a) }

// OfSeverity is the state of a finding. Info is not a fault.
func OfSeverity(s rule.Severity) State { return scene.OfSeverity(s) }
