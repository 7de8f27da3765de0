package ui

import (
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

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

// analyzedMsg brings the inventory of a snapshot, and how long making it took.
type analyzedMsg struct {
	generation int
	inventory  *inventory
	took       time.Duration
}

// analysisDueMsg says that it is time for the analysis of a snapshot that waits.
type analysisDueMsg struct{ generation int }

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

// plannedMsg brings the plans of a sheet.
type plannedMsg struct {
	serial    int
	inventory *inventory
	plans     []fix.Plan
	err       error
}

// previewedMsg brings what a plan would do, and its texts.
type previewedMsg struct {
	serial  int
	preview *preview
}

// triedMsg brings what would follow from what is tried.
type triedMsg struct {
	serial int
	trial  *trial
}

// preparedMsg brings what is there before a plan is applied.
type preparedMsg struct {
	serial int
	entry  *journal.Entry
	err    error
}

// armedMsg says that a question has been on screen long enough to be answered.
type armedMsg struct{ serial int }

// entryMsg brings an application's record while it goes on.
type entryMsg struct {
	serial int
	entry  *journal.Entry
}

// carriedOutMsg ends an application, a tidying up or a rollback.
type carriedOutMsg struct {
	serial int
	entry  *journal.Entry
	err    error
}

// tickedMsg says that another second of an application has passed.
type tickedMsg struct{ serial int }

// leaveMsg ends the program, although an application has not stopped.
type leaveMsg struct{}
