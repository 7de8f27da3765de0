// Package collect reads an AWS account into a [model.Snapshot].
//
// Glossary:
//
//   - Source: an account, or some clusters of it, that can be read many times.
//   - run: one reading of an account. It starts a call as soon as its input is
//     known; nothing waits for a whole phase to end.
//   - readers: one for each family of resources. A reader knows which resources
//     are named, sends the calls, and puts the answers into the rows.
//   - assembly: the snapshot under construction, the rows of all families.
//   - calls: what is still to come of the operations, and the gaps.
//   - core: what paths are made of. What only rules and rarer ways into a task
//     need is read behind it; the core never waits for that.
//   - gap: what could not be read, named by the IAM action (see [model.Gap]).
//     A refusal never ends a reading, unless there is nothing to show.
package collect
