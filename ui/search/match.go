package search

import "strings"

// Item is what is searched.
type Item interface {
	// Text is the name in which words are looked for, and what is looked at where the name
	// has none of them; both folded. The latter may be "".
	Text() (name, context string)
	// Has tells whether a field has a value, which is folded.
	Has(field, value string) bool
}

// grade is how well an item matches: a better match is greater.
type grade int

// The grades.
const (
	none grade = iota
	scattered
	context
	inside
	wordStart
	start
	whole

	grades
)

// Ranked are the items that match, the best first, and no more than a limit. Letters that
// are scattered over a name count only where nothing has the words as they are.
func Ranked[T Item](q Query, all []T, limit int) []T {
	if q.Empty() {
		return all[:min(limit, len(all))]
	}
	var found [grades][]T
	each(q, all, func(i int, g grade) {
		if len(found[g]) < limit {
			found[g] = append(found[g], all[i])
		}
	})
	var out []T
	for g := whole; g > none; g-- {
		out = append(out, found[g][:min(limit-len(out), len(found[g]))]...)
	}
	return out
}

// Filter keeps the items that match in their order, and gives the position of the best one
// among them, the first of several.
func Filter[T Item](q Query, all []T) (kept []T, best int) {
	top := none
	each(q, all, func(i int, g grade) {
		if g > top {
			top, best = g, len(kept)
		}
		kept = append(kept, all[i])
	})
	return kept, best
}

// each calls found for the items that match.
func each[T Item](q Query, all []T, found func(i int, g grade)) {
	matched := false
	for i := range all {
		if g := q.grade(all[i], false); g > none {
			matched = true
			found(i, g)
		}
	}
	if matched {
		return
	}
	for i := range all {
		if g := q.grade(all[i], true); g > none {
			found(i, g)
		}
	}
}

// grade is how well all terms match, which is how well the worst of them does. loose also
// takes letters that are scattered over the name.
func (q Query) grade(it Item, loose bool) grade {
	name, around := it.Text()
	worst := whole
	for i := range q.terms {
		t := &q.terms[i]
		g := t.grade(it, name, around, loose)
		if t.not {
			g = inverse(g)
		}
		if worst = min(worst, g); worst == none {
			return none
		}
	}
	return worst
}

func (t *term) grade(it Item, name, around string, loose bool) grade {
	if t.field != "" {
		if it.Has(t.field, t.text) {
			return whole
		}
		return none
	}
	switch g := inName(name, t.text); {
	case g > none:
		return g
	case strings.Contains(around, t.text):
		return context
	case loose && !t.not && scatteredIn(name, t.text, nil):
		return scattered
	}
	return none
}

func inverse(g grade) grade {
	if g == none {
		return whole
	}
	return none
}

func inName(name, text string) grade {
	at := strings.Index(name, text)
	switch {
	case at < 0:
		return none
	case len(name) == len(text):
		return whole
	case at == 0:
		return start
	}
	for at >= 0 {
		if !isWord(name[at-1]) {
			return wordStart
		}
		next := strings.Index(name[at+1:], text)
		if next < 0 {
			break
		}
		at += next + 1
	}
	return inside
}

func isWord(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 }

// scatteredIn tells whether the letters of a text are in a name in their order, and calls
// at for the position of each.
func scatteredIn(name, text string, at func(i int)) bool {
	i := 0
	for j := 0; j < len(name) && i < len(text); j++ {
		if name[j] == text[i] {
			if at != nil {
				at(j)
			}
			i++
		}
	}
	return i == len(text)
}

// Span is a part of a name, in bytes.
type Span struct{ From, To int }

// Marks are the parts of a folded name that the words of the query found, in no order.
func (q Query) Marks(name string) []Span {
	var out []Span
	for _, t := range q.terms {
		if t.field != "" || t.not || t.text == "" {
			continue
		}
		if at := strings.Index(name, t.text); at >= 0 {
			out = append(out, Span{at, at + len(t.text)})
			continue
		}
		var letters []Span
		if scatteredIn(name, t.text, func(i int) { letters = append(letters, Span{i, i + 1}) }) {
			out = append(out, letters...)
		}
	}
	return out
}
