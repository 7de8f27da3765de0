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

// Wrap breaks text into lines of at most some width, between words where that is
// possible. It returns at least one line.
func Wrap(s string, width int) []string {
	s = Clean(s)
	if Width(s) <= width {
		return []string{s}
	}
	return strings.Split(ansi.Wrap(s, max(width, 1), " "), "\n")
}
