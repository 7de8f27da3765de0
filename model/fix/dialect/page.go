package dialect

import (
	"fmt"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/fix"
)

// width is how wide texts for people are at most.
const width = 100

// commentWidth is how wide the comments of scripts and templates are: they are read
// on a screen of 80 columns, too, next to its margin.
const commentWidth = 76

// page is a text that is written line by line.
type page struct {
	strings.Builder
	// mark opens a comment: "# ", "// ".
	mark string
	// plain is set where nothing is marked or explained: for one side of a diff.
	plain bool
}

// line writes a line of code.
func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.Builder, format+"\n", args...) }

// comment writes a sentence as comments, as many lines as it takes.
func (p *page) comment(indent, format string, args ...any) {
	for _, l := range text.Wrap(fmt.Sprintf(format, args...), commentWidth-len(indent)-len(p.mark)) {
		p.WriteString(strings.TrimRight(indent+p.mark+l, " ") + "\n")
	}
}

// hanging writes an item of a list as comments: its second line stands under the
// text of the first.
func (p *page) hanging(indent, mark, format string, args ...any) {
	blank := strings.Repeat(" ", len(mark))
	for i, l := range text.Wrap(fmt.Sprintf(format, args...), commentWidth-len(indent)-len(p.mark)-len(mark)) {
		if i > 0 {
			mark = blank
		}
		p.WriteString(indent + p.mark + mark + l + "\n")
	}
}

// verbatim writes a command as one comment, however long: it can be copied as it is.
func (p *page) verbatim(indent, command string) {
	p.WriteString(indent + p.mark + "     " + text.Clean(command) + "\n")
}

// notes writes what to look at first as comments.
func (p *page) notes(heading string, notes []fix.Note) {
	if len(notes) > 0 {
		p.comment("", "")
		p.comment("", "%s:", heading)
	}
	for _, n := range notes {
		p.hanging("", "  - ", "%s. %s", n.Title, n.Detail)
		if n.Command != "" {
			p.verbatim("", n.Command)
		}
	}
}

// escapedLong is a character as YAML and HCL escape it, which have no pairs.
func escapedLong(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// quoted is a text between two quotes. What cannot be seen is written as an escape.
func quoted(s string, quote rune, escape func(rune) string) string {
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == quote || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case text.Hidden(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

// named is a name in a message of ours.
func named(s string) string { return quoted(s, '"', text.Escape) }
