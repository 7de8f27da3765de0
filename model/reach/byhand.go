package reach

import (
	"fmt"
	"net/netip"
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
	version       *version
	container     string
	containerPort int
}

// attachByHand adds an attachment for each registered target that no other
// attachment explains and that leads to a known task.
func (d *Deriver) attachByHand() {
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
			owners.attach(g, &g.Health.Targets[j])
		}
	}
}

// taskOwners finds running tasks by what targets are called.
type taskOwners struct {
	byAddress map[netip.Addr]*version
	// byHostPort are the bindings of tasks that share an instance's interface,
	// by instance and port: "i-1:32768".
	byHostPort map[string]owner
}

func (d *Deriver) taskOwners() *taskOwners {
	o := &taskOwners{byAddress: map[netip.Addr]*version{}, byHostPort: map[string]owner{}}
	for _, versions := range d.services {
		if len(versions) == 0 || versions[0].service.Tasks == nil {
			continue
		}
		tasks := versions[0].service.Tasks.Tasks
		for i := range tasks {
			v := startedBy(versions, &tasks[i])
			for _, addr := range tasks[i].Addresses {
				o.byAddress[addr] = v
			}
			if instance, missing := d.ix.ContainerInstance(tasks[i].ContainerInstance); missing == nil {
				o.addBindings(v, instance, &tasks[i])
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

func (o *taskOwners) addBindings(v *version, instance *model.ContainerInstance, task *model.Task) {
	for _, c := range task.Containers {
		for _, b := range c.Bindings {
			if b.Protocol == udp {
				continue
			}
			port := strconv.Itoa(b.HostPort)
			to := owner{v, c.Name, b.ContainerPort}
			o.byHostPort[instance.InstanceID+":"+port] = to
			for _, addr := range instance.Addresses {
				o.byHostPort[addr.String()+":"+port] = to
			}
		}
	}
}

func (o *taskOwners) attach(g *model.TargetGroup, t *model.Target) {
	if t.State == "draining" || t.Port == 0 {
		return
	}
	to, known := o.byHostPort[t.ID+":"+strconv.Itoa(t.Port)]
	if !known {
		addr, err := netip.ParseAddr(t.ID)
		if err != nil || o.byAddress[addr] == nil {
			return
		}
		to = owner{version: o.byAddress[addr], containerPort: t.Port}
	}
	v := to.version
	if v.explains(g.ARN, to, t.Port) {
		return
	}
	a := attachment{
		kind: SourceLoadBalancer, group: g.ARN, container: to.container, port: to.containerPort, registered: t.Port, index: -1,
		evidence: Evidence{
			Fact: fmt.Sprintf("target %s:%d of target group %s, which ECS did not register for this service", t.ID, t.Port, g.Name),
			From: string(model.DescribeTargetHealth),
		},
	}
	v.placeRegistered(&a)
	v.attachments = addAttachment(v.attachments, a)
}

// explains tells whether ECS registers such a target itself.
func (v *version) explains(group model.ARN, to owner, port int) bool {
	for i := range v.attachments {
		a := &v.attachments[i]
		if a.group != group || a.registered != 0 {
			continue
		}
		if a.port == to.containerPort && (to.container == "" || to.container == a.container) || v.hostPort(a.container, a.port, tcp) == port {
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
