// Package words names what paths are about, the same in every view: sources,
// callers, targets, verdicts and counts.
//
// The names in these texts are as AWS gave them. A view makes them safe for the place
// where it prints them.
package words
