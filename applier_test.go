package main

import (
	"hopscope/aws"
	"hopscope/model/journal"
	"hopscope/ui"
)

// main is the one place that sees both sides.
var (
	_ ui.Applier  = (*aws.Applier)(nil)
	_ aws.Journal = journal.Store{}
)
