// Package simulator is an AWS inside the process: an [http.Handler], and an
// [http.RoundTripper] that needs no socket, which speaks the wire protocols of
// the services that hopscope reads and writes. Clients that nobody here wrote
// (the AWS SDKs, the aws CLI, boto3) run against it unchanged.
//
// Glossary:
//
//   - World: the JSON file, or the Go value, that says what exists. Names take
//     the place of ids and ARNs; what is left out has a sensible default.
//     docs/worlds.md describes the format.
//   - account: what a world has become: ids, ARNs, tasks, deployments. Calls
//     read and change the account; the world stays as it was written.
//   - operation: one row of the table of everything that is answered. An
//     operation that has no row is refused in AWS's own words.
//   - rollout: the time it takes a new deployment to replace the older ones. It
//     is derived from the clock whenever somebody looks; nothing runs in the
//     background.
//   - fault: a refusal, delay or damage that a test or a user asked for.
//   - call: what was asked, in order: the proof that a caller wrote in the
//     right order, and the count of what it read.
//
// Protocols: JSON 1.1 by X-Amz-Target for ECS and Cloud Map; Query (a form in,
// XML out) for EC2, Elastic Load Balancing v2 and STS; JSON 1.0 and smithy-rpc-v2-cbor for
// CloudWatch. Signatures are not
// checked. Limits, pages, error codes and messages are AWS's as far as they are
// published; each place names its source where it is not the API reference.
package simulator
