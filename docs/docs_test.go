// Package docs_test holds what the repository says about itself to the repository.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = ".."

// sources are the Go files, documents and scripts of the repository, by their names from its root.
func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains([]string{".go", ".md", ".yml", ".sh"}, path.Ext(name)) && relative != ".ci/run":
			return nil
		}
		text, err := os.ReadFile(name)
		out[filepath.ToSlash(relative)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	// lineEnds joins a citation that goes on in the next line, of a comment or of a paragraph.
	lineEnds = regexp.MustCompile(`\n[\t ]*(?:// ?|# ?)?`)
	page     = regexp.MustCompile(`\b(?:[\w-]+/)*[\w-]+\.md\b`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	// section is a heading that is cited: docs/traffic.md, Health checks.
	section = regexp.MustCompile(`\bdocs/(traffic|aws|glossary|worlds|structure)\.md, ([A-Z][\w ]+)`)
)

// written are files that hopscope writes for a user, in examples.
var written = []string{"report.md", "changed.md", "summary.md"}

// A reader of the repository has the repository alone.
func TestEveryPageThatIsCitedIsHere(t *testing.T) {
	t.Parallel()
	all := sources(t)
	for name, text := range all {
		if name == "docs/docs_test.go" {
			continue // it holds the patterns
		}
		text = lineEnds.ReplaceAllString(text, " ")
		for _, cited := range page.FindAllString(text, -1) {
			_, fromRoot := all[path.Clean(cited)]
			_, fromHere := all[path.Join(path.Dir(name), cited)]
			if !fromRoot && !fromHere && !slices.Contains(written, cited) {
				t.Errorf("%s cites %s, which is not in the repository", name, cited)
			}
		}
		for _, cited := range section.FindAllStringSubmatch(text, -1) {
			if !hasHeading(all["docs/"+cited[1]+".md"], cited[2]) {
				t.Errorf("%s cites docs/%s.md, %s: the page has no such heading", name, cited[1], cited[2])
			}
		}
	}
}

// hasHeading reports whether what follows the name of a page begins with one of its headings.
func hasHeading(page, cited string) bool {
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		if strings.HasPrefix(cited, h[1]) {
			return true
		}
	}
	return false
}

var (
	link   = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)
	anchor = regexp.MustCompile(`[^\w -]`)
)

func TestLinksOfThePagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := sources(t)
	for name, text := range all {
		if path.Ext(name) != ".md" {
			continue
		}
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			target := name
			if l[1] != "" {
				target = path.Join(path.Dir(name), l[1])
			}
			if strings.Contains(l[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", name, l[1], err)
			}
			if l[2] != "" && !slices.Contains(anchors(all[target]), l[2]) {
				t.Errorf("%s links to %s%s: there is no such heading", name, l[1], l[2])
			}
		}
	}
}

// anchors are the headings of a page as GitHub links to them.
func anchors(page string) []string {
	var out []string
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		out = append(out, "#"+strings.ReplaceAll(anchor.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return out
}

var (
	backticked = regexp.MustCompile("`([^`\n]+)`")
	fences     = regexp.MustCompile("(?s)```.*?```")
	pathLike   = regexp.MustCompile(`^(\.?[\w.-]+/)*\.?[\w.-]+\.(go|md|sh|yml|json)$|` +
		`^\.?(ui|aws|model|internal|docs|ci)(/[\w.-]+)+$`)
)

// ARCHITECTURE.md names files for a reader who has read nothing else.
func TestEveryPathThatARCHITECTURENamesIsHere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := "" // of the path before: a file alone stands beside it
	for _, m := range backticked.FindAllStringSubmatch(fences.ReplaceAllString(string(text), ""), -1) {
		name := m[1]
		if !pathLike.MatchString(name) || strings.Contains(name, "CODE") {
			continue
		}
		_, err := os.Stat(filepath.Join(root, name))
		if err != nil && !strings.Contains(name, "/") {
			_, err = os.Stat(filepath.Join(root, dir, name))
		}
		if err != nil {
			t.Errorf("ARCHITECTURE.md names %s: %v", name, err)
		}
		if strings.Contains(name, "/") {
			dir = path.Dir(name)
		}
	}
}
