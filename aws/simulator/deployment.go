package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
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
	id       string
	of       *deployment
	address  string
	subnet   *subnet
	instance *instance // nil on Fargate
	slot     int
}

// newDeployment makes a PRIMARY deployment without tasks.
func (a *account) newDeployment(s *service, config configuration, at time.Time) *deployment {
	s.seq++
	n := strconv.Itoa(s.seq)
	d := &deployment{
		id: "ecs-svc/" + number(19, s.arn, n), number: number(19, "revision", s.arn, n), of: s,
		status: "PRIMARY", config: config, created: at, updated: at, finished: at, rolloutState: "IN_PROGRESS",
	}
	sc := d.serviceConnect()
	if in := a.namespace(sc.Namespace); sc.Enabled {
		for _, e := range sc.Services {
			name := e.DiscoveryName
			if name == "" {
				name = e.PortName
			}
			d.resources = append(d.resources, serviceConnectResource{
				DiscoveryName: name, DiscoveryARN: a.mapService(in, name, "HTTP", at).arn,
			})
		}
	}
	s.history = append(s.history, d)
	return d
}

// serviceConnect is the block as far as the simulator reads it; the zero value
// when there is none.
func (d *deployment) serviceConnect() serviceConnectConfiguration {
	var sc serviceConnectConfiguration
	_ = json.Unmarshal(d.config.ServiceConnect, &sc) // checked when it was accepted
	return sc
}

// network is the awsvpc configuration as far as the simulator reads it.
func (d *deployment) network() awsvpcConfiguration {
	var n networkConfiguration
	_ = json.Unmarshal(d.config.Network, &n) // checked when it was accepted
	return n.AWSVPC
}

// awsvpc tells whether the tasks have network interfaces of their own.
func (d *deployment) awsvpc() bool { return len(d.config.Network) > 0 }

// grow makes tasks until there are n.
func (d *deployment) grow(a *account, n int) {
	subnets := d.network().Subnets
	for i := len(d.tasks); i < n; i++ {
		t := &task{id: hash(32, d.id, strconv.Itoa(i)), of: d, slot: i}
		if d.awsvpc() && len(subnets) > 0 {
			if t.subnet = a.subnet(subnets[i%len(subnets)]); t.subnet != nil {
				t.address = t.subnet.address()
			}
		} else if on := d.of.cluster.instances; len(on) > 0 {
			t.instance = on[i%len(on)]
			t.subnet, t.address = t.instance.subnet, t.instance.address
		}
		d.tasks = append(d.tasks, t)
	}
}

// rollout replaces older deployments by the PRIMARY one, one task after the
// other: the older ones lose a task for each that has started, which is what
// minimumHealthyPercent 100 looks like.
type rollout struct {
	started time.Time
	length  time.Duration
	before  []int // running tasks of the older deployments at the start
	fails   bool  // no task starts
	warned  bool  // an event says so
	account *account
}

// startRollout makes a configuration the PRIMARY deployment, and uses up a fault
// that makes it fail.
func (a *account) startRollout(s *service, config configuration) *deployment {
	s.settle(a.now)
	d := a.startRolloutAt(s, config, a.now)
	s.rollout.fails = a.faults.fails(s)
	s.settle(a.now)
	return d
}

// startRolloutAt makes a configuration the PRIMARY deployment at a time.
func (a *account) startRolloutAt(s *service, config configuration, at time.Time) *deployment {
	d := a.newDeployment(s, config, at)
	d.grow(a, s.desired)
	var before []int
	for _, older := range s.deployments {
		if older.status == "PRIMARY" {
			older.served = older.running
		}
		older.status, older.updated, older.pending = "ACTIVE", at, 0
		before = append(before, older.running)
	}
	s.deployments = slices.Insert(s.deployments, 0, d)
	s.rollout = &rollout{started: at, length: a.rolloutTime, before: before, account: a}
	s.event(at, "(service %s) has started %d tasks.", s.spec.Name, s.desired)
	return d
}

// settle brings the counts to what they are at a time.
func (s *service) settle(now time.Time) {
	r := s.rollout
	if r == nil {
		return
	}
	if r.fails {
		s.settleFailing(now)
		return
	}
	primary := s.deployments[0]
	elapsed := now.Sub(r.started)
	if elapsed >= r.length {
		s.finish(r.started.Add(r.length))
		return
	}
	primary.running = min(s.desired, int(int64(elapsed)*int64(s.desired+1)/int64(r.length)))
	primary.pending = s.desired - primary.running
	stop := primary.running
	for i := len(r.before) - 1; i >= 0; i-- { // the oldest stop first
		gone := min(stop, r.before[i])
		s.deployments[i+1].running = r.before[i] - gone
		stop -= gone
	}
}

// finish ends the rollout: only the PRIMARY deployment remains.
func (s *service) finish(at time.Time) {
	primary := s.deployments[0]
	primary.running, primary.pending = s.desired, 0
	primary.rolloutState, primary.updated, primary.finished = "COMPLETED", at, at
	primary.since = at
	for _, older := range s.deployments[1:] {
		older.until = at
		older.running, older.pending, older.status = 0, 0, "INACTIVE"
	}
	s.deployments = s.deployments[:1]
	s.rollout = nil
	s.event(at, "(service %s) (deployment %s) deployment completed.", s.spec.Name, primary.id)
	s.event(at, "(service %s) has reached a steady state.", s.spec.Name)
}

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
