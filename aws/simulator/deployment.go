package simulator

import (
	"fmt"
	"slices"
	"time"
)

// The statuses of a deployment, and the states of its rollout.
const (
	statusPrimary  = "PRIMARY"
	statusActive   = "ACTIVE"
	statusInactive = "INACTIVE"

	stateInProgress = "IN_PROGRESS"
	stateCompleted  = "COMPLETED"
	stateFailed     = "FAILED"
)

// deployment is one version of a service.
type deployment struct {
	id     string // ecs-svc/…
	number string // of the service revision and deployment made with it
	of     *service
	status string
	config configuration
	// tasks are all that the deployment ever runs; the first running of them
	// do at the moment.
	tasks            []*task
	running, pending int
	failed           int // tasks that did not start
	rolloutState     string
	why              string // the reason of the state, where it is not the usual one
	created, updated time.Time
	finished         time.Time
	resources        []serviceConnectResource
	side             side
	since, until     time.Time // when it served: from the end of its rollout to that of the next
	served           int       // with how many tasks, once it is not PRIMARY

	// What the simulator itself reads of config: the zero values where there is
	// no block.
	serviceConnect serviceConnectConfiguration
	network        awsvpcConfiguration

	revisionARN          string
	serviceDeploymentARN string
}

// side is the target group of a progressive deployment that the tasks are in.
type side int

const (
	sideLive      side = iota // the one that the listeners send to
	sideMain                  // targetGroupArn
	sideAlternate             // advancedConfiguration.alternateTargetGroupArn
)

type serviceConnectResource struct {
	DiscoveryName string `json:"discoveryName"`
	DiscoveryARN  string `json:"discoveryArn"`
}

// task is a copy of the containers. It has an address of its own in awsvpc
// mode, else that of the instance it is on.
type task struct {
	id, arn  string
	of       *deployment
	address  string
	subnet   *subnet
	instance *instance // nil on Fargate
	slot     int
	// standalone is what a world says of a task that no service started, else nil.
	standalone *StandaloneTask
}

// awsvpc tells whether the tasks have network interfaces of their own.
func (d *deployment) awsvpc() bool { return len(d.config.Network) > 0 }

// reason explains the rollout state in AWS's words.
func (d *deployment) reason() string {
	if d.why != "" {
		return d.why
	}
	if d.rolloutState == stateCompleted {
		return fmt.Sprintf("ECS deployment %s completed.", d.id)
	}
	return fmt.Sprintf("ECS deployment %s in progress.", d.id)
}

// hostPort is the port on which the task's address takes traffic for a
// container port: the same in awsvpc and host mode, the published one in bridge
// mode.
func (t *task) hostPort(containerPort int) int {
	d := t.of.config.TaskDefinition
	if t.of.awsvpc() || d == nil || d.NetworkMode == "host" {
		return containerPort
	}
	for _, c := range d.Containers {
		for _, m := range c.PortMappings {
			if m.ContainerPort == containerPort && m.HostPort != 0 {
				return m.HostPort
			}
		}
	}
	const firstDynamic = 32768
	return firstDynamic + t.slot
}

// inEffect are the deployments whose tasks served at some time. A rollout takes
// effect at its end.
func (s *service) inEffect(at time.Time) []*deployment {
	var all []*deployment
	for _, d := range s.history {
		if d.inEffect(at) {
			all = append(all, d)
		}
	}
	return all
}

// inEffect tells whether the deployment's tasks served at some time.
func (d *deployment) inEffect(at time.Time) bool {
	return !d.since.IsZero() && !d.since.After(at) && (d.until.IsZero() || d.until.After(at)) && d.serving() > 0
}

// newest is the deployment in effect that was made last, or nil.
func (s *service) newest(at time.Time) *deployment {
	if s == nil {
		return nil
	}
	all := s.inEffect(at)
	if len(all) == 0 {
		return nil
	}
	return slices.MaxFunc(all, func(x, y *deployment) int { return x.created.Compare(y.created) })
}

// serving is the number of tasks with which a deployment serves, or served.
func (d *deployment) serving() int {
	if d.status == statusPrimary {
		return d.running
	}
	return d.served
}

// running are the tasks of a service that run at a time.
func (s *service) running(now time.Time) []*task {
	s.settle(now)
	var tasks []*task
	for _, d := range s.deployments {
		tasks = append(tasks, d.tasks[:d.running]...)
	}
	return tasks
}

// runs tells whether the task runs at a time.
func (t *task) runs(now time.Time) bool {
	s := t.of.of
	s.settle(now)
	return t.slot < t.of.running && slices.Contains(s.deployments, t.of)
}
