package dialect_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/rule"
)

// The script's jq does what [fix.Patch] does, to whatever else is in the block.
func TestTheScriptEditsABlockAsPatchDoes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	seconds, off := 60, 0
	const block = `{"enabled":true,"namespace":"ns","future":[1,{"x":null}],"services":[
		{"portName":"a","ingressPortOverride":9000,"timeout":{"perRequestTimeoutSeconds":5},"tls":{"roleArn":"r",` +
		`"issuerCertificateAuthority":{"awsPcaAuthorityArn":"old"}},"z":1},
		{"portName":"b","timeout":{"idleTimeoutSeconds":7,"perRequestTimeoutSeconds":5}},
		{"portName":"c","clientAliases":[{"port":80,"testTrafficRules":{"header":{"name":"x"}}}]},
		{"portName":"d"}]}`
	for name, edits := range map[string][]fix.Edit{
		"override":    {{Kind: fix.EditOverride, Index: 2, PortName: "c", Port: 10080}},
		"no override": {{Kind: fix.EditOverride, Index: 0, PortName: "a"}},
		"timeouts":    {{Kind: fix.EditTimeout, Index: 3, PortName: "d", PerRequestSeconds: &seconds, IdleSeconds: &off}},
		"no timeout": {
			{Kind: fix.EditTimeout, Index: 0, PortName: "a", Drop: true},
			{Kind: fix.EditTimeout, Index: 1, PortName: "b", Drop: true},
		},
		"authority": {
			{Kind: fix.EditTLS, Index: 0, PortName: "a", IssuerARN: `arn:"\(x)`},
			{Kind: fix.EditTLS, Index: 3, PortName: "d", IssuerARN: "new"},
		},
		"no TLS": {
			{Kind: fix.EditTLS, Index: 0, PortName: "a", Drop: true},
			{Kind: fix.EditTLS, Index: 1, PortName: "b", Drop: true},
		},
		"client only": {
			{Kind: fix.EditRemoveEndpoint, Index: 0, PortName: "a"},
			{Kind: fix.EditRemoveEndpoint, Index: 2, PortName: "c"},
		},
		"several at all": {
			{Kind: fix.EditRemoveEndpoint, Index: 0, PortName: "a"},
			{Kind: fix.EditOverride, Index: 1, PortName: "b", Port: 10081},
			{Kind: fix.EditRemoveEndpoint, Index: 3, PortName: "d"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := fix.Patch([]byte(block), edits)
			if err != nil {
				t.Fatal(err)
			}
			s, p := everything("web")
			services := []model.ServiceConnectService{{PortName: "a"}, {PortName: "b"}, {PortName: "c"}, {PortName: "d"}}
			for i := range s.Services {
				if s.Services[i].Name == "web" {
					s.Services[i].Primary().ServiceConnect.Services = services
				}
			}
			p.Steps = []fix.Step{{Kind: fix.UpdateService, Title: "Edit", Edits: edits}}
			text, err := dialect.Text(p, rule.Analyze(s), dialect.CLIScript)
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(text, "\nedit() ")
			function, _, _ := strings.Cut(rest, "\n")
			file := filepath.Join(t.TempDir(), "block.json")
			if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, complaints bytes.Buffer
			cmd := exec.CommandContext(t.Context(), bash, "-c", "edit() "+function+"\nedit "+file)
			cmd.Stdout, cmd.Stderr = &out, &complaints
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v: %s", err, complaints.String())
			}
			var got, expected any
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(want, &expected); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, expected) {
				t.Errorf("the script makes\n%s\nPatch makes\n%s", out.String(), want)
			}
		})
	}
}
