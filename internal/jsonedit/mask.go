package jsonedit

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Mask replaces the texts, numbers and truth values of a document that are not visible
// by a text, and keeps everything else as it is, byte for byte. The names of members
// stay; visible is asked with the path of each value.
func Mask(doc []byte, masked string, visible func(path []any) bool) ([]byte, error) {
	if !json.Valid(doc) {
		return nil, errSyntax
	}
	var value bytes.Buffer
	e := json.NewEncoder(&value)
	e.SetEscapeHTML(false) // a mask has angle brackets
	if err := e.Encode(masked); err != nil {
		return nil, err
	}
	var places []span
	if err := hidden(doc, skipSpace(doc, 0), nil, visible, &places); err != nil {
		return nil, err
	}
	for i := len(places) - 1; i >= 0; i-- {
		doc = splice(doc, places[i], strings.TrimSpace(value.String()))
	}
	return doc, nil
}

// hidden collects the places of the values that are not visible, in their order.
func hidden(doc []byte, at int, path []any, visible func([]any) bool, places *[]span) error {
	path = path[:len(path):len(path)]
	switch doc[at] {
	case '{':
		all, err := members(doc, at)
		for _, m := range all {
			if err := hidden(doc, m.value.from, append(path, m.name), visible, places); err != nil {
				return err
			}
		}
		return err
	case '[':
		all, err := elements(doc, at)
		for i, e := range all {
			if err := hidden(doc, e.from, append(path, i), visible, places); err != nil {
				return err
			}
		}
		return err
	}
	if !visible(path) {
		*places = append(*places, span{at, skipValue(doc, at)})
	}
	return nil
}
