package ui

import (
	"time"

	"hopscope/model"
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
	serial  int
	planned *planned
}

// previewedMsg brings what a plan would do, and its texts.
type previewedMsg struct {
	serial  int
	preview *preview
}

// whatIfMsg brings what would follow from what is tried.
type whatIfMsg struct {
	serial int
	result *whatIfResult
}

// preparedMsg brings what is there before a plan is applied.
type preparedMsg struct {
	serial int
	entry  *journal.Entry
	err    error
}

// armedMsg says that a question has been on screen long enough to be answered.
type armedMsg struct{ serial int }

// progressedMsg brings an activity's record while a task goes on.
type progressedMsg struct {
	serial int
	entry  *journal.Entry
}

// carriedOutMsg ends a task of an activity.
type carriedOutMsg struct {
	serial int
	entry  *journal.Entry
	err    error
}

// tickedMsg says that another second of a task has passed.
type tickedMsg struct{ serial int }

// leaveMsg ends the program, although an activity has not stopped.
type leaveMsg struct{}
