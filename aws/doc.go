// Package aws opens an AWS account and sends its calls: credentials, endpoints,
// rate limits, retries, and errors told in sentences. Its sub-packages read the
// account ([hopscope/aws/collect]), turn AWS's answers into the model
// ([hopscope/aws/convert]) and change the account ([hopscope/aws/apply]). No other
// package of hopscope knows the AWS SDK, and the simulator does without it too.
//
// Glossary:
//
//   - Account: credentials, region and endpoint, opened once, used many times.
//   - Session: the SDK's clients for one piece of work, whose calls are counted
//     together.
//   - Operation: a row of the table of what hopscope sends: IAM action, quota,
//     lane, pages and batches, and what is unknown without it.
//   - Quota: a token bucket that AWS documents. Its bucket paces the calls, and is
//     shared by all sessions of an account.
//   - Lane: the calls of one kind that may be under way at once.
//   - Failure: why a call failed, in the terms of a gap of the snapshot.
//   - Fate: what became of a call that changes something.
package aws
