package app

import (
	"hopscope/aws/apply"
	"hopscope/model/journal"
)

// Settings are what a test changes about the program. The zero value is the program
// as users have it.
type Settings struct {
	// Apply is how patiently plans are carried out.
	Apply apply.Options
	// Journal stands between the applier and the store; nil is for nothing.
	Journal func(journal.Store) apply.Journal
}
