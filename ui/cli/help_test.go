package cli_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"hopscope/internal/text"
	"hopscope/ui/cli"
)

func TestHelpFitsIntoEightyColumns(t *testing.T) {
	t.Parallel()
	commands := strings.Fields("check demo export fix journal open rollback rules simulate snapshot")
	root := runWith(t.Context(), program(), "--help")
	for _, command := range append(slices.Clone(commands), "") {
		args := slices.DeleteFunc([]string{command, "--help"}, func(arg string) bool { return arg == "" })
		got := runWith(t.Context(), program(), args...)
		if got.status != cli.Clean || got.stderr != "" {
			t.Errorf("%v: status %d, stderr %q", args, got.status, got.stderr)
		}
		for _, section := range []string{"\nUsage:\n  hopscope", "\nFlags:\n", "-h, --help "} {
			if !strings.Contains(got.stdout, section) {
				t.Errorf("%v: no %q in\n%s", args, section, got.stdout)
			}
		}
		for line := range strings.Lines(got.stdout) {
			if line = strings.TrimSuffix(line, "\n"); text.Width(line) > 80 || line != strings.TrimRight(line, " ") {
				t.Errorf("%v: the line %q is too long, or ends with a space", args, line)
			}
		}
		if !strings.Contains(root.stdout, "\n  "+command) {
			t.Errorf("the help of hopscope does not list %q", command)
		}
	}
}

func TestHelpThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	t.Parallel()
	p := program()
	p.Stdout = failing{errors.New("no space left on device")}
	if got := runWith(t.Context(), p, "--help"); got.status != cli.CannotCheck ||
		!strings.Contains(got.stderr, "no space left") {
		t.Errorf("got %+v, want the error and status 2", got)
	}
}
