package simulator

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// rollouts makes the deployments of services and replaces older ones by newer
// ones. It knows every deployment that ever was.
type rollouts struct {
	account
	clock    *clock
	network  *network
	cloudMap *cloudMap
	faults   *faultState
	length   time.Duration // of one rollout

	revisionOf          map[string]*deployment // by the ARN of the service revision
	serviceDeploymentOf map[string]*deployment // by the ARN of the service deployment
}

func newRollouts(r *resources, faults *faultState, length time.Duration) *rollouts {
	return &rollouts{
		account: r.account, clock: r.clock, network: r.network, cloudMap: r.cloudMap, faults: faults, length: length,
		revisionOf: map[string]*deployment{}, serviceDeploymentOf: map[string]*deployment{},
	}
}

// newDeployment makes a PRIMARY deployment without tasks.
func (r *rollouts) newDeployment(s *service, config configuration, at time.Time) *deployment {
	s.seq++
	n := strconv.Itoa(s.seq)
	d := &deployment{
		id: "ecs-svc/" + number(19, s.arn, n), number: number(19, "revision", s.arn, n), of: s,
		status: statusPrimary, config: config, created: at, updated: at, finished: at, rolloutState: stateInProgress,
	}
	path := s.cluster.Name + "/" + s.spec.Name + "/"
	d.revisionARN = r.arn("ecs", "service-revision/"+path+d.number)
	d.serviceDeploymentARN = r.arn("ecs", "service-deployment/"+path+hash(21, d.number))
	_ = json.Unmarshal(config.ServiceConnect, &d.serviceConnect) // checked when it was accepted
	if len(config.Network) > 0 {
		var n networkConfiguration
		_ = json.Unmarshal(config.Network, &n) // checked when it was accepted
		d.network = n.AWSVPC
	}
	r.offer(d)
	s.history = append(s.history, d)
	r.revisionOf[d.revisionARN], r.serviceDeploymentOf[d.serviceDeploymentARN] = d, d
	return d
}

// offer makes the Cloud Map services of a deployment's endpoints.
func (r *rollouts) offer(d *deployment) {
	if !d.serviceConnect.Enabled {
		return
	}
	in := r.cloudMap.namespace(d.serviceConnect.Namespace)
	for _, e := range d.serviceConnect.Services {
		name := cmp.Or(e.DiscoveryName, e.PortName)
		made := r.cloudMap.service(in, name, "HTTP", d.created)
		made.offeredBy = append(made.offeredBy, d)
		d.resources = append(d.resources, serviceConnectResource{DiscoveryName: name, DiscoveryARN: made.arn})
	}
}

// grow makes tasks until there are n.
func (r *rollouts) grow(d *deployment, n int) {
	subnets := d.network.Subnets
	for i := len(d.tasks); i < n; i++ {
		t := &task{id: hash(32, d.id, strconv.Itoa(i)), of: d, slot: i}
		t.arn = r.arn("ecs", "task/"+d.of.cluster.Name+"/"+t.id)
		if d.awsvpc() && len(subnets) > 0 {
			if t.subnet = r.network.subnet(subnets[i%len(subnets)]); t.subnet != nil {
				t.address = t.subnet.address()
			}
		} else if on := d.of.cluster.instances; len(on) > 0 {
			t.instance = on[i%len(on)]
			t.subnet, t.address = t.instance.subnet, t.instance.address
		}
		d.tasks = append(d.tasks, t)
		d.of.cluster.taskOf[t.id] = t
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
	by      *rollouts
}

// start makes a configuration the PRIMARY deployment, and uses up a fault that
// makes it fail.
func (r *rollouts) start(s *service, config configuration) *deployment {
	s.settle(r.clock.now)
	d := r.startAt(s, config, r.clock.now)
	s.rollout.fails = r.faults.fails(s)
	s.settle(r.clock.now)
	return d
}

// startAt makes a configuration the PRIMARY deployment at a time.
func (r *rollouts) startAt(s *service, config configuration, at time.Time) *deployment {
	d := r.newDeployment(s, config, at)
	r.grow(d, s.desired)
	var before []int
	for _, older := range s.deployments {
		if older.status == statusPrimary {
			older.served = older.running
		}
		older.status, older.updated, older.pending = statusActive, at, 0
		before = append(before, older.running)
	}
	s.deployments = slices.Insert(s.deployments, 0, d)
	s.rollout = &rollout{started: at, length: r.length, before: before, by: r}
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
	primary.rolloutState, primary.updated, primary.finished = stateCompleted, at, at
	primary.since = at
	for _, older := range s.deployments[1:] {
		older.until = at
		older.running, older.pending, older.status = 0, 0, statusInactive
	}
	s.deployments = s.deployments[:1]
	s.rollout = nil
	s.event(at, "(service %s) (deployment %s) deployment completed.", s.spec.Name, primary.id)
	s.event(at, "(service %s) has reached a steady state.", s.spec.Name)
}

// scale changes the number of tasks at once, without a deployment.
func (r *rollouts) scale(s *service, desired int) {
	s.settle(r.clock.now)
	s.desired = desired
	primary := s.deployments[0]
	r.grow(primary, desired)
	if s.rollout != nil {
		return // settle counts towards the new number
	}
	primary.running, primary.pending = desired, 0
	s.event(r.clock.now, "(service %s) has reached a steady state.", s.spec.Name)
}
