package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type taskDefinition struct {
	TaskDefinition
	arn  string
	wire ecsTaskDefinition
}

// The shapes of a task definition in ECS.
type (
	ecsTaskDefinition struct {
		ARN                     string           `json:"taskDefinitionArn"`
		Containers              []ecsContainer   `json:"containerDefinitions"`
		Family                  string           `json:"family"`
		TaskRoleARN             string           `json:"taskRoleArn,omitempty"`
		ExecutionRoleARN        string           `json:"executionRoleArn,omitempty"`
		NetworkMode             string           `json:"networkMode,omitempty"`
		Revision                int              `json:"revision"`
		Volumes                 []struct{}       `json:"volumes"`
		Status                  string           `json:"status"`
		RequiresAttributes      []ecsAttribute   `json:"requiresAttributes,omitempty"`
		PlacementConstraints    []struct{}       `json:"placementConstraints"`
		Compatibilities         []string         `json:"compatibilities"`
		RuntimePlatform         *runtimePlatform `json:"runtimePlatform,omitempty"`
		RequiresCompatibilities []string         `json:"requiresCompatibilities"`
		CPU                     string           `json:"cpu,omitempty"`
		Memory                  string           `json:"memory,omitempty"`
		ProxyConfiguration      json.RawMessage  `json:"proxyConfiguration,omitempty"`
		RegisteredAt            epoch            `json:"registeredAt"`
		RegisteredBy            string           `json:"registeredBy"`
	}
	ecsAttribute struct {
		Name string `json:"name"`
	}
	runtimePlatform struct {
		OSFamily        string `json:"operatingSystemFamily"`
		CPUArchitecture string `json:"cpuArchitecture"`
	}
	ecsContainer struct {
		Name             string           `json:"name"`
		Image            string           `json:"image"`
		CPU              int              `json:"cpu"`
		Memory           int              `json:"memory,omitempty"`
		Reservation      int              `json:"memoryReservation,omitempty"`
		PortMappings     []ecsPortMapping `json:"portMappings"`
		Essential        bool             `json:"essential"`
		Environment      []ecsVariable    `json:"environment"`
		MountPoints      []struct{}       `json:"mountPoints"`
		VolumesFrom      []struct{}       `json:"volumesFrom"`
		Secrets          []ecsSecret      `json:"secrets,omitempty"`
		LogConfiguration json.RawMessage  `json:"logConfiguration,omitempty"`
		HealthCheck      *ecsHealthCheck  `json:"healthCheck,omitempty"`
		SystemControls   []struct{}       `json:"systemControls"`
	}
	ecsPortMapping struct {
		ContainerPort      int    `json:"containerPort,omitempty"`
		ContainerPortRange string `json:"containerPortRange,omitempty"`
		HostPort           *int   `json:"hostPort,omitempty"`
		Protocol           string `json:"protocol"`
		Name               string `json:"name,omitempty"`
		AppProtocol        string `json:"appProtocol,omitempty"`
	}
	ecsVariable struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	ecsSecret struct {
		Name      string `json:"name"`
		ValueFrom string `json:"valueFrom"`
	}
	ecsHealthCheck struct {
		Command  []string `json:"command"`
		Interval int      `json:"interval"`
		Timeout  int      `json:"timeout"`
		Retries  int      `json:"retries"`
	}
)

// unset is how a world says that AWS leaves a member out: the network mode, CPU
// and memory.
const unset = "unset"

// orUnset is what AWS answers: the default, or nothing where a world says so.
func orUnset(given, absent string) string {
	if given == unset {
		return ""
	}
	return cmp.Or(given, absent)
}

// taskDefinitions are the registered revisions. They answer their own calls.
type taskDefinitions struct {
	account
	all    []*taskDefinition
	byARN  map[string]*taskDefinition
	newest map[string]*taskDefinition // by family
}

// newTaskDefinitions registers the revisions of the world.
func newTaskDefinitions(a account, w *World) *taskDefinitions {
	ds := &taskDefinitions{account: a, byARN: map[string]*taskDefinition{}, newest: map[string]*taskDefinition{}}
	for _, d := range w.TaskDefinitions {
		d.Revision = max(d.Revision, 1)
		d.NetworkMode = orUnset(d.NetworkMode, "awsvpc")
		d.CPU, d.Memory = orUnset(d.CPU, "256"), orUnset(d.Memory, "512")
		if d.RequiresCompatibilities == nil {
			d.RequiresCompatibilities = []string{"EC2"}
			if d.NetworkMode == "awsvpc" {
				d.RequiresCompatibilities = []string{"FARGATE"}
			}
		}
		made := &taskDefinition{TaskDefinition: d, arn: ds.arnOf(d.Family, d.Revision)}
		made.wire = ds.wireTaskDefinition(made)
		ds.all = append(ds.all, made)
		ds.byARN[made.arn] = made
		if newest := ds.newest[d.Family]; newest == nil || newest.Revision < d.Revision {
			ds.newest[d.Family] = made
		}
	}
	return ds
}

func (ds *taskDefinitions) arnOf(family string, revision int) string {
	return ds.arn("ecs", fmt.Sprintf("task-definition/%s:%d", family, revision))
}

// find finds a revision by ARN, family:revision, or family, which stands for the
// newest one; nil when there is none.
func (ds *taskDefinitions) find(name string) *taskDefinition {
	if d := ds.byARN[name]; d != nil {
		return d
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	family, revision, exact := strings.Cut(name, ":")
	if n, err := strconv.Atoi(revision); exact && err == nil {
		return ds.byARN[ds.arnOf(family, n)]
	}
	if exact {
		return nil
	}
	return ds.newest[family]
}

func (ds *taskDefinitions) wireTaskDefinition(d *taskDefinition) ecsTaskDefinition {
	w := ecsTaskDefinition{
		ARN: d.arn, Family: d.Family, Revision: d.Revision, NetworkMode: d.NetworkMode, Status: "ACTIVE",
		Volumes: []struct{}{}, PlacementConstraints: []struct{}{}, ProxyConfiguration: d.ProxyConfiguration,
		Compatibilities: []string{"EC2"}, RequiresCompatibilities: d.RequiresCompatibilities,
		CPU: d.CPU, Memory: d.Memory, RegisteredAt: epoch{created()}, RegisteredBy: ds.caller(),
	}
	if d.NetworkMode == "awsvpc" {
		w.Compatibilities = []string{"EC2", "FARGATE"}
	}
	if d.OSFamily != "" {
		w.RuntimePlatform = &runtimePlatform{OSFamily: d.OSFamily, CPUArchitecture: "X86_64"}
	}
	for _, c := range d.Containers {
		w.Containers = append(w.Containers, ds.wireContainer(d, c))
	}
	return w
}

func (ds *taskDefinitions) wireContainer(d *taskDefinition, c Container) ecsContainer {
	w := ecsContainer{
		Name: c.Name, Image: c.Image, PortMappings: []ecsPortMapping{}, Essential: c.Essential == nil || *c.Essential,
		Environment: []ecsVariable{}, MountPoints: []struct{}{}, VolumesFrom: []struct{}{}, SystemControls: []struct{}{},
		LogConfiguration: c.LogConfiguration, CPU: c.CPU, Memory: c.Memory, Reservation: c.MemoryReservation,
	}
	if w.Image == "" {
		w.Image = fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/%s:latest", ds.id, ds.region, strings.ToLower(c.Name))
	}
	for _, name := range sortedKeys(c.Environment) {
		w.Environment = append(w.Environment, ecsVariable{Name: name, Value: c.Environment[name]})
	}
	for _, name := range sortedKeys(c.Secrets) {
		w.Secrets = append(w.Secrets, ecsSecret{Name: name, ValueFrom: c.Secrets[name]})
	}
	if len(c.HealthCheck) > 0 {
		w.HealthCheck = &ecsHealthCheck{Command: c.HealthCheck, Interval: 30, Timeout: 5, Retries: 3}
	}
	for _, m := range c.PortMappings {
		w.PortMappings = append(w.PortMappings, wirePortMapping(d.NetworkMode, m))
	}
	return w
}

// wirePortMapping fills in what ECS fills in: the protocol, and the host port,
// which is the container port where the task has its own network or the host's.
func wirePortMapping(mode string, m PortMapping) ecsPortMapping {
	w := ecsPortMapping{
		ContainerPort: m.ContainerPort, ContainerPortRange: m.ContainerPortRange,
		Protocol: m.Protocol, Name: m.Name, AppProtocol: m.AppProtocol,
	}
	if w.Protocol == "" {
		w.Protocol = "tcp"
	}
	if m.ContainerPortRange == "" {
		host := m.HostPort
		if mode == "awsvpc" || mode == "host" {
			host = m.ContainerPort
		}
		w.HostPort = &host
	}
	return w
}

// port finds the mapping with a name in any container, or nil.
func (d *taskDefinition) port(name string) *PortMapping {
	if d == nil {
		return nil
	}
	for i := range d.Containers {
		c := &d.Containers[i]
		if j := slices.IndexFunc(c.PortMappings, func(m PortMapping) bool { return m.Name == name && name != "" }); j >= 0 {
			return &c.PortMappings[j]
		}
	}
	return nil
}

type listTaskDefinitionsInput struct {
	pageRequest
	FamilyPrefix string `json:"familyPrefix"`
}

func (ds *taskDefinitions) list(in *listTaskDefinitionsInput) (map[string]any, error) {
	var arns []string
	for _, d := range ds.all {
		if in.FamilyPrefix == "" || in.FamilyPrefix == d.Family {
			arns = append(arns, d.arn)
		}
	}
	return listing("taskDefinitionArns", arns, in.pageRequest, 100)
}

type describeTaskDefinitionInput struct {
	TaskDefinition string   `json:"taskDefinition"`
	Include        []string `json:"include"`
}

type describeTaskDefinitionReply struct {
	TaskDefinition ecsTaskDefinition `json:"taskDefinition"`
	Tags           []tagJSON         `json:"tags,omitempty"`
}

func (ds *taskDefinitions) describe(in *describeTaskDefinitionInput) (*describeTaskDefinitionReply, error) {
	d := ds.find(in.TaskDefinition)
	if d == nil {
		return nil, refuse("ClientException", "Unable to describe task definition.")
	}
	return &describeTaskDefinitionReply{TaskDefinition: d.wire}, nil
}
