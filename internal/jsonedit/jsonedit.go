// Package jsonedit changes members of a JSON document as text, so that every byte
// that an edit does not name stays as it was: members that the program does not
// know, numbers too large for a float, the order of members, white space.
//
// A path leads from the document to a value: a string is the name of a member, an
// int the index of an element.
package jsonedit

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrAmbiguous tells that a name stands twice in an object, or in different letter
// case: readers of JSON differ in which one counts, so that neither is changed.
var ErrAmbiguous = errors.New("stands more than once, or in different letter case")

var errSyntax = errors.New("the text is not JSON")

// Get returns the text of the value at a path; nil where there is none.
func Get(doc []byte, path ...any) ([]byte, error) {
	if !json.Valid(doc) {
		return nil, errSyntax
	}
	at, found, err := walk(doc, path)
	if err != nil || !found {
		return nil, err
	}
	return doc[at.from:at.to], nil
}

// Len counts the elements of the array at a path. It is an error where there is no
// array.
func Len(doc []byte, path ...any) (int, error) {
	if !json.Valid(doc) {
		return 0, errSyntax
	}
	at, found, err := walk(doc, path)
	switch {
	case err != nil:
		return 0, err
	case !found:
		return 0, fmt.Errorf("there is no %s", label(path))
	}
	all, err := elements(doc, at.from)
	if err != nil {
		return 0, fmt.Errorf("%s %w", label(path), err)
	}
	return len(all), nil
}

// Set gives the member at a path a value: in its place, or behind the last member of
// its object. Objects on the way to it that are missing, or null, are made. The path
// ends with the name of a member.
func Set(doc []byte, value string, path ...any) ([]byte, error) {
	if !json.Valid(doc) || !json.Valid([]byte(value)) {
		return nil, errSyntax
	}
	for n := len(path) - 1; n >= 0; n-- {
		name, isName := path[n].(string)
		if !isName || !utf8.ValidString(name) {
			return nil, fmt.Errorf("there is no %s", label(path[:n+1]))
		}
		at, found, err := walk(doc, path[:n])
		if err != nil {
			return nil, err
		}
		isNull := found && string(doc[at.from:at.to]) == "null"
		if found && (!isNull || n == 0) {
			out, err := set(doc, at.from, name, value)
			if err != nil {
				return nil, fmt.Errorf("%s %w", label(path[:n]), err)
			}
			return out, nil
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value = "{" + string(key) + ":" + value + "}"
		if isNull {
			return splice(doc, at, value), nil
		}
	}
	return nil, errors.New("the document itself has no name")
}

// Delete takes the member or element at a path away, with the comma that parts it
// from its neighbour. Without such a value the document stays as it is.
func Delete(doc []byte, path ...any) ([]byte, error) {
	if !json.Valid(doc) {
		return nil, errSyntax
	}
	if len(path) == 0 {
		return nil, errors.New("the document itself cannot be taken away")
	}
	parent, last := path[:len(path)-1], path[len(path)-1]
	at, found, err := walk(doc, parent)
	if err != nil || !found || string(doc[at.from:at.to]) == "null" {
		return doc, err
	}
	places, index, err := siblings(doc, at.from, last)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s %w", label(parent), err)
	case index < 0:
		return doc, nil
	}
	return without(doc, places, index), nil
}

// siblings are the places of the members or elements of a value, and which of them
// a step of a path leads to: -1 for none.
func siblings(doc []byte, at int, step any) ([]span, int, error) {
	index, isIndex := step.(int)
	if isIndex {
		all, err := elements(doc, at)
		if index < 0 || index >= len(all) {
			index = -1
		}
		return all, index, err
	}
	all, err := members(doc, at)
	if err != nil {
		return nil, -1, err
	}
	m, err := find(all, fmt.Sprint(step))
	if err != nil || m == nil {
		return nil, -1, err
	}
	places := make([]span, len(all))
	for i := range all {
		places[i] = all[i].at
	}
	return places, slices.Index(places, m.at), nil
}

// walk is the place of the value at a path, and whether there is one.
func walk(doc []byte, path []any) (span, bool, error) {
	from := skipSpace(doc, 0)
	at := span{from, skipValue(doc, from)}
	for n, step := range path {
		if string(doc[at.from:at.to]) == "null" && n > 0 {
			return span{}, false, nil
		}
		var err error
		found := false
		switch step := step.(type) {
		case int:
			var all []span
			if all, err = elements(doc, at.from); err == nil && step >= 0 && step < len(all) {
				at, found = all[step], true
			}
		case string:
			var all []member
			var m *member
			if all, err = members(doc, at.from); err == nil {
				if m, err = find(all, step); m != nil {
					at, found = m.value, true
				}
			}
		default:
			err = fmt.Errorf("has no %v: a path is made of names and indexes", step)
		}
		if err != nil {
			return span{}, false, fmt.Errorf("%s %w", label(path[:n]), err)
		}
		if !found {
			return span{}, false, nil
		}
	}
	return at, true, nil
}

// label names a path in an error: services[2].tls.
func label(path []any) string {
	var b strings.Builder
	for _, step := range path {
		if i, isIndex := step.(int); isIndex {
			fmt.Fprintf(&b, "[%d]", i)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		fmt.Fprint(&b, step)
	}
	if b.Len() == 0 {
		return "the document"
	}
	return b.String()
}

// set gives a member of the object at a position a value: in its place, or else
// behind the last member.
func set(text []byte, at int, name, value string) ([]byte, error) {
	all, err := members(text, at)
	if err != nil {
		return nil, err
	}
	m, err := find(all, name)
	if err != nil {
		return nil, err
	}
	if m != nil {
		return splice(text, m.value, value), nil
	}
	key, err := json.Marshal(name)
	if err != nil {
		return nil, err
	}
	added := string(key) + ":" + value
	if len(all) == 0 {
		at = skipSpace(text, at) + 1
		return splice(text, span{at, at}, added), nil
	}
	end := all[len(all)-1].at.to
	return splice(text, span{end, end}, ","+added), nil
}
