package cli

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

func TestWrappingKeepsWordsWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text  string
		width int
		want  string
	}{
		"nothing":             {"", 10, ""},
		"short":               {"one two", 10, "one two"},
		"at a space":          {"one two three", 8, "one two\nthree"},
		"not at a hyphen":     {"rule on sg-client-service", 20, "rule on\nsg-client-service"},
		"a word too long":     {"go sg-client-service on", 8, "go\nsg-clien\nt-servic\ne on"},
		"wide characters":     {"日本語 日本語", 8, "日本語\n日本語"},
		"controls and breaks": {"a\nb\x1bc", 8, "a b�c"},
	}
	for name, tt := range tests {
		if got := strings.Join(wrap(tt.text, tt.width), "\n"); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, tt.want)
		}
	}
}

func TestWrappingLosesNothingAndFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z0-9 :/.-]{0,80}`).Draw(t, "text")
		width := rapid.IntRange(1, 40).Draw(t, "width")
		lines := wrap(text, width)
		for _, line := range lines {
			if ansi.StringWidth(line) > width {
				t.Fatalf("%q is wider than %d", line, width)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got, want := squeeze(strings.Join(lines, "")), squeeze(text); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
