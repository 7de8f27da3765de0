package simulator

import (
	"encoding/json"
	"slices"
)

// serviceAPI answers the calls of ECS that describe and change services.
type serviceAPI struct {
	account
	clock       *clock
	clusters    *clusters
	definitions *taskDefinitions
	network     *network
	groups      *ruleBook
	balancing   *loadBalancing
	rollouts    *rollouts
}

type describeServicesInput struct {
	Cluster  string   `json:"cluster"`
	Services []string `json:"services"`
	Include  []string `json:"include"`
}

type (
	ecsService struct {
		ARN                    string                 `json:"serviceArn"`
		Name                   string                 `json:"serviceName"`
		ClusterARN             string                 `json:"clusterArn"`
		LoadBalancers          []serviceLoadBalancer  `json:"loadBalancers"`
		Registries             []serviceRegistry      `json:"serviceRegistries"`
		Status                 string                 `json:"status"`
		Desired                int                    `json:"desiredCount"`
		Running                int                    `json:"runningCount"`
		Pending                int                    `json:"pendingCount"`
		LaunchType             string                 `json:"launchType,omitempty"`
		CapacityProvider       []capacityProviderItem `json:"capacityProviderStrategy,omitempty"`
		PlatformVersion        string                 `json:"platformVersion,omitempty"`
		PlatformFamily         string                 `json:"platformFamily,omitempty"`
		TaskDefinition         string                 `json:"taskDefinition"`
		DeploymentConfig       json.RawMessage        `json:"deploymentConfiguration"`
		TaskSets               []ecsTaskSet           `json:"taskSets,omitempty"`
		Deployments            []ecsDeployment        `json:"deployments"`
		RoleARN                string                 `json:"roleArn"`
		Events                 []serviceEvent         `json:"events"`
		CreatedAt              epoch                  `json:"createdAt"`
		CurrentDeployment      string                 `json:"currentServiceDeployment,omitempty"`
		CurrentRevisions       []currentRevision      `json:"currentServiceRevisions,omitempty"`
		PlacementConstraints   []struct{}             `json:"placementConstraints"`
		PlacementStrategy      []struct{}             `json:"placementStrategy"`
		Network                json.RawMessage        `json:"networkConfiguration,omitempty"`
		GracePeriod            int                    `json:"healthCheckGracePeriodSeconds"`
		SchedulingStrategy     string                 `json:"schedulingStrategy"`
		Controller             deploymentController   `json:"deploymentController"`
		CreatedBy              string                 `json:"createdBy"`
		EnableManagedTags      bool                   `json:"enableECSManagedTags"`
		PropagateTags          string                 `json:"propagateTags"`
		EnableExecuteCommand   bool                   `json:"enableExecuteCommand"`
		Rebalancing            string                 `json:"availabilityZoneRebalancing"`
		ResourceManagementType string                 `json:"resourceManagementType,omitempty"`
		Tags                   []tagJSON              `json:"tags,omitempty"`
	}
	deploymentController struct {
		Type string `json:"type"`
	}
	currentRevision struct {
		ARN       string `json:"arn"`
		Requested int    `json:"requestedTaskCount"`
		Running   int    `json:"runningTaskCount"`
		Pending   int    `json:"pendingTaskCount"`
	}
	ecsDeployment struct {
		launch
		ID                 string                   `json:"id"`
		Status             string                   `json:"status"`
		TaskDefinition     string                   `json:"taskDefinition"`
		Desired            int                      `json:"desiredCount"`
		Pending            int                      `json:"pendingCount"`
		Running            int                      `json:"runningCount"`
		Failed             int                      `json:"failedTasks"`
		CreatedAt          epoch                    `json:"createdAt"`
		UpdatedAt          epoch                    `json:"updatedAt"`
		PlatformFamily     string                   `json:"platformFamily,omitempty"`
		RolloutState       string                   `json:"rolloutState"`
		RolloutStateReason string                   `json:"rolloutStateReason"`
		Resources          []serviceConnectResource `json:"serviceConnectResources,omitempty"`
	}
	ecsTaskSet struct {
		ID             string                `json:"id"`
		ARN            string                `json:"taskSetArn"`
		ServiceARN     string                `json:"serviceArn"`
		ClusterARN     string                `json:"clusterArn"`
		Status         string                `json:"status"`
		TaskDefinition string                `json:"taskDefinition"`
		Desired        int                   `json:"computedDesiredCount"`
		Pending        int                   `json:"pendingCount"`
		Running        int                   `json:"runningCount"`
		CreatedAt      epoch                 `json:"createdAt"`
		UpdatedAt      epoch                 `json:"updatedAt"`
		LaunchType     string                `json:"launchType,omitempty"`
		Network        json.RawMessage       `json:"networkConfiguration,omitempty"`
		LoadBalancers  []serviceLoadBalancer `json:"loadBalancers"`
		Registries     []serviceRegistry     `json:"serviceRegistries"`
		Scale          taskSetScale          `json:"scale"`
		Stability      string                `json:"stabilityStatus"`
	}
	taskSetScale struct {
		Value float64 `json:"value"`
		Unit  string  `json:"unit"`
	}
)

func (a *serviceAPI) describe(in *describeServicesInput) (map[string]any, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	switch n := len(in.Services); {
	case n == 0:
		return nil, errParameter("Services cannot be empty.")
	case n > 10:
		return nil, errParameter("Services cannot have more than 10 elements.")
	}
	for i, name := range in.Services {
		in.Services[i] = a.asARN("service/"+c.Name+"/", name)
	}
	return batch("services", in.Services, func(arn string) (d ecsService, found bool) {
		s := c.service(arn)
		if s == nil {
			return d, false
		}
		d = a.describeService(s)
		if slices.Contains(in.Include, "TAGS") {
			d.Tags = s.tags()
		}
		return d, true
	}), nil
}

func (s *service) tags() []tagJSON {
	tags := []tagJSON{}
	for _, key := range sortedKeys(s.spec.Tags) {
		tags = append(tags, tagJSON{Key: key, Value: s.spec.Tags[key]})
	}
	return tags
}

func (a *serviceAPI) describeService(s *service) ecsService {
	s.settle(a.clock.now)
	primary := s.deployments[0]
	c := primary.config
	d := ecsService{
		ARN: s.arn, Name: s.spec.Name, ClusterARN: s.cluster.arn, Status: "ACTIVE", Desired: s.desired,
		LoadBalancers: notNil(c.LoadBalancers),
		Registries:    notNil(c.Registries), LaunchType: c.LaunchType, CapacityProvider: c.CapacityProvider,
		PlatformFamily: c.platformFamily(), TaskDefinition: c.taskDefinitionARN(), DeploymentConfig: s.deploymentConfig(),
		Deployments: []ecsDeployment{}, Events: notNil(s.events), CreatedAt: epoch{s.created}, CreatedBy: a.caller(),
		RoleARN:              "arn:aws:iam::" + a.id + ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
		PlacementConstraints: []struct{}{}, PlacementStrategy: []struct{}{}, Network: c.Network, GracePeriod: s.gracePeriod,
		SchedulingStrategy: s.spec.SchedulingStrategy, Controller: deploymentController{Type: s.spec.DeploymentController},
		EnableManagedTags: true, PropagateTags: "NONE", EnableExecuteCommand: s.executeCommand, Rebalancing: "ENABLED",
		ResourceManagementType: s.spec.ResourceManagementType,
	}
	if c.PlatformVersion != "" {
		d.PlatformVersion = "LATEST"
	}
	for _, dep := range s.deployments {
		d.Running += dep.running
		d.Pending += dep.pending
		if s.external() {
			d.TaskSets = append(d.TaskSets, a.describeTaskSet(dep))
			continue
		}
		d.Deployments = append(d.Deployments, dep.describe())
		d.CurrentRevisions = append(d.CurrentRevisions, dep.currentRevision())
	}
	if len(s.deployments) > 1 && !s.external() {
		d.CurrentDeployment = primary.serviceDeploymentARN
	}
	return d
}

// deploymentConfig is what UpdateService was sent, what the world says, or AWS's
// defaults.
func (s *service) deploymentConfig() json.RawMessage {
	if s.deploymentConfiguration != nil {
		return s.deploymentConfiguration
	}
	if len(s.spec.DeploymentConfiguration) > 0 {
		return s.spec.DeploymentConfiguration
	}
	config := map[string]any{
		"deploymentCircuitBreaker": map[string]bool{"enable": true, "rollback": true},
		"maximumPercent":           200,
		"minimumHealthyPercent":    100,
		"strategy":                 s.spec.DeploymentStrategy,
	}
	if s.spec.DeploymentStrategy != "ROLLING" {
		config["bakeTimeInMinutes"] = 5
	}
	return raw(config)
}

func (c *configuration) taskDefinitionARN() string {
	if c.TaskDefinition == nil {
		return ""
	}
	return c.TaskDefinition.arn
}

func (c *configuration) platformFamily() string {
	if c.LaunchType == "FARGATE" {
		return "Linux"
	}
	return ""
}

// requested is the number of tasks that the deployment is to have.
func (d *deployment) requested() int {
	if d.status == statusPrimary {
		return d.of.desired
	}
	return d.running
}

func (d *deployment) describe() ecsDeployment {
	return ecsDeployment{
		launch: d.config.launch, ID: d.id, Status: d.status, TaskDefinition: d.config.taskDefinitionARN(),
		Desired: d.requested(), Pending: d.pending, Running: d.running, Failed: d.failed, CreatedAt: epoch{d.created},
		UpdatedAt: epoch{d.updated}, PlatformFamily: d.config.platformFamily(), RolloutState: d.rolloutState,
		RolloutStateReason: d.reason(), Resources: d.resources,
	}
}

func (a *serviceAPI) describeTaskSet(d *deployment) ecsTaskSet {
	return ecsTaskSet{
		ID: d.id, ARN: a.arn("ecs", "task-set/"+d.of.cluster.Name+"/"+d.of.spec.Name+"/"+d.id),
		ServiceARN: d.of.arn, ClusterARN: d.of.cluster.arn, Status: d.status, TaskDefinition: d.config.taskDefinitionARN(),
		Desired: d.requested(), Pending: d.pending, Running: d.running, CreatedAt: epoch{d.created},
		UpdatedAt:  epoch{d.updated},
		LaunchType: d.config.LaunchType, Network: d.config.Network, LoadBalancers: notNil(d.config.LoadBalancers),
		Registries: notNil(d.config.Registries), Scale: taskSetScale{Value: 100, Unit: "PERCENT"}, Stability: "STEADY_STATE",
	}
}

// notNil makes AWS's [] out of nothing.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
