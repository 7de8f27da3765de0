package export_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"hopscope/model"
	"hopscope/model/diff"
	"hopscope/model/export"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

func comparisonOf(t *testing.T, before, after *model.Snapshot) string {
	t.Helper()
	var b strings.Builder
	if err := export.DiffMarkdown(&b, diff.Between(rule.Analyze(before), rule.Analyze(after))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComparisonsAsMarkdown(t *testing.T) {
	t.Parallel()
	denied := modeltest.Article(0, 80)
	modeltest.Deny(denied, model.DescribeSecurityGroups)
	for name, pair := range map[string][2]*model.Snapshot{
		"nothing":        {modeltest.Article(0, 80), modeltest.Article(0, 80)},
		"the lost group": {modeltest.Article(0, 80), modeltest.Article(8080, 80)},
		"denied groups":  {modeltest.Article(0, 80), denied},
		"unhealthy":      {modeltest.Article(10080, 10080), modeltest.UnhealthyArticle()},
		"all gone":       {modeltest.Article(0, 80), {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.RequireEqual(t, comparisonOf(t, pair[0], pair[1]))
		})
	}
}

// spans are code spans, in which nothing has a meaning.
var spans = regexp.MustCompile("``[^\n]*?``|`[^`\n]*`")

// A name is text: it is no markup, ends no cell, and calls nobody.
func TestNamesInComparisonsAreText(t *testing.T) {
	t.Parallel()
	name := "a|b`c*d <script>alert(1)</script> @team \n# h1 \x1b]0;t\x07\u202e"
	hostile := modeltest.Hostile(name).Snapshot()
	for _, pair := range [][2]*model.Snapshot{{modeltest.Article(0, 80), hostile}, {hostile, modeltest.Article(0, 80)}} {
		text := comparisonOf(t, pair[0], pair[1])
		text = spans.ReplaceAllString(text, "`code`")
		if strings.Contains(text, "<script") || strings.ContainsAny(text, "\x1b\x07\u202e") ||
			strings.Contains(text, "\n# h1") {
			t.Errorf("a name is more than text:\n%s", text)
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "| ") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 6 {
				t.Errorf("not six bars: %s", line)
			}
		}
	}
}

// GitHub refuses a comment of more than 65,536 characters.
func TestALongComparisonIsCut(t *testing.T) {
	t.Parallel()
	text := comparisonOf(t, &model.Snapshot{}, modeltest.Fleet(1, 300))
	if len(text) > 65_536 || !strings.Contains(text, "hopscope diff --format json") {
		t.Errorf("%d characters", len(text))
	}
}
