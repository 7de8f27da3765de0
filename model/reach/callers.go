package reach

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"hopscope/model"
)

// A namespace of n services has n endpoints with n-1 callers each. To stay far
// from n² decisions, callers are judged by profile (equal network interfaces),
// and profiles by shape: profiles that differ only in the ids of their groups
// are treated alike by every endpoint whose rules name none of those groups.
// Only the profiles that a rule does name are judged one by one.

// namespaceCallers are the possible callers of an endpoint: the Service Connect
// services of a namespace, or the services in a VPC.
type namespaceCallers struct {
	// refs are those that have a shape, sorted.
	refs     []model.Ref
	profiles []*profile
	shapes   []*shape
	// apart are profiles of services in transition: without a shape, and always
	// judged one by one.
	apart []*profile
	// inGroup are the profiles that have a group, byEgress those with an
	// egress rule to a group.
	inGroup, byEgress map[string][]*profile
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
	digest  digest
}

// shape is the set of profiles that differ in nothing but group ids.
type shape struct {
	index    int
	profiles []*profile
	refs     []model.Ref
	digest   digest
}

// indexCallers sorts the services that have an agent into their namespaces, and
// those that have network interfaces of their own into their VPCs, where any
// service is discovered by name.
func (d *common) indexCallers() {
	discovered := d.discoveredVPCs()
	for _, versions := range d.services {
		differ := slices.ContainsFunc(versions, func(v *version) bool { return v.iface != versions[0].iface })
		for _, v := range versions {
			if v.deployment.ServiceConnect.Active() {
				key, missing := d.ix.NamespaceOf(v.service, v.deployment.ServiceConnect)
				if missing != nil && missing.State != model.Absent {
					d.unresolved = missing
				}
				addCaller(d.callers, key.Key, v, differ)
			}
			if discovered[v.iface.vpc] {
				addCaller(d.neighbours, v.iface.vpc, v, differ)
			}
		}
	}
	for _, ns := range d.callers {
		ns.seal()
	}
	for _, vpc := range d.neighbours {
		vpc.seal()
	}
}

// discoveredVPCs are the VPCs in which a service is registered in Cloud Map: in
// the others nobody asks for the neighbours.
func (d *common) discoveredVPCs() map[string]bool {
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
		inGroup: map[string][]*profile{}, byEgress: map[string][]*profile{},
		byInterface: map[*netInterface]*profile{}, unions: map[string][]model.Ref{},
	}
}

// addCaller adds a version to the callers. Versions of one service that differ in
// their interfaces are judged one by one, so that the service may meet two
// outcomes.
func addCaller(to map[string]*namespaceCallers, key string, v *version, apart bool) {
	ns := to[key]
	if ns == nil {
		ns = newNamespaceCallers()
		to[key] = ns
	}
	if apart {
		ref, role := v.service.Ref(), cmp.Or(v.role, model.PrimaryDeployment)
		ns.apart = append(ns.apart, &profile{iface: v.iface, members: []model.Ref{ref}, digest: digestOf(ref, role)})
		return
	}
	ns.add(v.service.Ref(), v.iface)
}

// add adds a service; its versions come one after the other.
func (ns *namespaceCallers) add(ref model.Ref, iface *netInterface) {
	p := ns.byInterface[iface]
	if p != nil && p.members[len(p.members)-1] == ref {
		return // the service's version before had the same interfaces
	}
	ns.refs = append(ns.refs, ref)
	if p == nil {
		p = &profile{iface: iface}
		ns.byInterface[iface] = p
		ns.profiles = append(ns.profiles, p)
	}
	p.members = append(p.members, ref)
}

// seal sorts everything and builds the look-ups once all callers are in.
func (ns *namespaceCallers) seal() {
	slices.SortFunc(ns.refs, model.Ref.Compare)
	for _, p := range ns.profiles {
		slices.SortFunc(p.members, model.Ref.Compare)
		p.digest = digestOfAll(p.members)
	}
	slices.SortFunc(ns.profiles, func(a, b *profile) int { return a.members[0].Compare(b.members[0]) })
	shapes := map[string]*shape{}
	for i, p := range ns.apart {
		p.index = len(ns.profiles) + i
	}
	for i, p := range ns.profiles {
		p.index = i
		key := p.iface.shapeKey()
		sh := shapes[key]
		if sh == nil {
			sh = &shape{index: len(ns.shapes)}
			shapes[key] = sh
			ns.shapes = append(ns.shapes, sh)
		}
		p.shape = sh
		sh.profiles = append(sh.profiles, p)
		sh.refs = append(sh.refs, p.members...)
		sh.digest += p.digest
		for _, id := range p.iface.groupIDs {
			ns.inGroup[id] = append(ns.inGroup[id], p)
		}
		for _, id := range p.iface.egressGroups() {
			ns.byEgress[id] = append(ns.byEgress[id], p)
		}
	}
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

// shapeKey is equal for interfaces that every rule which names neither of their
// groups, and every group that their egress rules do not name, treats alike:
// same subnets, and same egress rules to addresses.
func (n *netInterface) shapeKey() string {
	var b strings.Builder
	if n.unknown != nil {
		b.WriteString("unknown")
	}
	for _, k := range n.kinds {
		b.WriteString(k.key + " or ")
	}
	for _, s := range n.subnets {
		b.WriteString(s.ID)
		b.WriteByte(',')
	}
	for _, m := range slices.Concat(n.missingSubnets, n.missingGroups) {
		b.WriteString(m.String())
	}
	var egress []string
	for _, g := range n.groups {
		for i := range g.Egress {
			if r := &g.Egress[i]; r.Group == nil {
				egress = append(egress, r.Protocol+" "+strconv.Itoa(r.FromPort)+"-"+strconv.Itoa(r.ToPort)+" "+r.Peer())
			}
		}
	}
	b.WriteByte('|')
	b.WriteString(strings.Join(sorted(egress), ";"))
	return b.String()
}

// named are the profiles that a rule between them and the target names, in
// order: to be judged one by one.
func (ns *namespaceCallers) named(to *netInterface) []*profile {
	var out []*profile
	for _, g := range to.groups {
		for i := range g.Ingress {
			if ref := g.Ingress[i].Group; ref != nil {
				out = append(out, ns.inGroup[ref.ID]...)
			}
		}
	}
	for _, id := range to.groupIDs {
		out = append(out, ns.byEgress[id]...)
	}
	slices.SortFunc(out, func(a, b *profile) int { return cmp.Compare(a.index, b.index) })
	return append(slices.Compact(out), ns.apart...)
}

// containsProfile finds a profile in a list that is in order.
func containsProfile(inOrder []*profile, p *profile) bool {
	_, found := slices.BinarySearchFunc(inOrder, p, func(a, b *profile) int { return cmp.Compare(a.index, b.index) })
	return found
}

// outcome is what a set of callers meets at an endpoint.
type outcome struct {
	// id is its key.
	id       string
	crossing crossing
	// meant is a sign that refused callers are meant to call; see [Facts].
	meant bool
	// sideDoor is the rule that names admitted callers on the container port
	// too, nil if none does.
	sideDoor *decision
	// shapes are joined as a whole, less what other outcomes took.
	shapes []*shape
	// extra are the profiles that joined one by one, in order.
	extra []*profile
	// faces are some interfaces of the callers, for words: enough to tell one
	// group from many.
	faces []*netInterface
	// sampled is set when there are more interfaces than faces.
	sampled bool
	refs    *Callers
}

// key tells outcomes apart: callers with the same outcome share a path.
func (o *outcome) key() string {
	if o.crossing.access == Allowed && o.sideDoor == nil {
		return string(Allowed)
	}
	var b strings.Builder
	b.Grow(96)
	b.WriteString(string(o.crossing.access))
	if o.meant {
		b.WriteString(" meant")
	}
	if o.sideDoor != nil {
		b.WriteString(" side door")
	}
	if o.unsure() {
		b.WriteString(" unsure")
		for i := range o.crossing.missing {
			b.WriteString(o.crossing.missing[i].String())
		}
	}
	for i := range o.crossing.decisions {
		dec := &o.crossing.decisions[i]
		if dec.access != Allowed {
			b.WriteString(" " + string(dec.kind) + "=" + string(dec.access))
			if dec.access == AccessUnknown || dec.kind == CheckNetworkACL {
				b.WriteString(dec.note)
			}
		}
	}
	return b.String()
}

// unsure tells whether callers are refused, and it cannot be said whether they
// are meant to call.
func (o *outcome) unsure() bool { return o.crossing.access == Blocked && len(o.crossing.missing) > 0 }

// outcomes judges all callers of an endpoint, except the target itself.
func (ns *namespaceCallers) outcomes(target model.Ref, to *netInterface, judge func(*netInterface) *outcome) []*outcome {
	named := ns.named(to)
	var all []*outcome
	join := func(o *outcome) *outcome {
		o.id = o.key()
		for _, known := range all {
			if known.id == o.id {
				return known
			}
		}
		all = append(all, o)
		return o
	}
	for _, sh := range ns.shapes {
		var o *outcome
		for _, p := range sh.profiles {
			switch {
			case containsProfile(named, p) || (len(p.members) == 1 && p.members[0] == target):
				continue
			case o == nil:
				o = join(judge(p.iface))
				o.shapes = append(o.shapes, sh)
			}
			if o.faces = append(o.faces, p.iface); len(o.faces) > shownGroups {
				o.sampled = true
				break
			}
		}
	}
	for _, p := range named {
		if len(p.members) == 1 && p.members[0] == target {
			continue
		}
		o := join(judge(p.iface))
		o.extra = append(o.extra, p)
		o.faces = append(o.faces, p.iface)
	}
	all = slices.DeleteFunc(all, func(o *outcome) bool {
		o.refs = ns.members(o, named, target)
		return o.refs.Len() == 0
	})
	slices.SortFunc(all, func(a, b *outcome) int { return cmp.Compare(a.id, b.id) })
	return all
}

// meet notes what the callers of the path meet.
func (p *Path) meet(o *outcome) {
	p.Source.Services, p.Access, p.Facts.Meant, p.outcome = o.refs, o.crossing.access, o.meant, o.id
}

// appendPaths adds a path for each set of callers that share an outcome, or one
// without callers. There may be no callers at all.
func (ns *namespaceCallers) appendPaths(paths []Path, v *version, judge func(*netInterface) *outcome, path func(*outcome) Path) []Path {
	if ns == nil {
		return append(paths, path(nil))
	}
	all := ns.outcomes(v.service.Ref(), v.iface, judge)
	if len(all) == 0 {
		return append(paths, path(nil))
	}
	for _, o := range all {
		paths = append(paths, path(o))
	}
	return paths
}

// members are the callers of an outcome: its shapes' callers, less the named
// profiles that other outcomes took and the target, plus its own named ones.
func (ns *namespaceCallers) members(o *outcome, named []*profile, target model.Ref) *Callers {
	base := ns.union(o.shapes)
	leave := []model.Ref{target}
	var add []model.Ref
	var sum digest
	changing := false
	for _, sh := range o.shapes {
		sum += sh.digest
	}
	for _, p := range named {
		in, own := p.shape != nil && slices.Contains(o.shapes, p.shape), containsProfile(o.extra, p)
		switch {
		case in && !own:
			leave = append(leave, p.members...)
		case !in && own:
			add = append(add, p.members...)
			sum += p.digest
			changing = changing || p.shape == nil
		}
	}
	if len(add) > 0 {
		slices.SortFunc(add, model.Ref.Compare)
		add = slices.Compact(add)
		base = slices.Concat(base, add)
		slices.SortFunc(base, model.Ref.Compare)
	}
	var skip []int
	for _, ref := range leave {
		if at, found := slices.BinarySearchFunc(base, ref, model.Ref.Compare); found {
			skip = append(skip, at)
		}
	}
	slices.Sort(skip)
	skip = slices.Compact(skip)
	for _, at := range skip {
		sum -= digestOf(base[at], "")
	}
	return &Callers{base: base, skip: skip, digest: sum, shapes: o.shapes, extra: add, changing: changing}
}

// union is the sorted list of the callers of several shapes; it is shared by all
// endpoints.
func (ns *namespaceCallers) union(shapes []*shape) []model.Ref {
	switch len(shapes) {
	case 0:
		return nil
	case len(ns.shapes):
		return ns.refs
	case 1:
		return shapes[0].refs
	}
	var key strings.Builder
	for _, sh := range shapes {
		key.WriteString(strconv.Itoa(sh.index))
		key.WriteByte(',')
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	refs := ns.unions[key.String()]
	if refs == nil {
		for _, sh := range shapes {
			refs = append(refs, sh.refs...)
		}
		slices.SortFunc(refs, model.Ref.Compare)
		ns.unions[key.String()] = refs
	}
	return refs
}
