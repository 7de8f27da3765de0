package reach

import (
	"slices"

	"hopscope/model"
)

// Callers is an ordered set of services. A namespace of n services has n
// endpoints with almost the same n callers, so sets share one base list and
// leave members out.
type Callers struct {
	base []model.Ref
	// skip are sorted positions in base that are not members.
	skip   []int
	digest digest
	// shapes are the sets that are joined as a whole, less what skip leaves out, and
	// extra the callers of base that are of no such set, sorted.
	shapes []*shape
	extra  []model.Ref
	// changing is set when a member's tasks of several deployments are judged apart,
	// so that the service may be in another set of the same endpoint as well.
	changing bool
}

// NewCallers is the set of the refs, which must be sorted and are not copied.
func NewCallers(sorted []model.Ref) *Callers {
	return &Callers{base: sorted, extra: sorted, digest: digestOfAll(sorted)}
}

// noCallers is the set of a path that no known service calls on.
var noCallers = &Callers{}

// CountCallers is the number of services that call on any of the paths of an endpoint.
func CountCallers(paths []*Path) int {
	n, changing := 0, false
	for _, p := range paths {
		n += p.Source.Services.Len()
		changing = changing || p.Source.Services.Len() > 0 && p.Source.Services.changing
	}
	if !changing {
		return n
	}
	// A service whose deployments meet different outcomes is in several sets.
	refs := map[model.Ref]bool{}
	for _, p := range paths {
		for ref := range p.Source.Services.All() {
			refs[ref] = true
		}
	}
	return len(refs)
}

// Len is the number of members.
func (c *Callers) Len() int {
	if c == nil {
		return 0
	}
	return len(c.base) - len(c.skip)
}

// All iterates over the members in order.
func (c *Callers) All() func(yield func(model.Ref) bool) {
	return func(yield func(model.Ref) bool) {
		if c == nil {
			return
		}
		skip := c.skip
		for i, ref := range c.base {
			if len(skip) > 0 && skip[0] == i {
				skip = skip[1:]
				continue
			}
			if !yield(ref) {
				return
			}
		}
	}
}

// equal tells whether two sets have the same members.
func (c *Callers) equal(o *Callers) bool {
	if c.Len() != o.Len() {
		return false
	}
	if c == nil || o == nil {
		return true
	}
	if c.digest != o.digest {
		return false
	}
	if c.shareBase(o) && slices.Equal(c.skip, o.skip) {
		return true
	}
	same := true
	for ref := range c.All() {
		if same = o.Contains(ref); !same {
			break
		}
	}
	return same
}

// shareBase tells whether two sets leave members out of one list.
func (c *Callers) shareBase(o *Callers) bool {
	return len(c.base) == len(o.base) && (len(c.base) == 0 || &c.base[0] == &o.base[0])
}

// meets tells whether two sets have a member in common. Paths without callers are
// taken to.
func (c *Callers) meets(o *Callers) bool {
	if c.Len() == 0 || o.Len() == 0 {
		return true
	}
	for ref := range c.All() {
		if o.Contains(ref) {
			return true
		}
	}
	return false
}

// Contains tells whether a service is a member.
func (c *Callers) Contains(ref model.Ref) bool {
	if c == nil {
		return false
	}
	at, found := slices.BinarySearchFunc(c.base, ref, model.Ref.Compare)
	if !found {
		return false
	}
	_, left := slices.BinarySearch(c.skip, at)
	return !left
}

// First returns up to n members.
func (c *Callers) First(n int) []model.Ref {
	out := make([]model.Ref, 0, min(n, c.Len()))
	for ref := range c.All() {
		if len(out) == n {
			break
		}
		out = append(out, ref)
	}
	return out
}

// String names the members, the first few of many: "cart, catalog and 7 more". It is
// "" for a set without members.
func (c *Callers) String() string {
	first := c.First(model.NamesShown)
	names := make([]string, len(first))
	for i, ref := range first {
		names[i] = ref.Service
	}
	return model.Names(names, c.Len())
}
