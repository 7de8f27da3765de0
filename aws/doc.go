// Package aws reads an AWS account into a [model.Snapshot]. It is the only
// package, besides its simulator, that knows the AWS SDK.
//
// Glossary:
//
//   - Account: credentials, region and endpoint, opened once, read many times.
//   - collection: one reading of an account. It starts a call as soon as its
//     input is known; nothing waits for a whole phase to end.
//   - picture: what a collection knows so far; snapshots are taken from it.
//   - bucket: a token bucket that paces the calls of one kind to what AWS
//     documents (api.md §1.1), shared by all collections of an account.
//   - lane: the calls of one kind that are under way or wait for their turn.
//   - extras: what only rules and rarer ways into a task need. It is read behind
//     the core, which never waits for it.
//   - gap: what could not be read, named by the IAM action (see [model.Gap]).
//     A refusal never ends a collection, unless there is nothing to show.
//
// No environment variable, command, secret or log option of a container is
// copied out of AWS's answers.
package aws
