package model

// NetworkMode is how the containers of a task are connected: awsvpc, bridge, host,
// none, or empty, which is the platform's default (bridge on Linux).
type NetworkMode string

// The network modes that hopscope tells apart.
const (
	ModeAwsvpc NetworkMode = "awsvpc"
	ModeBridge NetworkMode = "bridge"
	ModeHost   NetworkMode = "host"
)

// LoadBalancerType is application, network or gateway.
type LoadBalancerType string

// The types of load balancers that forward requests to tasks.
const (
	ApplicationLoadBalancer LoadBalancerType = "application"
	NetworkLoadBalancer     LoadBalancerType = "network"
)

// DeploymentController is what deploys a service: ECS, CODE_DEPLOY or EXTERNAL.
// Empty is ECS: AWS may leave it out.
type DeploymentController string

// The deployment controllers.
const (
	ControllerECS        DeploymentController = "ECS"
	ControllerCodeDeploy DeploymentController = "CODE_DEPLOY"
	ControllerExternal   DeploymentController = "EXTERNAL"
)
