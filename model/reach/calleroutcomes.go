package reach

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
)

// outcome is what a set of callers meets at an endpoint.
type outcome struct {
	// id is its key.
	id       string
	crossing crossing
	// intended is a sign that refused callers are to be admitted; see [Facts].
	intended bool
	// past is set when before, the rule that names admitted callers on the container
	// port, lets them past the agent.
	past   bool
	before decision
	// bound are the host ports that tasks have now, where the callers are admitted on
	// them and not known to be on others.
	bound []int
	// shapes are joined as a whole, less what other outcomes took.
	shapes []*shape
	// extra are the profiles that joined one by one, in order.
	extra []*profile
	// faces are some interfaces of the shapes' callers, for words: enough to tell one
	// group from many.
	faces []*netInterface
	// sampled is set when there are more interfaces than faces.
	sampled bool
	refs    *Callers
	// oneShape and fewFaces are the room that most outcomes need.
	oneShape [1]*shape
	fewFaces [shownGroups + 1]*netInterface
}

// appendKey appends what tells outcomes apart: callers with the same outcome share a
// path.
func (o *outcome) appendKey(b []byte) []byte {
	if o.crossing.access == Allowed && !o.past && o.bound == nil {
		return append(b, Allowed...)
	}
	b = append(b, o.crossing.access...)
	if o.bound != nil {
		b = append(b, " now"...)
	}
	if o.intended {
		b = append(b, " intended"...)
	}
	if o.past {
		b = append(b, " side door"...)
	}
	if o.unsure() {
		b = append(b, " unsure"...)
		b = appendReasons(b, o.crossing.missing)
	}
	decisions := o.crossing.decisions()
	for i := range decisions {
		dec := &decisions[i]
		if dec.access == Allowed {
			continue
		}
		b = append(append(b, ' '), dec.kind...)
		b = append(append(b, '='), dec.access...)
		switch {
		case dec.access == AccessUnknown && len(dec.missing) > 0:
			b = appendReasons(b, dec.missing)
		case dec.access == AccessUnknown || dec.kind == CheckNetworkACL:
			b = append(b, dec.note...)
		}
	}
	return b
}

// unsure tells whether callers are refused, and it cannot be said whether they
// are to be admitted.
func (o *outcome) unsure() bool { return o.crossing.access == Blocked && len(o.crossing.missing) > 0 }

// interfaces are some interfaces of all callers, for words.
func (o *outcome) interfaces() []*netInterface {
	all := slices.Clip(o.faces)
	for _, p := range o.extra {
		all = append(all, p.iface)
	}
	return all
}

// common are the groups that all callers have, as far as many others have them too.
func (o *outcome) common() []string {
	var out []string
	for i, sh := range o.shapes {
		if i == 0 {
			out = slices.Clone(sh.common)
		}
		out = slices.DeleteFunc(out, func(id string) bool { return !slices.Contains(sh.common, id) })
	}
	for _, p := range o.extra {
		out = slices.DeleteFunc(out, func(id string) bool { return !p.iface.hasGroup(id) })
	}
	return out
}

// judge says what callers with one interface meet.
type judge func(from *netInterface, o *outcome)

// judgement collects the outcomes of an endpoint.
type judgement struct {
	judge judge
	// trial is the outcome that is being looked at, key its key.
	trial outcome
	key   []byte
	all   []*outcome
}

// outcomeOf is the outcome of callers with an interface, one that others have had before if
// it is the same.
func (j *judgement) outcomeOf(iface *netInterface) *outcome {
	j.trial = outcome{}
	j.judge(iface, &j.trial)
	j.key = j.trial.appendKey(j.key[:0])
	for _, known := range j.all {
		if known.id == string(j.key) {
			return known
		}
	}
	o := new(outcome)
	*o = j.trial
	o.id = internKey(j.key)
	o.shapes, o.faces = o.oneShape[:0], o.fewFaces[:0]
	j.all = append(j.all, o)
	return o
}

// internKey is the text of a key, without making it for the most frequent one.
func internKey(key []byte) string {
	if string(key) == string(Allowed) {
		return string(Allowed)
	}
	return string(key)
}

// outcomes judges all callers of an endpoint, except the target itself.
func (ns *namespaceCallers) outcomes(target model.Ref, to *netInterface, judge judge) []*outcome {
	named, namedShapes := ns.namedBetween(to)
	j := judgement{judge: judge, key: make([]byte, 0, usualKey), all: make([]*outcome, 0, usualOutcomes)}
	families := make([]*outcome, ns.families)
	for _, sh := range ns.shapes {
		alike := &families[sh.family]
		if slices.Contains(namedShapes, sh) {
			alike = new(*outcome)
		}
		joined := false
		for _, p := range sh.profiles {
			if containsProfile(named, p) || p.isOnly(target) {
				continue
			}
			if *alike == nil {
				*alike = j.outcomeOf(p.iface)
			}
			o := *alike
			if !joined {
				joined, o.shapes = true, append(o.shapes, sh)
			}
			if o.faces = append(o.faces, p.iface); len(o.faces) > shownGroups {
				o.sampled = true
				break
			}
		}
	}
	for _, p := range named {
		if p.isOnly(target) {
			continue
		}
		o := j.outcomeOf(p.iface)
		if o.extra == nil {
			o.extra = make([]*profile, 0, len(named))
		}
		o.extra = append(o.extra, p)
	}
	all := slices.DeleteFunc(j.all, func(o *outcome) bool {
		o.refs = ns.members(o, named, target)
		return o.refs.Len() == 0
	})
	slices.SortFunc(all, func(a, b *outcome) int { return cmp.Compare(a.id, b.id) })
	return all
}

// usualOutcomes is how many outcomes an endpoint usually has, usualKey how long the
// key of one is.
const usualOutcomes, usualKey = 2, 96

// isOnly tells whether a service is the only member.
func (p *profile) isOnly(ref model.Ref) bool { return len(p.members) == 1 && p.members[0] == ref }

// meet notes what the callers of the path meet.
func (p *Path) meet(o *outcome) {
	p.Source.Services, p.Access, p.Facts.Intended, p.outcome = o.refs, o.crossing.access, o.intended, o.id
	p.Facts.Bound = o.bound
}

// appendPaths adds a path for each set of callers that share an outcome, or one
// without callers. There may be no callers at all.
func (ns *namespaceCallers) appendPaths(paths []Path, v *version, judge judge, path func(*outcome) Path) []Path {
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
	c := &Callers{base: ns.union(o.shapes), shapes: o.shapes}
	for _, sh := range o.shapes {
		c.digest += sh.digest
	}
	in := func(p *profile) bool { return p.shape != nil && slices.Contains(o.shapes, p.shape) }
	left, added := 1, 0
	for _, p := range named {
		left += len(p.members)
		added += len(p.members)
	}
	if len(o.extra) > 0 {
		c.extra = make([]model.Ref, 0, added)
	}
	for _, p := range o.extra {
		if !in(p) {
			c.extra = append(c.extra, p.members...)
			c.digest += p.digest
			c.changing = c.changing || p.shape == nil
		}
	}
	if len(c.extra) > 0 {
		slices.SortFunc(c.extra, model.Ref.Compare)
		c.extra = slices.Compact(c.extra)
		c.base = merged(c.base, c.extra)
	}
	skip := make([]int, 0, left)
	leave := func(ref model.Ref) {
		if at, found := slices.BinarySearchFunc(c.base, ref, model.Ref.Compare); found {
			skip = append(skip, at)
		}
	}
	leave(target)
	for _, p := range named {
		if in(p) && !containsProfile(o.extra, p) {
			for _, ref := range p.members {
				leave(ref)
			}
		}
	}
	slices.Sort(skip)
	c.skip = slices.Compact(skip)
	for _, at := range c.skip {
		c.digest -= digestOf(c.base[at], "")
	}
	return c
}

// merged is one sorted list of two.
func merged(a, b []model.Ref) []model.Ref {
	if len(a) == 0 {
		return b
	}
	out := slices.Concat(a, b)
	slices.SortFunc(out, model.Ref.Compare)
	return out
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
