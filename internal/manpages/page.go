package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// page is a command's manual page, in the language of man(7).
func page(cmd *cobra.Command) string {
	var b strings.Builder
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" hopscope \"hopscope manual\"\n", quoted(strings.ToUpper(name)))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", escaped(name), escaped(cmd.Short))
	b.WriteString(".SH SYNOPSIS\n.nf\n")
	if cmd.Runnable() {
		fmt.Fprintf(&b, "%s\n", escaped(cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "%s COMMAND [flags]\n", escaped(cmd.CommandPath()))
	}
	b.WriteString(".fi\n.SH DESCRIPTION\n")
	description(&b, cmp.Or(cmd.Long, cmd.Short))
	flags(&b, "OPTIONS", cmd.LocalFlags())
	if cmd.HasExample() {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", literal(cmd.Example))
	}
	var related []string
	if cmd.HasParent() {
		related = append(related, reference(cmd.Parent()))
	}
	for _, sub := range documented(cmd) {
		related = append(related, reference(sub))
	}
	if len(related) > 0 {
		fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", strings.Join(related, ",\n"))
	}
	return b.String()
}

func reference(cmd *cobra.Command) string {
	return "\\fB" + escaped(strings.ReplaceAll(cmd.CommandPath(), " ", "-")) + "\\fR(1)"
}

// description writes paragraphs, which man fills to the width of the reader. Those with
// lines that are indented are tables, and stay as they are.
func description(b *strings.Builder, text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.Contains(paragraph, "\n ") || strings.Contains(paragraph, "\n\t") {
			fmt.Fprintf(b, ".nf\n%s\n.fi\n", literal(paragraph))
			continue
		}
		b.WriteString(literal(paragraph) + "\n")
	}
}

func flags(b *strings.Builder, title string, all *pflag.FlagSet) {
	if !all.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	all.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", escaped(name), literal(f.Usage))
	})
}

// literal is text of several lines.
func literal(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = escaped(strings.TrimRight(lines[i], " "))
	}
	return strings.Join(lines, "\n")
}

// escaped is one line without meaning to man: a backslash, a dash that is no hyphen, and
// a dot or a quote in front, which would be a request.
func escaped(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}

// quoted is an argument of a request.
func quoted(s string) string { return `"` + strings.ReplaceAll(escaped(s), `"`, `\(dq`) + `"` }
