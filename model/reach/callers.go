package reach

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"hopscope/model"
)

// A namespace of n services has n endpoints with n-1 callers each. To stay far
// from n² decisions, callers are judged by profile (equal network interfaces),
// profiles by shape (what differs is at most the groups that few have), and shapes by
// family (what differs is groups alone): shapes of a family are treated alike by every
// endpoint unless a rule names a group of one. Only the profiles whose own groups a rule
// names are judged one by one. So the decisions for an endpoint are as many as there are
// classes of callers that its rules tell apart.

// namespaceCallers are the possible callers of an endpoint: the Service Connect
// services of a namespace, or the services in a VPC.
type namespaceCallers struct {
	// refs are those that have a shape, sorted.
	refs     []model.Ref
	profiles []*profile
	shapes   []*shape
	families int
	// apart are profiles of services in transition: without a shape, and always
	// judged one by one.
	apart []*profile
	// inGroup are those that have a group, byEgress those with an egress rule to a group.
	inGroup, byEgress groupUsers
	// byInterface finds the profile of an interface while callers are added.
	byInterface map[*netInterface]*profile
	// unions are the refs of several shapes together, by the shapes' indexes;
	// made when first asked for, by any worker.
	unions map[string][]model.Ref
	mu     sync.Mutex
}

// profile is the set of callers that have equal network interfaces.
type profile struct {
	index   int
	iface   *netInterface
	shape   *shape
	members []model.Ref
	// only is the room for the members of most profiles.
	only   [1]model.Ref
	digest digest
}

// shape is the set of profiles that differ in nothing but groups that few have.
type shape struct {
	index int
	// family is the same number for shapes that differ in groups alone.
	family   int
	profiles []*profile
	refs     []model.Ref
	digest   digest
	// common are the groups of all its profiles that many have.
	common []string
}

// groupUsers are the profiles that have to do with each security group, where they are
// few, and the shapes where they are many.
type groupUsers struct {
	few  map[string][]*profile
	many map[string][]*shape
}

// part makes room for shapes at the groups with many profiles.
func (u *groupUsers) part(many int) {
	u.many = map[string][]*shape{}
	for id, profiles := range u.few {
		if len(profiles) > many {
			delete(u.few, id)
			u.many[id] = nil
		}
	}
}

// addMany notes a shape at its groups with many profiles.
func (u *groupUsers) addMany(ids []string, sh *shape) {
	for _, id := range ids {
		u.many[id] = append(u.many[id], sh)
	}
}

// withMany are the groups with many profiles.
func (u *groupUsers) withMany(ids []string) []string {
	var out []string
	if len(u.many) > 0 {
		for _, id := range ids {
			if _, many := u.many[id]; many {
				out = append(out, id)
			}
		}
	}
	return out
}

// indexCallers sorts the services that have an agent into their namespaces, and
// those that have network interfaces of their own into their VPCs, where any
// service is discovered by name.
func (d *Deriver) indexCallers() {
	d.discovered = d.discoveredVPCs()
	d.callers, d.neighbours = map[string]*namespaceCallers{}, map[string]*namespaceCallers{}
	var room []caller
	for _, versions := range d.services {
		for _, c := range d.appendCallers(room[:0], versions) {
			to := d.callers
			if c.neighbour {
				to = d.neighbours
			}
			if to[c.of] == nil {
				to[c.of] = newNamespaceCallers()
			}
			to[c.of].add(refOf(versions), &c)
		}
	}
	d.findUnresolved()
	for _, ns := range d.callers {
		ns.seal()
	}
	for _, vpc := range d.neighbours {
		vpc.seal()
	}
}

// caller is a version of a service as one who may call.
type caller struct {
	// of is the key of the namespace, or the VPC of a neighbour.
	of        string
	neighbour bool
	iface     *netInterface
	// role tells the versions of one service apart that differ in their interfaces: the
	// service may meet two outcomes. It is "" of all others.
	role string
}

// appendCallers appends what versions of a service are as callers.
func (d *Deriver) appendCallers(to []caller, versions []*version) []caller {
	differ := slices.ContainsFunc(versions, func(v *version) bool { return v.iface != versions[0].iface })
	for _, v := range versions {
		c := caller{iface: v.iface}
		if differ {
			c.role = cmp.Or(v.role, model.PrimaryDeployment)
		}
		if v.deployment.ServiceConnect.Active() {
			key, _ := d.ix.NamespaceOf(v.service, v.deployment.ServiceConnect)
			c.of = key.Key
			to = append(to, c)
		}
		if d.discovered[v.iface.vpc] {
			c.of, c.neighbour = v.iface.vpc, true
			to = append(to, c)
		}
	}
	return to
}

// findUnresolved finds a service whose namespace could not be resolved.
func (d *Deriver) findUnresolved() {
	d.unresolved = nil
	for _, versions := range d.services {
		for _, v := range d.versionsOf(refOf(versions)) {
			if !v.deployment.ServiceConnect.Active() {
				continue
			}
			_, missing := d.ix.NamespaceOf(v.service, v.deployment.ServiceConnect)
			if missing != nil && missing.State != model.Absent {
				d.unresolved = missing
			}
		}
	}
}

// changeCallers puts the versions of a service in the place of what they were, in the
// namespaces and VPCs in which that makes a difference.
func (d *Deriver) changeCallers(old, now []*version) {
	if len(old) != len(now) && d.unresolved != nil {
		d.findUnresolved()
	}
	before, after := d.appendCallers(nil, old), d.appendCallers(nil, now)
	all := slices.Concat(before, after)
	for i := range all {
		at := &all[i]
		if slices.IndexFunc(all, at.beside) < i || slices.Equal(at.among(before), at.among(after)) {
			continue
		}
		to := &d.callers
		if at.neighbour {
			to = &d.neighbours
		}
		*to = maps.Clone(*to)
		(*to)[at.of] = d.replaced((*to)[at.of], refOf(old), at.among(after))
	}
}

// replaced are the callers with a service in the place of what it was.
func (d *Deriver) replaced(ns *namespaceCallers, ref model.Ref, now []caller) *namespaceCallers {
	next := ns.rebuilt(func(n *netInterface) *netInterface { return n }, ref)
	for _, c := range now {
		for _, swap := range d.swaps {
			if swap.egress {
				c.iface = swap.swapped(c.iface)
			}
		}
		next.add(ref, &c)
	}
	next.seal()
	return next
}

// beside tells whether two callers are in one namespace or VPC.
func (c *caller) beside(o caller) bool { return c.of == o.of && c.neighbour == o.neighbour }

// among are those of the versions of a service that are in the same namespace or VPC, the
// same ones once.
func (c *caller) among(all []caller) []caller {
	var out []caller
	for _, o := range all {
		if c.beside(o) && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// discoveredVPCs are the VPCs in which a service is registered in Cloud Map: in
// the others no path needs the neighbours.
func (d *Deriver) discoveredVPCs() map[string]bool {
	out := map[string]bool{}
	for _, versions := range d.services {
		for _, v := range versions {
			if len(v.service.ServiceRegistries) > 0 && v.iface.vpc != "" {
				out[v.iface.vpc] = true
			}
		}
	}
	return out
}

func newNamespaceCallers() *namespaceCallers {
	return &namespaceCallers{
		inGroup: groupUsers{few: map[string][]*profile{}}, byEgress: groupUsers{few: map[string][]*profile{}},
		byInterface: map[*netInterface]*profile{}, unions: map[string][]model.Ref{},
	}
}

// add adds a version of a service; its versions come one after the other.
func (ns *namespaceCallers) add(ref model.Ref, c *caller) {
	if c.role != "" {
		ns.apart = append(ns.apart, &profile{iface: c.iface, members: []model.Ref{ref}, digest: digestOf(ref, c.role)})
		return
	}
	ns.join(ref, c.iface)
}

// join adds a service whose versions have one interface.
func (ns *namespaceCallers) join(ref model.Ref, iface *netInterface) {
	p := ns.byInterface[iface]
	if p != nil && p.members[len(p.members)-1] == ref {
		return // the service's version before had the same interfaces
	}
	ns.refs = append(ns.refs, ref)
	if p == nil {
		p = &profile{iface: iface}
		p.members = p.only[:0]
		ns.byInterface[iface] = p
		ns.profiles = append(ns.profiles, p)
	}
	p.members = append(p.members, ref)
}

// rebuilt are the callers with other interfaces, less one service: to be sealed.
func (ns *namespaceCallers) rebuilt(iface func(*netInterface) *netInterface, less model.Ref) *namespaceCallers {
	next := newNamespaceCallers()
	for _, p := range ns.profiles {
		to := iface(p.iface)
		for _, ref := range p.members {
			if ref != less {
				next.join(ref, to)
			}
		}
	}
	for _, p := range ns.apart {
		if p.members[0] != less {
			next.apart = append(next.apart, &profile{iface: iface(p.iface), members: p.members, digest: p.digest})
		}
	}
	return next
}

// seal sorts everything and builds the look-ups once all callers are in.
func (ns *namespaceCallers) seal() {
	slices.SortFunc(ns.refs, model.Ref.Compare)
	for _, p := range ns.profiles {
		slices.SortFunc(p.members, model.Ref.Compare)
		p.digest = digestOfAll(p.members)
	}
	slices.SortFunc(ns.profiles, func(a, b *profile) int { return a.members[0].Compare(b.members[0]) })
	slices.SortStableFunc(ns.apart, func(a, b *profile) int { return a.members[0].Compare(b.members[0]) })
	for i, p := range ns.apart {
		p.index = len(ns.profiles) + i
	}
	for i, p := range ns.profiles {
		p.index = i
		for _, id := range p.iface.groupIDs {
			ns.inGroup.few[id] = append(ns.inGroup.few[id], p)
		}
		for _, id := range p.iface.egressGroups() {
			ns.byEgress.few[id] = append(ns.byEgress.few[id], p)
		}
	}
	// A rule names this many profiles at most, and there are not more shapes than that
	// unless profiles have several groups of many.
	many := int(math.Sqrt(float64(len(ns.profiles))))
	ns.inGroup.part(many)
	ns.byEgress.part(many)
	ns.findShapes()
}

// findShapes sorts the profiles into shapes, and these into families.
func (ns *namespaceCallers) findShapes() {
	shapes, families := map[string]*shape{}, map[string]int{}
	var key []byte
	for _, p := range ns.profiles {
		key = p.iface.appendFamilyKey(key[:0])
		family := len(key)
		common, reached := ns.inGroup.withMany(p.iface.groupIDs), ns.byEgress.withMany(p.iface.egressGroups())
		for _, id := range common {
			key = append(append(key, '|'), id...)
		}
		for _, id := range reached {
			key = p.iface.appendEgress(append(key, '>'), id)
		}
		sh := shapes[string(key)]
		if sh == nil {
			sh = &shape{index: len(ns.shapes), common: common}
			shapes[string(key)] = sh
			ns.shapes = append(ns.shapes, sh)
			number, known := families[string(key[:family])]
			if !known {
				number = len(families)
				families[string(key[:family])] = number
			}
			sh.family = number
			ns.inGroup.addMany(common, sh)
			ns.byEgress.addMany(reached, sh)
		}
		p.shape = sh
		sh.profiles = append(sh.profiles, p)
		sh.refs = append(sh.refs, p.members...)
		sh.digest += p.digest
	}
	ns.families = len(families)
	for _, sh := range ns.shapes {
		slices.SortFunc(sh.refs, model.Ref.Compare)
	}
}

// egressGroups are the groups that the interface's egress rules name.
func (n *netInterface) egressGroups() []string {
	var ids []string
	for _, g := range n.groups {
		for i := range g.Egress {
			if ref := g.Egress[i].Group; ref != nil {
				ids = append(ids, ref.ID)
			}
		}
	}
	return sorted(ids)
}

// appendEgress appends the egress rules to a group.
func (n *netInterface) appendEgress(b []byte, id string) []byte {
	var rules []string
	for _, g := range n.groups {
		for i := range g.Egress {
			if r := &g.Egress[i]; r.Group != nil && r.Group.ID == id {
				rules = append(rules, string(appendRule(nil, r))+r.Group.PeeringStatus)
			}
		}
	}
	return append(append(b, id...), strings.Join(sorted(rules), ";")...)
}

// appendFamilyKey appends what is equal for interfaces that every rule which names
// neither of their groups, and every group that their egress rules do not name,
// treats alike: same subnets, and same egress rules to addresses.
func (n *netInterface) appendFamilyKey(b []byte) []byte {
	if n.unknown != nil {
		b = append(b, "unknown"...)
	}
	for _, k := range n.kinds {
		b = append(append(b, k.key...), " or "...)
	}
	if n.unplaced != nil {
		b = append(b, n.unplaced.String()...)
	}
	for _, s := range n.subnets {
		b = append(append(b, s.ID...), ',')
	}
	for i := range n.missingSubnets {
		b = append(b, n.missingSubnets[i].String()...)
	}
	b = appendReasons(b, n.missingGroups)
	b = append(b, '|')
	var one *model.SecurityGroupRule
	var several []string
	for _, g := range n.groups {
		for i := range g.Egress {
			switch r := &g.Egress[i]; {
			case r.Group != nil:
			case one == nil:
				one = r
			default:
				several = append(several, string(appendRule(nil, r)))
			}
		}
	}
	switch {
	case one == nil:
		return b
	case several == nil:
		return appendRule(b, one)
	}
	several = append(several, string(appendRule(nil, one)))
	return append(b, strings.Join(sorted(several), ";")...)
}

// appendReasons appends why facts are missing, and not which they are: callers whose own
// groups were not read meet the same, each for want of another one.
func appendReasons(b []byte, all []model.Missing) []byte {
	for i := range all {
		if i == 0 || all[i].Action != all[i-1].Action || all[i].State != all[i-1].State {
			b = append(append(append(b, all[i].Action...), ' '), all[i].State...)
		}
	}
	return b
}

// appendRule appends what a rule to addresses says.
func appendRule(b []byte, r *model.SecurityGroupRule) []byte {
	b = append(append(b, r.Protocol...), ' ')
	b = append(strconv.AppendInt(b, int64(r.FromPort), 10), '-')
	b = append(strconv.AppendInt(b, int64(r.ToPort), 10), ' ')
	if r.PrefixList != "" {
		return append(b, r.PrefixList...)
	}
	return r.CIDR.AppendTo(b)
}

// namedBetween are the profiles and the shapes that a rule between them and the target
// names, the profiles in order: to be judged one by one.
func (ns *namespaceCallers) namedBetween(to *netInterface) ([]*profile, []*shape) {
	n := len(ns.apart)
	for _, g := range to.groups {
		n += len(g.Ingress)
	}
	out := make([]*profile, 0, n)
	var shapes []*shape
	for _, g := range to.groups {
		for i := range g.Ingress {
			if ref := g.Ingress[i].Group; ref != nil {
				out, shapes = append(out, ns.inGroup.few[ref.ID]...), append(shapes, ns.inGroup.many[ref.ID]...)
			}
		}
	}
	for _, id := range ns.reached(to) {
		out, shapes = append(out, ns.byEgress.few[id]...), append(shapes, ns.byEgress.many[id]...)
	}
	slices.SortFunc(out, func(a, b *profile) int { return cmp.Compare(a.index, b.index) })
	return append(slices.Compact(out), ns.apart...), shapes
}

// reached are the groups of a target that egress rules may name: of one whose groups are
// not known any group.
func (ns *namespaceCallers) reached(to *netInterface) []string {
	if len(to.groupIDs) > 0 || len(to.missingGroups) == 0 {
		return to.groupIDs
	}
	return slices.Concat(slices.Collect(maps.Keys(ns.byEgress.few)), slices.Collect(maps.Keys(ns.byEgress.many)))
}

// containsProfile finds a profile in a list that is in order.
func containsProfile(inOrder []*profile, p *profile) bool {
	_, found := slices.BinarySearchFunc(inOrder, p, func(a, b *profile) int { return cmp.Compare(a.index, b.index) })
	return found
}
