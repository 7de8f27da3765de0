package aws

import (
	"strings"

	"hopscope/internal/text"
)

// maxText bounds what is kept of a message of AWS, in cells.
const maxText = 300

// Printable makes text of AWS fit for a sentence: one line of bounded length that acts on nothing
// and has no credentials of a URL.
func Printable(s string) string {
	return text.Elide(strings.Join(strings.Fields(text.Clean(text.MaskURLs(s))), " "), maxText)
}
