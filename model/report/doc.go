// Package report is what hopscope says about a snapshot to other programs and to
// people: an analysis and the plans for what it found, as values to write. It is
// made for output and never read back.
//
// Its JSON form, hopscope.report/v1, is a contract: members are added, never
// renamed; arrays are sorted; times are RFC 3339; an absent member means not known.
package report
