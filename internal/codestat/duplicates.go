package main

import (
	"go/ast"
	"strings"
)

// window is how many consecutive lines make a duplicate.
const window = 6

// A place is a line of a file, by indexes.
type place struct{ file, line int }

// duplicatePairs counts the pairs of places in code without tests that share six or more consecutive lines. Lines are
// trimmed; blank lines, comments and import declarations are left out. A longer run counts once, and a run that
// overlaps itself does not count.
func duplicatePairs(c *checkout) int {
	var texts [][]string
	for _, f := range c.code() {
		texts = append(texts, comparedLines(c, f))
	}
	places := map[string][]place{}
	for i, lines := range texts {
		for at := 0; at+window <= len(lines); at++ {
			key := strings.Join(lines[at:at+window], "\n")
			places[key] = append(places[key], place{i, at})
		}
	}
	pairs := 0
	for _, same := range places {
		for i, a := range same {
			for _, b := range same[i+1:] {
				if begins(texts, a, b) && (a.file != b.file || b.line-a.line >= window) {
					pairs++
				}
			}
		}
	}
	return pairs
}

// begins reports whether the lines before two places differ, so that a run of more than six lines counts once.
func begins(texts [][]string, a, b place) bool {
	return a.line == 0 || b.line == 0 || texts[a.file][a.line-1] != texts[b.file][b.line-1]
}

// comparedLines are the lines of a file that duplicates are looked for in.
func comparedLines(c *checkout, f *file) []string {
	skipped := map[int]bool{}
	skip := func(node ast.Node) {
		for line := c.fset.Position(node.Pos()).Line; line <= c.fset.Position(node.End()).Line; line++ {
			skipped[line] = true
		}
	}
	for _, imported := range f.ast.Imports {
		skip(imported)
	}
	var lines []string
	for i, line := range f.lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") || skipped[i+1] {
			continue
		}
		lines = append(lines, line)
	}
	return lines
}
