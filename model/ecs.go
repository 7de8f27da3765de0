package model

import (
	"iter"
	"time"
)

// Cluster is an ECS cluster.
type Cluster struct {
	ARN    ARN    `json:"arn"`
	Name   string `json:"name"`
	Status string `json:"status,omitempty"`
	// ActiveServices is the number of services ECS counts in the cluster.
	ActiveServices int `json:"activeServices"`
	// RunningTasks and PendingTasks are the numbers of tasks ECS counts, those of
	// services and others.
	RunningTasks int `json:"runningTasks,omitempty"`
	PendingTasks int `json:"pendingTasks,omitempty"`
	// DefaultNamespace is serviceConnectDefaults.namespace: a name or an ARN.
	DefaultNamespace string `json:"defaultNamespace,omitempty"`
	// RegisteredInstances is the number of container instances ECS counts.
	RegisteredInstances int `json:"registeredContainerInstances,omitempty"`
	// ContainerInstances is how many ListContainerInstances named; nil where they were not
	// listed.
	ContainerInstances *int `json:"containerInstances,omitempty"`
}

// Service is an ECS service. Until DescribeServices answered for it, only its
// identity is known and Loaded is false.
type Service struct {
	ARN     ARN    `json:"arn"`
	Name    string `json:"name"`
	Cluster string `json:"cluster"`
	Loaded  bool   `json:"loaded"`

	Status       string `json:"status,omitempty"`
	DesiredCount int    `json:"desiredCount"`
	RunningCount int    `json:"runningCount"`
	PendingCount int    `json:"pendingCount"`
	// LaunchType is empty when a capacity provider strategy is set.
	LaunchType           string               `json:"launchType,omitempty"`
	CapacityProviders    []string             `json:"capacityProviders,omitempty"`
	SchedulingStrategy   string               `json:"schedulingStrategy,omitempty"`
	DeploymentController DeploymentController `json:"deploymentController,omitempty"`
	// DeploymentStrategy is ROLLING, BLUE_GREEN, LINEAR or CANARY.
	DeploymentStrategy string `json:"deploymentStrategy,omitempty"`
	// ResourceManagementType is ECS for services of Express mode.
	ResourceManagementType string                `json:"resourceManagementType,omitempty"`
	LoadBalancers          []ServiceLoadBalancer `json:"loadBalancers,omitempty"`
	// HealthCheckGracePeriodSeconds is how long ECS ignores unhealthy targets of a task
	// that has just started; 0 is not at all.
	HealthCheckGracePeriodSeconds int `json:"healthCheckGracePeriodSeconds,omitempty"`
	// DeploymentConfiguration says how ECS carries deployments out; nil where it
	// was not read, as in files of earlier versions.
	DeploymentConfiguration *DeploymentConfiguration `json:"deploymentConfiguration,omitempty"`

	ServiceRegistries []ServiceRegistry `json:"serviceRegistries,omitempty"`
	Deployments       []Deployment      `json:"deployments,omitempty"`
	TaskSets          []TaskSet         `json:"taskSets,omitempty"`
	// CurrentRevisions are the service revisions that tasks run of
	// (services[].currentServiceRevisions).
	CurrentRevisions []CurrentRevision `json:"currentRevisions,omitempty"`
	// Tasks are the running tasks; nil when they were not read, as for most
	// services.
	Tasks     *ServiceTasks     `json:"tasks,omitempty"`
	Tags      map[string]string `json:"tags,omitempty"`
	CreatedAt time.Time         `json:"createdAt,omitzero"`
}

// DeploymentConfiguration is how the deployments of a service are carried out.
type DeploymentConfiguration struct {
	// MinimumHealthyPercent and MaximumPercent bound how many tasks run meanwhile; nil
	// where ECS's default counts.
	MinimumHealthyPercent *int `json:"minimumHealthyPercent,omitempty"`
	MaximumPercent        *int `json:"maximumPercent,omitempty"`
	// Alarms are the CloudWatch alarms that stop a deployment, none where they are off;
	// AlarmRollback is set when ECS then goes back to the deployment before.
	Alarms        []string `json:"alarms,omitempty"`
	AlarmRollback bool     `json:"alarmRollback,omitempty"`
	// CircuitBreaker gives a deployment up whose tasks fail; nil in snapshots of earlier
	// versions.
	CircuitBreaker *CircuitBreaker `json:"circuitBreaker,omitempty"`
	// BakeTimeMinutes is how long a deployment is watched once its tasks run.
	BakeTimeMinutes int `json:"bakeTimeMinutes,omitempty"`
}

// StopsAllFirst tells whether a deployment stops all tasks before it starts new ones:
// none has to stay, and there may be no more than there are. ECS rounds the minimum up
// and the maximum down, so that 150 % of one task are one. The defaults are 100 and 200 %.
func (s *Service) StopsAllFirst() bool {
	c, rolling := s.DeploymentConfiguration, s.DeploymentStrategy == "" || s.DeploymentStrategy == "ROLLING"
	return c != nil && rolling && s.DesiredCount > 0 && c.MinimumHealthyPercent != nil && *c.MinimumHealthyPercent == 0 &&
		c.MaximumPercent != nil && s.DesiredCount**c.MaximumPercent/100 <= s.DesiredCount
}

// CircuitBreaker is deploymentCircuitBreaker.
type CircuitBreaker struct {
	Enabled bool `json:"enabled"`
	// Rollback tells that ECS then goes back to the deployment before.
	Rollback bool `json:"rollback"`
}

// Ref is the identity of the service.
func (s *Service) Ref() Ref { return Ref{Cluster: s.Cluster, Service: s.Name} }

// PrimaryDeployment is the status of the deployment that ECS rolls out or has rolled
// out.
const PrimaryDeployment = "PRIMARY"

// Primary is the deployment that ECS is rolling out or has rolled out, nil when
// there is none (not loaded, or a CODE_DEPLOY or EXTERNAL controller).
func (s *Service) Primary() *Deployment {
	for i := range s.Deployments {
		if s.Deployments[i].Status == PrimaryDeployment {
			return &s.Deployments[i]
		}
	}
	return nil
}

// Standing counts the deployments that have tasks, or will have.
func (s *Service) Standing() int {
	n := 0
	for i := range s.Deployments {
		if !s.Deployments[i].Over() {
			n++
		}
	}
	return n
}

// ServiceLoadBalancer attaches a container port to a target group
// (services[].loadBalancers[]).
type ServiceLoadBalancer struct {
	TargetGroupARN ARN    `json:"targetGroupArn,omitempty"`
	ContainerName  string `json:"containerName,omitempty"`
	ContainerPort  int    `json:"containerPort,omitempty"`
	// AlternateTargetGroupARN is the other target group of a blue/green,
	// linear or canary deployment; either may be the live one.
	AlternateTargetGroupARN ARN `json:"alternateTargetGroupArn,omitempty"`
	ProductionListenerRule  ARN `json:"productionListenerRule,omitempty"`
	TestListenerRule        ARN `json:"testListenerRule,omitempty"`
}

// AlternateOf is the other target group of the pair that a blue/green, linear or canary
// deployment moves between, "" where the service has no such pair.
func (s *Service) AlternateOf(group ARN) ARN {
	for i := range s.LoadBalancers {
		switch lb := &s.LoadBalancers[i]; {
		case lb.AlternateTargetGroupARN == "":
		case lb.TargetGroupARN == group:
			return lb.AlternateTargetGroupARN
		case lb.AlternateTargetGroupARN == group:
			return lb.TargetGroupARN
		}
	}
	return ""
}

// TargetGroups are the target groups that ECS registers the service's tasks in, as the
// service or its task sets say, those of a pair both. One may come twice.
func (s *Service) TargetGroups() iter.Seq[ARN] {
	return func(yield func(ARN) bool) {
		if !yieldGroups(s.LoadBalancers, yield) {
			return
		}
		for i := range s.TaskSets {
			if !yieldGroups(s.TaskSets[i].LoadBalancers, yield) {
				return
			}
		}
	}
}

func yieldGroups(all []ServiceLoadBalancer, yield func(ARN) bool) bool {
	for i := range all {
		for _, arn := range [...]ARN{all[i].TargetGroupARN, all[i].AlternateTargetGroupARN} {
			if arn != "" && !yield(arn) {
				return false
			}
		}
	}
	return true
}

// ProductionRuleOf is the listener rule (of a network load balancer the listener) that
// sends production traffic to the pair of target groups that a group belongs to, "" where
// the service does not name one.
func (s *Service) ProductionRuleOf(group ARN) ARN {
	for i := range s.LoadBalancers {
		if lb := &s.LoadBalancers[i]; lb.TargetGroupARN == group || lb.AlternateTargetGroupARN == group {
			return lb.ProductionListenerRule
		}
	}
	return ""
}

// ServiceRegistry is a Cloud Map service that ECS registers the tasks in.
type ServiceRegistry struct {
	RegistryARN   ARN    `json:"registryArn"`
	ContainerName string `json:"containerName,omitempty"`
	ContainerPort int    `json:"containerPort,omitempty"`
	Port          int    `json:"port,omitempty"`
}

// Deployment is one version of a service. Configuration that a request path
// depends on lives here, not on the service.
type Deployment struct {
	ID string `json:"id"`
	// Status is PRIMARY, ACTIVE (still running, being replaced) or INACTIVE.
	Status            string   `json:"status"`
	TaskDefinition    ARN      `json:"taskDefinition"`
	DesiredCount      int      `json:"desiredCount"`
	RunningCount      int      `json:"runningCount"`
	PendingCount      int      `json:"pendingCount"`
	RolloutState      string   `json:"rolloutState,omitempty"`
	LaunchType        string   `json:"launchType,omitempty"`
	CapacityProviders []string `json:"capacityProviders,omitempty"`
	PlatformFamily    string   `json:"platformFamily,omitempty"`
	// Network is the awsvpc configuration; nil in the other network modes.
	Network                 *Network                 `json:"network,omitempty"`
	ServiceConnect          *ServiceConnect          `json:"serviceConnect,omitempty"`
	ServiceConnectResources []ServiceConnectResource `json:"serviceConnectResources,omitempty"`
	VPCLattice              []VPCLatticeTarget       `json:"vpcLattice,omitempty"`
	CreatedAt               time.Time                `json:"createdAt,omitzero"`
	UpdatedAt               time.Time                `json:"updatedAt,omitzero"`
}

// Over tells whether a deployment was replaced or given up, and its tasks are gone. AWS
// may list it for a while.
func (d *Deployment) Over() bool {
	return d.Status == "INACTIVE" && d.RunningCount == 0 && d.PendingCount == 0
}

// Network is where the network interfaces of awsvpc tasks live.
type Network struct {
	Subnets []string `json:"subnets,omitempty"`
	// SecurityGroups may be empty: the tasks then have the default group of
	// their VPC.
	SecurityGroups []string `json:"securityGroups,omitempty"`
	AssignPublicIP bool     `json:"assignPublicIp,omitempty"`
}

// VPCLatticeTarget attaches a named port to a VPC Lattice target group.
type VPCLatticeTarget struct {
	PortName       string `json:"portName"`
	TargetGroupARN ARN    `json:"targetGroupArn"`
}

// TaskSet is one version of a service whose deployment controller is
// CODE_DEPLOY or EXTERNAL.
type TaskSet struct {
	ID             string                `json:"id"`
	Status         string                `json:"status"`
	TaskDefinition ARN                   `json:"taskDefinition"`
	RunningCount   int                   `json:"runningCount"`
	Network        *Network              `json:"network,omitempty"`
	LoadBalancers  []ServiceLoadBalancer `json:"loadBalancers,omitempty"`
}

// GatewayRoute is a route of an ECS service gateway to a service's port.
type GatewayRoute struct {
	ARN        ARN    `json:"arn"`
	GatewayARN ARN    `json:"gatewayArn"`
	ServiceARN ARN    `json:"serviceArn"`
	PortName   string `json:"portName"`
	Status     string `json:"status,omitempty"`
}
