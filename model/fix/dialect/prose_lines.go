package dialect

import (
	"strings"

	"hopscope/internal/text"
)

// prose is the plan for a reader, on lines of at most 100 columns.
func (t *draft) prose() (string, error) {
	sections, err := t.sections()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	paragraph(&b, "", text.Clean(t.plan.Title))
	for _, s := range sections {
		b.WriteString("\n" + s.Title + "\n")
		for i := range s.Items {
			if i > 0 && len(s.Items[i].Lines) > 0 {
				b.WriteByte('\n')
			}
			s.Items[i].write(&b)
		}
	}
	return b.String(), nil
}

// write writes an item under its heading.
func (i *Item) write(b *strings.Builder) {
	const indent = "  "
	mark := indent
	if i.Mark != "" {
		mark += i.Mark + " "
	}
	for _, sentence := range []string{i.Title, i.Text} {
		if sentence != "" {
			paragraph(b, mark, sentence)
			mark = strings.Repeat(" ", len([]rune(mark)))
		}
	}
	if i.Command != "" {
		for n, l := range wrapCommand(i.Command, width-len([]rune(mark))-len("$ ")) {
			prompt := "$ "
			if n > 0 {
				prompt = "    "
			}
			b.WriteString(mark + prompt + l + "\n")
		}
	}
	for _, l := range i.Lines {
		const more = "   "
		const columns = width - len(indent) - len(more)
		first, rest := text.Cut(l, columns)
		b.WriteString(strings.TrimRight(indent+first, " ") + "\n")
		for rest != "" {
			first, rest = text.Cut(rest, columns)
			b.WriteString(strings.TrimRight(indent+more+first, " ") + "\n")
		}
	}
}

// paragraph writes a text whose lines stand under each other; a mark goes in front
// of the first.
func paragraph(b *strings.Builder, mark, s string) {
	blank := strings.Repeat(" ", len([]rune(mark)))
	for _, l := range text.Wrap(s, width-len(blank)) {
		b.WriteString(mark + l + "\n")
		mark = blank
	}
}

// wrapCommand breaks a command in front of its options, so that its lines can be copied
// as they are, and read: an option stands with its value. What is longer stays long.
func wrapCommand(command string, columns int) []string {
	const more = ` \`
	columns -= len("    ") // of the second line on
	var out []string
	line := ""
	for _, word := range shellParts(command) {
		if line != "" && len([]rune(line+" "+word+more)) > columns {
			out, line = append(out, line+more), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(out, line)
}

// shellParts are the options of a command, each with its values, and what stands in
// front of the first: the program and what it is to do. Where the output goes, or
// what it is for, is with what stands before it.
func shellParts(command string) []string {
	var out []string
	for i, word := range shellWords(command) {
		if i == 0 || strings.HasPrefix(word, "--") {
			out = append(out, word)
		} else {
			out[len(out)-1] += " " + word
		}
	}
	return out
}

// shellWords cuts a command at blanks outside of quotes. A comment stays whole, as a
// line that ends in a comment cannot go on.
func shellWords(command string) []string {
	var out []string
	start, quote := 0, byte(0)
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\\':
			i++
		case c == '\'' || c == '"':
			quote = c
		case c == '#' && i == start:
			return append(out, command[start:])
		case c == ' ':
			if i > start {
				out = append(out, command[start:i])
			}
			start = i + 1
		}
	}
	if start < len(command) {
		out = append(out, command[start:])
	}
	return out
}
