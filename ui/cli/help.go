package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hopscope/internal/text"
)

// helpWidth is how wide a help text may be, in cells: the narrowest terminal that is
// usual.
const helpWidth = 80

// printHelp prints what a command is for, and how it is called. Cobra's own help
// does not break lines, and names the Go types of flags; that of fang pads its lines
// to 120 columns where there is no terminal, does not break those of flags, and takes
// a page that cannot be written for a success.
func printHelp(w io.Writer, cmd *cobra.Command) error {
	var b strings.Builder
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	b.WriteString(strings.TrimSpace(about) + "\n\nUsage:\n")
	if cmd.Runnable() {
		b.WriteString("  " + cmd.UseLine() + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("  " + cmd.CommandPath() + " COMMAND [flags]\n")
	}
	if cmd.HasExample() {
		b.WriteString("\nExamples:\n  " + strings.ReplaceAll(cmd.Example, "\n", "\n  ") + "\n")
	}
	writeSection(&b, "Commands", describedCommands(cmd))
	writeSection(&b, "Flags", describedFlags(cmd))
	_, err := io.WriteString(w, b.String())
	return err
}

// described is a command or a flag, and what it does.
type described struct{ name, does string }

func describedCommands(cmd *cobra.Command) []described {
	var out []described
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			out = append(out, described{sub.Use, sub.Short})
		}
	}
	return out
}

func describedFlags(cmd *cobra.Command) []described {
	var out []described
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		does := f.Usage
		switch f.DefValue {
		case "", "false", "0", "[]": // nothing that has to be said
		default:
			does += " (default " + f.DefValue + ")"
		}
		out = append(out, described{name, does})
	})
	return out
}

// writeSection writes a section in two columns; nothing when there is nothing in it.
func writeSection(b *strings.Builder, title string, all []described) {
	if len(all) == 0 {
		return
	}
	column := 0
	for _, d := range all {
		column = max(column, text.Width(d.name))
	}
	const indent, gap = 2, 2
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, d := range all {
		name := d.name
		for _, line := range text.Wrap(d.does, helpWidth-indent-column-gap) {
			fmt.Fprintf(b, "  %-*s  %s\n", column, name, line)
			name = ""
		}
	}
}
