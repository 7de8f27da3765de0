package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"hopscope/ui/cli"
)

func TestEveryCommandHasAPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := (&cli.Program{Worlds: func() []string { return []string{"article"} }}).Command()
	if err := write(dir, root); err != nil {
		t.Fatal(err)
	}
	for _, sub := range documented(root) {
		text, err := os.ReadFile(filepath.Join(dir, "hopscope-"+sub.Name()+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{".SH NAME\nhopscope\\-" + sub.Name(), ".SH DESCRIPTION\n", "\\fBhopscope\\fR(1)"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("the page of %s has no %q", sub.Name(), want)
			}
		}
		lint(t, filepath.Join(dir, "hopscope-"+sub.Name()+".1"))
	}
	lint(t, filepath.Join(dir, "hopscope.1"))
}

// lint has groff read a page, where there is one.
func lint(t *testing.T, path string) {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		return
	}
	out, err := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-ww", "-z", path).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%s: %v\n%s", filepath.Base(path), err, out)
	}
}

func TestTextHasNoMeaningToMan(t *testing.T) {
	t.Parallel()
	cmd := &cobra.Command{
		Use: "x", Short: "y", Long: ".so /etc/passwd\n'quoted\n\nof hopscope\\journal:\n  a --b  c\n",
		Run: func(*cobra.Command, []string) {},
	}
	const want = ".SH DESCRIPTION\n\\&.so /etc/passwd\n\\&'quoted\n.PP\n.nf\nof hopscope\\ejournal:\n  a \\-\\-b  c\n.fi\n"
	if got := page(cmd); !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
