package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hidden reports whether a reader cannot see a character: controls and with them the leaders of escape sequences,
// direction overrides, zero width and private characters, letters that draw nothing, separators of lines, and blanks
// other than the one of ASCII.
func Hidden(r rune) bool {
	return !unicode.IsPrint(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// Clean is foreign text as one line that acts on nothing: neither on a terminal nor on the text around it.
func Clean(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(visible, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// CleanLines is [Clean] for text of several lines: line breaks stay.
func CleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

// visible is the character that is shown for another one.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case Hidden(r):
		return unicode.ReplacementChar
	}
	return r
}

// isASCII reports whether the text is printable ASCII alone, as nearly all of it is.
func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf || s[i] == 0x7f {
			return false
		}
	}
	return true
}
