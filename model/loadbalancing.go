package model

import "time"

// LoadBalancer is an Application, Network or Gateway Load Balancer.
type LoadBalancer struct {
	ARN     ARN              `json:"arn"`
	Name    string           `json:"name"`
	DNSName string           `json:"dnsName,omitempty"`
	Type    LoadBalancerType `json:"type"`
	// Scheme is [InternetFacing] or internal.
	Scheme string `json:"scheme,omitempty"`
	VPC    string `json:"vpc,omitempty"`
	// SecurityGroups may be empty on a network load balancer.
	SecurityGroups []string `json:"securityGroups,omitempty"`
	Subnets        []string `json:"subnets,omitempty"`
	// IPAddressType is ipv4, dualstack or dualstack-without-public-ipv4.
	IPAddressType string `json:"ipAddressType,omitempty"`
	State         string `json:"state,omitempty"`
	// Attributes is nil when they were not read.
	Attributes *LoadBalancerAttributes `json:"attributes,omitempty"`
}

// InternetFacing is the scheme of a load balancer whose name resolves to public addresses.
const InternetFacing = "internet-facing"

// LoadBalancerAttributes are the attributes of a load balancer that matter to a
// path.
type LoadBalancerAttributes struct {
	// IdleTimeoutSeconds is idle_timeout.timeout_seconds of an application load
	// balancer; 0 for others, which have none.
	IdleTimeoutSeconds int `json:"idleTimeoutSeconds,omitempty"`
}

// Listener is a port of a load balancer.
type Listener struct {
	ARN             ARN    `json:"arn"`
	LoadBalancerARN ARN    `json:"loadBalancerArn"`
	Port            int    `json:"port"`
	Protocol        string `json:"protocol"`
	// SSLPolicy names the security policy of a TLS or HTTPS listener.
	SSLPolicy      string           `json:"sslPolicy,omitempty"`
	DefaultActions []ListenerAction `json:"defaultActions,omitempty"`
}

// ListenerRule is a rule of a listener; the default rule is one of them.
type ListenerRule struct {
	ARN         ARN `json:"arn"`
	ListenerARN ARN `json:"listenerArn"`
	// Priority is a number from 1 to 50000, or "default".
	Priority   string           `json:"priority"`
	Default    bool             `json:"default,omitempty"`
	Conditions []RuleCondition  `json:"conditions,omitempty"`
	Actions    []ListenerAction `json:"actions,omitempty"`
}

// RuleCondition is a condition of a listener rule.
type RuleCondition struct {
	// Field is host-header, path-pattern, http-header, query-string,
	// http-request-method or source-ip.
	Field string `json:"field"`
	// Name is the header's name, for http-header.
	Name string `json:"name,omitempty"`
	// Values are the patterns, any of which matches; query strings are
	// written key=value. Regular expressions are prefixed with "regex:".
	Values []string `json:"values,omitempty"`
}

// HoldsSecrets tells whether the values may be secrets that callers share with the load
// balancer: they are compared, and neither shown nor saved.
func (c *RuleCondition) HoldsSecrets() bool {
	return c.Field == "http-header" || c.Field == "query-string"
}

// ListenerAction is an action of a listener or a rule.
type ListenerAction struct {
	// Type is forward, redirect, fixed-response, authenticate-oidc,
	// authenticate-cognito or jwt-validation.
	Type  string `json:"type"`
	Order int    `json:"order,omitempty"`
	// Forward are the target groups of a forward action.
	Forward []WeightedTargetGroup `json:"forward,omitempty"`
}

// WeightedTargetGroup is a target group and its share of the requests.
type WeightedTargetGroup struct {
	TargetGroupARN ARN `json:"targetGroupArn"`
	// Weight is 0 to 999, relative to the sum; 1 when the action has one group
	// and no weight.
	Weight int `json:"weight"`
}

// TargetGroup is a target group of a load balancer.
type TargetGroup struct {
	ARN  ARN    `json:"arn"`
	Name string `json:"name"`
	// Port is the default port of targets. ECS registers the container or host
	// port instead, so that no path depends on it.
	Port     int    `json:"port,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	// ProtocolVersion is HTTP1, HTTP2 or GRPC.
	ProtocolVersion string `json:"protocolVersion,omitempty"`
	// TargetType is ip, instance, lambda or alb.
	TargetType    string `json:"targetType,omitempty"`
	VPC           string `json:"vpc,omitempty"`
	IPAddressType string `json:"ipAddressType,omitempty"`
	// LoadBalancers are the ARNs of the load balancers that forward to it.
	LoadBalancers []ARN       `json:"loadBalancers,omitempty"`
	HealthCheck   HealthCheck `json:"healthCheck"`
	// TargetControlPort is the target optimizer's port, 0 when off.
	TargetControlPort int `json:"targetControlPort,omitempty"`
	// Attributes is nil when they were not read.
	Attributes *TargetGroupAttributes `json:"attributes,omitempty"`
	// Health is nil when it was not read.
	Health *TargetHealth `json:"health,omitempty"`
	// HostCounts is set where Health was not read and CloudWatch leaves no doubt: every
	// task that ECS runs is healthy, or no target is.
	HostCounts *HostCounts `json:"hostCounts,omitempty"`
}

// HostCounts is how many targets of a group the load balancer called healthy and
// unhealthy, as CloudWatch has it: it tells neither which ones nor why.
type HostCounts struct {
	Healthy   int `json:"healthy"`
	Unhealthy int `json:"unhealthy,omitempty"`
	// At is the end of the minute that they are of.
	At time.Time `json:"at"`
}

// TargetGroupAttributes are the attributes of a target group that matter to a
// path.
type TargetGroupAttributes struct {
	// ProxyProtocolV2 is proxy_protocol_v2.enabled: the load balancer writes a
	// header in front of each connection.
	ProxyProtocolV2 bool `json:"proxyProtocolV2,omitempty"`
	// PreserveClientIP is preserve_client_ip.enabled: packets keep the
	// client's source address.
	PreserveClientIP bool `json:"preserveClientIp,omitempty"`
}

// TargetHealth is what a target group has registered.
type TargetHealth struct {
	Targets []Target `json:"targets"`
	// ReadAt is when they were read: states change while a snapshot is kept.
	ReadAt time.Time `json:"readAt,omitzero"`
}

// The states of a target that count when the health of a group is judged. In every
// other one it is being registered or taken out, gets no requests, or is not checked
// (Elastic Load Balancing guide, target health status).
const (
	TargetHealthy   = "healthy"
	TargetUnhealthy = "unhealthy"
)

// The reasons of unhealthy targets, by what the load balancer met (Elastic Load
// Balancing guide, health check reason codes).
const (
	// TargetTimeout: packets are dropped on the way, or the app does not answer in time.
	TargetTimeout = "Target.Timeout"
	// TargetFailedHealthChecks: the connection was refused or reset, or the answer was
	// not of the protocol.
	TargetFailedHealthChecks = "Target.FailedHealthChecks"
	// TargetResponseCodeMismatch: the app answers, with another code than the matcher
	// has.
	TargetResponseCodeMismatch = "Target.ResponseCodeMismatch"
)

// Target is a registered target.
type Target struct {
	// ID is an address, an instance id, or a load balancer's ARN, as the
	// group's TargetType says.
	ID   string `json:"id"`
	Port int    `json:"port,omitempty"`
	// Zone is the availability zone, "all" for an address outside the VPC.
	Zone string `json:"zone,omitempty"`
	// State is healthy, unhealthy, unhealthy.draining, initial, draining, unused or
	// unavailable.
	State string `json:"state,omitempty"`
	// Reason is AWS's code for a state other than healthy: Target.Timeout …
	Reason string `json:"reason,omitempty"`
	// Description is AWS's sentence beside it; of an answer that the matcher does not
	// have, it names the codes.
	Description string `json:"description,omitempty"`
}

// FailsChecks tells whether the health checks of a target fail. In the state
// unhealthy.draining it still serves the connections that it has, for the draining interval
// of unhealthy targets, and gets no new ones (Elastic Load Balancing guide, target health
// states): it is not being taken out.
func (t *Target) FailsChecks() bool {
	return t.State == TargetUnhealthy || t.State == "unhealthy.draining"
}

// TrafficPort is the value of [HealthCheck.Port] that means: the port that each
// target is registered with.
const TrafficPort = "traffic-port"

// HealthCheck is how a load balancer checks the targets of a group.
type HealthCheck struct {
	Enabled bool `json:"enabled"`
	// Port is a number or [TrafficPort].
	Port     string `json:"port,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	Path     string `json:"path,omitempty"`
	// Matcher are the codes of a good answer: "200-299", or "0-99" of gRPC.
	Matcher string `json:"matcher,omitempty"`
	// IntervalSeconds is the time between two checks of a target, TimeoutSeconds how
	// long an answer may take.
	IntervalSeconds int `json:"intervalSeconds,omitempty"`
	TimeoutSeconds  int `json:"timeoutSeconds,omitempty"`
	// HealthyThreshold and UnhealthyThreshold are the numbers of checks in a row that
	// make a target healthy or unhealthy.
	HealthyThreshold   int `json:"healthyThreshold,omitempty"`
	UnhealthyThreshold int `json:"unhealthyThreshold,omitempty"`
}
