package model

import "strconv"

// TaskDefinition is a revision of a task definition, without anything that could
// hold a secret: no environment, no commands, no log options. Of the environment it
// keeps which endpoints it names, in the endpoints' own words.
type TaskDefinition struct {
	ARN                     ARN         `json:"arn"`
	Family                  string      `json:"family,omitempty"`
	Revision                int         `json:"revision,omitempty"`
	NetworkMode             NetworkMode `json:"networkMode,omitempty"`
	RequiresCompatibilities []string    `json:"requiresCompatibilities,omitempty"`
	// OSFamily is runtimePlatform.operatingSystemFamily; LINUX when empty.
	OSFamily string `json:"osFamily,omitempty"`
	// ProxyType is proxyConfiguration.type: APPMESH, or empty.
	ProxyType string `json:"proxyType,omitempty"`
	// CPU is in CPU units (1024 a core), Memory in MiB; 0 when the task has no
	// limit of its own, which only EC2 allows.
	CPU        int         `json:"cpu,omitempty"`
	Memory     int         `json:"memory,omitempty"`
	Containers []Container `json:"containers,omitempty"`
	// NamedEndpoints are the Service Connect endpoints, as host:port, that values of
	// environment variables name; in order.
	NamedEndpoints []string `json:"namedEndpoints,omitempty"`
}

// Container is a container of a task definition.
type Container struct {
	Name           string        `json:"name"`
	Essential      bool          `json:"essential,omitempty"`
	HasHealthCheck bool          `json:"hasHealthCheck,omitempty"`
	PortMappings   []PortMapping `json:"portMappings,omitempty"`
	// CPU is in CPU units, Memory the hard limit or else the reservation in
	// MiB; 0 when not set.
	CPU    int `json:"cpu,omitempty"`
	Memory int `json:"memory,omitempty"`
}

// PortMapping is a port that a container publishes.
type PortMapping struct {
	Name          string `json:"name,omitempty"`
	ContainerPort int    `json:"containerPort,omitempty"`
	// HostPort is 0 for a dynamic port in bridge mode; in awsvpc mode it is
	// ContainerPort or 0.
	HostPort int `json:"hostPort,omitempty"`
	// Protocol is tcp or udp; empty means tcp.
	Protocol string `json:"protocol,omitempty"`
	// AppProtocol is http, http2, grpc, or empty: tcp to the agent.
	AppProtocol        string `json:"appProtocol,omitempty"`
	ContainerPortRange string `json:"containerPortRange,omitempty"`
}

// UDP tells whether the mapping is for UDP, which Service Connect cannot carry.
func (m *PortMapping) UDP() bool { return m.Protocol == "udp" }

// Name is family:revision, as in the ARN.
func (d *TaskDefinition) Name() string {
	if d.Family == "" {
		return ARNName(d.ARN)
	}
	return d.Family + ":" + strconv.Itoa(d.Revision)
}

// PortNamed finds a port mapping by its name, in any container: Service Connect
// refers to ports in this way. It returns the container's name with it.
func (d *TaskDefinition) PortNamed(name string) (mapping *PortMapping, container string) {
	if name == "" {
		return nil, ""
	}
	for i := range d.Containers {
		c := &d.Containers[i]
		for j := range c.PortMappings {
			if c.PortMappings[j].Name == name {
				return &c.PortMappings[j], c.Name
			}
		}
	}
	return nil, ""
}

// Port finds the mapping of a container port. An empty container means any: all
// containers of an awsvpc task share one network namespace.
func (d *TaskDefinition) Port(container string, port int) *PortMapping {
	for i := range d.Containers {
		c := &d.Containers[i]
		if container != "" && c.Name != container {
			continue
		}
		for j := range c.PortMappings {
			if c.PortMappings[j].ContainerPort == port {
				return &c.PortMappings[j]
			}
		}
	}
	return nil
}
