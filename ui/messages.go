package ui

import "hopscope/model"

// snapshotReadMsg brings a snapshot while a collection goes on.
type snapshotReadMsg struct {
	generation int
	snapshot   *model.Snapshot
}

// collectedMsg ends a collection, with a snapshot or an error.
type collectedMsg struct {
	generation int
	snapshot   *model.Snapshot
	err        error
}

// analyzedMsg brings the survey of a snapshot.
type analyzedMsg struct {
	generation int
	survey     *survey
}

// savedMsg ends an attempt to save a snapshot.
type savedMsg struct {
	path string
	// exists is set when nothing was written because the file exists.
	exists bool
	err    error
}

// copiedMsg says that text went to the clipboard.
type copiedMsg struct {
	what string
	err  error
}

// agedMsg says that the age in the header reads differently now.
type agedMsg struct{ serial int }

// statusEndedMsg says that a status message has been there long enough.
type statusEndedMsg struct{ serial int }
