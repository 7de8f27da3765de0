package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a flag that takes one of a few words. It implements pflag.Value.
type choice struct {
	value   string
	allowed []string
}

// String is the chosen word.
func (c *choice) String() string { return c.value }

// Type is what usage texts call the value.
func (c *choice) Type() string { return strings.Join(c.allowed, "|") }

// Set takes a word, or says which there are.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.allowed, word) {
		return fmt.Errorf("choose %s", alternatives(c.allowed))
	}
	c.value = word
	return nil
}

// register adds the flag, and its words to the shell's completion.
func (c *choice) register(cmd *cobra.Command, name, usage string) {
	cmd.Flags().Var(c, name, usage+": "+alternatives(c.allowed))
	complete(cmd, name, func() []string { return c.allowed })
}

// complete lets the shell complete the values of a flag.
func complete(cmd *cobra.Command, flag string, words func() []string) {
	// The error says that there is no such flag: a mistake of this program,
	// which a test of the completions finds.
	suggest := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveDefault
	}
	_ = cmd.RegisterFlagCompletionFunc(flag, suggest)
}

// completeFrom is complete for words that a program may lack.
func completeFrom(cmd *cobra.Command, flag string, words func() []string) {
	if words != nil {
		complete(cmd, flag, words)
	}
}

// alternatives joins words: "a, b or c".
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
