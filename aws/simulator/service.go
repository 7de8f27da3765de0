package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// service is an ECS service.
type service struct {
	spec    Service // as in the world, with defaults; UpdateService changes what AWS changes in place
	arn     string
	cluster *cluster
	created time.Time
	desired int
	// deployments begin with the PRIMARY one; a service of CODE_DEPLOY or
	// EXTERNAL has one too, which is shown as a task set.
	deployments []*deployment
	rollout     *rollout // nil when settled
	history     []*deployment
	events      []serviceEvent
	seq         int // deployments made so far
	connections []gatewayConnection
	ingress     []ingressPath

	deploymentConfiguration json.RawMessage
	gracePeriod             int
	executeCommand          bool
}

// maxTasks is the default quota of tasks in a service.
const maxTasks = 5000

// configuration is everything that belongs to a deployment, in the shapes of
// ECS. UpdateService copies the last one and changes the copy.
type configuration struct {
	TaskDefinition *taskDefinition `json:"-"`
	launch
	LoadBalancers []serviceLoadBalancer `json:"loadBalancers,omitempty"`
	Registries    []serviceRegistry     `json:"serviceRegistries,omitempty"`
}

// launch is what deployments and service revisions show of it alike.
type launch struct {
	CapacityProvider []capacityProviderItem `json:"capacityProviderStrategy,omitempty"`
	LaunchType       string                 `json:"launchType,omitempty"`
	PlatformVersion  string                 `json:"platformVersion,omitempty"`
	Network          json.RawMessage        `json:"networkConfiguration,omitempty"`
	ServiceConnect   json.RawMessage        `json:"serviceConnectConfiguration,omitempty"`
	VPCLattice       json.RawMessage        `json:"vpcLatticeConfigurations,omitempty"`
	Volumes          json.RawMessage        `json:"volumeConfigurations,omitempty"`
}

// The shapes of a service in ECS.
type (
	networkConfiguration struct {
		AWSVPC awsvpcConfiguration `json:"awsvpcConfiguration"`
	}
	awsvpcConfiguration struct {
		Subnets        []string `json:"subnets"`
		SecurityGroups []string `json:"securityGroups"`
		AssignPublicIP string   `json:"assignPublicIp"`
	}
	capacityProviderItem struct {
		Provider string `json:"capacityProvider"`
		Weight   int    `json:"weight"`
		Base     int    `json:"base"`
	}
	serviceLoadBalancer struct {
		TargetGroupARN string                 `json:"targetGroupArn,omitempty"`
		Name           string                 `json:"loadBalancerName,omitempty"`
		ContainerName  string                 `json:"containerName"`
		ContainerPort  int                    `json:"containerPort"`
		Advanced       *advancedConfiguration `json:"advancedConfiguration,omitempty"`
	}
	advancedConfiguration struct {
		AlternateTargetGroupARN string `json:"alternateTargetGroupArn,omitempty"`
		ProductionListenerRule  string `json:"productionListenerRule,omitempty"`
		TestListenerRule        string `json:"testListenerRule,omitempty"`
		RoleARN                 string `json:"roleArn,omitempty"`
	}
	serviceRegistry struct {
		ARN           string `json:"registryArn"`
		Port          int    `json:"port,omitempty"`
		ContainerName string `json:"containerName,omitempty"`
		ContainerPort int    `json:"containerPort,omitempty"`
	}
	serviceEvent struct {
		ID        string `json:"id"`
		CreatedAt epoch  `json:"createdAt"`
		Message   string `json:"message"`
	}
)

// serviceConnectConfiguration is what the simulator itself reads of the block.
type serviceConnectConfiguration struct {
	Enabled   bool                    `json:"enabled"`
	Namespace string                  `json:"namespace"`
	Services  []serviceConnectService `json:"services"`
}

type serviceConnectService struct {
	PortName            string `json:"portName"`
	DiscoveryName       string `json:"discoveryName"`
	IngressPortOverride *int   `json:"ingressPortOverride"`
	ClientAliases       []struct {
		Port    int    `json:"port"`
		DNSName string `json:"dnsName"`
	} `json:"clientAliases"`
}

// serviceFactory makes the services of a world.
type serviceFactory struct {
	*resources
	world *World
}

// addServices makes the services with their deployments and tasks.
func addServices(r *resources, w *World) {
	f := &serviceFactory{resources: r, world: w}
	for _, spec := range w.Services {
		in := f.clusters.named(spec.Cluster)
		s := f.newService(in, spec)
		in.services = append(in.services, s)
		in.serviceOf[spec.Name] = s
		for _, d := range s.deployments {
			for _, lb := range d.config.LoadBalancers {
				f.balancing.attach(s, lb)
			}
		}
		for _, p := range spec.IngressPaths {
			s.ingress = append(s.ingress, ingressPath{IngressPath: p, at: f.balancing.rulePlace(p.Rule)})
			f.balancing.attach(s, serviceLoadBalancer{TargetGroupARN: f.balancing.targetGroupARN(p.TargetGroup)})
		}
	}
}

func (f *serviceFactory) newService(in *cluster, spec Service) *service {
	config := f.configuration(&spec)
	f.hostFor(in, spec, config)
	spec.Cluster = in.Name
	spec.SchedulingStrategy = cmp.Or(spec.SchedulingStrategy, "REPLICA")
	spec.DeploymentController = cmp.Or(spec.DeploymentController, "ECS")
	spec.DeploymentStrategy = cmp.Or(spec.DeploymentStrategy, "ROLLING")
	s := &service{
		spec: spec, arn: f.arn("ecs", "service/"+in.Name+"/"+spec.Name), cluster: in, created: created(), desired: 1,
		gracePeriod: spec.HealthCheckGracePeriodSeconds,
	}
	if t, err := time.Parse(time.RFC3339, spec.CreatedAt); err == nil {
		s.created = t
	}
	if spec.DesiredCount != nil {
		s.desired = *spec.DesiredCount
	}
	running := s.desired
	if spec.RunningCount != nil {
		running = *spec.RunningCount
	}
	previous := 0
	for _, p := range spec.PreviousDeployments {
		previous += p.RunningCount
	}
	primary := f.rollouts.newDeployment(s, config, s.created)
	f.rollouts.grow(primary, max(s.desired, running))
	primary.running = max(running-previous, 0)
	primary.rolloutState, primary.since = stateCompleted, s.created
	if previous > 0 {
		primary.rolloutState = stateInProgress
	}
	primary.pending = max(s.desired-primary.running, 0)
	s.deployments = []*deployment{primary}
	for _, p := range spec.PreviousDeployments {
		older := f.previousDeployment(s, config, p)
		if spec.DeploymentStrategy != "ROLLING" {
			primary.side, older.side = sideAlternate, sideMain
		}
		s.deployments = append(s.deployments, older)
	}
	if s.desired > 0 && running >= s.desired && previous == 0 {
		s.event(s.created, "(service %s) has reached a steady state.", spec.Name)
	}
	return s
}

// hostFor gives a cluster an instance where something must run the tasks. Groups
// written for such a service are those of the instance: ECS has no place for them.
func (f *serviceFactory) hostFor(in *cluster, spec Service, config configuration) {
	if len(config.Network) == 0 && config.LaunchType != "FARGATE" && len(in.instances) == 0 {
		f.clusters.addInstance(in, ContainerInstance{Name: in.Name, SecurityGroups: spec.SecurityGroups})
	}
}

// previousDeployment is what a service in transition still runs.
func (f *serviceFactory) previousDeployment(s *service, config configuration, p PreviousDeployment) *deployment {
	if p.TaskDefinition != "" {
		config.TaskDefinition = f.definitions.find(p.TaskDefinition)
	}
	if len(p.ServiceConnect) > 0 {
		config.ServiceConnect = p.ServiceConnect
	}
	if len(p.LoadBalancers) > 0 {
		config.LoadBalancers = nil
		for _, lb := range p.LoadBalancers {
			config.LoadBalancers = append(config.LoadBalancers, f.serviceLoadBalancer(lb))
		}
	}
	if len(p.SecurityGroups) > 0 {
		var n networkConfiguration
		_ = json.Unmarshal(config.Network, &n) // written by configuration
		n.AWSVPC.SecurityGroups = f.groups.ids(p.SecurityGroups, f.network.vpcOf(n.AWSVPC.Subnets))
		config.Network = raw(n)
	}
	d := f.rollouts.newDeployment(s, config, s.created.Add(-time.Hour))
	d.status, d.rolloutState = statusActive, stateCompleted
	f.rollouts.grow(d, p.RunningCount)
	d.running, d.served, d.since = p.RunningCount, p.RunningCount, d.created
	return d
}

// configuration translates a service of a world, and fills in what depends on
// the network mode.
func (f *serviceFactory) configuration(spec *Service) configuration {
	c := configuration{TaskDefinition: f.definitions.find(cmp.Or(spec.TaskDefinition, spec.Name))}
	c.ServiceConnect = spec.ServiceConnect
	mode := ""
	if c.TaskDefinition != nil {
		mode = c.TaskDefinition.NetworkMode
	}
	if mode == "awsvpc" {
		subnets := f.network.subnetIDs(spec.Subnets)
		n := networkConfiguration{AWSVPC: awsvpcConfiguration{
			Subnets: subnets, SecurityGroups: f.groups.ids(spec.SecurityGroups, f.network.vpcOf(subnets)),
			AssignPublicIP: "DISABLED",
		}}
		if spec.AssignPublicIP {
			n.AWSVPC.AssignPublicIP = "ENABLED"
		}
		c.Network = raw(n)
	}
	for _, p := range spec.CapacityProviders {
		c.CapacityProvider = append(c.CapacityProvider, capacityProviderItem{Provider: p, Weight: 1})
	}
	if len(spec.CapacityProviders) == 0 {
		spec.LaunchType = cmp.Or(spec.LaunchType, map[bool]string{true: "FARGATE", false: "EC2"}[mode == "awsvpc"])
		c.LaunchType = spec.LaunchType
	}
	if c.LaunchType == "FARGATE" {
		c.PlatformVersion = "1.4.0"
	}
	c.VPCLattice = f.vpcLattice(spec.VPCLattice)
	for _, lb := range spec.LoadBalancers {
		c.LoadBalancers = append(c.LoadBalancers, f.serviceLoadBalancer(lb))
	}
	for _, r := range spec.Registries {
		s := f.cloudMap.service(f.cloudMap.namespace(r.Namespace), r.Service, "DNS_HTTP", created())
		c.Registries = append(c.Registries, serviceRegistry{
			ARN: s.arn, Port: r.Port, ContainerName: r.ContainerName, ContainerPort: r.ContainerPort,
		})
	}
	return c
}

// vpcLattice is vpcLatticeConfigurations, or nothing.
func (f *serviceFactory) vpcLattice(all []VPCLattice) json.RawMessage {
	if len(all) == 0 {
		return nil
	}
	type configuration struct {
		PortName string `json:"portName"`
		RoleARN  string `json:"roleArn"`
		ARN      string `json:"targetGroupArn"`
	}
	var out []configuration
	for _, l := range all {
		out = append(out, configuration{
			PortName: l.PortName, RoleARN: f.role("ecsInfrastructureRole"),
			ARN: f.arn("vpc-lattice", "targetgroup/tg-"+hash(17, "lattice", l.TargetGroup)),
		})
	}
	return raw(out)
}

func (f *serviceFactory) serviceLoadBalancer(lb ServiceLoadBalancer) serviceLoadBalancer {
	out := serviceLoadBalancer{
		TargetGroupARN: f.balancing.targetGroupARN(lb.TargetGroup),
		ContainerName:  lb.ContainerName, ContainerPort: lb.ContainerPort,
	}
	if lb.AlternateTargetGroup != "" {
		out.Advanced = &advancedConfiguration{
			AlternateTargetGroupARN: f.balancing.targetGroupARN(lb.AlternateTargetGroup),
			ProductionListenerRule:  f.balancing.listenerRuleARN(lb.ProductionListenerRule),
			TestListenerRule:        f.balancing.listenerRuleARN(lb.TestListenerRule),
			RoleARN:                 f.role("ecsInfrastructureRole"),
		}
	}
	return out
}

// external tells whether ECS shows task sets in place of deployments.
func (s *service) external() bool { return s.spec.DeploymentController != "ECS" }

// event adds an event, newest first; ECS keeps a hundred.
func (s *service) event(at time.Time, format string, args ...any) {
	e := serviceEvent{
		ID: uuid(s.arn, fmt.Sprint(len(s.events), at)), CreatedAt: epoch{at}, Message: fmt.Sprintf(format, args...),
	}
	const kept = 100
	s.events = slices.Insert(s.events, 0, e)
	s.events = s.events[:min(len(s.events), kept)]
}

// raw is the JSON of a shape of ours, which always has one.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}
