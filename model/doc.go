// Package model holds what exists: an immutable picture of one AWS account and
// region (or several clusters of it), as far as request paths need it.
//
// Glossary:
//
//   - Snapshot: everything that was read, at one time, from one place. Nothing
//     changes a snapshot after it was handed out; a better one replaces it.
//   - Gap: something that could not be read (yet): which IAM action, for which
//     resource, and why. A snapshot never hides a gap.
//   - Missing: the answer of an [Index] look-up that found nothing: the gap that
//     explains it, or the statement that AWS answered without the resource.
//   - Index: look-ups by ARN or id over one snapshot.
//   - Ref: the identity of a service (cluster and name).
//
// The package imports the standard library only. It knows neither the AWS SDK
// nor the terminal, never reads the clock, and holds no container environment,
// secret or log content.
package model
