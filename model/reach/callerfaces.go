package reach

import (
	"iter"
	"net/netip"
	"slices"

	"hopscope/model"
)

// facesOf are the network interfaces that a caller may have: those of all deployments of
// a service that run, of all tasks of a family. There is one at least.
func (d *inquiry) facesOf(c *Caller) []*netInterface {
	switch {
	case c.Service != nil:
		return d.facesOfService(*c.Service)
	case c.Tasks != nil:
		return d.facesOfTasks(*c.Tasks)
	}
	return []*netInterface{d.node(c.LoadBalancer)}
}

func unknownFace(name string, missing *model.Missing) *netInterface {
	return &netInterface{key: name, ephemeral: taskEphemeral, unknown: missing}
}

func (d *inquiry) facesOfService(ref model.Ref) []*netInterface {
	var out []*netInterface
	for _, v := range d.versionsOf(ref) {
		if !slices.Contains(out, v.iface) {
			out = append(out, v.iface)
		}
	}
	if len(out) == 0 {
		return []*netInterface{unknownFace(ref.String(), d.unloaded(ref))}
	}
	return out
}

// unloaded says why no deployment of a service is known.
func (d *inquiry) unloaded(ref model.Ref) *model.Missing {
	m := &model.Missing{What: "deployments of " + ref.String(), Action: model.DescribeServices, State: model.Absent}
	if s := d.ix.Service(ref); s != nil {
		m.Resource = s.ARN
		if gap := d.ix.Gap(model.DescribeServices, s.ARN); gap != nil {
			m.State = gap.State
		}
	}
	return m
}

// facesOfTasks are the interfaces of a family's tasks: their own, as far as interfaces
// were read, or those of the instances that they run on.
func (d *inquiry) facesOfTasks(family model.Ref) []*netInterface {
	var out []*netInterface
	in, missing := d.ix.StandaloneTasks(family.Cluster)
	if missing != nil {
		return []*netInterface{unknownFace(family.String(), missing)}
	}
	running := slices.ContainsFunc(in.Tasks, func(t model.StandaloneTask) bool {
		return t.Family() == family.Service && t.StoppedAt.IsZero()
	})
	for i := range in.Tasks {
		// ECS does not tell the groups of a task that has stopped: those that run tell.
		if t := &in.Tasks[i]; t.Family() == family.Service && (!running || t.StoppedAt.IsZero()) {
			if n := d.faceOfTask(t); !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, unknownFace(family.String(), &model.Missing{
			What: "tasks of family " + family.Service, Action: model.DescribeTasks, State: model.Absent,
		}))
	}
	return out
}

func (d *inquiry) faceOfTask(t *model.StandaloneTask) *netInterface {
	if t.NetworkInterface == "" && t.ContainerInstance != "" {
		instance, missing := d.ix.ContainerInstance(t.ContainerInstance)
		if missing != nil {
			return unknownFace(t.ARN, missing)
		}
		return d.faceOf("instance", instance.Network.Subnets, instance.Network.SecurityGroups)
	}
	if n := d.interfaceNamed(t.NetworkInterface); n != nil {
		return d.faceOf("task", []string{n.Subnet}, n.SecurityGroups)
	}
	return unknownFace(t.ARN, &model.Missing{
		What: "security groups of task " + t.Family() + ", which ECS does not tell", Resource: t.NetworkInterface,
		Action: model.DescribeNetworkInterfaces, State: d.stateOf(model.DescribeNetworkInterfaces),
	})
}

// stateOf is why something was not read that an action reads: not at all, unless a gap
// says more.
func (d *inquiry) stateOf(action model.Action) model.GapState {
	for i := range d.ix.Snapshot.Gaps {
		if g := &d.ix.Snapshot.Gaps[i]; g.Action == action {
			return g.State
		}
	}
	return model.NotRead
}

func (d *inquiry) interfaceNamed(id string) *model.NetworkInterface {
	all := d.ix.Snapshot.NetworkInterfaces
	at := slices.IndexFunc(all, func(n model.NetworkInterface) bool { return n.ID == id && id != "" })
	if at < 0 {
		return nil
	}
	return &all[at]
}

// faceOf is the interface with these groups in these subnets. It is not one that the
// paths share: those are made before, and several goroutines look at them.
func (d *inquiry) faceOf(kind string, subnets, groups []string) *netInterface {
	return d.faces().sharedInterface(kind, subnets, groups, taskEphemeral)
}

// faceOfInterface is the interface of what is not known to be a task: a load balancer's
// node, a function, a host of any system, whose source ports may be any that AWS names.
func (d *inquiry) faceOfInterface(n *model.NetworkInterface) *netInterface {
	return d.faces().sharedInterface("interface", []string{n.Subnet}, n.SecurityGroups, loadBalancerEphemeral)
}

func (d *inquiry) faces() *interfaces {
	if d.asked == nil {
		d.asked = newInterfaces(d.ix)
	}
	return d.asked
}

// askGroup answers for whatever has a group, and no other: in the subnets of what is
// known to have it, if that is all; else anywhere in its VPC, where an ACL that refuses
// some subnets says nothing about the caller's.
func (d *inquiry) askGroup(id string, t *Destination) Answer {
	n, placed := d.faceOfGroup(id)
	c, bound := d.crossTo(n, t)
	decisions := slices.Clone(c.decisions())
	for i := range decisions {
		if dec := &decisions[i]; !placed && dec.kind == CheckNetworkACL && dec.access == Blocked {
			dec.partial = false
			dec.access, dec.note = AccessUnknown, "in which subnets what has "+id+" is, is not known, and "+dec.note
			dec.missing = []model.Missing{{
				What: "subnets of what has " + id, Action: model.DescribeNetworkInterfaces, Resource: id,
				State: d.stateOf(model.DescribeNetworkInterfaces),
			}}
		}
	}
	c = combine(decisions...)
	a := t.answer(&c, n)
	a.Bound = bound
	return t.unsettled(a)
}

// faceOfGroup is the interface of whatever has a group, and whether it is known where
// that is.
func (d *inquiry) faceOfGroup(id string) (face *netInterface, placed bool) {
	g, missing := d.ix.SecurityGroup(id)
	if missing != nil {
		// A rule may name it all the same. What it lets out is not known.
		n := &netInterface{key: id, groupIDs: []string{id}, labels: []string{id}, ephemeral: loadBalancerEphemeral}
		n.missingGroups = []model.Missing{*missing}
		n.missingSubnets = []model.Missing{{
			What: "subnets of what has " + id, Action: model.DescribeNetworkInterfaces, Resource: id, State: model.NotRead,
		}}
		return n, false
	}
	subnets := d.subnetsWith(id)
	_, unread := d.ix.InterfacesWith(id)
	if unread == nil && len(subnets) > 0 && d.holdersUnread() == nil {
		n := *d.faces().sharedInterface("group", subnets, []string{id}, loadBalancerEphemeral)
		return &n, true
	}
	for i := range d.ix.Snapshot.Subnets {
		if s := &d.ix.Snapshot.Subnets[i]; s.VPC == g.VPC {
			subnets = append(subnets, s.ID)
		}
	}
	n := *d.faces().sharedInterface("group", subnets, []string{id}, loadBalancerEphemeral)
	n.vpc = g.VPC
	d.spread(&n, g.VPC)
	return &n, false
}

// holdersUnread is a gap without which it is not known what has groups and addresses.
func (d *inquiry) holdersUnread() *model.Missing {
	for i := range d.ix.Snapshot.Gaps {
		switch g := &d.ix.Snapshot.Gaps[i]; g.Action {
		case model.ListTasks, model.DescribeTasks, model.DescribeNetworkInterfaces, model.ListContainerInstances,
			model.DescribeContainerInstances, model.DescribeInstances, model.DescribeServices, model.DescribeLoadBalancers:
			return &model.Missing{
				What: "what has the caller's address or group", Action: g.Action, Resource: g.Resource,
				State: g.State,
			}
		default:
		}
	}
	return nil
}

// spread gives an interface all addresses of a VPC.
func (d *inquiry) spread(n *netInterface, id string) {
	vpc, missing := d.ix.VPC(id)
	if missing != nil {
		n.missingSubnets = append(slices.Clip(n.missingSubnets), *missing)
		return
	}
	n.v4, n.v6 = nil, nil
	for _, cidr := range vpc.CIDRs {
		if cidr.Addr().Is4() {
			n.v4 = append(n.v4, cidr)
		} else {
			n.v6 = append(n.v6, cidr)
		}
	}
}

// subnetsWith are the subnets of what is known to have a group.
func (d *Deriver) subnetsWith(id string) []string {
	var out []string
	add := func(n *netInterface) {
		if n.hasGroup(id) {
			for _, s := range n.subnets {
				out = append(out, s.ID)
			}
		}
	}
	for _, ref := range d.holders().Services(id) {
		for _, v := range d.versionsOf(ref) {
			for _, kind := range v.iface.alternatives() {
				add(kind)
			}
		}
	}
	for i := range d.ix.Snapshot.LoadBalancers {
		add(d.node(&d.ix.Snapshot.LoadBalancers[i]))
	}
	for i := range d.ix.Snapshot.ContainerInstances {
		if in := &d.ix.Snapshot.ContainerInstances[i]; in.Network != nil && slices.Contains(in.Network.SecurityGroups, id) {
			out = append(out, in.Network.Subnets...)
		}
	}
	for i := range d.ix.Snapshot.NetworkInterfaces {
		if n := &d.ix.Snapshot.NetworkInterfaces[i]; n.Subnet != "" && slices.Contains(n.SecurityGroups, id) {
			out = append(out, n.Subnet)
		}
	}
	return sorted(out)
}

// ownerOf is what has an address in a VPC, where that is known, with its interface. Two
// VPCs may have the same addresses: what has it in another one is another one.
func (d *inquiry) ownerOf(addr netip.Addr, vpc string) (string, *netInterface) {
	for owner, n := range d.ownersOf(addr) {
		if n == nil || n.vpc == "" || vpc == "" || n.vpc == vpc {
			return owner, n
		}
	}
	return "", nil
}

// ownersOf are those that have an address, tasks first.
func (d *inquiry) ownersOf(addr netip.Addr) iter.Seq2[string, *netInterface] {
	return func(yield func(string, *netInterface) bool) {
		if d.taskOwners(addr, yield) {
			d.otherOwners(addr, yield)
		}
	}
}

// taskOwners yields the tasks that have an address, and tells whether to go on.
func (d *inquiry) taskOwners(addr netip.Addr, yield func(string, *netInterface) bool) bool {
	for _, versions := range d.services {
		tasks := versionTasks(versions)
		for i := range tasks {
			if slices.Contains(tasks[i].Addresses, addr) &&
				!yield("a task of "+refOf(versions).Service, startedBy(versions, &tasks[i]).iface) {
				return false
			}
		}
	}
	s := d.ix.Snapshot
	for i := range s.StandaloneTasks {
		for j := range s.StandaloneTasks[i].Tasks {
			t := &s.StandaloneTasks[i].Tasks[j]
			if slices.Contains(t.Addresses, addr) && t.StoppedAt.IsZero() &&
				!yield("a standalone task of family "+t.Family(), d.faceOfTask(t)) {
				return false
			}
		}
	}
	return true
}

// otherOwners yields the instances and network interfaces that have an address.
func (d *inquiry) otherOwners(addr netip.Addr, yield func(string, *netInterface) bool) {
	s := d.ix.Snapshot
	for i := range s.ContainerInstances {
		in := &s.ContainerInstances[i]
		if in.Network != nil && slices.Contains(in.Addresses, addr) &&
			!yield("instance "+in.InstanceID, d.faceOf("instance", in.Network.Subnets, in.Network.SecurityGroups)) {
			return
		}
	}
	for i := range s.NetworkInterfaces {
		n := &s.NetworkInterfaces[i]
		// One without groups, such as a NAT gateway's, has no rules to ask.
		if slices.Contains(n.Addresses, addr) && n.Subnet != "" && len(n.SecurityGroups) > 0 &&
			!yield("interface "+n.ID, d.faceOfInterface(n)) {
			return
		}
	}
}

// versionTasks are the running tasks of a service, where they were read.
func versionTasks(versions []*version) []model.Task {
	if len(versions) == 0 || versions[0].service.Tasks == nil {
		return nil
	}
	return versions[0].service.Tasks.Tasks
}
