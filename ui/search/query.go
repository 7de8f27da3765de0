package search

import (
	"slices"
	"strings"
)

// The fields that a query may name.
const (
	State   = "state"
	Port    = "port"
	Group   = "sg"
	Balance = "lb"
	Cluster = "cluster"
	Code    = "code"
)

// Fields lists them, in the order in which a user is told.
func Fields() []string { return []string{State, Port, Group, Balance, Cluster, Code} }

// Query is what was typed: all its terms have to hold. The zero value holds for everything.
type Query struct{ terms []term }

// term is a word to look for in a name, or the value of a field.
type term struct {
	field, text string
	not         bool
}

// Parse reads a query: words, cluster/name, name:port, FIELD:VALUE, and each of them
// after a "!" for what must not hold. Nothing that is typed is an error.
func Parse(s string) Query {
	var q Query
	for word := range strings.FieldsSeq(Fold(s)) {
		word, not := strings.CutPrefix(word, "!")
		terms := parseWord(word)
		if not {
			// What is not to be is one thing: that a name is in a cluster, say.
			for i := range terms {
				terms[i].not = true
			}
		}
		q.terms = append(q.terms, terms...)
	}
	return q
}

func parseWord(word string) []term {
	if word == "" {
		return nil
	}
	if field, value, ok := strings.Cut(word, ":"); ok && slices.Contains(Fields(), field) {
		if field == Balance {
			value, port := cutPort(value)
			return append([]term{{field: field, text: value}}, port...)
		}
		return []term{{field: field, text: value}}
	}
	var out []term
	if cluster, name, ok := strings.Cut(word, "/"); ok && cluster != "" {
		out, word = append(out, term{field: Cluster, text: cluster}), name
	}
	word, port := cutPort(word)
	if word != "" {
		out = append(out, term{text: word})
	}
	return append(out, port...)
}

// cutPort divides "orders:8080"; what is after the colon has to be a number, or is still to
// be typed.
func cutPort(word string) (name string, port []term) {
	name, number, ok := strings.Cut(word, ":")
	if !ok || strings.Trim(number, "0123456789") != "" {
		return word, nil
	}
	if number == "" {
		return name, nil
	}
	return name, []term{{field: Port, text: number}}
}

// Empty tells whether the query leaves everything as it is.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Fold is text as it is compared: capital letters of ASCII, which is what AWS allows in
// names, are small ones. Its bytes stay where they are.
func Fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			return strings.Map(func(r rune) rune {
				if r >= 'A' && r <= 'Z' {
					return r + 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return s
}
