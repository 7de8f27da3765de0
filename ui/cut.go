package ui

import (
	"cmp"
	"slices"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
	"hopscope/ui/search"
)

// cut is the parts of a text that are shown where it does not fit, in their order; an
// ellipsis stands for what is left out. An empty one leaves the choice to [text.Elide].
type cut []search.Span

const ellipsis = "…"

// read is the text as it reads.
func (c cut) read(s string) string {
	var b strings.Builder
	c.pieces(s, func(piece string, _ int) { b.WriteString(piece) })
	return b.String()
}

// pieces are the parts and the ellipses between them, each with its place in the text.
func (c cut) pieces(s string, piece func(text string, from int)) {
	at := 0
	for _, p := range c {
		if p.From > at {
			piece(ellipsis, -1)
		}
		piece(s[p.From:p.To], p.From)
		at = p.To
	}
	if at < len(s) {
		piece(ellipsis, -1)
	}
}

// cutter finds cuts for texts such that no two that differ read alike.
type cutter struct {
	width int
	used  map[string]bool
	// family is what texts with the same first word share, at their begin and end.
	families map[string]shared
}

type shared struct{ prefix, suffix string }

// cuts fits texts into a width. What the texts of a family share is left out first:
// of "acme-prod-orders-service" and its like "…orders…" stays.
func cuts(texts []string, width int) []cut {
	x := cutter{width: width, used: make(map[string]bool, len(texts)), families: map[string]shared{}}
	out := make([]cut, len(texts))
	var long []int
	for i, s := range texts {
		switch {
		case text.Width(s) <= width:
			out[i] = cut{{From: 0, To: len(s)}}
			x.used[s] = true
		case isPlain(s):
			long = append(long, i)
			x.join(s)
		}
	}
	if len(long) == 0 {
		return out
	}
	slices.SortFunc(long, func(a, b int) int { return cmp.Or(strings.Compare(texts[a], texts[b]), cmp.Compare(a, b)) })
	for n, i := range long {
		telling := 0
		if n > 0 {
			telling = max(telling, len(commonPrefix(texts[long[n-1]], texts[i])))
		}
		if n+1 < len(long) {
			telling = max(telling, len(commonPrefix(texts[long[n+1]], texts[i])))
		}
		out[i] = x.cut(texts[i], min(telling, len(texts[i])-1))
	}
	return out
}

// isPlain tells whether a byte of a text is a cell, as it is in the names that AWS allows.
func isPlain(s string) bool { return len(s) == text.Width(s) && text.Clean(s) == s }

func isSeparator(c byte) bool { return strings.IndexByte("-_./: ", c) >= 0 }

// firstWord is a text up to its first separator.
func firstWord(s string) string {
	if i := strings.IndexAny(s, "-_./: "); i > 0 {
		return s[:i]
	}
	return s
}

func (x *cutter) join(s string) {
	key := firstWord(s)
	f, ok := x.families[key]
	if !ok {
		x.families[key] = shared{s, s}
		return
	}
	x.families[key] = shared{commonPrefix(f.prefix, s), commonSuffix(f.suffix, s)}
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

func commonSuffix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return a[len(a)-n:]
}

// cut is the first way to cut a text that reads like no other. telling is the position
// of the letter that tells it from its neighbours.
func (x *cutter) cut(s string, telling int) cut {
	f := x.families[firstWord(s)]
	from, to := len(f.prefix), len(s)-len(f.suffix)
	for from > 0 && !isSeparator(s[from-1]) {
		from--
	}
	for to < len(s) && !isSeparator(s[to]) {
		to++
	}
	if f.prefix == s || from >= to { // it is alone, or the beginning of the others
		from, to = 0, len(s)
	}
	end := telling
	for end < len(s) && !isSeparator(s[end]) {
		end++
	}
	for c := range x.ways(s, from, to, end) {
		if said := c.read(s); text.Width(said) <= x.width && !x.used[said] {
			x.used[said] = true
			return c
		}
	}
	return nil
}

// ways are the cuts to try: without what the family shares, from the start of a word on,
// two parts, and at last any two parts. end is the end of the telling word.
func (x *cutter) ways(s string, from, to, end int) func(yield func(cut) bool) {
	words := wordStarts(s, from)
	return func(yield func(cut) bool) {
		_ = yield(cut{{From: from, To: len(s)}}) && yield(cut{{From: from, To: to}}) &&
			x.fromWord(s, words, to, end, yield) && x.twoParts(s, words, end, yield) && x.anyParts(s, yield)
	}
}

// fromWord begins with a word.
func (x *cutter) fromWord(s string, words []int, to, end int, yield func(cut) bool) bool {
	for _, at := range words {
		last := min(at+x.width-2, len(s))
		if last < end || at >= end {
			continue
		}
		if at < to && !yield(cut{{From: at, To: to}}) || !yield(cut{{From: at, To: last}}) {
			return false
		}
	}
	return true
}

// twoParts are the first words that the family does not share, and what begins with a
// later one.
func (x *cutter) twoParts(s string, words []int, end int, yield func(cut) bool) bool {
	from := words[0]
	for _, at := range words {
		for _, head := range words[1:] {
			room := x.width - 3 - (head - from)
			if head > at || room <= 0 || end > at+room || at >= end {
				continue
			}
			if !yield(cut{{From: from, To: head}, {From: at, To: min(at+room, len(s))}}) {
				return false
			}
		}
	}
	return true
}

// anyParts are begin and end of the text in all proportions, and then all its parts.
func (x *cutter) anyParts(s string, yield func(cut) bool) bool {
	for tail := x.width / 2; tail < x.width-1; tail++ {
		if !yield(cut{{From: 0, To: x.width - 1 - tail}, {From: len(s) - tail, To: len(s)}}) {
			return false
		}
	}
	for at := range s {
		if !yield(cut{{From: at, To: max(min(at+x.width-2, len(s)), at)}}) {
			return false
		}
	}
	return true
}

func wordStarts(s string, from int) []int {
	out := []int{from}
	for i := from + 1; i < len(s); i++ {
		if isSeparator(s[i-1]) && !isSeparator(s[i]) {
			out = append(out, i)
		}
	}
	return out
}

// showing is a cut in which what a search found is in sight: the found part is shown in
// front of, or behind, what tells the text from others.
func (c cut) showing(width int, marks []search.Span) cut {
	if len(c) == 0 || len(marks) == 0 {
		return c
	}
	found := marks[0]
	if slices.ContainsFunc(c, func(p search.Span) bool { return found.From < p.To && found.To > p.From }) {
		return c
	}
	found.To = min(found.To, found.From+width/3)
	last := c[len(c)-1]
	room := width - 3 - (found.To - found.From)
	if room < 1 {
		return c
	}
	if found.From >= last.To {
		return cut{{From: last.From, To: min(last.To, last.From+room)}, found}
	}
	last.To = min(last.To, last.From+room)
	if found.To >= last.From {
		return cut{{From: found.From, To: last.To}}
	}
	return cut{found, last}
}

// draw draws a text with the letters that a search found marked.
func (c cut) draw(to canvas.Canvas, x, width int, s string, marks []search.Span, style, match uv.Style) {
	if len(c) == 0 || len(marks) == 0 && c[0].From == 0 && c[0].To == len(s) {
		to.TextIn(x, 0, width, s, style)
		return
	}
	end := x + width
	c.pieces(s, func(piece string, from int) {
		to.TextIn(x, 0, end-x, piece, style)
		for _, m := range marks {
			a, b := max(m.From, from), min(m.To, from+len(piece))
			if from >= 0 && a < b && isPlain(piece) {
				to.TextIn(x+a-from, 0, end-x-(a-from), s[a:b], match)
			}
		}
		x += text.Width(piece)
	})
}
