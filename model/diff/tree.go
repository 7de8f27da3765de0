package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hopscope/model"
)

// leaf is a field that differs between two values of a resource.
type leaf struct {
	kind          Kind
	field         string
	before, after string
}

// compare finds the fields in which two values differ, by their names in JSON. It knows no
// resource: what is added to the model is compared too.
func compare(before, after any) []leaf {
	return compareTrees("", treeOf(before), treeOf(after))
}

// treeOf is a value as JSON has it. A value of the model can always be encoded.
func treeOf(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if d.Decode(&tree) != nil {
		return nil
	}
	return tree
}

func compareTrees(field string, before, after any) []leaf {
	switch was := before.(type) {
	case map[string]any:
		if is, ok := after.(map[string]any); ok {
			return compareObjects(field, was, is)
		}
	case []any:
		if is, ok := after.([]any); ok {
			return compareArrays(field, was, is)
		}
	}
	if before == nil || after == nil {
		if part, ok := before.([]any); ok {
			return compareArrays(field, part, nil)
		}
		if part, ok := after.([]any); ok {
			return compareArrays(field, nil, part)
		}
	}
	if b, a := scalar(before), scalar(after); b != a {
		return []leaf{{kindOf(before, after), field, b, a}}
	}
	return nil
}

// kindOf: an object comes and goes, a scalar that is not set has a value all the same.
func kindOf(before, after any) Kind {
	_, was := before.(map[string]any)
	_, is := after.(map[string]any)
	switch {
	case is && before == nil:
		return Appeared
	case was && after == nil:
		return Vanished
	}
	return Changed
}

func compareObjects(field string, before, after map[string]any) []leaf {
	names := slices.Collect(maps.Keys(before))
	for name := range after {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []leaf
	for _, name := range names {
		path := name
		if field != "" {
			path = field + "." + name
		}
		out = append(out, compareTrees(path, before[name], after[name])...)
	}
	return out
}

// compareArrays matches elements by what names them, and those that nothing names by what
// they are.
func compareArrays(field string, before, after []any) []leaf {
	was, named := elements(before)
	is, alsoNamed := elements(after)
	var out []leaf
	for _, key := range slices.Sorted(maps.Keys(was)) {
		at := field + "[" + key + "]"
		switch then, kept := is[key]; {
		case !named || !alsoNamed:
			if !kept {
				out = append(out, leaf{Vanished, field, key, ""})
			}
		case kept:
			out = append(out, compareTrees(at, was[key], then)...)
		default:
			out = append(out, leaf{kind: Vanished, field: at})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if _, kept := was[key]; kept {
			continue
		}
		if named && alsoNamed {
			out = append(out, leaf{kind: Appeared, field: field + "[" + key + "]"})
		} else {
			out = append(out, leaf{Appeared, field, "", key})
		}
	}
	return out
}

// naming are the fields that name an element among its kin, the best first.
var naming = []string{
	"portName", "name", "targetGroupArn", "registryArn", "discoveryName", "id", "containerPort", "port", "field",
}

// elements are those of an array by what names them; named is false where that is not one
// thing for each, and they are known by what they are.
func elements(all []any) (out map[string]any, named bool) {
	out = make(map[string]any, len(all))
	for _, e := range all {
		name := nameOf(e)
		if _, twice := out[name]; name == "" || twice {
			clear(out)
			for _, e := range all {
				out[scalar(e)] = e
			}
			return out, false
		}
		out[name] = e
	}
	return out, true
}

func nameOf(e any) string {
	object, ok := e.(map[string]any)
	if !ok {
		return ""
	}
	for _, field := range naming {
		if name := scalar(object[field]); name != "" {
			return name
		}
	}
	return ""
}

// scalar is a value as text: "" where there is none, an ARN by its name, and compact JSON
// for what has parts.
func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return resourceName(v)
	case map[string]any, []any:
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(b)
	}
	return fmt.Sprint(v)
}

// resourceName is the name in an ARN, which of load balancers and target groups is not its
// last part; other text is returned as it is.
func resourceName(s string) string {
	resource := model.ARNResource(s)
	if resource == s {
		return s
	}
	parts := strings.Split(resource, "/")
	const targetGroup, loadBalancer, listener = 3, 4, 5
	switch {
	case parts[0] == "targetgroup" && len(parts) == targetGroup:
		return parts[1]
	case parts[0] == "loadbalancer" && len(parts) == loadBalancer:
		return parts[2]
	case strings.HasPrefix(parts[0], "listener") && len(parts) >= listener:
		return parts[2] + " " + parts[len(parts)-1]
	}
	return model.ARNName(s)
}
