package canvas

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width is the number of cells that text takes when it is drawn.
func Width(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(Clean(s))
}

// Truncate cuts text to a width in cells; an ellipsis says that it was cut.
func Truncate(s string, width int) string {
	switch {
	case width <= 0:
		return ""
	case plain(s) && len(s) <= width:
		return s
	}
	return ansi.Truncate(Clean(s), width, ellipsis)
}

// Cut divides text at a width in cells, so that the two parts together are the
// text. The first part has at least one character.
func Cut(s string, width int) (first, rest string) {
	s = Clean(s)
	if Width(s) <= width {
		return s, ""
	}
	first = ansi.Truncate(s, width, "")
	if first == "" {
		first, _ = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	}
	return first, s[len(first):]
}

// Wrap breaks text into lines of at most some width, between words where that is
// possible. It returns at least one line.
func Wrap(s string, width int) []string {
	s = Clean(s)
	if Width(s) <= width {
		return []string{s}
	}
	w := wrapper{width: max(width, 1)}
	for word := range strings.FieldsSeq(s) {
		w.add(word)
	}
	return append(w.lines, w.line)
}

// wrapper fills lines with words.
type wrapper struct {
	width int
	lines []string
	line  string
	// used is the width of the line.
	used int
}

func (w *wrapper) add(word string) {
	n := Width(word)
	if w.used > 0 && w.used+1+n > w.width {
		w.end()
	}
	if w.used > 0 {
		w.line, w.used = w.line+" ", w.used+1
	}
	for n > w.width {
		// A word that is wider than a line, such as an ARN, is broken.
		head := ansi.Truncate(word, w.width, "")
		if head == "" {
			break
		}
		w.line, w.used = head, Width(head)
		word = word[len(head):]
		n = Width(word)
		w.end()
	}
	w.line, w.used = w.line+word, w.used+n
}

func (w *wrapper) end() {
	w.lines = append(w.lines, w.line)
	w.line, w.used = "", 0
}
