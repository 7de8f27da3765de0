package dialect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/rule"
)

// hostile are names that mean something to one of the languages.
var hostile = []string{
	"web", "it's", `"quoted"`, "$(touch canary)", "`touch canary`", "'; touch canary; '", "a\nb\ntouch canary\n",
	"END_OF_HOPSCOPE\ntouch canary",
	"${var.x}", "%{ if true }x%{ endif }", "$${x}", "$$${x}", "*/ alert(1) /*", "#{x}", "${`x`}", "a: b", "- a", "& a",
	"*a", "!Ref x", "!", "yes", "null", "0x10", "1e3", "~", "",
	" leading", "trailing ", "a # b", "a\tb", "a\\b", `\u0041`, "{{x}}", "日本", "é", "e\u0301", "a\u2028b", "a\u202eb",
	"a\x00b", "a\x1b[31mb", "\u0085", "\ufeff", "\U0001f600", "\U000e0001",
	"\xff", "a\rb", "%s%d", "!!", "a!b", "-x", "<<EOF",
}

// FuzzNamesInTexts puts a name everywhere, and asks a reader of each language for it.
// A name that cannot be written is refused.
func FuzzNamesInTexts(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		const longest = 1000 // no name in AWS is longer, and a process takes no more in its arguments
		if len(name) > longest {
			t.Skip("too long for a name")
		}
		s, p := everything(name)
		want := strings.ToValidUTF8(name, "\ufffd")
		for _, language := range dialect.Names() {
			d := dialect.Dialect(language)
			text, ok := readable(t, p, s, d, dialect.Text)
			if ok {
				readsLines(t, d, text, want)
			}
			if text, ok = readable(t, p, s, d, dialect.Whole); !ok || d == dialect.CLI {
				continue
			}
			switch d {
			case dialect.CloudFormationYAML:
				readsYAML(t, text, want)
			case dialect.TerraformHCL:
				readsHCL(t, text, want)
			case dialect.CDKTypeScript:
				readsTypeScript(t, text, want, 11)
			case dialect.CLIScript:
				bashRuns(t, text, name)
			case dialect.Prose, dialect.CLI, dialect.CopilotPatches, dialect.EcspressoJSON:
			}
		}
	})
}

// readable is a plan in a dialect, in which nothing acts on a terminal; not where a name
// is refused.
func readable(t *testing.T, p *fix.Plan, s *model.Snapshot, d dialect.Dialect,
	write func(*fix.Plan, *rule.Analysis, dialect.Dialect) (string, error),
) (text string, ok bool) {
	t.Helper()
	text, err := write(p, rule.Analyze(s), d)
	if err != nil {
		if d != dialect.CLI && d != dialect.CLIScript && !strings.Contains(err.Error(), "dynamic reference") {
			t.Errorf("%s: %v", d, err)
		}
		return "", false
	}
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%s holds %U", d, r)
		}
	}
	return text, true
}

func readsYAML(t *testing.T, text, want string) {
	t.Helper()
	var template struct {
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				Description                 string `yaml:"Description"`
				ServiceConnectConfiguration struct {
					Namespace string `yaml:"Namespace"`
					Services  []struct {
						PortName      string `yaml:"PortName"`
						DiscoveryName string `yaml:"DiscoveryName"`
						ClientAliases []struct {
							DNSName string `yaml:"DnsName"`
						} `yaml:"ClientAliases"`
					} `yaml:"Services"`
				} `yaml:"ServiceConnectConfiguration"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(text), &template); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(template.Resources) != 8 {
		t.Fatalf("%d resources:\n%s", len(template.Resources), text)
	}
	for id, r := range template.Resources {
		sc := r.Properties.ServiceConnectConfiguration
		got := []string{r.Properties.Description}
		if r.Type == "AWS::ECS::Service" {
			s := sc.Services[0]
			got = []string{sc.Namespace, s.PortName, s.DiscoveryName}
			if len(s.ClientAliases) == 2 {
				got = append(got, s.ClientAliases[1].DNSName)
			}
		}
		for _, g := range got {
			if g != want {
				t.Fatalf("%s has %q, want %q:\n%s", id, g, want, text)
			}
		}
	}
}

func readsHCL(t *testing.T, text, want string) {
	t.Helper()
	file, problems := hclsyntax.ParseConfig([]byte(text), "fix.tf", hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatalf("%v\n%s", problems, text)
	}
	want = norm.NFC.String(want) // as every string in HCL
	seen := 0
	var walk func(*hclsyntax.Body)
	walk = func(b *hclsyntax.Body) {
		for name, a := range b.Attributes {
			if !slices.Contains([]string{"description", "port_name", "dns_name", "namespace"}, name) {
				continue
			}
			v, problems := a.Expr.Value(nil)
			if problems.HasErrors() || v.Type() != cty.String || v.AsString() != want {
				t.Fatalf("%s is %#v, want %q: %v\n%s", name, v, want, problems, text)
			}
			seen++
		}
		for _, inner := range b.Blocks {
			walk(inner.Body)
		}
	}
	walk(file.Body.(*hclsyntax.Body))
	if seen < 11 && want != "" {
		t.Fatalf("the name is there %d times:\n%s", seen, text)
	}
}

// readsTypeScript reads strings and comments as TypeScript does. Between them is
// nothing but what hopscope wrote.
func readsTypeScript(t *testing.T, text, want string, least int) {
	t.Helper()
	seen := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "//"):
			end := strings.IndexByte(text[i:], '\n')
			i += end
		case text[i] == '\'':
			end := i + 1
			for text[end] != '\'' {
				if text[end] == '\\' {
					end++
				}
				if text[end] == '\n' {
					t.Fatalf("a string goes on behind its line:\n%s", text)
				}
				end++
			}
			literal := strings.ReplaceAll(strings.ReplaceAll(text[i+1:end], `\'`, `'`), `"`, `\"`)
			var got string
			if err := json.Unmarshal([]byte(`"`+literal+`"`), &got); err != nil {
				t.Fatalf("%s: %v", text[i:end+1], err)
			}
			if got == want {
				seen++
			}
			i = end
		case text[i] > '~' || text[i] == '`' || text[i] == '"':
			t.Fatalf("%q is outside of strings and comments:\n%s", text[i], text)
		}
	}
	if seen < least && want != "" {
		t.Fatalf("the name is there %d times:\n%s", seen, text)
	}
}

// bashRuns runs the script with functions of ours in place of those that call AWS:
// they get the names as they are, and nothing else is run.
func bashRuns(t *testing.T, text, name string) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	const stubs = `
out() { printf '%s\0' "$@" >>"$BASH_LOG"; }
authorize() { out "$3"; }
revoke() { out "$3"; }
by_hand() { :; }
say() { :; }
update() { check_entries block; }
check_entry() { out "$3"; }
main() { out "$cluster" "$service"; apply; later; }
`
	dir := t.TempDir()
	text = strings.Replace(text, "\nmain \"$@\" </dev/null\n", stubs+"\nmain \"$@\" </dev/null\n", 1)
	log := filepath.Join(dir, "log")
	cmd := exec.CommandContext(t.Context(), bash, "-c", text)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "BASH_LOG=" + log}
	var complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &complaints, &complaints
	if err := cmd.Run(); err != nil || complaints.Len() > 0 {
		t.Fatalf("bash: %v %s\n%s", err, complaints.String(), text)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Fatalf("the script ran something: %v\n%s", files, text)
	}
	got := strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
	for i, word := range got {
		if strings.HasPrefix(word, "[{") {
			got[i] = descriptionOf(t, word)
		}
	}
	if len(got) != 14 {
		t.Fatalf("%d words: %q", len(got), got)
	}
	for _, g := range got {
		if g != name && utf8.ValidString(name) { // JSON and the shell write bad bytes in different ways
			t.Fatalf("the script has %q, want %q", g, name)
		}
	}
}

// descriptionOf is the description in the JSON of a rule.
func descriptionOf(t *testing.T, permissions string) string {
	t.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(permissions), &all); err != nil {
		t.Fatalf("%s: %v", permissions, err)
	}
	for _, key := range []string{"UserIdGroupPairs", "IpRanges", "Ipv6Ranges", "PrefixListIds"} {
		if peers, ok := all[0][key].([]any); ok {
			description, _ := peers[0].(map[string]any)["Description"].(string)
			return description
		}
	}
	return fmt.Sprint("no peer in ", strconv.Quote(permissions))
}
