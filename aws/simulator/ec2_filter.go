package simulator

import "slices"

// filters are the filters of an EC2 request by name.
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
func (f filters) admits(values map[string][]string) (bool, error) {
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

// selection picks resources by ids and filters. Unknown ids are the error given.
func selection[T any](
	p params, all []T, idField, notFound, noun string, values func(T) map[string][]string, id func(T) string,
) ([]T, error) {
	f, err := p.filters()
	if err != nil {
		return nil, err
	}
	if ids := p.list(idField); len(ids) > 0 {
		if all, err = withIDs(all, ids, notFound, noun, id); err != nil {
			return nil, err
		}
	}
	if len(f) == 0 {
		return all, nil
	}
	var found []T
	for _, t := range all {
		ok, err := f.admits(values(t))
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
