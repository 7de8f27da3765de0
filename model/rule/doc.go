// Package rule judges request paths: a catalogue of rules, each of them data
// plus one pure function, and the engine that runs them over a snapshot.
//
// A rule declares the IAM actions whose facts it needs. Where a gap took one of
// them away, the rule is "not checked" for that service: never passed. A
// finding is reported once, at its root cause; what merely follows from it names
// that cause.
package rule
