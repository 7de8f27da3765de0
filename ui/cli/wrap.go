package cli

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"hopscope/ui/canvas"
)

// wrap cleans untrusted text and breaks it into lines of at most width cells. It
// breaks at spaces only, so that names with hyphens can be copied; a word that
// is longer than a line is cut. It returns at least one line.
func wrap(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(canvas.Clean(text)) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case ansi.StringWidth(*last)+1+ansi.StringWidth(word) <= width:
			*last += " " + word
			continue
		default:
			lines = append(lines, word)
		}
		if ansi.StringWidth(word) > width {
			cut := strings.Split(ansi.Hardwrap(word, width, false), "\n")
			lines = append(lines[:len(lines)-1], cut...)
		}
	}
	return lines
}
