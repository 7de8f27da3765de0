package dialect

import (
	"os/exec"
	"strings"
	"testing"
)

// The script prints what it changes: not what log options say.
func TestTheScriptMasksLogOptionsInItsDiff(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	for block, want := range map[string]string{
		`{"enabled":true,"logConfiguration":{"logDriver":"splunk","options":{"splunk-token":"planted"},` +
			`"secretOptions":[{"name":"a","valueFrom":"planted"}]}}`: `"splunk-token": "<masked>"`,
		`{"enabled":true,"logConfiguration":{"logDriver":"awslogs"}}`: `"logDriver": "awslogs"`,
		`{"enabled":true}`: `"enabled": true`,
	} {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", cliFunctions+"\nshown /dev/stdin")
		cmd.Stdin = strings.NewReader(block)
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), "planted") || !strings.Contains(string(out), want) {
			t.Errorf("%s is shown as %s, %v", block, out, err)
		}
	}
}
