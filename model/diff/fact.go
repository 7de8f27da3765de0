package diff

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Fact is something that was read and differs.
type Fact struct {
	// ID counts within the document: "f1".
	ID     string `json:"id"`
	Change Kind   `json:"change"`
	// Resource names what it is a fact of: "security group sg-1 (web)".
	Resource string `json:"resource"`
	// Field is the field of the resource, or the rule of a group or an ACL; absent where
	// the resource itself appeared or vanished.
	Field string `json:"field,omitempty"`
	// Before and After are the values of a field that changed, absent where it is not set.
	// Of a list, they are the element that appeared or vanished; of a secret that changed,
	// both are "(not shown)".
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// From is the IAM action that reads it.
	From model.Action `json:"from"`

	// service is set where it is a fact of a service alone.
	service model.Ref
	touches func(*reach.Path) bool
	// gap is set where the fact is that something could not be read.
	gap bool
}

// longValue is from where on a value of a field is left out of a sentence.
const longValue = 80

// Sentence says what became of the fact, in one line.
func (f *Fact) Sentence() string {
	switch {
	case f.gap && f.Change == Appeared:
		return f.Resource + ", and was read before"
	case f.gap:
		return f.Resource + " before, and was read after"
	case f.Before == notShown && f.After == notShown:
		return f.Resource + ": " + f.Field + " changed " + notShown
	case f.Change == Changed:
		return f.Resource + ": " + f.Field + " " + cmp.Or(f.Before, "not set") + " → " + cmp.Or(f.After, "not set")
	case f.Field == "":
		return f.Resource + f.verb()
	case f.isRule():
		return f.Field + " of " + f.Resource + f.verb()
	}
	what := f.Field
	if value := cmp.Or(f.Before, f.After); value != "" && len(value) < longValue {
		what += " " + value
	}
	return f.Resource + ": " + what + f.verb()
}

func (f *Fact) isRule() bool {
	return f.From == model.DescribeNetworkAcls || f.From == model.DescribeSecurityGroups && f.Before+f.After == ""
}

func (f *Fact) verb() string {
	if f.Change == Appeared {
		return " added"
	}
	return " removed"
}

// item is a resource of one reading that is compared with that of the other.
type item struct {
	// key names it among all items of a reading.
	key, label string
	from       model.Action
	// value is compared field by field.
	value   any
	service model.Ref
	// touches tells whether a change of a field (or, by "", of the whole) matters to a path.
	touches func(p *reach.Path, field string) bool
	// leaves compares the item with that of the other reading in its own way; nil for all
	// that are compared by their fields.
	leaves func(before, after *item) []leaf
	// fieldsOnly is set where it is no news that the item as a whole appears or vanishes.
	fieldsOnly bool
	gap        bool
}

// families are the beginnings of the items' keys, in the order of facts: what a reader has
// most likely changed comes first.
var families = []string{
	"service ", "security group ", "balancer ", "listener ", "rule ", "group ", "acl ", "subnet ", "prefix list ", "vpc ",
	"namespace ", "discovery ", "gateway ", "revision ", "instance ", "interface ", "traffic ", "gap ",
}

// differences are the facts that differ, sorted by resource.
func differences(before, after *side) []Fact {
	hidden := changedSecrets(before.Snapshot, after.Snapshot)
	was, is := itemsOf(before.Analysis, hidden), itemsOf(after.Analysis, hidden)
	keys := slices.Collect(maps.Keys(was))
	for key := range is {
		if was[key] == nil {
			keys = append(keys, key)
		}
	}
	rank := func(key string) int {
		return slices.IndexFunc(families, func(name string) bool { return strings.HasPrefix(key, name) })
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	var out []Fact
	for _, key := range keys {
		old, now := was[key], is[key]
		switch {
		case old == nil:
			out = appendWhole(out, now, Appeared, before)
		case now == nil:
			out = appendWhole(out, old, Vanished, after)
		default:
			out = append(out, fieldFacts(old, now)...)
		}
	}
	for i := range out {
		out[i].ID = "f" + strconv.Itoa(i+1)
	}
	return out
}

// appendWhole adds that a resource came or went, unless the other reading cannot tell.
func appendWhole(out []Fact, it *item, what Kind, other *side) []Fact {
	if it.fieldsOnly || it.service != (model.Ref{}) && other.unreadService(it.service) != "" ||
		!it.gap && other.Index.Gap(it.from, "") != nil {
		return out
	}
	return append(out, Fact{
		Change: what, Resource: it.label, From: it.from, service: it.service, gap: it.gap,
		touches: func(p *reach.Path) bool { return it.touches(p, "") },
	})
}

func fieldFacts(old, now *item) []Fact {
	var leaves []leaf
	switch {
	case old.leaves != nil:
		leaves = old.leaves(old, now)
	case !reflect.DeepEqual(old.value, now.value):
		leaves = compare(old.value, now.value)
	}
	out := make([]Fact, len(leaves))
	for i, l := range leaves {
		out[i] = Fact{
			Change: l.kind, Resource: now.label, Field: l.field, Before: l.before, After: l.after, From: now.from,
			service: now.service,
			touches: func(p *reach.Path) bool { return old.touches(p, l.field) || now.touches(p, l.field) },
		}
	}
	return out
}

// itemsOf are all that was read, by key.
func itemsOf(a *rule.Analysis, hidden secrets) map[string]*item {
	r := &readings{a: a, s: a.Snapshot, ix: a.Index, holders: a.Holders(), hidden: hidden, out: map[string]*item{}}
	r.services()
	r.balancers()
	r.targetGroups()
	r.securityGroups()
	r.networkACLs()
	r.networks()
	r.discovery()
	r.instances()
	r.traffic()
	r.gaps()
	return r.out
}

// readings makes items of a snapshot.
type readings struct {
	a       *rule.Analysis
	s       *model.Snapshot
	ix      *model.Index
	holders reach.Holders
	hidden  secrets
	out     map[string]*item
}

func (r *readings) add(it *item) { r.out[it.key] = it }
