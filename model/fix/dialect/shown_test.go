package dialect

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/model/fix"
)

// The script prints what it changes by the rule of the program: what is not known to be no
// secret is masked.
func TestTheScriptMasksItsDiffAsTheProgramDoes(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	functions, err := cliFunctions()
	if err != nil {
		t.Fatal(err)
	}
	options := []string{`"splunk-token":"planted"`, `"splunk-url":"https://planted"`, `"mode":"on"`, `"new":null`}
	for _, all := range fix.PlainOptions() {
		for _, option := range all {
			options = append(options, `"`+option+`":"value"`)
		}
	}
	blocks := []string{
		`null`, `{}`, `{"enabled":true}`, `{"enabled":true,"new":{"key":["planted",1.5,false,null]},"other":"planted"}`,
		`{"logConfiguration":null}`, `{"logConfiguration":"planted"}`, `{"logConfiguration":["planted"]}`,
		`{"logConfiguration":{"logDriver":["planted"],"options":{"a":"planted","mode":"on"}}}`,
		`{"logConfiguration":{"logDriver":"awslogs","options":["planted"],"new":"planted"}}`,
		`{"services":[{"portName":"app","clientAliases":[{"port":80}]}],"namespace":"n","accessLogConfiguration":` +
			`{"format":"JSON"},"containerConfigurations":[{"logLevel":"DEBUG","new":"planted"}]}`,
		`{"services":[{"clientAliases":[{"testTrafficRules":{"header":{"name":"x","value":{"exact":"planted"}}}}],` +
			`"exact":"1"}]}`,
	}
	for driver := range fix.PlainOptions() {
		blocks = append(blocks, `{"enabled":true,"logConfiguration":{"logDriver":"`+driver+`","options":{`+
			strings.Join(options, ",")+`},"secretOptions":[{"name":"planted","valueFrom":"planted"}]}}`)
	}
	for _, block := range blocks {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", functions+"\nshown /dev/stdin")
		cmd.Stdin = strings.NewReader(block)
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), "planted") {
			t.Errorf("%s is shown as %s, %v", block, out, err)
		}
		if block == "null" {
			continue // there is none
		}
		if diff := cmp.Diff(decoded(t, fix.MaskBlock(block)), decoded(t, string(out))); diff != "" {
			t.Errorf("%s is not shown as the program does: %s", block, diff)
		}
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}
