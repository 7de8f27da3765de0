// Package change matches two analyses: what of the one became what of the other.
//
// Paths are matched by place and caller ([reach.Place]), findings by their keys
// ([rule.Finding.Key]): neither holds an outcome or a sentence, so that what was
// repaired, or is said in other words, is found again. What-if, the planner and
// the verification of a plan all match here.
package change
