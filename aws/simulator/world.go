package simulator

import (
	"encoding/json"
	"slices"
)

// World says what exists in one account and region. Resources refer to each
// other by name. A zero World is an account with one empty VPC.
type World struct {
	Name string `json:"name,omitempty"`
	Note string `json:"note,omitempty"`
	// Account defaults to 123456789012, Region to ap-northeast-1.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// VPCs default to one named "main" with the block 10.0.0.0/16, and then
	// Subnets to two of it, "a" and "b", in two availability zones.
	VPCs        []VPC        `json:"vpcs,omitempty"`
	Subnets     []Subnet     `json:"subnets,omitempty"`
	NetworkACLs []NetworkACL `json:"networkAcls,omitempty"`
	PrefixLists []PrefixList `json:"prefixLists,omitempty"`
	// NetworkInterfaces are those of what the other sections do not make.
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces,omitempty"`
	SecurityGroups    []SecurityGroup    `json:"securityGroups,omitempty"`
	TargetGroups      []TargetGroup      `json:"targetGroups,omitempty"`
	LoadBalancers     []LoadBalancer     `json:"loadBalancers,omitempty"`
	Namespaces        []Namespace        `json:"namespaces,omitempty"`
	Clusters          []Cluster          `json:"clusters,omitempty"`
	// ContainerInstances are what EC2 tasks outside awsvpc mode run on.
	ContainerInstances []ContainerInstance `json:"containerInstances,omitempty"`
	TaskDefinitions    []TaskDefinition    `json:"taskDefinitions,omitempty"`
	Services           []Service           `json:"services,omitempty"`
	StandaloneTasks    []StandaloneTask    `json:"standaloneTasks,omitempty"`
	Gateways           []Gateway           `json:"gateways,omitempty"`
	GatewayRoutes      []GatewayRoute      `json:"gatewayRoutes,omitempty"`
	// Alarms are those of CloudWatch.
	Alarms []Alarm `json:"alarms,omitempty"`
	// Traffic is what the metrics of CloudWatch follow from.
	Traffic []Traffic `json:"traffic,omitempty"`
	Faults  Faults    `json:"faults,omitzero"`
}

// withDefaults fills in what every world has. It copies the World, not the
// lists it does not change.
func (w *World) withDefaults() *World {
	d := *w
	if d.Account == "" {
		d.Account = "123456789012"
	}
	if d.Region == "" {
		d.Region = "ap-northeast-1"
	}
	if len(d.VPCs) == 0 {
		d.VPCs = []VPC{{Name: "main"}}
	}
	d.VPCs = slices.Clone(d.VPCs)
	for i := range d.VPCs {
		if len(d.VPCs[i].CIDRs) == 0 {
			d.VPCs[i].CIDRs = []string{"10.0.0.0/16"}
		}
	}
	if len(d.Subnets) == 0 {
		d.Subnets = []Subnet{
			{Name: "a", CIDR: "10.0.0.0/20", Zone: "a"},
			{Name: "b", CIDR: "10.0.16.0/20", Zone: "c"},
		}
	}
	if len(d.Clusters) == 0 && len(d.Services)+len(d.StandaloneTasks) > 0 {
		d.Clusters = []Cluster{{Name: "default"}}
	}
	return &d
}

// Cluster is an ECS cluster.
type Cluster struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// DefaultNamespace is serviceConnectDefaults.namespace, by name.
	DefaultNamespace string `json:"defaultNamespace,omitempty"`
}

// ContainerInstance is an EC2 instance of a cluster.
type ContainerInstance struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// Cluster defaults to the first one.
	Cluster string `json:"cluster,omitempty"`
	// Subnet defaults to the first one.
	Subnet string `json:"subnet,omitempty"`
	// SecurityGroups default to the default group of the VPC.
	SecurityGroups []string `json:"securityGroups,omitempty"`
}

// TaskDefinition is one revision of a task definition.
type TaskDefinition struct {
	Family string `json:"family"`
	Note   string `json:"note,omitempty"`
	// Revision defaults to 1.
	Revision int `json:"revision,omitempty"`
	// NetworkMode defaults to awsvpc. "unset" is a definition in which AWS
	// leaves the mode out.
	NetworkMode string `json:"networkMode,omitempty"`
	// OSFamily is runtimePlatform.operatingSystemFamily; left out when empty.
	OSFamily string `json:"osFamily,omitempty"`
	// RequiresCompatibilities defaults to FARGATE in awsvpc mode, else EC2.
	RequiresCompatibilities []string `json:"requiresCompatibilities,omitempty"`
	// CPU is in CPU units (1024 a core), 256 by default, Memory in MiB, 512 by
	// default. "unset" is a definition for EC2 without a limit of its own.
	CPU    string `json:"cpu,omitempty"`
	Memory string `json:"memory,omitempty"`
	// ProxyConfiguration is given in AWS's own shape (App Mesh).
	ProxyConfiguration json.RawMessage `json:"proxyConfiguration,omitempty"`
	Containers         []Container     `json:"containers"`
}

// Container is a container definition.
type Container struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// Image defaults to "NAME:latest" of the account's ECR registry.
	Image string `json:"image,omitempty"`
	// Essential defaults to true.
	Essential *bool `json:"essential,omitempty"`
	// CPU is in CPU units, Memory (the hard limit) and MemoryReservation in MiB;
	// each is left out when 0.
	CPU               int           `json:"cpu,omitempty"`
	Memory            int           `json:"memory,omitempty"`
	MemoryReservation int           `json:"memoryReservation,omitempty"`
	PortMappings      []PortMapping `json:"portMappings,omitempty"`
	// HealthCheck is the command of the container health check.
	HealthCheck []string `json:"healthCheck,omitempty"`
	// Environment may name endpoints; with Secrets (name to ARN) and LogConfiguration
	// it exists so that a test can prove that a reader never keeps them.
	Environment      map[string]string `json:"environment,omitempty"`
	Secrets          map[string]string `json:"secrets,omitempty"`
	LogConfiguration json.RawMessage   `json:"logConfiguration,omitempty"`
}

// PortMapping is a port that a container publishes, in AWS's own words.
type PortMapping struct {
	Name          string `json:"name,omitempty"`
	ContainerPort int    `json:"containerPort,omitempty"`
	// HostPort is ContainerPort in awsvpc and host mode, and dynamic when 0 in
	// bridge mode.
	HostPort int `json:"hostPort,omitempty"`
	// Protocol defaults to tcp.
	Protocol           string `json:"protocol,omitempty"`
	AppProtocol        string `json:"appProtocol,omitempty"`
	ContainerPortRange string `json:"containerPortRange,omitempty"`
}

// Service is an ECS service, settled unless PreviousDeployments says otherwise.
type Service struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// Cluster defaults to the first one.
	Cluster string `json:"cluster,omitempty"`
	// TaskDefinition is a family, which stands for its newest revision, or
	// family:revision. It defaults to the service's name.
	TaskDefinition string `json:"taskDefinition,omitempty"`
	// DesiredCount defaults to 1, RunningCount to DesiredCount.
	DesiredCount *int `json:"desiredCount,omitempty"`
	RunningCount *int `json:"runningCount,omitempty"`
	// LaunchType defaults to FARGATE in awsvpc mode, else EC2. AWS leaves it
	// out when CapacityProviders are given.
	LaunchType        string   `json:"launchType,omitempty"`
	CapacityProviders []string `json:"capacityProviders,omitempty"`
	// SchedulingStrategy defaults to REPLICA.
	SchedulingStrategy string `json:"schedulingStrategy,omitempty"`
	// DeploymentController is ECS (the default), CODE_DEPLOY or EXTERNAL.
	DeploymentController string `json:"deploymentController,omitempty"`
	// DeploymentStrategy is ROLLING (the default), BLUE_GREEN, LINEAR or CANARY.
	DeploymentStrategy string `json:"deploymentStrategy,omitempty"`
	// DeploymentConfiguration is deploymentConfiguration in AWS's own shape; AWS's
	// defaults and an open circuit breaker with rollback when left out.
	DeploymentConfiguration json.RawMessage `json:"deploymentConfiguration,omitempty"`
	// HealthCheckGracePeriodSeconds is how long the health of a new task's target is
	// ignored.
	HealthCheckGracePeriodSeconds int `json:"healthCheckGracePeriodSeconds,omitempty"`
	// ResourceManagementType is ECS for services of Express mode.
	ResourceManagementType string `json:"resourceManagementType,omitempty"`
	// Subnets default to all subnets of the first VPC. They apply to awsvpc
	// mode alone.
	Subnets []string `json:"subnets,omitempty"`
	// SecurityGroups may be left out: the tasks then have the default group of
	// their VPC, as in AWS. In the other network modes they are those of the
	// container instance that a cluster without one gets.
	SecurityGroups []string              `json:"securityGroups,omitempty"`
	AssignPublicIP bool                  `json:"assignPublicIp,omitempty"`
	LoadBalancers  []ServiceLoadBalancer `json:"loadBalancers,omitempty"`
	// ServiceConnect is serviceConnectConfiguration in AWS's own shape. Members
	// that the simulator does not know are kept and returned as they are.
	ServiceConnect json.RawMessage   `json:"serviceConnect,omitempty"`
	Registries     []ServiceRegistry `json:"registries,omitempty"`
	// VPCLattice registers the tasks in target groups of VPC Lattice.
	VPCLattice []VPCLattice `json:"vpcLattice,omitempty"`
	// IngressPaths are the ways into a service of Express mode.
	IngressPaths []IngressPath     `json:"ingressPaths,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
	// CreatedAt is RFC 3339; 2026-08-01T00:00:00Z when left out.
	CreatedAt string `json:"createdAt,omitempty"`
	// PreviousDeployments are being replaced, and stay so until UpdateService
	// starts a rollout: a service caught in transition. With a strategy other
	// than ROLLING their tasks are in the target group, and those of the new
	// deployment in the alternate one; the listener says how much each gets.
	PreviousDeployments []PreviousDeployment `json:"previousDeployments,omitempty"`
}

// ServiceLoadBalancer attaches a container port to a target group.
type ServiceLoadBalancer struct {
	TargetGroup   string `json:"targetGroup"`
	ContainerName string `json:"containerName"`
	ContainerPort int    `json:"containerPort"`
	// AlternateTargetGroup is the other group of a blue/green, linear or
	// canary deployment.
	AlternateTargetGroup string `json:"alternateTargetGroup,omitempty"`
	// ProductionListenerRule and TestListenerRule name a rule as
	// "load-balancer:port/priority", where the priority may be "default".
	ProductionListenerRule string `json:"productionListenerRule,omitempty"`
	TestListenerRule       string `json:"testListenerRule,omitempty"`
}

// ServiceRegistry registers the tasks in a Cloud Map service, which exists
// because it is named here.
type ServiceRegistry struct {
	Namespace     string `json:"namespace"`
	Service       string `json:"service"`
	ContainerName string `json:"containerName,omitempty"`
	ContainerPort int    `json:"containerPort,omitempty"`
	Port          int    `json:"port,omitempty"`
}

// VPCLattice registers a named port in a target group of VPC Lattice, which
// exists because it is named here.
type VPCLattice struct {
	PortName    string `json:"portName"`
	TargetGroup string `json:"targetGroup"`
}

// PreviousDeployment is an ACTIVE deployment. What is left out is as in the
// service.
type PreviousDeployment struct {
	Note           string   `json:"note,omitempty"`
	RunningCount   int      `json:"runningCount"`
	TaskDefinition string   `json:"taskDefinition,omitempty"`
	SecurityGroups []string `json:"securityGroups,omitempty"`
	// LoadBalancers are those of a task set of CODE_DEPLOY or EXTERNAL, each of
	// which has its own.
	LoadBalancers []ServiceLoadBalancer `json:"loadBalancers,omitempty"`
	// ServiceConnect null means: as in the service.
	ServiceConnect json.RawMessage `json:"serviceConnect,omitempty"`
}

// StandaloneTask is tasks that no service started, as RunTask makes them.
type StandaloneTask struct {
	Note string `json:"note,omitempty"`
	// Cluster defaults to the first one.
	Cluster string `json:"cluster,omitempty"`
	// TaskDefinition is as in a service.
	TaskDefinition string `json:"taskDefinition"`
	// Count defaults to 1.
	Count int `json:"count,omitempty"`
	// Group defaults to "family:NAME".
	Group     string `json:"group,omitempty"`
	StartedBy string `json:"startedBy,omitempty"`
	// LaunchType, Subnets and SecurityGroups are as in a service.
	LaunchType     string   `json:"launchType,omitempty"`
	Subnets        []string `json:"subnets,omitempty"`
	SecurityGroups []string `json:"securityGroups,omitempty"`
	// Stopped tasks ran lately; ECS still tells of them.
	Stopped bool `json:"stopped,omitempty"`
}

// Namespace is a Cloud Map namespace.
type Namespace struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// ID is ns- and sixteen characters; made from the name when left out.
	ID string `json:"id,omitempty"`
	// Type is HTTP (the default), DNS_PRIVATE or DNS_PUBLIC.
	Type string `json:"type,omitempty"`
	// HTTPName defaults to Name.
	HTTPName string `json:"httpName,omitempty"`
	// Owner is the account that shares the namespace; this one by default.
	Owner string `json:"owner,omitempty"`
}
