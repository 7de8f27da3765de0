package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/uax29/v2/graphemes"
	"pgregory.net/rapid"
)

func TestForeignTextIsOneLineThatActsOnNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain":              {"web-1", "web-1"},
		"other scripts":      {"café 東京", "café 東京"},
		"escape sequence":    {"a\x1b[2Jb", "a\ufffd[2Jb"},
		"8-bit sequence":     {"a\u009b2Jb", "a\ufffd2Jb"},
		"title":              {"\x1b]0;x\x07", "\ufffd]0;x\ufffd"},
		"lines and tabs":     {"a\nb\tc\rd\ve", "a b c d e"},
		"odd blanks":         {"a\u00a0b\u3000c\u2028d\u0085e", "a b c d e"},
		"reversed text":      {"a\u202eb\u2066", "a\ufffdb\ufffd"},
		"zero width":         {"a\u200bb\ufeff\u200d", "a\ufffdb\ufffd\ufffd"},
		"letters of nothing": {"a\u3164\u115f\u034fb", "a\ufffd\ufffd\ufffdb"},
		"tag characters":     {"a\U000e0041", "a\ufffd"},
		"not UTF-8":          {"a\xff\xfeb", "a\ufffdb"},
		"delete":             {"a\x7fb", "a\ufffdb"},
		"private use":        {"\ue000", "\ufffd"},
		"nothing":            {"", ""},
		"a combining accent": {"e\u0301", "e\u0301"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", name, c.in, got, c.want)
		}
	}
	if got := CleanLines("a\n\x1bb\r\nc"); got != "a\n\ufffdb \nc" {
		t.Errorf("CleanLines gives %q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"web", "\x1b[2J", "\u202e", "e\u0301\u200d", "\xff", "東京", "\x1b]0;title\x07text"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean := Clean(s)
		unsafe := func(r rune) bool { return Hidden(r) || unicode.IsControl(r) }
		if !utf8.ValidString(clean) || strings.ContainsFunc(clean, unsafe) {
			t.Fatalf("Clean(%q) = %q", s, clean)
		}
		if again := Clean(clean); again != clean {
			t.Fatalf("Clean(%q) is not stable: %q, then %q", s, clean, again)
		}
		if ansi.Strip(clean) != clean {
			t.Fatalf("a terminal obeys %q", clean)
		}
		if len(clean) > 0 != (len(s) > 0) {
			t.Fatalf("%q became %q", s, clean)
		}
	})
}

// The terminal library is the judge of widths.
func TestWidthsAreThoseOfTheTerminal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawnText(t)
		if got, want := Width(s), ansi.StringWidth(Clean(s)); got != want {
			t.Fatalf("Width(%q) = %d, want %d", s, got, want)
		}
		width := rapid.IntRange(1, 40).Draw(t, "width")
		if err := elided(Clean(s), Elide(s, width), width); err != nil {
			t.Fatalf("Elide(%q, %d): %v", s, width, err)
		}
	})
}

// elided says what is wrong with a text that was cut to a width: the terminal library's
// own cut is no judge, as it may part a letter from the mark that belongs to it.
func elided(whole, got string, width int) error {
	if ansi.StringWidth(whole) <= width {
		if got != whole {
			return fmt.Errorf("%q fits, and became %q", whole, got)
		}
		return nil
	}
	kept, cut := strings.CutSuffix(got, ellipsis)
	if !cut || !strings.HasPrefix(whole, kept) || ansi.StringWidth(got) > width {
		return fmt.Errorf("%q is %d wide", got, ansi.StringWidth(got))
	}
	next := graphemes.FromString(whole[len(kept):])
	next.Next()
	if more := next.Value(); ansi.StringWidth(more) > 0 && ansi.StringWidth(kept+more+ellipsis) <= width {
		return fmt.Errorf("%q has room for %q", got, more)
	}
	return nil
}

func TestAMarkStaysWithItsLetter(t *testing.T) {
	t.Parallel()
	if got := Elide("AःAA", 2); got != "Aः…" {
		t.Errorf("got %q", got)
	}
}

func drawnText(t *rapid.T) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`([a-z:/.-]{0,12} ){0,9}[a-z]{0,60}`),
		rapid.StringMatching(`[東京👩é́ a-z\x1b\x{202e}-]{0,60}`),
	).Draw(t, "text")
}

func TestCuttingAndWrappingFitAndLoseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawnText(t)
		width := rapid.IntRange(2, 40).Draw(t, "width")
		lines := Wrap(s, width)
		for _, line := range lines {
			if Width(line) > width {
				t.Fatalf("Wrap(%q, %d) gives %q", s, width, line)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got, want := squeeze(strings.Join(lines, "")), squeeze(Clean(s)); got != want {
			t.Fatalf("Wrap(%q, %d) keeps %q", s, width, got)
		}
		hanging := Hang(s, max(width/3, 2), width)
		for i, line := range hanging {
			if i == 0 && Width(line) > max(width/3, 2) || Width(line) > width {
				t.Fatalf("Hang(%q, %d, %d) gives %q", s, max(width/3, 2), width, hanging)
			}
		}
		if got, want := squeeze(strings.Join(hanging, "")), squeeze(Clean(s)); got != want {
			t.Fatalf("Hang(%q, %d, %d) keeps %q", s, max(width/3, 2), width, got)
		}
		first, rest := Cut(s, width)
		if first+rest != Clean(s) || Width(first) > width || (first == "" && s != "") {
			t.Fatalf("Cut(%q, %d) = %q, %q", s, width, first, rest)
		}
		if Elide(s, 0) != "" || Width(Elide(s, width)) > width {
			t.Fatalf("Elide(%q, %d) = %q", s, width, Elide(s, width))
		}
	})
}

func TestWrappingKeepsWordsWhole(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text  string
		width int
		want  string
	}{
		"nothing":               {"", 10, ""},
		"what fits stays":       {"one  two", 10, "one  two"},
		"a word without width":  {"\u0300 AA", 2, "\u0300\nAA"},
		"at a space":            {"one two three", 8, "one two\nthree"},
		"not at a hyphen":       {"rule on sg-client-service", 20, "rule on\nsg-client-service"},
		"a word too long":       {"go sg-client-service on", 8, "go\nsg-clien\nt-servic\ne on"},
		"wide characters":       {"日本語 日本語", 8, "日本語\n日本語"},
		"a character too wide":  {"日本", 1, "日\n本"},
		"controls and breaks":   {"a\nb\x1bc", 8, "a b�c"},
		"an option, with value": {"pass --region eu-west-1 on", 12, "pass\n--region\neu-west-1 on"},
		"an option that fits":   {"pass --region eu-west-1 on", 20, "pass\n--region eu-west-1\non"},
	} {
		if got := strings.Join(Wrap(tt.text, tt.width), "\n"); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, tt.want)
		}
	}
}

func TestTheWordsOfATextKeepOptionsWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "",
		"pass --region eu-west-1 to it": "pass|--region eu-west-1|to|it",
		"(aws ecs list-tasks --desired-status STOPPED).": "(aws|ecs|list-tasks|--desired-status STOPPED).",
		"with --apply, the others":                       "with|--apply,|the|others",
		"--a --b c":                                      "--a|--b c",
		"`--x y` z":                                      "`--x y`|z",
		"at the end --yes":                               "at|the|end|--yes",
	} {
		if got := strings.Join(words(text), "|"); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzEscapedJSONMeansTheSame(f *testing.F) {
	f.Add("a\x1b\u202eb\U000e0041\u009b\xff")
	f.Fuzz(func(t *testing.T, s string) {
		plain, err := json.MarshalIndent(map[string]string{s: s}, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		safe := EscapeJSON(plain)
		if bytes.ContainsFunc(safe, escapedInJSON) {
			t.Fatalf("%q holds hidden characters", safe)
		}
		var got, want map[string]string
		if err := json.Unmarshal(safe, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(plain, &want); err != nil {
			t.Fatal(err)
		}
		for k, v := range want {
			if got[k] != v {
				t.Fatalf("%q reads %q", safe, got[k])
			}
		}
	})
}
