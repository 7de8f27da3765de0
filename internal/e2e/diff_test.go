package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/ui/cli"
)

// save writes what a simulator simulates to a file, as of a time.
func (a *article) save(t *testing.T, name string, at time.Time) string {
	t.Helper()
	s := readAll(t, a.simulator)
	s.CollectedAt = at
	file := filepath.Join(t.TempDir(), name)
	if err := model.WriteFile(file, s, model.FileOptions{Tool: "test"}); err != nil {
		t.Fatal(err)
	}
	return file
}

// The article's experiment, as a reviewer of its change would read it.
func TestTheDocsShowTheArticleAsAComment(t *testing.T) {
	a := newArticle(t)
	morning := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	first := a.save(t, "a.json", morning)
	a.override(t, 10080)
	second := a.save(t, "b.json", morning.Add(time.Minute))
	a.open(t, 10080)
	third := a.save(t, "c.json", morning.Add(time.Hour))
	comment := hopscope(t, "diff", first, third, "--format", "markdown")
	blocks(t, "docs/diff.md", map[string]string{"article": strings.TrimSuffix(comment, "\n")})

	output(t, cli.Found, "diff", first, second, "--fail-on", "new-error")
	output(t, cli.Clean, "diff", first, second)
	output(t, cli.Clean, "diff", second, third, "--fail-on", "new-warning")
	output(t, cli.Found, "diff", second, third, "--fail-on", "any")
	output(t, cli.Clean, "diff", third, third, "--fail-on", "any")
	output(t, cli.CannotCheck, "diff", first, second, "--demo", "article")
	output(t, cli.CannotCheck, "diff")
	output(t, cli.Clean, "diff", first, "--demo", "article", "--fail-on", "any")
}
