package reach

import (
	"maps"
	"slices"
	"sync"

	"hopscope/model"
)

// Deriver derives the paths of one snapshot: all of them, or those into one service
// at a time. It holds what all paths share, computed once.
type Deriver struct {
	ix         *model.Index
	interfaces *interfaces
	// services are the running versions of each service, in the order of their
	// refs; position is where those of one service are.
	services [][]*version
	position map[model.Ref]int
	// nodes are the interfaces of the load balancers.
	nodes    map[*model.LoadBalancer]*netInterface
	forwards forwards
	// routes are those of service gateways to each service, registered the targets
	// that lead to tasks, by the position of the service.
	routes     map[model.Ref][]*model.GatewayRoute
	registered []registeredTarget
	// users is how many services have each security group.
	users map[string]int
	// lattice is where VPC Lattice's packets come from.
	lattice *netInterface
	// callers are the Service Connect services of each namespace, neighbours
	// the services with a subnet in each VPC.
	callers, neighbours map[string]*namespaceCallers
	// discovered are the VPCs in which neighbours matter.
	discovered map[string]bool
	// unresolved is set when a service names its namespace in a way that could
	// not be resolved, because the namespaces were not read: any namespace may
	// then have more callers.
	unresolved *model.Missing
	// swaps are changes of security groups, in order, and changed the versions of a
	// service that stand for those of the snapshot; see [Deriver.With].
	swaps   []*groupSwap
	changed []*version
	// holders is what has each security group; it is found when it is first asked for.
	holders func() Holders
	// outside is what else has them; it is found when it is first asked for.
	outside func() *outsidersByGroup
	// acls remembers what network ACLs say: no change of ours touches them.
	acls map[aclKey]*aclAnswer
	// scratch is the room of [Deriver.Into].
	scratch *scratch
}

// NewDeriver computes what the paths of a snapshot share. It is not for use by
// several goroutines, [Deriver.Paths] apart.
func NewDeriver(ix *model.Index) *Deriver {
	d := &Deriver{
		ix:         ix,
		interfaces: newInterfaces(ix),
		position:   map[model.Ref]int{},
		nodes:      map[*model.LoadBalancer]*netInterface{},
		acls:       map[aclKey]*aclAnswer{},
		scratch:    &scratch{},
	}
	for i := range ix.Snapshot.LoadBalancers {
		lb := &ix.Snapshot.LoadBalancers[i]
		d.nodes[lb] = d.interfaces.loadBalancerInterface(lb)
	}
	for i := range ix.Snapshot.Services {
		if s := &ix.Snapshot.Services[i]; s.Loaded {
			d.services = append(d.services, d.versions(s))
		}
	}
	slices.SortStableFunc(d.services, func(a, b []*version) int { return refOf(a).Compare(refOf(b)) })
	for i, versions := range d.services {
		d.position[refOf(versions)] = i
	}
	d.countUsers()
	d.forwards = d.indexForwards()
	d.lattice = d.interfaces.latticeInterface()
	d.attach()
	d.indexCallers()
	d.holders = sync.OnceValue(func() Holders { return newHolders(ix) })
	d.outside = sync.OnceValue(func() *outsidersByGroup { return newOutsidersByGroup(ix.Snapshot) })
	return d
}

// Holders are who has which security group.
func (d *Deriver) Holders() Holders { return d.holders() }

// Fork is the same deriver with a memory of its own, for another goroutine.
func (d *Deriver) Fork() *Deriver {
	fork := *d
	fork.acls, fork.scratch = map[aclKey]*aclAnswer{}, &scratch{}
	return &fork
}

// worker derives paths in one goroutine: it remembers what it asks repeatedly.
type worker struct {
	*Deriver
	aclAnswers map[aclKey]*aclAnswer
	crossings  map[crossKey]crossing
	entries    map[*model.Listener]*Entry
	room       *scratch
}

// scratch holds the paths into a service while they are derived.
type scratch struct {
	paths []Path
	all   []*Path
	// pointers are what [scratch.cut] has left.
	pointers []*Path
}

// cut is room for some pointers to paths: a large piece is made for many services.
func (s *scratch) cut(n int) []*Path {
	if len(s.pointers) < n {
		s.pointers = make([]*Path, max(n, 256))
	}
	piece := s.pointers[:n:n]
	s.pointers = s.pointers[n:]
	return piece
}

func (d *Deriver) worker() *worker {
	return &worker{
		Deriver: d, aclAnswers: map[aclKey]*aclAnswer{},
		crossings: map[crossKey]crossing{}, entries: map[*model.Listener]*Entry{},
		room: &scratch{},
	}
}

// Into derives the paths into one service, in the order of [Paths].
func (d *Deriver) Into(ref model.Ref) []*Path {
	w := d.worker()
	w.aclAnswers, w.room = d.acls, d.scratch
	versions := d.versionsOf(ref)
	for _, swap := range d.swaps {
		versions = swap.versions(versions)
	}
	if len(versions) == 0 {
		return nil
	}
	return w.into(versions)
}

// With derives the paths of a snapshot in which a service has other deployments, each
// of them one that it had, with the same tasks in the same network, and security groups
// have other rules. ix is the index of that snapshot ([model.Index.With]); before tells
// of each changed group what it was. It costs nothing that grows with the snapshot,
// unless callers are others: then their namespaces are put in order again.
func (d *Deriver) With(ix *model.Index, service *model.Service, before map[string]*model.SecurityGroup) *Deriver {
	copied := *d
	next := &copied
	next.ix = ix
	if service != nil {
		next.change(service)
		was := d.ix.Service(service.Ref())
		next.holders = sync.OnceValue(func() Holders {
			return d.holders().with(service.Ref(), everyGroupOf(d.ix, was), everyGroupOf(ix, service))
		})
	}
	if len(before) > 0 {
		next.swapGroups(before)
	}
	return next
}

// change puts a service in the place of what it was.
func (d *Deriver) change(s *model.Service) {
	old, now := d.versionsOf(s.Ref()), d.versions(s)
	for _, v := range now {
		// Interfaces of which nothing is known are values of their own.
		if i := slices.IndexFunc(old, func(o *version) bool { return o.deployment.ID == v.deployment.ID }); i >= 0 {
			v.iface = old[i].iface
		}
	}
	d.attachTo(now)
	d.changed = now
	d.dropUsers(old, now)
	d.changeCallers(old, now)
}

func (d *Deriver) versionsOf(ref model.Ref) []*version {
	if refOf(d.changed) == ref {
		return d.changed
	}
	if at, known := d.position[ref]; known {
		return d.services[at]
	}
	return nil
}

// swapGroups puts changed groups in the place of what they were, wherever a path
// into a service looks at them: at the tasks of every service, and, if what the
// groups let out has changed, at those who call.
func (d *Deriver) swapGroups(before map[string]*model.SecurityGroup) {
	swap := newSwap(d, slices.Collect(maps.Keys(before)))
	for id, old := range before {
		now, missing := d.ix.SecurityGroup(id)
		swap.egress = swap.egress || missing != nil || !slices.Equal(old.Egress, now.Egress)
	}
	d.swaps = append(slices.Clip(d.swaps), swap)
	if !swap.egress {
		return
	}
	d.callers, d.neighbours = swap.callers(d.callers), swap.callers(d.neighbours)
}

// node is the interface of a load balancer, with the groups that were changed.
func (d *Deriver) node(lb *model.LoadBalancer) *netInterface {
	n := d.nodes[lb]
	for _, swap := range d.swaps {
		n = swap.swapped(n)
	}
	return n
}

// groupSwap puts security groups in the place of what they were.
type groupSwap struct {
	ix    *model.Index
	users map[string]int
	// ids are the changed groups.
	ids []string
	// egress is set when what they let out has changed.
	egress bool
	// done are the interfaces that have them.
	done map[*netInterface]*netInterface
}

func newSwap(d *Deriver, ids []string) *groupSwap {
	return &groupSwap{ix: d.ix, users: d.users, ids: ids, done: map[*netInterface]*netInterface{}}
}

// swapped is an interface with the changed groups: the same one if it has none.
func (s *groupSwap) swapped(n *netInterface) *netInterface {
	if n == nil || !slices.ContainsFunc(s.ids, n.hasGroup) {
		return n
	}
	if known := s.done[n]; known != nil {
		return known
	}
	next := *n
	next.groups = slices.Clone(n.groups)
	for i, g := range next.groups {
		if now, missing := s.ix.SecurityGroup(g.ID); missing == nil {
			next.groups[i] = now
		}
	}
	next.kinds = slices.Clone(n.kinds)
	for i := range next.kinds {
		next.kinds[i] = s.swapped(next.kinds[i])
	}
	next.findNarrowest(s.users)
	s.done[n] = &next
	return &next
}

// versions are versions with the changed groups.
func (s *groupSwap) versions(all []*version) []*version {
	out, differ := all, false
	for i, v := range all {
		iface := s.swapped(v.iface)
		if iface == v.iface {
			continue
		}
		if !differ {
			out, differ = slices.Clone(all), true
		}
		next := *v
		next.iface = iface
		out[i] = &next
	}
	return out
}

// callers are sets of callers with the changed groups.
func (s *groupSwap) callers(all map[string]*namespaceCallers) map[string]*namespaceCallers {
	out := make(map[string]*namespaceCallers, len(all))
	for key, ns := range all {
		out[key] = s.namespace(ns)
	}
	return out
}

func (s *groupSwap) namespace(ns *namespaceCallers) *namespaceCallers {
	differs := func(p *profile) bool { return s.swapped(p.iface) != p.iface }
	if !slices.ContainsFunc(ns.profiles, differs) && !slices.ContainsFunc(ns.apart, differs) {
		return ns
	}
	next := ns.rebuilt(s.swapped, model.Ref{})
	next.seal()
	return next
}
