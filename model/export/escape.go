package export

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

func surrogates(r rune) (high, low rune) { return utf16.EncodeRune(r) }

// printable makes one line of the text and replaces what cannot be seen.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unprintable(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// markup is what Markdown renderers and HTML give a meaning inside a line: GitHub
// adds @mentions and $formulas$ to CommonMark.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `~`, `\~`, `$`, `\$`,
	`&`, `&amp;`, `<`, `&lt;`, `>`, `&gt;`, `@`, `&#64;`, `://`, `&#58;//`, `www.`, `www&#46;`,
)

// text escapes untrusted text for the middle of a Markdown line.
func text(s string) string { return markup.Replace(printable(s)) }

// code is untrusted text as a code span.
func code(s string) string {
	s = printable(s)
	if strings.TrimSpace(s) == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) == 1 {
		return fence + s + fence
	}
	return fence + " " + s + " " + fence
}

// cellCode is a code span in a table, where a bar would end the cell.
func cellCode(s string) string { return strings.ReplaceAll(code(s), "|", `\|`) }
