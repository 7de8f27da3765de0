package cli

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"hopscope/model/fix"
	"hopscope/ui/canvas"
)

// wrap cleans untrusted text and breaks it into lines of at most width cells. It
// breaks at spaces only, so that names with hyphens can be copied; a word that
// is longer than a line is cut. An option stays with its value. It returns at least one line.
func wrap(text string, width int) []string {
	lines := []string{""}
	used := 0 // of the last line
	for _, word := range fix.Words(canvas.Clean(text)) {
		last, size := len(lines)-1, canvas.Width(word)
		switch {
		case used > 0 && used+1+size <= width:
			lines[last] += " " + word
			used += 1 + size
			continue
		case used > 0:
			lines = append(lines, word)
		default:
			lines[last] = word
		}
		if used = size; size > width {
			cut := strings.Split(ansi.Hardwrap(word, width, false), "\n")
			lines = append(lines[:len(lines)-1], cut...)
			used = canvas.Width(cut[len(cut)-1])
		}
	}
	return lines
}
