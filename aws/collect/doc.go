// Package collect reads an AWS account into a [model.Snapshot].
//
// Glossary:
//
//   - Source: an account, or some clusters of it, that can be read many times.
//   - collection: one reading of an account. It starts a call as soon as its
//     input is known; nothing waits for a whole phase to end.
//   - picture: what a collection knows so far; snapshots are taken from it.
//   - extras: what only rules and rarer ways into a task need. It is read behind
//     the core, which never waits for it.
//   - gap: what could not be read, named by the IAM action (see [model.Gap]).
//     A refusal never ends a collection, unless there is nothing to show.
package collect
