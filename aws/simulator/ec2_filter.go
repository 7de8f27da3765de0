package simulator

import (
	"cmp"
	"encoding/xml"
	"slices"
)

// filters are the filters of an EC2 request by name, or what a resource has for them.
type filters map[string][]string

// maxFilterValues is more than any AWS page says; the number and the error code
// come from third parties (docs/aws.md, Batches and pages).
const maxFilterValues = 200

func (p params) filters() (filters, error) {
	f := filters{}
	for _, one := range p.structures("Filter") {
		values := one.list("Value")
		if len(values) > maxFilterValues {
			return nil, refuse(
				"FilterLimitExceeded", "The maximum number of filter values specified on a single call is %d", maxFilterValues,
			)
		}
		f[one.get("Name")] = append(f[one.get("Name")], values...)
	}
	return f, nil
}

// admits tells whether every filter that the resource has a value for admits it.
// A filter that the simulator does not know is an error, not silence.
func (f filters) admits(values filters) (bool, error) {
	for _, name := range sortedKeys(f) {
		have, known := values[name]
		if !known {
			return false, refuse("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		if !slices.ContainsFunc(have, func(v string) bool { return slices.Contains(f[name], v) }) {
			return false, nil
		}
	}
	return true, nil
}

// family is how EC2 answers a Describe call about resources of one kind.
type family[T, Shown any] struct {
	set string // the element around the answer
	ids string // the parameter that names resources
	// notFound is the error of an unknown id, and noun what its words call one.
	notFound, noun string
	// unpaged is what AWS calls the ids where they exclude a page size.
	unpaged     string
	least, most int // resources on a page; 5 and 1000 by default
	all         func() []T
	id          func(T) string
	filters     func(T) filters
	show        func(T) Shown
}

// describedSet is a page of a family, whose element the family names.
type describedSet[Shown any] struct {
	Set struct {
		XMLName xml.Name
		Items   []Shown `xml:"item"`
	}
	NextToken string `xml:"nextToken,omitempty"`
}

// describe picks resources by ids and filters, and shows a page of them.
func (f family[T, Shown]) describe(p params) (*describedSet[Shown], error) {
	if f.unpaged != "" && p.has("MaxResults") && p.has(f.ids+".1") {
		return nil, refuse("InvalidParameterCombination",
			"The parameter %s cannot be used with the parameter maxResults", f.unpaged)
	}
	found, err := f.selection(p)
	if err != nil {
		return nil, err
	}
	page, next, err := pageEC2(found, p, cmp.Or(f.least, 5), cmp.Or(f.most, 1000))
	if err != nil {
		return nil, err
	}
	reply := &describedSet[Shown]{NextToken: next}
	reply.Set.XMLName.Local = f.set
	for _, t := range page {
		reply.Set.Items = append(reply.Set.Items, f.show(t))
	}
	return reply, nil
}

func (f family[T, Shown]) selection(p params) ([]T, error) {
	wanted, err := p.filters()
	if err != nil {
		return nil, err
	}
	all := f.all()
	if ids := p.list(f.ids); len(ids) > 0 {
		if all, err = withIDs(all, ids, f.notFound, f.noun, f.id); err != nil {
			return nil, err
		}
	}
	if len(wanted) == 0 {
		return all, nil
	}
	var found []T
	for _, t := range all {
		ok, err := wanted.admits(f.filters(t))
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, t)
		}
	}
	return found, nil
}

// withIDs are the resources with the ids, in the order of the resources.
func withIDs[T any](all []T, ids []string, notFound, noun string, id func(T) string) ([]T, error) {
	there := make(map[string]bool, len(ids))
	for _, want := range ids {
		there[want] = false
	}
	var found []T
	for _, t := range all {
		if _, wanted := there[id(t)]; wanted {
			there[id(t)] = true
			found = append(found, t)
		}
	}
	for _, want := range ids {
		if !there[want] {
			return nil, refuse(notFound, "The %s '%s' does not exist", noun, want)
		}
	}
	return found, nil
}
