package dialect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
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
}

// line writes a line of code.
func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.Builder, format+"\n", args...) }

// comment writes a sentence as comments, as many lines as it takes.
func (p *page) comment(indent, format string, args ...any) {
	for _, l := range wrap(visible(fmt.Sprintf(format, args...)), commentWidth-len(indent)-len(p.mark)) {
		p.WriteString(strings.TrimRight(indent+p.mark+l, " ") + "\n")
	}
}

// hanging writes an item of a list as comments: its second line stands under the
// text of the first.
func (p *page) hanging(indent, mark, format string, args ...any) {
	blank := strings.Repeat(" ", len(mark))
	for i, l := range wrap(visible(fmt.Sprintf(format, args...)), commentWidth-len(indent)-len(p.mark)-len(mark)) {
		if i > 0 {
			mark = blank
		}
		p.WriteString(indent + p.mark + mark + l + "\n")
	}
}

// verbatim writes a command as one comment, however long: it can be copied as it is.
func (p *page) verbatim(indent, command string) {
	p.WriteString(indent + p.mark + "     " + visible(command) + "\n")
}

// visible is a text as one line that acts on nothing: neither on the terminal that
// it is shown in, nor on the comment that it stands in. What cannot be seen becomes
// a \u escape, white space a blank.
func visible(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		default:
			b.WriteString(escaped(r))
		}
	}
	return b.String()
}

// hidden tells whether a character cannot be seen: controls, direction overrides,
// separators of lines, odd spaces.
func hidden(r rune) bool { return !unicode.IsPrint(r) }

// escaped is a character as JSON escapes it.
func escaped(r rune) string {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
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
		case hidden(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

// named is a name in a message of ours.
func named(s string) string { return quoted(s, '"', escaped) }

// Words are the words of a text that may stand on lines of their own: an option of a
// command is one with its value.
func Words(text string) []string {
	var out []string
	option := false
	for word := range strings.FieldsSeq(text) {
		if isOption := strings.HasPrefix(strings.TrimLeft(word, "('`"), "--"); option && !isOption {
			out[len(out)-1] += " " + word
			option = false
		} else {
			out = append(out, word)
			option = isOption && strings.IndexByte(".,;:)'`=", word[len(word)-1]) < 0
		}
	}
	return out
}

// wrap breaks a text into lines at its blanks, and a word that is too long where the
// line ends.
func wrap(text string, columns int) []string {
	var lines []string
	var line []rune
	for _, word := range Words(text) {
		w := []rune(word)
		if len(line) > 0 && len(line)+1+len(w) > columns {
			lines, line = append(lines, string(line)), nil
		}
		if len(line) > 0 {
			line = append(line, ' ')
		}
		for len(line)+len(w) > columns {
			cut := columns - len(line)
			lines, line, w = append(lines, string(append(line, w[:cut]...))), nil, w[cut:]
		}
		line = append(line, w...)
	}
	if len(line) > 0 || len(lines) == 0 {
		lines = append(lines, string(line))
	}
	return lines
}
