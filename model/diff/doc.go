// Package diff says what became of an account between two readings of it: the paths
// that appeared, vanished or changed, the findings that are new or gone, and which of
// the facts that were read differ, and so are behind it. [hopscope/model/change] matches
// paths and findings; this package makes of it the document that hopscope diff prints,
// and that the screen shows.
package diff
