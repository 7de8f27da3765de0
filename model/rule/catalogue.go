package rule

import "hopscope/model"

// Rule is one entry of the catalogue.
type Rule struct {
	// Code is stable: "HOP101".
	Code string
	// Title is what the rule finds, in one line.
	Title string
	// Severity is the usual one; a finding may differ when the facts of the
	// case say so, and says why.
	Severity Severity
	// Needs are the IAM actions whose facts the rule reads. Where one of them
	// is missing the rule is not checked.
	Needs []model.Action
	Doc   Doc
}

// Doc explains a rule to users (hopscope rules CODE). Plain paragraphs.
type Doc struct {
	// What is wrong when the rule fires.
	What string
	// Why it matters.
	Why string
	// Detection is how it is found, in terms of API fields.
	Detection string
	// FalsePositive is what would make a finding wrong.
	FalsePositive string
	// Fix is what to do.
	Fix string
	// Source is where the facts come from.
	Source string
}

// Catalogue lists all rules by code.
func Catalogue() []Rule { return nil }

// Lookup finds a rule by its code, in any case.
func Lookup(code string) (Rule, bool) { return Rule{}, false }

// Analyze derives the paths of a snapshot, runs every rule over them and gives
// the report. It is pure: equal snapshots give equal reports.
func Analyze(s *model.Snapshot) *Report {
	return &Report{Schema: SchemaV1}
}
