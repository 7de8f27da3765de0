package model

import (
	"slices"
	"strconv"
	"time"
)

// ServiceConnect is the Service Connect configuration of a deployment
// (deployments[].serviceConnectConfiguration).
type ServiceConnect struct {
	Enabled bool `json:"enabled"`
	// Namespace is what the API gave back: a name, an HttpName or an ARN.
	// [Index.Namespace] resolves it.
	Namespace string `json:"namespace,omitempty"`
	// Services are the endpoints that the service offers. Empty means that the
	// service is a client only.
	Services []ServiceConnectService `json:"services,omitempty"`
}

// Active tells whether the tasks have an agent: the block is there and enabled.
func (c *ServiceConnect) Active() bool { return c != nil && c.Enabled }

// Overrides tells whether a port is an ingressPortOverride.
func (c *ServiceConnect) Overrides(port int) bool {
	overrides := func(s ServiceConnectService) bool { return s.IngressPortOverride == port }
	return port != 0 && slices.ContainsFunc(c.Services, overrides)
}

// ServiceConnectService is one endpoint of a service
// (serviceConnectConfiguration.services[]).
type ServiceConnectService struct {
	// PortName names a port mapping of any container of the task definition.
	PortName string `json:"portName"`
	// DiscoveryName defaults to PortName.
	DiscoveryName string        `json:"discoveryName,omitempty"`
	ClientAliases []ClientAlias `json:"clientAliases,omitempty"`
	// IngressPortOverride is the port the agent listens on instead of
	// intercepting the container port; 0 when unset (some SDKs write 0).
	IngressPortOverride int      `json:"ingressPortOverride,omitempty"`
	Timeout             *Timeout `json:"timeout,omitempty"`
	TLS                 *TLS     `json:"tls,omitempty"`
}

// Name is the discovery name, which defaults to the port name.
func (s *ServiceConnectService) Name() string {
	if s.DiscoveryName != "" {
		return s.DiscoveryName
	}
	return s.PortName
}

// Aliases are the aliases of the endpoint; where it has none the default one, at the
// container port.
func (s *ServiceConnectService) Aliases(containerPort int) []ClientAlias {
	if len(s.ClientAliases) == 0 {
		return []ClientAlias{{Port: containerPort}}
	}
	return s.ClientAliases
}

// Endpoint is what callers in a namespace connect to for an alias, as host:port.
func (s *ServiceConnectService) Endpoint(a ClientAlias, namespace string) string {
	if a.DNSName != "" {
		return a.DNSName + ":" + strconv.Itoa(a.Port)
	}
	return s.Name() + "." + namespace + ":" + strconv.Itoa(a.Port)
}

// ClientAlias is the name and port that callers use. The port exists only inside
// the tasks of callers: it is never on the wire and never in a security group.
type ClientAlias struct {
	Port    int    `json:"port"`
	DNSName string `json:"dnsName,omitempty"`
}

// Timeout holds the agent's timeouts in seconds; nil means AWS's default, 0 off.
type Timeout struct {
	IdleSeconds       *int `json:"idleSeconds,omitempty"`
	PerRequestSeconds *int `json:"perRequestSeconds,omitempty"`
}

// TLS says that the agents speak TLS 1.3 to each other on the wire port.
type TLS struct {
	IssuerARN ARN `json:"issuerArn,omitempty"`
}

// ServiceConnectResource is the Cloud Map service that ECS made for an endpoint.
type ServiceConnectResource struct {
	DiscoveryName string `json:"discoveryName"`
	DiscoveryARN  ARN    `json:"discoveryArn"`
}

// Namespace is a Cloud Map namespace.
type Namespace struct {
	ID   string `json:"id"`
	ARN  ARN    `json:"arn"`
	Name string `json:"name"`
	// Type is HTTP, DNS_PUBLIC or DNS_PRIVATE.
	Type string `json:"type,omitempty"`
	// HTTPName is the name that ECS uses; it may carry a suffix that Name has
	// not (aws-cdk #25616).
	HTTPName string `json:"httpName,omitempty"`
	// Owner is the account that owns a namespace shared through RAM.
	Owner string `json:"owner,omitempty"`
	// Members are the services of the namespace in every cluster; nil when they
	// were not read.
	Members *NamespaceMembers `json:"members,omitempty"`
}

// NamespaceMembers are the services that ecs:ListServicesByNamespace names.
type NamespaceMembers struct {
	Services []ARN `json:"services"`
}

// DiscoveryService is a Cloud Map service: a name in a namespace, made by Service
// Connect for an endpoint, or by the user for service discovery.
type DiscoveryService struct {
	ID        string    `json:"id"`
	ARN       ARN       `json:"arn"`
	Name      string    `json:"name"`
	Namespace ARN       `json:"namespace"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
}
