package export

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// escapeControls writes the control and format characters that encoding/json
// leaves as they are (DEL, the C1 set, direction overrides) as \u escapes, so
// that a report is safe to print. Outside of strings JSON has none of them.
func escapeControls(text []byte) []byte {
	if ascii(text) || !bytes.ContainsFunc(text, unprintable) {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case !unprintable(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}

// ascii tells whether the text is printable ASCII only, as nearly all of it is.
func ascii(text []byte) bool {
	for _, b := range text {
		if b < ' ' || b >= 0x7f {
			return false
		}
	}
	return true
}

func unprintable(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

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
