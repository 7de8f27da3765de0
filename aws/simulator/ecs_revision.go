package simulator

import (
	"encoding/json"
	"slices"
)

// revisionAPI answers the calls of ECS about service revisions and deployments.
type revisionAPI struct {
	clock     *clock
	clusters  *clusters
	balancing *loadBalancing
	rollouts  *rollouts
	gateways  *gateways
}

type serviceRevisionsInput struct {
	ARNs []string `json:"serviceRevisionArns"`
}

type serviceRevisionsReply struct {
	Revisions []ecsRevision `json:"serviceRevisions"`
	Failures  []failure     `json:"failures"`
}

type (
	ecsRevision struct {
		ARN              string                 `json:"serviceRevisionArn"`
		ServiceARN       string                 `json:"serviceArn"`
		ClusterARN       string                 `json:"clusterArn"`
		TaskDefinition   string                 `json:"taskDefinition"`
		CapacityProvider []capacityProviderItem `json:"capacityProviderStrategy,omitempty"`
		LaunchType       string                 `json:"launchType,omitempty"`
		PlatformVersion  string                 `json:"platformVersion,omitempty"`
		PlatformFamily   string                 `json:"platformFamily,omitempty"`
		LoadBalancers    []serviceLoadBalancer  `json:"loadBalancers,omitempty"`
		Registries       []serviceRegistry      `json:"serviceRegistries,omitempty"`
		Network          json.RawMessage        `json:"networkConfiguration,omitempty"`
		Images           []containerImage       `json:"containerImages"`
		GuardDuty        bool                   `json:"guardDutyEnabled"`
		ServiceConnect   json.RawMessage        `json:"serviceConnectConfiguration,omitempty"`
		Volumes          json.RawMessage        `json:"volumeConfigurations,omitempty"`
		VPCLattice       json.RawMessage        `json:"vpcLatticeConfigurations,omitempty"`
		Resolved         *resolvedConfiguration `json:"resolvedConfiguration,omitempty"`
		Connectors       []gatewayConnector     `json:"gatewayConnectors,omitempty"`
		Managed          *ecsManagedResources   `json:"ecsManagedResources,omitempty"`
		CreatedAt        epoch                  `json:"createdAt"`
	}
	containerImage struct {
		Container string `json:"containerName"`
		Image     string `json:"image"`
		Digest    string `json:"imageDigest"`
	}
	resolvedConfiguration struct {
		LoadBalancers []resolvedLoadBalancer `json:"loadBalancers"`
	}
	resolvedLoadBalancer struct {
		TargetGroupARN         string `json:"targetGroupArn"`
		ProductionListenerRule string `json:"productionListenerRule,omitempty"`
	}
	ecsServiceDeployment struct {
		ARN           string             `json:"serviceDeploymentArn"`
		ServiceARN    string             `json:"serviceArn"`
		ClusterARN    string             `json:"clusterArn"`
		CreatedAt     epoch              `json:"createdAt"`
		StartedAt     epoch              `json:"startedAt"`
		FinishedAt    *epoch             `json:"finishedAt,omitempty"`
		UpdatedAt     epoch              `json:"updatedAt"`
		Sources       []weightedRevision `json:"sourceServiceRevisions"`
		Target        weightedRevision   `json:"targetServiceRevision"`
		Status        string             `json:"status"`
		Configuration json.RawMessage    `json:"deploymentConfiguration"`
	}
	// weightedRevision has a weight in progressive deployments alone.
	weightedRevision struct {
		currentRevision
		ProductionWeight *float64 `json:"requestedProductionTrafficWeight,omitempty"`
	}
	serviceDeploymentBrief struct {
		ARN        string `json:"serviceDeploymentArn"`
		ServiceARN string `json:"serviceArn"`
		ClusterARN string `json:"clusterArn"`
		CreatedAt  epoch  `json:"createdAt"`
		StartedAt  epoch  `json:"startedAt"`
		FinishedAt *epoch `json:"finishedAt,omitempty"`
		Target     string `json:"targetServiceRevisionArn"`
		Status     string `json:"status"`
	}
)

// maxRevisions is how many ARNs the Describe calls take.
const maxRevisions = 20

func (a *revisionAPI) describe(in *serviceRevisionsInput) (*serviceRevisionsReply, error) {
	if len(in.ARNs) == 0 || len(in.ARNs) > maxRevisions {
		return nil, errParameter("serviceRevisionArns must have between 1 and %d elements.", maxRevisions)
	}
	reply := &serviceRevisionsReply{Revisions: []ecsRevision{}, Failures: []failure{}}
	for _, arn := range in.ARNs {
		d := a.rollouts.revisionOf[arn]
		if d == nil {
			reply.Failures = append(reply.Failures, failure{ARN: arn, Reason: "MISSING"})
			continue
		}
		d.of.settle(a.clock.now)
		reply.Revisions = append(reply.Revisions, a.describeRevision(d))
	}
	return reply, nil
}

func (a *revisionAPI) describeRevision(d *deployment) ecsRevision {
	c := d.config
	r := ecsRevision{
		ARN: d.revisionARN, ServiceARN: d.of.arn, ClusterARN: d.of.cluster.arn, TaskDefinition: c.taskDefinitionARN(),
		CapacityProvider: c.CapacityProvider, LaunchType: c.LaunchType, PlatformVersion: c.PlatformVersion,
		PlatformFamily: c.platformFamily(), LoadBalancers: c.LoadBalancers, Registries: c.Registries, Network: c.Network,
		Images: []containerImage{}, ServiceConnect: c.ServiceConnect, Volumes: c.Volumes, VPCLattice: c.VPCLattice,
		CreatedAt: epoch{d.created},
	}
	if c.TaskDefinition != nil {
		for _, container := range c.TaskDefinition.wire.Containers {
			r.Images = append(r.Images, containerImage{
				Container: container.Name, Image: container.Image, Digest: "sha256:" + hash(64, container.Image),
			})
		}
	}
	for _, lb := range c.LoadBalancers {
		if r.Resolved == nil {
			r.Resolved = &resolvedConfiguration{}
		}
		live := resolvedLoadBalancer{TargetGroupARN: a.balancing.registeredIn(d, lb)}
		if lb.Advanced != nil {
			live.ProductionListenerRule = lb.Advanced.ProductionListenerRule
		}
		r.Resolved.LoadBalancers = append(r.Resolved.LoadBalancers, live)
	}
	r.Connectors, r.Managed = d.of.connectors(), a.gateways.managed(d.of)
	return r
}

type listServiceDeploymentsInput struct {
	Cluster    string   `json:"cluster"`
	Service    string   `json:"service"`
	Status     []string `json:"status"`
	MaxResults *int     `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
}

type listServiceDeploymentsReply struct {
	Deployments []serviceDeploymentBrief `json:"serviceDeployments"`
	NextToken   string                   `json:"nextToken,omitempty"`
}

func (a *revisionAPI) listDeployments(in *listServiceDeploymentsInput) (*listServiceDeploymentsReply, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	s := c.service(in.Service)
	if s == nil {
		return nil, refuse("ServiceNotFoundException", "Service not found.")
	}
	s.settle(a.clock.now)
	all := []serviceDeploymentBrief{}
	for _, d := range slices.Backward(s.history) {
		w := a.describeDeployment(d)
		if len(in.Status) == 0 || slices.Contains(in.Status, w.Status) {
			all = append(all, serviceDeploymentBrief{
				ARN: w.ARN, ServiceARN: w.ServiceARN, ClusterARN: w.ClusterARN, CreatedAt: w.CreatedAt, StartedAt: w.StartedAt,
				FinishedAt: w.FinishedAt, Target: w.Target.ARN, Status: w.Status,
			})
		}
	}
	page, next, err := pageJSON(all, in.NextToken, in.MaxResults, 20)
	return &listServiceDeploymentsReply{Deployments: page, NextToken: next}, err
}

type serviceDeploymentsInput struct {
	ARNs []string `json:"serviceDeploymentArns"`
}

type serviceDeploymentsReply struct {
	Deployments []ecsServiceDeployment `json:"serviceDeployments"`
	Failures    []failure              `json:"failures"`
}

func (a *revisionAPI) describeDeployments(in *serviceDeploymentsInput) (*serviceDeploymentsReply, error) {
	if len(in.ARNs) == 0 || len(in.ARNs) > maxRevisions {
		return nil, errParameter("serviceDeploymentArns must have between 1 and %d elements.", maxRevisions)
	}
	reply := &serviceDeploymentsReply{Deployments: []ecsServiceDeployment{}, Failures: []failure{}}
	for _, arn := range in.ARNs {
		d := a.rollouts.serviceDeploymentOf[arn]
		if d == nil {
			reply.Failures = append(reply.Failures, failure{ARN: arn, Reason: "MISSING"})
			continue
		}
		d.of.settle(a.clock.now)
		reply.Deployments = append(reply.Deployments, a.describeDeployment(d))
	}
	return reply, nil
}

func (a *revisionAPI) describeDeployment(d *deployment) ecsServiceDeployment {
	w := ecsServiceDeployment{
		ARN: d.serviceDeploymentARN, ServiceARN: d.of.arn, ClusterARN: d.of.cluster.arn,
		CreatedAt: epoch{d.created}, StartedAt: epoch{d.created}, UpdatedAt: epoch{d.updated}, Sources: []weightedRevision{},
		Target: a.weightedRevision(d), Configuration: d.of.deploymentConfig(),
	}
	switch {
	case d.rolloutState == stateCompleted:
		w.Status, w.FinishedAt = "SUCCESSFUL", &epoch{d.finished}
	case d.rolloutState == stateFailed && d.status == statusInactive:
		w.Status, w.FinishedAt = "ROLLBACK_SUCCESSFUL", &epoch{d.finished}
	case d.rolloutState == stateFailed && d.status != statusPrimary:
		w.Status = "ROLLBACK_IN_PROGRESS"
	case d.rolloutState == stateFailed:
		w.Status, w.FinishedAt = "STOPPED", &epoch{d.finished}
	case d.status == statusPrimary:
		w.Status = "IN_PROGRESS"
		for _, older := range d.of.deployments[1:] {
			w.Sources = append(w.Sources, a.weightedRevision(older))
		}
	default: // another one was started before it was done
		w.Status, w.FinishedAt = "STOPPED", &epoch{d.updated}
	}
	return w
}

func (a *revisionAPI) weightedRevision(d *deployment) weightedRevision {
	w := weightedRevision{currentRevision: d.currentRevision()}
	if d.side == sideLive {
		return w
	}
	for _, lb := range d.config.LoadBalancers {
		if lb.Advanced != nil {
			share := a.balancing.productionShare(lb, a.balancing.registeredIn(d, lb))
			w.ProductionWeight = &share
		}
	}
	return w
}

func (d *deployment) currentRevision() currentRevision {
	return currentRevision{ARN: d.revisionARN, Requested: d.requested(), Running: d.running, Pending: d.pending}
}
