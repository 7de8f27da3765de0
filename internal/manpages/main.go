// Command manpages writes the manual pages of hopscope, one a command. It is run where a
// release is made: the program itself does not carry what makes them.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/aws/simulator"
	"hopscope/ui/cli"
)

func main() {
	dir := flag.String("o", ".", "the directory that the pages are written to")
	flag.Parse()
	program := &cli.Program{Worlds: simulator.Worlds, MaxFleet: simulator.MaxFleet}
	if err := write(*dir, program.Command()); err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

// write writes the page of a command and of all below it.
func write(dir string, cmd *cobra.Command) error {
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(page(cmd)), 0o644); err != nil {
		return err
	}
	for _, sub := range documented(cmd) {
		if err := write(dir, sub); err != nil {
			return err
		}
	}
	return nil
}

// documented are the commands below one that have pages.
func documented(cmd *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			out = append(out, sub)
		}
	}
	return out
}
