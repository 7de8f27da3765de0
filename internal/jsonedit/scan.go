package jsonedit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// span is a part of a text, from its first byte to the one behind its last.
type span struct{ from, to int }

// member is a member of an object: its name, and where it and its value are.
type member struct {
	name  string
	at    span
	value span
}

// members are the members of the object that begins at a position.
func members(text []byte, at int) ([]member, error) {
	if at = skipSpace(text, at); at >= len(text) || text[at] != '{' {
		return nil, errors.New("is not an object")
	}
	var out []member
	for at = skipSpace(text, at+1); text[at] != '}'; at = skipSpace(text, at) {
		if text[at] == ',' {
			at = skipSpace(text, at+1)
		}
		m := member{at: span{from: at}}
		end := skipValue(text, at)
		if err := json.Unmarshal(text[at:end], &m.name); err != nil {
			return nil, err
		}
		at = skipSpace(text, end) + 1 // behind the colon
		m.value.from = skipSpace(text, at)
		m.value.to = skipValue(text, m.value.from)
		m.at.to = m.value.to
		out = append(out, m)
		at = m.value.to
	}
	return out, nil
}

// elements are the elements of the array that begins at a position.
func elements(text []byte, at int) ([]span, error) {
	if at = skipSpace(text, at); at >= len(text) || text[at] != '[' {
		return nil, errors.New("is not an array")
	}
	var out []span
	for at = skipSpace(text, at+1); text[at] != ']'; at = skipSpace(text, at) {
		if text[at] == ',' {
			at = skipSpace(text, at+1)
		}
		e := span{at, skipValue(text, at)}
		out = append(out, e)
		at = e.to
	}
	return out, nil
}

// find finds the member of a name, nil if there is none. It is an error if the name
// is there twice, or in other letters: readers of JSON differ in which one they take.
func find(all []member, name string) (*member, error) {
	var found *member
	for i := range all {
		if !strings.EqualFold(all[i].name, name) {
			continue
		}
		if found != nil || all[i].name != name {
			return nil, fmt.Errorf("%s %w", name, ErrAmbiguous)
		}
		found = &all[i]
	}
	return found, nil
}

// skipValue is the position behind the value that begins at a position.
func skipValue(text []byte, at int) int {
	switch text[at] {
	case '"':
		for at++; text[at] != '"'; at++ {
			if text[at] == '\\' {
				at++
			}
		}
		return at + 1
	case '{', '[':
		depth := 0
		for {
			switch text[at] {
			case '"':
				at = skipValue(text, at) - 1
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			if at++; depth == 0 {
				return at
			}
		}
	}
	for at < len(text) && !strings.ContainsRune(",]} \t\r\n", rune(text[at])) {
		at++
	}
	return at
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && strings.ContainsRune(" \t\r\n", rune(text[at])) {
		at++
	}
	return at
}

// splice is a text with a part of it replaced.
func splice(text []byte, at span, with string) []byte {
	out := make([]byte, 0, len(text)+len(with))
	out = append(out, text[:at.from]...)
	out = append(out, with...)
	return append(out, text[at.to:]...)
}

// without is a text without the element of a list that is at an index, and without
// the comma that parted it from its neighbour.
func without(text []byte, all []span, i int) []byte {
	switch {
	case i > 0:
		return splice(text, span{all[i-1].to, all[i].to}, "")
	case len(all) > 1:
		return splice(text, span{all[0].from, all[1].from}, "")
	}
	return splice(text, all[0], "")
}
