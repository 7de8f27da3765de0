package text

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/clipperhouse/uax29/v2/graphemes"
)

const ellipsis = "…"

// Width is the number of cells that text takes on a terminal.
func Width(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return displaywidth.String(Clean(s))
}

// Elide cuts text to a width in cells; an ellipsis says that it was cut.
func Elide(s string, width int) string {
	switch {
	case width <= 0:
		return ""
	case len(s) <= width && isASCII(s):
		return s
	}
	return displaywidth.TruncateString(Clean(s), width, ellipsis)
}

// Cut divides text that is wider than a line, so that the two parts together are the text: behind a blank in the
// line's second half, or at its end. The first part has at least one character.
func Cut(s string, width int) (first, rest string) {
	s = Clean(s)
	if Width(s) <= width {
		return s, ""
	}
	first = fill(s, width)
	if blank := strings.LastIndexByte(first, ' ') + 1; blank > width/2 {
		first = first[:blank]
	}
	return first, s[len(first):]
}

// fill is as much of clean text as fits into a width, and at least one character.
func fill(s string, width int) string {
	if isASCII(s) {
		return s[:min(len(s), max(width, 1))]
	}
	end, used := 0, 0
	for g := graphemes.FromString(s); g.Next(); end = g.End() {
		if used += displaywidth.String(g.Value()); used > width && end > 0 {
			break
		}
	}
	return s[:end]
}
