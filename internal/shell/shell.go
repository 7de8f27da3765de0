// Package shell writes commands for a POSIX shell.
package shell

import (
	"strings"

	"hopscope/internal/text"
)

// isBare tells whether no shell gives a meaning to a character, wherever it stands in a
// word.
func isBare(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_./:@%+,=", c) >= 0
}

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
	bare := s != "" && s[0] != '='
	for i := 0; bare && i < len(s); i++ {
		bare = isBare(s[i])
	}
	if bare {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Line joins words to a command, each quoted.
func Line(words ...string) string {
	size := 0
	for _, w := range words {
		size += len(w) + len(" ''")
	}
	var line strings.Builder
	line.Grow(size)
	for i, w := range words {
		if i > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(Quote(w))
	}
	return line.String()
}
