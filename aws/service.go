package aws

import (
	"cmp"
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

const (
	// servicesPerPage is the largest page of ListServices; its default is 10.
	servicesPerPage = 100
	// servicesPerCall is the batch limit of DescribeServices.
	servicesPerCall = 10
)

// listServices reads the names of a cluster's services, and starts the reading
// of each page's services while the next page is on its way.
func (c *collection) listServices(ctx context.Context, cluster string) error {
	pages := ecs.NewListServicesPaginator(c.clients.ecs, &ecs.ListServicesInput{
		Cluster: &cluster, MaxResults: awssdk.Int32(servicesPerPage),
	})
	return eachPage(ctx, pages, func(page *ecs.ListServicesOutput) {
		c.picture.update(func() {
			for _, arn := range page.ServiceArns {
				c.picture.noteAccountLocked(arn)
				c.picture.putServiceLocked(model.Service{
					ARN: arn, Name: model.ARNName(arn), Cluster: model.ARNName(cluster),
				})
			}
		})
		for batch := range slices.Chunk(page.ServiceArns, servicesPerCall) {
			c.start(ctx, call{
				action: model.DescribeServices, resources: batch, scope: cluster,
				run: func(ctx context.Context) error { return c.describeServices(ctx, cluster, batch) },
			})
		}
	})
}

// describeServices reads up to ten services and starts what they refer to.
func (c *collection) describeServices(ctx context.Context, cluster string, arns []string) error {
	out, err := c.clients.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &cluster, Services: arns, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	if err != nil {
		return err
	}
	var found []wantedTaskDefinition
	c.picture.update(func() {
		for i := range out.Services {
			s := toService(&out.Services[i])
			s.Cluster = model.ARNName(cluster)
			c.picture.putServiceLocked(s)
			found = append(found, c.wantLocked(&s)...)
		}
		for _, f := range out.Failures {
			c.picture.addGapLocked(model.DescribeServices, awssdk.ToString(f.Arn), missing(model.DescribeServices, f))
		}
	})
	c.follow(ctx)
	for _, w := range found {
		c.readTaskDefinition(ctx, w)
	}
	return nil
}

// putServiceLocked adds or replaces a service by its name: the ARNs of old services
// have two forms, with and without the cluster.
func (p *picture) putServiceLocked(s model.Service) { p.services.put(s.Ref().String(), s) }

// wantLocked notes what a service refers to. It returns the task definitions
// that nothing referred to before.
func (c *collection) wantLocked(s *model.Service) []wantedTaskDefinition {
	var found []wantedTaskDefinition
	w := &c.picture.wanted
	wantTaskDefinition := func(arn model.ARN, urgent bool) {
		if arn != "" && !w.taskDefinitions[arn] {
			w.taskDefinitions[arn] = true
			found = append(found, wantedTaskDefinition{arn: arn, urgent: urgent})
		}
	}
	for i := range s.Deployments {
		d := &s.Deployments[i]
		wantTaskDefinition(d.TaskDefinition, needsTaskDefinition(d))
		w.addNetwork(d.Network)
	}
	for i := range s.TaskSets {
		t := &s.TaskSets[i]
		wantTaskDefinition(t.TaskDefinition, t.Network == nil)
		w.addNetwork(t.Network)
		c.picture.wantTargetGroupsLocked(t.LoadBalancers)
	}
	c.picture.wantTargetGroupsLocked(s.LoadBalancers)
	return found
}

// needsTaskDefinition tells whether not even the outline of a deployment's paths
// is known without its task definition: Service Connect and VPC Lattice name
// ports that only it resolves, and without awsvpc the network mode is open. A
// plain service behind a load balancer can wait (api.md §2.3).
func needsTaskDefinition(d *model.Deployment) bool {
	return d.Network == nil || len(d.VPCLattice) > 0 ||
		d.ServiceConnect.Active() && len(d.ServiceConnect.Services) > 0
}

// addNetwork notes the subnets and security groups of tasks.
func (w *wanted) addNetwork(n *model.Network) {
	if n == nil {
		return
	}
	for _, id := range n.Subnets {
		w.subnets[id] = true
	}
	for _, id := range n.SecurityGroups {
		w.securityGroups[id] = true
	}
}

// listGatewayRoutes reads the routes of all service gateways of the region in
// one listing; those of other clusters are left out at the end.
func (c *collection) listGatewayRoutes(ctx context.Context) error {
	pages := ecs.NewListGatewayRoutesPaginator(c.clients.ecs, &ecs.ListGatewayRoutesInput{})
	return eachPage(ctx, pages, func(page *ecs.ListGatewayRoutesOutput) {
		c.picture.update(func() {
			for _, r := range page.GatewayRoutes {
				if !c.choose(awssdk.ToString(r.ClusterArn)) {
					continue
				}
				arn := awssdk.ToString(r.GatewayRouteArn)
				c.picture.gatewayRoutes.put(arn, model.GatewayRoute{
					ARN:        arn,
					GatewayARN: awssdk.ToString(r.GatewayArn),
					ServiceARN: awssdk.ToString(r.ServiceArn),
					PortName:   awssdk.ToString(r.ServiceContainerPortName),
					Status:     string(r.Status),
				})
			}
		})
	})
}

func toService(s *ecstypes.Service) model.Service {
	row := model.Service{
		ARN:                    awssdk.ToString(s.ServiceArn),
		Name:                   awssdk.ToString(s.ServiceName),
		Loaded:                 true,
		Status:                 awssdk.ToString(s.Status),
		DesiredCount:           int(s.DesiredCount),
		RunningCount:           int(s.RunningCount),
		PendingCount:           int(s.PendingCount),
		LaunchType:             string(s.LaunchType),
		CapacityProviders:      toCapacityProviders(s.CapacityProviderStrategy),
		SchedulingStrategy:     string(s.SchedulingStrategy),
		DeploymentController:   string(ecstypes.DeploymentControllerTypeEcs),
		ResourceManagementType: string(s.ResourceManagementType),
		LoadBalancers:          toServiceLoadBalancers(s.LoadBalancers),
		Deployments:            toDeployments(s),
		CreatedAt:              awssdk.ToTime(s.CreatedAt),
	}
	for _, r := range s.CurrentServiceRevisions {
		row.CurrentRevisions = append(row.CurrentRevisions, model.CurrentRevision{
			ARN: awssdk.ToString(r.Arn), RunningCount: int(r.RunningTaskCount),
		})
	}
	if s.DeploymentController != nil && s.DeploymentController.Type != "" {
		row.DeploymentController = string(s.DeploymentController.Type)
	}
	if s.DeploymentConfiguration != nil {
		row.DeploymentStrategy = string(s.DeploymentConfiguration.Strategy)
	}
	for _, r := range s.ServiceRegistries {
		row.ServiceRegistries = append(row.ServiceRegistries, model.ServiceRegistry{
			RegistryARN:   awssdk.ToString(r.RegistryArn),
			ContainerName: awssdk.ToString(r.ContainerName),
			ContainerPort: int(awssdk.ToInt32(r.ContainerPort)),
			Port:          int(awssdk.ToInt32(r.Port)),
		})
	}
	for i := range s.TaskSets {
		row.TaskSets = append(row.TaskSets, toTaskSet(&s.TaskSets[i]))
	}
	for _, tag := range s.Tags {
		if row.Tags == nil {
			row.Tags = make(map[string]string, len(s.Tags))
		}
		row.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
	}
	return row
}

func toCapacityProviders(all []ecstypes.CapacityProviderStrategyItem) []string {
	var names []string
	for _, p := range all {
		names = append(names, awssdk.ToString(p.CapacityProvider))
	}
	return names
}

func toServiceLoadBalancers(all []ecstypes.LoadBalancer) []model.ServiceLoadBalancer {
	var rows []model.ServiceLoadBalancer
	for _, l := range all {
		row := model.ServiceLoadBalancer{
			TargetGroupARN: awssdk.ToString(l.TargetGroupArn),
			ContainerName:  awssdk.ToString(l.ContainerName),
			ContainerPort:  int(awssdk.ToInt32(l.ContainerPort)),
		}
		if a := l.AdvancedConfiguration; a != nil {
			row.AlternateTargetGroupARN = awssdk.ToString(a.AlternateTargetGroupArn)
			row.ProductionListenerRule = awssdk.ToString(a.ProductionListenerRule)
			row.TestListenerRule = awssdk.ToString(a.TestListenerRule)
		}
		rows = append(rows, row)
	}
	return rows
}

// toDeployments puts the primary deployment first and the others behind it, the
// youngest first: the answer's order means nothing.
func toDeployments(s *ecstypes.Service) []model.Deployment {
	var rows []model.Deployment
	for i := range s.Deployments {
		d := &s.Deployments[i]
		row := toDeployment(d)
		if row.Network == nil && row.Status == primary {
			row.Network = toNetwork(s.NetworkConfiguration)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b model.Deployment) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return rows
}

// primary is the status of the deployment that ECS rolls out or has rolled out.
const primary = "PRIMARY"

func rank(d *model.Deployment) int {
	if d.Status == primary {
		return 0
	}
	return 1
}

func toDeployment(d *ecstypes.Deployment) model.Deployment {
	row := model.Deployment{
		ID:                awssdk.ToString(d.Id),
		Status:            awssdk.ToString(d.Status),
		TaskDefinition:    awssdk.ToString(d.TaskDefinition),
		DesiredCount:      int(d.DesiredCount),
		RunningCount:      int(d.RunningCount),
		PendingCount:      int(d.PendingCount),
		RolloutState:      string(d.RolloutState),
		LaunchType:        string(d.LaunchType),
		CapacityProviders: toCapacityProviders(d.CapacityProviderStrategy),
		PlatformFamily:    awssdk.ToString(d.PlatformFamily),
		Network:           toNetwork(d.NetworkConfiguration),
		ServiceConnect:    toServiceConnect(d.ServiceConnectConfiguration),
		CreatedAt:         awssdk.ToTime(d.CreatedAt),
		UpdatedAt:         awssdk.ToTime(d.UpdatedAt),
	}
	for _, r := range d.ServiceConnectResources {
		row.ServiceConnectResources = append(row.ServiceConnectResources, model.ServiceConnectResource{
			DiscoveryName: awssdk.ToString(r.DiscoveryName),
			DiscoveryARN:  awssdk.ToString(r.DiscoveryArn),
		})
	}
	for _, v := range d.VpcLatticeConfigurations {
		row.VPCLattice = append(row.VPCLattice, model.VPCLatticeTarget{
			PortName:       awssdk.ToString(v.PortName),
			TargetGroupARN: awssdk.ToString(v.TargetGroupArn),
		})
	}
	return row
}

func toTaskSet(t *ecstypes.TaskSet) model.TaskSet {
	return model.TaskSet{
		ID:             awssdk.ToString(t.Id),
		Status:         awssdk.ToString(t.Status),
		TaskDefinition: awssdk.ToString(t.TaskDefinition),
		RunningCount:   int(t.RunningCount),
		Network:        toNetwork(t.NetworkConfiguration),
		LoadBalancers:  toServiceLoadBalancers(t.LoadBalancers),
	}
}

func toNetwork(n *ecstypes.NetworkConfiguration) *model.Network {
	if n == nil || n.AwsvpcConfiguration == nil {
		return nil
	}
	return &model.Network{
		Subnets:        n.AwsvpcConfiguration.Subnets,
		SecurityGroups: n.AwsvpcConfiguration.SecurityGroups,
		AssignPublicIP: n.AwsvpcConfiguration.AssignPublicIp == ecstypes.AssignPublicIpEnabled,
	}
}

// toServiceConnect leaves the agent's log configuration out: its options may
// hold secrets.
func toServiceConnect(c *ecstypes.ServiceConnectConfiguration) *model.ServiceConnect {
	if c == nil {
		return nil
	}
	row := &model.ServiceConnect{Enabled: c.Enabled, Namespace: awssdk.ToString(c.Namespace)}
	for i := range c.Services {
		row.Services = append(row.Services, toServiceConnectService(&c.Services[i]))
	}
	return row
}

func toServiceConnectService(s *ecstypes.ServiceConnectService) model.ServiceConnectService {
	row := model.ServiceConnectService{
		PortName:            awssdk.ToString(s.PortName),
		DiscoveryName:       awssdk.ToString(s.DiscoveryName),
		IngressPortOverride: int(awssdk.ToInt32(s.IngressPortOverride)),
	}
	for _, a := range s.ClientAliases {
		row.ClientAliases = append(row.ClientAliases, model.ClientAlias{
			Port: int(awssdk.ToInt32(a.Port)), DNSName: awssdk.ToString(a.DnsName),
		})
	}
	if t := s.Timeout; t != nil {
		row.Timeout = &model.Timeout{
			IdleSeconds:       toInt(t.IdleTimeoutSeconds),
			PerRequestSeconds: toInt(t.PerRequestTimeoutSeconds),
		}
	}
	if t := s.Tls; t != nil {
		row.TLS = &model.TLS{}
		if t.IssuerCertificateAuthority != nil {
			row.TLS.IssuerARN = awssdk.ToString(t.IssuerCertificateAuthority.AwsPcaAuthorityArn)
		}
	}
	return row
}

// toInt keeps unset apart from 0.
func toInt(n *int32) *int {
	if n == nil {
		return nil
	}
	i := int(*n)
	return &i
}
