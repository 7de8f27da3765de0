// Package shell writes commands for a POSIX shell.
package shell

import (
	"strings"

	"hopscope/internal/text"
)

// bare are the characters that no shell gives a meaning to, wherever they stand in
// a word.
const bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,="

// Quote is a text as one word of a POSIX shell, whatever is in it: names and
// descriptions from AWS go into commands that people paste. What needs no quotes
// has none. What could act on the terminal that the command is shown in is replaced
// (see [text.Clean]): no name in AWS may have it.
func Quote(s string) string {
	s = text.Clean(s)
	// A word with = before any letter would be read as an assignment only in front
	// of a command, where nothing of AWS's ever stands; one that starts with - is an
	// option with or without quotes.
	// zsh takes one that starts with = for the path of a program.
	if s != "" && s[0] != '=' && strings.Trim(s, bare) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Line joins words to a command, each quoted.
func Line(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return strings.Join(quoted, " ")
}
