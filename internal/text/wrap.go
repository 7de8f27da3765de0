package text

import "strings"

// Wrap breaks foreign text into lines of at most a width in cells, between words: names with hyphens stay whole, so
// that they can be copied, and an option of a command stays with its value. A word that is wider than a line is cut.
// Text that fits stays as it is. There is at least one line.
func Wrap(s string, width int) []string {
	s = Clean(s)
	if Width(s) <= width {
		return []string{s}
	}
	lines := []string{""}
	used := 0 // cells of the last line
	for _, word := range words(s) {
		n := Width(word)
		last := &lines[len(lines)-1]
		if used > 0 && used+1+n <= width {
			*last += " " + word
			used += 1 + n
			continue
		}
		if used > 0 {
			lines = append(lines, "")
		}
		for n > width {
			first, rest := Cut(word, width)
			if rest == "" {
				break // one character that is wider than the line
			}
			lines[len(lines)-1] = strings.TrimRight(first, " ")
			lines = append(lines, "")
			word, n = rest, Width(rest)
		}
		lines[len(lines)-1], used = word, n
	}
	return lines
}

// words are the parts of a text that may stand on lines of their own: a word, or an option of a command with its value.
func words(s string) []string {
	var out []string
	option := false
	for word := range strings.FieldsSeq(s) {
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
