package ui

import (
	"context"

	"hopscope/model"
)

// Source is where snapshots come from: an account, a file, the simulator.
type Source interface {
	// Collect reads everything once. It calls progress with ever better
	// snapshots, one call at a time and at most about 20 a second, and returns
	// the last one. The error is a [model.CannotCheckError] when there is
	// nothing to show; what could not be read in part is a gap of the snapshot
	// instead. progress may be nil. Collect ends early when ctx does.
	Collect(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error)
}

// Attentive is a [Source] that reads what the user looks at before the rest.
type Attentive interface {
	// LookAt tells which service that is now. It may be called while Collect is at work,
	// and does not wait.
	LookAt(service model.Ref)
}
