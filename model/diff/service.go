package diff

import (
	"strings"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
)

// service is what is compared of a service: what a request path depends on. The primary
// deployment's part stands for itself, as the API's users think of it.
type service struct {
	Status               string                         `json:"status,omitempty"`
	DesiredCount         int                            `json:"desiredCount"`
	LaunchType           string                         `json:"launchType,omitempty"`
	CapacityProviders    []string                       `json:"capacityProviders,omitempty"`
	DeploymentController model.DeploymentController     `json:"deploymentController,omitempty"`
	LoadBalancers        []model.ServiceLoadBalancer    `json:"loadBalancers,omitempty"`
	ServiceRegistries    []model.ServiceRegistry        `json:"serviceRegistries,omitempty"`
	TaskSets             []model.TaskSet                `json:"taskSets,omitempty"`
	Deployments          map[string]deployment          `json:"deployments,omitempty"`
	Configuration        *model.DeploymentConfiguration `json:"deploymentConfiguration,omitempty"`
	GracePeriod          int                            `json:"healthCheckGracePeriodSeconds,omitempty"`

	deployment
}

type deployment struct {
	TaskDefinition string                   `json:"taskDefinition,omitempty"`
	Network        *model.Network           `json:"networkConfiguration,omitempty"`
	ServiceConnect *model.ServiceConnect    `json:"serviceConnectConfiguration,omitempty"`
	VPCLattice     []model.VPCLatticeTarget `json:"vpcLattice,omitempty"`
}

func deploymentOf(d *model.Deployment) deployment {
	return deployment{model.ARNName(d.TaskDefinition), d.Network, d.ServiceConnect, d.VPCLattice}
}

// running is what is compared of the tasks of a service: how many there are says nothing
// of where requests go, but whether there are any does.
type running struct {
	Tasks bool `json:"runningTasks"`
}

func (r *readings) services() {
	for i := range r.s.Services {
		svc := &r.s.Services[i]
		if !svc.Loaded {
			continue
		}
		ref := svc.Ref()
		offered := offeredBy(svc)
		touches := func(p *reach.Path, field string) bool {
			return p.Target.Ref() == ref || ofCaller(field) && p.Source.Services.Contains(ref) ||
				ofEndpoints(field) && sharesEndpoint(p, offered)
		}
		label := ref.String()
		r.add(&item{
			key: "service " + label, label: label, from: model.DescribeServices, value: serviceOf(svc),
			service: ref, touches: touches,
		})
		r.add(&item{
			key: "service " + label + " tasks", label: label, from: model.DescribeServices,
			value: running{svc.RunningCount > 0}, service: ref, touches: touches, fieldsOnly: true,
		})
		r.taskDefinition(svc, touches)
	}
	for i := range r.s.ServiceRevisions {
		rev := r.s.ServiceRevisions[i]
		service := rev.ServiceARN
		rev.ARN, rev.CreatedAt = "", time.Time{}
		r.add(&item{
			key: "revision " + service, label: "service revision of " + model.ARNName(service),
			from: model.DescribeServiceRevisions, value: &rev, fieldsOnly: true,
			touches: func(p *reach.Path, _ string) bool { return p.Facts.Service != nil && p.Facts.Service.ARN == service },
		})
	}
}

func serviceOf(svc *model.Service) *service {
	out := &service{
		Status: svc.Status, DesiredCount: svc.DesiredCount, LaunchType: svc.LaunchType,
		CapacityProviders: svc.CapacityProviders, DeploymentController: svc.DeploymentController,
		LoadBalancers: svc.LoadBalancers, ServiceRegistries: svc.ServiceRegistries,
		Configuration: svc.DeploymentConfiguration, GracePeriod: svc.HealthCheckGracePeriodSeconds,
		Deployments: map[string]deployment{},
	}
	for _, set := range svc.TaskSets {
		set.RunningCount = 0
		out.TaskSets = append(out.TaskSets, set)
	}
	if d := svc.Primary(); d != nil {
		out.deployment = deploymentOf(d)
	}
	for i := range svc.Deployments {
		if d := &svc.Deployments[i]; d.Status != model.PrimaryDeployment && !d.Over() {
			out.Deployments[d.Status] = deploymentOf(d)
		}
	}
	return out
}

// ofCaller tells whether a field of a service matters to the paths on which it calls.
func ofCaller(field string) bool {
	for _, part := range []string{"networkConfiguration", "serviceConnectConfiguration", "networkMode", "namedEndpoints"} {
		if strings.Contains(field, part) && !strings.Contains(field, "serviceConnectConfiguration.services") {
			return true
		}
	}
	return field == ""
}

// ofEndpoints tells whether a field of a service may say which endpoints it offers.
func ofEndpoints(field string) bool {
	return field == "" || strings.Contains(field, "serviceConnectConfiguration")
}

// offeredBy are the names by which a service is called through Service Connect.
func offeredBy(svc *model.Service) map[string]bool {
	out := map[string]bool{}
	d := svc.Primary()
	if d == nil || d.ServiceConnect == nil {
		return out
	}
	for i := range d.ServiceConnect.Services {
		addNames(out, &d.ServiceConnect.Services[i])
	}
	return out
}

func addNames(names map[string]bool, s *model.ServiceConnectService) {
	names[s.Name()] = true
	for _, alias := range s.ClientAliases {
		if alias.DNSName != "" {
			names[alias.DNSName] = true
		}
	}
}

// sharesEndpoint tells whether the endpoint of a path has one of some names: services that
// offer the same one are in each other's way.
func sharesEndpoint(p *reach.Path, names map[string]bool) bool {
	if p.Facts.Offer == nil {
		return false
	}
	own := map[string]bool{}
	addNames(own, p.Facts.Offer)
	for name := range own {
		if names[name] {
			return true
		}
	}
	return false
}

// taskDefinition compares what the primary deployment of a service runs, whatever the
// revision is called.
func (r *readings) taskDefinition(svc *model.Service, touches func(*reach.Path, string) bool) {
	d := svc.Primary()
	if d == nil {
		return
	}
	task, missing := r.ix.TaskDefinition(d.TaskDefinition)
	if missing != nil {
		return
	}
	content := *task
	content.ARN, content.Family, content.Revision = "", "", 0
	r.add(&item{
		key: "service " + svc.Ref().String() + " task definition", label: "task definition of " + svc.Ref().String(),
		from: model.DescribeTaskDefinition, value: &content, service: svc.Ref(), touches: touches, fieldsOnly: true,
	})
}
