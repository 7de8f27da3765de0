package reach

import (
	"slices"

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
	// lattice is where VPC Lattice's packets come from.
	lattice *netInterface
	// callers are the Service Connect services of each namespace, neighbours
	// the services with a subnet in each VPC.
	callers, neighbours map[string]*namespaceCallers
	// unresolved is set when a service names its namespace in a way that could
	// not be resolved, because the namespaces were not read: any namespace may
	// then have more callers.
	unresolved *model.Missing
	// swaps are changes of security groups, in order, and changed the versions of a
	// service that stand for those of the snapshot; see [Deriver.With].
	swaps   []*groupSwap
	changed []*version
	// acls remembers what network ACLs say: no change of ours touches them.
	acls map[aclKey]*aclAnswer
}

// NewDeriver computes what the paths of a snapshot share. It is not for use by
// several goroutines, [Deriver.Paths] apart.
func NewDeriver(ix *model.Index) *Deriver {
	d := &Deriver{
		ix:         ix,
		interfaces: newInterfaces(ix),
		position:   map[model.Ref]int{},
		nodes:      map[*model.LoadBalancer]*netInterface{},
		callers:    map[string]*namespaceCallers{},
		neighbours: map[string]*namespaceCallers{},
		acls:       map[aclKey]*aclAnswer{},
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
	d.findNarrowest()
	d.forwards = d.indexForwards()
	d.lattice = d.interfaces.latticeInterface()
	d.attach()
	d.indexCallers()
	return d
}

// Fork is the same deriver with a memory of its own, for another goroutine.
func (d *Deriver) Fork() *Deriver {
	fork := *d
	fork.acls = map[aclKey]*aclAnswer{}
	return &fork
}

// worker derives paths in one goroutine: it remembers what it asks repeatedly.
type worker struct {
	*Deriver
	aclAnswers map[aclKey]*aclAnswer
	crossings  map[crossKey]crossing
}

func (d *Deriver) worker() *worker {
	return &worker{Deriver: d, aclAnswers: map[aclKey]*aclAnswer{}, crossings: map[crossKey]crossing{}}
}

// Into derives the paths into one service, in the order of [Paths].
func (d *Deriver) Into(ref model.Ref) []Path {
	w := d.worker()
	w.aclAnswers = d.acls
	versions := d.versionsOf(ref)
	for _, swap := range d.swaps {
		versions = swap.versions(versions)
	}
	if len(versions) == 0 {
		return nil
	}
	return w.into(versions)
}

// With derives the paths of a snapshot in which a service has another primary
// deployment, with the same tasks in the same network, and security groups have
// other rules. ix is the index of that snapshot ([model.Index.With]); before tells
// of each changed group what it was. The second result is false where more depends
// on the change than is derived again, and the whole has to be.
func (d *Deriver) With(ix *model.Index, service *model.Service, before map[string]*model.SecurityGroup) (*Deriver, bool) {
	copied := *d
	next := &copied
	next.ix = ix
	if service != nil {
		old := d.versionsOf(service.Ref())
		if len(old) != 1 || len(service.Deployments) != 1 || slices.ContainsFunc(old[0].attachments, func(a attachment) bool { return a.registered != 0 }) {
			return nil, false
		}
		v := *old[0]
		v.service, v.deployment = service, &service.Deployments[0]
		if v.deployment.TaskDefinition != old[0].deployment.TaskDefinition || v.deployment.Status != model.PrimaryDeployment {
			return nil, false
		}
		next.changed = []*version{&v}
	}
	if len(before) > 0 {
		next.swapGroups(before)
	}
	return next, true
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
	swap := newSwap(d.ix, before)
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
	ix *model.Index
	// ids are the changed groups.
	ids map[string]bool
	// egress is set when what they let out has changed.
	egress bool
	// done are the interfaces that have them.
	done map[*netInterface]*netInterface
}

func newSwap(ix *model.Index, before map[string]*model.SecurityGroup) *groupSwap {
	s := &groupSwap{ix: ix, ids: map[string]bool{}, done: map[*netInterface]*netInterface{}}
	for id, old := range before {
		s.ids[id] = true
		now, missing := ix.SecurityGroup(id)
		s.egress = s.egress || missing != nil || !slices.Equal(old.Egress, now.Egress)
	}
	return s
}

// swapped is an interface with the changed groups: the same one if it has none.
func (s *groupSwap) swapped(n *netInterface) *netInterface {
	if n == nil || !slices.ContainsFunc(n.groupIDs, func(id string) bool { return s.ids[id] }) {
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
	next := newNamespaceCallers()
	for _, p := range ns.profiles {
		iface := s.swapped(p.iface)
		for _, ref := range p.members {
			next.add(ref, iface)
		}
	}
	for _, p := range ns.apart {
		next.apart = append(next.apart, &profile{iface: s.swapped(p.iface), members: p.members, digest: p.digest})
	}
	next.seal()
	return next
}
