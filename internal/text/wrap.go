package text

import "strings"

// Wrap breaks foreign text into lines of at most a width in cells, between words: names with hyphens stay whole, so
// that they can be copied, and an option of a command stays with its value. A word that is wider than a line is cut.
// Text that fits stays as it is. There is at least one line.
func Wrap(s string, width int) []string { return Hang(s, width, width) }

// Hang is [Wrap] for text whose first line has another width than the rest: one that stands behind a label.
func Hang(s string, first, rest int) []string {
	s = Clean(s)
	if Width(s) <= first {
		return []string{s}
	}
	w := wrapper{lines: []string{""}, first: first, rest: rest}
	for _, word := range words(s) {
		w.add(word)
	}
	return w.lines
}

// A wrapper fills lines with words.
type wrapper struct {
	lines       []string
	first, rest int
	// used are the cells of the last line that are taken.
	used int
}

func (w *wrapper) width() int {
	if len(w.lines) == 1 {
		return w.first
	}
	return w.rest
}

func (w *wrapper) add(word string) {
	n := Width(word)
	last := len(w.lines) - 1
	started := w.lines[last] != "" // a word may have no width
	if started && w.used+1+n <= w.width() {
		w.lines[last] += " " + word
		w.used += 1 + n
		return
	}
	if started {
		w.lines = append(w.lines, "")
	}
	for n > w.width() {
		part, more := Cut(word, w.width())
		if more == "" {
			break // one character that is wider than the line
		}
		w.lines[len(w.lines)-1] = strings.TrimRight(part, " ")
		w.lines = append(w.lines, "")
		word, n = more, Width(more)
	}
	w.lines[len(w.lines)-1], w.used = word, n
}

// words are the parts of a text that may stand on lines of their own: a word, or an option of a command with its value.
func words(s string) []string {
	var out []string
	option := false
	for word := range strings.FieldsSeq(s) {
		if isOption := strings.HasPrefix(strings.TrimLeft(word, "('`"), "--"); option && !isOption {
			out[len(out)-1] += " " + word
			option = false
		} else {
			out = append(out, word)
			option = isOption && strings.IndexByte(".,;:)'`=", word[len(word)-1]) < 0
		}
	}
	return out
}
