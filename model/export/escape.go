package export

import (
	"strings"

	"hopscope/internal/text"
)

// markup is what Markdown renderers and HTML give a meaning inside a line: GitHub
// adds @mentions and $formulas$ to CommonMark.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `~`, `\~`, `$`, `\$`,
	`&`, `&amp;`, `<`, `&lt;`, `>`, `&gt;`, `@`, `&#64;`, `://`, `&#58;//`, `www.`, `www&#46;`,
)

// prose escapes untrusted text for the middle of a Markdown line.
func prose(s string) string { return markup.Replace(text.Clean(s)) }

// code is untrusted text as a code span.
func code(s string) string {
	s = text.Clean(s)
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
