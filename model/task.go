package model

import (
	"net/netip"
	"time"
)

// ServiceTasks are the running tasks of a service.
type ServiceTasks struct {
	Tasks []Task `json:"tasks"`
}

// Task is a running task of a service.
type Task struct {
	ARN ARN `json:"arn"`
	// StartedBy is the ID of the deployment that started it.
	StartedBy      string `json:"startedBy,omitempty"`
	TaskDefinition ARN    `json:"taskDefinition,omitempty"`
	// ContainerInstance is the ARN of the instance it runs on; "" on Fargate.
	ContainerInstance ARN `json:"containerInstance,omitempty"`
	// Addresses are those of the task's network interface, in awsvpc mode.
	Addresses  []netip.Addr    `json:"addresses,omitempty"`
	Containers []TaskContainer `json:"containers,omitempty"`
	CreatedAt  time.Time       `json:"createdAt,omitzero"`
}

// AgentContainer starts the name of the container that the Service Connect agent
// runs in.
const AgentContainer = "ecs-service-connect-"

// TaskContainer is a running container.
type TaskContainer struct {
	Name string `json:"name"`
	// HealthStatus is HEALTHY, UNHEALTHY or UNKNOWN.
	HealthStatus string           `json:"healthStatus,omitempty"`
	Bindings     []NetworkBinding `json:"bindings,omitempty"`
}

// NetworkBinding is a container port that the instance publishes on a port of
// its own, in bridge mode.
type NetworkBinding struct {
	ContainerPort int    `json:"containerPort,omitempty"`
	HostPort      int    `json:"hostPort"`
	Protocol      string `json:"protocol,omitempty"`
}

// ContainerInstance is an EC2 instance that runs tasks. Tasks without network
// interfaces of their own share its interface.
type ContainerInstance struct {
	ARN        ARN    `json:"arn"`
	Cluster    string `json:"cluster"`
	InstanceID string `json:"instanceId"`
	// Status is ACTIVE, DRAINING and so on.
	Status           string `json:"status,omitempty"`
	CapacityProvider string `json:"capacityProvider,omitempty"`
	AgentVersion     string `json:"agentVersion,omitempty"`
	// Network is the instance's primary network interface; nil when
	// ec2:DescribeInstances did not answer for it.
	Network *Network `json:"network,omitempty"`
	// Addresses are the private addresses of that interface.
	Addresses []netip.Addr `json:"addresses,omitempty"`
}
