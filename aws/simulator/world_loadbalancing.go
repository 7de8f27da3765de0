package simulator

import (
	"encoding/json"
	"fmt"
)

// LoadBalancer is an Application, Network or Gateway Load Balancer.
type LoadBalancer struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// Type is application (the default), network or gateway.
	Type string `json:"type,omitempty"`
	// Scheme is internet-facing or internal, which is the default.
	Scheme string `json:"scheme,omitempty"`
	// Subnets default to all subnets of the first VPC.
	Subnets []string `json:"subnets,omitempty"`
	// SecurityGroups may be left out only for a network load balancer.
	SecurityGroups []string `json:"securityGroups,omitempty"`
	// IPAddressType defaults to ipv4.
	IPAddressType string            `json:"ipAddressType,omitempty"`
	Attributes    map[string]string `json:"attributes,omitempty"`
	Tags          map[string]string `json:"tags,omitempty"`
	Listeners     []Listener        `json:"listeners,omitempty"`
}

// Listener is a port of a load balancer.
type Listener struct {
	Note string `json:"note,omitempty"`
	Port int    `json:"port"`
	// Protocol defaults to HTTP on an application load balancer, else TCP.
	Protocol string `json:"protocol,omitempty"`
	// SSLPolicy defaults to ELBSecurityPolicy-TLS13-1-2-2021-06 for HTTPS and
	// TLS.
	SSLPolicy string         `json:"sslPolicy,omitempty"`
	Default   Action         `json:"default"`
	Rules     []ListenerRule `json:"rules,omitempty"`
}

// ListenerRule is a rule of a listener other than the default one.
type ListenerRule struct {
	Note       string          `json:"note,omitempty"`
	Priority   int             `json:"priority"`
	Conditions []RuleCondition `json:"conditions"`
	Action     Action          `json:"action"`
}

// RuleCondition is a condition of a rule; any of its values matches.
type RuleCondition struct {
	// Field is host-header, path-pattern, http-header, query-string,
	// http-request-method or source-ip.
	Field string `json:"field"`
	// Name is the header's name, for http-header.
	Name string `json:"name,omitempty"`
	// Values are patterns; those of a query string are written key=value.
	Values []string `json:"values,omitempty"`
	// RegexValues are regular expressions.
	RegexValues []string `json:"regexValues,omitempty"`
}

// Action is what a listener or a rule does: exactly one of Forward, Redirect and
// FixedResponse, after an authentication if there is one.
type Action struct {
	// Authenticate is authenticate-oidc, authenticate-cognito or
	// jwt-validation.
	Authenticate  string         `json:"authenticate,omitempty"`
	Forward       Forward        `json:"forward,omitempty"`
	Redirect      *Redirect      `json:"redirect,omitempty"`
	FixedResponse *FixedResponse `json:"fixedResponse,omitempty"`
}

// Forward is one target group, or several with weights. In a file, a name stands
// for one target group.
type Forward []WeightedTargetGroup

// WeightedTargetGroup is a target group and its share of the requests.
type WeightedTargetGroup struct {
	TargetGroup string `json:"targetGroup"`
	// Weight is 0 to 999.
	Weight int `json:"weight"`
}

// ForwardTo is the action that forwards everything to one target group.
func ForwardTo(targetGroup string) Action {
	return Action{Forward: Forward{{TargetGroup: targetGroup, Weight: 1}}}
}

// UnmarshalJSON reads a name, or a list of weighted target groups.
func (f *Forward) UnmarshalJSON(b []byte) error {
	var name string
	if json.Unmarshal(b, &name) == nil {
		*f = Forward{{TargetGroup: name, Weight: 1}}
		return nil
	}
	var weighted []WeightedTargetGroup
	if err := unmarshalStrict(b, &weighted); err != nil {
		return fmt.Errorf("forward is neither a target group's name nor a list of weighted target groups: %w", err)
	}
	*f = weighted
	return nil
}

// Redirect is a redirect action.
type Redirect struct {
	// Protocol defaults to HTTPS, Port to 443, StatusCode to HTTP_301.
	Protocol   string `json:"protocol,omitempty"`
	Port       int    `json:"port,omitempty"`
	StatusCode string `json:"statusCode,omitempty"`
}

// FixedResponse is a fixed-response action.
type FixedResponse struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body,omitempty"`
}

// TargetGroup is a target group. ECS registers the tasks of the services that
// name it.
type TargetGroup struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// VPC defaults to the first one.
	VPC string `json:"vpc,omitempty"`
	// Port defaults to 80.
	Port int `json:"port,omitempty"`
	// Protocol defaults to HTTP.
	Protocol string `json:"protocol,omitempty"`
	// ProtocolVersion is HTTP1 (the default for HTTP and HTTPS), HTTP2 or GRPC.
	ProtocolVersion string `json:"protocolVersion,omitempty"`
	// TargetType is ip (the default), instance, lambda or alb.
	TargetType  string      `json:"targetType,omitempty"`
	HealthCheck HealthCheck `json:"healthCheck,omitzero"`
	// TargetControlPort is the target optimizer's port.
	TargetControlPort int `json:"targetControlPort,omitempty"`
	// Attributes override those that AWS gives a new target group.
	Attributes map[string]string `json:"attributes,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	// Targets were registered by hand.
	Targets []Target `json:"targets,omitempty"`
	// Health says how targets are that the network would let be healthy: the first
	// ones as its first entry says, and so on. Those that are left are healthy.
	Health []TargetHealth `json:"health,omitempty"`
	// Deregistered is set where the targets that ECS registered were taken out behind
	// its back.
	Deregistered bool `json:"deregistered,omitempty"`
}

// TargetHealth is the state of some targets, in AWS's words.
type TargetHealth struct {
	Note string `json:"note,omitempty"`
	// Targets is how many it is about; 0 is all that are left.
	Targets     int    `json:"targets,omitempty"`
	State       string `json:"state"`
	Reason      string `json:"reason,omitempty"`
	Description string `json:"description,omitempty"`
}

// HealthCheck is how the targets of a group are checked.
type HealthCheck struct {
	Note     string `json:"note,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
	// Port is a number or traffic-port, which is the default.
	Port string `json:"port,omitempty"`
	// Protocol defaults to HTTP in groups of HTTP and HTTPS, else to TCP: the
	// defaults of CreateTargetGroup.
	Protocol string `json:"protocol,omitempty"`
	// Path defaults to "/" for HTTP and HTTPS.
	Path string `json:"path,omitempty"`
	// Matcher defaults to 200, in groups of GRPC to 12.
	Matcher string `json:"matcher,omitempty"`
	// IntervalSeconds defaults to 30, TimeoutSeconds to 5, HealthyThreshold to 5 and
	// UnhealthyThreshold to 2: those of application load balancers.
	IntervalSeconds    int `json:"intervalSeconds,omitempty"`
	TimeoutSeconds     int `json:"timeoutSeconds,omitempty"`
	HealthyThreshold   int `json:"healthyThreshold,omitempty"`
	UnhealthyThreshold int `json:"unhealthyThreshold,omitempty"`
}

// Target was registered by hand: exactly one of an address, a load balancer's
// name in a group of type alb, and a service, which stands for its first task.
type Target struct {
	Note         string `json:"note,omitempty"`
	Address      string `json:"address,omitempty"`
	LoadBalancer string `json:"loadBalancer,omitempty"`
	Service      string `json:"service,omitempty"`
	// Cluster is that of the service; the first one by default.
	Cluster string `json:"cluster,omitempty"`
	// Port may be any, also one that ECS would not register.
	Port int `json:"port"`
}
