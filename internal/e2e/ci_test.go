package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"
	"go.yaml.in/yaml/v3"

	"hopscope/aws/simulator"
	"hopscope/internal/app"
	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/ui/cli"
)

// statusOf is the exit status of hopscope in this process.
func statusOf(t *testing.T, args ...string) (status cli.Status, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := app.NewProgram(app.Settings{})
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), &out, &errs
	p.Terminal, p.Env = false, nil
	return p.Run(t.Context(), args), errs.String()
}

// sourcesForCI are worlds, and snapshots of which something was not read.
func sourcesForCI(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{
		"article": {"--demo", "article"}, "shop": {"--demo", "shop"}, "fleet": {"--demo", "fleet:4"},
	}
	for name, edit := range map[string]func(*model.Snapshot){
		"fixed":  func(*model.Snapshot) {},
		"denied": func(s *model.Snapshot) { modeltest.Deny(s, model.DescribeSecurityGroups) },
		"failed": func(s *model.Snapshot) {
			modeltest.Deny(s, model.DescribeSecurityGroups)
			for i := range s.Gaps {
				s.Gaps[i].State, s.Gaps[i].Error = model.Failed, "timeout"
			}
		},
		"empty": func(s *model.Snapshot) { s.Services, s.Clusters, s.Scope.Clusters = nil, nil, nil },
	} {
		s := modeltest.Article(8080, 8080)
		edit(s)
		file := filepath.Join(t.TempDir(), name+".json")
		if err := model.WriteFile(file, s, model.FileOptions{Tool: "test"}); err != nil {
			t.Fatal(err)
		}
		out[name] = []string{"--snapshot", file}
	}
	return out
}

func TestTheStatusDoesNotDependOnTheFormat(t *testing.T) {
	t.Parallel()
	paths := filepath.Join(t.TempDir(), "paths.yaml")
	lines := "assert:\n- 'client-service -> sample-ecs-app via agent'\n"
	if err := os.WriteFile(paths, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	seen := map[cli.Status]bool{}
	for name, source := range sourcesForCI(t) {
		for _, more := range [][]string{nil, {"--fail-on", "info"}, {"--strict"}, {"--assert", paths, "--fail-on", "never"}} {
			args := slices.Concat([]string{"check"}, source, more)
			want, _ := statusOf(t, args...)
			seen[want] = true
			for _, format := range []string{"json", "markdown", "junit", "github", "sarif"} {
				if format == "sarif" && !slices.Contains(more, "--assert") {
					continue
				}
				if got, stderr := statusOf(t, append(slices.Clone(args), "--format", format)...); got != want {
					t.Errorf("%s %v as %s: %d, and %d for people: %s", name, more, format, got, want, stderr)
				}
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("the cases have the statuses %v alone", seen)
	}
}

func TestSARIFWithoutAFileToPointToIsRefused(t *testing.T) {
	t.Parallel()
	if status, stderr := statusOf(t, "check", "--demo", "article", "--format", "sarif"); status != cli.CannotCheck ||
		!strings.Contains(stderr, "--assert FILE") {
		t.Errorf("%d: %s", status, stderr)
	}
}

func TestAssertionsAndBaselinesDecide(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	broken := write("broken.yaml", "assert:\n\n- 'lb:main-alb -> sample-ecs-app via direct'\n")
	typo := write("typo.yaml", "assert:\n- 'lb:main-alb -> sample-ecs-ap'\n")
	accepted := filepath.Join(dir, "accepted.yaml")
	for _, test := range []struct {
		args []string
		want cli.Status
		says string
	}{
		{[]string{"--assert", broken}, cli.Found, ""},
		{[]string{"--assert", typo}, cli.CannotCheck, ""},
		{[]string{"--assert", write("bad.yaml", "assert:\n- 'a > b'\n")}, cli.CannotCheck, "bad.yaml:2: "},
		{[]string{"--assert", write("none.yaml", "assert: []\n")}, cli.CannotCheck, "asserts nothing"},
		{[]string{"--assert", filepath.Join(dir, "missing.yaml")}, cli.CannotCheck, "missing.yaml"},
		{[]string{"--baseline", write("b.yaml", "accepted:\n- key: a\n")}, cli.CannotCheck, "b.yaml:2: say why"},
		{[]string{"--fail-on", "warning"}, cli.Found, ""},
		{[]string{"--fail-on", "warning", "--write-baseline", accepted}, cli.Clean, "accepts 1 finding"},
		{[]string{"--fail-on", "warning", "--baseline", accepted}, cli.Clean, ""},
		{[]string{"--fail-on", "info", "--baseline", accepted}, cli.Found, ""},
		{[]string{
			"--fail-on", "warning", "--baseline",
			write("old.yaml", "accepted:\n- key: gone\n  reason: old\n"),
		}, cli.Found, "1 unused"},
	} {
		status, stderr := statusOf(t, append([]string{"check", "--demo", "article"}, test.args...)...)
		if status != test.want || !strings.Contains(stderr, test.says) {
			t.Errorf("%v: %d, want %d: %s", test.args, status, test.want, stderr)
		}
	}
	page := output(t, cli.Found, "check", "--demo", "article", "--assert", broken)
	for _, want := range []string{"broken.yaml:3)", "inside the task: the agent takes"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
}

// What export writes of a world holds there.
func TestAssertionsOfAWorldHoldInIt(t *testing.T) {
	t.Parallel()
	for name, source := range sourcesForCI(t) {
		file := filepath.Join(t.TempDir(), name+".yaml")
		if status, stderr := statusOf(t, slices.Concat([]string{"export"}, source,
			[]string{"--format", "assertions", "-o", file})...); status != cli.Clean {
			t.Fatalf("%s: %d: %s", name, status, stderr)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		held := strings.Count(string(content), "\n  - ")
		want := cli.Clean
		if held == 0 || name == "failed" { // nothing is known, or what failed is no answer whatever holds
			want = cli.CannotCheck
		}
		status, stderr := statusOf(t, slices.Concat([]string{"check"}, source,
			[]string{"--assert", file, "--fail-on", "never"})...)
		if status != want {
			t.Errorf("%s: %d, want %d: %s\n%s", name, status, want, stderr, content)
		}
		if (name == "shop" || name == "fleet" || name == "fixed") && held < 2 {
			t.Errorf("%s: %d lines", name, held)
		}
	}
}

var fenced = regexp.MustCompile("(?s)```(yaml|console)\n(.*?)```")

// commandsOf are the commands of a pipeline's file that run hopscope.
func commandsOf(n *yaml.Node, key string) []string {
	if n.Kind == yaml.ScalarNode && slices.Contains([]string{"run", "script", "commands"}, key) &&
		strings.HasPrefix(n.Value, "hopscope ") {
		return []string{n.Value}
	}
	var out []string
	for i, child := range n.Content {
		name := key
		if n.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			name = n.Content[i-1].Value
		}
		out = append(out, commandsOf(child, name)...)
	}
	return out
}

// The examples are YAML, and their commands do what the text says, against an account.
func TestTheExamplesForCIRun(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs/ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, m := range fenced.FindAllStringSubmatch(string(text), -1) {
		if m[1] == "console" {
			for line := range strings.Lines(m[2]) {
				commands = append(commands, strings.TrimPrefix(strings.TrimSpace(line), "$ "))
			}
			continue
		}
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(m[2]), &n); err != nil {
			t.Fatalf("%v:\n%s", err, m[2])
		}
		commands = append(commands, commandsOf(&n, "")...)
	}
	const all = 9
	if len(commands) != all {
		t.Fatalf("%d commands, want %d: %q", len(commands), all, commands)
	}
	dir := runner(t)
	for _, command := range commands {
		if out, err := dir.run(command); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	results, err := junit.IngestFile(filepath.Join(dir.dir, "hopscope.xml"))
	if err != nil || len(results) < 2 {
		t.Errorf("%v: %d suites", err, len(results))
	}
	summary, err := os.ReadFile(filepath.Join(dir.dir, "summary.md"))
	if err != nil || !strings.HasPrefix(string(summary), "# Request paths of") {
		t.Errorf("%v: %.100s", err, summary)
	}
	sarif, err := os.ReadFile(filepath.Join(dir.dir, "hopscope.sarif"))
	if err != nil || !json.Valid(sarif) {
		t.Errorf("%v: %s", err, sarif)
	}
	if out, err := dir.run("hopscope check --assert nowhere.yaml"); exitOf(err) != 2 {
		t.Errorf("%v: %s", err, out)
	}
}

func exitOf(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// ciRunner is a job of a pipeline: a directory, an account, and hopscope on its path.
type ciRunner struct {
	dir string
	env []string
}

func runner(t *testing.T) *ciRunner {
	t.Helper()
	world, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(simulator.New(world, simulator.Options{}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	for _, name := range []string{"ci", "bin"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(self(t), filepath.Join(dir, "bin", "hopscope")); err != nil {
		t.Fatal(err)
	}
	return &ciRunner{dir, []string{
		"PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + dir, "AWS_ENDPOINT_URL=" + server.URL,
		"AWS_REGION=ap-northeast-1", "AWS_ACCESS_KEY_ID=AKIAFAKE", "AWS_SECRET_ACCESS_KEY=fake",
		"AWS_EC2_METADATA_DISABLED=true", "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md"),
	}}
}

func (r *ciRunner) run(command string) (string, error) {
	cmd := exec.Command("sh", "-e", "-c", command)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("sh: %w", err)
	}
	return string(out), err
}
