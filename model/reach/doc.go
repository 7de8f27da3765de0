// Package reach derives request paths: which way a request goes (through the
// Service Connect agent of the target task or straight to the app) and whether
// the network lets it arrive.
//
// Everything here is a pure function of a [model.Snapshot]. A path whose facts
// are not all known says so: it is never reported as fine.
//
// Glossary:
//
//   - Path: one way of a request, from a source (listener rule, callers of an
//     endpoint, health check) to a container port.
//   - Hop: one leg of a path, between two things that handle the request.
//   - Via: whether the target task's agent handles the request.
//   - Wire port: the port that security groups see.
//   - Access: whether groups and network ACLs let the request pass.
//   - Verdict: what way and access together mean; rules can make it worse.
package reach
