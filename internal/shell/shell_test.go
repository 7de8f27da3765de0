package shell_test

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/internal/shell"
)

func TestWhatTheShellCannotMisreadIsLeftBare(t *testing.T) {
	for in, want := range map[string]string{
		"":                 "''",
		"sg-1":             "sg-1",
		"sample-namespace": "sample-namespace",
		"a b":              "'a b'",
		"it's":             `'it'\''s'`,
		"$(reboot)":        "'$(reboot)'",
		"`x`":              "'`x`'",
		"a\nb":             "'a b'",
		"a\x1b[31m":        "'a\ufffd[31m'",
		"~":                "'~'",
		"=ls":              "'=ls'",
		"Name=x,Values=y":  "Name=x,Values=y",
		"a\u202eb":         "'a\ufffdb'",
		"\xff":             "'\ufffd'",
	} {
		if got := shell.Quote(in); got != want {
			t.Errorf("%q becomes %s, not %s", in, got, want)
		}
	}
	if got := shell.Line("aws", "ecs", "a b"); got != "aws ecs 'a b'" {
		t.Error(got)
	}
}

// A shell is the judge: it gets back what was quoted, as one word.
func TestAShellReadsBackOneWord(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here")
	}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[ -~äß€]{0,12}`), 1, 12).Draw(t, "words")
		var script strings.Builder
		script.WriteString("printf '<%s>\\n' --")
		var want strings.Builder
		want.WriteString("<-->\n")
		for _, w := range words {
			script.WriteString(" " + shell.Quote(w))
			want.WriteString("<" + w + ">\n")
		}
		out, err := exec.Command(sh, "-c", script.String()).Output()
		if err != nil {
			t.Fatal(err)
		}
		if string(out) != want.String() {
			t.Fatalf("%s printed %q", script.String(), out)
		}
	})
}
