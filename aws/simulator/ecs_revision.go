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

type (
	ecsRevision struct {
		configuration
		ARN            string                 `json:"serviceRevisionArn"`
		ServiceARN     string                 `json:"serviceArn"`
		ClusterARN     string                 `json:"clusterArn"`
		TaskDefinition string                 `json:"taskDefinition"`
		PlatformFamily string                 `json:"platformFamily,omitempty"`
		Images         []containerImage       `json:"containerImages"`
		GuardDuty      bool                   `json:"guardDutyEnabled"`
		Resolved       *resolvedConfiguration `json:"resolvedConfiguration,omitempty"`
		Connectors     []gatewayConnector     `json:"gatewayConnectors,omitempty"`
		Managed        *ecsManagedResources   `json:"ecsManagedResources,omitempty"`
		CreatedAt      epoch                  `json:"createdAt"`
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
	serviceDeployment struct {
		ARN        string `json:"serviceDeploymentArn"`
		ServiceARN string `json:"serviceArn"`
		ClusterARN string `json:"clusterArn"`
		CreatedAt  epoch  `json:"createdAt"`
		StartedAt  epoch  `json:"startedAt"`
		FinishedAt *epoch `json:"finishedAt,omitempty"`
		Status     string `json:"status"`
	}
	ecsServiceDeployment struct {
		serviceDeployment
		UpdatedAt     epoch              `json:"updatedAt"`
		Sources       []weightedRevision `json:"sourceServiceRevisions"`
		Target        weightedRevision   `json:"targetServiceRevision"`
		Configuration json.RawMessage    `json:"deploymentConfiguration"`
	}
	// weightedRevision has a weight in progressive deployments alone.
	weightedRevision struct {
		currentRevision
		ProductionWeight *float64 `json:"requestedProductionTrafficWeight,omitempty"`
	}
	serviceDeploymentBrief struct {
		serviceDeployment
		Target string `json:"targetServiceRevisionArn"`
	}
)

// maxRevisions is how many ARNs the Describe calls take.
const maxRevisions = 20

func (a *revisionAPI) describe(in *serviceRevisionsInput) (map[string]any, error) {
	if len(in.ARNs) == 0 || len(in.ARNs) > maxRevisions {
		return nil, errParameter("serviceRevisionArns must have between 1 and %d elements.", maxRevisions)
	}
	return batch("serviceRevisions", in.ARNs, settled(a.clock, a.rollouts.revisionOf, a.describeRevision)), nil
}

func (a *revisionAPI) describeRevision(d *deployment) ecsRevision {
	c := d.config
	r := ecsRevision{
		configuration: c, ARN: d.revisionARN, ServiceARN: d.of.arn, ClusterARN: d.of.cluster.arn,
		TaskDefinition: c.taskDefinitionARN(), PlatformFamily: c.platformFamily(), Images: []containerImage{},
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
	pageRequest
	Cluster string   `json:"cluster"`
	Service string   `json:"service"`
	Status  []string `json:"status"`
}

func (a *revisionAPI) listDeployments(in *listServiceDeploymentsInput) (map[string]any, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	s, err := c.find(in.Service)
	if err != nil {
		return nil, err
	}
	s.settle(a.clock.now)
	var all []serviceDeploymentBrief
	for _, d := range slices.Backward(s.history) {
		w := a.describeDeployment(d)
		if len(in.Status) == 0 || slices.Contains(in.Status, w.Status) {
			all = append(all, serviceDeploymentBrief{serviceDeployment: w.serviceDeployment, Target: w.Target.ARN})
		}
	}
	return listing("serviceDeployments", all, in.pageRequest, 20)
}

type serviceDeploymentsInput struct {
	ARNs []string `json:"serviceDeploymentArns"`
}

func (a *revisionAPI) describeDeployments(in *serviceDeploymentsInput) (map[string]any, error) {
	if len(in.ARNs) == 0 || len(in.ARNs) > maxRevisions {
		return nil, errParameter("serviceDeploymentArns must have between 1 and %d elements.", maxRevisions)
	}
	return batch("serviceDeployments", in.ARNs,
		settled(a.clock, a.rollouts.serviceDeploymentOf, a.describeDeployment)), nil
}

// settled finds deployments by an ARN, and describes them as they are now.
func settled[T any](
	now *clock, byARN map[string]*deployment, describe func(*deployment) T,
) func(arn string) (shown T, found bool) {
	return func(arn string) (shown T, found bool) {
		d := byARN[arn]
		if d == nil {
			return shown, false
		}
		d.of.settle(now.now)
		return describe(d), true
	}
}

func (a *revisionAPI) describeDeployment(d *deployment) ecsServiceDeployment {
	w := ecsServiceDeployment{
		serviceDeployment: serviceDeployment{
			ARN: d.serviceDeploymentARN, ServiceARN: d.of.arn, ClusterARN: d.of.cluster.arn,
			CreatedAt: epoch{d.created}, StartedAt: epoch{d.created},
		},
		UpdatedAt: epoch{d.updated}, Sources: []weightedRevision{},
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
