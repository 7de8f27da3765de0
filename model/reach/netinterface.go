package reach

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"hopscope/model"
)

// netInterface describes the network interfaces at one end of a path, as far
// as groups and ACLs look at them. All tasks of a service have equal ones, and
// services with equal subnets and groups share one value.
type netInterface struct {
	key     string
	vpc     string
	subnets []*model.Subnet
	groups  []*model.SecurityGroup
	// groupIDs are the ids of all groups, readable or not, sorted; labels are
	// the same groups for a reader.
	groupIDs []string
	labels   []string
	// narrowest is the index of the group that the fewest services share.
	narrowest int
	// unfiltered is set for interfaces that have no security group at all,
	// which only network load balancers can, and what is outside every subnet.
	unfiltered bool
	// everySubnet is set where there is an interface in each subnet, and each has connections
	// of all kinds: nodes of an application load balancer, and instances that run tasks. Nodes
	// of a network load balancer send within their zone, unless cross-zone load balancing is
	// on, which is not read.
	everySubnet bool
	// inhabited are the subnets that tasks are known to run in, of those in which ECS may
	// place them; unlisted is set where the tasks were not read, which would tell.
	inhabited []string
	unlisted  bool
	// outside names what sends packets from outside every subnet, "" for an
	// interface.
	outside string
	// kinds are the interfaces of which a packet may meet any; empty when
	// there is only this one. See [interfaces.joinInterfaces].
	kinds []*netInterface
	// unplaced is set where it is not known which of the kinds the tasks run on.
	unplaced *model.Missing
	// v4 and v6 are the addresses that the interfaces can have.
	v4, v6 []netip.Prefix
	// ephemeral is the range of source ports, which network ACLs must let
	// answers through to.
	ephemeral portSpan
	// missing are the facts that could not be read, by what they are needed for.
	missingGroups, missingSubnets []model.Missing
	// unknown is set when nothing about the interfaces is known.
	unknown *model.Missing
}

type portSpan struct{ first, last int }

// The ranges of source ports: Linux's default for tasks, and the one that AWS
// documents for load balancer nodes.
var (
	taskEphemeral         = portSpan{model.FirstEphemeralPort, model.LastEphemeralPort}
	loadBalancerEphemeral = portSpan{1024, 65535}
)

// opened is the label of the group to open when something is refused: the one
// that the fewest services share, so that nothing else is opened with it.
func (n *netInterface) opened() string {
	return n.labels[n.narrowest]
}

// countUsers counts the services that have each group.
func (d *Deriver) countUsers() {
	d.users = map[string]int{}
	for _, versions := range d.services {
		for _, id := range groupsOf(versions) {
			d.users[id]++
		}
	}
	for _, n := range d.interfaces.known {
		n.findNarrowest(d.users)
	}
}

// dropUsers takes a service away from the users of the groups that only those of its
// versions had that are gone.
func (d *Deriver) dropUsers(old, now []*version) {
	kept := groupsOf(now)
	var gone []string
	for _, id := range groupsOf(old) {
		if !slices.Contains(kept, id) {
			gone = append(gone, id)
		}
	}
	if gone == nil {
		return
	}
	d.users = maps.Clone(d.users)
	for _, id := range gone {
		d.users[id]--
	}
	d.swaps = append(slices.Clip(d.swaps), newSwap(d, gone))
}

// groupsOf are the groups that tasks of a service have.
func groupsOf(versions []*version) []string {
	var ids []string
	for i, v := range versions {
		if i == 0 {
			ids = slices.Clip(v.iface.groupIDs)
			continue
		}
		for _, id := range v.iface.groupIDs {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// findNarrowest finds the group that the fewest services have.
func (n *netInterface) findNarrowest(users map[string]int) {
	n.narrowest = 0
	for i, id := range n.groupIDs {
		if users[id] < users[n.groupIDs[n.narrowest]] {
			n.narrowest = i
		}
	}
}

func (n *netInterface) hasGroup(id string) bool {
	return slices.Contains(n.groupIDs, id) // five at most, of one interface: no search is faster
}

// lacksGroup tells whether the interface is known to be without a group.
func (n *netInterface) lacksGroup(id string) bool { return len(n.groupIDs) > 0 && !n.hasGroup(id) }

// addresses are the interface's address ranges of one family.
func (n *netInterface) addresses(v6 bool) []netip.Prefix {
	if v6 {
		return n.v6
	}
	return n.v4
}

// interfaces are the network interfaces of a snapshot. Those that groups and ACLs
// cannot tell apart are one value.
type interfaces struct {
	ix    *model.Index
	known map[string]*netInterface
	// placed are those of tasks that were read; nil before the first.
	placed map[placedTasks]*netInterface
}

func newInterfaces(ix *model.Index) *interfaces {
	return &interfaces{ix: ix, known: map[string]*netInterface{}}
}

// taskInterface describes the interfaces of a deployment's tasks.
func (r *interfaces) taskInterface(s *model.Service, dep *model.Deployment) *netInterface {
	if dep.Network == nil {
		return r.instanceInterface(s, dep)
	}
	shared := r.sharedInterface(tasksOfService, dep.Network.Subnets, dep.Network.SecurityGroups, taskEphemeral)
	if s.Tasks == nil {
		return shared
	}
	return r.inhabitedBy(shared, s.Tasks.Tasks, dep.ID)
}

// placedTasks are tasks of which it is known in which of an interface's subnets they run: a
// bit for each.
type placedTasks struct {
	shared  *netInterface
	subnets uint64
}

// inhabitedBy is the interface of the tasks of a deployment that were read. Services whose
// tasks run in the same subnets share it.
func (r *interfaces) inhabitedBy(shared *netInterface, tasks []model.Task, deployment string) *netInterface {
	in := placedTasks{shared: shared}
	for i := range tasks {
		if tasks[i].StartedBy == deployment {
			in.subnets |= shared.subnetsOf(tasks[i].Addresses)
		}
	}
	if n := r.placed[in]; n != nil {
		return n
	}
	n := *shared
	n.unlisted = false
	for i, subnet := range n.subnets {
		if in.subnets&(1<<i) != 0 {
			n.inhabited = append(n.inhabited, subnet.ID)
		}
	}
	n.key += "|in " + strings.Join(n.inhabited, ",")
	if r.placed == nil {
		r.placed = map[placedTasks]*netInterface{}
	}
	r.placed[in], r.known[n.key] = &n, &n
	return &n
}

// subnetsOf are the subnets that addresses are in, a bit for each.
func (n *netInterface) subnetsOf(addresses []netip.Addr) uint64 {
	var in uint64
	for i, subnet := range n.subnets {
		for _, p := range subnet.CIDRs {
			for _, a := range addresses {
				if p.Contains(a) {
					in |= 1 << i
				}
			}
		}
	}
	return in
}

// loadBalancerInterface describes the interfaces of a load balancer's nodes.
func (r *interfaces) loadBalancerInterface(lb *model.LoadBalancer) *netInterface {
	kind := "load balancer"
	switch {
	case lb.Type != networkLoadBalancer:
		kind = applicationBalancer
	case len(lb.SecurityGroups) == 0:
		kind = unfilteredBalancer
	}
	return r.sharedInterface(kind, lb.Subnets, lb.SecurityGroups, loadBalancerEphemeral)
}

// The kinds of interfaces that differ from others.
const (
	applicationBalancer = "application load balancer"
	unfilteredBalancer  = "network load balancer without groups"
	tasksOfService      = "tasks of a service"
	placedInstances     = "instances, each in one subnet"
)

const networkLoadBalancer = model.NetworkLoadBalancer

func (r *interfaces) sharedInterface(kind string, subnets, groups []string, ephemeral portSpan) *netInterface {
	subnets, groups = sorted(subnets), sorted(groups)
	key := kind + "|" + strings.Join(subnets, ",") + "|" + strings.Join(groups, ",")
	if n := r.known[key]; n != nil {
		return n
	}
	n := &netInterface{
		key: key, groupIDs: groups, ephemeral: ephemeral,
		unfiltered:  kind == unfilteredBalancer,
		everySubnet: kind == applicationBalancer || kind == placedInstances,
		unlisted:    kind == tasksOfService,
	}
	n.subnets, n.v4 = make([]*model.Subnet, 0, len(subnets)), make([]netip.Prefix, 0, len(subnets))
	for _, id := range subnets {
		r.addSubnet(n, id)
	}
	if len(groups) == 0 && !n.unfiltered {
		r.addDefaultGroup(n)
	}
	for _, id := range groups {
		if g, missing := r.ix.SecurityGroup(id); missing != nil {
			n.missingGroups = append(n.missingGroups, *missing)
		} else {
			n.groups = append(n.groups, g)
		}
	}
	n.labels = make([]string, 0, len(n.groupIDs))
	for _, id := range n.groupIDs {
		n.labels = append(n.labels, r.ix.GroupLabel(id))
	}
	r.known[key] = n
	return n
}

// sorted is a list in order and without repetitions; the list itself if it is
// like that already, which almost all are.
func sorted(ids []string) []string {
	if inOrder(ids) {
		return ids
	}
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

func inOrder(ids []string) bool {
	for i := 1; i < len(ids); i++ {
		if ids[i-1] >= ids[i] {
			return false
		}
	}
	return true
}

func (r *interfaces) addSubnet(n *netInterface, id string) {
	subnet, missing := r.ix.Subnet(id)
	if missing != nil {
		n.missingSubnets = append(n.missingSubnets, *missing)
		return
	}
	n.subnets = append(n.subnets, subnet)
	n.vpc = subnet.VPC
	for _, cidr := range subnet.CIDRs {
		if cidr.Addr().Is4() {
			n.v4 = append(n.v4, cidr)
		} else {
			n.v6 = append(n.v6, cidr)
		}
	}
}

// addDefaultGroup: interfaces without a named group get the default group of
// their VPC (docs/aws.md, Security groups).
func (r *interfaces) addDefaultGroup(n *netInterface) {
	if n.vpc == "" {
		n.missingGroups = append(n.missingGroups, model.Missing{
			What: "VPC whose default security group applies", Action: model.DescribeSubnets, State: model.NotRead,
		})
		return
	}
	g, missing := r.ix.DefaultSecurityGroup(n.vpc)
	if missing != nil {
		n.missingGroups = append(n.missingGroups, *missing)
		return
	}
	n.groups, n.groupIDs = []*model.SecurityGroup{g}, []string{g.ID}
}
