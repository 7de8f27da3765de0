package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/charmbracelet/x/exp/golden" // declares -update
	"github.com/google/go-cmp/cmp"

	"hopscope/aws"
	"hopscope/internal/app"
	"hopscope/model/fix"
	"hopscope/model/rule"
	"hopscope/ui"
	"hopscope/ui/cli"
)

// root is the directory of the module.
const root = "../.."

// fresh compares a file of the repository with what it should hold; -update rewrites it.
func fresh(t *testing.T, name, want string) {
	t.Helper()
	file := filepath.Join(root, name)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("%s is out of date; go test ./internal/e2e -update rewrites it (-file +program):\n%s", name, diff)
	}
}

// hopscope runs the whole program in this process and returns its stdout.
func hopscope(t *testing.T, args ...string) string {
	t.Helper()
	return output(t, cli.Clean, args...)
}

// output is hopscope for runs that end with another status.
func output(t *testing.T, want cli.Status, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := app.NewProgram(app.Settings{})
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), &stdout, &stderr
	p.Terminal, p.Env = false, nil
	if status := p.Run(t.Context(), args); status != want {
		t.Fatalf("hopscope %s: exit status %d: %s", strings.Join(args, " "), status, stderr.String())
	}
	return stdout.String()
}

func TestTheREADMEShowsWhatTheProgramDoes(t *testing.T) {
	blocks(t, "README.md", map[string]string{
		"check":    "```\n" + hopscope(t, "check", "--demo", "article") + "```",
		"who":      "```\n" + hopscope(t, "who", "--demo", "article", "sample-ecs-app:80") + "```",
		"curl":     "```sh\n" + hopscope(t, "export", "--demo", "article", "--format", "curl") + "```",
		"commands": commandTable(t),
		"keys":     keyTable(),
		"policy":   policy(t),

		"apply policy": applyPolicy(t),
		"who caller":   "```\n" + output(t, cli.Found, "who", "--demo", "shop", "orders", "web:3000") + "```",
	})
}

func TestTheDocsShowAComparison(t *testing.T) {
	summary := func(name string) string { return filepath.Join("testdata", "k6", name) }
	compared := hopscope(t, "compare", summary("before.json"), summary("after.json"))
	compared = strings.ReplaceAll(compared, filepath.Join("testdata", "k6")+string(filepath.Separator), "")
	blocks(t, "docs/evidence.md", map[string]string{"compare": "```\n" + compared + "```"})
}

// blocks compares the marked blocks of a file with what they should hold.
func blocks(t *testing.T, file string, contents map[string]string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for name, content := range contents {
		begin, end := "<!-- begin "+name+" -->\n", "\n<!-- end "+name+" -->"
		block := regexp.MustCompile("(?s)" + regexp.QuoteMeta(begin) + ".*?" + regexp.QuoteMeta(end[1:]))
		if !block.MatchString(text) {
			t.Fatalf("%s has no block %q", file, name)
		}
		text = block.ReplaceAllLiteralString(text, begin+content+end)
	}
	fresh(t, file, text)
}

// commandTable lists the commands and their flags as the shell's completion knows
// them.
func commandTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| command | does | flags |\n|---|---|---|\n")
	fmt.Fprintf(&b, "| `hopscope` | Explore the account and region of your AWS credentials | %s |\n", flags(t))
	for _, command := range completions(t, "") {
		if command.word != "help" && command.word != "completion" {
			fmt.Fprintf(&b, "| `hopscope %s` | %s | %s |\n", command.word, command.does, flags(t, command.word))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// flags lists the flags of a command.
func flags(t *testing.T, command ...string) string {
	t.Helper()
	var all []string
	for _, flag := range completions(t, append(command, "--")...) {
		if flag.word != "--help" && flag.word != "--version" {
			all = append(all, "`"+flag.word+"`")
		}
	}
	return strings.Join(all, " ")
}

type completion struct{ word, does string }

// completions are the words that may stand in the place of the last argument.
func completions(t *testing.T, args ...string) []completion {
	t.Helper()
	var all []completion
	for line := range strings.Lines(hopscope(t, append([]string{"__complete"}, args...)...)) {
		if word, does, described := strings.Cut(strings.TrimSpace(line), "\t"); described {
			all = append(all, completion{word, does})
		}
	}
	return all
}

func keyTable() string {
	var b strings.Builder
	b.WriteString("| key | does |\n|---|---|\n")
	for _, k := range ui.Keys() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(k.Key, " ", "` `"), strings.ReplaceAll(k.Help, "|", `\|`))
	}
	return strings.TrimRight(b.String(), "\n")
}

// policy is an IAM policy of every action that the model can name a gap by, those
// that some rules alone need in a statement of their own.
func policy(t *testing.T) string {
	t.Helper()
	all := actions(t)
	return policyOf(t, statement{"HopscopeExplore", "Allow", all[0], "*"},
		statement{"HopscopeExploreOptional", "Allow", all[1], "*"})
}

// applyPolicy is an IAM policy of what the steps of plans are, and what takes them
// back.
func applyPolicy(t *testing.T) string {
	t.Helper()
	var all []string
	for _, kind := range []fix.StepKind{
		fix.UpdateService, fix.AuthorizeIngress, fix.AuthorizeEgress, fix.RevokeIngress,
		fix.RevokeEgress,
	} {
		all = append(all, string(kind))
	}
	all = append(all, string(aws.DescribeAlarms))
	return policyOf(t, statement{"HopscopeApply", "Allow", all, "*"})
}

// statement is one of an IAM policy.
type statement struct {
	Sid, Effect string
	Action      []string
	Resource    string
}

func policyOf(t *testing.T, statements ...statement) string {
	t.Helper()
	text, err := json.MarshalIndent(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return "```json\n" + string(text) + "\n```"
}

// actions are the constants of type model.Action, in the order of the source: those
// that everything depends on, and the optional ones.
func actions(t *testing.T) [2][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "model", "gap.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	ast.Inspect(file, func(n ast.Node) bool {
		if block, ok := n.(*ast.GenDecl); ok && block.Tok == token.CONST {
			all = append(all, nil)
		}
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Action" {
			return false
		}
		action, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all[len(all)-1] = append(all[len(all)-1], action)
		return false
	})
	all = slices.DeleteFunc(all, func(block []string) bool { return len(block) == 0 })
	if len(all) != 2 || len(all[0]) < 10 || len(all[1]) < 10 {
		t.Fatalf("the actions found in model/gap.go are not two blocks: %v", all)
	}
	return [2][]string(all)
}

func TestTheREADMEsPolicyCoversEveryRule(t *testing.T) {
	allowed := slices.Concat(actions(t)[0], actions(t)[1])
	for _, r := range rule.Catalogue() {
		for _, need := range r.Needs {
			if !slices.Contains(allowed, string(need)) {
				t.Errorf("%s needs %s, which the policy does not allow", r.Code, need)
			}
		}
	}
}

func TestTheRulesReferenceIsTheCatalogue(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Rules\n\nMade from the catalogue by `go test ./internal/e2e -update`. " +
		"`hopscope rules CODE` prints the same.\n\n")
	b.WriteString("| code | severity | finds |\n|---|---|---|\n")
	for _, r := range rule.Catalogue() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.Code, strings.ToLower(r.Code), r.Severity, r.Title)
	}
	for _, r := range rule.Catalogue() {
		needs := make([]string, len(r.Needs))
		for i, n := range r.Needs {
			needs[i] = "`" + string(n) + "`"
		}
		fmt.Fprintf(&b, "\n## %s\n\n**%s.** Severity: %s.\n", r.Code, r.Title, r.Severity)
		for _, part := range []struct{ title, text string }{
			{"What", r.Doc.What},
			{"Why", r.Doc.Why},
			{"How it is found", r.Doc.Detection},
			{"When it is wrong", r.Doc.FalsePositive},
			{"What to do", r.Doc.Fix},
			{"Reads", strings.Join(needs, ", ")},
			{"Source", r.Doc.Source},
		} {
			if part.text != "" {
				fmt.Fprintf(&b, "\n*%s.* %s\n", part.title, part.text)
			}
		}
	}
	fmt.Fprintf(&b, "\n## Retired\n\nNo other rule gets their codes. INF505: %s.\n", rule.Retired("INF505"))
	fresh(t, "docs/rules.md", b.String())
}
