package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// updateServiceInput is what UpdateService replaces. Members that are left out,
// or null, keep what is there; a member that is given replaces all of it.
type updateServiceInput struct {
	Cluster            string                 `json:"cluster"`
	Service            string                 `json:"service"`
	DesiredCount       *int                   `json:"desiredCount"`
	TaskDefinition     string                 `json:"taskDefinition"`
	CapacityProvider   []capacityProviderItem `json:"capacityProviderStrategy"`
	DeploymentConfig   json.RawMessage        `json:"deploymentConfiguration"`
	Network            json.RawMessage        `json:"networkConfiguration"`
	PlatformVersion    string                 `json:"platformVersion"`
	ForceNewDeployment bool                   `json:"forceNewDeployment"`
	GracePeriod        *int                   `json:"healthCheckGracePeriodSeconds"`
	ExecuteCommand     *bool                  `json:"enableExecuteCommand"`
	LoadBalancers      *[]serviceLoadBalancer `json:"loadBalancers"`
	Registries         *[]serviceRegistry     `json:"serviceRegistries"`
	ServiceConnect     json.RawMessage        `json:"serviceConnectConfiguration"`
	Volumes            json.RawMessage        `json:"volumeConfigurations"`
	VPCLattice         json.RawMessage        `json:"vpcLatticeConfigurations"`
}

type updateServiceReply struct {
	Service ecsService `json:"service"`
}

// update changes a service. Which members make a new deployment, and
// which do not, is what the API reference of UpdateService says of each.
func (a *serviceAPI) update(in *updateServiceInput) (*updateServiceReply, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	s, err := c.find(in.Service)
	if err != nil {
		return nil, err
	}
	if n := in.DesiredCount; n != nil && (*n < 0 || *n > maxTasks) {
		return nil, errParameter("desiredCount must be between 0 and %d.", maxTasks)
	}
	config, deploys, err := a.changed(s, in)
	if err != nil {
		return nil, err
	}
	if err := s.refuses(in, deploys); err != nil {
		return nil, err
	}
	if in.DeploymentConfig != nil {
		s.deploymentConfiguration = in.DeploymentConfig
	}
	if in.GracePeriod != nil {
		s.gracePeriod = *in.GracePeriod
	}
	if in.ExecuteCommand != nil {
		s.executeCommand = *in.ExecuteCommand
	}
	if in.DesiredCount != nil {
		a.rollouts.scale(s, *in.DesiredCount)
	}
	if deploys {
		a.rollouts.start(s, config)
		for _, lb := range config.LoadBalancers {
			a.balancing.attach(s, lb)
		}
	}
	return &updateServiceReply{Service: a.describeService(s)}, nil
}

// changed is the configuration after the update, and whether the update makes a
// deployment.
func (a *serviceAPI) changed(s *service, in *updateServiceInput) (config configuration, deploys bool, err error) {
	config = s.deployments[0].config
	deploys = in.ForceNewDeployment
	if in.TaskDefinition != "" {
		if config.TaskDefinition = a.definitions.find(in.TaskDefinition); config.TaskDefinition == nil {
			return config, false, refuse("ClientException", "TaskDefinition not found.")
		}
		deploys = true
	}
	for _, member := range []struct {
		sent json.RawMessage
		into *json.RawMessage
	}{
		{in.Network, &config.Network},
		{in.ServiceConnect, &config.ServiceConnect},
		{in.Volumes, &config.Volumes},
		{in.VPCLattice, &config.VPCLattice},
	} {
		if given(member.sent) {
			*member.into, deploys = member.sent, true
		}
	}
	if in.LoadBalancers != nil {
		config.LoadBalancers, deploys = *in.LoadBalancers, true
	}
	if in.Registries != nil {
		config.Registries, deploys = *in.Registries, true
	}
	if in.CapacityProvider != nil {
		config.CapacityProvider, config.LaunchType, deploys = in.CapacityProvider, "", true
	}
	if in.PlatformVersion != "" {
		config.PlatformVersion, deploys = in.PlatformVersion, true
	}
	return config, deploys, a.checkChange(in, config)
}

// checkChange refuses what ECS refuses of the members that were sent, as they
// stand with those that were not.
func (a *serviceAPI) checkChange(in *updateServiceInput, config configuration) error {
	if given(in.Network) {
		if err := a.checkNetwork(in.Network); err != nil {
			return err
		}
	}
	if in.LoadBalancers != nil {
		if err := a.checkLoadBalancers(config.TaskDefinition, config.LoadBalancers); err != nil {
			return err
		}
	}
	if given(in.ServiceConnect) || in.TaskDefinition != "" {
		return checkServiceConnect(config.ServiceConnect, config.TaskDefinition)
	}
	return nil
}

// given tells whether a member was sent with a value.
func given(m json.RawMessage) bool { return len(m) > 0 && string(m) != "null" }

// refuses is what a service with another deployment controller cannot take.
func (s *service) refuses(in *updateServiceInput, deploys bool) error {
	switch {
	case !s.external():
		return nil
	case given(in.ServiceConnect):
		return errParameter("Service Connect is not supported with a %s deployment controller.", s.spec.DeploymentController)
	case deploys:
		return errParameter(
			"Unable to update the service: a %s deployment controller takes only the desired count, "+
				"the deployment configuration and the health check grace period.", s.spec.DeploymentController,
		)
	}
	return nil
}

func (a *serviceAPI) checkNetwork(block json.RawMessage) error {
	var n networkConfiguration
	if err := json.Unmarshal(block, &n); err != nil {
		return refuse("SerializationException", "%s", plain(err))
	}
	if len(n.AWSVPC.Subnets) == 0 {
		return errParameter("subnets can not be empty.")
	}
	for _, id := range n.AWSVPC.Subnets {
		if a.network.subnet(id) == nil {
			return errParameter("Error retrieving subnet information for [%s]: The subnet ID '%s' does not exist", id, id)
		}
	}
	for _, id := range n.AWSVPC.SecurityGroups {
		if a.groups.find(id) == nil {
			return errParameter(
				"Error retrieving security group information for [%s]: The security group '%s' does not exist", id, id,
			)
		}
	}
	return nil
}

func (a *serviceAPI) checkLoadBalancers(d *taskDefinition, all []serviceLoadBalancer) error {
	for _, lb := range all {
		if a.balancing.targetGroupOf[lb.TargetGroupARN] == nil {
			return errParameter("The target group %s does not exist.", lb.TargetGroupARN)
		}
		if d != nil && !d.maps(lb.ContainerName, lb.ContainerPort) {
			return errParameter("The container %s did not have a container port %d defined.", lb.ContainerName, lb.ContainerPort)
		}
	}
	return nil
}

// maps tells whether the container publishes the port.
func (d *taskDefinition) maps(container string, port int) bool {
	for _, c := range d.Containers {
		for _, m := range c.PortMappings {
			var from, to int
			n, _ := fmt.Sscanf(m.ContainerPortRange, "%d-%d", &from, &to)
			if c.Name == container && (m.ContainerPort == port || n == 2 && from <= port && port <= to) {
				return true
			}
		}
	}
	return false
}

// checkServiceConnect refuses what ECS refuses. The words about the override
// are AWS's (docs/aws.md, Service Connect); those about the port name are ours.
func checkServiceConnect(block json.RawMessage, d *taskDefinition) error {
	var sc serviceConnectConfiguration
	if len(block) == 0 {
		return nil
	}
	if err := json.Unmarshal(block, &sc); err != nil {
		return refuse("SerializationException", "%s", plain(err))
	}
	if !sc.Enabled {
		return nil
	}
	for _, e := range sc.Services {
		const privileged = 1024
		if n := e.IngressPortOverride; n != nil && *n <= privileged {
			return errParameter("IngressPortOverride cannot use ports <= %d.", privileged)
		}
		if n := e.IngressPortOverride; n != nil && *n > maxPort {
			return errParameter("IngressPortOverride cannot use ports > %d.", maxPort)
		}
		if d != nil && d.port(e.PortName) == nil {
			return errParameter(
				"The portName %s in the Service Connect configuration does not match "+
					"a named port mapping of the task definition.", e.PortName,
			)
		}
		for _, alias := range e.ClientAliases {
			if alias.Port < 1 || alias.Port > maxPort {
				name := cmp.Or(alias.DNSName, e.DiscoveryName, e.PortName)
				return errParameter("The port of the client alias %s must be between 1 and %d.", name, maxPort)
			}
		}
	}
	return nil
}
