package convert

import (
	"cmp"
	"encoding/json"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// Service is a service; the caller knows its cluster.
func Service(s *ecstypes.Service) model.Service {
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
		DeploymentController:   model.ControllerECS,
		ResourceManagementType: string(s.ResourceManagementType),
		LoadBalancers:          toServiceLoadBalancers(s.LoadBalancers),
		Deployments:            Deployments(s),
		CreatedAt:              awssdk.ToTime(s.CreatedAt),

		HealthCheckGracePeriodSeconds: int(awssdk.ToInt32(s.HealthCheckGracePeriodSeconds)),
		DeploymentConfiguration:       deploymentConfiguration(s.DeploymentConfiguration),
	}
	for _, r := range s.CurrentServiceRevisions {
		row.CurrentRevisions = append(row.CurrentRevisions, model.CurrentRevision{
			ARN: awssdk.ToString(r.Arn), RunningCount: int(r.RunningTaskCount),
		})
	}
	if s.DeploymentController != nil && s.DeploymentController.Type != "" {
		row.DeploymentController = model.DeploymentController(s.DeploymentController.Type)
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
	return owned(row)
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

// Deployments puts the primary deployment first and the others behind it, the
// youngest first: the answer's order means nothing.
func Deployments(s *ecstypes.Service) []model.Deployment {
	var rows []model.Deployment
	for i := range s.Deployments {
		d := &s.Deployments[i]
		row := toDeployment(d)
		if row.Network == nil && row.Status == model.PrimaryDeployment {
			row.Network = toNetwork(s.NetworkConfiguration)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b model.Deployment) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return rows
}

func rank(d *model.Deployment) int {
	if d.Status == model.PrimaryDeployment {
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
		ServiceConnect:    ServiceConnect(d.ServiceConnectConfiguration),
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

// ServiceConnect leaves the agent's log configuration out: its options may
// hold secrets.
func ServiceConnect(c *ecstypes.ServiceConnectConfiguration) *model.ServiceConnect {
	if c == nil {
		return nil
	}
	row := &model.ServiceConnect{Enabled: c.Enabled, Namespace: awssdk.ToString(c.Namespace)}
	for i := range c.Services {
		row.Services = append(row.Services, toServiceConnectService(&c.Services[i]))
	}
	return row
}

// ServiceConnectOf is [ServiceConnect] of a block as DescribeServices gives it.
func ServiceConnectOf(block []byte) (*model.ServiceConnect, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(block, &members); err != nil {
		return nil, err
	}
	// The names of Go's fields are those of the members but for the case of a letter,
	// which does not count. What the row has no place for may be of any form.
	known := map[string]json.RawMessage{}
	for _, name := range []string{"enabled", "namespace", "services"} {
		if value, ok := members[name]; ok {
			known[name] = value
		}
	}
	text, err := json.Marshal(known)
	if err != nil {
		return nil, err
	}
	var c ecstypes.ServiceConnectConfiguration
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, err
	}
	return ServiceConnect(&c), nil
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

// deploymentConfiguration is how deployments are carried out, as far as plans ask.
func deploymentConfiguration(c *ecstypes.DeploymentConfiguration) *model.DeploymentConfiguration {
	if c == nil {
		return nil
	}
	percent := func(n *int32) *int {
		if n == nil {
			return nil
		}
		return new(int(*n))
	}
	out := &model.DeploymentConfiguration{
		MinimumHealthyPercent: percent(c.MinimumHealthyPercent), MaximumPercent: percent(c.MaximumPercent),
	}
	if c.Alarms != nil && c.Alarms.Enable {
		out.Alarms, out.AlarmRollback = c.Alarms.AlarmNames, c.Alarms.Rollback
	}
	out.CircuitBreaker = &model.CircuitBreaker{} // off where AWS does not say
	if b := c.DeploymentCircuitBreaker; b != nil {
		out.CircuitBreaker = &model.CircuitBreaker{Enabled: b.Enable, Rollback: b.Rollback}
	}
	out.BakeTimeMinutes = int(awssdk.ToInt32(c.BakeTimeInMinutes))
	return out
}
