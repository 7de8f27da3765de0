package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"

	"hopscope/model"
)

// A target group may hold targets that another program than ECS registered, beside or
// instead of those that ECS registers: on another port of a task, on the agent's
// own port. The address, or the instance and its port, tells whose they are, as
// far as the tasks were read (decision table, rows 10 and 35).

// owner is the running task that a target leads to.
type owner struct {
	// service is the position of the task's service.
	service       int
	task          *model.Task
	container     string
	containerPort int
}

// registeredTarget is a target of a target group that leads to a known task.
type registeredTarget struct {
	owner
	group  *model.TargetGroup
	target *model.Target
}

// registeredTargets finds the targets that lead to known tasks, those of each service one
// after the other.
func (d *Deriver) registeredTargets() []registeredTarget {
	var all []registeredTarget
	var owners *taskOwners
	for i := range d.ix.Snapshot.TargetGroups {
		g := &d.ix.Snapshot.TargetGroups[i]
		if g.Health == nil || g.TargetType == targetTypeALB || len(d.forwards.to[g.ARN]) == 0 {
			continue
		}
		if owners == nil {
			owners = d.taskOwners()
		}
		for j := range g.Health.Targets {
			t := &g.Health.Targets[j]
			if to, known := owners.find(t); known {
				all = append(all, registeredTarget{to, g, t})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b registeredTarget) int { return cmp.Compare(a.service, b.service) })
	return all
}

// attachByHand adds an attachment for each target that no other attachment of the
// service explains.
func (d *Deriver) attachByHand(versions []*version) {
	position := d.position[refOf(versions)]
	first := sort.Search(len(d.registered), func(i int) bool { return d.registered[i].service >= position })
	for i := first; i < len(d.registered) && d.registered[i].service == position; i++ {
		r := &d.registered[i]
		startedBy(versions, r.task).attachRegistered(r)
	}
}

// taskOwners finds running tasks by what targets are called.
type taskOwners struct {
	byAddress map[netip.Addr]owner
	// byHostPort are the bindings of tasks that share an instance's interface,
	// by instance and port: "i-1:32768".
	byHostPort map[string]owner
}

func (d *Deriver) taskOwners() *taskOwners {
	o := &taskOwners{byAddress: map[netip.Addr]owner{}, byHostPort: map[string]owner{}}
	for position, versions := range d.services {
		if len(versions) == 0 || versions[0].service.Tasks == nil {
			continue
		}
		tasks := versions[0].service.Tasks.Tasks
		for i := range tasks {
			to := owner{service: position, task: &tasks[i]}
			for _, addr := range tasks[i].Addresses {
				o.byAddress[addr] = to
			}
			if instance, missing := d.ix.ContainerInstance(tasks[i].ContainerInstance); missing == nil {
				o.addBindings(to, instance)
			}
		}
	}
	return o
}

// startedBy is the version of a service that a task belongs to.
func startedBy(versions []*version, task *model.Task) *version {
	for _, v := range versions {
		if v.deployment.ID == task.StartedBy {
			return v
		}
	}
	return versions[0]
}

func (o *taskOwners) addBindings(to owner, instance *model.ContainerInstance) {
	for _, c := range to.task.Containers {
		for _, b := range c.Bindings {
			if b.Protocol == udp {
				continue
			}
			port := strconv.Itoa(b.HostPort)
			to.container, to.containerPort = c.Name, b.ContainerPort
			o.byHostPort[instance.InstanceID+":"+port] = to
			for _, addr := range instance.Addresses {
				o.byHostPort[addr.String()+":"+port] = to
			}
		}
	}
}

// find finds the task that a target leads to.
func (o *taskOwners) find(t *model.Target) (to owner, known bool) {
	if t.State == "draining" || t.Port == 0 {
		return to, false
	}
	if to, known = o.byHostPort[t.ID+":"+strconv.Itoa(t.Port)]; known {
		return to, true
	}
	addr, err := netip.ParseAddr(t.ID)
	if err != nil {
		return to, false
	}
	to, known = o.byAddress[addr]
	to.containerPort = t.Port
	return to, known
}

// attachRegistered adds an attachment for a target, unless ECS registers such a target
// itself.
func (v *version) attachRegistered(r *registeredTarget) {
	g, port := r.group, r.target.Port
	if v.explains(g.ARN, &r.owner, port) {
		return
	}
	a := attachment{
		kind: SourceLoadBalancer, group: g.ARN, container: r.container, port: r.containerPort, registered: port, index: -1,
		evidence: Evidence{
			Fact: fmt.Sprintf("target %s:%d of target group %s, which ECS did not register for this service",
				r.target.ID, port, g.Name),
			From: string(model.DescribeTargetHealth),
		},
	}
	v.placeRegistered(&a)
	v.attachments = addAttachment(v.attachments, a)
}

// explains tells whether ECS registers such a target itself.
func (v *version) explains(group model.ARN, to *owner, port int) bool {
	for i := range v.attachments {
		a := &v.attachments[i]
		if a.group != group || a.registered != 0 {
			continue
		}
		sameContainer := to.container == "" || to.container == a.container
		if a.port == to.containerPort && sameContainer || v.hostPort(a.container, a.port, tcp) == port {
			return true
		}
	}
	return false
}

// placeRegistered names the container behind a port that was registered by hand:
// the app's that owns the port, or the one that the agent hands the requests to.
func (v *version) placeRegistered(a *attachment) {
	in := v.intercept(tcp, a.registered)
	switch {
	case in.Via == ViaAgent && in.Override && in.Offer != nil && v.task != nil:
		if m, container := v.task.PortNamed(in.Offer.PortName); m != nil {
			a.container, a.port = container, m.ContainerPort
		}
	case strings.HasPrefix(a.container, model.AgentContainer):
		a.container, a.port = "", 0 // the agent's own port, of which endpoint is not known
	case a.container == "" && v.task != nil:
		a.container = portOwner(v.task, a.port)
	}
}
