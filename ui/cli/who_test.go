package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
	"hopscope/model/selector"
)

// whoText is the answer of hopscope who for people, without its styles.
func whoText(t *testing.T, s *model.Snapshot, width int, words ...string) string {
	t.Helper()
	names := make([]selector.Selector, len(words))
	for i, word := range words {
		var err error
		if names[i], err = selector.Parse(word); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := answered(rule.Analyze(s), names)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	page := whoPage{newPage(&out, width)}
	page.document(doc)
	if err := page.flush(); err != nil {
		t.Fatal(err)
	}
	return ansi.Strip(out.String())
}

func TestAnswersFitTheTerminal(t *testing.T) {
	t.Parallel()
	closed := modeltest.Article(8080, 80)
	for name, words := range map[string][]string{
		"a list": {"*"}, "listeners": {"lb:*"}, "no": {"client-service", "sample-ecs-app"},
		"addresses": {"10.0.0.0/8", "lb:*"},
	} {
		for _, width := range []int{60, 80} {
			t.Run(fmt.Sprintf("%s at %d columns", name, width), func(t *testing.T) {
				t.Parallel()
				text := whoText(t, closed, width, words...)
				fits(t, text, width)
				golden.RequireEqual(t, text)
			})
		}
	}
}

func TestNamesInAnswersCannotReachTheTerminal(t *testing.T) {
	t.Parallel()
	s := modeltest.Hostile("x\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\r\ny").Snapshot()
	for i := range s.SecurityGroups {
		for j := range s.SecurityGroups[i].Ingress {
			s.SecurityGroups[i].Ingress[j].Description = "d\x1b[2J\r"
		}
	}
	for _, words := range [][]string{{"*"}, {"lb:*"}, {"*", "*"}, {"lb:*", "*"}, {"10.0.0.9", "*"}} {
		if text := whoText(t, s, 80, words...); strings.ContainsAny(text, "\x1b\x07\u009b\u202e\r") {
			t.Errorf("%v: a control character came through: %q", words, text)
		}
	}
}
