package simulator

import (
	"cmp"
	"strings"
	"time"
)

// taskAPI answers the calls of ECS about tasks.
type taskAPI struct {
	account
	clock    *clock
	clusters *clusters
}

type listTasksInput struct {
	pageRequest
	Cluster       string `json:"cluster"`
	ServiceName   string `json:"serviceName"`
	Family        string `json:"family"`
	LaunchType    string `json:"launchType"`
	DesiredStatus string `json:"desiredStatus"`
	StartedBy     string `json:"startedBy"`
}

type describeTasksInput struct {
	Cluster string   `json:"cluster"`
	Tasks   []string `json:"tasks"`
}

type (
	ecsTask struct {
		Attachments    []ecsAttachment `json:"attachments"`
		Zone           string          `json:"availabilityZone"`
		ClusterARN     string          `json:"clusterArn"`
		Connectivity   string          `json:"connectivity"`
		Instance       string          `json:"containerInstanceArn,omitempty"`
		Containers     []taskContainer `json:"containers"`
		CPU            string          `json:"cpu,omitempty"`
		CreatedAt      epoch           `json:"createdAt"`
		Desired        string          `json:"desiredStatus"`
		ExecuteCommand bool            `json:"enableExecuteCommand"`
		Group          string          `json:"group"`
		Health         string          `json:"healthStatus"`
		LastStatus     string          `json:"lastStatus"`
		LaunchType     string          `json:"launchType,omitempty"`
		Memory         string          `json:"memory,omitempty"`
		StartedAt      epoch           `json:"startedAt"`
		StartedBy      string          `json:"startedBy,omitempty"`
		StoppedAt      *epoch          `json:"stoppedAt,omitempty"`
		ARN            string          `json:"taskArn"`
		TaskDefinition string          `json:"taskDefinitionArn"`
		Version        int             `json:"version"`
	}
	ecsAttachment struct {
		ID      string     `json:"id"`
		Type    string     `json:"type"`
		Status  string     `json:"status"`
		Details []nameText `json:"details"`
	}
	nameText struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	taskContainer struct {
		ARN        string           `json:"containerArn"`
		TaskARN    string           `json:"taskArn"`
		Name       string           `json:"name"`
		Image      string           `json:"image,omitempty"`
		LastStatus string           `json:"lastStatus"`
		Bindings   []networkBinding `json:"networkBindings"`
		Interfaces []taskInterface  `json:"networkInterfaces"`
		Health     string           `json:"healthStatus"`
	}
	networkBinding struct {
		BindIP        string `json:"bindIP"`
		ContainerPort int    `json:"containerPort"`
		HostPort      int    `json:"hostPort"`
		Protocol      string `json:"protocol"`
	}
	taskInterface struct {
		Attachment string `json:"attachmentId"`
		Address    string `json:"privateIpv4Address"`
	}
)

const (
	agentContainer = "ecs-service-connect-"
	agentListener  = 15000 // the agent's first port in bridge mode: docs/traffic.md, Service Connect
)

func (a *taskAPI) list(in *listTasksInput) (map[string]any, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	tasks := c.running(a.clock)
	if in.ServiceName != "" {
		s, err := c.find(in.ServiceName)
		if err != nil {
			return nil, err
		}
		tasks = s.running(a.clock.now)
	} else if in.DesiredStatus == "STOPPED" {
		tasks = c.standalone
	}
	var arns []string
	for _, t := range tasks {
		if in.asksFor(t) {
			arns = append(arns, t.arn)
		}
	}
	return listing("taskArns", arns, in.pageRequest, 100)
}

// asksFor tells whether a task passes the request's filters.
func (in *listTasksInput) asksFor(t *task) bool {
	switch d := t.of; {
	case cmp.Or(in.DesiredStatus, "RUNNING") != t.desiredStatus(),
		in.Family != "" && (d.config.TaskDefinition == nil || d.config.TaskDefinition.Family != in.Family),
		in.LaunchType != "" && d.config.LaunchType != in.LaunchType,
		in.StartedBy != "" && in.StartedBy != t.startedBy():
		return false
	}
	return true
}

// desiredStatus is what ECS wants a task to be, and what it is.
func (t *task) desiredStatus() string {
	if t.stopped() {
		return "STOPPED"
	}
	return "RUNNING"
}

func (a *taskAPI) describe(in *describeTasksInput) (map[string]any, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.Tasks) == 0 || len(in.Tasks) > 100 {
		return nil, errParameter("Tasks must have between 1 and 100 elements.")
	}
	return batch("tasks", in.Tasks, func(name string) (d ecsTask, found bool) {
		t := c.taskOf[name[strings.LastIndexByte(name, '/')+1:]]
		if t == nil || !t.runs(a.clock.now) {
			return d, false
		}
		return a.describeTask(t), true
	}), nil
}

func (a *taskAPI) describeTask(t *task) ecsTask {
	d := t.of
	w := ecsTask{
		ARN: t.arn, ClusterARN: d.of.cluster.arn, Attachments: []ecsAttachment{}, Connectivity: "CONNECTED",
		CreatedAt: epoch{d.created}, StartedAt: epoch{d.created}, StartedBy: t.startedBy(),
		Desired: t.desiredStatus(), LastStatus: t.desiredStatus(), Health: "UNKNOWN", Group: t.group(),
		LaunchType: d.config.LaunchType, TaskDefinition: d.config.taskDefinitionARN(), Version: 3,
	}
	if t.stopped() {
		w.StoppedAt = &epoch{d.created.Add(time.Minute)}
	}
	if t.subnet != nil {
		w.Zone = t.subnet.zoneName
	}
	if t.instance != nil {
		w.Instance = t.instance.arn
	}
	attachment := uuid(t.id, "eni")
	if d.awsvpc() && t.subnet != nil {
		w.Attachments = append(w.Attachments, ecsAttachment{
			ID: attachment, Type: "ElasticNetworkInterface", Status: "ATTACHED", Details: []nameText{
				{"subnetId", t.subnet.id},
				{"networkInterfaceId", a.resourceID("eni", "", t.id)},
				{"privateIPv4Address", t.address},
			},
		})
	}
	var names []string
	if d.config.TaskDefinition != nil {
		w.CPU, w.Memory = d.config.TaskDefinition.CPU, d.config.TaskDefinition.Memory
		for _, c := range d.config.TaskDefinition.wire.Containers {
			names = append(names, c.Name)
		}
	}
	if d.serviceConnect.Enabled { // the container that ECS adds: docs/aws.md, Service Connect
		agent := agentContainer + hash(5, t.id)
		names = append(names, agent)
		w.Attachments = append(w.Attachments, ecsAttachment{
			ID: uuid(t.id, "agent"), Type: "ServiceConnect", Status: "ATTACHED", Details: []nameText{{"ContainerName", agent}},
		})
	}
	for _, name := range names {
		c := taskContainer{
			ARN: a.arn("ecs", "container/"+d.of.cluster.Name+"/"+t.id+"/"+uuid(t.id, name)), TaskARN: w.ARN, Name: name,
			LastStatus: "RUNNING", Health: "UNKNOWN", Bindings: t.bindings(name), Interfaces: []taskInterface{},
		}
		if d.awsvpc() {
			c.Interfaces = append(c.Interfaces, taskInterface{Attachment: attachment, Address: t.address})
		}
		w.Containers = append(w.Containers, c)
	}
	return w
}

// bindings are the published ports of a container; awsvpc tasks have none.
func (t *task) bindings(container string) []networkBinding {
	bindings := []networkBinding{}
	definition := t.of.config.TaskDefinition
	if t.of.awsvpc() || definition == nil {
		return bindings
	}
	if strings.HasPrefix(container, agentContainer) {
		for _, e := range t.of.endpoints() {
			bindings = append(bindings, networkBinding{
				BindIP: "0.0.0.0", ContainerPort: agentListener + e.index, HostPort: e.wirePort(t), Protocol: "tcp",
			})
		}
	}
	for _, c := range definition.Containers {
		for _, m := range c.PortMappings {
			if c.Name == container && m.ContainerPort != 0 {
				bindings = append(bindings, networkBinding{
					BindIP: "0.0.0.0", ContainerPort: m.ContainerPort, HostPort: t.hostPort(m.ContainerPort),
					Protocol: wirePortMapping("", m).Protocol,
				})
			}
		}
	}
	return bindings
}
