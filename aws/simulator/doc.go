// Package simulator is an AWS inside the process: an [http.Handler], and an
// [http.RoundTripper] that needs no socket, which speaks the wire protocols of
// the services that hopscope reads and writes. Other programs' clients (the AWS
// SDKs, the aws CLI, boto3) run against it unchanged.
//
// Glossary:
//
//   - World: the JSON file, or the Go value, that says what exists. Names take
//     the place of ids and ARNs; what is left out has a sensible default.
//     docs/worlds.md describes the format.
//   - resources: what a world has become: ids, ARNs, tasks, deployments. Calls
//     read and change the resources; the world stays as it was written. Each
//     family has a type of its own (network, ruleBook, loadBalancing, cloudMap,
//     taskDefinitions, clusters, rollouts, gateways, trafficFlow), which alone
//     knows its lists and look-ups.
//   - operation: one row of the table of everything that is answered. An
//     operation that has no row is refused in AWS's own words. A new answer is a
//     row in the table of its service (ecs.go, ec2.go, elbv2.go, namespace.go,
//     cloudwatch.go, sts.go) and a function, in the type that answers that part
//     of the API: clusterAPI, serviceAPI, groupAPI and so on.
//   - rollout: the time it takes a new deployment to replace the older ones. A
//     call derives it from the clock when it reads the service; nothing runs in
//     the background.
//   - fault: a refusal, delay or damage that a test or a user asks for.
//   - call: what was asked, in order: the proof that a caller wrote in the
//     right order, and the count of what it read.
//
// Protocols: JSON 1.1 by X-Amz-Target for ECS and Cloud Map; Query (a form in,
// XML out) for EC2, Elastic Load Balancing v2 and STS; JSON 1.0 and smithy-rpc-v2-cbor for
// CloudWatch. Signatures are not
// checked. Limits, pages, error codes and messages are AWS's as far as they are
// published; each place names its source where it is not the API reference.
package simulator
