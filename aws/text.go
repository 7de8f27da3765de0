package aws

import (
	"strings"
	"unicode"
)

// maxText bounds what is kept of a message of AWS.
const maxText = 300

// Printable makes text of AWS fit for a terminal: one line, without control and
// format characters (escape sequences, direction marks), of bounded length.
func Printable(s string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, unicode.In(r, unicode.C):
			return -1
		}
		return r
	}, s)
	clean = strings.Join(strings.Fields(clean), " ")
	if runes := []rune(clean); len(runes) > maxText {
		return string(runes[:maxText]) + "…"
	}
	return clean
}
